"""Our own feeds: those that the channel `feed` writes, and one of each watchlist's newest stories,
served as politely as we like to be served.

Conditional requests are answered 304 (RFC 9110 §13), bodies are compressed for clients that accept
it, and `Cache-Control` says when to ask again. A feed with a token does not exist for anyone who
does not show the token. A watchlist's feed is visible to those who may see the pages.
"""

from __future__ import annotations

import asyncio
import gzip
import hmac
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from pathlib import Path
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from monitor.channels import as_json, feed
from monitor.errors import SettingsError
from monitor.model import Recipient, Watchlist, Window
from monitor.pipeline import desk
from monitor.pipeline.parts import Parts
from monitor.web.access import Access
from monitor.web.guard import not_found
from monitor.web.headers import has_answer

TYPES: Final = {
    ".atom": "application/atom+xml",
    ".json": "application/feed+json",
    ".rss": "application/rss+xml",
}
SHORT: Final = 1_000
"""Octets below which compression gains nothing."""
SPAN: Final = timedelta(days=7)
MOST: Final = 100
"""A watchlist's feed holds the stories of `SPAN`, at most `MOST` of them: the heaviest."""


async def answer(parts: Parts, access: Access, request: Request) -> Response:
    """Answer with one form of one feed, by its name: "nato.atom"."""
    asked = Path(request.path_params["file"])
    if asked.suffix not in TYPES:
        return not_found()
    settings = _settings(parts, asked.stem)
    if settings is None:
        watchlist = parts.watchlists.get(asked.stem)
        if watchlist is None:
            return not_found()
        return access.refusal(request) or await _of_watchlist(parts, watchlist, asked, request)
    if not _shown(settings, request):
        return not_found()
    try:
        content, changed = await asyncio.to_thread(_read, settings.path / asked.name)
    except OSError:  # no edition has been written yet
        return not_found()
    return await _served(request, asked, content, changed, private=bool(_token(settings)))


async def _of_watchlist(
    parts: Parts, watchlist: Watchlist, asked: Path, request: Request
) -> Response:
    now = parts.clock.now()
    window = Window(now - SPAN, now)
    seen = await parts.store.read(desk.look, [watchlist], window, most=MOST)
    edition = replace(seen.edition, title=watchlist.title or watchlist.name)
    link = f"{request.base_url}feeds/{quote(watchlist.name)}"
    document = feed.document_of(edition, f"watchlist:{watchlist.name}", link)
    content = await asyncio.to_thread(_FORMS[asked.suffix], document)
    changed = datetime.fromisoformat(document["_monitor"]["updated"]).replace(microsecond=0)
    return await _served(request, asked, content, changed, private=True)


_FORMS: Final = {".atom": feed.atom, ".json": as_json, ".rss": feed.rss}


async def _served(
    request: Request, asked: Path, content: bytes, changed: datetime, *, private: bool
) -> Response:
    """Send the content, or 304 if the client has it; compress it for clients that accept that."""
    headers = {
        "etag": f'W/"{sha256(content).hexdigest()[:32]}"',
        "last-modified": format_datetime(changed, usegmt=True),
        "cache-control": f"{'private' if private else 'public'}, max-age=300",
        "vary": "Accept-Encoding",
    }
    if _known(request, headers["etag"], changed):
        return Response(status_code=304, headers=headers)
    if len(content) >= SHORT and _takes_gzip(request):
        content = await asyncio.to_thread(gzip.compress, content, mtime=0)
        headers["content-encoding"] = "gzip"
    return Response(content, media_type=TYPES[asked.suffix], headers=headers)


def _settings(parts: Parts, name: str) -> feed.Settings | None:
    """Return the settings of a feed, if there is one of that name."""
    if feed.check_address(name):
        return None
    try:
        found = parts.channel(Recipient("feed", name))
    except SettingsError:
        return None
    return found if isinstance(found, feed.Settings) else None


def _token(settings: feed.Settings) -> str:
    return settings.token.get_secret_value()


def _shown(settings: feed.Settings, request: Request) -> bool:
    wanted, shown = _token(settings), request.query_params.get("token", "")
    return not wanted or hmac.compare_digest(wanted.encode(), shown.encode())


def _read(path: Path) -> tuple[bytes, datetime]:
    changed = datetime.fromtimestamp(int(path.stat().st_mtime), UTC)
    return path.read_bytes(), changed


def _known(request: Request, etag: str, changed: datetime) -> bool:
    """Whether the client has this exact state; an ETag outranks a date (RFC 9110 §13.2.2)."""
    if "if-none-match" in request.headers:
        return has_answer(request.headers, etag)
    try:
        return changed <= parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except (ValueError, TypeError):
        return False


def _takes_gzip(request: Request) -> bool:
    codings = request.headers.get("accept-encoding", "").lower().replace(" ", "").split(",")
    return any(one == "gzip" or (one.startswith("gzip;") and ";q=0" not in one) for one in codings)
