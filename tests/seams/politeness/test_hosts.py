"""Hosts that ask for quiet, over restarts and redirects; nobody else is ever contacted."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection
from support.answers import failed, good
from support.days import gaps, live, settings
from support.doomed import doomed
from support.server import Script, Seen, Server, answer, redirect
from support.world import item, page, rss, world

from monitor import app
from monitor import store as stores
from monitor.cli import feeds_found
from monitor.config import Settings
from monitor.errors import TryLaterError, UnavailableError
from monitor.fetch.client import Client, FetchSettings
from monitor.fetch.settings import HostSettings
from monitor.model import FailureKind, Feed, Request
from monitor.pipeline.parts import Memory, Parts, at_once
from monitor.runners import inline
from monitor.store import Store, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("heard_by", ["feed", "page", "robots", "redirect", "message"])
async def test_p31_p22_a_host_that_said_429_is_left_alone_by_the_next_process_too(
    store: Store, clock: FakeClock, server: Server, heard_by: str
) -> None:
    """Feeds, pages and robots.txt of that host wait, whichever process heard the answer."""
    chosen = settings(store, Feed(url=server.url("/a")))
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        await _hear(parts, clock, server, heard_by)
    heard = len(server.requests)
    clock.advance(HOUR)
    await _nothing_is_asked(chosen, clock, store, server)
    assert len(server.requests) == heard
    clock.advance(HOUR)
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        good(await parts.fetch.article(server.url("/page")))
        await live(replace(parts, compute=at_once), clock, 2 * HOUR)
    assert gaps(server.requests)[heard - 1] >= 2 * HOUR
    assert len(server.asked("/a")) >= 1


async def _hear(parts: Parts, clock: FakeClock, server: Server, by: str) -> None:
    """Have the server ask for two hours of quiet, once."""
    busy = answer(status=429, headers={"Retry-After": "7200"})
    server.on("*", answer(rss()))
    match by:
        case "feed":
            server.on("/a", busy, answer(rss()))
            await live(replace(parts, compute=at_once), clock, timedelta(seconds=1))
        case "page":
            server.on("/page", busy, answer(rss()))
            good(await parts.fetch.article(server.url("/page")))
        case "robots":
            server.on("/robots.txt", busy, answer(b""))
            await parts.fetch.article(server.url("/page"))
        case "redirect":
            async with Server(host="127.0.0.2", clock=clock.monotonic) as other:
                other.on("/old", redirect(server.url("/busy")))
                server.on("/busy", busy)
                good(await parts.fetch.get(Request(url=other.url("/old"))))
        case "message":
            server.on("/hook", busy)
            await parts.world.post(server.url("/hook"), b"news")


async def _nothing_is_asked(
    chosen: Settings, clock: FakeClock, store: Store, server: Server
) -> None:
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        failed(await parts.fetch.get(Request(url=server.url("/b"))), FailureKind.PAUSED)
        failed(await parts.fetch.article(server.url("/page")), FailureKind.PAUSED)
        failed(await parts.world.post(server.url("/hook"), b"news"), FailureKind.PAUSED)
        with pytest.raises(UnavailableError, match="asked us to wait"):
            await feeds_found.look(parts, server.url("/"))
        await live(replace(parts, compute=at_once), clock, timedelta(seconds=1))


async def test_p31_the_pause_of_a_host_outlasts_a_process_that_was_killed(
    tmp_path: Path, clock: FakeClock, server: Server
) -> None:
    busy = answer(status=429, headers={"Retry-After": "7200"})
    server.on("/a", busy, answer(rss()))
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        chosen = settings(store, fetch={"spacing_s": 5})
        assert await asyncio.to_thread(doomed, _asks_and_dies, chosen, server.url("/a")) == KILLED
        assert len(server.requests) == 1
        clock.advance(7198)
        await _nothing_is_asked(chosen, clock, store, server)
        clock.advance(2)
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            good(await parts.fetch.get(Request(url=server.url("/a"))))
    assert len(server.requests) == 2


async def test_p45_p46_after_a_kill_no_host_is_asked_before_its_spacing_has_passed(
    tmp_path: Path, clock: FakeClock, server: Server
) -> None:
    """Nobody knows whom a killed process asked: all hosts count as asked when the next begins.

    Not more than that: the one after it knows better again, even if it has asked other hosts.
    """
    server.on("*", answer(rss()))
    begun: list[float] = []
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        chosen = settings(store, fetch={"spacing_s": 5})
        assert await asyncio.to_thread(doomed, _asks_and_dies, chosen, server.url("/a")) == KILLED
        async with app.open_parts(chosen, clock=clock, store=store):
            clock.advance(60)  # a command that asks nobody changes nothing
        async with Server(host="127.0.0.2", clock=clock.monotonic) as other:
            other.on("*", answer(rss()))
            begun.append(clock.monotonic())
            async with app.open_parts(chosen, clock=clock, store=store) as parts:
                good(await parts.fetch.get(Request(url=other.url("/b"))))
            assert [seen.at for seen in other.requests] == [begun[0] + 5]
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            good(await parts.fetch.get(Request(url=server.url("/c"))))
        clock.advance(5)
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            good(await parts.fetch.get(Request(url=server.url("/d"))))
    assert [seen.at for seen in server.asked("/c")] == [begun[0] + 5]
    assert [seen.at for seen in server.asked("/d")] == [begun[0] + 10]


async def test_p45_a_crawl_delay_is_kept_after_a_kill_by_all_who_come_meanwhile(
    tmp_path: Path, clock: FakeClock, server: Server
) -> None:
    server.on("/robots.txt", answer(b"User-agent: *\nCrawl-delay: 30"))
    server.on("*", answer(rss()))
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        chosen = settings(store, fetch={"spacing_s": 0})
        assert await asyncio.to_thread(doomed, _asks_and_dies, chosen, server.url("/a")) == KILLED
        begun = clock.monotonic()
        for host in ("127.0.0.2", "127.0.0.3"):
            async with (
                Server(host=host, clock=clock.monotonic) as other,
                app.open_parts(chosen, clock=clock, store=store) as parts,
            ):
                other.on("*", answer(rss()))
                good(await parts.fetch.get(Request(url=other.url("/feed"))))
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            good(await parts.fetch.article(server.url("/page")))
    assert server.asked("/page")[0].at == begun + 30


async def test_p45_while_another_process_is_asking_it_stays_open_whom_it_asked(
    tmp_path: Path, clock: FakeClock, server: Server
) -> None:
    """A command comes and goes beside a daemon that is killed later."""
    server.on("*", answer(rss()))
    url = f"sqlite:///{tmp_path / 'monitor.sqlite3'}"
    with stores.open(url) as store:
        chosen = settings(store, fetch={"spacing_s": 5})
        async with app.open_parts(chosen, clock=clock, store=store) as daemon:
            good(await daemon.fetch.get(Request(url=server.url("/a"))))
            clock.advance(60)
            for path in ("/b", "/c"):
                async with app.open_parts(chosen, clock=clock, store=store) as parts:
                    begun = clock.monotonic()
                    good(await parts.fetch.get(Request(url=server.url(path))))
                assert server.asked(path)[0].at == begun + 5
                clock.advance(60)
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            begun = clock.monotonic()
            good(await parts.fetch.get(Request(url=server.url("/d"))))
        assert server.asked("/d")[0].at == begun


KILLED = -signal.SIGKILL


def _asks_and_dies(chosen: Settings, url: str) -> None:
    async def asks() -> None:
        async with app.open_parts(chosen, clock=FakeClock()) as parts:
            good(await parts.fetch.get(Request(url=url)))
            os.kill(os.getpid(), signal.SIGKILL)

    asyncio.run(asks())


async def test_p31_p41_a_pause_that_was_noted_survives_a_clock_put_back(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """It is kept in full, counted from the next start, and ends."""
    chosen = settings(store, Feed(url=server.url("/a")))
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        await _hear(parts, clock, server, "page")
    clock.jump(clock.now() - timedelta(days=300))
    asked = len(server.requests)
    for _ in range(2):
        await _nothing_is_asked(chosen, clock, store, server)
        clock.advance(HOUR - timedelta(seconds=1))
    assert len(server.requests) == asked
    clock.advance(1)
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        good(await parts.fetch.article(server.url("/page")))


async def test_F20_F28_what_cannot_be_noted_keeps_requests_from_being_sent_and_pauses_in_mind(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """As it is where processes share their turns. When there is room again, it goes on."""
    chosen = settings(store)
    server.on("*", answer(rss()))
    server.on("/page", answer(status=429, headers={"Retry-After": "7200"}))
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        with _full(store), pytest.raises(TryLaterError, match="the disk is full"):
            await parts.fetch.get(Request(url=server.url("/a")))
        assert server.requests == []
        good(await parts.fetch.get(Request(url=server.url("/a"))))
        with _full(store):
            assert good(await parts.fetch.article(server.url("/page"))).status == 429
        failed(await parts.fetch.get(Request(url=server.url("/a"))), FailureKind.PAUSED)


@contextmanager
def _full(store: Store) -> Iterator[None]:
    """The database says meanwhile that there is no room for what is known of hosts."""
    for what in ("INSERT", "UPDATE"):
        store.write_now(_says, f"CREATE TRIGGER {what}_full BEFORE {what} ON hosts {_NO_ROOM}")
    yield
    for what in ("INSERT", "UPDATE"):
        store.write_now(_says, f"DROP TRIGGER {what}_full")


_NO_ROOM = "BEGIN SELECT RAISE(ABORT, 'database or disk is full'); END"


def _says(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement)


@pytest.mark.parametrize(("alone", "asked"), [(False, 1), (True, 0)])
async def test_p31_a_503_of_an_earlier_process_speaks_for_its_feed_only(
    store: Store, clock: FakeClock, server: Server, alone: bool, asked: int
) -> None:
    """Unless the operator has said that at this host it speaks for all."""
    server.on("/a", answer(status=503, headers={"Retry-After": "7200"}))
    server.on("/b", answer(rss()))
    hosts = {"127.0.0.1": HostSettings(pause_on_503=alone)}
    wanted = [Feed(url=server.url(path)) for path in ("/a", "/b")]
    chosen = settings(store, *wanted, hosts=hosts)
    store.write_now(feeds.sync, chosen.feeds[:1], clock.now(), lambda _feed: clock.now())
    for span in (timedelta(seconds=1), HOUR):
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            await live(replace(parts, compute=at_once), clock, span)
    assert len(server.asked("/a")) == 1
    assert min(len(server.asked("/b")), 1) == asked


async def test_p46_f111_the_spacing_of_hosts_outlasts_the_settings(
    tmp_path: Path, clock: FakeClock, server: Server
) -> None:
    """Spacing holds although a daemon that takes changed settings has a new client at once."""
    server.on("*", answer(rss()))
    memory = Memory()
    with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
        chosen = settings(store, fetch={"spacing_s": 5})
        for path in ("/a", "/b"):
            lasting = memory.under_other_settings()
            async with app.open_parts(chosen, clock=clock, store=store, memory=lasting) as parts:
                good(await parts.fetch.get(Request(url=server.url(path))))
    assert gaps(server.requests) == [timedelta(seconds=5)]


async def test_p45_p46_the_spacing_of_hosts_outlasts_the_process(
    tmp_path: Path, clock: FakeClock, server: Server
) -> None:
    """Spacing holds between commands that follow at once; the time between them counts."""
    server.on("*", answer(rss()))
    for path, pause_s in (("/a", 1), ("/b", 7), ("/c", 0), ("/d", 0)):
        with stores.open(f"sqlite:///{tmp_path / 'monitor.sqlite3'}") as store:
            chosen = settings(store, fetch={"spacing_s": 5})
            async with app.open_parts(chosen, clock=clock, store=store) as parts:
                good(await parts.fetch.get(Request(url=server.url(path))))
        clock.advance(pause_s)
    assert gaps(server.requests) == [timedelta(seconds=left) for left in (5, 7, 5)]


CLIENT = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=2)


@pytest.mark.parametrize(("wait", "asked"), [(30, 1), (120, 1), (121, 0), (7200, 0)])
async def test_p46_p50_a_short_pause_behind_a_redirect_is_sat_out(
    clock: FakeClock, server: Server, wait: int, asked: int
) -> None:
    """The old address is not requested again merely because the new host asked for a minute."""
    server.on("/new", answer(rss()))
    async with Client(CLIENT, clock) as client:

        def moved(_seen: Seen) -> Script:
            _pause(client, server, wait)
            return redirect("/new", 301)

        server.on("/old", moved)
        found = await client.get(Request(url=server.url("/old")))
    assert len(server.asked("/old")) == 1
    assert len(server.asked("/new")) == asked
    if asked:
        assert good(found).status == 200
        assert gaps(server.requests)[0] >= timedelta(seconds=wait - 1)
    else:
        assert failed(found, FailureKind.PAUSED).retry_at is not None


def _pause(client: Client, server: Server, wait: float) -> None:
    """Act as if another feed of the host had been answered 429 while this one was in flight."""
    client.leave(f"127.0.0.1:{server.port}", wait)


async def test_p31_p46_a_feed_whose_host_is_paused_is_not_asked_at_all(
    clock: FakeClock, server: Server
) -> None:
    """Only what is in flight waits; what has not begun is told when to come back."""
    async with Client(CLIENT, clock) as client:
        _pause(client, server, 30)
        failed(await client.get(Request(url=server.url("/feed"))), FailureKind.PAUSED)
    assert server.requests == []


async def test_p31_what_an_earlier_process_heard_is_taken_with_sense(
    clock: FakeClock, server: Server
) -> None:
    """Ended pauses and pauses of shared hosts are ignored; a pause has its limit."""
    server.on("/feed", answer(rss()))
    chosen = replace(CLIENT, spacing_s=0, shared_hosts=("127.0.0.1",))
    async with Client(chosen, clock) as client:
        _pause(client, server, HOUR.total_seconds())
        good(await client.get(Request(url=server.url("/feed"))))
    async with Client(CLIENT, clock) as client:
        _pause(client, server, -HOUR.total_seconds())
        good(await client.get(Request(url=server.url("/feed"))))
        _pause(client, server, timedelta(days=400).total_seconds())
        refused = failed(await client.get(Request(url=server.url("/feed"))), FailureKind.PAUSED)
    assert refused.retry_at == clock.now() + timedelta(days=7)
    speaking = {"127.0.0.1": HostSettings(pause_on_503=True)}
    async with Client(replace(chosen, hosts=speaking), clock) as client:
        _pause(client, server, HOUR.total_seconds())  # it may have been a 503, which counts here
        failed(await client.get(Request(url=server.url("/feed"))), FailureKind.PAUSED)


# ------------------------------------------------------------------------- other traffic

_heard: list[tuple[str, object]] | None = None


def _listen(event: str, args: tuple[object, ...]) -> None:
    if _heard is not None and event in ("socket.connect", "socket.getaddrinfo", "socket.sendto"):
        _heard.append((event, args))


sys.addaudithook(_listen)


@contextmanager
def all_sockets() -> Iterator[list[tuple[str, object]]]:
    """Yield what Python reports meanwhile about connections and name look-ups."""
    global _heard  # an audit hook cannot be removed, only made deaf
    _heard = heard = []
    try:
        yield heard
    finally:
        _heard = None


async def test_p101_p107_only_feeds_articles_and_robots_are_asked_and_no_hub(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """No telemetry, update check, icon or hub is contacted: all sockets lead to the one server."""
    hub = "<link xmlns='http://www.w3.org/2005/Atom' rel='hub' href='http://hub.test/'/>"
    linked = {"Link": '<http://hub.test/>; rel="hub", <http://self.test/feed>; rel="self"'}
    server.on("/feed", answer(rss(hub, item(1, server.url("/1"))), headers=linked))
    server.on(
        "/1", answer(page("Report 1", "NATO sent ships."), headers={"Content-Type": "text/html"})
    )
    wanted = [Feed(url=server.url("/feed"))]
    with all_sockets() as heard:
        async with world(store, clock, wanted, printed=[]) as parts:
            for _ in range(3):
                await inline.tell(parts, await inline.journey(parts))
                clock.advance(HOUR)
    assert {seen.path for seen in server.requests} == {"/feed", "/robots.txt", "/1"}
    assert heard
    assert {args[1] for _, args in heard} == {("127.0.0.1", server.port)}
