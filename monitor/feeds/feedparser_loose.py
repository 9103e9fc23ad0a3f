"""feedparser's parser of broken markup, with the same bound on elements as its strict one.

Each element costs it some 20 microseconds besides the search for the tag, so an entry of some
hundred thousand elements would take it seconds. After the first MAX_ENTRY_ELEMENTS of an entry
only the first element of each name is passed on. Text is always passed on.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

from feedparser.api import LooseFeedParser

from monitor.feeds import limits
from monitor.feeds.scan import ITEMS

LEFT_OUT: Final = "left out"
"""A key of feedparser's feed data that no element can have: whether elements were left out."""


class _Bound:
    """Decides which tags of a document are passed on to feedparser, in their order."""

    def __init__(self) -> None:
        self._count = 0
        """Elements since an entry began."""
        self._names: set[str] = set()
        """Their names."""
        self._left_out: Counter[str] = Counter()
        """Name -> elements that were left out and have not ended."""

    def begins(self, name: str) -> bool:
        """Whether to pass on the start of an element of this name."""
        if name.rpartition(":")[2] in ITEMS:
            self._count = 0
            self._names.clear()
            self._left_out.clear()
            return True
        self._count += 1
        first = name not in self._names and len(self._names) < limits.MAX_NAMES
        if first:
            self._names.add(name)
        wanted = first or self._count <= limits.MAX_ENTRY_ELEMENTS
        if not wanted:
            self._left_out[name] += 1
        return wanted

    def ends(self, name: str) -> bool:
        """Whether to pass on the end of an element of this name."""
        if not self._left_out[name]:
            return True
        self._left_out[name] -= 1
        return False


_slow_start, _slow_end = LooseFeedParser.unknown_starttag, LooseFeedParser.unknown_endtag


def _start(self: Any, name: str, attributes: list[tuple[str, str]]) -> None:
    if _bound(self).begins(name):
        _slow_start(self, name, attributes)
    else:
        self.feeddata[LEFT_OUT] = True


def _end(self: Any, name: str) -> None:
    if _bound(self).ends(name):
        _slow_end(self, name)


def _bound(parser: Any) -> _Bound:
    bound: _Bound = parser.__dict__.setdefault("_bound", _Bound())
    return bound


LooseFeedParser.unknown_starttag, LooseFeedParser.unknown_endtag = _start, _end
