"""What a watchlist would have matched in the past."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from monitor.model import Article, Match

SAMPLES = 10
"""Matches to show, spread evenly over the time."""


@dataclass(frozen=True, slots=True)
class Case:
    """An article of the past that a watchlist matches, now or before it was changed."""

    article: Article
    match: Match | None
    before: bool = False
    """Whether it matched what the watchlist is compared with."""
    story_id: int | None = None
    baseline: bool = False
    """Whether the feed's first poll brought it: it is not news, and no digest tells it."""


@dataclass(frozen=True, slots=True)
class Backtest:
    """The result of a backtest."""

    start: datetime
    """Never earlier than the archive: days that were not kept would distort the daily volume."""
    end: datetime
    articles: int
    """Number of all articles seen in that time."""
    matched: tuple[Case, ...]
    """In the order in which they were first seen."""
    gained: tuple[Case, ...]
    lost: tuple[Case, ...]
    stories: float
    """Roughly how many stories the matches that are news belong to."""

    @property
    def news(self) -> tuple[Case, ...]:
        """The matches that came in that time and were not in their feed at its first poll."""
        return tuple(case for case in self.matched if not case.baseline)

    @property
    def days(self) -> float:
        """The length of the time in days; never zero."""
        return max((self.end - self.start) / timedelta(days=1), 1.0)

    @property
    def a_day(self) -> float:
        """Matches that are news, per day."""
        return len(self.news) / self.days


def account(
    cases: Iterable[Case],
    *,
    start: datetime,
    end: datetime,
    articles: int,
    stories: float,
    compared: bool,
) -> Backtest:
    """Summarise a backtest; without a comparison nothing is gained or lost."""
    ordered = sorted(cases, key=lambda case: (_seen(case.article), case.article.id))
    return Backtest(
        start=start,
        end=end,
        articles=articles,
        stories=stories,
        matched=tuple(case for case in ordered if case.match),
        gained=tuple(case for case in ordered if compared and case.match and not case.before),
        lost=tuple(case for case in ordered if compared and case.before and not case.match),
    )


def _seen(article: Article) -> datetime:
    return article.first_seen or datetime.min.replace(tzinfo=UTC)


def by_day(found: Backtest) -> list[tuple[date, int]]:
    """Matches that are news for each UTC day of the time, including days without any."""
    counted = Counter(_seen(case.article).astimezone(UTC).date() for case in found.news)
    first, last = (at.astimezone(UTC).date() for at in (found.start, found.end))
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return [(day, counted[day]) for day in days]


def by_term(found: Iterable[Case]) -> list[tuple[str, int]]:
    """How many articles each term was found in, most common first."""
    counted = Counter(
        term
        for case in found
        if case.match
        for term in sorted({span.term for span in case.match.spans})
    )
    return counted.most_common()


def by_source(found: Iterable[Case]) -> list[tuple[str, int]]:
    """How many articles each source has, most common first."""
    return Counter(case.article.source for case in found).most_common()


def samples(found: Sequence[Case]) -> list[Case]:
    """Up to SAMPLES of the matches, evenly spread over the time."""
    step = max(1.0, len(found) / SAMPLES)
    return [found[int(step * number)] for number in range(min(SAMPLES, len(found)))]
