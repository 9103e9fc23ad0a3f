"""A recording server, a fake clock and the clients that use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from monitor.fetch.client import Client, FetchSettings
from monitor.testing import FakeClock

MakeClient = Callable[..., Awaitable[Client]]


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, bool]]:
    """Return the event loop that commands and the daemon run on."""
    return "asyncio", {"use_uvloop": True}


@pytest.fixture
async def make_client(clock: FakeClock) -> AsyncIterator[MakeClient]:
    """Make clients that may reach loopback and have time enough; all are closed after the test."""
    async with AsyncExitStack() as stack:

        async def make(
            resolver: object = None, memory: object = None, **settings: object
        ) -> Client:
            chosen = {"allow_private": ("127.0.0.0/8",), "timeout_s": 10.0, **settings}
            client = Client(FetchSettings(**chosen), clock, resolver, memory)
            return await stack.enter_async_context(client)

        yield make


@pytest.fixture
async def client(make_client: MakeClient) -> Client:
    return await make_client()
