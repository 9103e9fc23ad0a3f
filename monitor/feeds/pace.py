"""When a feed is polled next, and why.

The wait grows while a feed has nothing new and shrinks when it has news. It is never shorter than
the server or the document asks for. Each due time comes with its reason in words.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final, NamedTuple

from monitor.feeds.hints import WEEKDAYS
from monitor.feeds.waits import fresh_for, retry_after
from monitor.model import (
    FailureKind,
    FetchFailed,
    Hints,
    Outcome,
    OutcomeKind,
    Polling,
    Response,
)

DAY: Final = timedelta(days=1)
CUT: Final = ", cut to "
"""Part of the reason for a due time if the wait that was asked for is longer than we grant."""
_GROWTH: Final = 1.5
_MAX_STEPS: Final = 20
_OVERLAP: Final = 0.3
"""Share of a document's entries that should be known; below it, some may have been missed."""
_JITTER: Final = 0.05
START_SPREAD: Final = timedelta(minutes=10)
_WEEKLY_AFTER: Final = timedelta(days=30)
LONGEST_OWN: Final = timedelta(days=7)
"""The longest wait after a failure that no server asked for, apart from the jitter."""
_NO_ENTRY: Final = frozenset({401, 402, 403, 451})
_BUSY: Final = frozenset({429, 503})
_CACHED: Final = frozenset({200, 203, 304, 404, 429})
"""Answers whose max-age or Expires counts (P23)."""


@dataclass(frozen=True, slots=True)
class PaceSettings:
    """The bounds of the pace: `[poll]` in the settings."""

    interval: timedelta = timedelta(minutes=30)
    """Usual wait, and the shortest one while documents overlap."""
    floor: timedelta = timedelta(minutes=15)
    """Shortest wait in any case."""
    ceiling: timedelta = timedelta(hours=6)
    """Longest wait to which the interval grows while nothing is new."""
    longest_wait: timedelta = timedelta(days=7)
    """Longest wait that a server is granted; a longer one is cut, and the reason says so."""


class Wait(NamedTuple):
    """A span of time and why it is that long."""

    span: timedelta
    why: str


class Pace(NamedTuple):
    """The next due time (None: not until a person resumes the feed) and its reason."""

    due: datetime | None
    why: str
    not_before: datetime | None = None
    """The server told us to wait until then: no command overrides that."""


_DUPLICATE: Final = Wait(DAY, "it repeats another feed: once a day")


def next_poll(
    polling: Polling,
    outcome: Outcome,
    answer: Response | FetchFailed,
    now: datetime,
    settings: PaceSettings,
    *,
    duplicate: bool = False,
    pushed: bool = False,
) -> Pace:
    """When to poll next. `polling` is the state after the poll, `outcome` how the poll ended.

    `duplicate`: the feed redirects to another feed that is polled itself; polling it only shows
    when it no longer does (P60). `pushed`: a hub pushes its news; polling is a safety net, and no
    more frequent than the ceiling (P100).
    """
    if outcome.status == 410:
        return Pace(None, "410 Gone: not asked again until a person resumes it")
    if outcome.kind is OutcomeKind.FAILED:
        wait = _after_failure(polling, answer, now, settings)
    else:
        wait = _after_success(polling, outcome, now, settings)
    asked_for = _asked_for(polling, answer, settings)
    wait = _longest(wait, *asked_for, *([_DUPLICATE] if duplicate else []))
    if pushed:
        net = Wait(
            settings.ceiling, f"its hub pushes it; asked all the same: {words(settings.ceiling)}"
        )
        wait = _longest(net, wait)
    told = None if _by_robots(answer) else _told(answer, now, settings)
    # Feeds whose host is paused draw lots: in one order only the first of them would ever be read.
    paused = isinstance(answer, FetchFailed) and answer.kind is FailureKind.PAUSED
    lot = f"{polling.feed.url} {now}" if paused else polling.feed.url
    due, why = _spread(polling, wait, now, _fraction(lot))
    return Pace(due, why, now + told.span if told else None)


def first_poll(url: str, now: datetime, spread: timedelta = START_SPREAD) -> datetime:
    """When to poll a feed that was added with others: at its own moment within `spread` (P40)."""
    return now + spread * _fraction(url)


DIED: Final = "monitor died while it was polled"


def after_deaths(polling: Polling, now: datetime, settings: PaceSettings) -> Pace:
    """When to poll a feed again if we died while polling it, more than once in a row (F14).

    It may be what kills us, and must not do so at every start. Feeds that merely were being polled
    at the same time wait too, each for a different share: most are not polled at the next death.
    """
    span = min(settings.floor * 2 ** min(polling.failures, _MAX_STEPS), settings.ceiling)
    share = 0.5 + _fraction(polling.feed.url) / 2
    return Pace(now + span * share, f"{DIED}, {polling.failures} times in a row")


def base(polling: Polling, settings: PaceSettings) -> timedelta:
    """The feed's own interval, else the usual one; never below the floor."""
    return max(polling.feed.interval or settings.interval, settings.floor)


def _after_success(
    polling: Polling, outcome: Outcome, now: datetime, settings: PaceSettings
) -> Wait:
    shortest = base(polling, settings)
    if outcome.kind is OutcomeKind.NEW:
        return _after_news(polling, outcome, settings)
    grown = shortest * _GROWTH ** min(polling.calm, _MAX_STEPS)
    if polling.newest:
        # A feed that had news an hour ago may have more soon, however many polls found none.
        grown = min(grown, max(shortest, (now - polling.newest) / 2))
    span = max(shortest, min(grown, settings.ceiling))
    if span == shortest:
        return Wait(span, f"interval {words(span)}")
    polls = f"{polling.calm} poll{'s' * (polling.calm != 1)}"
    return Wait(span, f"nothing new in {polls}: {words(span)}")


def _after_news(polling: Polling, outcome: Outcome, settings: PaceSettings) -> Wait:
    """The interval, or less if so many entries were new that others may have been missed."""
    span = base(polling, settings)
    known = 1 - outcome.new / outcome.seen if outcome.seen else 1.0
    if known < _OVERLAP and polling.gap and polling.feed.interval is None:
        half_turned = polling.gap * outcome.seen / 2
        quick = max(settings.floor, min(span, half_turned))
        if quick < span:
            return Wait(quick, f"{outcome.new} of {outcome.seen} entries were new: {words(quick)}")
    return Wait(span, f"interval {words(span)}")


def _after_failure(
    polling: Polling, answer: Response | FetchFailed, now: datetime, settings: PaceSettings
) -> Wait:
    doubled = _doubled(polling, settings)
    told = _told(answer, now, settings)
    if isinstance(answer, FetchFailed):
        return _longest(doubled, told) if told and _by_robots(answer) else told or doubled
    if told and answer.status in _BUSY:
        # What the server says counts, long or short: it knows better than our doubling.
        usual = base(polling, settings)
        return _longest(Wait(usual, f"interval {words(usual)}"), told)
    return _longest(doubled, *_slower(polling, answer.status, now), *([told] if told else []))


def _by_robots(answer: Response | FetchFailed) -> bool:
    """Whether it was robots.txt that stopped the poll, and not the server."""
    return isinstance(answer, FetchFailed) and answer.kind is FailureKind.ROBOTS


def _told(answer: Response | FetchFailed, now: datetime, settings: PaceSettings) -> Wait | None:
    """The wait that was asked for explicitly with a refusal or an error; None if there is none."""
    if isinstance(answer, FetchFailed):
        if answer.retry_at is None or answer.retry_at <= now:
            return None
        return _clamped(answer.retry_at - now, answer.why, settings.longest_wait)
    if answer.status < 500 and answer.status not in _NO_ENTRY | _BUSY:
        return None
    asked = retry_after(answer, now)
    return _clamped(asked, "Retry-After", settings.longest_wait) if asked else None


def _slower(polling: Polling, status: int, now: datetime) -> list[Wait]:
    """Longer waits where trying again soon would be a nuisance."""
    if status in _NO_ENTRY and polling.failures >= 3:
        return [Wait(DAY, f"{status} in {polling.failures} polls: once a day")]
    if status == 404 and polling.failing_since and now - polling.failing_since >= _WEEKLY_AFTER:
        return [Wait(LONGEST_OWN, "404 for over 30 days: once a week")]
    return []


def _doubled(polling: Polling, settings: PaceSettings) -> Wait:
    count = max(polling.failures, 1)
    span = min(
        base(polling, settings) * 2 ** min(count, _MAX_STEPS), max(DAY, base(polling, settings))
    )
    failed = "failed once" if count == 1 else f"failed {count} times in a row"
    return Wait(span, f"{failed}: {words(span)}")


def _asked_for(
    polling: Polling, answer: Response | FetchFailed, settings: PaceSettings
) -> list[Wait]:
    """The lower bounds set by the server's cache headers and by the document itself."""
    waits: list[Wait] = []
    if isinstance(answer, Response) and answer.status in _CACHED:
        fresh = fresh_for(answer)
        if fresh:
            waits.append(_clamped(fresh, "the server calls it fresh", settings.longest_wait))
    hints = polling.hints or Hints()
    if hints.ttl:
        waits.append(_clamped(hints.ttl, "the feed's ttl", DAY))
    if hints.update_period:
        waits.append(_clamped(hints.update_period, "the feed's updatePeriod", DAY))
    return waits


def _clamped(span: timedelta, name: str, limit: timedelta) -> Wait:
    if span <= limit:
        return Wait(span, f"{name}: {words(span)}")
    return Wait(limit, f"{name}: {words(span)}{CUT}{words(limit)}")


def _longest(first: Wait, *others: Wait) -> Wait:
    return max((first, *others), key=lambda wait: wait.span)


def _spread(polling: Polling, wait: Wait, now: datetime, share: float) -> tuple[datetime, str]:
    """The due time and its reason: after the wait and a share of jitter, not in skipped hours.

    The jitter is at most 5 % of the wait, and at most `START_SPREAD`.
    """
    due = now + wait.span + min(wait.span * _JITTER, START_SPREAD) * share
    allowed = _outside_skipped(due, polling.hints or Hints())
    if allowed == due:
        return due, wait.why
    return allowed, f"{wait.why}; then the feed's skipHours or skipDays"


def _outside_skipped(due: datetime, hints: Hints) -> datetime:
    """The first moment from `due` on outside skipHours and skipDays (both in GMT)."""
    moment = due.astimezone(UTC)
    for _ in range(24 * 8):
        day = WEEKDAYS[moment.weekday()]
        if moment.hour not in hints.skip_hours and day not in hints.skip_days:
            return moment
        moment = moment.replace(minute=due.minute % 10, second=due.second) + timedelta(hours=1)
    return due  # every hour is excluded: such hints mean nothing


def _fraction(text: str) -> float:
    """A number from 0 to 1 that depends on the text alone, as on an address."""
    return int.from_bytes(sha256(text.encode("utf-8", "replace")).digest()[:4]) / 0xFFFFFFFF


def words(span: timedelta) -> str:
    """A span in words: "30 min", "2 h", "1.5 h", "7 days"."""
    minutes = span.total_seconds() / 60
    if minutes < 59.5:
        return f"{minutes:.0f} min"
    if minutes < 48 * 60:
        return f"{max(minutes / 60, 1):.3g} h"
    return f"{minutes / 1440:.3g} days"
