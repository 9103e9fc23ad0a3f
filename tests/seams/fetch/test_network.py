"""Failing name servers, cut networks, and hosts whose IPv6 or IPv4 is dead."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from support.answers import failed, good
from support.server import HANG, RESET, BlackHole, Server, answer

from monitor.model import FailureKind, Request

pytestmark = pytest.mark.anyio


class Names:
    """A scripted system look-up: a host's addresses, an error, or no answer."""

    def __init__(self, known: dict[str, Sequence[str] | Exception]) -> None:
        self._known = known
        self.silent = threading.Event()
        """Set at the end: till then hosts of which nothing is known are being looked up."""
        self.asked: list[str] = []
        self.busy: set[str] = set()
        """The threads that look up."""

    def __call__(self, host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        self.asked.append(host)
        self.busy.add(threading.current_thread().name)
        if host not in self._known:
            self.silent.wait(60)
        found = self._known.get(host, ())
        if isinstance(found, Exception):
            raise found
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (text, port)) for text in found]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Iterator[Names]:
    """Replace the system's look-up by a script; `good.test` is on loopback."""
    some = Names(
        {
            "good.test": ("127.0.0.1",),
            "servfail.test": socket.gaierror(socket.EAI_AGAIN, "try again"),
            "nxdomain.test": socket.gaierror(socket.EAI_NONAME, "no such name"),
            "empty.test": (),
            "garbage.test": ("not an address",),
            "inward.test": ("10.0.0.1", "169.254.169.254"),
        }
    )
    monkeypatch.setattr(socket, "getaddrinfo", some)
    yield some
    some.silent.set()


@pytest.mark.parametrize(
    ("host", "kind", "why"),
    [
        ("servfail.test", FailureKind.DNS, "servfail.test does not resolve"),
        ("nxdomain.test", FailureKind.DNS, "nxdomain.test does not resolve"),
        ("empty.test", FailureKind.DNS, "empty.test does not resolve"),
        ("garbage.test", FailureKind.DNS, "garbage.test does not resolve"),
        ("inward.test", FailureKind.REFUSED, "inward.test: not a public address"),
        ("silent.test", FailureKind.DNS, "silent.test: no name server answered in time"),
    ],
)
async def test_F90_what_name_servers_say_wrong_is_a_failure_of_that_host_alone(
    make_client, server: Server, names: Names, host: str, kind: FailureKind, why: str
) -> None:
    """Failures range from SERVFAIL to silence; another host is fetched at the same time."""
    server.on("/f", answer(b"news"))
    client = await make_client(connect_timeout_s=1.0, timeout_s=10.0)
    bad, other = await asyncio.gather(
        client.get(Request(url=f"http://{host}:{server.port}/f")),
        client.get(Request(url=server.url("/f", host="good.test"))),
    )
    assert failed(bad, kind).why.startswith(why)
    assert good(other).body == b"news"


async def test_F90_dead_name_servers_hold_one_thread_for_each_host(
    make_client, server: Server, names: Names
) -> None:
    """Repeated requests for a host share its look-up; otherwise it would take every thread."""
    server.on("/f", answer(b"news"))
    client = await make_client(connect_timeout_s=1.0, timeout_s=10.0, spacing_s=0, concurrency=2)
    for _ in range(2):
        failed(await client.get(Request(url="http://silent.test/f")), FailureKind.DNS)
    assert names.asked == ["silent.test"]
    assert good(await client.get(Request(url=server.url("/f", host="good.test")))).body == b"news"
    assert len(names.busy) <= 2
    names.silent.set()
    failed(await client.get(Request(url="http://silent.test/f")), FailureKind.DNS)


@pytest.mark.parametrize(
    "cut",
    [
        [HANG],
        [RESET],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", HANG],
        [b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", RESET],
    ],
    ids=["half-open", "reset", "half-open in the body", "reset in the body"],
)
@pytest.mark.parametrize("kept", [False, True])
async def test_F91_what_is_cut_ends_at_the_deadline_and_works_again_at_once(
    make_client, server: Server, cut: list[Any], kept: bool
) -> None:
    """Fresh and kept connections recover alike, and nothing of the cut answer is taken."""
    server.on("/before", answer(b"before"))
    server.on("/f", cut, cut, answer(b"whole"))
    client = await make_client(timeout_s=10.0, spacing_s=0)
    hasty = Request(url=server.url("/f"), deadline_s=0.2)
    if kept:
        good(await client.get(Request(url=server.url("/before"))))
    bad = await client.get(hasty)
    kinds = (FailureKind.TIMEOUT, FailureKind.PROTOCOL, FailureKind.CONNECT)
    assert getattr(bad, "kind", None) in kinds
    while len(server.asked("/f")) < 2:
        await client.get(hasty)
    assert good(await client.get(Request(url=server.url("/f")))).body == b"whole"


async def test_F91_packets_that_are_dropped_end_at_the_deadline(
    make_client, server: Server
) -> None:
    """The same host works as soon as packets get through."""
    server.on("/f", answer(b"news"))
    async with BlackHole() as hole:
        ports = [hole, server.port]

        async def resolve(_host: str, _port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", ports.pop(0))]

        client = await make_client(resolve, timeout_s=10.0, connect_timeout_s=1.0, spacing_s=0)
        dropped = await client.get(Request(url="http://cut.test/f"))
        assert failed(dropped, FailureKind.CONNECT).why == "no connection in time"
        assert good(await client.get(Request(url="http://cut.test/f"))).body == b"news"


async def test_F92_of_a_host_whose_ipv6_is_dead_ipv4_is_used(make_client, server: Server) -> None:
    """IPv4 is reached though the resolver first gives more IPv6 addresses than are tried in all.

    These are addresses for discarding (RFC 6666).
    """

    async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
        return [(text, port) for text in (*(f"100::{n}" for n in range(1, 9)), "127.0.0.1")]

    server.on("/f", answer(b"news"))
    allowed = ("100::/64", "127.0.0.1")
    client = await make_client(
        resolve, allow_private=allowed, timeout_s=10.0, connect_timeout_s=4.0
    )
    assert good(await client.get(Request(url=server.url("/f", host="both.test")))).body == b"news"
