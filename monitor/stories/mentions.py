"""Which articles hold a term, and what part of each it is: the index behind the rough view."""

from __future__ import annotations

from array import array
from collections.abc import Iterator


class Mentions:
    """Term -> the articles that hold it, in the order in which they came.

    Thousands of mentions are looked through for each article that is decided on, most of them for
    the first time in a while. So they lie side by side as plain numbers: as objects of their own
    each would be another place of memory to wait for.
    """

    def __init__(self) -> None:
        self._holding: dict[str, tuple[array[int], array[float]]] = {}

    def __len__(self) -> int:
        return len(self._holding)

    def add(self, term: str, number: int, part: float) -> None:
        """An article holds a term, which is so much of it."""
        if term not in self._holding:
            self._holding[term] = array("q"), array("d")
        numbers, parts = self._holding[term]
        numbers.append(number)
        parts.append(part)

    def remove(self, term: str, number: int) -> None:
        """Forget that an article holds a term."""
        numbers, parts = self._holding[term]
        at = numbers.index(number)
        del numbers[at], parts[at]
        if not numbers:
            del self._holding[term]

    def count(self, term: str) -> int:
        """How many articles hold a term."""
        return len(self._holding[term][0]) if term in self._holding else 0

    def of(self, term: str) -> Iterator[tuple[int, float]]:
        """The articles that hold a term, each with what part of it the term is."""
        return zip(*self._holding.get(term, ((), ())), strict=True)
