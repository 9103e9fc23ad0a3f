"""A recording HTTP/2 server on loopback, over TLS: answers by script, frame by frame.

    async with Http2Server(tls) as server:
        server.on("/feed", reply(b"<rss/>", headers=[(b"etag", b'"x"')]))
        ...  # ask server.url("/feed", "feed.test")
        assert (b"if-none-match", b'"x"') in server.requests[1].headers

A script is a sequence of steps: a function is called with h2's connection and the stream's number,
bytes are sent as they are (frames that h2 would not send), `CLOSE` ends the connection, `HANG`
sends nothing more, `WAIT` continues when the test sets `server.go`. A body larger than the client's
windows waits until they open.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Self

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived, WindowUpdated
from h2.exceptions import ProtocolError

CLOSE = "close"
HANG = "hang"
WAIT = "wait"
Headers = Sequence[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Body:
    """Data that is sent as far as the client's windows allow, until all of it is sent."""

    data: bytes
    end: bool = True


Step = bytes | str | Body | Callable[[H2Connection, int], object]
Script = Iterable[Step]


@dataclass(frozen=True)
class Seen:
    """One request as received."""

    headers: tuple[tuple[bytes, bytes], ...]
    """In order, including pseudo-headers."""
    stream: int
    connection: int
    """Number of the connection on which it came, from 1."""

    def header(self, name: str) -> bytes | None:
        """The first value of a header."""
        return next((value for key, value in self.headers if key == name.encode()), None)


def head(status: int = 200, headers: Headers = (), *, end: bool = False) -> Step:
    """A step that sends the head of an answer."""
    lines = [(b":status", str(status).encode()), *headers]
    return lambda http, stream: http.send_headers(stream, lines, end_stream=end)


def reply(body: bytes = b"", status: int = 200, headers: Headers = ()) -> Script:
    """A script that sends a whole answer."""
    return (head(status, headers, end=not body), *([Body(body)] if body else []))


def reset(code: int) -> Step:
    """A step that resets the stream with this error code (RST_STREAM)."""
    return lambda http, stream: http.reset_stream(stream, code)


class Http2Server:
    """The server; an async context manager. `requests` holds what it received, in order."""

    def __init__(self, certificate: str, *, protocols: Sequence[str] = ("h2",)) -> None:
        self.requests: list[Seen] = []
        self.connections = 0
        self.faults: list[str] = []
        """Violations of HTTP/2 by clients."""
        self.settings: dict[int, int] = {}
        """The settings of the last client."""
        self.most_unread = 0
        """The most body bytes ever in transit for which the client had not yet reopened its window.
        """
        self.closed = asyncio.Event()
        """Set when a connection has ended."""
        self.go = asyncio.Event()
        self.port = 0
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(certificate)
        self._tls.set_alpn_protocols(list(protocols))
        self._answers: dict[str, list[Script]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def on(self, target: str, *scripts: Script) -> None:
        """Answer this target with these scripts one after the other, repeating the last one."""
        self._answers[target] = list(scripts)

    def url(self, target: str = "/", host: str = "127.0.0.1") -> str:
        """An address of this server."""
        return f"https://{host}:{self.port}{target}"

    async def resolver(self, _host: str, _port: int) -> list[tuple[str, int]]:
        """Resolve every name to this server."""
        return [("127.0.0.1", self.port)]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        one = _Connection(self, reader, writer, self.connections)
        try:
            await one.serve()
        except (ConnectionError, asyncio.CancelledError, ssl.SSLError, RuntimeError):
            pass  # the client is gone; some loops raise RuntimeError then
        except ProtocolError as error:
            self.faults.append(str(error))
        finally:
            self.closed.set()
            self._tasks.discard(task)
            writer.transport.abort()

    def script(self, target: str) -> Script:
        """The script to answer with now."""
        scripts = self._answers[target]
        return scripts.pop(0) if len(scripts) > 1 else scripts[0]


class _Connection:
    """One connection: reads all the time, and plays the scripts one after the other."""

    def __init__(
        self,
        server: Http2Server,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        number: int,
    ) -> None:
        self._server, self._number = server, number
        self._reader, self._writer = reader, writer
        self._http = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self._room = asyncio.Event()
        self._asked: asyncio.Queue[Seen] = asyncio.Queue()

    async def serve(self) -> None:
        """Serve until the client leaves or a script ends the connection."""
        self._http.initiate_connection()
        await self._flush()
        playing = asyncio.create_task(self._play_all())
        reading = asyncio.create_task(self._read())
        try:
            await asyncio.wait((playing, reading), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (playing, reading):
                task.cancel()
            results = await asyncio.gather(playing, reading, return_exceptions=True)
        for result in results:
            if isinstance(result, Exception) and not isinstance(result, ConnectionError):
                raise result

    async def _read(self) -> None:
        while data := await self._reader.read(65536):
            for event in self._http.receive_data(data):
                if isinstance(event, RequestReceived):
                    headers = tuple((bytes(name), bytes(value)) for name, value in event.headers)
                    seen = Seen(headers, event.stream_id, self._number)
                    self._server.requests.append(seen)
                    self._server.settings = dict(self._http.remote_settings)
                    self._asked.put_nowait(seen)
                if isinstance(event, WindowUpdated):
                    self._room.set()
            await self._flush()

    async def _flush(self) -> None:
        if data := self._http.data_to_send():
            self._writer.write(data)
            await self._writer.drain()

    async def _play_all(self) -> None:
        while True:
            seen = await self._asked.get()
            target = seen.header(":path")
            assert target
            for step in self._server.script(target.decode("latin-1")):
                if step == CLOSE:
                    return
                if step == HANG:
                    await asyncio.Event().wait()
                if step == WAIT:
                    await self._server.go.wait()
                    self._server.go.clear()
                await self._step(step, seen.stream)

    async def _step(self, step: Step, stream: int) -> None:
        if isinstance(step, Body):
            await self._send(step, stream)
        elif isinstance(step, bytes):
            self._writer.write(step)
            await self._writer.drain()
        elif callable(step):
            step(self._http, stream)
        await self._flush()

    async def _send(self, body: Body, stream: int) -> None:
        left = memoryview(body.data)
        window = partial(self._http.local_flow_control_window, stream)
        most = window()
        while left:
            self._room.clear()
            size = min(window(), self._http.max_outbound_frame_size, len(left))
            if size <= 0:
                await self._room.wait()
                continue
            self._http.send_data(stream, bytes(left[:size]))
            left = left[size:]
            self._server.most_unread = max(self._server.most_unread, most - window())
            await self._flush()
        if body.end:
            self._http.end_stream(stream)
