"""One HTTP/2 connection, used like HTTP/1.1: one request after another (RFC 9113).

Our pace gives a host one request at a time, so nothing is multiplexed; only GETs come here, so
only heads are ever sent. h2 reads and writes the protocol, keeps header values as bytes and limits
heads. Frames are split here before h2 sees them, so that they can be counted (floods of empty
ones) and a GOAWAY that lets our request finish (§6.8) does not end it, as it would in h2.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

import httpx
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

from monitor.fetch.wire import (
    BUFFER_LIMIT,
    HEAD_LIMIT,
    MAX_INFORMATIONAL,
    BodyStream,
    ClosedError,
    Line,
    Pipe,
)

_HEADERS, _GOAWAY, _CONTINUATION = 1, 7, 9
"""Frame types (§6)."""
_FRAME_HEAD: Final = 9
_LONGEST_FRAME: Final = 2**14
_DEFAULT_WINDOW: Final = 2**16 - 1
_SPARE_FRAMES: Final = 1000
"""Frames carrying no byte of an answer that are accepted before the server counts as hostile."""
_OURS: Final = (
    ConnectionTerminated,
    DataReceived,
    InformationalResponseReceived,
    ResponseReceived,
    StreamEnded,
    StreamReset,
    TrailersReceived,
)
_QUOTED: Final = re.compile(r"\s*(b?['\"]|:).*", re.DOTALL)
_Headers = list[tuple[bytes, bytes]]


class Http2Connection:
    """A `Line` that speaks HTTP/2."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._raw = bytearray()
        """The beginning of a frame that has not arrived completely."""
        self._events: deque[Event] = deque()
        """Events about our request that have not been read yet."""
        self._stream = 0
        """The number of the current request, or of the last one: 1, 3, 5, ..."""
        self._answered = False
        """Whether the head of its answer has come."""
        self._over = True
        """Whether its answer has ended."""
        self._leaving = False
        """Whether the server wants no further requests on this connection."""
        self._head_bytes = 0
        self._spare = _SPARE_FRAMES
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._http.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.INITIAL_WINDOW_SIZE: BUFFER_LIMIT,
                SettingCodes.MAX_HEADER_LIST_SIZE: HEAD_LIMIT,
            },
        )
        self._http.initiate_connection()
        self._http.increment_flow_control_window(BUFFER_LIMIT - _DEFAULT_WINDOW)

    @property
    def reusable(self) -> bool:
        """As `Line.reusable`; what the server has sent meanwhile (pings, GOAWAY) is processed."""
        if self._over:
            self._take_in(self._pipe.take())
        return self._over and not (self._leaving or self._events) and self._pipe.open

    async def ask(self, request: httpx.Request, done: Callable[[Line], None]) -> httpx.Response:
        """As `Line.ask`."""
        self._pipe.received = 0
        self._send(request)
        status, headers = await self._head()
        return httpx.Response(
            status, headers=headers, stream=BodyStream(self, done), request=request
        )

    def _send(self, request: httpx.Request) -> None:
        try:
            self._stream = self._http.get_next_available_stream_id()
            self._http.send_headers(self._stream, _request_headers(request), end_stream=True)
        except ProtocolError as error:
            raise httpx.LocalProtocolError(_brief(error), request=request) from None
        self._answered = self._over = False
        self._head_bytes, self._spare = 0, _SPARE_FRAMES
        self._write()

    def _write(self) -> None:
        if data := self._http.data_to_send():
            self._pipe.write(data)

    async def _head(self) -> tuple[int, _Headers]:
        """Status and headers of the final answer; a few interim ones are skipped."""
        for _ in range(MAX_INFORMATIONAL + 1):
            event = await self._event()
            if isinstance(event, ResponseReceived):
                self._answered = True
                return _status_and_headers(event)
            if not isinstance(event, InformationalResponseReceived):
                raise self._broken(event)
        raise httpx.RemoteProtocolError("the server gave no final answer")

    async def body(self) -> AsyncIterator[bytes]:
        """As `Line.body`; the server may send more only as the body is read (§5.2)."""
        while True:
            event = await self._event()
            if isinstance(event, DataReceived):
                self._acknowledge(event.flow_controlled_length)
                yield event.data
            elif isinstance(event, StreamEnded):
                return
            elif not isinstance(event, TrailersReceived):
                raise self._broken(event)

    def _acknowledge(self, size: int) -> None:
        try:
            self._http.acknowledge_received_data(size, self._stream)
        except ProtocolError as error:  # the connection was ended after these bytes
            raise httpx.RemoteProtocolError(_brief(error)) from None
        self._write()

    def next_cycle(self) -> None:
        """As `Line.next_cycle`; nothing needs doing."""

    @property
    def received(self) -> int:
        """As `Line.received`."""
        return self._pipe.received

    def abort(self) -> None:
        """As `Line.abort`."""
        self._pipe.abort()

    # -------------------------------------------------------------------- frames

    async def _event(self) -> Event:
        """The next event about our request."""
        while not self._events:
            try:
                data = await self._pipe.read()
            except httpx.ReadError:
                data = b""
            if not data:
                # A kept connection that returned not a single byte, as in HTTP/1.1.
                closed = self._stream > 1 and not self._pipe.received
                raise ClosedError if closed else httpx.ReadError("the connection broke")
            self._take_in(data)
        return self._events.popleft()

    def _take_in(self, data: bytes) -> None:
        """Give h2 what arrived, frame by frame; answer pings and settings.

        Raises:
            httpx.RemoteProtocolError: not HTTP/2, or too many frames, and no complete answer.
        """
        self._raw += data
        try:
            while frame := self._cut():
                if self._is_for_h2(frame):
                    self._heed(self._http.receive_data(frame))
            self._write()
        except ProtocolError as error:
            self._leaving = True
            if not self._over:
                raise httpx.RemoteProtocolError(_brief(error)) from None

    def _cut(self) -> bytes:
        """The next complete frame (§4.1), counted; empty: it has not arrived yet."""
        if len(self._raw) < _FRAME_HEAD:
            return b""
        length, kind = int.from_bytes(self._raw[:3]), self._raw[3]
        if kind in (_HEADERS, _CONTINUATION) and self._head_bytes + length > HEAD_LIMIT:
            raise ProtocolError("the head of the answer is too long")
        if length > _LONGEST_FRAME:
            raise ProtocolError("a frame longer than was agreed")
        if self._spare <= 0:
            raise ProtocolError("too many frames without an answer")
        if len(self._raw) < _FRAME_HEAD + length:
            return b""
        if kind in (_HEADERS, _CONTINUATION):
            self._head_bytes += length
        self._spare -= 1
        frame = bytes(self._raw[: _FRAME_HEAD + length])
        del self._raw[: len(frame)]
        return frame

    def _is_for_h2(self, frame: bytes) -> bool:
        """Whether h2 sees the frame: all but a GOAWAY that spares the current request (§6.8)."""
        if frame[3] != _GOAWAY or len(frame) < _FRAME_HEAD + 8:
            return True
        self._leaving = True
        last, code = int.from_bytes(frame[9:13]) & 0x7FFFFFFF, int.from_bytes(frame[13:17])
        return self._over or code != ErrorCodes.NO_ERROR or last < self._stream

    def _heed(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, DataReceived) and event.data:
                self._spare = min(self._spare + 2, _SPARE_FRAMES)
            if isinstance(event, StreamEnded):
                self._over = True
            if isinstance(event, _OURS):
                self._events.append(event)

    def _broken(self, event: Event) -> Exception:
        """The error that explains why there is no answer, or no complete one.

        ClosedError: the server of a kept connection says that it did not process the request
        (§8.7), so it may be sent again on a fresh one.
        """
        unseen = False
        why = "HTTP/2: the server gave no whole answer"
        if isinstance(event, StreamReset):
            unseen = event.error_code == ErrorCodes.REFUSED_STREAM
            why = f"HTTP/2: the server reset the stream ({_code(event.error_code)})"
        elif isinstance(event, ConnectionTerminated):
            unseen = (event.last_stream_id or 0) < self._stream
            why = f"HTTP/2: the server goes away ({_code(event.error_code)})"
        if unseen and self._stream > 1 and not self._answered:
            return ClosedError()
        return httpx.RemoteProtocolError(why)


def _request_headers(request: httpx.Request) -> _Headers:
    """The head in HTTP/2 form (§8.3.1), with the request line as pseudo-headers."""
    headers = [(name.lower(), value) for name, value in request.headers.raw]
    host = next(value for name, value in headers if name == b"host")
    if any(sign in value for _, value in headers for sign in (b"\r", b"\n", b"\0")):
        raise ProtocolError("a header with a line break in it")
    return [
        (b":method", request.method.encode("ascii")),
        (b":scheme", request.url.raw_scheme),
        (b":authority", host),
        (b":path", request.extensions.get("target", request.url.raw_path)),
        *(pair for pair in headers if pair[0] != b"host"),
    ]


def _status_and_headers(event: ResponseReceived) -> tuple[int, _Headers]:
    headers = [(bytes(name), bytes(value)) for name, value in event.headers or ()]
    status = dict(headers).get(b":status", b"")
    if len(status) != 3 or not status.isdigit():
        raise httpx.RemoteProtocolError("HTTP/2: a status that is no number")
    return int(status), [pair for pair in headers if not pair[0].startswith(b":")]


def _code(code: ErrorCodes | int | None) -> str:
    """The name of an error code (§7) in readable form."""
    name = code.name if isinstance(code, ErrorCodes) else f"error {code}"
    return name.lower().replace("_", " ")


def _brief(error: ProtocolError) -> str:
    """The library's message without the bytes that h2 quotes."""
    return f"HTTP/2: {_QUOTED.sub('', str(error))[:200]}"
