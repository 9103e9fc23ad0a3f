"""The stories that a run brought, in each form that `monitor fetch` prints."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from monitor.cli import output
from monitor.cli.export import address_in_markdown, in_markdown, inert, plain
from monitor.digests.snippets import snippet
from monitor.model import Article, Fate, OutcomeKind, Reported
from monitor.stories import rank
from monitor.stories.state import StoryState, state_of
from monitor.watchlists.shapes import span_as_json

if TYPE_CHECKING:
    from monitor.cli.fetch import Brought
    from monitor.pipeline.parts import Parts
    from monitor.runners.inline import Journey

Story = Sequence[Reported]

SHOWN = 20
"""Stories in the table; the rest are counted."""
FAILURES_SHOWN = 8


async def stories(
    world: Parts, journey: Journey, names: Sequence[str], start: datetime | None
) -> list[Story]:
    """Return what the journey brought (with `start`: everything told since then), best first.

    Includes only stories with an article that matched one of the watchlists `names`.
    """
    from monitor.store import articles
    from monitor.store import stories as stored

    if start is None:
        new = [one.article_id for one in journey.ingested if one.fate is Fate.ARTICLE]
        fresh = [article_id for article_id in new if article_id is not None]
        wanted = await world.store.read(stored.of_articles, fresh)
    else:
        wanted = await world.store.read(stored.told_since, start)
    members = await world.store.read(stored.members, wanted)
    ids = [one.article.id for some in members.values() for one in some]
    matches = await world.store.read(articles.matches_of, ids, names)
    also = await world.store.read(articles.also_in, ids)
    found = [
        [
            Reported(
                article=one.article,
                story_id=story_id,
                duplicate_of=one.duplicate_of,
                matches=matches.get(one.article.id, ()),
                also=also.get(one.article.id, ()),
            )
            for one in some
        ]
        for story_id, some in members.items()
    ]
    return list(rank.order([story for story in found if any(one.matches for one in story)]))


def show(brought: Brought, form: str) -> None:
    """Print a run in one of the forms of `fetch.Format`."""
    forms = {"json": _json, "jsonl": _jsonl, "md": _markdown, "csv": _csv, "table": _table}
    forms[form](brought)


# ----------------------------------------------------------------------------- for programs


def as_json(brought: Brought) -> dict[str, Any]:
    """Return the answer of `monitor fetch --format json`, as the contract defines it."""
    polled = brought.journey.polled
    outcomes = Counter(one.outcome.kind for one in polled)
    return {
        "feeds": {
            "polled": len(polled),
            "new": outcomes[OutcomeKind.NEW],
            "not_modified": outcomes[OutcomeKind.NOT_MODIFIED],
            "unchanged": outcomes[OutcomeKind.UNCHANGED],
            "failed": outcomes[OutcomeKind.FAILED],
        },
        "entries": {
            "seen": sum(one.outcome.seen for one in polled),
            "new": sum(one.outcome.new for one in polled),
        },
        "stories": [story_as_json(story, brought.at) for story in brought.stories],
        "failures": [{"feed": feed, "why": why} for feed, why in brought.failures],
    }


def story_as_json(story: Story, now: datetime) -> dict[str, Any]:
    """Return {id, title, score, state, watchlists, articles}."""
    leader = _lead(story)
    return {
        "id": story[0].story_id,
        "title": leader.title,
        "score": round(_score(story), 4),
        "state": _state(story, now).value,
        "watchlists": list(_reasons(story)),
        "articles": [_article(one) for one in _lead_first(story, leader)],
    }


def _article(one: Reported) -> dict[str, Any]:
    spans = list(dict.fromkeys(span for match in one.matches for span in match.spans))
    return {
        "url": one.article.address,
        "title": one.article.title,
        "source": one.article.source,
        "also": list(one.also),
        "published": one.article.published,
        "snippet": snippet(one.article, spans).text,
        "spans": [span_as_json(span) for span in spans],
    }


def _json(brought: Brought) -> None:
    output.emit(as_json(brought))


def _jsonl(brought: Brought) -> None:
    for story in brought.stories:
        output.emit(story_as_json(story, brought.at))


def _csv(brought: Brought) -> None:
    text = io.StringIO()
    writer = csv.writer(text)
    names = ("story", "score", "watchlists", "title", "source", "published", "url")
    writer.writerow(names)
    for told in as_json(brought)["stories"]:
        for one in told["articles"]:
            row = [told["id"], told["score"], " ".join(told["watchlists"])]
            row += [one["title"], one["source"], one["published"], one["url"]]
            writer.writerow([inert(plain(cell)) for cell in row])
    output.raw(text.getvalue())


# ------------------------------------------------------------------------------- for people


def _markdown(brought: Brought) -> None:
    for story in brought.stories:
        told = story_as_json(story, brought.at)
        output.say(f"## {in_markdown(told['title'])}\n")
        output.say(f"{in_markdown(_why(story))}\n")
        for one in told["articles"]:
            at = f"{output.moment(one['published'])} UTC" if one["published"] else "no date"
            told_by = ", ".join(filter(None, (one["source"], at)))
            link = f"[{in_markdown(one['title'])}](<{address_in_markdown(one['url'])}>)"
            output.say(f"- {link} {in_markdown(told_by)}")
        output.say()


def _table(brought: Brought) -> None:
    from rich.text import Text

    screen = output.console()
    for story in brought.stories[:SHOWN]:
        leader = _lead(story)
        output.hung("", leader.title, "bold")
        sources = {name for one in story for name in (one.article.source, *one.also)}
        others = sorted(sources - {leader.source, ""})
        source = leader.source or urlsplit(leader.address).hostname or "unknown source"
        growing = "; growing" if _state(story, brought.at) is StoryState.GROWING else ""
        facts = f"{source}, {output.dated(leader, zone=' UTC')}{growing}"
        also = f"; also {', '.join(others)}" if others else ""
        output.hung("  ", facts + also)
        output.hung("  ", _why(story), "green")
        # Never broken, however long: terminals let people open it with a click.
        where = Text(f"  {output.one_line(leader.address)}", style="dim")
        screen.print(where, soft_wrap=True)
        output.say()
    if len(brought.stories) > SHOWN:
        output.say(f"and {len(brought.stories) - SHOWN} more stories (--format jsonl has all)\n")
    _sums(brought)


def _sums(brought: Brought) -> None:
    told = as_json(brought)
    feeds, entries = told["feeds"], told["entries"]
    if not feeds["polled"] and not brought.failures:
        if not brought.resting:
            output.say(_nobody_asked(brought.next_due))
        return
    calm = feeds["not_modified"] + feeds["unchanged"]
    output.say(
        f"{output.count(feeds['polled'], 'feed')} asked: {feeds['new']} with news, {calm} without, "
        f"{feeds['failed']} failed; {output.count(entries['new'], 'new entry', 'new entries')}; "
        f"{output.count(len(brought.stories), 'story', 'stories')}"
    )
    for feed, why in brought.failures[:FAILURES_SHOWN]:
        output.note(f"  failed: {output.one_line(feed)}: {output.one_line(why)}")
    if (more := len(brought.failures) - FAILURES_SHOWN) > 0:
        output.note(f"  and {more} more; monitor feeds status shows all")


def _nobody_asked(next_due: datetime | None) -> str:
    if next_due is None:
        return "there is no feed to ask: add one with monitor feeds add URL, or in feeds.toml"
    return f"no feed is due before {output.moment(next_due)} UTC; --all asks anyway"


def _why(story: Story) -> str:
    """Return `nato (NATO, Rutte), drones (drone)`: each watchlist with the words that matched."""
    told = (f"{name} ({', '.join(list(words)[:4])})" for name, words in _reasons(story).items())
    return output.one_line(", ".join(told))


def _reasons(story: Story) -> Mapping[str, Sequence[str]]:
    """Watchlist -> the words that matched, the strongest watchlist first."""
    found: dict[str, dict[str, None]] = {}
    for match in sorted(_matches(story), key=lambda one: (-one.score, one.watchlist)):
        words = found.setdefault(match.watchlist, {})
        words.update(dict.fromkeys(span.text for span in match.spans))
    return {name: list(words) for name, words in found.items()}


def _matches(story: Story) -> Iterator[Any]:
    return (match for one in story for match in one.matches)


def _state(story: Story, now: datetime) -> StoryState:
    return state_of([one.article.at for one in story if one.article.at], now)


def _score(story: Story) -> float:
    return max((float(match.score) for match in _matches(story)), default=0.0)


def _lead(story: Story) -> Article:
    copies = {one.article.id: one.duplicate_of for one in story if one.duplicate_of is not None}
    leader = rank.lead([one.article for one in story], copies)
    return replace(leader, title=leader.title or "(no title)")


def _lead_first(story: Story, leader: Article) -> list[Reported]:
    return sorted(story, key=lambda one: one.article.id != leader.id)
