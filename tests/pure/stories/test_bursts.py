"""Bursts are counted in stories against the same weekday, and never guessed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from monitor.stories.bursts import Sighting, at_least, bursts

DAY = date(2024, 10, 18)
LONG_AGO = DAY - timedelta(weeks=20)


def seen(day: date, stories: int, articles_each: int = 1) -> list[Sighting]:
    return [
        Sighting(
            day=day, watchlist="drones", term="drone", story_id=story,
            article_id=100 * day.toordinal() + 10 * story + number,
        )
        for story in range(stories)
        for number in range(articles_each)
    ]  # fmt: skip


def weeks(stories: int) -> list[Sighting]:
    return [one for week in range(1, 9) for one in seen(DAY - timedelta(weeks=week), stories)]


def test_many_stories_on_a_day_that_is_usually_calm_are_a_burst() -> None:
    [found] = bursts([*weeks(1), *seen(DAY, 9)], DAY, LONG_AGO)
    assert found.burst
    assert (found.stories, found.usual, len(found.articles)) == (9, 1.0, 9)
    assert found.why == "9 stories against 1.0 on 8 Fridays"


def test_many_articles_of_one_story_are_none() -> None:
    [found] = bursts([*weeks(1), *seen(DAY, 1, articles_each=9)], DAY, LONG_AGO)
    assert not found.burst
    assert (found.stories, len(found.articles)) == (1, 9)


def test_a_busy_weekday_is_compared_with_itself() -> None:
    [found] = bursts([*weeks(9), *seen(DAY, 9)], DAY, LONG_AGO)
    assert not found.burst


@pytest.mark.parametrize(("weeks_on_record", "enough"), [(0, False), (3, False), (4, True)])
def test_without_enough_weeks_nothing_is_guessed(weeks_on_record: int, enough: bool) -> None:
    [found] = bursts(seen(DAY, 30), DAY, DAY - timedelta(weeks=weeks_on_record))
    assert found.burst is enough
    assert (found.usual is None) is not enough
    assert ("not enough history" in found.why) is not enough


def test_days_on_which_nothing_was_read_are_no_history() -> None:
    """A week in which the monitor stood still is no calm week."""
    blank = [DAY - timedelta(weeks=week) for week in (2, 3, 4, 5, 6)]
    [found] = bursts([*weeks(1), *seen(DAY, 9)], DAY, LONG_AGO, blank)
    assert (found.usual, found.why) == (None, "not enough history: 3 of 4 Fridays")


def test_days_before_the_record_and_after_the_day_do_not_count() -> None:
    late = seen(DAY + timedelta(days=7), 50)
    [found] = bursts([*weeks(9), *late, *seen(DAY, 9)], DAY, DAY - timedelta(weeks=4))
    assert (found.usual, found.stories) == (9.0, 9)
    assert bursts(late, DAY, LONG_AGO) == []


def test_the_chance_of_so_many_is_that_of_poisson() -> None:
    assert at_least(0, 3.0) == pytest.approx(1.0)
    assert at_least(1, 0.5) == pytest.approx(0.6321205588)
