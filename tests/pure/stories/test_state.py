"""A story is new, growing or stale by how many articles an hour report it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.stories.state import state_of

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours_ago", "state"),
    [
        ((1,), "new"),
        ((24,), "new"),
        ((24.1,), "stale"),
        ((1, 2, 3), "growing"),
        ((1, 2), "new"),
        ((1, 2, 3, 7, 8, 9), "new"),
        ((1, 2, 3, 7, 8, 50), "growing"),
        ((1, 2, 3, 7, 8, 9, 50), "stale"),
        ((1, 50), "stale"),
        ((), "stale"),
        ((-1, -2, -3, 2), "new"),
    ],
)
def test_a_story_has_one_of_three_states(hours_ago: tuple[float, ...], state: str) -> None:
    assert state_of([NOW - timedelta(hours=ago) for ago in hours_ago], NOW) == state
