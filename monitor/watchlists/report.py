"""What was found, as people and other programs see it: spans and score."""

from __future__ import annotations

import re
from collections.abc import Iterable
from math import log
from typing import NamedTuple

from monitor.model import Span
from monitor.watchlists.found import LEAD_WORDS, TEXT_FIELDS, Leaf, Occurrence
from monitor.watchlists.normalise import FieldText, Stream
from monitor.watchlists.tree import Term

HIGHEST = 100.0
"""A score goes no higher."""
MOST_COUNTED = 5
"""A term found more often than that counts as if found so often."""
FIELD_FACTORS = {"title": 3.0, "lead": 1.5, "body": 1.0, "embeds": 1.0}
_OPENING = re.compile(r"[\s\u00a0]*[(\[（][\s\u00a0]*$")
_CLOSING = re.compile(r"[)\]）]")


def leaves_of(found: Iterable[Occurrence]) -> tuple[Leaf, ...]:
    """The distinct leaves of several occurrences, in reading order, longest first at one place.

    A leaf of weight 0 is a condition only: it is neither counted nor shown.
    """
    leaves = {
        (leaf.first, -leaf.last, *_name(leaf.term), leaf.weight): leaf
        for occurrence in found
        for leaf in occurrence.leaves
        if leaf.weight
    }
    return tuple(leaves[key] for key in sorted(leaves))


def _name(term: Term) -> tuple[str, bool, bool]:
    """What a term is told from others by; a plain tuple is looked up faster than a Term."""
    return term.text, term.exact, term.pattern


def score(stream: Stream, leaves: Iterable[Leaf]) -> float:
    """Sum over terms of weight x (1 + ln occurrences) x field; counts five at most."""
    terms: dict[tuple[str, bool, bool], list[Leaf]] = {}
    for leaf in leaves:
        if stream.field_of(leaf.first).name in TEXT_FIELDS:
            terms.setdefault(_name(leaf.term), []).append(leaf)
    total = sum(_term_score(stream, found) for found in terms.values())
    return min(HIGHEST, round(total, 4))


def _term_score(stream: Stream, found: list[Leaf]) -> float:
    count = min(MOST_COUNTED, len({leaf.first for leaf in found}))
    factor = max(FIELD_FACTORS[_region(stream, leaf.first)] for leaf in found)
    return max(leaf.weight for leaf in found) * (1 + log(count)) * factor


def _region(stream: Stream, word: int) -> str:
    field = stream.field_of(word)
    return "lead" if field.name == "body" and word < field.first + LEAD_WORDS else field.name


class _Stretch(NamedTuple):
    """Characters of one field that belong to one span."""

    field: FieldText
    start: int
    end: int
    length: int
    """Of the longest term in it; that one names the span."""
    term: str


def spans(stream: Stream, leaves: Iterable[Leaf]) -> tuple[Span, ...]:
    """Spans in reading order, none upon another: what overlaps is one span, named by its longest
    term, and so is a name with its acronym in parentheses when both were found."""
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
    between = one.field.original[one.end : other.start]
    return other.start < one.end or bool(_OPENING.match(between) and _closes(other))


def _closes(stretch: _Stretch) -> bool:
    return bool(_CLOSING.match(stretch.field.original, stretch.end))


def _merge(one: _Stretch, other: _Stretch) -> _Stretch:
    in_parentheses = other.start >= one.end
    end = other.end + 1 if in_parentheses else max(one.end, other.end)
    longer = other if other.length > one.length else one
    return _Stretch(one.field, one.start, end, longer.length, longer.term)
