"""Spans and score: what was found, as people and other programs see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from math import log

from monitor.model import Span
from monitor.watchlists.found import TEXT_FIELDS, Leaf, Occurrence, Regions
from monitor.watchlists.stream import FieldText, Stream
from monitor.watchlists.tree import Term

HIGHEST = 100.0
"""The highest possible score."""
MOST_COUNTED = 5
"""Further occurrences of a term beyond this number do not count."""
_OPENING = re.compile(r"\s*[(\[（]\s*")
_CLOSING = re.compile(r"[)\]）]")


class Told:
    """What is told of the places that make a watchlist match: how much they count, where they
    are."""

    __slots__ = ("_leaves", "_spans", "_stream", "score")

    def __init__(self, stream: Stream, regions: Regions, found: Iterable[Occurrence]) -> None:
        self._stream = stream
        self._leaves = leaves_of(found)
        self._spans: tuple[Span, ...] | None = None
        self.score = score(regions, self._leaves)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The spans, found when asked for the first time."""
        if self._spans is None:
            self._spans = self._made()
        return self._spans

    def _made(self) -> tuple[Span, ...]:
        return spans(self._stream, self._leaves)


class Named(Told):
    """The places of one spelling: of these alone most matches of short queries consist. All
    watchlists that have the term share them, and their spans."""

    __slots__ = ("_more", "_starts", "_term", "_weight")

    def __init__(
        self,
        stream: Stream,
        regions: Regions,
        term: Term,
        starts: Sequence[int],
        words: int,
        weight: float,
    ) -> None:
        """`starts`: the first word of each place, in reading order, one at least."""
        self._stream = stream
        self._term = term
        self._starts = starts
        self._more = words - 1
        self._weight = weight
        self._spans = None
        count = min(MOST_COUNTED, len(starts))
        self.score = _rounded(weight * _LOGARITHMS[count] * regions.factor(starts[0]))

    def __iter__(self) -> Iterator[Leaf]:
        more = self._more
        return (Leaf(self._term, start, start + more, self._weight) for start in self._starts)

    def _made(self) -> tuple[Span, ...]:
        stream, more, name = self._stream, self._more, self._term.text
        free = 0
        found: list[Span] = []
        for first in self._starts:
            if first < free:
                return spans(stream, self)
            free = first + more + _BESIDE
            field, start, end = stream.span(first, first + more)
            found.append(Span(field.name, start, end, field.original[start:end], name))
        return tuple(found)


def _rounded(score: float) -> float:
    return min(HIGHEST, round(score, 4))


def leaves_of(found: Iterable[Occurrence]) -> Sequence[Leaf]:
    """The distinct leaves of several occurrences, in reading order, longest first at each place.

    A leaf of weight 0 is only a condition: it is neither counted nor shown.
    """
    leaves: list[Leaf] = []
    for one in found:
        leaves += (one,) if isinstance(one, Leaf) else one.leaves
    leaves = [one for one in leaves if one.weight]
    reached = -1
    for leaf in leaves:
        if leaf.first <= reached:
            break
        reached = leaf.first
    else:
        return leaves  # those of one term alone, nearly always
    known = {(leaf.first, -leaf.last, *_name(leaf.term), leaf.weight): leaf for leaf in leaves}
    return [known[key] for key in sorted(known)]


def _name(term: Term) -> tuple[str, bool, bool]:
    """The key of a term; a plain tuple is looked up faster than a Term."""
    return term.text, term.exact, term.pattern


def score(regions: Regions, leaves: Sequence[Leaf]) -> float:
    """Sum over terms of weight x (1 + ln occurrences) x region; occurrences count up to five."""
    terms: dict[int, _Count] = {}
    """Keyed by the id of the term: equal terms are one object."""
    for leaf in leaves:
        if leaf.first >= regions.end:
            break
        known = terms.get(id(leaf.term))
        if known is None:  # what comes first in the article counts most
            factor = regions.factor(leaf.first)
            terms[id(leaf.term)] = _Count(leaf.first, factor, leaf.weight)
        else:
            known.add(leaf.first, leaf.weight)
    counted = [one.weight * _LOGARITHMS[one.count] * one.factor for one in terms.values()]
    return _rounded(sum(counted, 0.0))


_LOGARITHMS = (0.0, *(1 + log(count) for count in range(1, MOST_COUNTED + 1)))


class _Count:
    """How many distinct places a term has, added in reading order, and the most it counts."""

    __slots__ = ("count", "factor", "first", "weight")

    def __init__(self, first: int, factor: float, weight: float) -> None:
        self.count = 1
        self.first = first
        self.factor = factor
        self.weight = weight

    def add(self, first: int, weight: float) -> None:
        """Add an occurrence, at a new place or at the last one."""
        if first != self.first and self.count < MOST_COUNTED:
            self.count += 1
            self.first = first
        if weight > self.weight:
            self.weight = weight


_BESIDE = 4
"""Only a place that begins fewer words after another's last may be one span with it."""


def spans(stream: Stream, leaves: Iterable[Leaf]) -> tuple[Span, ...]:
    """Spans in reading order, without overlaps: overlapping terms become one span, named by the
    longest, and so does a name with its acronym in parentheses when both were found."""
    found: list[Span] = []
    before: FieldText | None = None
    longest, reached = 0, -1
    for leaf in leaves:
        field, start, end = stream.span(leaf.first, leaf.last)
        if field.name not in TEXT_FIELDS:
            continue
        name, length, text = leaf.term.text, end - start, field.original
        if field is before and leaf.first < reached + _BESIDE:
            one = found[-1]
            if start < one.end or _in_parentheses(text, one.end, start, end):
                until = end + 1 if start >= one.end else max(one.end, end)
                if length <= longest:
                    length, name = longest, one.term
                start, end = one.start, until
                found.pop()
        found.append(Span(field.name, start, end, text[start:end], name))
        before, longest, reached = field, length, max(reached, leaf.last)
    return tuple(found)


def _in_parentheses(text: str, before: int, start: int, end: int) -> bool:
    """Whether text[start:end] stands in parentheses of its own right after `before`."""
    return bool(_OPENING.fullmatch(text, before, start) and _CLOSING.match(text, end))
