"""Which articles contain a term, and its share of each: the index behind the rough view."""

from __future__ import annotations

from array import array
from collections.abc import Iterator


class Mentions:
    """Term -> the articles that contain it, in the order in which they came.

    Thousands of mentions are scanned for each article to decide on, most of them not in the
    processor's cache. So they are stored as contiguous plain numbers: as separate objects, each
    would cost another access to memory.
    """

    def __init__(self) -> None:
        self._holding: dict[str, tuple[array[int], array[float]]] = {}

    def __len__(self) -> int:
        return len(self._holding)

    def add(self, term: str, number: int, part: float) -> None:
        """Record that an article contains a term, which makes up `part` of it."""
        if term not in self._holding:
            self._holding[term] = array("q"), array("d")
        numbers, parts = self._holding[term]
        numbers.append(number)
        parts.append(part)

    def remove(self, term: str, number: int) -> None:
        """Forget that an article contains a term."""
        numbers, parts = self._holding[term]
        at = numbers.index(number)
        del numbers[at], parts[at]
        if not numbers:
            del self._holding[term]

    def count(self, term: str) -> int:
        """How many articles contain a term."""
        return len(self._holding[term][0]) if term in self._holding else 0

    def of(self, term: str) -> Iterator[tuple[int, float]]:
        """The articles that contain a term, each with the term's share of it."""
        return zip(*self._holding.get(term, ((), ())), strict=True)
