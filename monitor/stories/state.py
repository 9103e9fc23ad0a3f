"""Whether a story is new, growing or stale, by how many articles tell it lately."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

SPAN = timedelta(hours=6)
"""The articles of the last such span are compared with those of the span before."""
LEAST = 3
"""Fewer articles than this in `SPAN` are not growth."""
YOUNG = timedelta(hours=24)
"""How long a story is new after its first article."""


class StoryState(StrEnum):
    """How a story moves."""

    NEW = "new"
    """First told within a day, and not growing."""
    GROWING = "growing"
    """Told by three articles or more in the last six hours, and by more than in the six hours
    before."""
    STALE = "stale"
    """First told more than a day ago, and not growing."""


def state_of(times: Iterable[datetime], now: datetime) -> StoryState:
    """The state of a story whose articles were told at these times.

    Articles later than `now` are ignored; a story without any is stale.
    """
    told = [at for at in times if at <= now]
    recent = sum(at > now - SPAN for at in told)
    before = sum(now - 2 * SPAN < at <= now - SPAN for at in told)
    if recent >= LEAST and recent > before:
        return StoryState.GROWING
    if told and now - min(told) <= YOUNG:
        return StoryState.NEW
    return StoryState.STALE
