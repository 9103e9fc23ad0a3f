"""One pass over an XML document that builds no tree: whether it is sound, and where its items are.

The parser is expat, which feedparser uses for sound XML. What it reports (where an item begins,
whether everything is closed) is what feedparser will see: text in a CDATA section or a comment
that looks like a tag deceives neither of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from monitor.errors import InputError
from monitor.feeds import limits

ITEMS: Final = frozenset({"item", "entry"})
_CATEGORIES: Final = frozenset({"category", "subject", "keywords"})
_NONE: Final = -1


@dataclass(frozen=True, slots=True)
class Items:
    """Where the items of a document are: siblings under one parent, none inside another."""

    places: tuple[tuple[int, int], ...]
    """Start and end of each, as offsets in the UTF-8 bytes of the text, in their order."""
    parents: str
    """The elements around them, with attributes and namespaces, from the root on."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What `look` found. `fault`: what is wrong with the XML, "" when nothing is."""

    fault: str
    items: int
    elements: int
    crowded: bool
    """Whether one item, or what comes before the first, has over MAX_ENTRY_ELEMENTS elements."""
    places: Items | None
    """None: it is broken, has no items, or their places do not tell them apart."""


def look(text: str) -> Scan:
    """Scan a document that begins with its root element.

    Raises InputError for elements nested too deep, with too many attributes or categories.
    """
    # A lone surrogate has no valid UTF-8: the bytes that stand for it are a fault to expat.
    body, fault = text.encode("utf-8", "surrogatepass"), ""
    parser = expat.ParserCreate("utf-8", " ")
    seen = _Look(parser, body)
    parser.StartNamespaceDeclHandler = seen.declared
    parser.StartElementHandler = seen.opened
    parser.EndElementHandler = seen.closed
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        fault = f"{expat.ErrorString(error.code)} in line {error.lineno}"
    places = None if fault else seen.found()
    crowded = max(seen.most, seen.elements - seen.began) > limits.MAX_ENTRY_ELEMENTS
    return Scan(fault, seen.items, seen.elements, crowded, places)


@dataclass(slots=True)
class _Look:
    """The handlers of expat. Items are siblings while each is inside exactly `level` elements."""

    parser: expat.XMLParserType
    body: bytes
    depth: int = 0
    items: int = 0
    elements: int = 0
    began: int = 0
    """Elements up to the start of the latest item."""
    most: int = 0
    """Elements of the longest item that is over, or before the first."""
    categories: int = 0
    namespaces: list[tuple[str | None, str | None]] = field(default_factory=list)
    """Declared by the element that opens next."""
    path: list[tuple[str, object, object]] = field(default_factory=list)
    """The open elements with attributes and namespaces, kept up to date until the first item."""
    level: int = _NONE
    start: int = _NONE
    places: list[tuple[int, int]] = field(default_factory=list)
    ended: bool = False
    """The parent of the items has been closed."""
    mixed: bool = False
    """An item is inside another, or under another parent."""

    def declared(self, prefix: str | None, address: str | None) -> None:
        if self.level == _NONE:
            self.namespaces.append((prefix, address))

    def opened(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.depth >= limits.MAX_DEPTH:
            raise _unreadable("elements nested too deep")
        if len(attributes) > limits.MAX_ATTRIBUTES:
            raise _unreadable("too many attributes on one element")
        local = name.rpartition(" ")[2].lower()
        if local in ITEMS:
            self._item()
        elif local in _CATEGORIES:
            self.categories += 1
            if self.categories > limits.MAX_CATEGORIES:
                raise _unreadable("too many categories on one item")
        if self.level == _NONE:
            self.path.append((name, attributes, self.namespaces))
            self.namespaces = []
        self.depth += 1

    def closed(self, _: str) -> None:
        self.depth -= 1
        if self.level == _NONE:
            self.path.pop()
        elif self.depth == self.level and self.start != _NONE:
            self.places.append((self.start, self._end()))
            self.start = _NONE
        elif self.depth < self.level:
            self.ended = True

    def _item(self) -> None:
        self.items += 1
        self.categories = 0
        self.most = max(self.most, self.elements - 1 - self.began)
        self.began = self.elements
        if self.level == _NONE:
            self.level = self.depth
        brother = self.depth == self.level and self.start == _NONE and not self.ended
        self.mixed = self.mixed or not brother
        self.start = self.parser.CurrentByteIndex

    def _end(self) -> int:
        """Where the closing tag ends. An empty element has none: expat is at its end already."""
        place = self.parser.CurrentByteIndex
        closing = self.body.startswith(b"</", place)
        return self.body.index(b">", place) + 1 if closing else place

    def found(self) -> Items | None:
        if self.mixed or self.level < 1 or not self.places:
            return None
        return Items(tuple(self.places), repr(self.path))


def _unreadable(why: str) -> InputError:
    return InputError("the document cannot be read", why)
