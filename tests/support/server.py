"""A recording HTTP server on loopback: keeps the raw bytes of each request, answers by script.

    async with Server() as server:
        server.on("/feed.xml", answer(b"<rss/>", headers={"ETag": '"x"'}))
        ...  # ask server.url("/feed.xml")
        assert server.requests[0].header("if-none-match") is None

A script is a sequence of steps: bytes are sent, a float is a pause in seconds, `HANG` keeps the
connection open until the client leaves, `RESET` breaks it, `CLOSE` ends it. Several scripts for one
target are used one after the other, the last one repeatedly. A function in place of a script is
called with the request and returns a script.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
import struct
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

HANG = "hang"
RESET = "reset"
CLOSE = "close"

Step = bytes | float | str
Script = Iterable[Step]
Answer = Script | Callable[["Seen"], Script]
HeaderLines = Mapping[str, str | bytes] | Sequence[tuple[str, str | bytes]]

_REASONS = {200: "OK", 301: "Moved", 302: "Found", 304: "Not Modified", 404: "Not Found"}


@dataclass(frozen=True)
class Seen:
    """One request as received."""

    raw: bytes
    """Everything up to and including the empty line."""
    method: str
    target: bytes
    headers: tuple[tuple[bytes, bytes], ...]
    """In order, names as sent."""
    body: bytes
    at: float
    """Time of arrival by the server's clock (`time.monotonic` unless another was given)."""
    connection: int
    """Number of the connection on which it came, from 1."""

    def header(self, name: str) -> bytes | None:
        """The first value of a header."""
        wanted = name.lower().encode()
        return next((value for key, value in self.headers if key.lower() == wanted), None)

    @property
    def path(self) -> str:
        """The target as text."""
        return self.target.decode("latin-1")


def answer(
    body: bytes = b"",
    status: int = 200,
    headers: HeaderLines = (),
    *,
    length: bool = True,
) -> tuple[Step, ...]:
    """A plain answer in one piece; without `length`, the end of the connection ends the body."""
    lines = list(headers.items() if isinstance(headers, Mapping) else headers)
    if length and status not in (204, 304):
        lines.append(("Content-Length", str(len(body))))
    head = _head(status, lines)
    return (head + body,) if length else (head + body, CLOSE)


def redirect(location: str | bytes, status: int = 302) -> tuple[Step, ...]:
    """A redirect with a short text."""
    return answer(b"moved", status, [("Location", location)])


def chunked(pieces: Iterable[bytes], headers: HeaderLines = (), *, pause: float = 0.0) -> Script:
    """A chunked answer, piece by piece; `pieces` may be endless."""
    lines = list(headers.items() if isinstance(headers, Mapping) else headers)
    yield _head(200, [*lines, ("Transfer-Encoding", "chunked")])
    for piece in pieces:
        if pause:
            yield pause
        yield b"%x\r\n%b\r\n" % (len(piece), piece)
    yield b"0\r\n\r\n"


def _head(status: int, lines: Iterable[tuple[str, str | bytes]]) -> bytes:
    head = f"HTTP/1.1 {status} {_REASONS.get(status, 'Some')}\r\n".encode()
    for name, value in lines:
        text = value if isinstance(value, bytes) else value.encode("latin-1")
        head += name.encode() + b": " + text + b"\r\n"
    return head + b"\r\n"


NOT_FOUND = answer(b"nothing here", 404)


class Server:
    """The server; an async context manager. `requests` holds what it received, in order."""

    def __init__(
        self,
        *,
        clock: Callable[[], float] = time.monotonic,
        tls: ssl.SSLContext | None = None,
        host: str = "127.0.0.1",
    ) -> None:
        self.requests: list[Seen] = []
        self.came = asyncio.Event()
        """Set when a request has arrived."""
        self.connections = 0
        """Connections accepted in total."""
        self.open = 0
        """Connections open now."""
        self.in_flight = 0
        """Requests being answered now."""
        self.most_in_flight = 0
        self.host = host
        self.port = 0
        self.clock = clock
        self._tls = tls
        self._answers: dict[str, list[Answer]] = {}
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._quiet = asyncio.Event()
        """Set while no connection is open."""

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, self.host, 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # ------------------------------------------------------------------- for tests

    def on(self, target: str, *answers: Answer) -> None:
        """Answer this target (path and query) with these in turn; "*" stands for any other."""
        self._answers[target] = list(answers)

    def url(self, target: str = "/", host: str = "") -> str:
        """An address of this server; `host`: a name in place of the IP address."""
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{host or self.host}:{self.port}{target}"

    def asked(self, target: str) -> list[Seen]:
        """The requests for one target."""
        return [seen for seen in self.requests if seen.path == target]

    def resolver(self, *names: str) -> Callable[[str, int], Awaitable[list[tuple[str, int]]]]:
        """A resolver that maps these names, on any port, to this server, and knows no others."""

        async def resolve(host: str, port: int) -> list[tuple[str, int]]:
            if host not in names:
                raise socket.gaierror(socket.EAI_NONAME, "unknown in this test")
            return [(self.host, self.port)]

        return resolve

    async def closed(self) -> None:
        """Wait until no connection is open."""
        await self._quiet.wait()

    # --------------------------------------------------------------------- serving

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        self._tasks.add(task)
        self.connections += 1
        self.open += 1
        self._quiet.clear()
        number = self.connections
        try:
            while await self._exchange(reader, writer, number):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError, ssl.SSLError):
            pass
        finally:
            self.open -= 1
            if not self.open:
                self._quiet.set()
            self._tasks.discard(task)
            writer.transport.abort() if self._tls else writer.close()

    async def _exchange(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> bool:
        """Handle one request; False when the connection is over."""
        seen = await self._read(reader, number)
        self.requests.append(seen)
        self.came.set()
        self.in_flight += 1
        self.most_in_flight = max(self.most_in_flight, self.in_flight)
        try:
            return await self._play(self._script(seen), reader, writer)
        finally:
            self.in_flight -= 1

    async def _read(self, reader: asyncio.StreamReader, number: int) -> Seen:
        raw = await reader.readuntil(b"\r\n\r\n")
        at = self.clock()
        first, *lines = raw[:-4].split(b"\r\n")
        method, target, _ = first.split(b" ", 2)
        headers = tuple(
            (name, value.strip(b" ")) for name, _, value in (line.partition(b":") for line in lines)
        )
        length = re.search(rb"\r\ncontent-length: (\d+)\r\n", raw, re.I)
        body = await reader.readexactly(int(length.group(1))) if length else b""
        return Seen(raw, method.decode(), target, headers, body, at, number)

    def _script(self, seen: Seen) -> Script:
        answers = self._answers.get(seen.path) or self._answers.get("*") or [NOT_FOUND]
        chosen = answers.pop(0) if len(answers) > 1 else answers[0]
        return chosen(seen) if callable(chosen) else chosen

    async def _play(
        self, script: Script, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> bool:
        for step in script:
            if isinstance(step, bytes):
                if writer.transport.is_closing():  # uvloop raises RuntimeError for a write then
                    return False
                writer.write(step)
                await writer.drain()
            elif isinstance(step, float):
                await asyncio.sleep(step)
            elif step == HANG:
                await reader.read()
                return False
            elif step == RESET:
                self._break(writer)
                return False
            else:
                return False
        return True

    def _break(self, writer: asyncio.StreamWriter) -> None:
        """Close so that the peer sees a reset instead of an orderly end."""
        sock: socket.socket = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()


class BlackHole:
    """A port on which connections are neither accepted nor refused."""

    async def __aenter__(self) -> int:
        self._sockets = [socket.socket()]
        self._sockets[0].bind(("127.0.0.1", 0))
        self._sockets[0].listen(0)
        address = self._sockets[0].getsockname()
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(address)
            self._sockets.append(filler)
        return int(address[1])

    async def __aexit__(self, *_: object) -> None:
        for each in self._sockets:
            each.close()
