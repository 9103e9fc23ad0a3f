"""Hosts that ask for quiet, over restarts and redirects; nobody else is ever contacted."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.answers import failed, good
from support.days import gaps, live, settings
from support.server import Script, Seen, Server, answer, redirect
from support.world import item, page, rss, world

from monitor import app
from monitor import store as stores
from monitor.fetch.client import Client, FetchSettings
from monitor.model import FailureKind, Feed, Request
from monitor.pipeline.parts import Memory, at_once
from monitor.runners import inline
from monitor.store import Store, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


async def test_p31_p22_a_host_that_said_429_is_left_alone_by_the_next_process_too(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Feeds, pages and robots.txt of that host wait, whichever process heard the answer."""
    busy = answer(status=429, headers={"Retry-After": "7200"})
    server.on("*", busy, answer(rss()))
    chosen = settings(store, *(Feed(url=server.url(path)) for path in ("/a", "/b")))
    store.write_now(feeds.sync, chosen.feeds[:1], clock.now(), lambda _feed: clock.now())
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        await live(replace(parts, compute=at_once), clock, timedelta(seconds=1))
        assert len(server.requests) == 1
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        await live(replace(parts, compute=at_once), clock, HOUR)
        failed(await parts.fetch.article(server.url("/page")), FailureKind.PAUSED)
        assert len(server.requests) == 1
        await live(replace(parts, compute=at_once), clock, 2 * HOUR)
    assert len(server.asked("/b")) >= 1
    assert gaps(server.requests)[0] >= 2 * HOUR


async def test_p31_a_503_of_an_earlier_process_speaks_for_its_feed_only(
    store: Store, clock: FakeClock, server: Server
) -> None:
    server.on("/a", answer(status=503, headers={"Retry-After": "7200"}))
    server.on("/b", answer(rss()))
    chosen = settings(store, *(Feed(url=server.url(path)) for path in ("/a", "/b")))
    store.write_now(feeds.sync, chosen.feeds[:1], clock.now(), lambda _feed: clock.now())
    for span in (timedelta(seconds=1), HOUR):
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            await live(replace(parts, compute=at_once), clock, span)
    assert len(server.asked("/a")) == 1
    assert len(server.asked("/b")) >= 1


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
            _pause(client, server, clock, wait)
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


def _pause(client: Client, server: Server, clock: FakeClock, wait: int) -> None:
    """Act as if another feed of the host had been answered 429 while this one was in flight."""
    client.leave(server.url("/"), clock.now() + timedelta(seconds=wait))


async def test_p31_p46_a_feed_whose_host_is_paused_is_not_asked_at_all(
    clock: FakeClock, server: Server
) -> None:
    """Only what is in flight waits; what has not begun is told when to come back."""
    async with Client(CLIENT, clock) as client:
        _pause(client, server, clock, 30)
        failed(await client.get(Request(url=server.url("/feed"))), FailureKind.PAUSED)
    assert server.requests == []


async def test_p31_what_an_earlier_process_heard_is_taken_with_sense(
    clock: FakeClock, server: Server
) -> None:
    """Ended pauses, shared hosts and unreadable addresses are ignored; a pause has its limit."""
    server.on("/feed", answer(rss()))
    chosen = replace(CLIENT, spacing_s=0, shared_hosts=("127.0.0.1",))
    async with Client(chosen, clock) as client:
        client.leave(server.url("/"), clock.now() + HOUR)
        client.leave("http://[no host", clock.now() + HOUR)
        good(await client.get(Request(url=server.url("/feed"))))
    async with Client(CLIENT, clock) as client:
        client.leave(server.url("/"), clock.now() - HOUR)
        good(await client.get(Request(url=server.url("/feed"))))
        client.leave(server.url("/"), clock.now() + timedelta(days=400))
        refused = failed(await client.get(Request(url=server.url("/feed"))), FailureKind.PAUSED)
    assert refused.retry_at == clock.now() + timedelta(days=7)


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
