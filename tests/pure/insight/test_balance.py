"""What does not add up: times in two editions or none, articles that no rule leaves out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.insight.balance import News, Since, Sum, Told, Untold, no_news, windows

NOON = datetime(2024, 10, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def told(number: int, start: int, end: int) -> Told:
    """An edition with a window in hours after noon, published at its end."""
    return Told(number, NOON + start * HOUR, NOON + end * HOUR, NOON + end * HOUR)


@pytest.mark.parametrize(
    ("second", "covered", "said"),
    [
        (told(2, 1, 2), (2, 2), []),
        (told(2, 1, 2), (2, 3), []),  # an hour without news has moved the pointer on
        (told(2, 2, 3), (2, 3), ["desk 2: 1:00:00 before it are in no edition"]),
        (told(2, 0, 2), (2, 2), ["desk 2: begins 1:00:00 before 1 ends"]),
        (told(3, 1, 2), (3, 2), ["desk 3: the edition before it is 1"]),
        (told(2, 1, 2), (3, 2), ["desk: its newest edition is 2, its count says 3"]),
        (told(2, 0, 0), (2, 0), []),  # F35: the first was published by a clock that ran ahead
        (told(2, 1, 9), (2, 1), []),  # F35: as is the second, which is put back already
        (told(2, 1, 2), (2, 1), ["desk 2: ends after the time that counts as told"]),
    ],
)
def test_windows_of_a_digest(second: Told, covered: tuple[int, int], said: list[str]) -> None:
    pointer = (covered[0], NOON + covered[1] * HOUR)
    now = NOON + 3 * HOUR
    assert windows("desk", [told(1, 0, 1), second], pointer, now, joined=True) == said


def test_an_alert_may_leave_hours_out() -> None:
    editions = [told(1, 0, 1), told(2, 5, 6)]
    assert windows("alert", editions, (2, editions[1].end), editions[1].end, joined=False) == []


SINCE = Since(NOON, {"nato": NOON + HOUR}, (NOON, NOON + 2 * HOUR))


def article(
    *matches: tuple[str, int, bool],
    published: int | None = 1,
    baseline: bool = False,
    waits: bool = False,
) -> Untold:
    """An article with matches: (watchlist, hours after noon, whether it matched only again)."""
    when = None if published is None else NOON + published * HOUR
    brought = tuple(News(name, NOON + at * HOUR, again) for name, at, again in matches)
    return Untold(when, baseline, waits, brought)


@pytest.mark.parametrize(
    ("untold", "rule"),
    [
        (article(("nato", 3, False)), ""),
        (article(("nato", 3, False), ("nato", 0, True)), ""),
        (article(("nato", 3, False), waits=True), "waiting for a story"),
        (article(("nato", 3, True)), "matched only again, after a change"),
        (article(("nato", 0, False)), "before the digest began"),
        (article(("drones", 3, False)), "before the digest asked for its watchlist"),
        (article(("nato", 1, False)), ""),
        (article(("drones", 3, False), ("nato", 3, False)), ""),
        (article(("nato", 3, False), baseline=True), "old when its feed was first asked"),
        (article(("nato", 3, False), baseline=True, published=3), ""),
        (
            article(("nato", 3, False), baseline=True, published=None),
            "old when its feed was first asked",
        ),
    ],
)
def test_the_rule_by_which_an_article_is_not_told(untold: Untold, rule: str) -> None:
    assert no_news(untold, SINCE) == rule


def test_a_sum_adds_up() -> None:
    assert Sum("entries", 3, {"article": 2, "duplicate": 1}).adds_up
    assert not Sum("entries", 3, {"article": 2}).adds_up
    assert not Sum("entries", 3, {"article": 3}, ("entry 1: lost",)).adds_up
    assert Sum("editions", 3, {}).adds_up
