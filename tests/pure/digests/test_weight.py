"""What a story weighs: each part of the documented function changes it as stated."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digests.weight import age, growth, weight
from monitor.model import Window

END = datetime(2024, 10, 18, 6, tzinfo=UTC)
HOUR, DAY, WEEK = (Window(END - timedelta(hours=hours), END) for hours in (1, 24, 168))


def ago(*hours: float) -> list[datetime]:
    """Times this many hours before the end of the window."""
    return [END - timedelta(hours=some) for some in hours]


def test_more_watchlists_more_outlets_growth_and_freshness_weigh_more() -> None:
    """A story's score, watchlists, outlets and growth raise its weight, and its age lowers it."""
    plain = weight(1, 1, 1, 0, 0)
    assert weight(3, 1, 1, 0, 0) == pytest.approx(2 * plain)
    assert weight(1, 2, 1, 0, 0) == pytest.approx(1.25 * plain)
    assert weight(1, 1, 2, 0, 0) == pytest.approx(1.25 * plain)
    assert weight(1, 1, 1, 1, 0) == pytest.approx(1.25 * plain)
    assert weight(1, 1, 1, 0, 1) == pytest.approx(0.75 * plain)


def test_the_event_of_the_day_stands_above_a_text_full_of_watched_words() -> None:
    """Three watchlists and five outlets outweigh twice the score."""
    assert weight(18, 3, 5, 0, 0.5) > weight(36, 1, 1, 0, 0)


@pytest.mark.parametrize(
    ("case", "window", "joined", "recent", "usual"),
    [
        ("nobody by name", DAY, ago(), 0, 0),
        ("one report", DAY, ago(1), 0, 0),
        ("a second one", DAY, ago(2, 1), 1, 0),
        ("four within six hours", DAY, ago(5, 3, 2, 1), 3, 0),
        ("the same at noon of the day before", DAY, ago(17, 16, 15, 14), 0, 3 * 6 / 11),
        ("one every three hours", DAY, ago(18, 15, 12, 9, 6, 3, 0), 2, 4 * 6 / 12),
        ("and three more", DAY, ago(18, 15, 12, 9, 6, 3, 2, 1, 0, 0), 5, 4 * 6 / 12),
        ("nine at once, then one", DAY, ago(*[8] * 9, 1), 1, 8),
        ("an old story wakes up", DAY, ago(90, 80, 3, 2, 1), 3, 6 / 84),
        ("within an hour", HOUR, ago(0.8, 0.5, 0.2), 2, 0),
        ("an hour as every hour before", HOUR, ago(5, 4, 3, 2, 1, 0.5), 1, 4 / 4),
        ("an hour above those before", HOUR, ago(5, 3, 0.5, 0.2), 2, 1 / 4),
        ("on the last day of a week", WEEK, ago(20, 10, 5), 2, 0),
        ("early in a week", WEEK, ago(150, 140, 130), 0, 2 * 24 / 126),
        ("after the end", DAY, ago(2, -1, -2), 0, 0),
    ],
)
def test_growth_sets_the_last_hours_against_the_rate_before(
    case: str, window: Window, joined: list[datetime], recent: int, usual: float
) -> None:
    """The last quarter of a window (an hour to a day) is compared with the time before."""
    wanted = max(0, (recent - usual) / (recent + usual + 2))
    assert growth(joined, window) == pytest.approx(wanted), case


MOMENTS = st.lists(st.floats(0, 400), max_size=30)


@given(st.sampled_from([HOUR, DAY, WEEK]), MOMENTS)
def test_growth_is_bounded_whatever_is_told(window: Window, hours: list[float]) -> None:
    assert 0 <= growth(ago(*hours), window) < 1


@given(st.sampled_from([HOUR, DAY, WEEK]), st.lists(st.floats(0, 400), min_size=1, max_size=30))
def test_one_more_at_the_end_never_makes_a_story_grow_less(
    window: Window, hours: list[float]
) -> None:
    assert growth(ago(*hours, 0), window) >= growth(ago(*hours), window)


@given(MOMENTS, st.floats(0, 10_000))
def test_growth_does_not_hang_on_the_date(hours: list[float], later: float) -> None:
    """A shift of the window and all times by whole hours changes nothing."""
    shift = timedelta(hours=round(later))
    moved = Window(DAY.start + shift, DAY.end + shift)
    assert growth([at + shift for at in ago(*hours)], moved) == growth(ago(*hours), DAY)


def test_age_is_that_of_the_newest_report() -> None:
    """Age is 0 at the end of the window, and 1 at its start, before it and without any date."""
    assert [age(ago(*hours), DAY) for hours in ((30, 6), (40,), (-2,), ())] == [0.25, 1, 0, 1]
    assert age(ago(1), Window(END, END)) == 1
