"""What comes before every route: the check of the Host name, and the headers of all answers."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from monitor.config.sections import WebSection
from monitor.errors import UsageError
from monitor.web.api.document import BASE
from monitor.web.api.door import refused

HEADERS = (
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
)
"""Set on every answer that does not set them itself, whoever made it (S53)."""
LOOPBACK = ("localhost", "127.0.0.1", "::1")
PUBLIC = ("/websub/", "/stop/")
"""The only paths that are answered under our public name."""


class Guard:
    """Refuses host names that are not ours (S57), and gives the public name only the paths that
    hubs and readers need.

    This stops pages that rebind their own name to a loopback address, and proxies that forward more
    than they should.
    """

    def __init__(self, app: ASGIApp, web: WebSection) -> None:
        self._app = app
        self._own = {_bare(name) for name in (*LOOPBACK, web.host, *web.hosts)}
        self._public = urlsplit(web.public_url).hostname or ""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""

        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                said = {name for name, _ in message["headers"]}
                more = [one for one in HEADERS if one[0] not in said]
                message["headers"] = [*message["headers"], *more]
            await send(message)

        app = self._app
        name = host_of(scope["headers"])
        if name not in self._own:
            if not name or name != self._public:
                app = _wrong_name(scope["path"])
            elif not scope["path"].startswith(PUBLIC):
                app = not_found()
        await app(scope, receive, sent)


def _wrong_name(path: str) -> Response:
    what, hint = "we are not asked by this name", "[web] hosts names others"
    if path.startswith(f"{BASE}/"):
        return refused(400, UsageError(what, hint=hint, where="Host"))
    return PlainTextResponse(f"{what} ({hint})", 400)


def not_found() -> PlainTextResponse:
    """The same answer for everything that does not exist: it reveals nothing about near misses."""
    return PlainTextResponse("not found", 404)


def host_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the name in the Host header, without the port."""
    value = next((value for name, value in headers if name == b"host"), b"").decode("latin-1")
    name, colon, port = value.rpartition(":")
    return _bare(name if colon and port.isdigit() and not name.endswith(":") else value)


def _bare(name: str) -> str:
    return name.lower().strip("[]").rstrip(".")
