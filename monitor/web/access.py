"""Who may see the pages, which show what the desk reads.

HTTP's own Basic scheme (RFC 7617) and one password: no form, no cookie, no session that could be
stolen, fixed or forged, and nothing to post (docs/design/web.md says more). The user name sent with
the password is ignored. Without a password, only this machine sees the pages.
"""

from __future__ import annotations

import hmac
import logging
from base64 import b64decode
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.config.sections import WebSection, is_loopback
from monitor.model import Clock
from monitor.web.asker import address_of, networks, place_of
from monitor.web.guard import host_of
from monitor.web.guesses import REST_S, Guesses

log = logging.getLogger("monitor.web")

ASKED = {"www-authenticate": 'Basic realm="monitor", charset="UTF-8"'}
LONGEST = 4_096
"""Longer headers are not parsed (characters)."""


class Access:
    """Decides for each request whether it is shown a page."""

    def __init__(self, web: WebSection, clock: Clock) -> None:
        self._password = _digest(web.password.get_secret_value())
        self._open = not web.password.get_secret_value()
        self._inward = is_loopback(web.host)
        self._proxies = networks(web.proxies)
        self._guesses = Guesses(clock)

    def refusal(self, request: Request) -> Response | None:
        """Return the answer to a request that may not see a page; None: it may."""
        if self._open:
            return None if self._is_own(request) else _no_password_set()
        address = place_of(address_of(request, self._proxies))
        if rest := self._guesses.rest(address):
            wait = int(rest) + 1
            why = f"too many wrong passwords: none is checked for {wait} seconds"
            return PlainTextResponse(why, 429, headers={"retry-after": str(wait)})
        given = _password(request.headers.get("authorization", ""))
        if given is not None and hmac.compare_digest(_digest(given), self._password):
            self._guesses.right(address)
            return None
        if given is not None and self._guesses.wrong(address):
            _tell(address, handed_on="x-forwarded-for" in request.headers and not self._proxies)
        return PlainTextResponse("a password is needed", 401, headers=ASKED)

    def _is_own(self, request: Request) -> bool:
        """Whether it comes from this machine, by a local name, while only this machine can ask."""
        asker = address_of(request, self._proxies)
        return self._inward and all(map(is_loopback, (host_of(request.scope["headers"]), asker)))


def _tell(address: str, *, handed_on: bool) -> None:
    where = address or "a socket"
    log.warning("wrong passwords from %s: none is checked for %d s", where, REST_S)
    if handed_on:
        log.warning("if %s is your proxy, name it in [web] proxies, or all behind it wait", where)


def _no_password_set() -> Response:
    why = (
        "The pages are shown on this machine alone (http://localhost) until a password is set:\n"
        "[web] password in monitor.toml.\n"
    )
    return PlainTextResponse(why, 403)


def _digest(password: str) -> bytes:
    """Hash a password to a fixed length, so that comparing reveals nothing about its own."""
    return sha256(password.encode("utf-8", "surrogatepass")).digest()


def _password(header: str) -> str | None:
    """Return the password in an Authorization header; None if there is none."""
    scheme, _, given = header[:LONGEST].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(given.strip(), validate=True).decode("utf-8").partition(":")[2]
    except ValueError:  # not Base64, or not UTF-8 inside
        return None
