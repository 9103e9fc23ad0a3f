"""What comes before the answers: the token, the errors, and the limit on parallel work."""

from __future__ import annotations

import asyncio
import functools
import logging
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from monitor.config.checking import nearest
from monitor.config.sections import WebSection
from monitor.errors import (
    ComputeFailedError,
    MonitorError,
    TryLaterError,
    UnavailableError,
    UsageError,
)
from monitor.pipeline.parts import Parts
from monitor.shapes.plain import as_json, error_as_json
from monitor.store.bounded import TookTooLongError, bounded
from monitor.web.api.asked import Asked, MissingError, read
from monitor.web.api.document import BASE, document
from monitor.web.api.operations import OPERATIONS, Operation
from monitor.web.headers import has_answer, shows_token

log = logging.getLogger("monitor.web")

AT_ONCE: Final = 2
"""Questions answered at one time: the daemon's own readers must not wait for them."""
THOUGHT_S: Final = 60.0
"""Seconds after which computation for an answer is given up."""
AGAIN_S: Final = "10"
"""Seconds after which a client may ask again."""


def routes(parts: Parts, web: WebSection) -> list[BaseRoute]:
    """Return the API's routes; none while no token is set."""
    token = web.api_token.get_secret_value()
    if not token:
        return []
    app = _Door(_answers(parts), token)
    mount = Mount(BASE, app=app)
    # Starlette's "." leaves out line breaks: what holds one would be answered outside of the API.
    mount.path_regex = re.compile(mount.path_regex.pattern, re.DOTALL)
    return [mount, Route(BASE, app)]


class _Door:
    """Refuses whoever does not show the token (S59)."""

    def __init__(self, app: ASGIApp, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        app = self._app if shows_token(Headers(scope=scope), self._token) else _no_token()
        await app(scope, receive, send)


def _no_token() -> Response:
    what = "no token, or a wrong one"
    error = UsageError(what, hint="Authorization: Bearer TOKEN", where="Authorization")
    error.code = "unauthorized"
    return refused(401, error, {"www-authenticate": "Bearer"})


def _answers(parts: Parts) -> ASGIApp:
    free = asyncio.Semaphore(AT_ONCE)
    known = [
        Route("/openapi.json", _described),
        *(Route(one.path, _answering(one, parts, free)) for one in OPERATIONS),
    ]
    handlers: dict[Any, Any] = {
        MonitorError: _wrong,
        HTTPException: _unknown,
        Exception: _fault,
    }
    app = Starlette(routes=known, exception_handlers=handlers)
    app.router.redirect_slashes = False  # no answer leads anywhere (S60)
    return app


async def _described(request: Request) -> Response:
    return _answer(request, await asyncio.to_thread(_document))


@functools.cache
def _document() -> str:
    """Make the document on first use: that takes a second."""
    return as_json(document())


def _answering(one: Operation, parts: Parts, free: asyncio.Semaphore) -> Any:
    async def answer(request: Request) -> Response:
        given = request.query_params.multi_items()
        now = parts.clock.now()
        names = request.path_params
        if any("\x00" in name for name in names.values()):  # no database accepts it
            raise MissingError("there is nothing of that name")
        values = read(one.parameters, given, now)
        asked = Asked(parts, now, BASE + one.path, given, values, names)
        async with free:
            body = await _told(one, asked)
        return _answer(request, body)

    return answer


async def _told(one: Operation, asked: Asked) -> str:
    store = asked.parts.store
    if one.then is None:
        return await store.read(bounded, one.longest_s, _as_text, one, asked)
    found = await store.read(bounded, one.longest_s, one.ask, asked)
    try:
        async with asyncio.timeout(THOUGHT_S):
            return as_json(await one.then(asked, found))
    except (TimeoutError, ComputeFailedError) as error:
        why = str(error) or f"it took longer than {THOUGHT_S:.0f} s"
        raise TookTooLongError("the request was cancelled", why) from error


def _as_text(connection: Connection, one: Operation, asked: Asked) -> str:
    """Return the answer as text: made on the reader's thread, because it may be long."""
    return as_json(one.ask(connection, asked))


def _answer(request: Request, body: str) -> Response:
    content = body.encode()
    etag = f'"{sha256(content).hexdigest()[:32]}"'
    headers = {"etag": etag, "cache-control": "private, no-cache", "vary": "Authorization"}
    if has_answer(request.headers, etag):
        return Response(status_code=304, headers=headers)
    return Response(content, media_type="application/json", headers=headers)


# ------------------------------------------------------------------------------------ errors


def refused(status: int, error: MonitorError, headers: Mapping[str, str] | None = None) -> Response:
    """Return the API's answer to a request that it refuses."""
    body = as_json({"error": error_as_json(error)})
    return Response(body, status, headers, media_type="application/json")


async def _wrong(_request: Request, error: MonitorError) -> Response:
    match error:
        case MissingError():
            return refused(404, error)
        case UsageError():
            return refused(400, error)
        case TookTooLongError():
            return refused(503, error, {"retry-after": AGAIN_S})
        case TryLaterError() | UnavailableError():
            # The reason contains the database's address: it is for the log only (S62).
            log.warning("the API waits: %s", error)
            shown = type(error)("the database cannot be used now", hint="try again")
            return refused(503, shown, {"retry-after": AGAIN_S})
    log.error("the API: %s", error)
    return refused(500, MonitorError("internal error"))


async def _unknown(request: Request, error: HTTPException) -> Response:
    """No such route, or no such method."""
    if error.status_code == 404:
        path = request.url.path.removeprefix(BASE)[:100] or "/"
        known = ["/openapi.json", *(one.path for one in OPERATIONS)]
        return refused(404, MissingError(f"there is no {path!r} here", "", nearest(path, known)))
    wrong = UsageError("the API only reads", hint="GET")
    return refused(error.status_code, wrong, error.headers)


async def _fault(_request: Request, _error: Exception) -> Response:
    """Show nothing of a fault (S62); it is in the log."""
    return refused(500, MonitorError("internal error"))
