"""HTTP/2, where settings enable it, gives the same answers, and its faults pass (P72)."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from hyperframe.frame import (
    ContinuationFrame,
    DataFrame,
    Frame,
    GoAwayFrame,
    HeadersFrame,
    PingFrame,
    PushPromiseFrame,
    SettingsFrame,
    WindowUpdateFrame,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.answers import failed, good
from support.http2 import CLOSE, HANG, WAIT, Body, Http2Server, Script, Step, head, reply, reset
from support.server import Server, answer

from monitor.fetch.client import Client
from monitor.fetch.http2 import Http2Connection
from monitor.fetch.wire import BUFFER_LIMIT, Pipe
from monitor.model import FailureKind, FetchFailed, Request, Response

pytestmark = pytest.mark.anyio

CERTS = Path(__file__).parent / "certs"
AUTHORITY = str(CERTS / "authority.pem")
GOOD = str(CERTS / "good.pem")


@pytest.fixture
async def server():
    async with Http2Server(GOOD) as running:
        yield running


@pytest.fixture
async def client(make_client, server: Http2Server) -> Client:
    return await make_client(server.resolver, ca_file=AUTHORITY, http2=True, timeout_s=20.0)


def raw(frame: Frame) -> bytes:
    """Serialize a frame that the server's own h2 would not send, or should not know of."""
    return frame.serialize()


def goaway(last: int, code: ErrorCodes = ErrorCodes.NO_ERROR) -> bytes:
    return raw(GoAwayFrame(0, last_stream_id=last, error_code=code))


async def ask(client: Client, path: str = "/f", **more: object) -> Response | FetchFailed:
    return await client.get(Request(url=f"https://feed.test{path}", **more))


async def say_on(server: Http2Server, client: Client) -> None:
    """Let the script go on, and wait on the idle connection until what it sends has arrived."""
    [[(line, _)]] = client._transport._idle.values()
    before = line._pipe.received
    server.go.set()
    while line._pipe.received == before:  # noqa: ASYNC110 - a pipe tells nobody what came
        await asyncio.sleep(0)


async def protocol_fault(client: Client, path: str = "/f") -> str:
    """Return the reason of a request that must fail with a fault of the connection."""
    return failed(await ask(client, path), FailureKind.PROTOCOL).why


# ------------------------------------------------------------------------- the same answers


async def test_p72_header_bytes_survive_both_ways(client: Client, server: Http2Server) -> None:
    """Header names are lower-case, values keep their bytes; both requests share a connection."""
    etag = b'W/"caf\xe9, \\"'
    server.on("/f?a=%2F", reply(b"<rss/>", headers=[(b"etag", etag), (b"x-none", b"")]))
    received = good(await ask(client, "/f?a=%2F"))
    assert (received.status, received.body, received.header("etag")) == (200, b"<rss/>", etag)
    assert (b"x-none", b"") in received.headers
    assert received.wire_bytes > len(b"<rss/>")
    await ask(client, "/f?a=%2F", headers=(("If-None-Match", etag),))
    first, second = server.requests
    assert [name for name, _ in first.headers] == [
        b":method", b":scheme", b":authority", b":path", b"user-agent", b"accept",
        b"accept-encoding",
    ]  # fmt: skip
    assert dict(first.headers)[b":authority"] == b"feed.test"
    assert dict(first.headers)[b":path"] == b"/f?a=%2F"
    assert second.header("if-none-match") == etag
    assert (first.connection, second.connection) == (1, 1)


async def test_p72_it_is_spoken_only_where_the_settings_offer_it(
    make_client, server: Http2Server
) -> None:
    """Without the setting HTTP/1.1 is spoken, which a server of HTTP/2 alone cannot answer."""
    plain = await make_client(server.resolver, ca_file=AUTHORITY)
    failed(await ask(plain), FailureKind.PROTOCOL)
    await server.closed.wait()
    assert server.requests == []
    assert server.faults == ["Invalid HTTP/2 preamble."]


async def test_p72_a_server_without_it_is_asked_in_http_1(make_client) -> None:
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(GOOD)
    async with Server(tls=context) as old:
        old.on("/f", answer(b"old"))
        client = await make_client(old.resolver("feed.test"), ca_file=AUTHORITY, http2=True)
        assert good(await ask(client)).body == b"old"


async def test_p72_messages_go_over_http_1(make_client) -> None:
    """A POST offers only HTTP/1.1, so a server that insists on HTTP/2 gets none."""
    async with Http2Server(GOOD) as server:
        client = await make_client(server.resolver, ca_file=AUTHORITY, http2=True)
        failed(await client.post("https://feed.test/hook", b"{}"), FailureKind.PROTOCOL)
        await server.closed.wait()
        assert server.requests == []
        assert server.faults == ["Invalid HTTP/2 preamble."]


@pytest.mark.parametrize("status", [204, 304])
async def test_p72_p51_an_answer_without_a_body_leaves_the_connection_good(
    client: Client, server: Http2Server, status: int
) -> None:
    server.on("/f", reply(status=status, headers=[(b"etag", b'"2"')]))
    for _ in range(3):
        assert good(await ask(client)).status == status
    assert server.connections == 1


async def test_p72_a_redirect_is_followed_and_secrets_stay(
    make_client, server: Http2Server
) -> None:
    """P61 holds here too: the key goes to its origin and not to the next one."""
    there = [(b"location", b"https://other.test/f")]
    server.on("/r", reply(b"moved", 302, there))
    server.on("/f", reply(b"<rss/>"))
    certificates = await make_client(server.resolver, http2=True)
    secret = (("X-Api-Key", b"k3y"),)
    answered = await certificates.get(
        Request(url="https://feed.test/r", secret_headers=secret, unverified=True)
    )
    failed(answered, FailureKind.TLS)  # the exception does not reach the other origin either
    assert [seen.header("x-api-key") for seen in server.requests] == [b"k3y"]


async def test_p72_a_body_is_taken_at_the_pace_it_is_read(make_client, server: Http2Server) -> None:
    """A body larger than every window arrives whole; at most a window of it is unread."""
    client = await make_client(server.resolver, ca_file=AUTHORITY, http2=True, timeout_s=30.0)
    body = bytes(range(256)) * 8192
    server.on("/f", reply(body))
    for _ in range(2):
        assert good(await ask(client)).body == body
    assert server.connections == 1
    assert server.most_unread <= BUFFER_LIMIT
    assert server.settings[2] == 0, "no push"


async def test_p72_p90_the_limit_counts_decoded_bytes(make_client, server: Http2Server) -> None:
    packed = gzip.compress(b"x" * 200_000)
    server.on("/zip", reply(packed, headers=[(b"content-encoding", b"gzip")]))
    server.on("/long", (head(200), *[Body(b"x" * 16_000, end=False)] * 50, HANG))
    server.on("/said", (head(200, [(b"content-length", b"100001")]), HANG))
    client = await make_client(
        server.resolver, ca_file=AUTHORITY, http2=True, max_bytes=100_000, timeout_s=10.0
    )
    for path in ("/zip", "/long", "/said"):
        failed(await ask(client, path), FailureKind.TOO_LARGE)
    await server.closed.wait()


async def test_p72_p94_interim_answers_and_trailers_are_passed_over(
    client: Client, server: Http2Server
) -> None:
    def trailers(http: H2Connection, stream: int) -> None:
        http.send_headers(stream, [(b"x-sum", b"1")], end_stream=True)

    hints = head(103, [(b"link", b"</x>")])
    server.on("/f", (hints, hints, head(203), Body(b"<rss/>", end=False), trailers))
    received = good(await ask(client))
    assert (received.status, received.body) == (203, b"<rss/>")


# ---------------------------------------------------------------------- resets and GOAWAY


@pytest.mark.parametrize("code", [ErrorCodes.INTERNAL_ERROR, ErrorCodes.REFUSED_STREAM])
async def test_p72_p35_a_reset_stream_is_a_transient_fault_and_not_asked_again(
    client: Client, server: Http2Server, code: ErrorCodes
) -> None:
    """A reset before the head and one within a body both fail: no part passes for the whole."""
    server.on("/f", (reset(code),))
    server.on("/half", (head(200), Body(b"half", end=False), reset(code)))
    name = code.name.lower().replace("_", " ")
    assert await protocol_fault(client) == f"HTTP/2: the server reset the stream ({name})"
    assert name in await protocol_fault(client, "/half")
    assert len(server.requests) == 2


async def test_p72_goaway_without_our_request_is_a_transient_fault(
    client: Client, server: Http2Server
) -> None:
    server.on("/f", (goaway(0, ErrorCodes.ENHANCE_YOUR_CALM), CLOSE))
    assert await protocol_fault(client) == "HTTP/2: the server goes away (enhance your calm)"
    assert len(server.requests) == 1


@pytest.mark.parametrize("last", [1, 2**31 - 1])
async def test_p72_goaway_that_lets_our_request_finish_does_not_end_it(
    client: Client, server: Http2Server, last: int
) -> None:
    """Servers announce a connection's last answer this way; the next request takes a new one."""
    server.on("/f", (goaway(last), head(200), Body(b"<rss/>")), reply(b"next"))
    assert good(await ask(client)).body == b"<rss/>"
    assert good(await ask(client)).body == b"next"
    assert [seen.connection for seen in server.requests] == [1, 2]


async def test_p72_goaway_in_the_middle_of_a_body_with_an_error_ends_it(
    client: Client, server: Http2Server
) -> None:
    broken = goaway(1, ErrorCodes.INTERNAL_ERROR)
    server.on("/f", (head(200), Body(b"half", end=False), broken, CLOSE))
    assert "internal error" in await protocol_fault(client)


@pytest.mark.parametrize(
    "refusal",
    [
        (reset(ErrorCodes.REFUSED_STREAM),),
        (goaway(1), CLOSE),
        (goaway(1, ErrorCodes.ENHANCE_YOUR_CALM), CLOSE),
        (CLOSE,),
    ],
    ids=["refused", "goaway", "goaway with a reason", "closed"],
)
async def test_p72_what_a_kept_connection_surely_did_not_look_at_is_sent_once_more(
    client: Client, server: Http2Server, refusal: Script
) -> None:
    """RFC 9113 §8.7 allows the repeat, but only one: the new connection's answer counts."""
    server.on("/f", reply(b"one"), refusal, reply(b"two"))
    assert good(await ask(client)).body == b"one"
    assert good(await ask(client)).body == b"two"
    assert [seen.connection for seen in server.requests] == [1, 1, 2]
    server.on("/f", refusal)
    await protocol_fault(client)
    assert [seen.connection for seen in server.requests[3:]] == [2, 3]


async def test_p72_a_reset_of_a_request_that_was_looked_at_is_not_asked_again(
    client: Client, server: Http2Server
) -> None:
    server.on("/f", reply(b"one"), (reset(ErrorCodes.INTERNAL_ERROR),))
    good(await ask(client))
    assert "internal error" in await protocol_fault(client)
    assert len(server.requests) == 2


async def test_p72_a_refusal_in_the_middle_of_a_kept_connections_body_is_a_fault(
    client: Client, server: Http2Server
) -> None:
    """The head shows that the request was looked at, whatever the reset says."""
    half = (head(200), Body(b"half", end=False), reset(ErrorCodes.REFUSED_STREAM))
    server.on("/f", reply(b"one"), half)
    good(await ask(client))
    assert "refused stream" in await protocol_fault(client)
    assert len(server.requests) == 2


async def test_p72_what_comes_while_nobody_asks_is_heeded(
    client: Client, server: Http2Server
) -> None:
    """A ping leaves the connection usable, a GOAWAY does not."""
    server.on(
        "/f", (*reply(b"one"), WAIT, raw(PingFrame(0, opaque_data=b"12345678"))), reply(b"two")
    )
    assert good(await ask(client)).body == b"one"
    await say_on(server, client)
    assert good(await ask(client)).body == b"two"
    assert server.connections == 1
    server.on("/f", (*reply(b"three"), WAIT, goaway(5)), reply(b"four"))
    assert good(await ask(client)).body == b"three"
    await say_on(server, client)
    assert good(await ask(client)).body == b"four"
    assert server.connections == 2


# ----------------------------------------------------------------------- hostile servers


def flood(frame: Frame, count: int = 20_000) -> Iterator[Step]:
    for _ in range(count // 100):
        yield raw(frame) * 100


FLOODS = {
    "pings": PingFrame(0, opaque_data=b"12345678"),
    "settings": SettingsFrame(0, settings={3: 100}),
    "windows": WindowUpdateFrame(0, window_increment=1),
    "empty data": DataFrame(1, data=b""),
    "unknown": None,
}


@pytest.mark.parametrize("kind", FLOODS)
@pytest.mark.parametrize("begun", [False, True], ids=["before the head", "in the body"])
async def test_p72_s43_a_flood_of_frames_that_say_nothing_is_ended(
    client: Client, server: Http2Server, kind: str, begun: bool
) -> None:
    frame = FLOODS[kind]
    if frame is None:
        steps: Script = (b"\x00\x00\x01\xee\x00\x00\x00\x00\x00x" * 100 for _ in range(200))
    else:
        steps = flood(frame)
    start = (head(200), Body(b"x", end=False)) if begun or kind == "empty data" else ()
    server.on("/f", (*start, *steps, HANG))
    failure = failed(await ask(client), FailureKind.PROTOCOL)
    assert failure.why == "HTTP/2: too many frames without an answer"
    assert failure.wire_bytes < 2**20


async def test_p72_s43_an_endless_head_is_ended(client: Client, server: Http2Server) -> None:
    """CONTINUATION frames follow each other, and none of them is the last."""

    def begin(http: H2Connection, stream: int) -> None:
        block = http.encoder.encode([(b":status", b"200"), (b"x", b"y" * 8000)])
        http._data_to_send += raw(HeadersFrame(stream, data=block))

    more = raw(ContinuationFrame(1, data=b"\x00\x01x\x7f\x81\x5f" + b"y" * 8000))
    server.on("/f", (begin, *[more] * 200, HANG))
    assert await protocol_fault(client) == "HTTP/2: the head of the answer is too long"


async def test_p72_s43_a_small_head_that_unpacks_to_much_is_refused(
    client: Client, server: Http2Server
) -> None:
    """One long value is repeated again and again by its index in HPACK's table."""

    def bomb(http: H2Connection, stream: int) -> None:
        block = http.encoder.encode([(b":status", b"200"), (b"x", b"y" * 3900)])
        again = b"\xbe" * 2000  # index 62: what was added last
        frame = HeadersFrame(stream, data=block + again, flags=["END_HEADERS"])
        http._data_to_send += raw(frame)

    server.on("/f", (bomb, HANG))
    assert "HTTP/2" in await protocol_fault(client)


def push(http: H2Connection, stream: int) -> None:
    block = http.encoder.encode(
        [(b":method", b"GET"), (b":scheme", b"https"), (b":authority", b"feed.test"),
         (b":path", b"/pushed")]
    )  # fmt: skip
    frame = PushPromiseFrame(stream, promised_stream_id=2, data=block, flags=["END_HEADERS"])
    http._data_to_send += raw(frame)


def head_of(*lines: tuple[bytes, bytes]) -> Step:
    """Return a step that sends a head which h2 itself would not send."""

    def send(http: H2Connection, stream: int) -> None:
        block = http.encoder.encode(list(lines))
        http._data_to_send += raw(HeadersFrame(stream, data=block, flags=["END_HEADERS"]))

    return send


OK = (b":status", b"200")
BROKEN: dict[str, Script] = {
    "push": (push,),
    "no http/2": (b"HTTP/1.1 400 Bad Request\r\n\r\n" * 9,),
    "a frame too long": (b"\x00\x40\x01\x00\x00\x00\x00\x00\x01",),
    "data before the head": (raw(DataFrame(1, data=b"x")),),
    "a stream of its own": (raw(HeadersFrame(2, data=b"\x88", flags=["END_HEADERS"])),),
    "settings on a stream": (b"\x00\x00\x00\x04\x00\x00\x00\x00\x01",),
    "a window of nothing": (b"\x00\x00\x04\x08\x00\x00\x00\x00\x00\x00\x00\x00\x00",),
    "hpack that means nothing": (raw(HeadersFrame(1, data=b"\xff" * 6, flags=["END_HEADERS"])),),
    "no status": (head_of((b"x", b"y")),),
    "a status that is none": (head_of((b":status", b"2x0")),),
    "two statuses": (head_of(OK, OK),),
    "capitals in a name": (head_of(OK, (b"ETag", b"x")),),
    "a line break in a value": (head_of(OK, (b"etag", b"x\r\ny: z")),),
    "a NUL in a value": (head_of(OK, (b"etag", b"x\x00y")),),
    "a value in spaces": (head_of(OK, (b"etag", b" xxxxxxxxx")),),
    "a header of connections": (head_of(OK, (b"transfer-encoding", b"chunked")),),
    "interim for ever": (head_of((b":status", b"103")),) * 50,
    "less than was said": (head(200, [(b"content-length", b"9")]), Body(b"half")),
    "more than was said": (head(200, [(b"content-length", b"1")]), Body(b"double")),
    "closed in the body": (head(200), Body(b"half", end=False), CLOSE),
    "closed before the head": (CLOSE,),
    "more than the window": (head(200), raw(DataFrame(1, data=b"x" * 16_384)) * 40),
}  # fmt: skip


@pytest.mark.parametrize("how", BROKEN)
async def test_p72_s44_what_breaks_the_protocol_is_a_fault_with_a_reason(
    client: Client, server: Http2Server, how: str
) -> None:
    """The connection is not used again, and another path answers on a new one."""
    server.on("/f", (*BROKEN[how], HANG))
    server.on("/next", reply(b"next"))
    why = await protocol_fault(client)
    assert why
    assert why.isprintable()
    assert "x" * 9 not in why
    assert good(await ask(client, "/next")).body == b"next"
    assert server.requests[-1].connection == 2


async def test_p72_s44_what_follows_an_answer_is_never_taken_for_the_next(
    client: Client, server: Http2Server
) -> None:
    """After a slipped-in second answer, or junk, the connection is not used again."""
    slipped = raw(DataFrame(3, data=b"slipped in", flags=["END_STREAM"]))
    server.on("/f", (*reply(b"first"), WAIT, slipped))
    server.on("/g", (*reply(b"first"), WAIT, b"\xff" * 40))
    server.on("/next", reply(b"next"))
    for path in ("/f", "/g"):
        assert good(await ask(client, path)).body == b"first"
        await say_on(server, client)
        assert good(await ask(client, "/next")).body == b"next"


async def test_p72_p49_what_never_ends_is_given_up_at_the_deadline(
    make_client, server: Http2Server
) -> None:
    client = await make_client(server.resolver, ca_file=AUTHORITY, http2=True, timeout_s=0.3)
    server.on("/silent", (HANG,))
    server.on("/half", (head(200), Body(b"half", end=False), HANG))
    for path in ("/silent", "/half"):
        failed(await ask(client, path), FailureKind.TIMEOUT)
    await server.closed.wait()


async def test_p72_a_header_that_cannot_be_sent_is_a_failure(
    client: Client, server: Http2Server
) -> None:
    headers = (("If-None-Match", b'"x"\r\nX-Evil: 1'),)
    failed(await ask(client, headers=headers), FailureKind.PROTOCOL)
    assert server.requests == []


class _Feeding(Pipe):
    """A pipe in which the given bytes have arrived, followed by the end."""

    def __init__(self, data: bytes) -> None:
        super().__init__()
        self.data_received(data)
        self.connection_lost(None)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.lists(st.one_of(
    st.binary(max_size=60),
    st.builds(lambda kind, flags, stream, load: len(load).to_bytes(3, "big")
              + bytes((kind, flags)) + stream.to_bytes(4, "big") + load,
              st.integers(0, 11), st.integers(0, 255), st.integers(0, 3),
              st.binary(max_size=30)),
), max_size=8).map(b"".join))  # fmt: skip
def test_p72_whatever_a_server_sends_ends_in_an_answer_or_a_known_fault(data: bytes) -> None:
    """Random bytes and random frames end in an answer or a known fault."""
    import httpx

    async def answer_to() -> None:
        line = Http2Connection(_Feeding(data))
        request = httpx.Request("GET", "https://feed.test/f")
        try:
            response = await line.ask(request, lambda _line: None)
            async for _ in response.stream:
                pass
        except httpx.TransportError:
            assert not line.reusable

    asyncio.run(answer_to())
