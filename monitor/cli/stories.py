"""`monitor stories`: which articles tell the same event, why, and a person's rulings on it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output, sources, times
from monitor.cli.chosen import check_known
from monitor.cli.state import clock, command, group, number, state, store
from monitor.errors import UsageError
from monitor.stories.state import StoryState

if TYPE_CHECKING:
    from monitor.model import Article, Burst
    from monitor.pipeline.correct import Corrected


SHOWN = 10
"""How many articles of a burst are shown."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = group(app, "stories", "Which articles report the same event.", alone)
    command(noun, "list")(show)
    command(noun, "why")(why)
    command(noun, "bursts")(bursts)
    command(noun, "split")(split)
    command(noun, "join")(join)


def alone(
    context: typer.Context,
    jsonl: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help='Group lines {"id","title","body","published","source",…}; - for stdin.',
        ),
    ] = None,
) -> int | None:
    """Group articles into stories, deciding on each before seeing the next."""
    if jsonl is None:
        if context.invoked_subcommand is None:
            raise UsageError("nothing to do", hint="monitor stories --help lists the commands")
        return None
    if context.invoked_subcommand is not None:
        raise UsageError("--jsonl takes no command", hint="monitor stories --jsonl FILE")
    return sources.each_line(jsonl, _grouping())


def _grouping() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Return a function that answers one line at a time; an unreadable line leaves no trace."""
    from monitor.stories.lines import stories_of
    from monitor.watchlists.shapes import article_from_json

    given: deque[dict[str, Any]] = deque()
    ids: dict[str | None, Any] = {None: None}
    answers = stories_of(iter(given.popleft, None))  # asks for a line only when there is one

    def answer(line: dict[str, Any]) -> dict[str, Any]:
        ids.setdefault(sources.text(line, "id"), line["id"])
        article_from_json(line)  # raises on a line that would end the grouping for all later ones
        given.append(line)
        told = next(answers)
        return {name: ids[value] if name != "story" else value for name, value in told.items()}

    return answer


# ------------------------------------------------------------------------------ what there is


def show(
    since: Annotated[
        str, typer.Option(metavar="TIME", help="Only told from then on: 24h, 7d, 2024-10-18.")
    ] = "3d",
    states: Annotated[
        list[StoryState] | None, typer.Option("--state", help="Only these; repeatable.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="The most to show.")] = 50,
) -> None:
    """List the stories: growing ones first, then new ones, each by its last report."""
    from monitor.shapes.stories import story_row
    from monitor.store import stories

    start, now = times.since(since), clock().now()
    with store() as kept:
        found = kept.read_now(stories.members, kept.read_now(stories.told_since, start))
    told = [story_row(story_id, members, now) for story_id, members in found.items()]
    place = {one: number for number, one in enumerate(("growing", "new", "stale"))}
    told.sort(key=lambda row: (place[row["state"]], -row["last"].timestamp(), row["story"]))
    rows = [row for row in told if not states or row["state"] in states][:limit]
    columns = {name: name for name in ("story", "state", "articles", "outlets", "last", "title")}
    output.listing(
        rows,
        columns,
        empty=f"no story has had a report since {output.moment(start)} UTC",
        as_lines=state.json,
        right=("story", "articles", "outlets"),
    )


# ---------------------------------------------------------------------------------------- why


def why(
    story: Annotated[
        int, typer.Argument(help="The number of a story: monitor stories list.", parser=number)
    ],
) -> None:
    """Show why each article of a story is in it, and who decided so."""
    from monitor.shapes.stories import story as told_whole
    from monitor.store import rulings, stories

    with store() as kept:
        members = kept.read_now(stories.members, [story]).get(story, [])
        ruled = kept.read_now(rulings.of_articles, [one.article.id for one in members])
    if not members:
        raise UsageError(f"there is no story {story}", hint="monitor stories list")
    told = told_whole(story, members, ruled, clock().now())
    if state.json:
        output.emit(told)
    else:
        _tell(told)


def _tell(told: Mapping[str, Any]) -> None:
    output.hung("", f"Story {told['story']}: {told['title']}", "bold")
    articles = output.count(told["articles"], "article")
    outlets = output.count(told["outlets"], "outlet")
    output.prose(
        f"{told['state']}; {articles} of {outlets}, {told['independent']} independent; first "
        f"reported {output.moment(told['first'])} UTC, last {output.moment(told['last'])} UTC"
    )
    for one in told["why"]:
        output.say()
        origin = "own text" if one["origin"] == "own" else one["origin"]
        at = f"{output.moment(one['at'])} UTC" if one["at"] else "no date"
        by = ", ".join(filter(None, (one["source"], at, origin)))
        output.hung(f"{one['article']:>6}  ", one["title"])
        for line, style in _lines(one, by):
            output.hung(" " * 8, line, style)


def _lines(one: Mapping[str, Any], by: str) -> list[tuple[str, str]]:
    """Return what stands under an article's title, with the style of each line."""
    from monitor.shapes.stories import kept_apart

    lines = [(by, "dim"), (one["why"], "green")]
    if apart := kept_apart(one["why"], one["veto"]):
        lines.append((apart, ""))
    for ruling in one["rulings"]:
        as_one = "same story as" if ruling["same"] else "not the same story as"
        lines.append(
            (
                f"a person said on {output.moment(ruling['at'])} UTC: {as_one} article "
                f"{ruling['as']} (it was in story {ruling['story_was']})",
                "yellow",
            )
        )
    return lines


# ------------------------------------------------------------------------------------ bursts


def bursts(
    at: Annotated[
        str | None, typer.Option(metavar="TIME", help="The 24 hours up to then; now by default.")
    ] = None,
    watchlist: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Only these; repeatable.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that are not in a burst.")
    ] = False,
) -> None:
    """Show which terms occur in far more stories than on the same day of other weeks."""
    from monitor.cli.state import settings
    from monitor.pipeline.bursts import look
    from monitor.store import articles

    until = times.since(at) or clock().now()
    names = [one.name for one in settings().watchlists]
    check_known("watchlist", watchlist or (), names)
    with store() as kept:
        judged = kept.read_now(look, watchlist or names, until)
        shown = [one for one in judged if every or one.burst]
        numbers = dict.fromkeys(number for one in shown for number in one.articles)
        held = {number: kept.read_now(articles.get, number) for number in numbers}
    rows = [
        asdict(one) | {"articles": [_brief(held[number]) for number in one.articles]}
        for one in shown
    ]
    if state.json:
        output.emit(rows)
    else:
        _tell_bursts(rows, judged, until)


def _brief(article: Article | None) -> dict[str, Any]:
    assert article is not None  # noqa: S101  # its number was just read
    return {
        "article": article.id,
        "title": article.title,
        "source": article.source,
        "at": article.at,
        "url": article.address,
    }


def _tell_bursts(rows: Sequence[Mapping[str, Any]], judged: Sequence[Burst], at: datetime) -> None:
    from rich.text import Text

    screen = output.console()
    for row in rows:
        term = f"“{row['term']}”" if row["term"] else "as a whole"
        head = Text(output.one_line(f"{row['watchlist']} {term}:"), style="bold")
        head.append(f" {row['why']}", style="green" if row["burst"] else "dim")
        screen.print(head, soft_wrap=True)
        articles = row["articles"] if row["burst"] else ()
        for one in articles[:SHOWN]:
            dated = f"{output.moment(one['at'])} UTC" if one["at"] else "no date"
            line = f"{dated}  {one['source'] or '-'}: {one['title']}"
            output.hung("  ", line)
        if (more := len(articles) - SHOWN) > 0:
            output.say(f"  and {more} more (--json has all)")
    unknown = sum(one.usual is None for one in judged)
    if not judged:
        output.prose(f"no news of these watchlists in the 24 hours to {output.moment(at)} UTC")
        output.prose("(entries already in a feed when it was first polled do not count as news)")
        return
    terms = output.count(len(judged), "watchlist or term", "watchlists and terms")
    told = f"24 hours to {output.moment(at)} UTC: {terms} seen"
    told += f", {sum(one.burst for one in judged)} in a burst"
    if unknown:
        told += f", {unknown} without enough history"
    output.prose(told)


# ------------------------------------------------------------------------------- corrections


def split(
    articles: Annotated[
        list[int],
        typer.Argument(help="Numbers of articles: monitor stories why STORY.", parser=number),
    ],
) -> None:
    """Move articles out of a story into one of their own; grouping obeys from then on."""
    from monitor.pipeline import correct

    with store() as kept:
        _told(correct.split(kept, articles, clock().now()))


def join(
    stories: Annotated[
        list[int], typer.Argument(help="Stories; all go into the first.", parser=number)
    ],
) -> None:
    """Join several stories into one; grouping obeys from then on."""
    from monitor.pipeline import correct

    with store() as kept:
        _told(correct.join(kept, stories, clock().now()))


def _told(done: Corrected) -> None:
    if state.json:
        output.emit({"story": done.story_id, "were_of": done.were_of, "articles": done.articles})
        return
    articles, many = _listed("article", done.articles)
    stories, _ = _listed("story", done.were_of)
    were = "which were" if many else "which was"
    output.say(f"story {done.story_id} now has {articles}, {were} of {stories}")


def _listed(noun: str, numbers: Sequence[int]) -> tuple[str, bool]:
    """Return "article 5" or "stories 5, 7", and whether it is a plural."""
    plural = {"article": "articles", "story": "stories"}
    many = len(numbers) > 1
    return f"{plural[noun] if many else noun} {', '.join(map(str, numbers))}", many
