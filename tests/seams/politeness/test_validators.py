"""Conditional requests, from the wire to the store and back, in a running program."""

from __future__ import annotations

import gzip
import socket
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from support.days import conditional, live, poll_once, settings
from support.server import HANG, RESET, Script, Server, answer, redirect
from support.world import item, rss, world

from monitor import app
from monitor.model import Feed, FeedState, OutcomeKind
from monitor.pipeline.parts import at_once
from monitor.store import Store, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Headers = Sequence[tuple[str, bytes]]


def news(server: Server, *numbers: int) -> bytes:
    return rss(*(item(number, server.url(f"/{number}")) for number in numbers or (1,)))


GIVEN = [
    ("p02", [("ETag", b'"abc-gzip"')]),
    ("p02", [("ETag", b'""')]),
    ("p02", [("ETag", rb'"a,b\c"')]),
    ("p03", [("ETag", b'W/"x"')]),
    ("p04", [("ETag", b"unquoted")]),
    ("p04", [("ETag", b'"caf\xe9"')]),
    ("p05", [("Last-Modified", b"Tue, 5 Mar 2024 1:02:03 +0000")]),
    ("p05", [("Last-Modified", b"Mon, 05 Mar 2024 01:02:03 GMT")]),
    ("p05", [("Last-Modified", b"yesterday")]),
    ("p06", [("ETag", b'"e"'), ("Last-Modified", b"l")]),
    ("p06", [("Date", b"Fri, 18 Oct 2024 05:00:00 GMT")]),
]


@pytest.mark.parametrize(("rule", "given"), GIVEN)
async def test_p01_p02_p03_p04_p05_p06_what_was_given_is_sent_back_by_the_next_poll(
    store: Store, clock: FakeClock, server: Server, rule: str, given: Headers
) -> None:
    """Validators come back byte for byte, with nothing added; the first poll sends none."""
    server.on("/feed", answer(news(server), headers=given), answer(status=304))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        await poll_once(parts, clock)
        await poll_once(parts, clock)
    first, second = server.requests
    known = dict(given)
    assert b"\r\nif-" not in first.raw.lower()
    assert conditional(second) == (known.get("ETag"), known.get("Last-Modified")), rule


@pytest.mark.parametrize("how", ["by hand", "by a redirect"])
async def test_p07_validators_do_not_move_to_another_url(
    store: Store, clock: FakeClock, server: Server, how: str
) -> None:
    """The first request to a new address is unconditional, the second one is not."""
    tagged = {"ETag": '"a"'}
    server.on("/new", answer(news(server), headers=tagged))
    server.on("/old", answer(news(server), headers=tagged))
    if how == "by a redirect":
        server.on("/old", redirect("/new", 301))
    async with world(store, clock, [Feed(url=server.url("/old"))]) as parts:
        await poll_once(parts, clock)
    named = "/new" if how == "by hand" else "/old"
    async with world(store, clock, [Feed(url=server.url(named))]) as parts:
        await poll_once(parts, clock)
        await poll_once(parts, clock)
    before = 1 if how == "by a redirect" else 0  # the request that followed the redirect
    asked = [conditional(seen) for seen in server.asked("/new")[before:]]
    assert asked == [(None, None), (b'"a"', None)]


TAGGED = {"ETag": '"old"', "Last-Modified": "yesterday"}
FRESH = {"ETag": '"new"', "Last-Modified": "today"}
OLD = (b'"old"', b"yesterday")


def unread(server: Server) -> dict[str, Script]:
    """Return 200 answers with new validators whose bodies cannot be read whole."""
    sound = news(server, 1, 2)
    packed = {**FRESH, "Content-Encoding": "gzip"}
    return {
        "broken XML": answer(sound.replace(b"</channel>", b"</table>"), headers=FRESH),
        "cut XML": answer(sound[:-40], headers=FRESH),
        "cut gzip": answer(gzip.compress(sound)[:-12], headers=packed),
        "gzip over the limit": answer(gzip.compress(bytes(16 * 2**20)), headers=packed),
        "over the limit": answer(bytes(16 * 2**20), headers=FRESH),
        "a page": answer(b"<html><body><h1>Sorry</h1></body></html>", headers=FRESH),
    }


@pytest.mark.parametrize("how", ["broken XML", "cut XML", "cut gzip", "gzip over the limit",
                                 "over the limit", "a page"])  # fmt: skip
async def test_p08_p90_validators_are_believed_only_with_the_document(
    store: Store, clock: FakeClock, server: Server, how: str
) -> None:
    """A bad body is marked, the old validators are sent again, and a good body is read later."""
    good = answer(news(server, 1, 2, 3), headers=FRESH)
    server.on(
        "/feed", answer(news(server), headers=TAGGED), unread(server)[how], good, answer(status=304)
    )
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        await poll_once(parts, clock)
        bad = await poll_once(parts, clock)
        assert bad.outcome.why
        if "limit" in how:
            assert bad.outcome.why.startswith("too-large: ")
        taken = await poll_once(parts, clock)
        await poll_once(parts, clock)
    assert taken.outcome.kind is OutcomeKind.NEW
    (status,) = store.read_now(feeds.statuses)
    assert status.entries == 3
    sent = [conditional(seen) for seen in server.requests]
    assert sent == [(None, None), OLD, OLD, (b'"new"', b"today")]


@pytest.mark.parametrize(
    ("rule", "later", "then"),
    [
        ("p09", answer(rss(item(9, "http://127.0.0.1/9"))), (None, None)),
        ("p10", answer(status=304, headers={"ETag": '"2"'}), (b'"2"', b"yesterday")),
        ("p10", answer(status=304, headers={"Last-Modified": "2"}), (b'"old"', b"2")),
        ("p10", answer(status=304), OLD),
    ],
)
async def test_p09_p10_a_later_answer_replaces_refreshes_or_keeps_them(
    store: Store,
    clock: FakeClock,
    server: Server,
    rule: str,
    later: Script,
    then: tuple[bytes | None, bytes | None],
) -> None:
    """A 200 without validators clears them; a 304 refreshes what it names and erases nothing."""
    server.on("/feed", answer(news(server), headers=TAGGED), later, answer(status=304))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        for _ in range(3):
            await poll_once(parts, clock)
    assert [conditional(seen) for seen in server.requests] == [(None, None), OLD, then], rule


async def test_p11_a_304_after_errors_is_a_success(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The error count ends, the last check is noted, what was read stays, a body is ignored."""
    odd = [*answer(status=304), news(server, 7)]
    errors = [answer(status=500)] * 3
    server.on("/feed", answer(news(server), headers=TAGGED), *errors, odd)
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        for _ in range(4):
            await poll_once(parts, clock)
        assert store.read_now(feeds.statuses)[0].polling.failures == 3
        polled = await poll_once(parts, clock)
    (status,) = store.read_now(feeds.statuses)
    assert polled.outcome.kind is OutcomeKind.NOT_MODIFIED
    assert (status.polling.failures, status.polling.failing_since) == (0, None)
    assert status.polling.last_success == status.polling.last_polled == clock.now()
    assert status.entries == 1


async def test_p12_errors_of_every_kind_do_not_forget(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """500, timeout, reset, a name that fails to resolve, 404: the next request is conditional."""
    failing: list[Script] = [answer(status=500), (HANG,), (RESET,), answer(status=404)]
    server.on("/feed", answer(news(server), headers=TAGGED), *failing, answer(status=304))
    lost = 0

    async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
        nonlocal lost
        if len(server.requests) == 4 and not lost:
            lost += 1
            raise socket.gaierror(socket.EAI_NONAME, "not now")
        return [("127.0.0.1", port)]

    chosen = settings(store, Feed(url=server.url("/feed", "feed.test")), fetch={"timeout_s": 0.2})
    async with app.open_parts(chosen, clock=clock, store=store, resolver=resolve) as opened:
        parts = replace(opened, compute=at_once)
        whys = [(await poll_once(parts, clock)).outcome.why for _ in range(7)]
    assert [why.partition(":")[0] for why in whys] == [
        "", "500", "timeout", "protocol", "dns", "404", "304 Not Modified",
    ]  # fmt: skip
    assert lost == 1
    assert [conditional(seen) for seen in server.requests] == [(None, None), *[OLD] * 5]


async def test_p15_seven_days_of_polls_are_all_conditional(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """After the first request none is unconditional, and no parameter is added."""
    server.on("/feed?a=%2F", answer(news(server), headers=TAGGED), answer(status=304))
    async with world(store, clock, [Feed(url=server.url("/feed?a=%2F"))]) as parts:
        await live(parts, clock, 7 * DAY)
    assert len(server.requests) > 28
    assert {seen.path for seen in server.requests} == {"/feed?a=%2F"}
    assert [conditional(seen) for seen in server.requests] == [
        (None, None),
        *[OLD] * (len(server.requests) - 1),
    ]
    assert store.read_now(feeds.statuses)[0].polling.state is FeedState.ACTIVE
