"""Processes that share a host take turns with the manners of a single one (P45, P46, P31)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select
from support.answers import failed, good
from support.server import HANG, Script, Seen, Server, answer

from monitor.errors import UnavailableError
from monitor.fetch.client import Client, FetchSettings
from monitor.fetch.hosts import Wait, Wish
from monitor.model import FailureKind, Request
from monitor.pipeline.hosts import StoredHosts
from monitor.store import Store, hosts, schema
from monitor.testing import FakeClock

pytestmark = pytest.mark.postgres
NOW = FakeClock().now()
SECOND = timedelta(seconds=1)
STARTED = select(schema.hosts.c.started)


@pytest.fixture
async def clients(shared: Store, clock: FakeClock) -> AsyncIterator[tuple[Client, Client]]:
    """Return two clients that, like two processes, share only the database and the time."""
    # The limit is an hour by the fake clock, so that no waiting request times out on a slow
    # machine.
    settings = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=3600)
    async with AsyncExitStack() as stack:
        pair = [
            await stack.enter_async_context(
                Client(
                    settings, clock, None, None, StoredHosts(shared, owner, lambda _: clock.now())
                )
            )
            for owner in ("one", "two")
        ]
        yield pair[0], pair[1]


@pytest.mark.anyio
async def test_p45_p46_two_processes_ask_one_host_one_at_a_time_and_two_seconds_apart(
    clients: tuple[Client, Client], server: Server, shared: Store
) -> None:
    """Times are taken from the record that grants turns: a waiting client moves the clock even
    while another request is in flight."""
    begun: list[datetime] = []

    def note(_seen: Seen) -> Script:
        begun.append(shared.read_now(lambda reading: reading.scalars(STARTED).one()))
        return [0.001, *answer(b"x", headers={"Content-Type": "text/html"})]

    server.on("*", note)
    asked = []
    for number in range(8):
        client = clients[number % 2]
        asked.append(client.get(Request(url=server.url(f"/{number}"))))
        asked.append(client.article(server.url(f"/page/{number}")))
    for one in await asyncio.gather(*asked):
        good(one)
    assert server.most_in_flight == 1
    assert len(begun) == 16 + 2  # robots.txt included, once for each of the two
    assert all(later - earlier >= 2 * SECOND for earlier, later in pairwise(begun))


@pytest.mark.anyio
async def test_p31_a_pause_that_one_process_was_told_holds_for_the_other(
    clients: tuple[Client, Client], server: Server, clock: FakeClock
) -> None:
    server.on("*", answer(b"", 429, {"Retry-After": "600"}), answer(b"x"))
    assert good(await clients[0].get(Request(url=server.url("/")))).status == 429
    failed(await clients[1].get(Request(url=server.url("/other"))), FailureKind.PAUSED)
    assert len(server.requests) == 1
    clock.advance(600)
    assert good(await clients[1].get(Request(url=server.url("/other")))).status == 200


@pytest.mark.anyio
async def test_p30_p31_a_pause_that_was_recorded_is_cut_to_what_the_settings_grant_now(
    shared: Store, server: Server, clock: FakeClock
) -> None:
    """Told to wait 7 days, then `longest_wait` is lowered to 2: it is cut once, not at each ask."""
    day = timedelta(days=1)
    server.on("*", answer(b"", 429, {"Retry-After": str(7 * 86400)}), answer(b"x"))
    async with _with(shared, clock) as client:
        assert good(await client.get(Request(url=server.url("/")))).status == 429
    until = clock.now() + 2 * day
    for _ in range(3):
        async with _with(shared, clock, longest_pause_s=2 * 86400) as client:
            paused = failed(await client.get(Request(url=server.url("/"))), FailureKind.PAUSED)
            assert paused.retry_at == until
        clock.advance(0.6 * day)
    clock.advance(until - clock.now())
    async with _with(shared, clock, longest_pause_s=2 * 86400) as client:
        assert good(await client.get(Request(url=server.url("/")))).status == 200


@pytest.mark.anyio
async def test_p31_a_host_that_is_said_to_be_shared_since_is_not_paused_by_what_was_recorded(
    shared: Store, server: Server, clock: FakeClock
) -> None:
    server.on("*", answer(b"", 429, {"Retry-After": "86400"}), answer(b"x"))
    async with _with(shared, clock) as client:
        assert good(await client.get(Request(url=server.url("/")))).status == 429
    clock.advance(60)
    async with _with(shared, clock, shared_hosts=("127.0.0.1",)) as client:
        assert good(await client.get(Request(url=server.url("/other")))).status == 200


def _with(shared: Store, clock: FakeClock, **chosen: Any) -> Client:
    """Return the client of a process with these settings."""
    settings = FetchSettings(allow_private=("127.0.0.0/8",), **chosen)
    return Client(settings, clock, None, None, StoredHosts(shared, "one", lambda _: clock.now()))


@pytest.mark.anyio
async def test_p45_who_is_called_off_leaves_no_turn_taken(
    clients: tuple[Client, Client], server: Server, shared: Store
) -> None:
    server.on("/hangs", (HANG,))
    server.on("/", answer(b"x"))
    asking = asyncio.create_task(clients[0].get(Request(url=server.url("/hangs"))))
    await server.came.wait()
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    assert good(await clients[1].get(Request(url=server.url("/")))).status == 200


def test_the_turns_of_a_dead_owner_are_free_at_once(shared: Store) -> None:
    until = (NOW + 60 * SECOND).isoformat()
    for host in ("a.example", "b.example"):
        shared.write_now(hosts.hold, host)
    turns = {"daemon/1": until, "worker/1": until}
    shared.write_now(hosts.save, "a.example", {"started": NOW, "turns": turns})
    assert shared.write_now(hosts.free, "daemon") == 1
    assert set(shared.write_now(hosts.hold, "a.example")["turns"]) == {"worker/1"}


def test_hosts_that_nobody_asks_are_forgotten_but_for_those_that_are_paused(shared: Store) -> None:
    day = timedelta(days=1)
    for host, paused in (("a.example", None), ("b.example", NOW + 2 * day)):
        shared.write_now(hosts.hold, host)
        shared.write_now(hosts.save, host, {"started": NOW, "paused_until": paused})
    assert shared.write_now(hosts.expire, NOW + day) == 1
    assert shared.write_now(hosts.hold, "b.example")["paused_until"] == NOW + 2 * day


def test_the_time_is_the_servers(shared: Store) -> None:
    first, second = shared.write_now(lambda one: (hosts.now(one), hosts.now(one)))
    assert first < second


class Away:
    """A host record whose database does not answer."""

    def mark(self) -> str:
        return "us/1"

    async def begin(self, host: str, wish: Wish) -> Wait | None:
        raise UnavailableError("the database does not answer")

    async def end(self, host: str, mark: str, pause_s: float) -> None:
        return None


@pytest.mark.anyio
async def test_F28_where_the_turns_of_others_cannot_be_known_nothing_is_sent(
    server: Server, clock: FakeClock
) -> None:
    server.on("*", answer(b"x"))
    settings = FetchSettings(allow_private=("127.0.0.0/8",))
    async with Client(settings, clock, None, None, Away()) as client:
        with pytest.raises(UnavailableError):
            await client.get(Request(url=server.url("/")))
        failed(await client.post(server.url("/hook"), b"x"), FailureKind.PAUSED)
    assert server.requests == []
