"""`monitor watchlists backtest`, `coverage`, `suggest`: watchlists against what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import chosen, output, times
from monitor.cli.state import clock, command, state, store
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.model import Watchlist
    from monitor.watchlists.backtest import Backtest, Case
    from monitor.watchlists.coverage import Account
    from monitor.watchlists.lint import Finding

ROWS = 10
"""Terms, sources and articles of each kind that are shown; --json has all."""
BARS = "▁▂▃▄▅▆▇█"
WIDEST = 90
"""The most bars of a sparkline."""


class Against(StrEnum):
    """What a backtest compares with."""

    LIVE = "live"
    STORED = "stored"


SinceOption = Annotated[
    str, typer.Option(metavar="TIME", help="Only from then on: 24h, 90d, a date.")
]


def register(noun: typer.Typer) -> None:
    """Add the commands."""
    command(noun, "backtest")(backtest)
    command(noun, "coverage")(coverage)
    command(noun, "suggest")(suggest)


def window(since: str) -> tuple[datetime, datetime]:
    """Return the time from then until now. Raises UsageError if it begins in the future."""
    start, end = times.since(since), clock().now()
    if start >= end:
        raise UsageError(f"--since {since} lies ahead", hint='write "90d" for the last 90 days')
    return start, end


def backtest(
    watchlist: Annotated[str, typer.Argument(metavar="FILE|NAME", help="The watchlist to try.")],
    since: SinceOption = "90d",
    against: Annotated[
        Against | None,
        typer.Option(help="Tell gains and losses against the one in use, or its stored matches."),
    ] = None,
) -> None:
    """Try a watchlist on the stored articles: how many it would have found, and which."""
    from monitor.pipeline import history

    one = chosen.watchlists([watchlist])[0]
    start, end = window(since)
    other: Watchlist | str | None = None
    if against is Against.LIVE:
        other = chosen.watchlists([one.name])[0]
    elif against is Against.STORED:
        other = one.name
    with store() as kept, output.progress(not state.json) as tell:
        found = kept.read_now(history.backtested, one, start, end, against=other, tell=tell)
    if state.json:
        output.emit(_as_json(one, against, found))
    else:
        _show(one, against, found)


def _as_json(one: Watchlist, against: Against | None, found: Backtest) -> dict[str, Any]:
    from monitor.watchlists import backtest as past

    return {
        "watchlist": one.name,
        "version": one.version,
        "since": found.start,
        "until": found.end,
        "articles": found.articles,
        "matches": len(found.matched),
        "baseline": len(found.matched) - len(found.news),
        "matches_a_day": round(found.a_day, 2),
        "stories_a_day": round(found.stories / found.days, 2),
        "days": [{"day": str(day), "matches": number} for day, number in past.by_day(found)],
        "terms": [{"term": term, "matches": n} for term, n in past.by_term(found.matched)],
        "sources": [{"source": name, "matches": n} for name, n in past.by_source(found.matched)],
        "against": against,
        "gained": [_case(case) for case in found.gained],
        "lost": [_case(case) for case in found.lost],
        "samples": [_case(case) for case in past.samples(found.matched)],
    }


def _case(case: Case) -> dict[str, Any]:
    article, match = case.article, case.match
    return {
        "id": article.id,
        "title": article.title,
        "source": article.source,
        "url": article.address,
        "first_seen": article.first_seen,
        "score": round(match.score, 2) if match else None,
        "words": list(dict.fromkeys(span.text for span in match.spans)) if match else [],
    }


def _show(one: Watchlist, against: Against | None, found: Backtest) -> None:
    from monitor.watchlists import backtest as past

    output.say(
        f"{one.name}: {output.count(len(found.matched), 'match', 'matches')} in "
        f"{output.count(found.articles, 'article')}, {found.start:%Y-%m-%d} to {found.end:%Y-%m-%d}"
    )
    if found.matched:
        _show_days(found)
        _counts("term", past.by_term(found.matched))
        _counts("source", past.by_source(found.matched))
    if against is not None:
        compared = "the watchlist in use" if against is Against.LIVE else "the stored matches"
        _articles(f"gained over {compared}", found.gained)
        _articles(f"lost against {compared}", found.lost)
    elif found.matched:
        _articles("samples", past.samples(found.matched), counted=False)


def _show_days(found: Backtest) -> None:
    from monitor.watchlists import backtest as past

    if found.news:
        days = past.by_day(found)
        busiest = max(days, key=lambda day: day[1])
        output.say(f"\n  {sparkline([number for _, number in days])}")
        told = (
            f"{_rate(found.a_day)} matches a day, most on {busiest[0]} ({busiest[1]}); "
            f"about {_rate(found.stories / found.days)} stories a day in a digest"
        )
        output.hung("  ", told)
    if archive := len(found.matched) - len(found.news):
        there = "was already in its feed" if archive == 1 else "were already in their feeds"
        told = f"{archive} {there} at the first poll: not news, and not counted in the days"
        output.hung("  ", told)


def sparkline(numbers: Sequence[int]) -> str:
    """Draw one bar per number, in order; neighbours are added up if there are too many."""
    width = max(10, min(WIDEST, output.console().width - 4))
    together = -(-len(numbers) // width)
    sums = [sum(numbers[i : i + together]) for i in range(0, len(numbers), together)]
    highest = max(sums) or 1
    # Zero is a space: the lowest bar says that there was something.
    return "".join(BARS[-(-n * len(BARS) // highest) - 1] if n else " " for n in sums)


def _rate(number: float) -> str:
    return f"{number:.0f}" if number >= 9.95 else f"{number:.1f}"


def _counts(name: str, counted: Sequence[tuple[str, int]]) -> None:
    output.say()
    shown = [(what or "(unknown)", number) for what, number in counted[:ROWS]]
    output.table((name, "matches"), shown, right=("matches",))
    if (more := len(counted) - ROWS) > 0:
        output.say(f"and {more} more")


def _articles(heading: str, cases: Sequence[Case], *, counted: bool = True) -> None:
    output.say(f"\n{heading}: {len(cases)}" if counted else f"\n{heading}")
    if not cases:
        return
    rows = []
    for case in cases[:ROWS]:
        words = dict.fromkeys(span.text for span in case.match.spans) if case.match else {}
        article = case.article
        day = f"{article.first_seen:%Y-%m-%d}" if article.first_seen else ""
        rows.append((day, article.title or "(no title)", article.source, ", ".join(words)))
    output.table(("day", "title", "source", "words"), rows)
    if (more := len(cases) - ROWS) > 0:
        output.say(f"and {more} more (--json has all)")


# --------------------------------------------------------------------------- coverage


def coverage(
    name: Annotated[list[str] | None, typer.Argument(help="Only these: names or files.")] = None,
    since: SinceOption = "90d",
) -> None:
    """Show which terms, sources and watchlists are silent, noisy, or depend on one source."""
    from monitor.pipeline import history

    wanted = chosen.watchlists(name or ())
    start, end = window(since)
    with store() as kept, output.progress(not state.json) as tell:
        found = kept.read_now(history.covered, wanted, start, end, tell=tell)
    if state.json:
        output.emit(
            {
                "since": start,
                "until": end,
                "articles": found.articles,
                "watchlists": [
                    {
                        "watchlist": one.watchlist.name,
                        "matches": one.matches,
                        "silent_terms": one.silent(),
                        "noisy_terms": [{"term": t, "alone": n} for t, n in one.noisy()],
                        "single_source": _source(one.one_source()),
                    }
                    for one in found.accounts
                ],
                "silent_sources": [_source(one) for one in found.sources],
            }
        )
        return
    output.say(f"{output.count(found.articles, 'article')}, {start:%Y-%m-%d} to {end:%Y-%m-%d}")
    for one in found.accounts:
        _account(one)
    if found.sources and any(one.matches for one in found.accounts):  # else it is all of them
        told = ", ".join(f"{name or '(unknown)'} ({number})" for name, number in found.sources)
        _told("sources without a match", told)


def _source(one: tuple[str, int] | None) -> dict[str, Any] | None:
    return {"source": one[0], "articles": one[1]} if one else None


def _account(one: Account) -> None:
    output.say(f"\n{one.watchlist.name}: {output.count(one.matches, 'match', 'matches')}")
    if not one.matches:
        return
    if only := one.one_source():
        _told("hangs on one source", f"{only[0] or '(unknown)'} ({only[1]})")
    if noisy := one.noisy():
        _told("noisy terms, all alone", ", ".join(f"{term} ({n})" for term, n in noisy))
    if silent := one.silent():
        more = len(silent) - MOST_SILENT
        listed = ", ".join(silent[:MOST_SILENT]) + (f" and {more} more" if more > 0 else "")
        _told(f"silent terms ({len(silent)})", listed)


MOST_SILENT = 30
"""Silent terms shown per watchlist; --json has all."""


def _told(heading: str, text: str) -> None:
    """Print a heading and the text after it; on a terminal, wrapped to its width."""
    output.hung("  ", f"{heading}: {text}")


# ---------------------------------------------------------------------------- suggest


def suggest(
    watchlist: Annotated[str, typer.Argument(metavar="FILE|NAME", help="The watchlist to extend.")],
    since: SinceOption = "90d",
) -> None:
    """Suggest words that go with a watchlist's matches and are not in it yet."""
    from monitor.pipeline import history

    one = chosen.watchlists([watchlist])[0]
    start, end = window(since)
    with store() as kept, output.progress(not state.json) as tell:
        matches, found = kept.read_now(history.suggested, one, start, end, tell=tell)
    if state.json:
        rows = [{name: getattr(x, name) for name in x.__slots__} for x in found]
        output.emit({"watchlist": one.name, "matches": matches, "suggestions": rows})
        return
    output.say(f"{one.name}: {output.count(matches, 'match', 'matches')} looked at")
    if not found:
        output.say("no word is more frequent in them than in other articles")
        return
    output.say()
    names = ("term", "in matches", "in others", "score")
    rows_shown = [(x.term, x.matched, x.rest, f"{x.score:.1f}") for x in found]
    output.table(names, rows_shown, right=names[1:])


def doubts(wanted: Sequence[Watchlist], since: str) -> list[Finding]:
    """Return what the kept articles say about each query, for `lint`."""
    from monitor.pipeline import history
    from monitor.watchlists.lint import doubts_of_history

    start, end = window(since)
    with store() as kept, output.progress(not state.json) as tell:
        articles, matched = kept.read_now(history.evidence, wanted, start, end, tell=tell)
    return doubts_of_history(wanted, articles, matched)
