"""The one HTTP client: polite, limited to public addresses, raising nothing for network trouble.

What a server or a network does wrong comes back as a `FetchFailed` value. Every way out (feeds,
articles, robots.txt, redirect hops, channels) runs through `_once`, and so through the guard.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from types import TracebackType
from typing import Self

import httpx

from monitor.errors import TryLaterError, UnavailableError
from monitor.feeds.waits import retry_after
from monitor.fetch import decode
from monitor.fetch.address import Address, AddressError, parse, redirected
from monitor.fetch.guard import (
    Guard,
    RefusedError,
    Resolver,
    Rules,
    SystemResolver,
    UnresolvedError,
)
from monitor.fetch.hosts import Hold, Hosts, PausedError, SharedHosts, Starts, host_key
from monitor.fetch.robots import RobotsCheck, RobotsMemory
from monitor.fetch.settings import FetchSettings, HostSettings
from monitor.fetch.transport import TlsError, Transport, received_for
from monitor.model import Clock, FailureKind, FetchFailed, Hop, Request, Response
from monitor.redact import redact, redact_path

__all__ = ["Client", "FetchSettings"]

log = logging.getLogger("monitor.fetch")

Headers = tuple[tuple[str, bytes], ...]
Permit = Callable[[Address], Awaitable[float | FetchFailed]]

_OURS = frozenset(
    (
        *("host", "connection", "content-length", "transfer-encoding", "te", "upgrade", "expect"),
        *("user-agent", "accept-encoding", "referer", "from"),
    )
)
"""Headers that say who we are or frame the message: callers may not set them (P65, P67)."""
_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_AS_ALL = HostSettings()
_NO_BODY = httpx.ByteStream(b"")
_ASIDE_BYTES = 2**16
_ANSWER_BYTES = 2**20
"""Longest answer read from a channel's service, in bytes."""
_SHORT_PAUSE_S = 120.0
"""How long an errand waits in total for paused hosts that its redirects lead to. Giving up there
would only mean requesting the old address again."""


class _Allowance:
    """Seconds an errand may still take; waiting for turns does not count.

    `async with allowance:` raises TimeoutError in the body when nothing is left.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._left = seconds
        self._patience_s = _SHORT_PAUSE_S
        self._started = 0.0
        self._timeout: asyncio.Timeout

    async def __aenter__(self) -> None:
        self._started = asyncio.get_running_loop().time()
        self._timeout = asyncio.timeout_at(self._started + self._left)
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left -= asyncio.get_running_loop().time() - self._started
        await self._timeout.__aexit__(kind, error, trace)

    def sit_out(self, seconds: float) -> bool:
        """Whether a host's pause may be waited out; if so, the patience left shrinks by it."""
        if seconds > self._patience_s:
            return False
        self._patience_s -= seconds
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Errand:
    """One request on its way through its redirects."""

    method: str = "GET"
    headers: Headers = ()
    secret_headers: Headers = ()
    home: str = ""
    """The address whose origin the next two fields apply to; empty: the errand's first one."""
    unverified: bool = False
    """Whether that origin's certificate is accepted without verification (P73)."""
    secret_origin: str = ""
    """The only origin that the secret headers are sent to."""
    content: bytes = b""
    limit: int
    cut: bool = False
    """Whether a body over the limit is truncated to it instead of refused."""
    allowance: _Allowance
    spacing_s: float = 0.0
    """The least time since the host's last request, whatever the settings say."""
    article: bool = False
    """Whether feeds go first where both are due."""
    hold: Hold | None = None
    """Keeps the place of the last request while the caller reads the answer."""

    def shown(self, url: str) -> str:
        """The address of the errand as logs and failures name it."""
        return redact(url) if self.method == "GET" else redact_path(url)


class Client:
    """An async context manager; see `get`, `article`, `post`.

    `resolver` maps host and port to addresses (the operating system's by default); its answers are
    checked in any case. `memory` keeps robots.txt files across restarts; `shared` coordinates with
    other processes at hosts; `starts` carries the spacing of hosts on to the next client.
    """

    def __init__(
        self,
        settings: FetchSettings,
        clock: Clock,
        resolver: Resolver | None = None,
        memory: RobotsMemory | None = None,
        shared: SharedHosts | None = None,
        starts: Starts | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._system = SystemResolver(settings.concurrency)
        rules = Rules.of(settings.allow_private, settings.allow_ports)
        transport = Transport(
            Guard(rules, resolver or self._system),
            connect_timeout_s=settings.connect_timeout_s,
            ca_file=settings.ca_file,
            http2=settings.http2,
        )
        self._transport: httpx.AsyncBaseTransport = transport
        self._reach = transport.reach
        self._hosts = Hosts(
            clock,
            per_host=settings.per_host,
            spacing_s=settings.spacing_s,
            concurrency=settings.concurrency,
            own=settings.hosts,
            shared=shared,
            starts=starts,
            longest_pause_s=self._longest_pause_s,
        )
        self._longest_pause = timedelta(seconds=settings.longest_pause_s)
        self._usual_pause = timedelta(seconds=settings.usual_pause_s)
        self._shared = frozenset(name.lower() for name in settings.shared_hosts)
        self._robots = RobotsCheck(clock, self._ask_robots, memory, self._longest_pause)
        self._user_agent = settings.user_agent.encode("ascii")

    async def __aenter__(self) -> Self:
        """Nothing is opened before the first request."""
        return self

    async def __aexit__(self, *_error: object) -> None:
        """Close all connections."""
        await self._transport.aclose()
        self._system.close()

    def leave(self, host: str, seconds: float) -> None:
        """Send nothing to a host (`hosts.host_key`) for that long: an earlier process was told so.

        The settings may have changed since: what they grant now counts (P30, P31).
        """
        seconds = min(seconds, self._longest_pause_s(host.partition(":")[0]))
        if seconds > 0:
            self._hosts.pause(host, timedelta(seconds=seconds))

    def asked_lately(self) -> dict[str, float]:
        """Host, or EVERY -> seconds since its last request, where the next one must still wait."""
        return self._hosts.asked_lately()

    def _speaks_for_all(self, host: str, status: int) -> bool:
        """Whether an answer with this status may pause the whole host (P31)."""
        if status == 503:
            return self._settings.hosts.get(host.rstrip("."), _AS_ALL).pause_on_503
        return status == 429 and host not in self._shared

    def _longest_pause_s(self, host: str) -> float:
        """The longest pause that the settings grant a host; 0 if no answer may ask for one."""
        may = any(self._speaks_for_all(host, status) for status in (429, 503))
        return self._settings.longest_pause_s if may else 0.0

    # ------------------------------------------------------------------------ faces

    async def get(self, request: Request, hold: Hold | None = None) -> Response | FetchFailed:
        """Get a URL the user configured (a feed); robots.txt only if the request says so (P84).

        PAUSED or ROBOTS, with `retry_at`, if the host or its robots.txt wants us to stay away:
        nothing was sent then. `hold` keeps the request's place among those in flight until it ends.
        """
        permit = self._robots.permit if request.robots else None
        return await self._go(request.url, self._errand(request, hold=hold), permit)

    async def article(self, url: str, hold: Hold | None = None) -> Response | FetchFailed:
        """Get one page, checking robots.txt at every hop and keeping its crawl delay (P80-P83).

        ROBOTS if robots.txt forbids the page or is unavailable.
        """
        request = Request(
            url=url, headers=(("Accept", b"text/html, application/xhtml+xml, */*;q=0.5"),)
        )
        errand = self._errand(request, hold=hold, article=True)
        return await self._go(url, errand, self._robots.permit)

    async def post(
        self,
        url: str,
        content: bytes,
        headers: Sequence[tuple[str, bytes]] = (),
        *,
        secret_headers: Sequence[tuple[str, bytes]] = (),
        spacing_s: float = 0.0,
    ) -> Response | FetchFailed:
        """Post to a channel's service: same guard and pace, no redirect followed, never repeated.

        The URL may itself be a secret (a webhook), so the answer shows it redacted. `spacing_s`:
        what the service wants between two posts; a longer spacing of the settings still applies.
        """
        errand = _Errand(
            method="POST",
            headers=tuple(headers),
            secret_headers=tuple(secret_headers),
            content=content,
            limit=_ANSWER_BYTES,
            cut=True,
            allowance=_Allowance(self._settings.timeout_s),
            spacing_s=spacing_s,
        )
        try:
            answer = await self._go(url, errand)
        except (TryLaterError, UnavailableError) as error:
            # We cannot tell whether the host may be asked now, so nothing was sent.
            answer = FetchFailed(kind=FailureKind.PAUSED, why=str(error))
        return replace(answer, url=redact_path(url))

    async def reach(self, url: str) -> FetchFailed | None:
        """Connect to the host of a channel's service, with TLS if its URL says so; send no request.

        None: success. Same guard and pace as `post`; the URL may itself be a secret.
        """
        shown = redact_path(url)
        try:
            address = parse(url)
            asked = httpx.Request("POST", _origin(address.scheme, address.host, address.port))
            async with self._hosts.turn(host_key(address), lasting_s=self._settings.timeout_s):
                await self._reach(asked)
        except AddressError as bad:
            return FetchFailed(kind=FailureKind.REFUSED, why=str(bad), url=shown)
        except PausedError as paused:
            until = self._clock.now() + timedelta(seconds=paused.seconds)
            return FetchFailed(
                kind=FailureKind.PAUSED, why=_asked_to_wait(address, until), url=shown
            )
        except tuple(_FAULTS) as fault:
            return FetchFailed(kind=_kind(fault), why=str(fault), url=shown)
        return None

    def _errand(
        self,
        request: Request,
        *,
        cut: bool = False,
        article: bool = False,
        hold: Hold | None = None,
    ) -> _Errand:
        limit = self._settings.max_bytes
        return _Errand(
            headers=request.headers,
            secret_headers=request.secret_headers,
            home=request.home,
            unverified=request.unverified,
            limit=limit if request.max_bytes is None else min(limit, request.max_bytes),
            cut=cut,
            allowance=_Allowance(request.deadline_s or self._settings.timeout_s),
            article=article,
            hold=hold,
        )

    async def _ask_robots(self, request: Request) -> Response | FetchFailed:
        return await self._go(request.url, self._errand(request, cut=True))

    # ------------------------------------------------------------------------- hops

    async def _go(
        self, url: str, errand: _Errand, permit: Permit | None = None
    ) -> Response | FetchFailed:
        """Follow an errand through its redirects, parsing, permitting and pacing every hop anew."""
        hops: list[Hop] = []
        asked: set[str] = set()
        received = 0
        here = url
        while True:
            try:
                address = parse(here)
                if not hops:
                    errand = _bound(errand, address)
            except AddressError as bad:
                return FetchFailed(kind=FailureKind.REFUSED, why=str(bad), url=errand.shown(url))
            answer: Response | FetchFailed
            if address.url in asked:  # without cookies the same request has the same answer
                answer = FetchFailed(kind=FailureKind.REDIRECTS, why="redirects in a circle")
            else:
                asked.add(address.url)
                answer = await self._hop(here, address, errand, permit, on_the_way=bool(hops))
            received += answer.wire_bytes
            if isinstance(answer, Response):
                onward = self._onward(address, answer, errand, len(hops))
                if isinstance(onward, str):
                    hops.append(Hop(answer.status, onward))
                    here = onward
                    if errand.hold:
                        errand.hold.end()
                    continue
                answer = onward or answer
            if isinstance(answer, FetchFailed) and answer.kind is FailureKind.REDIRECTS:
                chain = " -> ".join(redact(hop.url) for hop in hops)
                answer = replace(answer, why=f"{answer.why}: {chain}")
            if log.isEnabledFor(logging.DEBUG):
                log.debug("%s: %s", errand.shown(url), _brief(answer))
            if isinstance(answer, FetchFailed):
                answer = replace(answer, url=errand.shown(url))
            if not hops and answer.wire_bytes == received:
                return answer
            return replace(answer, hops=tuple(hops), wire_bytes=received)

    def _onward(
        self, address: Address, answer: Response, errand: _Errand, hops: int
    ) -> str | FetchFailed | None:
        """Where a redirect leads; None: the answer is final."""
        location = answer.header("location")
        if answer.status not in _REDIRECTS or location is None or errand.method != "GET":
            return None
        try:
            there = redirected(address, location)
        except AddressError as bad:
            return FetchFailed(kind=FailureKind.REFUSED, why=f"redirect refused: {bad}")
        if address.scheme == "https" and not there.startswith("https:"):
            why = "redirect refused: it leads from https to http"
            return FetchFailed(kind=FailureKind.REFUSED, why=why)
        if hops >= self._settings.max_redirects:
            return FetchFailed(kind=FailureKind.REDIRECTS, why=f"more than {hops} redirects")
        return there

    async def _hop(
        self,
        url: str,
        address: Address,
        errand: _Errand,
        permit: Permit | None,
        *,
        on_the_way: bool,
    ) -> Response | FetchFailed:
        """Make one request of an errand in its turn; on the way, wait out a short pause."""
        spacing = await permit(address) if permit else errand.spacing_s
        if isinstance(spacing, FetchFailed):
            return spacing
        while True:
            try:
                turn = self._hosts.turn(
                    host_key(address),
                    spacing,
                    article=errand.article,
                    lasting_s=errand.allowance.seconds,
                )
                async with turn as place:
                    answer = await self._once(url, address, errand)
                    self._heed(address, answer, errand.method)
                    if errand.hold:
                        errand.hold.keep(place)
                    return answer
            except PausedError as paused:
                wait = paused.seconds
            if not (on_the_way and errand.allowance.sit_out(wait)):
                until = self._clock.now() + timedelta(seconds=wait)
                why = _asked_to_wait(address, until)
                return FetchFailed(kind=FailureKind.PAUSED, why=why, retry_at=until)
            await self._clock.sleep(wait)

    def _heed(self, address: Address, answer: Response | FetchFailed, method: str) -> None:
        """429: leave the whole host alone for as long as it says, else as usual (P26, P31).

        A message that is refused without a wait holds nobody up: its sender has waits of its own.
        """
        if isinstance(answer, FetchFailed) or not self._speaks_for_all(address.host, answer.status):
            return
        wait = retry_after(answer, self._clock.now())
        if not wait and answer.status == 429 and method == "GET":
            wait = self._usual_pause
        if wait:
            self._hosts.pause(host_key(address), min(wait, self._longest_pause))

    # ------------------------------------------------------------------ one request

    async def _once(self, url: str, address: Address, errand: _Errand) -> Response | FetchFailed:
        """Send one request and read its answer, within what is left of the errand's time."""
        extensions: dict[str, object] = {"target": address.target}
        if errand.unverified and address.origin == errand.secret_origin:
            extensions["unverified"] = True
        sent = httpx.Request(
            errand.method,
            _origin(address.scheme, address.host, address.port),
            headers=self._headers(address, errand),
            extensions=extensions,
            content=errand.content or None,
            # Without a body, httpx need not add headers that describe it.
            stream=_NO_BODY if errand.method == "GET" else None,
        )
        try:
            async with errand.allowance:
                return await self._exchange(sent, url, errand)
        except TimeoutError:
            kind, why = FailureKind.TIMEOUT, f"no full answer in {errand.allowance.seconds:g} s"
        except tuple(_FAULTS) as fault:
            kind, why = _kind(fault), str(fault)
        return FetchFailed(kind=kind, why=why, wire_bytes=received_for(sent))

    async def _exchange(self, sent: httpx.Request, url: str, errand: _Errand) -> Response:
        answer = await self._transport.handle_async_request(sent)
        try:
            body = await _read(answer, errand)
        finally:
            await answer.aclose()
        return Response(
            url=url,
            status=answer.status_code,
            headers=tuple((name.lower(), value) for name, value in answer.headers.raw),
            body=body,
            wire_bytes=received_for(sent),
            at=self._clock.now(),
        )

    def _headers(self, address: Address, errand: _Errand) -> list[tuple[bytes, bytes]]:
        """What is sent, in this order; secrets only to the origin they were given for (P61)."""
        headers = [(b"Host", address.authority.encode("ascii")), (b"User-Agent", self._user_agent)]
        asked = [(name, value) for name, value in errand.headers if name.lower() not in _OURS]
        if not any(name.lower() == "accept" for name, _ in asked):
            headers.append((b"Accept", b"*/*"))
        headers.append((b"Accept-Encoding", decode.ACCEPTED))
        headers += [(name.encode("ascii"), value) for name, value in asked]
        if address.origin == errand.secret_origin:
            headers += [(name.encode("ascii"), value) for name, value in errand.secret_headers]
        return headers


_FAULTS: dict[type[Exception], FailureKind] = {
    RefusedError: FailureKind.REFUSED,
    UnresolvedError: FailureKind.DNS,
    TlsError: FailureKind.TLS,
    # A sender must know whether anything was sent: before the connection is made, nothing was.
    httpx.ConnectTimeout: FailureKind.CONNECT,
    httpx.ConnectError: FailureKind.CONNECT,
    httpx.NetworkError: FailureKind.PROTOCOL,
    httpx.ProtocolError: FailureKind.PROTOCOL,
    decode.TooLargeError: FailureKind.TOO_LARGE,
    decode.EncodingError: FailureKind.ENCODING,
}
"""Exception -> failure kind; the first that fits counts."""


def _kind(fault: Exception) -> FailureKind:
    return next(kind for error, kind in _FAULTS.items() if isinstance(fault, error))


def _asked_to_wait(address: Address, until: datetime) -> str:
    return f"{address.host} asked us to wait until {until:%Y-%m-%d %H:%M} UTC"


@lru_cache(maxsize=1024)
def _origin(scheme: str, host: str, port: int) -> httpx.URL:
    """The origin as httpx needs it; the target travels separately, untouched by httpx."""
    return httpx.URL(scheme=scheme, host=host, port=port)


def _bound(errand: _Errand, address: Address) -> _Errand:
    """The errand with its secrets and its TLS exception bound to one origin (P61, P73, P74).

    Raises:
        AddressError: the address of that origin cannot be parsed.
    """
    secrets = errand.secret_headers
    if not (secrets or errand.unverified or address.userinfo):
        return errand
    origin = parse(errand.home).origin if errand.home else address.origin
    if address.basic_auth and address.origin == origin:
        secrets += (("Authorization", address.basic_auth),)
    return replace(errand, secret_headers=secrets, secret_origin=origin)


async def _read(answer: httpx.Response, errand: _Errand) -> bytes:
    """The decoded body, as far as it is wanted."""
    if answer.status_code in (204, 304):
        # Only the end can follow; reading it lets the connection serve the next request (P51).
        await anext(aiter(_arriving(answer)), None)
        return b""
    # A redirect's body is for people: read a little of it, so that the connection stays reusable.
    aside = answer.status_code in _REDIRECTS
    encodings = [value for name, value in answer.headers.raw if name.lower() == b"content-encoding"]
    body = decode.Body(
        b"" if aside else b",".join(encodings),
        _ASIDE_BYTES if aside else errand.limit,
        cut=aside or errand.cut,
    )
    body.expect(answer.headers.get("content-length", ""))
    async for data in _arriving(answer):
        body.feed(data)
        if body.full:
            break
    return body.whole()


def _arriving(answer: httpx.Response) -> httpx.AsyncByteStream:
    assert isinstance(answer.stream, httpx.AsyncByteStream)  # noqa: S101 - an async transport's
    return answer.stream


def _brief(answer: Response | FetchFailed) -> str:
    return answer.why if isinstance(answer, FetchFailed) else str(answer.status)
