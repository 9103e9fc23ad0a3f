"""Spans and score: what was found, as people and other programs see it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

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


def leaves_of(found: Iterable[Occurrence]) -> tuple[Leaf, ...]:
    """The distinct leaves of several occurrences, in reading order, longest first at each place.

    A leaf of weight 0 is only a condition: it is neither counted nor shown.
    """
    all_leaves = [leaf for occurrence in found for leaf in occurrence.leaves if leaf.weight]
    if len(all_leaves) < 2:
        return tuple(all_leaves)
    leaves = {(leaf.first, -leaf.last, *_name(leaf.term), leaf.weight): leaf for leaf in all_leaves}
    return tuple(leaves[key] for key in sorted(leaves))


def _name(term: Term) -> tuple[str, bool, bool]:
    """The key of a term; a plain tuple is looked up faster than a Term."""
    return term.text, term.exact, term.pattern


def score(regions: Regions, leaves: Sequence[Leaf]) -> float:
    """Sum over terms of weight x (1 + ln occurrences) x region; occurrences count up to five."""
    if len(leaves) == 1:  # as most matches of short rules
        return min(HIGHEST, round(leaves[0].weight * regions.factor(leaves[0].first), 4))
    terms: dict[tuple[str, bool, bool], _Count] = {}
    for leaf in leaves:
        if factor := regions.factor(leaf.first):
            name = _name(leaf.term)
            known = terms.get(name)
            if known is None:
                terms[name] = _Count(leaf.first, factor, leaf.weight)
            else:
                known.add(leaf.first, factor, leaf.weight)
    total = sum(
        one.weight * (1 + log(min(MOST_COUNTED, one.count))) * one.factor for one in terms.values()
    )
    return min(HIGHEST, round(total, 4))


class _Count:
    """How many distinct places a term has, added in reading order, and the most it counts."""

    __slots__ = ("count", "factor", "first", "weight")

    def __init__(self, first: int, factor: float, weight: float) -> None:
        self.count = 1
        self.first = first
        self.factor = factor
        self.weight = weight

    def add(self, first: int, factor: float, weight: float) -> None:
        """Add an occurrence, at a new place or at the last one."""
        if first != self.first:
            self.count += 1
            self.first = first
        if factor > self.factor:
            self.factor = factor
        if weight > self.weight:
            self.weight = weight


class _Stretch(NamedTuple):
    """Characters of one field that belong to one span."""

    field: FieldText
    start: int
    end: int
    length: int
    """Length of the longest term in it, which names the span."""
    term: str


def spans(stream: Stream, leaves: Sequence[Leaf]) -> tuple[Span, ...]:
    """Spans in reading order, without overlaps: overlapping terms become one span, named by the
    longest, and so does a name with its acronym in parentheses when both were found."""
    if len(leaves) == 1:
        field, start, end = stream.span(leaves[0].first, leaves[0].last)
        if field.name not in TEXT_FIELDS:
            return ()
        return (Span(field.name, start, end, field.original[start:end], leaves[0].term.text),)
    merged: list[_Stretch] = []
    for leaf in leaves:
        field, start, end = stream.span(leaf.first, leaf.last)
        if field.name not in TEXT_FIELDS:
            continue
        stretch = _Stretch(field, start, end, end - start, leaf.term.text)
        if merged and _belong(merged[-1], stretch):
            merged[-1] = _merge(merged[-1], stretch)
        else:
            merged.append(stretch)
    return tuple(
        Span(s.field.name, s.start, s.end, s.field.original[s.start : s.end], s.term)
        for s in merged
    )


def _belong(one: _Stretch, other: _Stretch) -> bool:
    if one.field is not other.field:
        return False
    if other.start < one.end:
        return True
    opens = _OPENING.fullmatch(one.field.original, one.end, other.start)
    return opens is not None and _closes(other)


def _closes(stretch: _Stretch) -> bool:
    return bool(_CLOSING.match(stretch.field.original, stretch.end))


def _merge(one: _Stretch, other: _Stretch) -> _Stretch:
    in_parentheses = other.start >= one.end
    end = other.end + 1 if in_parentheses else max(one.end, other.end)
    longer = other if other.length > one.length else one
    return _Stretch(one.field, one.start, end, longer.length, longer.term)
