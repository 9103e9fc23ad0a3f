"""Our httpx transport: guarded connections, kept briefly for reuse.

Any httpx client can be given this transport; `client.py` calls it directly, so that no cookie jar,
no netrc, no proxy variable and no URL logging exists that would have to be switched off.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

import certifi
import httpx

from monitor.fetch.guard import Guard, IPAddress, UnresolvedError
from monitor.fetch.wire import ClosedError, Connection, Line, Pipe, open_pipe

_KEEP_S = 5.0
"""How long an idle connection is kept: long enough for a host's next article (P51)."""
_KEEP_PER_HOST = 2
_MAX_TRIES = 4
"""Most addresses tried for one connection."""

_Key = tuple[str, str, int, bool]
"""Scheme, host, port, and whether the certificate goes unverified: an unverified connection must
never be reused where a verified one is expected."""


def trust(
    ca_file: str = "", *, unverified: bool = False, protocols: Sequence[str] = ("http/1.1",)
) -> ssl.SSLContext:
    """TLS settings: names and dates of certificates are checked, against the system's store, else
    certifi's (P73).

    `unverified` takes any certificate. `protocols` are offered in this order (RFC 7301).
    """
    paths = ssl.get_default_verify_paths()
    system = any(path and Path(path).exists() for path in (paths.cafile, paths.capath))
    context = ssl.create_default_context(cafile=None if system else certifi.where())
    context.set_alpn_protocols(list(protocols))
    if unverified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif ca_file:
        context.load_verify_locations(ca_file)
    return context


class Transport(httpx.AsyncBaseTransport):
    """HTTP/1.1 over guarded connections; with `http2`, HTTP/2 where a server prefers it.

    `handle_async_request` raises the errors of `guard.py` besides those of httpx.
    The request line is `request.extensions["target"]` where given, as in httpcore. With
    `request.extensions["unverified"]` the certificate is taken as it comes.
    """

    def __init__(
        self,
        guard: Guard,
        *,
        connect_timeout_s: float = 10.0,
        ca_file: str = "",
        http2: bool = False,
    ) -> None:
        self._guard = guard
        self._connect_timeout_s = connect_timeout_s
        self._ca_file = ca_file
        self._http2 = http2
        self._tls: dict[tuple[bool, bool], ssl.SSLContext] = {}
        self._idle: dict[_Key, list[tuple[Line, asyncio.TimerHandle]]] = {}
        self._open: set[Line] = set()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request; the caller reads and closes the answer's stream."""
        key = _key(request)
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

    async def reach(self, request: httpx.Request) -> None:
        """Connect as for this request, with TLS where it wants it, and send nothing.

        Raises what `handle_async_request` raises when no connection can be made.
        """
        self._drop(await self._connect(_key(request), request))

    async def _ask(self, connection: Line, key: _Key, request: httpx.Request) -> httpx.Response:
        request.extensions["connection"] = connection
        try:
            return await connection.ask(request, lambda done: self._done(done, key))
        except BaseException:
            self._drop(connection)
            raise

    # ------------------------------------------------------------------ connecting

    async def _connect(self, key: _Key, request: httpx.Request) -> Line:
        """A connection to the first checked address that accepts; each gets a share of the time."""
        _, host, port, _ = key
        tls = self._context(key, request.method)
        addresses = await self._addresses(host, port)
        name = host.rstrip(".")  # certificates hold names without the trailing dot
        share = self._connect_timeout_s / len(addresses)
        failure: httpx.TransportError | None = None
        for address, to_port in addresses:
            try:
                pipe = await open_pipe((str(address), to_port), tls, name, share)
            except TimeoutError:
                failure = failure or httpx.ConnectTimeout("no connection in time", request=request)
            except ssl.SSLError as error:
                failure = TlsError(_tls_reason(error), request=request)
            except OSError as error:
                why = os.strerror(error.errno).lower() if error.errno else "no connection"
                failure = failure or httpx.ConnectError(why, request=request)
            else:
                connection = _speaking(pipe)
                self._open.add(connection)
                return connection
        assert failure  # noqa: S101 - the guard gives at least one address
        raise failure

    async def _addresses(self, host: str, port: int) -> list[tuple[IPAddress, int]]:
        """The addresses to try; the look-up may take as long as connecting may."""
        try:
            async with asyncio.timeout(self._connect_timeout_s):
                return (await self._guard.addresses(host, port))[:_MAX_TRIES]
        except TimeoutError:
            raise UnresolvedError(f"{host}: no name server answered in time") from None

    def _context(self, key: _Key, method: str) -> ssl.SSLContext | None:
        scheme, _, _, unverified = key
        if scheme != "https":
            return None
        # Messages go over HTTP/1.1: sending a body within HTTP/2's windows needs code of its own.
        offered = self._http2 and method == "GET"
        if (unverified, offered) not in self._tls:
            protocols = ("h2", "http/1.1") if offered else ("http/1.1",)
            context = trust(self._ca_file, unverified=unverified, protocols=protocols)
            self._tls[unverified, offered] = context
        return self._tls[unverified, offered]

    # -------------------------------------------------------------------- keeping

    def _take(self, key: _Key) -> Line | None:
        """An idle connection to this origin that is still usable."""
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

    def _done(self, connection: Line, key: _Key) -> None:
        """Keep a connection whose answer was read to its end; close any other."""
        idle = self._idle.get(key, [])
        if not connection.reusable or len(idle) >= _KEEP_PER_HOST:
            self._drop(connection)
            return
        timer = asyncio.get_running_loop().call_later(_KEEP_S, self._expire, connection, key)
        self._idle.setdefault(key, []).append((connection, timer))

    def _expire(self, connection: Line, key: _Key) -> None:
        left = [pair for pair in self._idle.pop(key, []) if pair[0] is not connection]
        if left:
            self._idle[key] = left
        self._drop(connection)

    def _drop(self, connection: Line) -> None:
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
    """The server's certificate or TLS is not acceptable."""


def received_for(request: httpx.Request) -> int:
    """Bytes received over the wire in answer to a request, whether or not it succeeded."""
    connection: Line | None = request.extensions.get("connection")
    return connection.received if connection else 0


def _speaking(pipe: Pipe) -> Line:
    """A fresh connection in the protocol the server has chosen."""
    if pipe.protocol != "h2":
        return Connection(pipe)
    from monitor.fetch.http2 import Http2Connection  # loaded only when needed

    return Http2Connection(pipe)


def _key(request: httpx.Request) -> _Key:
    url = request.url
    host = url.raw_host.decode("ascii").strip("[]")
    port = url.port or (443 if url.scheme == "https" else 80)
    return url.scheme, host, port, "unverified" in request.extensions


def _tls_reason(error: ssl.SSLError) -> str:
    """What is wrong with the certificate, in OpenSSL's words only."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"certificate: {error.verify_message}"
    return f"TLS: {(error.reason or 'handshake failed').replace('_', ' ').lower()}"
