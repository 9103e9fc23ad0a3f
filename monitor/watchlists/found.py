"""Where terms were found in one article, and what a query makes of it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from monitor.watchlists.normalise import Stream
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


class Leaf(NamedTuple):
    """One occurrence of one term, with the weight the query gives it."""

    term: Term
    first: int
    last: int
    weight: float = 1.0


class Occurrence(NamedTuple):  # thousands are made for one article: a tuple is made faster
    """A place where a node holds: one leaf, or the leaves that a NEAR joins."""

    first: int
    last: int
    leaves: tuple[Leaf, ...]


Found = tuple[Occurrence, ...] | None
"""None: the node does not hold."""


def gap(left: Occurrence, right: Occurrence) -> int:
    """Words between two places; -1 when they share a word."""
    if left.last < right.first:
        return right.first - left.last - 1
    if right.last < left.first:
        return left.first - right.last - 1
    return -1


def all_sides(node: Or) -> Iterable[Node]:
    """The sides of an OR that are worth asking, where nothing is known of them."""
    return node.children


class Evaluation:
    """Queries against one article: `places` answers where a term stands, in reading order.

    `sides` gives the sides of an OR that may hold, in their order; all others surely do not.
    """

    def __init__(
        self,
        stream: Stream,
        places: Callable[[Term], list[Place]],
        sides: Callable[[Or], Iterable[Node]] = all_sides,
    ) -> None:
        self.stream = stream
        self.places = places
        self._sides = sides

    def find(self, node: Node, field: str = "") -> Found:
        """The places where the node holds, or None; `field` limits where to look."""
        match node:
            case Term():
                return self._term(node, field)
            case Weight():
                return _weighted(self.find(node.child, field), node.factor)
            case Field():
                return self.find(node.child, node.name)
            case Or():
                return self._or(node, field)
            case And():
                return self._and(node, field)
            case Near():
                return self._near(node, field)
            case NotNear():
                return self._not_near(node, field)
            case AtLeast():
                found = self.find(node.child, field) or ()
                return found if len({(o.first, o.last) for o in found}) >= node.count else None

    def _term(self, term: Term, field: str) -> Found:
        found = tuple(
            Occurrence(first, last, (Leaf(term, first, last),))
            for first, last in self.places(term)
            if self._inside(first, field)
        )
        return found or None

    def _inside(self, word: int, field: str) -> bool:
        stands_in = self.stream.field_of(word)
        if field == "lead":
            return stands_in.name == "body" and word < stands_in.first + LEAD_WORDS
        return stands_in.name == field if field else stands_in.name in TEXT_FIELDS

    def _or(self, node: Or, field: str) -> Found:
        found = [o for child in self._sides(node) for o in self.find(child, field) or ()]
        return tuple(found) or None

    def _and(self, node: And, field: str) -> Found:
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


def _weighted(found: Found, factor: float) -> Found:
    if found is None:
        return None
    return tuple(
        Occurrence(
            o.first,
            o.last,
            tuple(Leaf(x.term, x.first, x.last, x.weight * factor) for x in o.leaves),
        )
        for o in found
    )


def _joined(one: Occurrence, other: Occurrence) -> Occurrence:
    return Occurrence(
        min(one.first, other.first), max(one.last, other.last), (*one.leaves, *other.leaves)
    )
