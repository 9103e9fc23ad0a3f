"""From bytes to entries, whatever the feed kind; the values behind `monitor parse`."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cache
from importlib import import_module
from inspect import signature
from typing import Any, Final, cast

from monitor.errors import InputError
from monitor.feeds.discover import not_a_feed
from monitor.feeds.encoding import decode
from monitor.feeds.limits import MAX_UNPACKED
from monitor.feeds.markup import root_name
from monitor.model import Document, Entry, Hints, utc_text

Parse = Callable[..., Document]
"""`parse(body, content_type, url)`, with keywords for the options of `read` that it can use."""

_GZIP: Final = b"\x1f\x8b"
_ANY_WRAPPER: Final = 47
"""zlib's `wbits` for "a gzip or zlib header, whichever is there"."""
_PACKED: Final = {
    _GZIP: "compressed bytes (gzip), twice",
    b"PK\x03\x04": "a ZIP file",
    b"\x28\xb5\x2f\xfd": "compressed bytes (zstd)",
    b"BZh": "compressed bytes (bzip2)",
    b"%PDF": "a PDF file",
    b"\x89PNG": "an image",
    b"\xff\xd8\xff": "an image",
    b"GIF8": "an image",
}
_OTHER_ROOTS: Final = {
    "html": "a web page",
    "opml": "a list of feeds (OPML)",
    "svg": "an image",
}
_SITEMAPS: Final = ("urlset", "sitemapindex")
_SAMPLE: Final = 200_000


def read(
    body: bytes,
    content_type: str,
    url: str,
    kind: str = "",
    *,
    known_pieces: frozenset[str] = frozenset(),
    selectors: Mapping[str, str] | None = None,
) -> Document:
    """Read a feed document.

    `kind` is the name of a feed kind: a module here, or the dotted path of one elsewhere. If it is
    empty, the kind is recognised from the bytes, never from the content type alone. `known_pieces`
    are the `pieces` of the last reading: a kind that can do so leaves out the entries that it had.
    `selectors` are those of the feed's settings. A gzip file, as sitemaps often are, is unpacked.
    Raises NotAFeed, with the feeds that a page names, and InputError for what cannot be read.
    """
    body = _unpacked(body)
    if not body.strip(b"\x00 \t\r\n"):
        raise InputError("the document is empty", f"{len(body)} bytes")
    packed = next((what for start, what in _PACKED.items() if body.startswith(start)), "")
    if packed:
        raise InputError("the document cannot be read", f"it is {packed}")
    parse = parser(kind or recognise(body, content_type, url))
    return parse(
        body,
        content_type,
        url,
        **_taken_by(parse, known_pieces=known_pieces, selectors=selectors or {}),
    )


def _unpacked(body: bytes) -> bytes:
    """The content of a gzip file, up to `MAX_UNPACKED` bytes; other bodies as they are.

    Raises InputError for a broken gzip file.
    """
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(_ANY_WRAPPER).decompress(body, MAX_UNPACKED)
    except zlib.error as error:
        raise InputError("the document cannot be read", f"broken gzip: {error}") from error


def recognise(body: bytes, content_type: str, url: str) -> str:
    """The feed kind of a document; raises NotAFeed for a document that is not a feed."""
    text = decode(body[:_SAMPLE], content_type).text.lstrip("\ufeff \t\r\n\x00")
    if text.startswith(("{", "[")):
        return "jsonfeed"
    root = root_name(text).rpartition(":")[2].lower()
    if root in _SITEMAPS:
        return "sitemap"
    if root in _OTHER_ROOTS and not (root == "html" and _holds_feed(text)):
        raise not_a_feed(decode(body, content_type).text, url, _OTHER_ROOTS[root])
    if not root:
        raise not_a_feed(text, url, "text without any markup")
    return "rss"


def _holds_feed(text: str) -> bool:
    """Whether a web page is a feed in disguise: somebody wrapped HTML around its root element."""
    return any(
        mark in text for mark in ('<feed xmlns="http://www.w3.org/2005/Atom"', "<rss version=")
    )


def parser(kind: str) -> Parse:
    """The `parse` of a feed kind; a kind of a third party is named by its module's dotted path.

    Raises InputError when there is none.
    """
    path = kind if "." in kind else f"monitor.feeds.{kind}"
    try:
        parse = cast(Parse, import_module(path).parse)
        signature(parse).bind(b"", "", "")  # in some modules here, `parse` has other parameters
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        hint = "rss, jsonfeed, sitemap, page, or the dotted path of a module"
        raise InputError(f'no feed kind "{kind}"', hint=hint) from error
    return parse


def _taken_by(parse: Parse, **options: object) -> dict[str, object]:
    """The options that a kind's `parse` names among its parameters."""
    names = _parameters(parse)
    return {name: value for name, value in options.items() if name in names}


@cache
def _parameters(parse: Parse) -> frozenset[str]:
    return frozenset(signature(parse).parameters)


def document_as_json(document: Document) -> dict[str, Any]:
    """The document with the keys of `monitor parse --json`; times in ISO 8601, UTC."""
    return {
        "kind": document.kind,
        "format": document.format,
        "encoding": document.encoding,
        "title": document.title,
        "link": document.link,
        "language": document.language,
        "hints": _hints_as_json(document.hints),
        "entries": [_entry_as_json(entry) for entry in document.entries],
        "problems": list(document.problems),
    }


def _hints_as_json(hints: Hints) -> dict[str, Any]:
    return {
        "ttl_s": _seconds(hints.ttl),
        "skip_hours": list(hints.skip_hours),
        "skip_days": list(hints.skip_days),
        "update_period_s": _seconds(hints.update_period),
    }


def _entry_as_json(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.id,
        "link": entry.link,
        "title": entry.title,
        "published": _moment(entry.published),
        "updated": _moment(entry.updated),
        "authors": list(entry.authors),
        "summary_html": entry.summary_html,
        "content_html": entry.content_html,
        "categories": list(entry.categories),
        "language": entry.language,
        "enclosures": [
            {"url": one.url, "type": one.type, "length": one.length} for one in entry.enclosures
        ],
    }


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else int(span.total_seconds())


def _moment(moment: datetime | None) -> str | None:
    return None if moment is None else utc_text(moment)
