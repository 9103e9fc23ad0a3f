"""Fakes of the outside world that we ship, for our tests and those of programs built on us."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock that stands still until it is advanced or asked to sleep.

    `sleep` moves the time at once (and yields to other tasks), so that days take milliseconds.
    """

    def __init__(self, now: datetime | None = None) -> None:
        self._now = now or datetime(2024, 10, 18, 6, 0, tzinfo=UTC)
        self._monotonic = 1000.0

    def now(self) -> datetime:
        """The time it was set to, plus what has passed since."""
        return self._now

    def monotonic(self) -> float:
        """Seconds, moved only by `advance` and `sleep`."""
        return self._monotonic

    def advance(self, by: timedelta | float) -> None:
        """Move the time forward by a timedelta or by seconds."""
        step = by if isinstance(by, timedelta) else timedelta(seconds=by)
        self._now += step
        self._monotonic += step.total_seconds()

    def jump(self, to: datetime) -> None:
        """Set the time of day only, as a person or NTP does: the monotonic clock does not move."""
        self._now = to

    async def sleep(self, seconds: float) -> None:
        """Let the time pass at once."""
        self.advance(seconds)
        await asyncio.sleep(0)
