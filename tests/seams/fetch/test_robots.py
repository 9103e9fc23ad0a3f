"""robots.txt is fetched before articles, kept for a day, and obeyed (RFC 9309)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from protego import Protego
from support.answers import failed, good
from support.server import CLOSE, Server, answer, chunked, redirect

from monitor.fetch.address import parse
from monitor.fetch.client import Client
from monitor.fetch.robots import Robots, RobotsCheck, ours_only
from monitor.model import FailureKind, Request, Response
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio

CASES = Path(__file__).parent / "robots"
FORBID_ALL = b"User-agent: *\nDisallow: /\n"


def read_cases() -> list[tuple[str, str, bool]]:
    """Read `robots/NAME.txt` with `robots/NAME.cases`, which has lines of `yes|no PATH`."""
    return [
        (file.stem, line.split(" ", 1)[1], line.startswith("yes"))
        for file in sorted(CASES.glob("*.cases"))
        for line in file.read_text().splitlines()
    ]


@pytest.mark.parametrize(("name", "path", "allowed"), read_cases())
async def test_p82_rules_are_read_as_the_rfc_says(
    client: Client, server: Server, name: str, path: str, allowed: bool
) -> None:
    """Longest match, wildcards, our own group before `*`, BOM and CR LF are honoured."""
    server.on("/robots.txt", answer((CASES / f"{name}.txt").read_bytes()))
    answered = await client.article(server.url(path))
    if allowed:
        good(answered)
        assert server.asked(path)
    else:
        refused = failed(answered, FailureKind.ROBOTS)
        assert refused.forbidden
        assert refused.why.startswith("robots.txt forbids http://127.0.0.1")
        assert server.asked(path) == []


async def test_p80_asked_once_a_day_and_then_conditionally(
    client: Client, server: Server, clock: FakeClock
) -> None:
    """30 articles over three days cause three requests."""
    server.on(
        "/robots.txt",
        answer(b"User-agent: *\nDisallow: /no", headers={"ETag": '"1"', "Last-Modified": "then"}),
        answer(status=304),
        answer(status=304, headers={"ETag": '"2"'}),
    )
    for number in range(30):
        good(await client.article(server.url(f"/{number}")))
        failed(await client.article(server.url("/no")), FailureKind.ROBOTS)
        clock.advance(timedelta(hours=2, minutes=24))
    asked = server.asked("/robots.txt")
    assert [seen.header("if-none-match") for seen in asked] == [None, b'"1"', b'"1"']
    assert [seen.header("if-modified-since") for seen in asked] == [None, b"then", b"then"]


async def test_p80_many_articles_at_once_ask_once(client: Client, server: Server) -> None:
    await asyncio.gather(*(client.article(server.url(f"/{n}")) for n in range(5)))
    assert len(server.asked("/robots.txt")) == 1
    assert len(server.requests) == 6


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_p81_4xx_means_allowed(client: Client, server: Server, status: int) -> None:
    server.on("/robots.txt", answer(FORBID_ALL, status))
    server.on("/page", answer(b"page"))
    assert good(await client.article(server.url("/page"))).body == b"page"


@pytest.mark.parametrize("script", [answer(FORBID_ALL, 500), answer(status=503), [CLOSE]])
async def test_p81_5xx_and_unreachable_mean_disallowed_and_are_asked_again(
    client: Client, server: Server, clock: FakeClock, script
) -> None:
    server.on("/robots.txt", script, answer(status=404))
    server.on("/page", answer(b"page"))
    refused = failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
    assert refused.why.startswith("robots.txt cannot be read") and not refused.forbidden
    assert refused.retry_at
    assert server.asked("/page") == []
    clock.advance(refused.retry_at - clock.now())
    assert good(await client.article(server.url("/page"))).body == b"page"


@pytest.mark.parametrize("shared", [(), ("127.0.0.1",)])
async def test_p81_a_429_says_nothing_about_rules(
    make_client, server: Server, clock: FakeClock, shared: tuple[str, ...]
) -> None:
    """After the pause the rules are asked for before any page; they were taken for none."""
    client = await make_client(shared_hosts=shared)
    busy = answer(status=429, headers={"Retry-After": "7200"})
    server.on("/robots.txt", busy, answer(FORBID_ALL))
    await client.article(server.url("/page"))
    again = failed(await client.article(server.url("/page")), FailureKind.PAUSED)  # no try of it
    assert again.retry_at == clock.now() + timedelta(seconds=7200)
    clock.advance(7201)
    failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
    assert [seen.path for seen in server.requests] == ["/robots.txt", "/robots.txt"]


async def test_p81_who_answers_429_again_after_the_wait_refuses(
    client: Client, server: Server, clock: FakeClock
) -> None:
    """Some sites answer nothing else to a program: its tries are spent, and its feeds shown."""
    server.on("/robots.txt", answer(status=429, headers={"Retry-After": "60"}))
    failed(await client.article(server.url("/page")), FailureKind.PAUSED)
    for _ in range(2):
        clock.advance(3601)
        refused = failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
        assert "it answers 429 again" in refused.why


async def test_p82_a_mark_within_the_file_is_passed_over(client: Client, server: Server) -> None:
    """Files that were joined of others hold their byte order marks."""
    mark = "\ufeff"
    server.on("/robots.txt", answer(f"{mark}# a\n{mark}User-agent: *\nDisallow: /no\n".encode()))
    failed(await client.article(server.url("/no")), FailureKind.ROBOTS)


@pytest.mark.parametrize(("asked", "kept"), [(7200, 7200), (60, 3600), (400 * 86400, 7 * 86400)])
async def test_p28_p81_a_robots_txt_that_asks_for_a_wait_gets_it(
    make_client, server: Server, clock: FakeClock, asked: int, kept: int
) -> None:
    """At least an hour as always, at most a week; the next process keeps it too."""
    shelf = Shelf()
    busy = answer(status=503, headers={"Retry-After": str(asked)})
    server.on("/robots.txt", busy, answer(status=404))
    server.on("/page", answer(b"page"))
    client = await make_client(memory=shelf)
    refused = failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
    assert refused.retry_at == clock.now() + timedelta(seconds=kept)
    clock.advance(kept - 1)
    client = await make_client(memory=shelf)
    again = failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
    assert again.retry_at == refused.retry_at
    assert len(server.asked("/robots.txt")) == 1
    clock.advance(1)
    assert good(await client.article(server.url("/page"))).body == b"page"


@pytest.mark.parametrize("where", ["ftp://h/", "http://10.0.0.1/robots.txt", "paused"])
async def test_p80_p81_a_robots_txt_that_leads_where_we_do_not_go_is_asked_once_an_hour(
    client: Client, server: Server, clock: FakeClock, where: str
) -> None:
    """It counts as unreachable; otherwise each article would ask for it anew."""
    async with Server(host="127.0.0.2", clock=server.clock) as other:
        if where == "paused":
            client.leave(f"127.0.0.2:{other.port}", 7200)
            where = other.url("/rules")
        server.on("/robots.txt", redirect(where, 301))
        for number in range(5):
            refused = await client.article(server.url(f"/{number}"))
            why = failed(refused, FailureKind.ROBOTS).why
            assert why.startswith("robots.txt cannot be read")
        assert [seen.path for seen in server.requests] == ["/robots.txt"]
        assert other.requests == []
        clock.advance(timedelta(hours=2, seconds=1))
        await client.article(server.url("/page"))
        assert len(server.asked("/robots.txt")) == 2


async def test_p81_rules_once_read_are_asked_conditionally_after_a_failure(
    client: Client, server: Server, clock: FakeClock
) -> None:
    rules = answer(b"User-agent: *\nDisallow: /no", headers={"ETag": '"1"'})
    server.on("/robots.txt", rules, answer(status=500), answer(status=304))
    good(await client.article(server.url("/page")))
    clock.advance(timedelta(hours=25))
    failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
    clock.advance(timedelta(hours=2))
    good(await client.article(server.url("/page")))
    failed(await client.article(server.url("/no")), FailureKind.ROBOTS)
    assert server.asked("/robots.txt")[-1].header("if-none-match") == b'"1"'


async def test_p81_redirects_of_robots_are_followed_and_too_many_mean_allowed(
    client: Client, server: Server
) -> None:
    server.on("/robots.txt", redirect("/rules", 301))
    server.on("/rules", answer(FORBID_ALL))
    failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
    async with Server() as other:
        other.on("/robots.txt", *(redirect(f"/robots.txt?{n}") for n in range(9)))
        for n in range(9):
            other.on(f"/robots.txt?{n}", redirect(f"/robots.txt?{n + 1}"))
        good(await client.article(other.url("/page")))
        assert sum(seen.path.startswith("/robots.txt") for seen in other.requests) == 6
    async with Server() as circle:
        circle.on("/robots.txt", redirect("/robots.txt"))
        good(await client.article(circle.url("/page")))
        assert len(circle.asked("/robots.txt")) == 1


async def test_p81_the_first_500_kib_are_read(make_client, server: Server) -> None:
    """The rest of the file is neither read nor waited for."""

    def long():
        yield b"User-agent: *\nDisallow: /first\n"
        for _ in range(600):
            yield b"#" * 1023 + b"\n"
        yield b"Disallow: /late\n"
        while True:
            yield b"#" * 1000

    client = await make_client(timeout_s=5.0)
    server.on("/robots.txt", lambda _seen: chunked(long()))
    failed(await client.article(server.url("/first")), FailureKind.ROBOTS)
    good(await client.article(server.url("/late")))


@pytest.mark.parametrize(
    ("said", "kept"), [(b"10", 10.0), (b"600", 60.0), (b"1", 2.0), (b"x", 2.0)]
)
async def test_p83_crawl_delay_is_kept_up_to_a_minute(
    client: Client, server: Server, clock: FakeClock, said: bytes, kept: float
) -> None:
    server.on("/robots.txt", answer(b"User-agent: monitor\nCrawl-delay: " + said))
    await asyncio.gather(*(client.article(server.url(f"/{n}")) for n in range(4)))
    times = [seen.at for seen in server.requests]
    assert [later - earlier for earlier, later in pairwise(times)] == [kept] * 4


async def test_p84_a_feed_is_asked_without_robots(client: Client, server: Server) -> None:
    server.on("/robots.txt", answer(FORBID_ALL))
    server.on("/feed", answer(b"<rss/>"))
    assert good(await client.get(Request(url=server.url("/feed")))).body == b"<rss/>"
    assert server.asked("/robots.txt") == []


async def test_a_redirect_is_checked_against_the_rules_of_where_it_leads(
    client: Client, server: Server
) -> None:
    async with Server() as other:
        other.on("/robots.txt", answer(FORBID_ALL))
        server.on("/page", redirect(other.url("/page")))
        refused = failed(await client.article(server.url("/page")), FailureKind.ROBOTS)
        assert [hop.url for hop in refused.hops] == [other.url("/page")]
        assert other.asked("/page") == []


class Shelf:
    """A memory for robots.txt, in place of the store."""

    def __init__(self) -> None:
        self.kept: dict[str, Robots] = {}

    async def load(self, origin: str) -> Robots | None:
        return self.kept.get(origin)

    async def save(self, robots: Robots) -> None:
        self.kept[robots.origin] = robots


async def test_p80_what_is_known_outlives_the_process(
    make_client, server: Server, clock: FakeClock
) -> None:
    shelf = Shelf()
    server.on("/robots.txt", answer(b"User-agent: *\nDisallow: /no", headers={"ETag": '"1"'}))
    failed(await (await make_client(memory=shelf)).article(server.url("/no")), FailureKind.ROBOTS)
    second = await make_client(memory=shelf)
    failed(await second.article(server.url("/no")), FailureKind.ROBOTS)
    assert len(server.asked("/robots.txt")) == 1
    origin = server.url("").rstrip("/")
    shelf.kept[origin] = replace(shelf.kept[origin], fetched=clock.now() - timedelta(days=2))
    failed(await (await make_client(memory=shelf)).article(server.url("/no")), FailureKind.ROBOTS)
    assert server.asked("/robots.txt")[-1].header("if-none-match") == b'"1"'


async def test_long_files_after_many_short_ones_are_forgotten_too(clock: FakeClock) -> None:
    """As many as there is room for are remembered, whatever was there before them."""
    asked: list[str] = []

    async def ask(request: Request) -> Response:
        asked.append(request.url)
        body = b"#" * 400_000 if "long" in request.url else b""
        return Response(url=request.url, status=200, body=body)

    check = RobotsCheck(clock, ask)
    for number in range(2_000):
        await check.permit(parse(f"http://short{number}.example/"))
    long = [parse(f"http://long{number}.example/") for number in range(40)]
    for address in long:
        await check.permit(address)
    asked.clear()
    for address in reversed(long):
        await check.permit(address)
    assert 0 < len(long) - len(asked) < 20


def test_a_robots_file_of_many_names_stays_small() -> None:
    """10,000 names over 10,000 rules become one group for others, which forbids us nothing."""
    names = "".join(f"User-agent: bot{number}\n" for number in range(10_000))
    rules = "".join(f"Disallow: /{number}\n" for number in range(10_000))
    read = Protego.parse(ours_only(names + rules))
    assert len(read._user_agents) == 1
    assert read.can_fetch("http://h.example/1", "monitor")


@pytest.mark.parametrize(
    ("line", "kept"),
    [
        ("User-agent: Monitor/1.0", "User-agent: monitor"),
        ("  user-agent : * # all", "User-agent: *"),
        ("Useragent monitor", "User-agent: monitor"),
        ("User-agent: monitoring", "User-agent: another"),
        ("User-agent: mon", "User-agent: another"),
        ("Disallow: /user-agent", "Disallow: /user-agent"),
    ],
)
def test_p82_only_groups_that_name_us_count(line: str, kept: str) -> None:
    assert ours_only(line) == kept
