"""Whether the record adds up: each thing in exactly one known state, each time told exactly once.

The sums of what is kept, as the audit shows them. Pure.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Sum:
    """Things of one kind, divided by what became of them."""

    what: str
    all: int
    parts: Mapping[str, int]
    """What became of them -> how many. Empty: nothing is divided, and `wrong` says everything."""
    wrong: tuple[str, ...] = ()
    """What cannot be explained, item by item, each naming the thing it is about."""

    @property
    def adds_up(self) -> bool:
        """Whether the parts make up the whole and nothing is unexplained."""
        return not self.wrong and (not self.parts or sum(self.parts.values()) == self.all)


class Told(NamedTuple):
    """The time that an edition of a digest covered, and its number."""

    number: int
    start: datetime
    end: datetime
    published: datetime


def windows(
    digest: str,
    editions: Sequence[Told],
    covered: tuple[int, datetime],
    now: datetime,
    *,
    joined: bool,
) -> list[str]:
    """Return what is wrong with a digest's windows: skipped numbers, times told twice or never.

    `editions`: ordered by number; `covered`: the number of the newest edition and the time until
    which everything is told, from the digest's pointer; `joined`: whether each window begins where
    the previous one ended, which is not so for alerts, since hours without news leave no edition.
    An edition that seems published later than the next one, or than `now`, comes from a clock that
    was ahead: the windows after it started afresh when the clock was put back (F35).
    """
    found = []
    for one, next_one in pairwise(editions):
        name = f"{digest} {next_one.number}"
        if next_one.number != one.number + 1:
            found.append(f"{name}: the edition before it is {one.number}")
        if next_one.start < one.end and one.published <= next_one.published:
            found.append(f"{name}: begins {one.end - next_one.start} before {one.number} ends")
        elif joined and next_one.start > one.end:
            found.append(f"{name}: {next_one.start - one.end} before it are in no edition")
    if editions:
        number, until = covered
        last = editions[-1]
        if last.number != number:
            found.append(f"{digest}: its newest edition is {last.number}, its count says {number}")
        if until < last.end <= now:
            found.append(f"{digest} {last.number}: ends after the time that counts as told")
    return found


class News(NamedTuple):
    """A match of an article that is in no edition of a digest."""

    watchlist: str
    matched: datetime
    rematched: bool


@dataclass(frozen=True, slots=True)
class Untold:
    """An article that a digest's watchlists match and that is in no edition of it."""

    published: datetime | None
    baseline: bool
    waits: bool
    """Whether it waits for its story."""
    matches: tuple[News, ...]
    withheld: str = ""
    """The rule by which it is withheld or was taken as told; empty: neither."""


@dataclass(frozen=True, slots=True)
class Since:
    """The time from which a digest tells: earlier articles are no news to it."""

    started: datetime
    watchlists: Mapping[str, datetime]
    """Watchlist -> when the first article that it brought to the digest was matched."""
    windows: Sequence[datetime]
    """The starts of its editions' windows, in order; empty if they do not say when an article came
    (an alert's hours without news leave no edition)."""


def no_news(article: Untold, since: Since) -> str:
    """Return the rule by which a digest does not tell an article; empty if there is none."""
    fresh = [one for one in article.matches if not one.rematched]
    if article.withheld:
        return article.withheld
    if article.waits:
        return "waiting for a story"
    if not fresh:
        return "matched only again, after a change"
    if all(one.matched <= since.started for one in fresh):
        return "before the digest began"
    if article.baseline and _old(article, min(one.matched for one in fresh), since):
        return "old when its feed was first asked"
    if all(_before(one, since) for one in fresh):
        return "before the digest asked for its watchlist"
    return ""


def _before(match: News, since: Since) -> bool:
    began = since.watchlists.get(match.watchlist)
    return began is None or match.matched < began


def _old(article: Untold, matched: datetime, since: Since) -> bool:
    """Whether an article of a feed's first poll was published before the window it came in."""
    at = bisect_left(since.windows, matched)
    return at == 0 or article.published is None or article.published <= since.windows[at - 1]
