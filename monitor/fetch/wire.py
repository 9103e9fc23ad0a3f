"""One HTTP/1.1 connection: bytes on one side, httpx requests and responses on the other.

asyncio carries the bytes, llhttp (through httptools) reads the protocol. It keeps header values as
bytes and itself refuses two lengths and NUL bytes; bare line feeds and endless heads are refused
here (S44).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from functools import lru_cache
from typing import Protocol, cast

import httptools
import httpx

HEAD_LIMIT = 64 * 1024
BUFFER_LIMIT = 256 * 1024
MAX_INFORMATIONAL = 8
_BARE_LF = re.compile(rb"(?<!\r)\n")
_END = b"\r\n\r\n"
_FOLD = re.compile(rb"\r\n[ \t]+")
"""A header that continues on the next line (RFC 9112 §5.2)."""
_LENGTH = re.compile(rb"\r\ncontent-length:([^\r\n]*)", re.IGNORECASE)
_TARGET = re.compile(rb"[\x21-\x7e]+")
_NAME = re.compile(rb"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
"""What RFC 9110 §5 allows in a header name. In a value, the control characters that could end it
(CR, LF, NUL) are refused and the others kept (§5.5): a validator goes back as it came, even one
that came over HTTP/2."""


class ClosedError(Exception):
    """The server closed a kept connection before it answered: the one case worth a second try."""


class Pipe(asyncio.Protocol):
    """Bytes that have arrived and not yet been taken; pauses the sender while nobody takes them."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.received = 0
        """Bytes received since this was last set to 0."""
        self._buffer = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._paused = False
        self._waiter: asyncio.Future[None] | None = None

    @property
    def open(self) -> bool:
        """Whether the other side has neither closed nor broken the connection."""
        return not self._ended

    @property
    def quiet(self) -> bool:
        """Whether the connection is open and nothing unrequested has arrived on it."""
        return not (self._ended or self._buffer)

    @property
    def protocol(self) -> str | None:
        """The protocol agreed on in the TLS handshake (ALPN, RFC 7301); None: none, or no TLS."""
        ssl_object = self.transport and self.transport.get_extra_info("ssl_object")
        return ssl_object.selected_alpn_protocol() if ssl_object else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        # A stream, whatever class the loop uses for it (uvloop has its own).
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        self.received += len(data)
        self._buffer += data
        if len(self._buffer) > BUFFER_LIMIT and self.transport and not self._paused:
            self._paused = True
            self.transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: at the end of the stream, and when it breaks."""
        self._ended = True
        self._error = exc
        self._wake()

    def _wake(self) -> None:
        if self._waiter and not self._waiter.done():
            self._waiter.set_result(None)

    def write(self, data: bytes) -> None:
        """Send; asyncio buffers what the system cannot take yet."""
        if self.transport:
            self.transport.write(data)

    async def read(self) -> bytes:
        """What has arrived, at least one byte; empty at the end of the stream.

        Raises:
            httpx.ReadError: the connection broke; what came before may be incomplete.
        """
        if not self._buffer and not self._ended:
            self._waiter = asyncio.get_running_loop().create_future()
            await self._waiter
        if not self._buffer and self._error:
            raise httpx.ReadError("the connection broke")
        return self.take()

    def take(self) -> bytes:
        """What has arrived by now."""
        data = bytes(self._buffer)
        self._buffer.clear()
        if self._paused and self.transport and not self._ended:
            self._paused = False
            self.transport.resume_reading()
        return data

    def abort(self) -> None:
        """Close at once: nothing more is sent or received."""
        self._ended = True
        if self.transport:
            self.transport.abort()


class Line(Protocol):
    """A connection to one origin that carries one request after another, in some protocol."""

    @property
    def reusable(self) -> bool:
        """Whether another request may follow on it."""
        ...

    @property
    def received(self) -> int:
        """Bytes received for the current answer, heads included."""
        ...

    async def ask(self, request: httpx.Request, done: Callable[[Line], None]) -> httpx.Response:
        """Send a request and read the head of the answer; `done` is called when its body ends.

        Raises:
            ClosedError: on a kept connection, if the request was certainly not processed.
            httpx.RemoteProtocolError, httpx.ReadError: the answer cannot be read.
        """
        ...

    def body(self) -> AsyncIterator[bytes]:
        """The body as it arrives, still encoded. Raises as `ask`."""
        ...

    def next_cycle(self) -> None:
        """Make ready for another request, where the protocol allows one."""
        ...

    def abort(self) -> None:
        """Close at once."""
        ...


class _Answer:
    """One answer as llhttp reads it; the `on_` methods are its callbacks."""

    def __init__(self) -> None:
        self.headers: list[tuple[bytes, bytes]] = []
        self.status = 0
        self.over = False
        """Whether the message has ended, if it says where it ends."""
        self.reusable = False
        self._pieces: list[bytes] = []
        self._parser = httptools.HttpResponseParser(self)
        # Like browsers and curl: ignore a length given beside chunks, and spaces in a chunk size.
        self._parser.set_dangerous_leniencies(
            lenient_chunked_length=True, lenient_spaces_after_chunk_size=True
        )

    def feed(self, data: bytes) -> None:
        """Read on. Raises httpx.RemoteProtocolError for what a strict reader refuses."""
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
            if not self.over:
                raise httpx.RemoteProtocolError(_brief(error)) from None
            self.reusable = False  # bytes after the answer spoil the next one, not this one

    def take(self) -> bytes:
        """The part of the body read so far."""
        body = b"".join(self._pieces)
        self._pieces.clear()
        return body

    @property
    def chunked(self) -> bool:
        """Whether the body comes in chunks.

        Raises httpx.RemoteProtocolError for any other transfer coding, which nobody needs.
        """
        codings = [value.lower() for name, value in self.headers if name == b"transfer-encoding"]
        if codings and codings != [b"chunked"]:
            raise httpx.RemoteProtocolError("a transfer encoding other than chunked")
        return bool(codings)

    @property
    def sized(self) -> bool:
        """Whether the head says how long the body is."""
        return any(name == b"content-length" for name, _ in self.headers)

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header of the head; trailers after a chunked body are ignored."""
        if not self.status:
            self.headers.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()

    def on_body(self, body: bytes) -> None:
        self._pieces.append(body)

    def on_message_begin(self) -> None:
        if self.over:
            raise ValueError("a second answer, which nobody asked for")

    def on_message_complete(self) -> None:
        self.over = True
        self.reusable = self._parser.should_keep_alive()


class Connection:
    """A `Line` that speaks HTTP/1.1."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._answer: _Answer | None = None
        """The answer being read; None: another request may follow."""
        self._rest = b""
        """What arrived after the head."""
        self._used = False

    @property
    def reusable(self) -> bool:
        """Whether another request may follow on it."""
        return self._answer is None and self._pipe.quiet

    async def ask(self, request: httpx.Request, done: Callable[[Line], None]) -> httpx.Response:
        """As `Line.ask`."""
        self._pipe.received = 0
        self._pipe.write(_written(request))
        self._answer = answer = await self._head()
        self._used = True
        return httpx.Response(
            answer.status,
            headers=answer.headers,
            stream=BodyStream(self, done),
            request=request,
        )

    async def _head(self) -> _Answer:
        """The head of the final answer; a few interim ones (1xx) are skipped."""
        raw = b""
        for _ in range(MAX_INFORMATIONAL + 1):
            seen = 0
            # Do not search the same bytes again: a head may come byte by byte.
            while (end := raw.find(_END, max(0, seen - len(_END)))) < 0:
                _refuse(raw, seen)
                seen = len(raw)
                raw += await self._receive()
            head, raw = raw[: end + len(_END)], raw[end + len(_END) :]
            _refuse(head)
            answer = _Answer()
            answer.feed(_tidy(head))
            if answer.status >= 200:
                self._rest = raw
                return answer
            if answer.status == 101:
                break
        raise httpx.RemoteProtocolError("the server gave no final answer")

    async def _receive(self) -> bytes:
        """Receive more of a head."""
        try:
            data = await self._pipe.read()
        except httpx.ReadError:
            if self._used and not self._pipe.received:
                raise ClosedError from None
            raise
        if not data:
            if self._used and not self._pipe.received:
                raise ClosedError
            raise httpx.RemoteProtocolError("the server closed the connection within the head")
        return data

    async def body(self) -> AsyncIterator[bytes]:
        """As `Line.body`."""
        answer = self._answer
        if answer is None:
            return
        chunked, sized = answer.chunked, answer.sized
        idle = 0
        data, self._rest = self._rest, b""
        while True:
            if data:
                answer.feed(data)
                piece = answer.take()
                idle = 0 if piece else idle + len(data)
                if idle > HEAD_LIMIT:
                    raise httpx.RemoteProtocolError("chunks without end, and nothing in them")
                if len(data) > len(piece) and not chunked:
                    answer.reusable = False  # more than the answer has come
                yield piece
            if answer.over:
                # The length is stated in two ways: a proxy in between may use the other (S44).
                answer.reusable = answer.reusable and not (chunked and sized)
                return
            data = await self._pipe.read()
            if not data:
                if chunked or sized:
                    raise httpx.RemoteProtocolError("the body ended before it was whole")
                return

    def next_cycle(self) -> None:
        """As `Line.next_cycle`."""
        if self._answer and self._answer.over and self._answer.reusable and not self._rest:
            self._answer = None

    @property
    def received(self) -> int:
        """Bytes received for the current answer, heads included."""
        return self._pipe.received

    def abort(self) -> None:
        """Close at once."""
        self._pipe.abort()


class BodyStream(httpx.AsyncByteStream):
    """The undecoded body of an answer, in the form httpx expects."""

    def __init__(self, connection: Line, done: Callable[[Line], None]) -> None:
        self._connection = connection
        self._done = done
        self._open = True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body()

    async def aclose(self) -> None:
        """Give the connection back; its owner closes it if part of the body is unread."""
        if self._open:
            self._open = False
            self._connection.next_cycle()
            self._done(self._connection)


def _written(request: httpx.Request) -> bytes:
    """A request as it goes over the wire (RFC 9112 §3).

    Raises httpx.LocalProtocolError for what would be read as something other than was meant.
    """
    target: bytes = request.extensions.get("target", request.url.raw_path)
    headers = request.headers.raw
    lines = [b"%b %b HTTP/1.1" % (request.method.encode("ascii"), target)]
    lines += [b"%b: %b" % header for header in headers]
    head = b"\r\n".join([*lines, b"", b""])
    ends = len(lines) + 1
    sound = head.count(b"\r") == head.count(b"\n") == ends and b"\0" not in head
    if not (sound and _TARGET.fullmatch(target) and all(_is_name(name) for name, _ in headers)):
        raise httpx.LocalProtocolError("a character that no request may hold", request=request)
    return head + request.read()


@lru_cache(maxsize=256)  # names are few, and the same in each request
def _is_name(name: bytes) -> bool:
    return _NAME.fullmatch(name) is not None


def _brief(error: Exception) -> str:
    """The error's message without the bytes that may be quoted after a colon."""
    return f"no sound HTTP ({str(error).partition(':')[0][:200]})"


def _tidy(head: bytes) -> bytes:
    """The head with harmless oddities tidied: headers that continue on the next line (RFC 9112
    §5.2), and a length stated more than once with the same value (RFC 9110 §8.6).
    """
    head = _FOLD.sub(b" ", head)
    if b"\ncontent-length:" not in head.lower():
        return head
    stated = [one.strip(b" \t") for found in _LENGTH.findall(head) for one in found.split(b",")]
    if len(stated) == 1 or len(set(stated)) > 1:
        return head
    return b"%b\r\nContent-Length: %b%b" % (_LENGTH.sub(b"", head[: -len(_END)]), stated[0], _END)


def _refuse(head: bytes, seen: int = 0) -> None:
    """Refuse a head with line ends other than CR LF, about which two readers could disagree (S44),
    or one that is too long. The first `seen` bytes have been checked before."""
    if _BARE_LF.search(head, seen):
        raise httpx.RemoteProtocolError("bare line feed in the head of the answer")
    if len(head) > HEAD_LIMIT:
        raise httpx.RemoteProtocolError("the head of the answer is too long")


async def open_pipe(
    address: tuple[str, int], tls: ssl.SSLContext | None, server_name: str, timeout_s: float
) -> Pipe:
    """Connect to one IP address and port; with `tls`, the certificate must name `server_name`.

    Raises:
        TimeoutError, OSError (including ssl.SSLError): no connection could be made.
    """
    host, port = address
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(timeout_s):
        _, pipe = await loop.create_connection(
            Pipe, host, port, ssl=tls, server_hostname=server_name if tls else None
        )
    return pipe
