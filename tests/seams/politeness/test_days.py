"""Politeness over days: the real pipeline, client and store; a recording server; leaping time."""

from __future__ import annotations

import gzip
from dataclasses import replace
from datetime import timedelta

import pytest
from support.days import gaps, live, moment, settings
from support.server import RESET, Seen, Server, answer, redirect
from support.world import item, rss, world

from monitor import app
from monitor.fetch.client import FetchSettings
from monitor.model import Feed, FeedState
from monitor.pipeline.parts import at_once
from monitor.runners import inline
from monitor.store import Store, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TAGGED = {"ETag": '"a"', "Last-Modified": "yesterday"}


def feed(server: Server, path: str = "/feed", **more: object) -> Feed:
    return Feed(url=server.url(path), name="Northwatch", **more)  # type: ignore[arg-type]


def conditional(seen: Seen) -> tuple[bytes | None, bytes | None]:
    return seen.header("if-none-match"), seen.header("if-modified-since")


def news(server: Server, inside: str = "") -> bytes:
    return rss(inside, item(1, server.url("/1")))


async def test_p15_p20_two_days_of_polls_are_never_early_and_all_conditional(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Every gap is at least the interval, and no request after the first is unconditional."""
    server.on("/feed?a=%2F", answer(news(server), headers=TAGGED), answer(status=304))
    async with world(store, clock, [feed(server, "/feed?a=%2F")]) as parts:
        await live(parts, clock, 2 * DAY)
    assert len(server.requests) > 8
    assert min(gaps(server.requests)) >= 30 * MINUTE
    assert {seen.path for seen in server.requests} == {"/feed?a=%2F"}
    assert conditional(server.requests[0]) == (None, None)
    assert {conditional(seen) for seen in server.requests[1:]} == {(b'"a"', b"yesterday")}


async def test_p13_p22_twenty_restarts_cost_nothing_and_the_next_poll_is_conditional(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """What is due, and what to ask with, outlives the process."""
    server.on("/feed", answer(news(server), headers=TAGGED), answer(status=304))
    for _ in range(20):
        async with world(store, clock, [feed(server)]) as parts:
            await live(parts, clock, 0.5 * MINUTE)
    assert len(server.requests) == 1
    (status,) = store.read_now(feeds.statuses)
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, HOUR)
    assert len(server.requests) == 2
    assert status.due is not None
    assert moment(server.requests[1], clock) >= status.due
    assert conditional(server.requests[1]) == (b'"a"', b"yesterday")


async def test_p16_twenty_journeys_in_a_minute_ask_once(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """`monitor fetch` asks what is due, however often it is called."""
    server.on("/feed", answer(news(server)))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        for _ in range(20):
            await inline.journey(parts)
            clock.advance(timedelta(seconds=3))
    assert len(server.requests) == 1


async def test_p08_p12_nothing_that_failed_takes_validators_away_or_gives_any(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """After an error, a cut body or a cut document the last sound validators are sent."""
    packed = gzip.compress(news(server))
    fresh = {"ETag": '"bad"'}
    server.on(
        "/feed",
        answer(news(server), headers=TAGGED),
        answer(status=500),
        (RESET,),
        answer(packed[:-12], headers={**fresh, "Content-Encoding": "gzip"}),
        answer(news(server)[:-30], headers=fresh),
        answer(status=404, headers=fresh),
        answer(status=304),
    )
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 8 * DAY)
    assert len(server.requests) >= 7
    assert {conditional(seen) for seen in server.requests[1:]} == {(b'"a"', b"yesterday")}


HEADERS = [
    ("p23", 200, {"Cache-Control": "max-age=14400", "Age": "3600"}, 3 * HOUR),
    ("p23", 404, {"Cache-Control": "max-age=100000"}, timedelta(seconds=100000)),
    ("p25", 200, {"Date": "Fri, 18 Oct 2024 04:00:00 GMT",
                  "Expires": "Fri, 18 Oct 2024 09:00:00 GMT"}, 5 * HOUR),
    ("p26", 429, {"Retry-After": "7200"}, 2 * HOUR),
    ("p27", 429, {"Retry-After": "Friday, 18-Oct-24 09:00:00 GMT"}, 3 * HOUR),
    ("p28", 503, {"Retry-After": "7200"}, 2 * HOUR),
    ("p30", 503, {"Retry-After": str(90 * 3600)}, 90 * HOUR),
    ("p30", 429, {"Retry-After": str(400 * 86400)}, 7 * DAY),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "status", "headers", "wait"), HEADERS)
async def test_p23_p25_p26_p27_p28_p30_what_headers_ask_for_is_kept_on_the_wire(
    store: Store,
    clock: FakeClock,
    server: Server,
    rule: str,
    status: int,
    headers: dict[str, str],
    wait: timedelta,
) -> None:
    """The second request comes after the wait that was named, and not a day later than that."""
    server.on("/feed", answer(news(server), status, headers), answer(news(server)))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, wait + DAY)
    assert len(server.requests) >= 2, rule
    assert gaps(server.requests)[0] >= wait, rule


async def test_p36_p37_p38_what_the_document_asks_for_is_kept_on_the_wire(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """ttl and updatePeriod are lower bounds; skipped hours and days see no request."""
    hours = "".join(f"<hour>{n}</hour>" for n in range(6))
    skips = f"<skipHours>{hours}</skipHours><skipDays><day>Sunday</day></skipDays>"
    period = (
        "<sy:updatePeriod>\n\tdaily </sy:updatePeriod><sy:updateFrequency>6</sy:updateFrequency>"
    )
    inside = {"/ttl": "<ttl>180</ttl>", "/skips": skips, "/period": period}
    for path, words in inside.items():
        server.on(path, answer(news(server, words)))
    async with world(store, clock, [feed(server, path) for path in inside]) as parts:
        await live(parts, clock, 4 * DAY)
    assert min(gaps(server.asked("/ttl"))) >= 3 * HOUR
    assert min(gaps(server.asked("/period"))) >= 4 * HOUR
    moments = [moment(seen, clock) for seen in server.asked("/skips")[1:]]
    assert moments
    assert all(one.hour >= 6 and one.weekday() != 6 for one in moments)


async def test_p32_p35_a_missing_feed_is_asked_less_and_less_but_never_dropped(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """404 for 40 days: waits double to a day, then a week; one 200 brings the interval back."""
    server.on("/feed", answer(status=404))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 40 * DAY)
        missed = gaps(server.requests)
        assert missed == sorted(missed)
        assert missed[0] >= HOUR
        assert DAY <= missed[20] < 1.05 * DAY
        assert missed[-1] >= 7 * DAY
        (status,) = store.read_now(feeds.statuses)
        assert status.polling.state is FeedState.ACTIVE
        assert status.polling.failing_since is not None
        server.on("/feed", answer(news(server)))
        await live(parts, clock, 8 * DAY)
        (status,) = store.read_now(feeds.statuses)
    assert status.polling.failures == 0


async def test_p33_gone_is_gone_until_a_person_says_otherwise(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """410: no request in thirty days and over a restart; the reason is shown; resuming asks."""
    server.on("/feed", answer(status=410), answer(news(server)))
    for _ in range(2):
        async with world(store, clock, [feed(server)]) as parts:
            await live(parts, clock, 15 * DAY)
    (status,) = store.read_now(feeds.statuses)
    assert len(server.requests) == 1
    assert (status.polling.state, status.due) == (FeedState.GONE, None)
    assert "410 Gone" in status.due_why
    store.write_now(feeds.resume, status.polling.feed.id, clock.now())
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, MINUTE)
    assert len(server.requests) == 2


async def test_p34_p65_a_refusal_is_met_with_patience_and_under_the_same_name(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """403 for a week: at most one request a day from the third on, always the same User-Agent."""
    server.on("/feed", answer(status=403))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 7 * DAY)
    assert all(gap >= DAY for gap in gaps(server.requests)[2:])
    assert len({seen.header("user-agent") for seen in server.requests}) == 1


async def test_p14_p17_an_unchanging_feed_without_validators_is_asked_less_and_its_bytes_shown(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The wait climbs to the ceiling; what it costs the publisher is on record."""
    body = news(server) + b" " * 50_000
    server.on("/feed", answer(body))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        await live(parts, clock, 4 * DAY)
    assert gaps(server.requests)[-1] >= 6 * HOUR
    (status,) = store.read_now(feeds.statuses)
    assert status.bytes >= len(server.requests) * len(body)
    assert status.entries == 1


async def test_p41_after_a_long_sleep_each_feed_is_asked_once(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Twelve hours missed are one poll, not twenty-four."""
    paths = [f"/{n}" for n in range(5)]
    server.on("*", answer(news(server)))
    async with world(store, clock, [feed(server, path) for path in paths]) as parts:
        await live(parts, clock, MINUTE)
        clock.jump(clock.now() + 12 * HOUR)
        await live(parts, clock, MINUTE)
    assert {path: len(server.asked(path)) for path in paths} == dict.fromkeys(paths, 2)


@pytest.mark.parametrize("restart", [False, True])
async def test_p41_a_clock_put_back_keeps_no_feed_waiting_and_no_wait_short(
    store: Store, clock: FakeClock, server: Server, restart: bool
) -> None:
    """Twelve hours back: each feed waits what was decided, counted by the clock as it is now."""
    server.on("/feed", answer(news(server)))
    server.on("/busy", answer(status=503, headers={"Retry-After": "7200"}), answer(news(server)))
    wanted = [feed(server), feed(server, "/busy")]
    chosen = settings(store, *wanted)
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        await live(replace(parts, compute=at_once), clock, 20 * MINUTE)
        clock.jump(clock.now() - 12 * HOUR)
        if not restart:
            await live(replace(parts, compute=at_once), clock, 3 * HOUR)
    if restart:
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            await live(replace(parts, compute=at_once), clock, 3 * HOUR)
    assert 2 <= len(server.asked("/feed")) <= 7
    assert min(gaps(server.asked("/feed"))) >= 30 * MINUTE
    assert len(server.asked("/busy")) >= 2
    assert gaps(server.asked("/busy"))[0] >= 2 * HOUR


async def test_p55_p56_p57_which_redirects_are_remembered_on_the_wire(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """On one site a permanent move is believed at once; a temporary one never; a mix in part."""
    server.on("/moved", redirect("/new", 301))
    server.on("/detour", redirect("/there", 302))
    server.on("/mixed", redirect("/half", 308))
    server.on("/half", redirect("/end", 307))
    for path in ("/new", "/there", "/end"):
        server.on(path, answer(news(server)))
    wanted = [feed(server, path) for path in ("/moved", "/detour", "/mixed")]
    async with world(store, clock, wanted) as parts:
        await live(parts, clock, DAY)
    assert len(server.asked("/moved")) == 1
    assert len(server.asked("/detour")) == len(server.asked("/there")) > 2
    assert len(server.asked("/mixed")) == 1
    assert len(server.asked("/half")) == len(server.asked("/end")) > 2


async def test_p60_a_feed_that_repeats_another_rests_and_says_so(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The target is asked at its own pace, by way of the old address once a day; both stay."""
    server.on("/old", redirect("/feed", 301))
    server.on("/feed", answer(news(server)))
    async with world(store, clock, [feed(server), feed(server, "/old")], articles="off") as parts:
        await live(parts, clock, 3 * DAY)
    assert len(server.asked("/old")) in (3, 4)
    own, repeated = store.read_now(feeds.statuses)
    assert server.url("/feed") in repeated.last_why
    assert "repeats another feed" in repeated.due_why
    assert repeated.polling.feed.url == server.url("/old")
    assert "repeats" not in own.due_why


async def test_p105_the_account_of_a_feed_equals_the_servers(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Requests, share of 304, last status, next poll and why, as `feeds status` shows them."""
    server.on("/feed", answer(news(server), headers=TAGGED), answer(status=304))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        await live(parts, clock, DAY)
    (status,) = store.read_now(feeds.statuses)
    assert status.polls == len(server.requests)
    assert status.not_modified == len(server.requests) - 1
    assert status.last_status == 304
    assert status.bytes > len(news(server))
    assert status.due is not None
    assert status.due >= moment(server.requests[-1], clock) + 30 * MINUTE
    assert status.due_why


async def test_p105_what_was_not_sent_is_not_counted(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A host in its pause is left alone: its other feeds wait, and their account says so."""
    server.on("/busy", answer(status=429, headers={"Retry-After": "7200"}), answer(news(server)))
    server.on("/feed", answer(news(server)))
    wanted = [feed(server, "/busy"), feed(server)]
    fetch = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=0)
    async with world(store, clock, wanted, fetch=fetch, articles="off") as parts:
        await live(parts, clock, HOUR)
        waiting = store.read_now(feeds.statuses)
        await live(parts, clock, DAY)
    assert [one.polls for one in waiting] == [1, 0]
    assert waiting[1].due is not None
    assert "asked us to wait" in waiting[1].due_why
    assert sum(one.polls for one in store.read_now(feeds.statuses)) == len(server.requests)


async def test_p30_p32_p33_p60_what_an_operator_must_know_is_logged_once(
    store: Store, clock: FakeClock, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Failing for a day, gone, repeating another: once each. A wait that was cut: each time."""
    server.on("/missing", answer(status=404))
    server.on("/gone", answer(status=410))
    server.on("/old", redirect("/feed", 301))
    server.on("/feed", answer(news(server)))
    server.on("/shy", answer(status=503, headers={"Retry-After": str(400 * 86400)}))
    paths = ("/missing", "/gone", "/old", "/feed", "/shy")
    wanted = [replace(feed(server, path), name=path) for path in paths]
    async with world(store, clock, wanted, articles="off") as parts:
        await live(parts, clock, 3 * DAY)
    told = sorted(line.message for line in caplog.records if line.name == "monitor.poll")
    gone, missing, old, shy = told
    assert gone == "/gone: 410 Gone, said its server on 2024-10-18: not asked until resumed"
    assert missing.startswith("/missing: 6 polls failed since 2024-10-18 06:00 UTC: 404")
    assert old.startswith(f"/old: it has moved to {server.url('/feed')}")
    assert "400 days, cut to 7 days" in shy
