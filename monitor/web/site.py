"""The routes: hubs that call (`/websub/TOKEN`), readers who stop a digest (`/stop/TOKEN`), our
feeds (`/feeds/NAME.atom`), probes (`/healthz`, `/readyz`), `/metrics`, programs (`/api/v1/…`).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from sqlalchemy import Connection, text
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from monitor.config.sections import WebSection
from monitor.errors import MonitorError
from monitor.feeds import websub
from monitor.model import Push
from monitor.pipeline import push
from monitor.pipeline.parts import Parts
from monitor.store import recipients
from monitor.web import api, feeds, metrics, pages
from monitor.web.access import Access
from monitor.web.guard import PUBLIC, Guard, not_found
from monitor.web.headers import shows_token
from monitor.web.stop import stop_page

log = logging.getLogger("monitor.web")

BODIES = 4
"""Pushed documents that are read at one time; other hubs wait before sending their bytes."""
BODY_S = 30.0
"""Seconds that the bytes of a pushed document may take."""
DATABASE_S = 5.0
"""Seconds in which a database must answer to count as working."""
KEPT_S = 10.0
"""Seconds for which metrics are served again, at least, instead of being read anew."""
SHARE = 50
"""They are also kept for this many times as long as reading them took: with a long record of polls,
that is seconds."""


class _TooLargeError(Exception):
    """A body over the limit."""


def site(
    parts: Parts,
    web: WebSection,
    max_bytes: int,
    turning: Callable[[], bool] | None = None,
    broken: Callable[[], bool] | None = None,
) -> ASGIApp:
    """Build the whole site. `max_bytes`: of a pushed document; `turning`: whether the daemon works;
    `broken`: whether the settings on disk, which are not yet in force, cannot be used."""
    access = Access(web, parts.clock)
    answers = _Answers(parts, web, access, max_bytes, turning, broken)
    routes = [
        Route("/healthz", answers.health),
        Route("/readyz", answers.ready),
        Route("/metrics", answers.metrics),
        *pages.routes(parts, access),
        Route("/feeds/{file}", answers.feed),
        Route("/stop/{token}", answers.stop, methods=["GET", "POST"]),
        Route("/websub/{token}", answers.websub, methods=["GET", "POST"]),
        *api.routes(parts, web),
    ]

    async def nowhere(request: Request, _error: Exception) -> Response:
        """A page for people who may see the pages; for all others, as for what does not exist."""
        reads = request.method in ("GET", "HEAD")
        wanted = reads and "text/html" in request.headers.get("accept", "")
        # Our public name answers these paths: nobody can try passwords there.
        wanted = wanted and not request.scope["path"].startswith(PUBLIC)
        if wanted and access.refusal(request) is None:
            return pages.nowhere(parts.clock.now())
        return not_found()

    handlers = {404: nowhere, 500: _fault, MonitorError: _waits}
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False  # no answer leads anywhere (S60)
    return Guard(app, web)


async def _fault(_request: Request, _error: Exception) -> Response:
    """Show nothing of a fault (S62); it is in the log."""
    return PlainTextResponse("internal error", 500)


async def _waits(_request: Request, error: Exception) -> Response:
    """The database cannot be used now: the client may try again, and a hub will."""
    log.warning("web waits: %s", error)
    return PlainTextResponse("try again later", 503)


class _Answers:
    """One method per route."""

    def __init__(
        self,
        parts: Parts,
        web: WebSection,
        access: Access,
        max_bytes: int,
        turning: Callable[[], bool] | None,
        broken: Callable[[], bool] | None,
    ) -> None:
        self._parts = parts
        self._access = access
        self._token = web.metrics_token.get_secret_value()
        self._max_bytes = max_bytes
        self._turning = turning
        self._broken = broken
        self._bodies = asyncio.Semaphore(BODIES)
        self._reading = asyncio.Lock()
        self._account: metrics.Account | None = None
        self._anew = 0.0
        """When it is to be read again, in monotonic seconds."""

    # ------------------------------------------------------------------------ probes

    async def health(self, _request: Request) -> Response:
        """Liveness: answering at all is the proof."""
        return PlainTextResponse("alive")

    async def ready(self, _request: Request) -> Response:
        """Readiness: the database answers and takes writes, and the daemon's timers fire."""
        if self._turning is not None and not self._turning():
            return PlainTextResponse("the timers have stopped", 503)
        try:
            async with asyncio.timeout(DATABASE_S):
                await self._parts.store.read(_touch)
                refused = await self._parts.store.refuses()
        except (TimeoutError, MonitorError):
            return PlainTextResponse("the database does not answer", 503)
        if refused:
            return PlainTextResponse("the database takes no writes", 503)
        if self._broken is not None and self._broken():
            return PlainTextResponse("ready, but the settings on disk cannot be used")
        return PlainTextResponse("ready")

    async def metrics(self, request: Request) -> Response:
        """The account, read again only now and then."""
        clock = self._parts.clock
        async with self._reading:
            begun = clock.monotonic()
            if self._account is None or begun >= self._anew:
                self._account = await self._parts.store.read(metrics.account, clock.now())
                took = clock.monotonic() - begun
                self._anew = begun + max(KEPT_S, SHARE * took)
            told = self._account
        found = metrics.metrics(told, named=shows_token(request.headers, self._token))
        found.append(metrics.writes_refused(bool(await self._parts.store.refuses())))
        found.append(metrics.log_bytes(self._parts.store.log_bytes()))
        if self._broken is not None:
            found.append(metrics.settings_broken(self._broken()))
        body = metrics.text(found)
        return Response(body, headers={"content-type": metrics.CONTENT_TYPE})

    async def feed(self, request: Request) -> Response:
        """One of our own feeds."""
        return await feeds.answer(self._parts, self._access, request)

    async def stop(self, request: Request) -> Response:
        """A reader ends a digest: viewing changes nothing, one click does (RFC 8058 §3.1, §3.2)."""
        token = request.path_params["token"]
        name = await self._parts.store.read(recipients.digest_of, token)
        done = name is not None and request.method == "POST"
        if done:  # the token says it all; the posted body is not read
            now = self._parts.clock.now()
            await self._parts.store.write_durably(recipients.stop, token, now)
        titles = {one.name: one.title for one in self._parts.digests if one.title}
        return stop_page(name and titles.get(name, name), done=done)

    # -------------------------------------------------------------------------- hubs

    async def websub(self, request: Request) -> Response:
        """A hub verifies what we asked for, or pushes."""
        agreed = await push.find(self._parts, request.path_params["token"])
        if agreed is None or request.method == "HEAD":
            return not_found()
        if request.method == "GET":
            said = await push.confirm(self._parts, agreed, request.query_params)
            # What is echoed must mean nothing to a browser (W3C WebSub, 8.2).
            return not_found() if said is None else Response(said, media_type=_NO_PAGE)
        if not websub.takes(agreed):
            return PlainTextResponse("no longer wanted", 410)
        return await self._limited(self._take(request, agreed))

    async def _limited(self, taken: Awaitable[Response]) -> Response:
        try:
            return await taken
        except _TooLargeError:
            # What still arrives is discarded, so that the hub gets to read the answer.
            return PlainTextResponse("too large", 413)
        except TimeoutError:
            return PlainTextResponse("too slow", 408, headers={"connection": "close"})
        except ClientDisconnect:
            return PlainTextResponse("gone", 400)

    async def _take(self, request: Request, agreed: Push) -> Response:
        """Read what is pushed, and answer alike whether its signature is valid or not."""
        async with self._bodies:
            async with asyncio.timeout(BODY_S):
                body = await self._body(request)
            content_type = request.headers.get("content-type", "")
            signature = request.headers.get("x-hub-signature", "")
            await push.take(self._parts, agreed, body, content_type, signature)
        return Response(status_code=202)

    async def _body(self, request: Request) -> bytes:
        """Return the body; raise _TooLargeError if it exceeds the limit."""
        stated = request.headers.get("content-length", "")
        if stated.isdigit() and int(stated[:20]) > self._max_bytes:
            raise _TooLargeError
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > self._max_bytes:
                raise _TooLargeError
        return bytes(body)


_NO_PAGE = "application/octet-stream"


def _touch(connection: Connection) -> None:
    connection.execute(text("SELECT 1"))
