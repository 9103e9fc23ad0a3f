"""Whether the record adds up: each thing in exactly one known state, no time told twice or never.

Sums of what is kept, as the audit shows them. Pure.
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
    """What became of them -> how many. Empty: nothing is divided, `wrong` says all."""
    wrong: tuple[str, ...] = ()
    """What cannot be explained, one by one, each with what it is about."""

    @property
    def adds_up(self) -> bool:
        """Whether the parts make the whole, and nothing is unexplained."""
        return not self.wrong and (not self.parts or sum(self.parts.values()) == self.all)


class Told(NamedTuple):
    """The time that an edition of a digest told, and its number."""

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
    """What is wrong with the windows of a digest: numbers left out, times told twice or never.

    `editions`: in the order of their numbers; `covered`: the number of the newest edition and until
    when all is told, as the digest's pointer has it; `joined`: each window begins where the one
    before ended, which an alert's do not, since hours without news leave no edition. An edition
    that seems published later than the next one, or than `now`, is of a clock that ran ahead: what
    follows began anew when it was put back (F35).
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
    """A match of an article that no edition of a digest has."""

    watchlist: str
    matched: datetime
    rematched: bool


@dataclass(frozen=True, slots=True)
class Untold:
    """An article that a digest's watchlists match, and that no edition of it has."""

    published: datetime | None
    baseline: bool
    waits: bool
    """For its story."""
    matches: tuple[News, ...]
    withheld: str = ""
    """The rule by which it is withheld, or was taken as told; empty: it is neither."""


@dataclass(frozen=True, slots=True)
class Since:
    """From when on a digest tells: the articles before are none of its news."""

    started: datetime
    watchlists: Mapping[str, datetime]
    """Watchlist -> when the first article that it brought to the digest had matched."""
    windows: Sequence[datetime]
    """Where the windows of its editions begin, in order; empty where that says nothing of when an
    article came (an alert's hours without news leave no edition)."""


def no_news(article: Untold, since: Since) -> str:
    """The rule by which a digest does not tell an article; empty when there is none."""
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
    """Whether what stood in a feed at its first poll was published before the window it came in."""
    at = bisect_left(since.windows, matched)
    return at == 0 or article.published is None or article.published <= since.windows[at - 1]
