"""A server that notes arrivals by the injected clock, and a store of one kind."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from support.server import Server

from monitor.testing import FakeClock


@pytest.fixture
def kind() -> str:
    """Return SQLite alone: manners do not depend on the database."""
    return "sqlite"


@pytest.fixture
async def server(clock: FakeClock) -> AsyncIterator[Server]:
    async with Server(clock=clock.monotonic) as running:
        yield running
