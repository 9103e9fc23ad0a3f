"""Whatever a broken or hostile server does ends soon, with a reason, and harms nobody else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.answers import failed, good
from support.server import CLOSE, HANG, RESET, BlackHole, Script, Server, answer, chunked, redirect

from monitor.fetch import wire
from monitor.fetch.client import Client, FetchSettings
from monitor.model import FailureKind, Request

pytestmark = pytest.mark.anyio


def forever(head: bytes, line: bytes, pause: float = 0.0) -> Script:
    """Yield a head that never ends."""
    yield head
    while True:
        if pause:
            yield pause
        yield line


def drip() -> Iterator[bytes]:
    while True:
        yield b"x"


async def test_p49_s43_what_never_ends_is_given_up_at_the_deadline(
    make_client, server: Server
) -> None:
    """A silent server or a dripping head or body times out; then the connection is closed."""
    client = await make_client(timeout_s=0.15)
    ok = b"HTTP/1.1 200 OK\r\n"
    server.on("/silent", [HANG])
    server.on("/half", [ok, HANG])
    server.on("/head", lambda _: forever(ok, b"X: y\r\n", 0.02))
    server.on("/body", lambda _: chunked(drip(), pause=0.02))
    server.on("/next", answer(b"x"))
    for path in ("/silent", "/half", "/head", "/body"):
        failure = failed(await client.get(Request(url=server.url(path))), FailureKind.TIMEOUT)
        assert failure.why == "no full answer in 0.15 s"
        assert good(await client.get(Request(url=server.url("/next")))).body == b"x"
    await client.__aexit__(None, None, None)
    await server.closed()


def test_p49_the_limits_are_sixty_seconds_and_ten_to_connect() -> None:
    assert (FetchSettings().timeout_s, FetchSettings().connect_timeout_s) == (60.0, 10.0)


async def test_p49_the_deadline_covers_all_redirects_together(make_client, server: Server) -> None:
    client = await make_client(timeout_s=0.25)
    for number in range(5):
        server.on(f"/{number}", [0.1, *redirect(f"/{number + 1}")])
    failure = failed(await client.get(Request(url=server.url("/0"))), FailureKind.TIMEOUT)
    assert 1 <= len(failure.hops) <= 3


async def test_p49_a_request_may_bring_its_own_deadline(make_client, server: Server) -> None:
    client = await make_client(timeout_s=30.0)
    server.on("/silent", [HANG])
    answered = await client.get(Request(url=server.url("/silent"), deadline_s=0.05))
    failed(answered, FailureKind.TIMEOUT)


async def test_p49_a_black_hole_is_given_up_and_nobody_is_connected_to_twice(make_client) -> None:
    """A listener with a full queue is as silent as an address that drops every packet."""
    async with BlackHole() as port:
        client = await make_client(timeout_s=0.3, connect_timeout_s=0.1)
        url = f"http://127.0.0.1:{port}/"
        failed(await client.get(Request(url=url)), FailureKind.CONNECT)


@pytest.mark.parametrize(
    "flood",
    [
        b"X-Pad: " + b"y" * 1000 + b"\r\n",
        b"y" * 1000,
    ],
    ids=["headers", "one-line"],
)
async def test_s43_a_flood_of_headers_is_ended(
    client: Client, server: Server, flood: bytes
) -> None:
    server.on("/f", lambda _: forever(b"HTTP/1.1 200 OK\r\n", flood))
    failure = failed(await client.get(Request(url=server.url("/f"))), FailureKind.PROTOCOL)
    assert failure.wire_bytes < 2**20
    await server.closed()


async def test_s43_200_kb_of_headers_are_too_many(client: Client, server: Server) -> None:
    server.on("/f", answer(headers=[(f"X-{n}", "y" * 1000) for n in range(200)]))
    failed(await client.get(Request(url=server.url("/f"))), FailureKind.PROTOCOL)


async def test_s43_endless_interim_answers_are_ended(make_client, server: Server) -> None:
    """Interim answers are ended by their number; the server takes a while to write so many."""
    client = await make_client(timeout_s=10.0)
    server.on("/f", lambda _: forever(b"", b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"))
    failed(await client.get(Request(url=server.url("/f"))), FailureKind.PROTOCOL)


async def test_a_few_interim_answers_are_passed_over(client: Client, server: Server) -> None:
    server.on("/f", [b"HTTP/1.1 103 Early Hints\r\n\r\n" * 2, *answer(b"body")])
    assert good(await client.get(Request(url=server.url("/f")))).body == b"body"


async def test_s43_a_flood_of_chunk_extensions_is_ended(client: Client, server: Server) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;"
    server.on("/f", lambda _: forever(head, b"ext=" + b"y" * 1000 + b";"))
    failed(await client.get(Request(url=server.url("/f"))), FailureKind.PROTOCOL)
    await server.closed()


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\x0b\r\n\r\nhello",
        b"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.1 200 OK\r\nX: y\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 103 Hints\r\n\r\nHTTP/1.1 200 OK\nContent-Length: 5\n\nhello",
        b"HTTP/1.1 200 OK\r\nX: a\x00b\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"<html>no http at all</html>\r\n\r\n",
        b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n",
    ],
)
async def test_s44_two_readings_of_one_answer_are_an_error(
    client: Client, server: Server, raw: bytes
) -> None:
    """Two lengths, bare line feeds, NUL and broken framing end the answer and the connection."""
    server.on("/f", [raw, CLOSE])
    failure = failed(await client.get(Request(url=server.url("/f"))), FailureKind.PROTOCOL)
    assert failure.why
    assert "\x00" not in failure.why
    await server.closed()


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5, 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nX: a\r\n \tb\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 \r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.1 200\r\nTransfer-Encoding: Chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nX: y\r\n\r\n",
    ],
)
async def test_what_is_odd_and_can_be_read_in_one_way_is_read(
    client: Client, server: Server, raw: bytes
) -> None:
    """A repeated equal length, a header on two lines and spaces after a size are accepted."""
    server.on("/f", [raw])
    server.on("/next", answer(b"next"))
    assert good(await client.get(Request(url=server.url("/f")))).body == b"hello"
    assert good(await client.get(Request(url=server.url("/next")))).body == b"next"


async def test_s44_chunks_beside_a_length_end_the_connection(
    client: Client, server: Server
) -> None:
    """The chunks count: by the length, the rest would be taken for the next answer."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.on("/f", [head + b"5\r\nhello\r\n0\r\n\r\n"])
    assert good(await client.get(Request(url=server.url("/f")))).body == b"hello"
    await server.closed()


async def test_s44_bytes_after_an_answer_are_never_taken_for_the_next(
    client: Client, server: Server
) -> None:
    """A second answer slipped in behind the first ends the connection instead."""
    server.on("/first", [*answer(b"first"), *answer(b"slipped in")])
    server.on("/304", [*answer(status=304), b"body behind a 304"])
    server.on("/second", answer(b"second"))
    for path in ("/first", "/304"):
        good(await client.get(Request(url=server.url(path))))
        assert good(await client.get(Request(url=server.url("/second")))).body == b"second"


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", CLOSE], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf", RESET], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\n\r\nhalf", 0.02, RESET], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n", CLOSE],
         FailureKind.PROTOCOL),
        ([CLOSE], FailureKind.PROTOCOL),
        ([RESET], FailureKind.PROTOCOL),
        ([b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE], FailureKind.PROTOCOL),
    ],
)  # fmt: skip
async def test_p35_a_broken_answer_is_a_failure_and_not_asked_again(
    client: Client, server: Server, script: Script, kind: FailureKind
) -> None:
    """No part of a body passes for the whole, and the same cycle makes no second try."""
    server.on("/f", script)
    failed(await client.get(Request(url=server.url("/f"))), kind)
    assert len(server.requests) == 1


async def test_a_body_ended_by_the_connection_is_whole(client: Client, server: Server) -> None:
    server.on("/f", answer(b"all of it", length=False))
    assert good(await client.get(Request(url=server.url("/f")))).body == b"all of it"


async def test_p35_closed_ports_and_unknown_names_have_their_words(make_client) -> None:
    async with Server() as gone:
        url = gone.url()
    client = await make_client(gone.resolver())
    closed = failed(await client.get(Request(url=url)), FailureKind.CONNECT)
    assert closed.why == "connection refused"
    unknown = failed(await client.get(Request(url="http://unknown.test/")), FailureKind.DNS)
    assert unknown.why == "unknown.test does not resolve"


async def test_a_header_that_cannot_be_sent_is_a_failure(client: Client, server: Server) -> None:
    """A stored validator that contains a line break must not split the request."""
    headers = (("If-None-Match", b'"x"\r\nX-Evil: 1'),)
    failed(await client.get(Request(url=server.url("/f"), headers=headers)), FailureKind.PROTOCOL)
    assert server.requests == []


async def test_p01_a_validator_with_control_characters_goes_back_as_it_came(
    client: Client, server: Server
) -> None:
    """A feed whose validator comes from HTTP/2 must stay pollable over HTTP/1.1."""
    server.on("/f", answer(status=304))
    etag = b'"' + bytes(code for code in range(1, 256) if code not in b"\r\n") + b'"'
    good(await client.get(Request(url=server.url("/f"), headers=(("If-None-Match", etag),))))
    assert server.requests[0].header("if-none-match") == etag


async def test_s43_a_head_that_comes_byte_by_byte_is_looked_at_once(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scanned from its start for each byte, a head of 64 KB would take half a minute."""
    looks: list[int] = []

    class Counting:
        def search(self, head: bytes, start: int = 0) -> object:
            looks.append(len(head) - start)
            return bare.search(head, start)

    bare = wire._BARE_LF
    monkeypatch.setattr(wire, "_BARE_LF", Counting())
    [whole] = answer(b"x", headers={"X": "y" * 500})
    assert isinstance(whole, bytes)
    server.on("/f", [step for byte in whole for step in (bytes([byte]), 0.0)])
    assert good(await client.get(Request(url=server.url("/f")))).body == b"x"
    assert len(looks) > 1
    assert sum(looks) <= 2 * len(whole)


@pytest.mark.parametrize("at", range(1, 24))
async def test_s44_a_bare_line_feed_is_seen_wherever_the_head_is_cut(
    client: Client, server: Server, at: int
) -> None:
    head = b"HTTP/1.1 200 OK\r\nX: y\n"
    server.on("/f", [head[:at], 0.01, head[at:], HANG])
    failed(await client.get(Request(url=server.url("/f"))), FailureKind.PROTOCOL)
