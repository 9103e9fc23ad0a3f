"""One HTTP/1.1 connection: bytes on one side, httpx requests and responses on the other.

asyncio carries the bytes, h11 reads and writes the protocol. h11 keeps header values as bytes and
refuses two lengths, NUL bytes and endless heads by itself; bare line feeds are refused here (S44).
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import AsyncIterator, Callable
from typing import Protocol, cast

import h11
import httpx

HEAD_LIMIT = 64 * 1024
BUFFER_LIMIT = 256 * 1024
MAX_INFORMATIONAL = 8
_BARE_LF = re.compile(rb"(?<!\r)\n")


class ClosedError(Exception):
    """The server closed a kept connection before it answered: the one case worth a second try."""


class Pipe(asyncio.Protocol):
    """The bytes that arrived and were not yet taken; stops the sender when nobody takes them."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.received = 0
        """Bytes received since it was last set to 0."""
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
        """Whether the connection stands open and nothing unasked has arrived on it."""
        return not (self._ended or self._buffer)

    @property
    def protocol(self) -> str | None:
        """What was agreed on while TLS began (ALPN, RFC 7301); None: nothing, or no TLS."""
        ssl_object = self.transport and self.transport.get_extra_info("ssl_object")
        return ssl_object.selected_alpn_protocol() if ssl_object else None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        # A stream, whatever the loop calls its class (uvloop has classes of its own).
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
        """Send; what the system cannot take yet, asyncio keeps."""
        if self.transport:
            self.transport.write(data)

    async def read(self) -> bytes:
        """What has arrived, at least one byte; empty at the end of the stream.

        Raises:
            httpx.ReadError: the connection broke; what came before may not be the whole.
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
    """A connection to one origin, on which requests follow one another, in some protocol."""

    @property
    def reusable(self) -> bool:
        """Whether another request may follow on it."""
        ...

    @property
    def received(self) -> int:
        """Bytes received for the current answer, heads included."""
        ...

    async def ask(self, request: httpx.Request, done: Callable[[Line], None]) -> httpx.Response:
        """Send a request and read the head of the answer; `done` is called when its body is over.

        Raises:
            ClosedError: a kept connection on which the request was surely not looked at.
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


class Connection:
    """HTTP/1.1 on a line."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD_LIMIT)
        self._used = False

    @property
    def reusable(self) -> bool:
        """Whether another request may follow on it."""
        return self._http.our_state is h11.IDLE and self._pipe.quiet

    async def ask(self, request: httpx.Request, done: Callable[[Line], None]) -> httpx.Response:
        """As `Line.ask`."""
        self._pipe.received = 0
        try:
            self._send(request)
            head = await self._head()
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(_brief(error), request=request) from None
        except h11.LocalProtocolError as error:
            raise httpx.LocalProtocolError(_brief(error), request=request) from None
        return httpx.Response(
            head.status_code,
            headers=[(bytes(name), bytes(value)) for name, value in head.headers],
            stream=BodyStream(self, done),
            request=request,
        )

    def _send(self, request: httpx.Request) -> None:
        target = request.extensions.get("target", request.url.raw_path)
        head = h11.Request(method=request.method, target=target, headers=request.headers.raw)
        data = self._http.send(head) or b""
        if body := request.read():
            data += self._http.send(h11.Data(data=body)) or b""
        self._pipe.write(data + (self._http.send(h11.EndOfMessage()) or b""))

    async def _head(self) -> h11.Response:
        """The head of the final answer; interim ones (1xx) are passed over, a few of them."""
        raw = b""
        interim = 0
        while True:
            event = self._http.next_event()
            if event is h11.NEED_DATA:
                data = await self._receive()
                raw += data
                _refuse_bare_line_feeds(raw)
            elif isinstance(event, h11.Response):
                self._used = True
                return event
            elif isinstance(event, h11.InformationalResponse) and interim < MAX_INFORMATIONAL:
                interim += 1
                raw = self._http.trailing_data[0]
                _refuse_bare_line_feeds(raw)
            else:
                raise h11.RemoteProtocolError("the server gave no final answer")

    async def _receive(self) -> bytes:
        try:
            data = await self._pipe.read()
        except httpx.ReadError:
            if self._used and not self._pipe.received:
                raise ClosedError from None
            raise
        if not data and self._used and not self._pipe.received:
            raise ClosedError
        self._http.receive_data(data)
        return data

    async def body(self) -> AsyncIterator[bytes]:
        """As `Line.body`."""
        try:
            while True:
                event = self._http.next_event()
                if event is h11.NEED_DATA:
                    self._http.receive_data(await self._pipe.read())
                elif isinstance(event, h11.Data):
                    yield bytes(event.data)
                else:
                    return
        except h11.RemoteProtocolError as error:
            raise httpx.RemoteProtocolError(_brief(error)) from None

    def next_cycle(self) -> None:
        """As `Line.next_cycle`."""
        clean = self._http.trailing_data[0] == b""
        if clean and self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
            self._http.start_next_cycle()

    @property
    def received(self) -> int:
        """Bytes received for the current answer, heads included."""
        return self._pipe.received

    def abort(self) -> None:
        """Close at once."""
        self._pipe.abort()


class BodyStream(httpx.AsyncByteStream):
    """The undecoded body of an answer, as httpx wants it."""

    def __init__(self, connection: Line, done: Callable[[Line], None]) -> None:
        self._connection = connection
        self._done = done
        self._open = True

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._connection.body()

    async def aclose(self) -> None:
        """Give the connection back; one with an unread rest is closed by its owner."""
        if self._open:
            self._open = False
            self._connection.next_cycle()
            self._done(self._connection)


def _brief(error: h11.ProtocolError) -> str:
    """What is wrong, without the bytes that h11 quotes behind a colon."""
    return str(error).partition(":")[0][:200]


def _refuse_bare_line_feeds(raw: bytes) -> None:
    """Line ends of a head are CR LF: with anything else two readers could disagree about it."""
    head = raw.partition(b"\r\n\r\n")[0]
    if _BARE_LF.search(head):
        raise h11.RemoteProtocolError("bare line feed in the head of the answer")


async def open_pipe(
    address: tuple[str, int], tls: ssl.SSLContext | None, server_name: str, timeout_s: float
) -> Pipe:
    """Connect to one IP address and port; with `tls`, the certificate must name `server_name`.

    Raises:
        TimeoutError, OSError (ssl.SSLError among them): no connection came about.
    """
    host, port = address
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(timeout_s):
        _, pipe = await loop.create_connection(
            Pipe, host, port, ssl=tls, server_hostname=server_name if tls else None
        )
    return pipe
