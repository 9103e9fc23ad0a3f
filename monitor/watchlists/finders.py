"""Compile queries into functions that look for them in one article.

A query is walked once, when it is compiled; what depends on it alone (fields, weights, which
patterns can make a part true) is settled then. For an article the functions check only what the
scan leaves possible: it contains a few of the hundreds of names in a long OR, and often only one of
the two sides of a NEAR.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import islice
from operator import attrgetter
from typing import NamedTuple

from monitor.watchlists import patterns
from monitor.watchlists.anchors import anchor, needs
from monitor.watchlists.found import (
    Found,
    Joined,
    Leaf,
    Occurrence,
    Regions,
    bounds_of,
    gap,
    mentions,
)
from monitor.watchlists.report import Named
from monitor.watchlists.stream import Stream
from monitor.watchlists.terms import Scanned, Terms, Way
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
    children_of,
)

Finder = Callable[["Evaluation"], Sequence[Occurrence]]
"""The places where a node holds; none when it does not."""


class Side(NamedTuple):
    """A part of a query that alone makes it hold."""

    find: Finder
    signs: frozenset[str] | None
    """Signs of which one must be found for that; None: it may hold whichever signs are found."""
    needs: tuple[frozenset[str], ...]
    """Further such signs: one of each of these must be found too."""


MOST_PAIRS = 5_000
"""Pairs of one NEAR that a further NEAR looks at, from the beginning of the text on: of a chain on
five words repeated forty times there would be millions."""
FEW = 12
"""Up to this many spellings are looked up one by one."""


class Evaluation:
    """One article, and the terms found in it so far."""

    def __init__(self, stream: Stream, scanned: Scanned, finders: Finders) -> None:
        self.stream = stream
        self._scanned = scanned
        self.found = scanned.found
        """The signs found in the article."""
        self._finders = finders
        self._leaves: dict[tuple[int, float, str], Sequence[Leaf]] = {}
        """Keyed by the id of the spelling's object, which the terms keep alive."""
        self._named: dict[tuple[int, float], Named | Sequence[Leaf]] = {}
        self._bounds: dict[str, tuple[int, int]] = {}

    @cached_property
    def regions(self) -> Regions:
        """What a term counts at each word of the article."""
        return Regions(self.stream)

    def find(self, node: Node, field: str = "") -> Found:
        """The places where any node holds, or None; `field` limits where to look."""
        return tuple(self._finders.made(node, field)(self)) or None

    def leaves(self, way: Way, weight: float, field: str) -> Sequence[Leaf]:
        """Every place of a spelling in a field; a place found in both readings is there twice."""
        key = id(way), weight, field
        known = self._leaves.get(key)
        if known is None:
            known = self._leaves[key] = self._look(way, weight, field)
        return known

    def _look(self, way: Way, weight: float, field: str) -> Sequence[Leaf]:
        start, end = self.bounds(field)
        term, more = way.term, way.words - 1
        if starts := self._starts(way):
            return [Leaf(term, at, at + more, weight) for at in starts if start <= at < end]
        places = way.places(self.stream, self._scanned)
        return [Leaf(term, at, last, weight) for at, last in places if start <= at < end]

    def _starts(self, way: Way) -> Sequence[int]:
        """The first words of the places of a spelling, if these are all that must be known."""
        starts = self._scanned.starts(way.head) if way.plain else ()
        return starts if starts and starts[-1] < self._scanned.coded.end else ()

    def named(self, way: Way, weight: float) -> Named | Sequence[Leaf]:
        """The places of a spelling in the text fields; queries with the same weight share them."""
        key = id(way), weight
        known = self._named.get(key)
        if known is None:
            known = self._named[key] = self._name(way, weight)
        return known

    def _name(self, way: Way, weight: float) -> Named | Sequence[Leaf]:
        starts = self._starts(way)
        if starts and starts[-1] < self.bounds("")[1]:
            return Named(self.stream, self.regions, way.term, starts, way.words, weight)
        return self.leaves(way, weight, "")

    def bounds(self, field: str) -> tuple[int, int]:
        """The first word of a field, and the one after its last."""
        known = self._bounds.get(field)
        if known is None:
            known = self._bounds[field] = bounds_of(self.stream, field)
        return known


class Finders:
    """Makes finders for nodes whose terms are all known."""

    def __init__(self, terms: Terms) -> None:
        self._terms = terms
        self._made: dict[tuple[int, str], tuple[Node, Finder]] = {}
        """Keyed by the id of the node, which is stored too, so that no other node gets that id."""

    def made(self, node: Node, field: str) -> Finder:
        """The finder of a part that is evaluated on many articles; made once and kept."""
        known = self._made.get((id(node), field))
        if known is None:
            known = self._made[id(node), field] = node, self.of(node, field)
        return known[1]

    def of(self, node: Node, field: str = "", weight: float = 1.0, *, pairs: bool = True) -> Finder:
        """The finder of a node in that field (any text field when none is named); its terms count
        `weight` times. `pairs`: whether it matters which terms of a NEAR belong together; if not,
        each of them is a place of its own, and those of weight 0 may be left out.
        """
        match node:
            case Term() | Or():
                return self._any_of(node, field, weight, pairs=pairs)
            case Weight():
                return self.of(node.child, field, weight * node.factor, pairs=pairs)
            case Field():
                return self.of(node.child, node.name, weight, pairs=pairs)
            case And():
                children = [self.of(child, field, weight, pairs=pairs) for child in node.children]
                without = [self.of(child, field, pairs=False) for child in node.without]
                return _all_of(children, without)
            case Near():
                left, right = self.of(node.left, field, weight), self.of(node.right, field, weight)
                join = _pairs_of(node) if pairs else _members_of(node, weight)
                return _near(left, right, join)
            case NotNear():
                left, right = self.of(node.left, field, weight), self.of(node.right, field)
                return _not_near(left, right, self._signs(anchor(node.right)[0]), node.distance)
            case AtLeast():
                return _at_least(self.of(node.child, field, weight), node.count)

    def _any_of(self, node: Node, field: str, weight: float, *, pairs: bool) -> Finder:
        """The finder of an OR; terms that are direct alternatives are looked up together."""
        ways: list[tuple[Way, float]] = []
        others: list[Side] = []
        for side, factor in _sides(node, weight):
            if not isinstance(side, Term):
                others.append(self._side(side, self.of(side, field, factor, pairs=pairs)))
            elif side.pattern:
                others.append(self._side(side, _pattern(self._terms.same(side), field, factor)))
            else:
                ways += ((way, factor) for way in self._terms.ways(side))
        if len(ways) <= FEW and not others:
            return _one_of(ways, field)
        return _Choice(ways, others, field)

    def query(self, node: Node) -> tuple[list[tuple[Way, float]], list[Side]]:
        """What makes a whole query hold, each of these alone: spellings in any text field, with
        their weights, and other sides."""
        ways: list[tuple[Way, float]] = []
        others: list[Side] = []
        for side, weight in _sides(node, 1.0):
            if weight and isinstance(side, Term) and not side.pattern:
                ways += ((way, weight) for way in self._terms.ways(side))
            else:
                others.append(self._side(side, self.of(side, "", weight, pairs=False)))
        return ways, others

    def _side(self, node: Node, find: Finder) -> Side:
        terms = anchor(node)[0]
        more = dict.fromkeys(some for some in needs(node) if some != terms)
        return Side(find, self._signs(terms), tuple(map(self._terms.signs, more)))

    def _signs(self, terms: frozenset[Term]) -> frozenset[str] | None:
        """Signs of which one must be found for a node with this anchor to hold; None: it may hold
        whichever signs are found."""
        return None if any(term.pattern for term in terms) else self._terms.signs(terms)


def _sides(node: Node, weight: float) -> Iterator[tuple[Node, float]]:
    """Yield the alternatives of an OR, nested ones included, each with its weight."""
    match node:
        case Or():
            for child in node.children:
                yield from _sides(child, weight)
        case Weight():
            yield from _sides(node.child, weight * node.factor)
        case _:
            yield node, weight


def _one_of(ways: Sequence[tuple[Way, float]], field: str) -> Finder:
    def find(article: Evaluation) -> Sequence[Occurrence]:
        found = article.found
        return _leaves([one for one in ways if one[0].sign in found], article, field)

    return find


class _Choice:
    """The sides of a long OR, terms and others, by the signs of which one must be found."""

    def __init__(
        self, ways: Iterable[tuple[Way, float]], others: Sequence[Side], field: str
    ) -> None:
        self._field = field
        self._others = tuple((one.find, one.needs) for one in others)
        self._always: list[int] = []
        """Sides that may hold whichever signs are found."""
        by_sign: dict[str, tuple[list[tuple[Way, float]], list[int]]] = {}
        for way, weight in ways:
            by_sign.setdefault(way.sign, ([], []))[0].append((way, weight))
        for number, side in enumerate(others):
            if side.signs is None:
                self._always.append(number)
            for sign in side.signs or ():
                by_sign.setdefault(sign, ([], []))[1].append(number)
        self._by_sign = {sign: (tuple(some), tuple(more)) for sign, (some, more) in by_sign.items()}

    def __call__(self, article: Evaluation) -> Sequence[Occurrence]:
        """The places in an article."""
        by_sign = self._by_sign
        signs = by_sign.keys() & article.found
        if not signs and not self._always:
            return ()
        ways: list[tuple[Way, float]] = []
        likely = set(self._always)
        # Sorted, as a set of characters has another order in each process.
        for sign in sorted(signs):
            some, more = by_sign[sign]
            ways += some
            likely.update(more)
        leaves = _leaves(ways, article, self._field)
        if not likely:
            return leaves
        found = list(leaves)
        for number in sorted(likely):
            find, needs = self._others[number]
            if not any(map(article.found.isdisjoint, needs)):
                found += find(article)
        return found


def _leaves(
    ways: Sequence[tuple[Way, float]], article: Evaluation, field: str
) -> Sequence[Occurrence]:
    """The places of these spellings in a field."""
    if len(ways) == 1:
        return article.leaves(*ways[0], field)
    return [leaf for way, weight in ways for leaf in article.leaves(way, weight, field)]


def _pattern(term: Term, field: str, weight: float) -> Finder:
    def find(article: Evaluation) -> Sequence[Occurrence]:
        start, end = article.bounds(field)
        places = patterns.find(article.stream, term.text)
        return [Leaf(term, *place, weight) for place in places if start <= place[0] < end]

    return find


def _all_of(children: Sequence[Finder], without: Sequence[Finder]) -> Finder:
    def find(article: Evaluation) -> Sequence[Occurrence]:
        found: list[Occurrence] = []
        for child in children:
            held = child(article)
            if not held:
                return ()
            found += held
        return () if any(barred(article) for barred in without) else found

    return find


Join = Callable[[Stream, Sequence[Occurrence], Sequence[Occurrence]], Sequence[Occurrence]]


def _near(left: Finder, right: Finder, join: Join) -> Finder:
    def find(article: Evaluation) -> Sequence[Occurrence]:
        some = left(article)
        others = right(article) if some else ()
        return join(article.stream, some, others) if others else ()

    return find


def _pairs_of(node: Near) -> Join:
    def join(
        stream: Stream, left: Sequence[Occurrence], right: Sequence[Occurrence]
    ) -> Sequence[Occurrence]:
        pairs = (
            _joined(one, other)
            for one, other in _pairs(stream, left, right, node.distance)
            if gap(one, other) >= 0 and (not node.ordered or one.first < other.first)
        )
        return list(islice(pairs, MOST_PAIRS))

    return join


def _members_of(node: Near, weight: float) -> Join:
    """The members of any of the pairs; there may be hundreds of pairs of a few members."""
    left_counts, right_counts = _counts(node.left, weight), _counts(node.right, weight)

    def join(
        stream: Stream, left: Sequence[Occurrence], right: Sequence[Occurrence]
    ) -> Sequence[Occurrence]:
        found: list[Occurrence] = []
        if left_counts or not right_counts:
            found += _beside(stream, left, right, node.distance, follows=node.ordered)
        if right_counts and (found or not left_counts):
            found += _beside(stream, right, left, node.distance, precedes=node.ordered)
        return found

    return join


def _counts(node: Node, weight: float) -> bool:
    """Whether any of its terms counts."""
    match node:
        case Term():
            return bool(weight)
        case Weight():
            return _counts(node.child, weight * node.factor)
        case NotNear():
            return _counts(node.left, weight)
        case And():
            return any(_counts(child, weight) for child in node.children)
        case _:
            return any(_counts(child, weight) for child in children_of(node))


def _joined(one: Occurrence, other: Occurrence) -> Joined:
    return Joined(
        min(one.first, other.first), max(one.last, other.last), (*one.leaves, *other.leaves)
    )


def _not_near(left: Finder, right: Finder, signs: frozenset[str] | None, distance: int) -> Finder:
    """`signs`: those of which one must be found for `right` to be anywhere."""

    def find(article: Evaluation) -> Sequence[Occurrence]:
        some = left(article)
        if not some or (signs is not None and article.found.isdisjoint(signs)):
            return some
        others = right(article)
        return _apart(article.stream, some, others, distance) if others else some

    return find


def _at_least(child: Finder, count: int) -> Finder:
    def find(article: Evaluation) -> Sequence[Occurrence]:
        found = child(article)
        return found if len(found) >= count and mentions(found) >= count else ()

    return find


def _pairs(
    stream: Stream, left: Iterable[Occurrence], right: Sequence[Occurrence], distance: int
) -> Iterator[tuple[Occurrence, Occurrence]]:
    """Pairs of neighbours, in the order of the left ones."""
    near = _Neighbours(stream, right, distance)
    return ((one, other) for one in sorted(left, key=_FIRST) for other in near.of(one))


def _beside(
    stream: Stream,
    some: Iterable[Occurrence],
    others: Sequence[Occurrence],
    distance: int,
    *,
    follows: bool = False,
    precedes: bool = False,
) -> list[Occurrence]:
    """Those that have one of the others within the distance in their paragraph, without a shared
    word, and in the required order if there is one."""
    near = _Neighbours(stream, others, distance)
    found: list[Occurrence] = []
    for one in sorted(some, key=_FIRST):
        for other in near.of(one, later=follows):
            if precedes and other.first >= one.first:
                break
            if gap(one, other) >= 0:
                found.append(one)
                break
    return found


def _apart(
    stream: Stream, some: Iterable[Occurrence], others: Sequence[Occurrence], distance: int
) -> list[Occurrence]:
    """Those that have none of the others within the distance in their paragraph."""
    near = _Neighbours(stream, others, distance)
    return [one for one in sorted(some, key=_FIRST) if next(near.of(one), None) is None]


_FIRST = attrgetter("first")


class _Neighbours:
    """Occurrences in the same paragraph that overlap, or have at most `distance` words between.

    To be asked about occurrences in the order of their first words.
    """

    def __init__(self, stream: Stream, others: Sequence[Occurrence], distance: int) -> None:
        self._breaks = stream.breaks
        self._reach = distance + 1
        self._widest = max([one.last - one.first for one in others])
        self._others = sorted(others, key=_FIRST)
        self._passed = 0
        """So many of the others lie before all that will still be asked about."""

    def of(self, one: Occurrence, *, later: bool = False) -> Iterator[Occurrence]:
        """The neighbours of an occurrence, by their first words; `later`: those alone that begin
        after it."""
        others, start, end = self._others, one.first - self._reach, one.last + self._reach
        passed = self._past(start - self._widest)
        if passed == len(others) or others[passed].first > end:
            return  # nearly always, and no paragraph need be known for it
        paragraph = bisect_right(self._breaks, one.first)
        if paragraph:
            passed = self._past(self._breaks[paragraph - 1])
        if paragraph < len(self._breaks):
            end = min(end, self._breaks[paragraph] - 1)
        if later:
            passed = bisect_right(others, one.first, passed, key=_FIRST)
        for at in range(passed, len(others)):
            other = others[at]
            if other.first > end:
                break
            if other.last >= start:
                yield other

    def _past(self, word: int) -> int:
        """Pass those of the others that begin before a word; the first that does not."""
        others, passed = self._others, self._passed
        while passed < len(others) and others[passed].first < word:
            passed += 1
        self._passed = passed
        return passed
