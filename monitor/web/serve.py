"""Listening: uvicorn inside an event loop that is not its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from monitor.config.sections import WebSection
from monitor.errors import UnavailableError
from monitor.pipeline.parts import Parts
from monitor.web.site import site

CONNECTIONS = 100
"""The most connections at one time; further ones are answered 503."""
LONGEST_S = 120.0
"""Seconds after which a connection is cut, whatever it is doing: idle, slow or greedy."""
GOODBYE_S = 5
"""Seconds that answers under way may take to finish when we stop."""


class _Connection(H11Protocol):
    """uvicorn's own limits start after a request; this one starts with the connection."""

    _end: asyncio.TimerHandle

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._end = self.loop.call_later(LONGEST_S, transport.abort)

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        super().connection_lost(exc)


class _Server(uvicorn.Server):
    """uvicorn's server without its signal handling: our own code decides when to stop.

    It also does not check ten times a second whether to stop.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.stop = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        while not self.stop.is_set():
            await self.on_tick(0)  # updates the date that answers carry
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.stop.wait(), 1.0)


@asynccontextmanager
async def serving(
    parts: Parts,
    web: WebSection,
    max_bytes: int,
    turning: Callable[[], bool] | None = None,
    broken: Callable[[], bool] | None = None,
) -> AsyncIterator[str]:
    """Answer at `[web] host` and `port` until the block ends; yield the address.

    The other arguments are those of `site`. Raises UnavailableError if the port is taken.
    """
    listening = _listen(web.host, web.port)
    config = uvicorn.Config(
        site(parts, web, max_bytes, turning, broken),
        http=_Connection,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,  # we log ourselves, and not each request, since paths hold tokens
        access_log=False,
        server_header=False,
        proxy_headers=False,
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=GOODBYE_S,
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    task.add_done_callback(lambda _task: server.up.set())  # also if it fails at once
    try:
        await server.up.wait()
        if task.done():
            await task
        host, port = listening.getsockname()[:2]
        yield f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
    finally:
        server.stop.set()
        await task


def _listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. If uvicorn opened it, a failure would end the process.

    Accepted connections inherit TCP_NODELAY from it: asyncio sets that only if the socket's
    protocol is stated, and without it the body of an answer waits 40 ms for the head to be
    acknowledged.
    """
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.create_server(address[:2], family=family)
    except OSError as error:
        where = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        raise UnavailableError(
            f"cannot listen on {where}", error.strerror or str(error), "[web] host and port"
        ) from error
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening
