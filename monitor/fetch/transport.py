"""Our httpx transport: guarded connections, reused for a moment.

Any httpx client can be given this transport; `client.py` calls it directly, so that no cookie jar,
no netrc, no proxy variable and no URL logging exists that would have to be switched off.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from pathlib import Path
from types import TracebackType

import certifi
import httpx

from monitor.fetch.guard import Guard
from monitor.fetch.wire import ClosedError, Connection, open_pipe

_KEEP_S = 5.0
"""How long an idle connection is kept: long enough for the next article of a host (P51)."""
_KEEP_PER_HOST = 2
_MAX_TRIES = 4
"""Addresses tried for one connection."""

_Key = tuple[str, str, int]


def trust(ca_file: str = "") -> ssl.SSLContext:
    """TLS settings: names and dates checked against the system's store, else certifi's (P73)."""
    paths = ssl.get_default_verify_paths()
    system = any(path and Path(path).exists() for path in (paths.cafile, paths.capath))
    context = ssl.create_default_context(cafile=None if system else certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over guarded connections.

    `handle_async_request` raises the errors of `guard.py` besides those of httpx.
    The request line is `request.extensions["target"]` where given, as in httpcore.
    """

    def __init__(self, guard: Guard, *, connect_timeout_s: float = 10.0, ca_file: str = "") -> None:
        self._guard = guard
        self._connect_timeout_s = connect_timeout_s
        self._ca_file = ca_file
        self._tls: ssl.SSLContext | None = None
        self._idle: dict[_Key, list[tuple[Connection, asyncio.TimerHandle]]] = {}
        self._open: set[Connection] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the caller reads and closes the answer's stream."""
        key = _key(request.url)
        await request.aread()
        # A kept connection may be closed by the server while we write: only a GET may be sent
        # again then (RFC 9110 §9.2.2), so everything else begins on a fresh one.
        kept = self._take(key) if request.method == "GET" else None
        if kept:
            try:
                return await self._ask(kept, key, request)
            except ClosedError:
                pass
        return await self._ask(await self._connect(key, request), key, request)

    async def _ask(
        self, connection: Connection, key: _Key, request: httpx.Request
    ) -> httpx.Response:
        request.extensions["connection"] = connection
        try:
            return await connection.ask(request, lambda done: self._done(done, key))
        except BaseException:
            self._drop(connection)
            raise

    # ------------------------------------------------------------------ connecting

    async def _connect(self, key: _Key, request: httpx.Request) -> Connection:
        """A connection to the first checked address that takes one, sharing the time among them."""
        scheme, host, port = key
        addresses = (await self._guard.addresses(host, port))[:_MAX_TRIES]
        name = host.rstrip(".")  # certificates hold names without the root's dot
        share = self._connect_timeout_s / len(addresses)
        failure: httpx.TransportError | None = None
        for address, to_port in addresses:
            try:
                pipe = await open_pipe((str(address), to_port), self._context(scheme), name, share)
            except TimeoutError:
                failure = failure or httpx.ConnectTimeout("no connection in time", request=request)
            except ssl.SSLError as error:
                failure = TlsError(_tls_reason(error), request=request)
            except OSError as error:
                why = os.strerror(error.errno).lower() if error.errno else "no connection"
                failure = failure or httpx.ConnectError(why, request=request)
            else:
                connection = Connection(pipe)
                self._open.add(connection)
                return connection
        assert failure  # noqa: S101 - the guard gives at least one address
        raise failure

    def _context(self, scheme: str) -> ssl.SSLContext | None:
        if scheme != "https":
            return None
        if self._tls is None:
            self._tls = trust(self._ca_file)
        return self._tls

    # -------------------------------------------------------------------- keeping

    def _take(self, key: _Key) -> Connection | None:
        """An idle connection to this origin that is still good."""
        idle = self._idle.get(key, [])
        while idle:
            connection, timer = idle.pop()
            timer.cancel()
            if not idle:
                del self._idle[key]
            if connection.reusable:
                return connection
            self._drop(connection)
        return None

    def _done(self, connection: Connection, key: _Key) -> None:
        """Keep a connection whose answer was read to its end, close any other."""
        idle = self._idle.get(key, [])
        if not connection.reusable or len(idle) >= _KEEP_PER_HOST:
            self._drop(connection)
            return
        timer = asyncio.get_running_loop().call_later(_KEEP_S, self._expire, connection, key)
        self._idle.setdefault(key, []).append((connection, timer))

    def _expire(self, connection: Connection, key: _Key) -> None:
        left = [pair for pair in self._idle.pop(key, []) if pair[0] is not connection]
        if left:
            self._idle[key] = left
        self._drop(connection)

    def _drop(self, connection: Connection) -> None:
        self._open.discard(connection)
        connection.abort()

    async def aclose(self) -> None:
        """Close every connection."""
        for idle in self._idle.values():
            for _, timer in idle:
                timer.cancel()
        self._idle.clear()
        for connection in list(self._open):
            self._drop(connection)
        await asyncio.sleep(0)  # lets asyncio report the closed connections

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        """Close every connection."""
        await self.aclose()


class TlsError(httpx.ConnectError):
    """The server's certificate, or its TLS, is not good enough."""


def received_for(request: httpx.Request) -> int:
    """Bytes that came over the wire in answer to a request, whether it ended well or not."""
    connection = request.extensions.get("connection")
    return connection.received if isinstance(connection, Connection) else 0


def _key(url: httpx.URL) -> _Key:
    host = url.raw_host.decode("ascii").strip("[]")
    return url.scheme, host, url.port or (443 if url.scheme == "https" else 80)


def _tls_reason(error: ssl.SSLError) -> str:
    """What is wrong with the certificate, in OpenSSL's words and nothing else."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    return f"TLS: {(error.reason or 'handshake failed').replace('_', ' ').lower()}"
