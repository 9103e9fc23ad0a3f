"""Windows: due when their time has come, joined exactly, whatever the clock does."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.digests.schedule import (
    check_quiet,
    check_schedule,
    check_zone,
    first_covered_until,
    held,
    next_scheduled,
    windows,
)
from monitor.model import Digest, Window

NEW_YORK, LONDON = "America/New_York", "Europe/London"
ALERT = Digest(name="d", schedule="at once")


def digest(schedule: str, zone: str = "UTC", catch_up: str = "each") -> Digest:
    return Digest(name="d", schedule=schedule, zone=zone, catch_up=catch_up)


def at(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def run(order: Digest, start: datetime, end: datetime, step: timedelta) -> list[Window]:
    """Ask at every step, as a runner does, moving "covered until" along."""
    covered, now, got = start, start, []
    while now < end:
        now += step
        for window in windows(order, covered, now):
            got.append(window)
            covered = window.end
    return got


def test_nothing_is_due_before_the_scheduled_time() -> None:
    """A window is due at its end, not a second earlier, and only once."""
    order = digest("0 7 * * *")
    start, end = datetime(2024, 10, 17, 7, tzinfo=UTC), datetime(2024, 10, 18, 7, tzinfo=UTC)
    assert windows(order, start, end - timedelta(seconds=1)) == []
    assert windows(order, start, end) == [Window(start, end)]
    assert windows(order, end, end) == []


@pytest.mark.parametrize(
    ("zone", "day"), [(NEW_YORK, (2024, 3, 10)), (LONDON, (2024, 3, 31))], ids=["ny", "london"]
)
def test_F36_a_time_the_spring_change_skips_comes_once(
    zone: str, day: tuple[int, int, int]
) -> None:
    """02:30 (01:30 in London) does not exist that day; there is one edition all the same."""
    clock = "30 2 * * *" if zone == NEW_YORK else "30 1 * * *"
    start = at(zone, *day) - timedelta(hours=12)
    got = run(digest(clock, zone), start, start + timedelta(hours=36), timedelta(minutes=10))
    local = [window.end.astimezone(ZoneInfo(zone)) for window in got]
    assert [time.date() for time in local].count(datetime(*day).date()) == 1  # noqa: DTZ001 - a date
    assert all(one.end == two.start for one, two in itertools.pairwise(got))


@pytest.mark.parametrize("catch_up", ["one", "each"])
@pytest.mark.parametrize("zone", [NEW_YORK, LONDON], ids=["ny", "london"])
def test_F37_a_time_the_autumn_change_repeats_comes_once(zone: str, catch_up: str) -> None:
    """01:30 comes twice on the clock that day; there is one edition, at the first of them."""
    day = (2024, 11, 3) if zone == NEW_YORK else (2024, 10, 27)
    start = at(zone, *day)
    order = digest("30 1 * * *", zone, catch_up)
    got = run(order, start, start + timedelta(hours=20), timedelta(minutes=10))
    assert [window.end for window in got] == [at(zone, *day, 1, 30, fold=0)]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        (NEW_YORK, (2024, 3, 10), 23),
        (LONDON, (2024, 3, 31), 23),
        (NEW_YORK, (2024, 11, 3), 25),
        (LONDON, (2024, 10, 27), 25),
    ],
)
def test_F38_hourly_editions_across_a_change(
    zone: str, day: tuple[int, int, int], hours: int
) -> None:
    """A day of 23 or 25 hours has 23 or 25 windows of one hour, joined, none overlapping."""
    start = at(zone, *day)
    got = windows(digest("0 * * * *", zone), start, start + timedelta(hours=hours))
    assert len(got) == hours
    assert {window.end - window.start for window in got} == {timedelta(hours=1)}
    assert got[0].start == start
    assert all(one.end == two.start for one, two in itertools.pairwise(got))
    assert got[-1].end.astimezone(ZoneInfo(zone)).hour == 0


def test_F35_a_clock_set_back_sends_nothing() -> None:
    """What was covered stays covered when the clock goes back, even to 1970."""
    order, covered = digest("0 * * * *"), datetime(2024, 10, 18, 7, tzinfo=UTC)
    assert windows(order, covered, covered - timedelta(days=1)) == []
    assert windows(order, covered, datetime(1970, 1, 1, tzinfo=UTC)) == []


def test_F35_a_clock_set_forward_makes_no_burst() -> None:
    """`catch_up = "one"` makes one edition of all that was missed, "each" a bounded number."""
    covered, now = datetime(2024, 10, 18, 7, tzinfo=UTC), datetime(2039, 1, 1, tzinfo=UTC)
    assert len(windows(digest("0 * * * *", catch_up="one"), covered, now)) == 1
    assert len(windows(digest("0 * * * *", catch_up="each"), covered, now)) <= 100


def test_F39_a_change_of_zone_leaves_no_gap() -> None:
    """After the digest moved to another zone its next window starts where the last one ended."""
    first = windows(
        digest("0 7 * * *", LONDON), at(LONDON, 2024, 6, 1, 7), at(LONDON, 2024, 6, 2, 7)
    )
    covered = first[-1].end
    moved = windows(digest("0 7 * * *", NEW_YORK), covered, at(NEW_YORK, 2024, 6, 2, 7))
    assert moved == [Window(covered, at(NEW_YORK, 2024, 6, 2, 7))]


def test_F100_a_window_missed_by_a_short_stop_is_marked_late_by_the_rule() -> None:
    """Up to 15 minutes after its end an edition is on time; after that it is late."""
    order, covered = digest("0 8 * * *"), datetime(2024, 10, 17, 8, tzinfo=UTC)
    end = covered + timedelta(days=1)
    assert windows(order, covered, end + timedelta(minutes=15)) == [Window(covered, end)]
    late = windows(order, covered, end + timedelta(minutes=16))
    assert late == [Window(covered, end, late=True)]


def test_F101_ten_days_down_is_one_edition_or_each() -> None:
    """Ten days down give one edition, or one for each day, over the same time."""
    covered = datetime(2024, 10, 1, 7, tzinfo=UTC)
    now = covered + timedelta(days=10, hours=3)
    one = windows(digest("0 7 * * *", catch_up="one"), covered, now)
    each = windows(digest("0 7 * * *", catch_up="each"), covered, now)
    assert one == [Window(covered, covered + timedelta(days=10), late=True)]
    assert len(each) == 10
    assert (each[0].start, each[-1].end) == (one[0].start, one[0].end)


def test_at_once_covers_everything_since_the_last_time() -> None:
    """A digest without a timetable has one window, up to now."""
    covered = datetime(2024, 10, 18, 7, tzinfo=UTC)
    now = covered + timedelta(seconds=40)
    assert windows(digest("at once"), covered, now) == [Window(covered, now)]
    assert first_covered_until(digest("at once"), now) == now
    assert next_scheduled(digest("at once"), now) is None


def test_a_new_digest_starts_at_the_scheduled_time_before() -> None:
    """A new digest's first edition covers a whole period."""
    now = datetime(2024, 10, 18, 14, 12, tzinfo=UTC)
    order = digest("0 7 * * 1-5", LONDON)
    assert first_covered_until(order, now) == at(LONDON, 2024, 10, 18, 7)
    assert next_scheduled(order, now) == at(LONDON, 2024, 10, 21, 7)


def test_a_new_digest_in_the_repeated_hour_starts_today() -> None:
    """At the second 01:15 of the night, 01:30 has passed once although the clock is before it."""
    now = at(NEW_YORK, 2024, 11, 3, 1, 15, fold=1)
    start = first_covered_until(digest("30 1 * * *", NEW_YORK), now)
    assert start == at(NEW_YORK, 2024, 11, 3, 1, 30, fold=0)


@settings(max_examples=60)
@given(
    schedule=st.sampled_from(
        ["30 2 * * *", "*/20 * * * *", "0 1-3 * * *", "15,45 */2 * * *", "0 0 * * *", "5 4 1 * *"]
    ),
    zone=st.sampled_from(
        [
            NEW_YORK,
            LONDON,
            "Australia/Lord_Howe",
            "Africa/Cairo",
            "America/Santiago",
            "Asia/Kolkata",
        ]
    ),
    start=st.datetimes(datetime(2023, 1, 1), datetime(2025, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone is the argument beside it
    steps=st.lists(st.integers(1, 50_000), min_size=1, max_size=6),
    catch_up=st.sampled_from(["one", "each"]),
)
def test_I3_windows_join_exactly_at_whatever_moments_they_are_asked_for(
    schedule: str, zone: str, start: datetime, steps: list[int], catch_up: str
) -> None:
    """Each window starts where the one before ended, has a length, and ends by now."""
    covered = now = start
    for minutes in steps:
        now += timedelta(minutes=minutes)
        for window in windows(digest(schedule, zone, catch_up), covered, now):
            assert window.start == covered < window.end <= now
            covered = window.end


@pytest.mark.parametrize("text", ["0 7 * * *", "*/15 6-20 * * MON-FRI", "at once", "0 8 L * *"])
def test_a_schedule_that_can_be_used(text: str) -> None:
    """`check_schedule` finds nothing wrong with it."""
    assert check_schedule(text) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "five fields"),
        ("daily", "five fields"),
        ("0 0 7 * * *", "five fields"),
        ("61 7 * * *", "'61' is not a valid minute"),
        ("0 7 * * XYZ", "'XYZ' is not a valid day-of-week"),
        ("0 0 30 2 *", "no such day ever comes"),
        ("at  once", "five fields"),
        ("0 7/x * * *", "'7/x' is not a valid hour"),
    ],
)
def test_a_schedule_that_cannot_be_used_is_told_why(text: str, said: str) -> None:
    """The reason names the field that is wrong."""
    assert said in (check_schedule(text) or "")


def test_zones_are_checked() -> None:
    """Unknown names, paths and empty names are refused with a hint."""
    assert check_zone("Europe/London") is None
    for name in ("Mars/Base", "../etc/passwd", "", "Europe", "a\0b"):
        assert "unknown time zone" in (check_zone(name) or "")


def test_D76_quiet_hours_are_those_of_the_zones_own_clock() -> None:
    """Quiet hours hold over midnight, within a day, and on nights when the clock changes."""
    night = replace(ALERT, quiet="22:00-07:00", zone="Europe/London")
    waits = [held(night, at("UTC", 2024, 10, 26, hour)) for hour in (20, 21)]
    assert waits == [False, True]  # 21:00 and 22:00 of summer time
    assert held(night, at("UTC", 2024, 10, 27, 6, 59))  # winter time has come meanwhile
    assert not held(night, at("UTC", 2024, 10, 27, 7))
    noon = replace(ALERT, quiet="12:00-13:00")
    assert [held(noon, at("UTC", 2024, 10, 27, hour)) for hour in (11, 12, 13)] == [
        False,
        True,
        False,
    ]
    assert not held(replace(noon, schedule="0 7 * * *"), at("UTC", 2024, 10, 27, 12))


@pytest.mark.parametrize("text", ["22-7", "24:00-07:00", "07:00-07:00", "22:00-07:60", "nights"])
def test_D76_quiet_hours_that_cannot_be_used_are_told(text: str) -> None:
    """The error has an example of quiet hours that can be used."""
    assert "22:00-07:00" in str(check_quiet(text))
    assert check_quiet("22:00-07:00") is None


def test_D77_after_so_many_alerts_the_next_one_waits() -> None:
    """The next alert waits until the first is too old to count; a clock put back holds none."""
    now = at("UTC", 2024, 10, 18, 12)
    alerts = [now - timedelta(minutes=minutes) for minutes in (1, 2, 3, 4, 9)]
    assert held(ALERT, now, alerts)
    assert not held(ALERT, now + timedelta(minutes=1), alerts)
    assert not held(ALERT, now, alerts[1:])
    assert not held(ALERT, now - timedelta(days=1), alerts)  # F35
