"""Politeness over days, with real pipeline, client and store, and a clock that leaps."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from support.days import conditional, gaps, live, moment, settings
from support.server import HANG, RESET, Script, Seen, Server, answer, redirect
from support.world import PACE, item, rss, world

from monitor import app
from monitor.config.sections import PollSection
from monitor.fetch.client import FetchSettings
from monitor.model import Access, Feed, FeedState, Window
from monitor.pipeline.parts import at_once
from monitor.runners import inline
from monitor.store import Store, editions, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
CERTS = Path(__file__).parents[1] / "fetch" / "certs"
TAGGED = {"ETag": '"a"', "Last-Modified": "yesterday"}


def feed(server: Server, path: str = "/feed", **more: object) -> Feed:
    return Feed(url=server.url(path), name="Northwatch", **more)


def news(server: Server, inside: str = "") -> bytes:
    return rss(inside, item(1, server.url("/1")))


async def test_p20_two_days_of_polls_are_never_early(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """At 60 min with news at every poll, no gap is shorter, and jitter adds 5 % at most."""
    count = 0

    def fresh(_seen: Seen) -> Script:
        nonlocal count
        count += 1
        return answer(rss(*(item(n, server.url(f"/{n}")) for n in range(count, count + 10))))

    server.on("/feed", fresh)
    hourly = replace(PACE, interval=HOUR)
    async with world(store, clock, [feed(server)], pace=hourly) as parts:
        await live(parts, clock, 2 * DAY)
    assert 46 <= len(server.requests) <= 48
    assert min(gaps(server.requests)) >= HOUR
    assert max(gaps(server.requests)) <= 1.06 * HOUR


async def test_p13_p22_twenty_restarts_cost_nothing_and_the_next_poll_is_conditional(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Due times and validators outlive the process."""
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
    """`monitor fetch` polls what is due, however often it is called."""
    server.on("/feed", answer(news(server)))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        for _ in range(20):
            await inline.journey(parts)
            clock.advance(timedelta(seconds=3))
    assert len(server.requests) == 1


MORNING = "Fri, 18 Oct 2024 06:00:00 GMT"
"""The time on the tests' clock when the first request is answered."""
HEADERS = [
    ("p23", 200, {"Cache-Control": "max-age=14400", "Age": "3600"}, 3 * HOUR),
    ("p23", 404, {"Cache-Control": "max-age=100000"}, timedelta(seconds=100000)),
    ("p23", 429, {"Cache-Control": "max-age=14400", "Age": "3600"}, 3 * HOUR),
    ("p25", 200, {"Date": "Fri, 18 Oct 2024 04:00:00 GMT",
                  "Expires": "Fri, 18 Oct 2024 09:00:00 GMT"}, 5 * HOUR),
    ("p25", 200, {"Date": "Fri, 18 Oct 2024 08:00:00 GMT",
                  "Expires": "Fri, 18 Oct 2024 13:00:00 GMT"}, 5 * HOUR),
    ("p26", 429, {"Retry-After": "7200"}, 2 * HOUR),
    ("p27", 429, {"Retry-After": "Fri, 18 Oct 2024 09:00:00 GMT"}, 3 * HOUR),
    ("p27", 429, {"Retry-After": "Friday, 18-Oct-24 09:00:00 GMT"}, 3 * HOUR),
    ("p27", 429, {"Retry-After": "Fri Oct 18 09:00:00 2024"}, 3 * HOUR),
    ("p28", 503, {"Retry-After": "7200"}, 2 * HOUR),
    ("p28", 502, {"Retry-After": "7200"}, 2 * HOUR),
    ("p28", 403, {"Retry-After": "7200"}, 2 * HOUR),
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
    """The second request comes soon after the wait that was named, and not before."""
    server.on("/feed", answer(news(server), status, headers), answer(news(server)))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, wait + DAY)
    assert len(server.requests) >= 2, rule
    assert wait <= gaps(server.requests)[0] <= wait + 15 * MINUTE, rule


async def test_p23_a_304_may_name_a_wait_too(
    store: Store, clock: FakeClock, server: Server
) -> None:
    wait = {"Cache-Control": "max-age=36000", "Age": "3600"}
    server.on("/feed", answer(news(server), headers=TAGGED), answer(status=304, headers=wait))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 2 * DAY)
    assert min(gaps(server.requests)[1:]) >= 9 * HOUR


NOTHING = [
    ("p24", 200, {"Cache-Control": "no-cache"}),
    ("p24", 200, {"Cache-Control": "no-store"}),
    ("p24", 200, {"Cache-Control": "max-age=0"}),
    ("p24", 200, {"Cache-Control": "s-maxage=90000"}),
    ("p24", 200, {"Cache-Control": 'max-age="86400"'}),
    ("p24", 200, {"Cache-Control": "max-age=x"}),
    ("p25", 200, {"Date": MORNING, "Expires": "0"}),
    ("p25", 200, {"Date": MORNING, "Expires": "-1"}),
    ("p27", 429, {"Retry-After": "Fri, 18 Oct 2024 05:00:00 GMT"}),
    ("p30", 429, {"Retry-After": "-5"}),
    ("p30", 503, {"Retry-After": "9" * 20}),
]


@pytest.mark.parametrize(("rule", "status", "headers"), NOTHING)
async def test_p24_p25_p27_p30_what_means_nothing_changes_no_wait(
    store: Store,
    clock: FakeClock,
    server: Server,
    rule: str,
    status: int,
    headers: dict[str, str],
) -> None:
    """The usual interval follows a success, twice that a refusal (P29)."""
    server.on("/feed", answer(news(server), status, headers), answer(status=304))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 2 * HOUR)
    wait = 30 * MINUTE if status == 200 else HOUR
    assert wait <= gaps(server.requests)[0] <= 1.06 * wait, rule


async def test_p30_a_wait_that_is_cut_is_told_in_the_log_and_in_the_status(
    store: Store, clock: FakeClock, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """The longest wait is set by the operator."""
    caplog.set_level("INFO", "monitor.poll")
    server.on("/feed", answer(status=429, headers={"Retry-After": str(400 * 86400)}))
    for longest in (7 * DAY, 2 * DAY):
        chosen = settings(
            store, feed(server), poll=PollSection(spread=timedelta(), longest_wait=longest)
        )
        async with app.open_parts(chosen, clock=clock, store=store) as parts:
            await live(replace(parts, compute=at_once), clock, MINUTE)
        (status,) = store.read_now(feeds.statuses)
        told = f"Retry-After: 400 days, cut to {longest.days} days"
        assert status.due_why.startswith(told)
        assert f"Northwatch: it asks for more than is granted: {told}" in caplog.text
        assert status.due is not None
        clock.advance(status.due - clock.now())
    assert len(server.requests) == 2
    assert 7 * DAY <= gaps(server.requests)[0] <= 7.01 * DAY


@pytest.mark.parametrize("status", [429, 503])
async def test_p29_without_the_header_the_wait_doubles_on_the_wire(
    store: Store, clock: FakeClock, server: Server, status: int
) -> None:
    """Waits grow from twice the interval to a day, each a little longer by the feed's own share."""
    server.on("/feed", answer(status=status))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 6 * DAY)
    expected = [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY, DAY]
    for gap, wait in zip(gaps(server.requests), expected, strict=False):
        assert wait <= gap <= 1.06 * wait
    assert len(server.requests) >= 7


PERIOD = "<sy:updatePeriod>{}</sy:updatePeriod><sy:updateFrequency>{}</sy:updateFrequency>"
SAID = [
    ("p36", "<ttl>180</ttl>", 3 * HOUR),
    ("p36", "<ttl>0</ttl>", 30 * MINUTE),
    ("p36", "<ttl>abc</ttl>", 30 * MINUTE),
    ("p36", "<ttl>9999999</ttl>", DAY),
    ("p38", PERIOD.format("\n\thourly\t", "2"), 30 * MINUTE),
    ("p38", PERIOD.format("\n\tdaily ", " 6\n"), 4 * HOUR),
    ("p38", PERIOD.format("hourly", "0.1"), 10 * HOUR),
    ("p38", PERIOD.format("weekly", "1"), DAY),
    ("p38", PERIOD.format("sometimes", "1"), 30 * MINUTE),
]


@pytest.mark.parametrize(("rule", "said", "wait"), SAID)
async def test_p36_p38_what_the_document_says_of_its_pace_is_a_lower_bound(
    store: Store, clock: FakeClock, server: Server, rule: str, said: str, wait: timedelta
) -> None:
    """ttl and updatePeriod count; nonsense is ignored, and what is absurd is cut to a day."""
    server.on("/feed", answer(news(server, said)))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, wait + 2 * HOUR)
    assert wait <= gaps(server.requests)[0] <= 1.06 * wait, rule


async def test_p37_no_request_in_the_hours_and_days_that_a_feed_skips(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Hours 0 to 5 and Sunday, in GMT, are all heeded; 24 means midnight."""
    hours = "".join(f"<hour>{n}</hour>" for n in range(6))
    skips = f"<skipHours>{hours}</skipHours><skipDays><day>Sunday</day></skipDays>"
    server.on("/skips", answer(news(server, skips)))
    server.on("/midnight", answer(news(server, "<skipHours><hour>24</hour></skipHours>")))
    wanted = [feed(server, path) for path in ("/skips", "/midnight")]
    hourly = replace(PACE, interval=HOUR, ceiling=HOUR)
    async with world(store, clock, wanted, pace=hourly) as parts:
        await live(parts, clock, 4 * DAY)  # from a Friday on
    moments = [moment(seen, clock) for seen in server.asked("/skips")]
    assert {one.hour for one in moments} == set(range(6, 24))
    assert {one.weekday() for one in moments} == {4, 5, 0}
    assert {moment(seen, clock).hour for seen in server.asked("/midnight")} == set(range(1, 24))


async def test_p39_a_feed_that_falls_quiet_is_asked_less_and_one_that_speaks_more(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """One entry a week leads to the ceiling, five in an hour back to the interval, never below."""
    start = clock.now()
    burst = [15 * DAY + n * 12 * MINUTE for n in range(5)]
    told = [timedelta(), 7 * DAY, 14 * DAY, *burst]

    def now_told(_seen: Seen) -> Script:
        count = sum(start + one <= clock.now() for one in told)
        old = range(100, 110)  # below them, so that the document never turns over
        return answer(rss(*(item(n, server.url(f"/{n}")) for n in (*range(count), *old))))

    server.on("/feed", now_told)
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 15 * DAY + 7 * HOUR)
    waits = gaps(server.requests)
    assert min(waits) >= 30 * MINUTE
    assert max(waits) <= 6 * HOUR + 11 * MINUTE
    asked = [moment(seen, clock) - start for seen in server.requests]
    quiet = [gap for at, gap in zip(asked, waits, strict=False) if 2 * DAY < at < 6 * DAY]
    assert min(quiet) >= 6 * HOUR
    heard = next(n for n, at in enumerate(asked) if at >= burst[0])
    assert waits[heard] <= 32 * MINUTE
    assert store.read_now(feeds.statuses)[0].entries == 10 + len(told)


async def test_p32_p35_a_missing_feed_is_asked_less_and_less_but_never_dropped(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Over 40 days of 404, waits double to a day, then a week; one 200 restores the interval."""
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
        day = Window(clock.now() - 9 * DAY, clock.now())
        (told,) = store.read_now(editions.accounting, day).feeds  # at the foot of every digest
        assert (told.name, told.failed, told.why) == ("Northwatch", 1, "404: no such address")
        day = Window(clock.now() - DAY, clock.now())
        (told,) = store.read_now(editions.accounting, day).feeds  # also if it was not polled then
        assert (told.polls, told.why) == (0, "404: no such address")
        server.on("/feed", answer(news(server)))
        await live(parts, clock, 8 * DAY)
        (status,) = store.read_now(feeds.statuses)
    assert status.polling.failures == 0


FAULTS = ("status 500", "reset", "timeout", "no such name", "certificate")


@pytest.mark.parametrize("fault", FAULTS)
async def test_p35_each_kind_of_failure_is_asked_once_and_ever_less(
    store: Store, clock: FakeClock, server: Server, fault: str
) -> None:
    """Waits double from twice the interval to a day, without other tries; a success resets them."""
    tries: list[float] = []
    mended = False
    scripts = {"status 500": answer(status=500), "reset": (RESET,), "timeout": (HANG,)}
    server.on("/feed", scripts.get(fault, answer(news(server))))

    async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
        tries.append(clock.monotonic())
        if fault == "no such name" and not mended:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        return [("127.0.0.1", port)]

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTS / "expired.pem")
    async with Server(clock=clock.monotonic, tls=tls) as expired:
        expired.on("/feed", answer(news(server)))
        at = expired if fault == "certificate" else server
        one = Feed(url=at.url("/feed", "feed.test"), name="Northwatch")
        chosen = settings(store, one, fetch={"timeout_s": 0.05 if fault == "timeout" else 5})
        async with app.open_parts(chosen, clock=clock, store=store, resolver=resolve) as parts:
            await live(replace(parts, compute=at_once), clock, 4 * DAY)
        asked = [seen.at for seen in server.requests] or tries
        waits = [timedelta(seconds=two - one) for one, two in pairwise(asked)]
        expected = [HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, 16 * HOUR, DAY, DAY]
        assert len(waits) in (6, 7)
        for wait, least in zip(waits, expected, strict=False):
            assert least <= wait <= 1.06 * least
        mended = True
        server.on("/feed", answer(news(server)))
        spared = {one.url: Access(unverified=fault == "certificate")}
        chosen = replace(chosen, access=spared)
        async with app.open_parts(chosen, clock=clock, store=store, resolver=resolve) as parts:
            await live(replace(parts, compute=at_once), clock, 26 * HOUR)
    (status,) = store.read_now(feeds.statuses)
    assert status.polling.failures == 0
    assert status.due is not None
    assert status.due - clock.now() < 7 * HOUR


async def test_p33_gone_is_gone_until_a_person_says_otherwise(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """After 410 no request is made in thirty days and over a restart; the reason is shown."""
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


@pytest.mark.parametrize("refusal", [401, 402, 403, 451])
async def test_p34_p65_a_refusal_is_met_with_patience_and_under_the_same_name(
    store: Store, clock: FakeClock, server: Server, refusal: int
) -> None:
    """From the third on, requests in a week are a day apart or more, all of one User-Agent."""
    server.on("/feed", answer(status=refusal))
    async with world(store, clock, [feed(server)]) as parts:
        await live(parts, clock, 7 * DAY)
    assert len(server.requests) >= 8
    assert all(gap >= DAY for gap in gaps(server.requests)[2:])
    assert len({seen.header("user-agent") for seen in server.requests}) == 1


async def test_p14_p17_an_unchanging_feed_without_validators_is_asked_less_and_its_bytes_shown(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The wait climbs to the ceiling, and what it costs the publisher is on record."""
    body = news(server) + b" " * 50_000
    server.on("/feed", answer(body))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        await live(parts, clock, 4 * DAY)
    assert gaps(server.requests)[-1] >= 6 * HOUR
    (status,) = store.read_now(feeds.statuses)
    assert status.bytes >= len(server.requests) * len(body)
    assert (status.entries, status.last_outcome) == (1, "unchanged")
    assert "nothing new" in status.due_why


async def test_p41_after_a_long_sleep_each_feed_is_asked_once(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Twelve missed hours cause one poll, not twenty-four."""
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
    """Twelve hours back, each feed waits as decided, counted by the clock as it is now."""
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


async def test_p105_the_account_of_a_feed_equals_the_servers(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """`feeds status` has the requests, the share of 304, the last status, the next poll and why."""
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
    """While a host is paused, its other feeds wait, and their status says so."""
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
    """A feed that fails for a day, is gone or repeats another is logged once, a cut wait always."""
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
    assert gone == "/gone: its server said 410 Gone on 2024-10-18: not polled until resumed"
    assert missing.startswith("/missing: 6 polls failed since 2024-10-18 06:00 UTC: 404")
    assert old.startswith(f"/old: it has moved to {server.url('/feed')}")
    assert "400 days, cut to 7 days" in shy
