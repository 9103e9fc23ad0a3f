"""The page on which a reader stops a digest: the only one that readers without a password see."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import Final

from starlette.responses import HTMLResponse, Response

from monitor.digests.words import plain
from monitor.web.pages import TEMPLATES

_SHEET = TEMPLATES.get_template("stop.css").render()
_HASH = b64encode(sha256(_SHEET.encode()).digest()).decode()
HEADERS: Final = {
    "content-security-policy": (
        f"default-src 'none'; style-src 'sha256-{_HASH}'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
}
"""Its own style sheet, which stands in it, and its own form; nothing else."""


def stop_page(name: str | None, *, done: bool) -> Response:
    """Return the page before and after the click; without a name, that nothing can be stopped.

    The answer is the same for every address that stops nothing: it reveals no near misses.
    """
    page = TEMPLATES.get_template("stop.html").render(name=name and plain(name), done=done)
    return HTMLResponse(page, 404 if name is None else 200, headers=HEADERS)
