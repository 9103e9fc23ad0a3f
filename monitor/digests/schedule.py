"""When a digest is due, and which windows its editions cover.

A digest has one pointer, "covered until". Each window starts where the previous one ended, so there
is no gap or overlap whatever happens to the clock, the zone or the machine (I3 of the faults).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

from cronsim import CronSim, CronSimError

from monitor.model import Digest, Window

AT_ONCE = "at once"
LATE_AFTER = timedelta(minutes=15)
MOST_AT_ONCE = 100
"""Most windows returned at once, even if the clock jumped (F35); the rest follow when these are
published."""

_FIELDS = (
    ("minute", "0-59"),
    ("hour", "0-23"),
    ("day-of-month", "1-31"),
    ("month", "1-12"),
    ("day-of-week", "0-7 or SUN-SAT"),
)
_QUIET = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_SHIFT = timedelta(hours=3)
"""More than any zone's clock has ever been moved forward or back at once."""


def windows(digest: Digest, covered_until: datetime, now: datetime) -> list[Window]:
    """The windows due at `now`, oldest first, from `covered_until` on without gap or overlap.

    Empty if nothing is due, or if `now` is before `covered_until`.
    `catch_up = "one"` gives one window for everything missed, `"each"` one per scheduled time.
    """
    if now <= covered_until:
        return []
    if digest.schedule == AT_ONCE:
        return [Window(covered_until, now)]
    return [
        Window(start, end, late=now - end > LATE_AFTER)
        for start, end in pairwise([covered_until, *_missed(digest, covered_until, now)])
    ]


def held(digest: Digest, now: datetime, alerts: Sequence[datetime] = ()) -> bool:
    """Whether an alert is held at `now`; one edition tells afterwards what it held back.

    An alert waits during its quiet hours (by the wall clock of its zone), and while `flood_alerts`
    of its editions went out within the last `flood_within` (D76, D77). `alerts`: when its latest
    editions went out, in any order; times after `now` come from a clock that ran ahead (F35), and
    do not count.
    """
    if digest.schedule != AT_ONCE:
        return False
    recent = [at for at in alerts if now - digest.flood_within < at <= now]
    return len(recent) >= digest.flood_alerts or _quiet(digest, now)


def check_quiet(text: str) -> str | None:
    """What is wrong with quiet hours, for people; None if they can be used."""
    hours = _hours(text)
    if hours is None or hours[0] == hours[1]:
        return f"{text!r} is not a span of hours; write it like 22:00-07:00"
    return None


def _quiet(digest: Digest, now: datetime) -> bool:
    hours = _hours(digest.quiet)
    if hours is None:
        return False
    start, end = hours
    at = now.astimezone(ZoneInfo(digest.zone)).time()
    return start <= at < end if start < end else at >= start or at < end


def _hours(text: str) -> tuple[time, time] | None:
    found = _QUIET.fullmatch(text)
    if found is None:
        return None
    first, second, third, fourth = map(int, found.groups())
    return time(first, second), time(third, fourth)


def first_covered_until(digest: Digest, now: datetime) -> datetime:
    """Where a new digest starts: the scheduled time before `now`, for a whole first window."""
    if digest.schedule == AT_ONCE:
        return now
    return _last_scheduled(digest, now) or now


def next_scheduled(digest: Digest, now: datetime) -> datetime | None:
    """When the next edition after `now` ends; None for a digest that is sent at once."""
    return None if digest.schedule == AT_ONCE else next(_scheduled(digest, now), None)


def check_schedule(text: str) -> str | None:
    """What is wrong with a schedule, for people; None if it can be used."""
    if text == AT_ONCE:
        return None
    parts = text.split()
    if len(parts) != len(_FIELDS):
        return (
            f"a schedule has five fields (minute hour day month weekday) or is {AT_ONCE!r}; "
            f"this has {len(parts)} (every day at seven is '0 7 * * *')"
        )
    return _wrong_field(parts) or _never(text)


def check_zone(name: str) -> str | None:
    """What is wrong with the name of a time zone; None if it is known."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        same = name.replace(" ", "_").casefold()
        known = sorted(available_timezones())
        near = [one for one in known if same in (one.casefold(), one.rpartition("/")[2].casefold())]
        todo = f"write {near[0]}" if near else "use a name like Europe/London"
        return f"unknown time zone {name!r}; {todo}"
    return None


def _wrong_field(parts: list[str]) -> str | None:
    for place, (part, (name, values)) in enumerate(zip(parts, _FIELDS, strict=True)):
        alone = ["*"] * len(parts)
        alone[place] = part
        try:
            CronSim(" ".join(alone), datetime(2024, 1, 1, tzinfo=UTC))
        except CronSimError:
            return f"{part!r} is not a valid {name} ({values}, or lists, ranges, steps of these)"
    return None


def _never(text: str) -> str | None:
    """What is wrong with a schedule for a day that never comes, such as 30 February, or None."""
    try:
        next(CronSim(text, datetime(2024, 1, 1, tzinfo=UTC)))
    except (CronSimError, StopIteration):
        return "no such day ever comes"
    return None


def _missed(digest: Digest, covered_until: datetime, now: datetime) -> list[datetime]:
    """Ends of the windows that are due; with `catch_up = "one"` only the last."""
    if digest.catch_up == "one":
        last = _last_scheduled(digest, now)
        return [last] if last and last > covered_until else []
    ends: list[datetime] = []
    for end in _scheduled(digest, covered_until):
        if end > now or len(ends) == MOST_AT_ONCE:
            break
        ends.append(end)
    return ends


def _scheduled(digest: Digest, after: datetime) -> Iterator[datetime]:
    """The scheduled times after an instant, in UTC, ascending.

    cronsim follows Debian's cron: a time skipped in spring comes at the end of the gap, a time
    repeated in autumn comes once. It follows the local clock, so around a change it may give a time
    twice, or one that is already past: those are left out here.
    """
    last = after
    for local in CronSim(digest.schedule, after.astimezone(ZoneInfo(digest.zone))):
        end = local.astimezone(UTC)
        if end > last:
            last = end
            yield end


def _last_scheduled(digest: Digest, now: datetime) -> datetime | None:
    """The last scheduled time up to and including `now`.

    The search backwards starts a little after `now`: in the hour repeated in autumn, the local
    clock may show less than a scheduled time that has passed.
    """
    start = (now + _SHIFT).astimezone(ZoneInfo(digest.zone))
    for local in CronSim(digest.schedule, start, reverse=True):
        end = local.astimezone(UTC)
        if end <= now:
            return end
    return None
