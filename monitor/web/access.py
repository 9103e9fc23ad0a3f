"""Who may see the pages: they show what the desk reads.

HTTP's own Basic scheme (RFC 7617) and one password: no form, no cookie, no session that could be
stolen, fixed or forged, and nothing to be posted (docs/design/web.md says more). The name that is
given with it is not looked at. Without a password the pages are for this machine alone.
"""

from __future__ import annotations

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections import OrderedDict
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from monitor.config.sections import WebSection, is_loopback
from monitor.model import Clock
from monitor.web.guard import host_of

TRIES = 10
"""Wrong passwords from one address, then none is looked at for `REST_S`."""
REST_S = 300.0
REMEMBERED = 10_000
"""Addresses whose tries are counted; the one that was longest silent is forgotten first."""
ASKED = {"www-authenticate": 'Basic realm="monitor", charset="UTF-8"'}
LONGEST = 4_096
"""Characters of a header that is read."""


class Access:
    """Decides for each request whether it is shown a page."""

    def __init__(self, web: WebSection, clock: Clock) -> None:
        self._password = _digest(web.password.get_secret_value())
        self._open = not web.password.get_secret_value()
        self._inward = is_loopback(web.host)
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """Address -> wrong passwords in a row, and when the last came, in monotonic seconds."""

    def refusal(self, request: Request) -> Response | None:
        """The answer to who may not see a page; None: it is shown."""
        if self._open:
            own = self._inward and is_loopback(host_of(request.scope["headers"]))
            return None if own else _no_password_set()
        address = request.client.host if request.client else ""
        count, last = self._wrong.get(address, (0, 0.0))
        rests = REST_S - (self._clock.monotonic() - last)
        if count >= TRIES and rests > 0:
            headers = {"retry-after": str(int(rests) + 1)}
            return PlainTextResponse("too many wrong passwords", 429, headers=headers)
        given = _password(request.headers.get("authorization", ""))
        if given is not None and hmac.compare_digest(_digest(given), self._password):
            self._wrong.pop(address, None)
            return None
        if given is not None:
            self._note(address, 1 if count >= TRIES else count + 1)
        return PlainTextResponse("a password is needed", 401, headers=ASKED)

    def _note(self, address: str, count: int) -> None:
        self._wrong[address] = (count, self._clock.monotonic())
        self._wrong.move_to_end(address)
        if len(self._wrong) > REMEMBERED:
            self._wrong.popitem(last=False)


def _no_password_set() -> Response:
    why = (
        "The pages are shown on this machine alone (http://localhost) until a password is set:\n"
        "[web] password in monitor.toml.\n"
    )
    return PlainTextResponse(why, 403)


def _digest(password: str) -> bytes:
    """Of one length, so that a comparison tells nothing of the password's."""
    return sha256(password.encode("utf-8", "surrogatepass")).digest()


def _password(header: str) -> str | None:
    """The password that a request shows; None: it shows none."""
    scheme, _, given = header[:LONGEST].partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return b64decode(given.strip(), validate=True).decode("utf-8").partition(":")[2]
    except (NotBase64, UnicodeDecodeError):
        return None
