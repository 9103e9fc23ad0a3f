"""Bursts: whether a term stands in far more stories than on the same day of other weeks.

Stories are counted, not articles: forty reprints of one report are not a burst. A day is compared
with the same weekday of earlier weeks, because news follows a weekly rhythm.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import fmean

from monitor.model import Burst

WEEKS = 8
"""Most earlier days of the same weekday in the baseline."""
ENOUGH_WEEKS = 4
"""Fewer of them than this are not enough for a baseline."""
LEAST = 3
"""Fewer stories than this are never a burst, however quiet it was before."""
SURPRISE = 0.001
"""It is a burst if so many stories on an ordinary day would be less probable than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """An article that matched a watchlist by a term, with its story."""

    day: date
    watchlist: str
    term: str
    """Empty: any of the watchlist's terms."""
    story_id: int
    article_id: int


def bursts(
    sightings: Iterable[Sighting], day: date, since: date, blank: Collection[date] = ()
) -> list[Burst]:
    """Each watchlist's terms that were seen on `day`, bursts first, then by stories.

    `since` is the first day with a complete record: earlier days are left out of the baseline, and
    so are those in `blank`, on which nothing at all was read. Other days without a sighting count
    as 0. Days after `day` are ignored.
    """
    seen: dict[tuple[str, str], dict[date, dict[int, list[int]]]] = {}
    for one in sightings:
        days = seen.setdefault((one.watchlist, one.term), {})
        days.setdefault(one.day, {}).setdefault(one.story_id, []).append(one.article_id)
    before = [day - timedelta(weeks=week) for week in range(1, WEEKS + 1)]
    history = [one for one in before if one >= since and one not in blank]
    found = [
        _judge(watchlist, term, days, day, history)
        for (watchlist, term), days in seen.items()
        if day in days
    ]
    return sorted(found, key=lambda one: (not one.burst, -one.stories, one.watchlist, one.term))


def _judge(
    watchlist: str,
    term: str,
    days: Mapping[date, Mapping[int, list[int]]],
    day: date,
    history: Sequence[date],
) -> Burst:
    today = days[day]
    counts = [len(days.get(one, {})) for one in history]
    usual = fmean(counts) if len(counts) >= ENOUGH_WEEKS else None
    burst, why = _verdict(len(today), usual, len(counts), f"{day:%A}s")
    return Burst(
        watchlist=watchlist,
        term=term,
        stories=len(today),
        usual=usual,
        burst=burst,
        articles=tuple(sorted({number for held in today.values() for number in held})),
        why=why,
    )


def _verdict(count: int, usual: float | None, weeks: int, weekdays: str) -> tuple[bool, str]:
    """Whether the count is a burst, and the sentence that says why."""
    if usual is None:
        return False, f"not enough history: {weeks} of {ENOUGH_WEEKS} {weekdays}"
    stories = "1 story" if count == 1 else f"{count} stories"
    told = f"{stories} against {usual:.1f} on {weeks} {weekdays}"
    return count >= LEAST and at_least(count, usual) < SURPRISE, told


def at_least(count: int, usual: float) -> float:
    """Probability of `count` or more where `usual` are expected (Poisson).

    Half a story is added to the expectation: a term may be not so rare although it was never seen
    in the few weeks on record.
    """
    mean = usual + 0.5
    below = math.fsum(
        math.exp(number * math.log(mean) - mean - math.lgamma(number + 1))
        for number in range(count)
    )
    return max(0.0, 1.0 - below)
