"""Where a query holds in an article, and what a word counts there."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from monitor.watchlists.stream import Stream
from monitor.watchlists.tree import Term

TEXT_FIELDS = ("title", "body", "embeds")
"""Fields that a term without a field is searched in."""
LEAD_WORDS = 60
"""`lead` is the first LEAD_WORDS words of the body."""


class Leaf(NamedTuple):  # hundreds are made for one article: a tuple is made faster
    """One occurrence of one term, with the weight the query gives it."""

    term: Term
    first: int
    last: int
    weight: float = 1.0

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Just itself: a leaf is a place of its own."""
        return (self,)


class Joined(NamedTuple):
    """The leaves that a NEAR joins, with the first and last word that they cover together."""

    first: int
    last: int
    leaves: tuple[Leaf, ...]


Occurrence = Leaf | Joined
"""A place where a node holds."""
Found = tuple[Occurrence, ...] | None
"""None: the node does not hold."""


def gap(left: Occurrence, right: Occurrence) -> int:
    """Words between two places; -1 when they share a word.

    The place of a NEAR reaches from its first word to its last: an occurrence inside that range
    that shares no word with it has no words between.
    """
    if left.last < right.first:
        return right.first - left.last - 1
    if right.last < left.first:
        return left.first - right.last - 1
    return -1 if _share(left, right) else 0


def mentions(found: Iterable[Occurrence]) -> int:
    """How many places there are. A term inside another is no mention of its own; of the pairs of a
    NEAR, which reach over each other, those count that hold no other."""
    terms, pairs = set[tuple[int, int]](), set[tuple[int, int]]()
    for one in found:
        (terms if isinstance(one, Leaf) else pairs).add((one.first, one.last))
    count, reach = 0, -1
    for _, last in sorted(terms.union(_narrowest(pairs)), key=lambda at: (at[0], -at[1])):
        if last > reach:
            count += 1
            reach = last
    return count


def _narrowest(places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those that hold no other."""
    begun = -1
    for first, last in sorted(places, key=lambda at: (at[1], -at[0])):
        if first > begun:
            begun = first
            yield first, last


def _share(left: Occurrence, right: Occurrence) -> bool:
    return any(
        one.first <= other.last and other.first <= one.last
        for one in left.leaves
        for other in right.leaves
    )


def bounds_of(stream: Stream, field: str) -> tuple[int, int]:
    """The first word of a field, and the one after its last; without a field, those of the
    text fields together, which are adjacent. `lead` is the beginning of the body. A term of `lang`
    begins where the tag does: the region of es-AR is not Arabic."""
    name = "body" if field == "lead" else field
    wanted = [
        one for one in stream.fields if (one.name == name if name else one.name in TEXT_FIELDS)
    ]
    if not wanted:
        return 0, 0
    first, end = wanted[0].first, wanted[-1].end
    if field == "lang":
        return first, min(end, first + 1)
    return first, _end_of_lead(stream, first, end) if field == "lead" else end


def _end_of_lead(stream: Stream, first: int, end: int) -> int:
    """The word after the lead of a body; the ends of paragraphs are not words of it."""
    lead = first + LEAD_WORDS
    breaks = stream.breaks
    at = bisect_left(breaks, first)
    while at < len(breaks) and breaks[at] < lead:
        lead += 1
        at += 1
    return min(end, lead)


REGIONS = {"title": 3.0, "lead": 1.5, "body": 1.0, "embeds": 1.0}
"""Factor by which a term counts in each region."""


class Regions:
    """What a term counts at each word of the text fields, which come first: never more than at
    a word before it."""

    def __init__(self, stream: Stream) -> None:
        self.end = 0
        """The word after the last one that counts."""
        self._ends: list[int] = []
        self._factors: list[float] = []
        for field in stream.fields:
            if field.name == "body":
                self._add(_end_of_lead(stream, field.first, field.end), REGIONS["lead"])
            if field.name in REGIONS:
                self._add(field.end, REGIONS[field.name])
                self.end = field.end

    def _add(self, end: int, factor: float) -> None:
        self._ends.append(end)
        self._factors.append(factor)

    def factor(self, word: int) -> float:
        """What a term that begins with that word counts."""
        return self._factors[bisect_right(self._ends, word)]
