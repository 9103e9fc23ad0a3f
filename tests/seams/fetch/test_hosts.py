"""The pace of a host: turns, spacing, pauses, and the reuse and closing of connections."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest
from support.answers import failed, good
from support.server import Server, answer, redirect

from monitor.fetch import transport
from monitor.fetch.address import parse
from monitor.fetch.client import Client
from monitor.fetch.hosts import (
    Hold,
    Hosts,
    PausedError,
    Record,
    Wait,
    Wish,
    begin,
    end,
    host_key,
    start_at,
)
from monitor.fetch.settings import HostSettings
from monitor.model import FailureKind, Request
from monitor.testing import FakeClock

NOW = FakeClock().now()
SECOND = timedelta(seconds=1)
WISH = Wish("us/1", spacing_s=2.0, places=1, lasting_s=60.0)


def apart(times: list[float], seconds: float) -> bool:
    """Return whether all consecutive times are at least that many seconds apart."""
    return all(later - earlier >= seconds for earlier, later in pairwise(times))


def test_p45_when_the_next_request_may_start() -> None:
    assert start_at(10.0, None, 2.0) == 10.0
    assert start_at(10.0, 9.0, 2.0) == 11.0
    assert start_at(10.0, 5.0, 2.0) == 10.0


def test_p46_http_and_https_of_a_name_are_one_host_other_ports_are_not() -> None:
    keys = [host_key(parse(url)) for url in ("http://A.example/", "https://a.example./x")]
    assert keys == ["a.example", "a.example"]
    assert host_key(parse("http://a.example:8080/")) == "a.example:8080"


def test_p45_a_request_of_another_process_is_waited_for() -> None:
    first = begin(Record(), WISH, NOW)
    assert first == Record(NOW, None, {"us/1": NOW + timedelta(seconds=60)})
    other = Wish("them/1", spacing_s=2.0, places=1, lasting_s=60.0)
    assert isinstance(begin(first, other, NOW + 10 * SECOND), Wait)
    after = end(first, "us/1", 0.0, NOW + SECOND)
    assert begin(after, other, NOW + SECOND) == Wait(1.0)
    assert isinstance(begin(after, other, NOW + 2 * SECOND), Record)


def test_p45_what_a_dead_process_began_runs_out() -> None:
    first = begin(Record(), WISH, NOW)
    assert isinstance(first, Record)
    assert isinstance(begin(first, WISH, NOW + 60 * SECOND), Record)


def test_F35_a_clock_that_ran_ahead_keeps_no_host_waiting() -> None:
    ahead = NOW + timedelta(days=400)
    noted = Record(ahead, None, {"us/1": ahead})
    assert begin(noted, WISH, NOW) == Wait(2.0)
    assert isinstance(begin(Record(NOW, None, {"us/1": ahead}), WISH, NOW + 2 * SECOND), Record)


def test_p31_a_pause_is_for_all_and_a_longer_one_stays() -> None:
    told = end(Record(), "us/1", 90.0, NOW)
    assert begin(told, WISH, NOW + 30 * SECOND) == Wait(60.0, paused=True)
    assert end(told, "them/1", 10.0, NOW).paused_until == NOW + 90 * SECOND
    assert isinstance(begin(told, WISH, NOW + 90 * SECOND), Record)


@pytest.mark.anyio
async def test_p45_one_at_a_time_and_two_seconds_apart(client: Client, server: Server) -> None:
    server.on("*", [0.001, *answer(b"x")])
    urls = [server.url(f"/{number}") for number in range(50)]
    await asyncio.gather(*(client.get(Request(url=url)) for url in urls))
    times = [seen.at for seen in server.requests]
    assert server.most_in_flight == 1
    assert apart(times, 2.0)
    assert [seen.path for seen in server.requests] == [f"/{number}" for number in range(50)]


@pytest.mark.anyio
async def test_p46_feeds_articles_robots_and_hops_share_the_pace(
    client: Client, server: Server
) -> None:
    server.on("/r", redirect("/r2"))
    server.on("/r2", redirect("/f"))
    await asyncio.gather(
        client.get(Request(url=server.url("/r"))),
        client.article(server.url("/page")),
        client.post(server.url("/hook"), b"x"),
        client.article(server.url("/r")),
    )
    times = [seen.at for seen in server.requests]
    assert len(times) == 3 + 1 + 1 + 1 + 3
    assert server.most_in_flight == 1
    assert apart(times, 2.0)


@pytest.mark.anyio
async def test_hosts_do_not_wait_for_each_other(make_client, clock: FakeClock) -> None:
    async with Server() as slow, Server() as quick:
        client = await make_client(concurrency=2)
        slow.on("*", [0.1, *answer(b"x")])
        crowd = [client.get(Request(url=slow.url(f"/{n}"))) for n in range(4)]
        waiting = asyncio.gather(*crowd)
        await asyncio.sleep(0)
        good(await client.get(Request(url=quick.url("/"))))
        assert len(slow.requests) <= 1
        waiting.cancel()


@pytest.mark.anyio
async def test_waiting_for_a_turn_does_not_use_up_the_deadline(make_client, server: Server) -> None:
    client = await make_client(timeout_s=0.2)
    server.on("*", [0.1, *answer(b"x")])
    answers = await asyncio.gather(
        *(client.get(Request(url=server.url(f"/{n}"))) for n in range(4))
    )
    assert all(good(each).status == 200 for each in answers)


@pytest.mark.anyio
async def test_per_host_can_be_raised_and_starts_stay_spaced(clock: FakeClock) -> None:
    hosts = Hosts(clock, per_host=3, spacing_s=2.0, concurrency=50)
    starts: list[float] = []
    inside = most = 0

    async def visit() -> None:
        nonlocal inside, most
        async with hosts.turn("h.test"):
            starts.append(clock.monotonic())
            inside += 1
            most = max(most, inside)
            for _ in range(20):
                await asyncio.sleep(0)
            inside -= 1

    await asyncio.gather(*(visit() for _ in range(9)))
    assert most == 3
    assert apart(starts, 2.0)


def test_what_an_earlier_client_asked_long_ago_is_forgotten(clock: FakeClock) -> None:
    """Starts an hour old are dropped for every host, since no spacing is longer than that."""
    now = clock.monotonic()
    starts = {"old.test": now - 3600, "late.test": now - 3599}
    Hosts(clock, per_host=1, spacing_s=2.0, concurrency=1, starts=starts)
    assert starts == {"late.test": now - 3599}


@pytest.mark.anyio
async def test_p45_a_feed_does_not_wait_for_all_articles_of_its_host(clock: FakeClock) -> None:
    """Articles queue among themselves, so only the one served and the next precede a feed."""
    hosts = Hosts(clock, per_host=1, spacing_s=2.0, concurrency=50)
    served: list[str] = []

    async def visit(what: str) -> None:
        async with hosts.turn("h.test", article=what != "feed"):
            served.append(what)

    await asyncio.gather(*(visit(what) for what in [*"0123456789", "feed"]))
    assert served == ["0", "1", "feed", *"23456789"]


@pytest.mark.anyio
async def test_p31_a_429_pauses_the_whole_host_and_nothing_is_sent(
    client: Client, server: Server, clock: FakeClock
) -> None:
    server.on("/a", answer(status=429, headers={"Retry-After": "7200"}), answer(b"again"))
    assert good(await client.get(Request(url=server.url("/a")))).status == 429
    until = clock.now() + timedelta(hours=2)
    for waiting in (
        await client.get(Request(url=server.url("/b"))),
        await client.article(server.url("/page")),
        await client.post(server.url("/hook"), b"x"),
    ):
        assert failed(waiting, FailureKind.PAUSED).retry_at == until
    clock.advance(timedelta(hours=2) - timedelta(seconds=1))
    failed(await client.get(Request(url=server.url("/b"))), FailureKind.PAUSED)
    assert len(server.requests) == 1
    clock.advance(1)
    assert good(await client.get(Request(url=server.url("/a")))).body == b"again"


@pytest.mark.anyio
@pytest.mark.parametrize("said", [{}, {"Retry-After": "soon"}])
async def test_p29_p31_a_429_that_names_no_wait_pauses_the_host_too(
    client: Client, server: Server, clock: FakeClock, said: dict[str, str]
) -> None:
    """Its feeds and pages are left alone for twice the usual interval, but no message is held up.

    A 503 that names no wait pauses nobody.
    """
    server.on("/page", answer(status=429, headers=said), answer(b"again"))
    server.on("/busy", answer(status=503, headers=said))
    server.on("/hook", answer(status=429, headers=said))
    for _ in range(2):
        assert good(await client.post(server.url("/hook"), b"x")).status == 429
    assert good(await client.get(Request(url=server.url("/busy")))).status == 503
    assert good(await client.article(server.url("/page"))).status == 429
    until = clock.now() + timedelta(hours=1)
    asked = len(server.requests)
    for waiting in (
        await client.get(Request(url=server.url("/feed"))),
        await client.article(server.url("/other")),
    ):
        assert failed(waiting, FailureKind.PAUSED).retry_at == until
    assert len(server.requests) == asked
    clock.advance(timedelta(hours=1))
    assert good(await client.article(server.url("/page"))).body == b"again"


@pytest.mark.anyio
async def test_p31_those_who_waited_already_are_paused_too(client: Client, server: Server) -> None:
    server.on("/0", answer(status=429, headers={"Retry-After": "60"}))
    answers = await asyncio.gather(
        *(client.get(Request(url=server.url(f"/{n}"))) for n in range(5))
    )
    assert [getattr(each, "kind", None) for each in answers] == [None] + [FailureKind.PAUSED] * 4
    assert len(server.requests) == 1


@pytest.mark.anyio
@pytest.mark.parametrize("jump", [timedelta(hours=12), timedelta(hours=-12)])
async def test_p41_a_jump_of_the_clock_changes_no_pause(
    client: Client, server: Server, clock: FakeClock, jump: timedelta
) -> None:
    server.on("/a", answer(status=429, headers={"Retry-After": "600"}))
    await client.get(Request(url=server.url("/a")))
    clock.jump(clock.now() + jump)
    paused = failed(await client.get(Request(url=server.url("/a"))), FailureKind.PAUSED)
    assert paused.retry_at == clock.now() + timedelta(seconds=600)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [503, 502, 403])
async def test_p31_a_503_pauses_no_other_feed(client: Client, server: Server, status: int) -> None:
    server.on("/a", answer(status=status, headers={"Retry-After": "7200"}))
    await client.get(Request(url=server.url("/a")))
    assert good(await client.get(Request(url=server.url("/b")))).status == 404


@pytest.mark.anyio
async def test_p31_the_operator_can_name_hosts_shared_by_many_sites(
    make_client, server: Server
) -> None:
    client = await make_client(shared_hosts=("127.0.0.1",))
    server.on("/a", answer(status=429, headers={"Retry-After": "7200"}))
    await client.get(Request(url=server.url("/a")))
    assert good(await client.get(Request(url=server.url("/b")))).status == 404


@pytest.mark.anyio
async def test_p31_the_operator_can_let_a_503_speak_for_all_of_a_host(
    make_client, server: Server, clock: FakeClock
) -> None:
    """A 503 pauses the whole host, even if an earlier process heard it; elsewhere only its feed."""
    own = {"127.0.0.1": HostSettings(pause_on_503=True)}
    client = await make_client(hosts=own)
    busy = answer(status=503, headers={"Retry-After": "7200"})
    server.on("/a", busy)
    await client.get(Request(url=server.url("/a")))
    paused = failed(await client.get(Request(url=server.url("/b"))), FailureKind.PAUSED)
    assert paused.retry_at == clock.now() + timedelta(hours=2)
    assert len(server.requests) == 1
    async with Server(host="127.0.0.2") as other:
        other.on("/a", busy)
        await client.get(Request(url=other.url("/a")))
        assert good(await client.get(Request(url=other.url("/b")))).status == 404


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("asked", "longest_s", "kept_s"),
    [
        (90 * 3600, 7 * 86400.0, 90 * 3600),
        (400 * 86400, 7 * 86400.0, 7 * 86400),
        (400 * 86400, 3600.0, 3600),
    ],
)
async def test_p30_a_hosts_pause_is_no_longer_than_the_settings_grant(
    make_client, server: Server, clock: FakeClock, asked: int, longest_s: float, kept_s: int
) -> None:
    client = await make_client(longest_pause_s=longest_s)
    server.on("/a", answer(status=429, headers={"Retry-After": str(asked)}))
    await client.get(Request(url=server.url("/a")))
    paused = failed(await client.get(Request(url=server.url("/b"))), FailureKind.PAUSED)
    assert paused.retry_at == clock.now() + timedelta(seconds=kept_s)


@pytest.mark.anyio
async def test_p27_a_pause_that_is_a_date_counts_by_the_servers_clock(
    client: Client, server: Server, clock: FakeClock
) -> None:
    """Our clock is two hours fast: by it the date is past, by the server's an hour away.

    A date has no fractions, so the pause lasts to the end of its second.
    """
    said = {
        "Date": "Fri, 18 Oct 2024 04:00:00 GMT",
        "Retry-After": "Fri, 18 Oct 2024 05:00:00 GMT",
    }
    server.on("/a", answer(status=429, headers=said))
    await client.get(Request(url=server.url("/a")))
    paused = failed(await client.get(Request(url=server.url("/b"))), FailureKind.PAUSED)
    assert paused.retry_at == clock.now() + timedelta(hours=1, seconds=1)


@pytest.mark.anyio
async def test_p45_one_host_may_have_a_pace_of_its_own(make_client, server: Server) -> None:
    """Requests may be closer at an own server, and further apart at one that asked for it."""
    own = {
        "127.0.0.1": HostSettings(spacing_s=0.0),
        "127.0.0.2": HostSettings(spacing_s=30.0, per_host=2),
    }
    async with (
        Server(host="127.0.0.2", clock=server.clock) as slow,
        Server(host="127.0.0.3", clock=server.clock) as usual,
    ):
        client = await make_client(hosts=own)
        for at in (server, slow, usual):
            at.on("*", answer(b"x"))
            for number in range(3):
                good(await client.get(Request(url=at.url(f"/{number}"))))
        paces = [
            [two.at - one.at for one, two in pairwise(at.requests)] for at in (server, slow, usual)
        ]
        assert paces == [[0.0, 0.0], [30.0, 30.0], [2.0, 2.0]]


@pytest.mark.anyio
async def test_p83_a_crawl_delay_counts_where_a_host_has_a_shorter_pace(
    make_client, server: Server
) -> None:
    client = await make_client(hosts={"127.0.0.1": HostSettings(spacing_s=0.0)})
    server.on("/robots.txt", answer(b"User-agent: *\nCrawl-delay: 10\n"))
    server.on("*", answer(b"x"))
    for number in range(3):
        good(await client.article(server.url(f"/{number}")))
    assert apart([seen.at for seen in server.requests], 10.0)


@pytest.mark.anyio
@pytest.mark.parametrize("status", [200, 204, 304, 302, 404])
async def test_p51_a_connection_is_good_for_more_after_any_answer_that_was_read(
    client: Client, server: Server, status: int
) -> None:
    """Answers without a body count too: most polls end with a 304."""
    body = b"" if status in (204, 304) else b"text"
    server.on("*", answer(body, status))
    for number in range(5):
        await client.get(Request(url=server.url(f"/{number}")))
    assert (len(server.requests), server.connections) == (5, 1)


@pytest.mark.anyio
async def test_p51_connections_are_reused_and_closed_soon_after(
    make_client, server: Server, clock: FakeClock
) -> None:
    client = await make_client()
    for number in range(10):
        good(await client.get(Request(url=server.url(f"/{number}"))))
    assert server.connections == 1
    async with client:
        pass
    await server.closed()


@pytest.mark.anyio
async def test_p51_an_idle_connection_closes_by_itself(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within a minute of its last use."""
    assert transport._KEEP_S < 60
    monkeypatch.setattr(transport, "_KEEP_S", 0.02)
    good(await client.get(Request(url=server.url("/f"))))
    await server.closed()


@pytest.mark.anyio
async def test_a_kept_connection_closed_by_the_server_is_replaced(
    client: Client, server: Server
) -> None:
    """The request was never answered there, so repeating it on a new connection is no retry."""
    server.on("/f", answer(b"one"), ["close"], answer(b"two"))
    assert good(await client.get(Request(url=server.url("/f")))).body == b"one"
    assert good(await client.get(Request(url=server.url("/f")))).body == b"two"


@pytest.mark.anyio
async def test_a_post_never_goes_on_a_kept_connection(client: Client, server: Server) -> None:
    """On a kept connection its arrival could be in doubt, and no message may be sent twice."""
    for _ in range(2):
        await client.post(server.url("/hook"), b"x")
    assert [seen.connection for seen in server.requests] == [1, 2]


@pytest.mark.anyio
async def test_idle_hosts_are_forgotten_and_paused_ones_are_not(clock: FakeClock) -> None:
    hosts = Hosts(clock, per_host=1, spacing_s=2.0, concurrency=1)
    hosts.pause("paused.test", timedelta(days=6))
    for number in range(5000):
        async with hosts.turn(f"h{number}.test"):
            pass
        clock.advance(1)
    assert len(hosts._hosts) <= 1001
    with pytest.raises(PausedError):
        async with hosts.turn("paused.test"):
            pass


@pytest.mark.anyio
async def test_a_cancelled_wait_leaves_no_place_taken(clock: FakeClock) -> None:
    hosts = Hosts(clock, per_host=1, spacing_s=0.0, concurrency=1)

    async def hold(turns: int) -> None:
        for _ in range(turns):
            async with hosts.turn("h.test"):
                await asyncio.sleep(0)

    waiting = [asyncio.create_task(hold(50)) for _ in range(5)]
    for task in waiting[::2]:
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with asyncio.timeout(0.5), hosts.turn("h.test"):
        pass


@pytest.mark.anyio
async def test_an_answer_that_waits_to_be_read_keeps_its_place(make_client, server: Server) -> None:
    """Answers in memory are bounded like requests in flight, also after a redirect."""
    server.on("/moved", redirect("/f"))
    client = await make_client(concurrency=1, per_host=2)
    with Hold() as hold:
        good(await client.get(Request(url=server.url("/moved")), hold))
        next_one = asyncio.create_task(client.get(Request(url=server.url("/next"))))
        for _ in range(20):
            await asyncio.sleep(0)
        assert [seen.target for seen in server.requests] == [b"/moved", b"/f"]
    good(await next_one)
