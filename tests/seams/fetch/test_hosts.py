"""The pace of a host: one at a time, spaced, quiet when asked, connections reused and closed."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from support.answers import failed, good
from support.server import Server, answer, redirect

from monitor.fetch.address import parse
from monitor.fetch.client import Client
from monitor.fetch.hosts import Hold, Hosts, PausedError, host_key, pause_of, start_at
from monitor.model import FailureKind, Request
from monitor.testing import FakeClock


def apart(times: list[float], seconds: float) -> bool:
    """Whether no two of them, one after the other, are closer than that."""
    return all(later - earlier >= seconds for earlier, later in pairwise(times))


NOW = datetime(2024, 10, 18, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (b"7200", 7200),
        (b"Fri, 18 Oct 2024 08:00:00 GMT", 7201),
        (b"Friday, 18-Oct-24 08:00:00 GMT", 7201),
        (b"Fri Oct 18 08:00:00 2024", 7201),
        (str(90 * 3600).encode(), 90 * 3600),
        (str(400 * 86400).encode(), 7 * 86400),
        (b"Fri, 18 Oct 2030 08:00:00 GMT", 7 * 86400),
        (b"Fri, 18 Oct 2024 05:59:59 GMT", None),
        (b"-5", None),
        (b"0", None),
        (b"99999999999999999999", None),
        (b"soon", None),
        (b"\xe9", None),
        (b"Fri, 99 Oct 99999 08:00:00 GMT", None),
        (b"", None),
        (None, None),
    ],
)
def test_p26_p27_p30_how_long_retry_after_asks_us_to_wait(
    value: bytes | None, seconds: int | None
) -> None:
    """Seconds or any of the three date forms, to the end of the second that a date names.

    Absurd waits are cut to a week.
    """
    assert pause_of(value, NOW) == (None if seconds is None else timedelta(seconds=seconds))


def test_p45_when_the_next_request_may_start() -> None:
    assert start_at(10.0, None, 2.0) == 10.0
    assert start_at(10.0, 9.0, 2.0) == 11.0
    assert start_at(10.0, 5.0, 2.0) == 10.0


def test_p46_http_and_https_of_a_name_are_one_host_other_ports_are_not() -> None:
    keys = [host_key(parse(url)) for url in ("http://A.example/", "https://a.example./x")]
    assert keys == ["a.example", "a.example"]
    assert host_key(parse("http://a.example:8080/")) == "a.example:8080"


@pytest.mark.anyio
async def test_p45_one_at_a_time_and_two_seconds_apart(client: Client, server: Server) -> None:
    server.on("*", [0.001, *answer(b"x")])
    urls = [server.url(f"/{number}") for number in range(20)]
    await asyncio.gather(*(client.get(Request(url=url)) for url in urls))
    times = [seen.at for seen in server.requests]
    assert server.most_in_flight == 1
    assert apart(times, 2.0)
    assert [seen.path for seen in server.requests] == [f"/{number}" for number in range(20)]


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
    monkeypatch.setattr("monitor.fetch.transport._KEEP_S", 0.02)
    good(await client.get(Request(url=server.url("/f"))))
    await server.closed()


@pytest.mark.anyio
async def test_a_kept_connection_closed_by_the_server_is_replaced(
    client: Client, server: Server
) -> None:
    """The request was never answered there, so asking again on a fresh connection is no retry."""
    server.on("/f", answer(b"one"), ["close"], answer(b"two"))
    assert good(await client.get(Request(url=server.url("/f")))).body == b"one"
    assert good(await client.get(Request(url=server.url("/f")))).body == b"two"


@pytest.mark.anyio
async def test_a_post_never_goes_on_a_kept_connection(client: Client, server: Server) -> None:
    """It could not be told whether it arrived, and a message must not be sent twice."""
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
    """Answers in memory are bounded like requests in flight, also behind a redirect."""
    server.on("/moved", redirect("/f"))
    client = await make_client(concurrency=1, per_host=2)
    with Hold() as hold:
        good(await client.get(Request(url=server.url("/moved")), hold))
        next_one = asyncio.create_task(client.get(Request(url=server.url("/next"))))
        for _ in range(20):
            await asyncio.sleep(0)
        assert [seen.target for seen in server.requests] == [b"/moved", b"/f"]
    good(await next_one)
