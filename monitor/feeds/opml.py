"""Lists of feeds in OPML 2.0 (opml.org/spec2.opml): folders become tags, tags become folders."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Final
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from monitor.errors import InputError
from monitor.feeds.limits import MAX_DEPTH
from monitor.feeds.text import absolute, clean, plain
from monitor.model import Feed
from monitor.redact import shareable

MAX_OUTLINES: Final = 50_000
_MAX_CHARACTERS: Final = 15_000_000
_FEED_TYPES: Final = ("rss", "atom", "rdf", "feed", "")


def read(text: str) -> list[Feed]:
    """The feeds of a list, each address once, in the list's order.

    The folders around an outline and its `category` are its tags. Addresses that are not of the
    web are left out. Raises InputError for what is no OPML, or more than anyone subscribes to.
    """
    if len(text) > _MAX_CHARACTERS:
        raise InputError("the OPML cannot be read", f"over {_MAX_CHARACTERS} characters")
    outlines = _Outlines()
    parser = expat.ParserCreate()
    parser.StartElementHandler = outlines.opened
    parser.EndElementHandler = outlines.closed
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(text.lstrip("\ufeff \t\r\n").encode("utf-8", "replace"), True)
    except expat.ExpatError as error:
        why = f"{expat.ErrorString(error.code)} in line {error.lineno}"
        raise InputError("the OPML cannot be read", why) from error
    if not outlines.is_opml:
        raise InputError("the OPML cannot be read", "its first element is not <opml>")
    return list(outlines.feeds.values())


def write(feeds: Iterable[Feed], title: str) -> str:
    """The feeds as an OPML 2.0 document; a feed with several tags stands in its first tag's folder.

    The other tags go into `category`, so that `read` finds the same tags again.
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
    """What the elements say, one after another."""

    def __init__(self) -> None:
        self.feeds: dict[str, Feed] = {}
        self.is_opml = False
        self._folders: list[str] = []
        self._depth = 0
        self._count = 0

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise InputError("the OPML cannot be read", "elements nested too deep")
        if self._depth == 1:
            self.is_opml = name.lower() == "opml"
        if name.lower() == "outline":
            self._outline({key.lower(): value for key, value in attributes.items()})

    def closed(self, name: str) -> None:
        self._depth -= 1
        if name.lower() == "outline":
            self._folders.pop()

    def _outline(self, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MAX_OUTLINES:
            raise InputError("the OPML cannot be read", f"over {MAX_OUTLINES} outlines")
        name = plain(attributes.get("title") or attributes.get("text", ""))
        address = absolute(attributes.get("xmlurl", ""), "")
        if address and attributes.get("type", "").lower() in _FEED_TYPES:
            self._add(address, name, attributes)
        self._folders.append("" if attributes.get("xmlurl") else name)

    def _add(self, address: str, name: str, attributes: dict[str, str]) -> None:
        # A category is a list of paths ("/press/army,navy"); each path counts as one tag.
        categories = [path.strip().strip("/") for path in attributes.get("category", "").split(",")]
        tags = [folder for folder in self._folders if folder] + [plain(one) for one in categories]
        language = plain(attributes.get("language", ""), 40)
        feed = self.feeds.get(address) or Feed(url=address, name=name, lang=language)
        merged = dict.fromkeys(tag for tag in (*feed.tags, *tags) if tag)
        self.feeds[address] = replace(feed, tags=tuple(merged))


def _refuse_doctype(*_: object) -> None:
    raise InputError("the OPML cannot be read", "it has a document type, which no list needs")


def _outline(feed: Feed) -> str:
    attributes = {
        "type": "rss",
        "text": feed.name or shareable(feed.url),
        "title": feed.name,
        "xmlUrl": shareable(feed.url),
        "language": feed.lang,
        "category": ",".join(tag.replace(",", " ") for tag in feed.tags[1:]),
    }
    stated = " ".join(f"{key}={_quoted(value)}" for key, value in attributes.items() if value)
    return f"<outline {stated}/>"


def _quoted(value: str) -> str:
    return quoteattr(clean(value))


def _text(value: str) -> str:
    return clean(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
