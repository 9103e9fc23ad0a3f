"""A faster path from expat to feedparser for elements without attributes.

Most elements of a feed have no attributes and one of the same twenty names. For each of them,
xml.sax splits the name and makes two empty dictionaries of attributes, and feedparser looks up its
namespace and copies them: 7 % of the time of a reading. Here each name is looked up once, for as
long as the namespaces in use do not change; elements with attributes take the usual path.

An entry of some hundred thousand elements (links, for example) would take feedparser half a minute.
After its first MAX_ENTRY_ELEMENTS, only the first element of each name is passed on: a title behind
a flood of links is found all the same. Text is always passed on. Many entries of many elements take
it as long: after MAX_READ_ELEMENTS of a document this holds after FEW_ELEMENTS of each entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final
from xml.sax.expatreader import ExpatParser
from xml.sax.xmlreader import AttributesNSImpl

from feedparser.api import StrictFeedParser

from monitor.feeds import limits
from monitor.feeds.scan import ITEMS

Pair = tuple[str | None, str]
"""A name in SAX form: namespace, local name."""

_NOTHING: Final = AttributesNSImpl({}, {})
_REWRITTEN: Final = "backend.userland.com/rss"
"""Found in the namespaces that feedparser replaces at the start of an element."""
_KEPT: Final = frozenset({"math", "svg"})
"""Elements whose namespace feedparser keeps in its output."""


class Reader(ExpatParser):
    """The expat reader of xml.sax, which splits each name only once, and bounds long entries."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._pairs: dict[str, Pair] = {}
        self._total = 0
        """Elements of the document so far."""
        self._count = 0
        """Elements since an item began."""
        self._most = limits.MAX_ENTRY_ELEMENTS
        """How many of them are all passed on."""
        self._names: set[str] = set()
        """Their names."""
        self._goes_on: list[bool] = []
        """Whether each open element, from the first one beyond the limit on, was passed on."""

    def start_element_ns(self, name: str, attrs: Mapping[str, str]) -> None:
        """Called by expat."""
        self._total += 1
        self._count += 1
        if self._count > self._most or self._goes_on:
            if not self._wanted(name):
                return
        elif _is_item(name):
            self._begin()
        else:
            self._names.add(name)
        if attrs:
            super().start_element_ns(name, attrs)
        else:
            self.getContentHandler().startElementNS(self._pair(name), None, _NOTHING)

    def end_element_ns(self, name: str) -> None:
        """Called by expat."""
        if not self._goes_on or self._goes_on.pop():
            self.getContentHandler().endElementNS(self._pair(name), None)

    def _wanted(self, name: str) -> bool:
        """Whether to pass on an element beyond the limit, or inside one that began beyond it.

        An item always is, an element inside one that was not never is. Any other is if it is the
        first of its name, or within the limit of an item that began meanwhile.
        """
        if _is_item(name):
            self._begin()
            wanted = True
        elif self._goes_on and not self._goes_on[-1]:
            wanted = False
        else:
            first = name not in self._names and len(self._names) < limits.MAX_NAMES
            wanted = first or self._count <= self._most
        self._names.add(name)
        self._goes_on.append(wanted)
        return wanted

    def _begin(self) -> None:
        if self._total > limits.MAX_READ_ELEMENTS:
            self._most = limits.FEW_ELEMENTS
        self._count = 0
        self._names.clear()

    def _pair(self, name: str) -> Pair:
        known = self._pairs.get(name)
        if known is None:
            parts = name.split()  # as SAX does: namespace, local name and perhaps the prefix
            known = (None, name) if len(parts) == 1 else (parts[0], parts[1])
            self._pairs[name] = known
        return known


@lru_cache(maxsize=1_000)
def _is_item(name: str) -> bool:
    return name.rpartition(" ")[2].lower() in ITEMS


def create_parser(*arguments: Any, **options: Any) -> Reader:
    """The function that `xml.sax.make_parser` calls in a module that is named to it."""
    return Reader(*arguments, **options)


_slow_start = StrictFeedParser.startElementNS
_slow_end = StrictFeedParser.endElementNS
_slow_track = StrictFeedParser.track_namespace


def _start(self: Any, name: Pair, qname: str | None, attributes: Any) -> None:
    tag = "" if attributes is not _NOTHING or self.decls else _tag(self, name)
    if tag:
        self.unknown_starttag(tag, [])
    else:
        _slow_start(self, name, qname, attributes)


def _end(self: Any, name: Pair, qname: str | None) -> None:
    tag = _tag(self, name)
    if tag:
        self.unknown_endtag(tag)
    else:
        _slow_end(self, name, qname)


def _track(self: Any, prefix: str | None, uri: str) -> None:
    _slow_track(self, prefix, uri)
    self.__dict__.pop("_tags", None)


def _tag(parser: Any, name: Pair) -> str:
    """The name that feedparser gives an element; "" if feedparser must look it up itself."""
    tags: dict[Pair, str] = parser.__dict__.setdefault("_tags", {})
    known = tags.get(name)
    if known is None:
        known = tags[name] = _named(parser, *name)
    return known


def _named(parser: Any, namespace: str | None, local: str) -> str:
    if local.lower() in _KEPT or _REWRITTEN in (namespace or "").lower():
        return ""
    prefix = parser._matchnamespaces.get((namespace or "").lower())
    if not prefix and namespace:
        in_use = parser.namespaces_in_use.items()
        prefix = next((one for one, uri in in_use if one and uri == namespace), "")
    return (f"{prefix}:{local}" if prefix else local).lower()


StrictFeedParser.startElementNS, StrictFeedParser.endElementNS = _start, _end
StrictFeedParser.track_namespace = _track
