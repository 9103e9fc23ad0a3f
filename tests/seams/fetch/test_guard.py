"""Connections go only to the public internet and to what the operator allows."""

from __future__ import annotations

import asyncio
from ipaddress import ip_address
from pathlib import Path

import pytest
from support.answers import failed, good
from support.server import Server, answer

from monitor.fetch.address import AddressError, parse
from monitor.fetch.client import Client
from monitor.fetch.guard import Guard, RefusedError, Rules, public
from monitor.model import FailureKind, Request

ADDRESSES = Path(__file__).parent / "addresses"
NOT_PUBLIC = (ADDRESSES / "not_public.txt").read_text().split()
HIDDEN_IPV4 = (ADDRESSES / "hidden_ipv4.txt").read_text().split()
PUBLIC = (ADDRESSES / "public.txt").read_text().split()


@pytest.mark.parametrize("text", NOT_PUBLIC)
def test_s01_addresses_that_are_not_public(text: str) -> None:
    assert not public(ip_address(text))


@pytest.mark.parametrize("text", HIDDEN_IPV4)
def test_s02_ipv4_hidden_in_ipv6(text: str) -> None:
    assert not public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_are_reached_also_through_nat64(text: str) -> None:
    assert public(ip_address(text))


@pytest.mark.anyio
@pytest.mark.parametrize("text", [text for text in NOT_PUBLIC + HIDDEN_IPV4 if "%" not in text])
async def test_s01_s02_refused_when_asked_and_when_a_name_leads_there(
    make_client, text: str
) -> None:
    async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
        return [(text, port)]

    client = await make_client(resolve, allow_private=())
    literal = f"[{text}]" if ":" in text else text
    failed(await client.get(Request(url=f"http://{literal}/")), FailureKind.REFUSED)
    failed(await client.get(Request(url="http://name.test/")), FailureKind.REFUSED)


@pytest.mark.anyio
@pytest.mark.parametrize(
    "host",
    [
        *(
            "2130706433",
            "0x7f.1",
            "127.1",
            "0177.0.0.1",
            "0",
            "0x7f000001",
            "127.0.0.1.",
            "localhost",
        ),
        *("\uff11\uff12\uff17.\uff10.\uff10.\uff11", "127\u30020\u30020\u30021", "[::ffff:7f00:1]"),
        *(
            "user@host@127.0.0.1",
            "127.0.0.1\\@good.example",
            "good.example\\@127.0.0.1",
            "127.0.0.1\t",
        ),
        *(
            "[fe80::1%25eth0]",
            "[fe80::1%eth0]",
            "[127.0.0.1]",
            "u:p@127.0.0.1",
            "127.0.0.1%00",
            "[::]",
        ),
    ],
)
async def test_s03_odd_spellings_reach_nothing(make_client, server: Server, host: str) -> None:
    """The real system resolves these spellings; the guard judges the address that comes out."""
    client = await make_client(allow_private=(), allow_ports=(80, server.port))
    answered = await client.get(Request(url=f"http://{host}:{server.port}/"))
    assert getattr(answered, "kind", None) in (FailureKind.REFUSED, FailureKind.DNS)
    assert server.connections == 0


@pytest.mark.anyio
async def test_s04_only_the_checked_addresses_of_a_name_are_used() -> None:
    async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
        return [(text, port) for text in ("10.0.0.1", "1.1.1.1", "::1", "1.1.1.1", "2606:4700::1")]

    found = await Guard(Rules.of((), (80,)), resolve).addresses("mixed.test", 80)
    assert [str(address) for address, _ in found] == ["1.1.1.1", "2606:4700::1"]


@pytest.mark.anyio
async def test_s05_the_address_checked_is_the_address_connected_to(
    make_client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each connection has one look-up, and each answer is checked; Host keeps the name."""
    async with Server(host="127.0.0.2") as inner:
        answers = [("127.0.0.1", server.port), ("127.0.0.2", inner.port)]
        asked: list[str] = []

        async def resolve(host: str, _port: int) -> list[tuple[str, int]]:
            asked.append(host)
            return [answers.pop(0)]

        async def tripwire(*_: object, **__: object) -> object:
            raise AssertionError("a second look-up")

        monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", tripwire)
        client = await make_client(resolve, allow_private=("127.0.0.1",))
        server.on("/f", answer(b"x", headers={"Connection": "close"}))
        good(await client.get(Request(url="http://feed.test/f")))
        assert server.requests[0].header("host") == b"feed.test"
        failed(await client.get(Request(url="http://feed.test/f")), FailureKind.REFUSED)
        assert asked == ["feed.test", "feed.test"]
        assert inner.connections == 0


@pytest.mark.parametrize(
    "url",
    [
        *("file:///etc/passwd", "ftp://h/", "gopher://h/1", "data:,x", "jar:http://h!/", "ws://h/"),
        *("unix:/run/x", "javascript:alert(1)", "h.example/feed", "", "http:h.example", "http//h"),
        *(
            "http://h:0/",
            "http://h:99999/",
            "http://h:8x/",
            "http://-h/",
            "http://h h/",
            "http://h\n/",
        ),
    ],
)
def test_s07_other_schemes_and_broken_addresses_are_refused(url: str) -> None:
    with pytest.raises(AddressError):
        parse(url)


@pytest.mark.anyio
async def test_s07_refused_with_a_plain_message(client: Client) -> None:
    failure = failed(await client.get(Request(url="file:///etc/passwd")), FailureKind.REFUSED)
    assert failure.why == "only http and https are asked, not 'file'"


@pytest.mark.anyio
async def test_s08_articles_robots_and_posts_use_the_same_guard(
    make_client, server: Server
) -> None:
    client = await make_client(allow_private=())
    failed(await client.article(server.url("/a")), FailureKind.REFUSED)
    failed(await client.post(server.url("/hook"), b"x"), FailureKind.REFUSED)
    assert server.connections == 0


@pytest.mark.anyio
async def test_s09_proxies_of_the_environment_are_ignored(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    good(await client.get(Request(url=server.url("/f"))))


@pytest.mark.anyio
@pytest.mark.parametrize(
    "allowed", ["127.0.0.1", "127.0.0.0/30", "intranet.test", "Intranet.Test."]
)
async def test_s10_only_what_is_allowed_becomes_reachable(
    make_client, server: Server, allowed: str
) -> None:
    """One network, address or name is allowed, on any port; everything else stays refused."""

    async def resolve(host: str, _port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1" if host == "intranet.test" else "127.0.0.9", server.port)]

    client = await make_client(resolve, allow_private=(allowed,))
    good(await client.get(Request(url="http://intranet.test/f")))
    failed(await client.get(Request(url="http://other.test/f")), FailureKind.REFUSED)
    failed(await client.get(Request(url="http://192.168.0.1/")), FailureKind.REFUSED)


@pytest.mark.parametrize(
    ("port", "allowed"), [(80, True), (8443, True), (22, False), (6379, False)]
)
def test_s11_ports(port: int, allowed: bool) -> None:
    rules = Rules.of(("10.0.0.0/8",), (80, 443, 8080, 8443))
    assert rules.permits("h.test", ip_address("1.1.1.1"), port) is allowed
    assert rules.permits("h.test", ip_address("10.0.0.1"), port)


@pytest.mark.anyio
async def test_s11_what_is_refused_names_the_setting_that_would_permit_it(server: Server) -> None:
    """Addresses and ports are permitted by two different settings."""
    guard = Guard(Rules.of((), (80, 443)), server.resolver())
    with pytest.raises(RefusedError, match=r"^1\.1\.1\.1: port 22 is not one of .*allow_ports$"):
        await guard.addresses("1.1.1.1", 22)
    with pytest.raises(RefusedError, match=r"^10\.0\.0\.1: not a public .* allow_private$"):
        await guard.addresses("10.0.0.1", 80)


@pytest.mark.anyio
async def test_s12_an_open_and_a_closed_private_target_look_the_same(
    make_client, server: Server
) -> None:
    client = await make_client(allow_private=(), allow_ports=(server.port, 9))
    told = {
        failed(await client.get(Request(url=f"http://127.0.0.1:{port}/")), FailureKind.REFUSED).why
        for port in (server.port, 9)
    }
    assert len(told) == 1
    with pytest.raises(RefusedError):
        await Guard(Rules.of((), (9,)), server.resolver()).addresses("127.0.0.1", 9)
