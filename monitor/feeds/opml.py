"""Lists of feeds in OPML 2.0 (opml.org/spec2.opml): folders become tags, tags become folders."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final, NamedTuple
from urllib.parse import urlsplit
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from monitor.errors import InputError
from monitor.feeds.encoding import decode
from monitor.feeds.limits import MAX_DEPTH
from monitor.feeds.markup import prepare
from monitor.feeds.text import absolute, clean, from_feed_scheme, one_spelling, plain
from monitor.model import Feed
from monitor.redact import shareable

MAX_OUTLINES: Final = 50_000
_MAX_BYTES: Final = 15_000_000
_FEED_TYPE: Final = re.compile(r"(?:application/)?(?:rss|atom|rdf|feed|json|xml)\b.*|rss[12]|")
"""Some programs write "rss1", "json" or a media type, although OPML knows only "rss"."""


class Listed(NamedTuple):
    """What was found in a list."""

    feeds: Sequence[Feed]
    left_out: Sequence[tuple[str, str]] = ()
    """(name and address, why) of each outline that should be a feed and is not."""
    repeated: int = 0
    """Number of outlines whose address an earlier outline has named already."""


def read(body: bytes) -> Listed:
    """The feeds of a list, each address once, in the list's order.

    The folders around an outline and its `category` become its tags. Outlines that are not feeds on
    the web, or name only a page, are left out, each with the reason. Faults are mended where that
    loses nothing (bare ampersands in addresses, control characters). Raises InputError for
    documents other than OPML, for XML that is broken otherwise (part of a list must not be taken
    for all of it), and for lists over `MAX_OUTLINES` outlines or 15 MB.
    """
    if len(body) > _MAX_BYTES:
        raise _unreadable(f"it has more than {_MAX_BYTES:,} bytes")
    text = decode(body, "").text.lstrip("\ufeff \t\r\n")
    try:
        return _parsed(text)
    except expat.ExpatError as error:
        markup = prepare(text)
        if not markup.sound:
            why = f"{expat.ErrorString(error.code)} on line {error.lineno}"
            raise _unreadable(why) from error
        return _parsed(markup.text)


def _parsed(text: str) -> Listed:
    outlines = _Outlines()
    parser = expat.ParserCreate("utf-8")  # the encoding of what we pass, whatever is declared
    parser.StartElementHandler = outlines.opened
    parser.EndElementHandler = outlines.closed
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.Parse(text.encode("utf-8", "replace"), True)
    if not outlines.is_opml:
        raise _unreadable("its first element is not <opml>")
    return Listed(list(outlines.feeds.values()), outlines.left_out, outlines.repeated)


def _unreadable(why: str) -> InputError:
    return InputError("the OPML cannot be read", why)


def write(feeds: Iterable[Feed], title: str) -> str:
    """The feeds as an OPML 2.0 document, each in the folder of its first tag.

    Its other tags go into `category`, so that `read` finds the same tags again. A `category` is a
    list of paths separated by commas: a comma or a slash inside such a tag becomes a space.
    """
    folders: dict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        folders[feed.tags[0] if feed.tags else ""].append(feed)
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<opml version="2.0">']
    lines += [f"  <head><title>{_text(title)}</title></head>", "  <body>"]
    for folder, members in folders.items():
        if folder:
            lines.append(f"    <outline text={_quoted(folder)}>")
        lines += [f"{'      ' if folder else '    '}{_outline(feed)}" for feed in members]
        if folder:
            lines.append("    </outline>")
    return "\n".join([*lines, "  </body>", "</opml>", ""])


class _Outlines:
    """The handlers of the parser, which collect the feeds element by element."""

    def __init__(self) -> None:
        self.feeds: dict[str, Feed] = {}
        self.left_out: list[tuple[str, str]] = []
        self.repeated = 0
        self.is_opml = False
        self._folders: list[str] = []
        self._page = ""
        """Name of the outline that was opened last, if it names a page and no feed; else ""."""
        self._depth = 0
        self._count = 0

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _unreadable("its elements are nested too deeply")
        if self._depth == 1:
            self.is_opml = name.lower() == "opml"
        if name.lower() == "outline":
            self._outline({key.lower(): value for key, value in attributes.items()})

    def closed(self, name: str) -> None:
        self._depth -= 1
        if name.lower() == "outline":
            if self._page:  # it contains no outline: one that does is a folder
                self.left_out.append((self._page, _NAMES_NO_FEED))
                self._page = ""
            self._folders.pop()

    def _outline(self, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_OUTLINES:
            raise _unreadable(f"it has more than {MAX_OUTLINES:,} outlines")
        name = plain(attributes.get("title") or attributes.get("text", ""))
        stated = from_feed_scheme(attributes.get("xmlurl", ""))
        address = one_spelling(absolute(stated, ""))
        kind = attributes.get("type", "").strip().lower()
        page = (attributes.get("htmlurl") or attributes.get("url", "")).strip()
        shown = called(name, address or stated.strip() or page)
        self._page = ""
        if why := _no_feed(kind, stated.strip(), address):
            self.left_out.append((shown, why))
        elif address:
            self._add(address, name, attributes)
        elif page:
            self._page = shown
        self._folders.append("" if attributes.get("xmlurl") else name)

    def _add(self, address: str, name: str, attributes: dict[str, str]) -> None:
        # A category is a list of paths ("/press/army,navy"); each path counts as one tag.
        categories = [path.strip().strip("/") for path in attributes.get("category", "").split(",")]
        tags = [folder for folder in self._folders if folder] + [plain(one) for one in categories]
        language = plain(attributes.get("language", ""), 40)
        # OPML requires a text for every outline, so the address may stand in for a missing name.
        own = "" if name in (address, plain(address)) else name
        self.repeated += address in self.feeds
        feed = self.feeds.get(address) or Feed(url=address, name=own, lang=language)
        merged = dict.fromkeys(tag for tag in (*feed.tags, *tags) if tag)
        self.feeds[address] = replace(feed, tags=tuple(merged))


def called(name: str, address: str) -> str:
    """An outline's name and address, for a person to find it: a name may be missing or shared."""
    shown = plain(shareable(address), 200)
    if name in (shown, plain(address), ""):
        return shown or "an outline"
    return f"{name} ({shown})" if shown else name


_NAMES_NO_FEED: Final = "it names no feed"


def _no_feed(kind: str, stated: str, address: str) -> str:
    """Why an outline that looks like a feed is not one; "" for a feed, a folder or a page."""
    if kind == "include":
        return "it points to another list, and that is not read"
    if not stated:
        return _NAMES_NO_FEED if kind and _FEED_TYPE.fullmatch(kind) else ""
    if not address:
        return "it has no web address"
    if not _has_port(address):
        return "its address has a port that does not exist"
    return "" if _FEED_TYPE.fullmatch(kind) else f"its type is {kind!r}"


def _has_port(address: str) -> bool:
    try:
        return urlsplit(address).port != 0
    except ValueError:
        return False


def _refuse_doctype(*_: object) -> None:
    raise _unreadable("it declares a document type, which no list needs")


def _outline(feed: Feed) -> str:
    attributes = {
        "type": "rss",
        "text": feed.name or shareable(feed.url),
        "title": feed.name,
        "xmlUrl": shareable(feed.url),
        "language": feed.lang,
        "category": ",".join(re.sub("[,/]", " ", tag) for tag in feed.tags[1:]),
    }
    stated = " ".join(f"{key}={_quoted(value)}" for key, value in attributes.items() if value)
    return f"<outline {stated}/>"


def _quoted(value: str) -> str:
    return quoteattr(clean(value))


def _text(value: str) -> str:
    return clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
