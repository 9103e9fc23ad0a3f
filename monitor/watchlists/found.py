"""Where terms were found in one article, and what a query makes of it."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from typing import Any, Final, NamedTuple

from monitor.watchlists.stream import Stream
from monitor.watchlists.tree import (
    And,
    AtLeast,
    Field,
    Near,
    Node,
    NotNear,
    Or,
    Term,
    Weight,
)

TEXT_FIELDS = ("title", "body", "embeds")
"""Fields that a term without a field is looked for in."""
LEAD_WORDS = 60
"""`lead` is that many words of the body from its start."""

Place = tuple[int, int]
"""First and last word of an occurrence, as indexes into the stream."""
Terms = Mapping[Term, list[Place]]


class Leaf(NamedTuple):  # hundreds are made for one article: a tuple is made faster
    """One occurrence of one term, with the weight the query gives it."""

    term: Term
    first: int
    last: int
    weight: float = 1.0

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Itself: it is a place where a node holds."""
        return (self,)


class Joined(NamedTuple):
    """The leaves that a NEAR joins, and the first and last word of them all."""

    first: int
    last: int
    leaves: tuple[Leaf, ...]


Occurrence = Leaf | Joined
"""A place where a node holds."""
Found = tuple[Occurrence, ...] | None
"""None: the node does not hold."""


def gap(left: Occurrence, right: Occurrence) -> int:
    """Words between two places; -1 when they share a word."""
    if left.last < right.first:
        return right.first - left.last - 1
    if right.last < left.first:
        return left.first - right.last - 1
    return -1


def ranges_of(stream: Stream, field: str) -> Iterable[range]:
    """The words of a field (`lead` is the beginning of the body), of all text fields when none is
    named: as few ranges as there can be."""
    wanted = (field,) if field else TEXT_FIELDS
    found: list[range] = []
    for one in stream.fields:
        if field == "lead" and one.name == "body":
            found.append(range(one.first, min(one.end, one.first + LEAD_WORDS)))
        elif one.name in wanted:
            follows = found and found[-1].stop == one.first
            found.append(range(found.pop().start if follows else one.first, one.end))
    return found


REGIONS = {"title": 3.0, "lead": 1.5, "body": 1.0, "embeds": 1.0}
"""What a term counts where it stands."""


class Regions:
    """What a term counts for at each word of an article; 0 outside the text fields."""

    def __init__(self, stream: Stream) -> None:
        self._ends: list[int] = []
        self._factors: list[float] = []
        for field in stream.fields:
            if field.name == "body":
                self._add(min(field.end, field.first + LEAD_WORDS), REGIONS["lead"])
            self._add(field.end, REGIONS.get(field.name, 0.0))

    def _add(self, end: int, factor: float) -> None:
        self._ends.append(end)
        self._factors.append(factor)

    def factor(self, word: int) -> float:
        """What a term that begins with that word counts."""
        return self._factors[bisect_right(self._ends, word)]


class Outlook:
    """What is known beforehand of what can hold in an article; here: nothing."""

    def sides(self, node: Or) -> Iterable[Node]:
        """The sides of an OR that may hold, in their order; all others surely do not."""
        return node.children

    def may_hold(self, node: And | Near | NotNear) -> bool:
        """False: the node surely does not hold."""
        return True


class Evaluation:
    """Queries against one article: `places` answers where a term stands, in reading order."""

    def __init__(
        self,
        stream: Stream,
        places: Callable[[Term], list[Place]],
        outlook: Outlook | None = None,
    ) -> None:
        self.stream = stream
        self.places = places
        self._outlook = outlook or Outlook()
        self._ranges: dict[str, tuple[range, ...]] = {}
        self._found: dict[tuple[int, str], tuple[Term, Found]] = {}
        """By the term's object, which is kept with it, so that no other gets its number."""

    @cached_property
    def regions(self) -> Regions:
        """What a term counts where it stands."""
        return Regions(self.stream)

    def find(self, node: Node, field: str = "") -> Found:
        """The places where the node holds, or None; `field` limits where to look."""
        return _FINDERS[type(node)](self, node, field)

    def _weight(self, node: Weight, field: str) -> Found:
        return _weighted(self.find(node.child, field), node.factor)

    def _field(self, node: Field, _: str) -> Found:
        return self.find(node.child, node.name)

    def _at_least(self, node: AtLeast, field: str) -> Found:
        found = self.find(node.child, field) or ()
        return found if len({(o.first, o.last) for o in found}) >= node.count else None

    def _term(self, term: Term, field: str) -> Found:
        known = self._found.get((id(term), field))
        if known is None:
            known = self._found[id(term), field] = term, self._occurrences(term, field)
        return known[1]

    def _occurrences(self, term: Term, field: str) -> Found:
        places = self.places(term)
        if not places:
            return None
        ranges = self._ranges_of(field)
        found = [
            Leaf(term, first, last)
            for first, last in places
            for words in ranges
            if words.start <= first < words.stop
        ]
        return tuple(found) or None

    def _ranges_of(self, field: str) -> tuple[range, ...]:
        """The words of a field; of all text fields when none is named."""
        known = self._ranges.get(field)
        if known is None:
            known = self._ranges[field] = tuple(ranges_of(self.stream, field))
        return known

    def _or(self, node: Or, field: str) -> Found:
        found = [o for child in self._outlook.sides(node) for o in self.find(child, field) or ()]
        return tuple(found) or None

    def _and(self, node: And, field: str) -> Found:
        if not self._outlook.may_hold(node):
            return None
        found: list[Occurrence] = []
        for child in node.children:
            held = self.find(child, field)
            if held is None:
                return None
            found += held
        if any(self.find(child, field) is not None for child in node.without):
            return None
        return tuple(found)

    def _near(self, node: Near, field: str) -> Found:
        if not self._outlook.may_hold(node):
            return None
        left, right = self.find(node.left, field), self.find(node.right, field)
        if left is None or right is None:
            return None
        found = tuple(
            _joined(one, other)
            for one, other in self._pairs(left, right, node.distance)
            if gap(one, other) >= 0 and (not node.ordered or one.first < other.first)
        )
        return found or None

    def _not_near(self, node: NotNear, field: str) -> Found:
        if not self._outlook.may_hold(node):
            return None
        left, right = self.find(node.left, field), self.find(node.right, field)
        if left is None or right is None:
            return left
        near = {id(one) for one, _ in self._pairs(left, right, node.distance)}
        return tuple(one for one in left if id(one) not in near) or None

    def _pairs(
        self, left: Iterable[Occurrence], right: Iterable[Occurrence], distance: int
    ) -> Iterable[tuple[Occurrence, Occurrence]]:
        """Pairs of one paragraph with at most so many words between, or with words in common."""
        others = sorted(right, key=lambda o: o.first)
        firsts = [o.first for o in others]
        widest = max((o.last - o.first for o in others), default=0)
        for one in left:
            paragraph = self.stream.paragraph_of(one.first)
            at = bisect_left(firsts, one.first - distance - 1 - widest)
            while at < len(others) and firsts[at] <= one.last + distance + 1:
                other = others[at]
                near = gap(one, other) <= distance
                if near and self.stream.paragraph_of(other.first) == paragraph:
                    yield one, other
                at += 1


_FINDERS: Final[Mapping[type, Callable[[Evaluation, Any, str], Found]]] = {
    Term: Evaluation._term,
    Weight: Evaluation._weight,
    Field: Evaluation._field,
    Or: Evaluation._or,
    And: Evaluation._and,
    Near: Evaluation._near,
    NotNear: Evaluation._not_near,
    AtLeast: Evaluation._at_least,
}


def _weighted(found: Found, factor: float) -> Found:
    if found is None:
        return None
    return tuple(_times(one, factor) for one in found)


def _times(one: Occurrence, factor: float) -> Occurrence:
    if isinstance(one, Leaf):
        return Leaf(one.term, one.first, one.last, one.weight * factor)
    leaves = tuple(Leaf(x.term, x.first, x.last, x.weight * factor) for x in one.leaves)
    return Joined(one.first, one.last, leaves)


def _joined(one: Occurrence, other: Occurrence) -> Joined:
    return Joined(
        min(one.first, other.first), max(one.last, other.last), (*one.leaves, *other.leaves)
    )
