"""Random queries and texts, and a matcher simple enough to be trusted.

The naive matcher shares with the real one only the folding, the spellings of a term, and what tells
a designator from words side by side. It walks over every word for every term, and over all pairs
for every NEAR; it has no scan, no anchors, no limits.
"""

from __future__ import annotations

from hypothesis import strategies as st

from monitor.watchlists.normalise import BREAK, chunks
from monitor.watchlists.stream import Stream, split
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
from monitor.watchlists.variants import are_words, may_be_words, spellings

VOCABULARY = (
    "drone", "drones", "Drone", "NATO", "nato", "strike", "air-base", "air", "base", "airbase",
    "MQ-9", "MQ9", "無人機", "無", "дрон", "дронов", "armour", "armor",
    "공항", "지방", "방공", "방 공항", "공항 무인기",
    "A-10", "F-35A", "F-35", "Su-30", "A", "a", "10", "su", "30",
)  # fmt: skip

_WORDS = st.sampled_from(VOCABULARY)
_TERMS = st.one_of(
    _WORDS.map(Term),
    st.lists(_WORDS, min_size=2, max_size=3).map(lambda words: Term(" ".join(words))),
    st.sampled_from(["NATO", "Drone", "MQ-9", "air-base"]).map(lambda word: Term(word, exact=True)),
    st.sampled_from(["dro*", "дро*", "air* base", "strike dro*", "NATO air-ba*"]).map(Term),
)
PLACES = st.recursive(
    _TERMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Or(tuple(nodes))),
        st.builds(Near, inner, inner, st.integers(0, 4), st.booleans()),
        st.builds(NotNear, inner, inner, st.integers(0, 3)),
    ),
    max_leaves=4,
)
"""What a NEAR may join."""
TREES = st.recursive(
    PLACES,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda nodes: Or(tuple(nodes))),
        st.builds(
            And,
            st.lists(inner, min_size=2, max_size=2).map(tuple),
            st.lists(inner, max_size=1).map(tuple),
        ),
        st.builds(AtLeast, st.integers(1, 3), inner),
        st.builds(Field, st.sampled_from(["title", "lead", "body"]), inner),
        st.builds(Weight, inner, st.sampled_from([0.5, 2.0, 3.0])),
    ),
    max_leaves=6,
)
TEXTS = st.lists(
    st.one_of(_WORDS, st.sampled_from(["the", ",", "\n\n", "-", "NATO’s"])), max_size=14
).map(" ".join)

Places = list[tuple[int, int, frozenset[tuple[Term, int, int]]]] | None
"""First and last word of each occurrence with the leaves in it; None if the node does not hold."""


def readings(stream: Stream) -> list[tuple[str, int, int]]:
    """The words of the split reading, then those of the joined one, each with the first and last
    word of the split reading that it stands for."""
    found = [(word, at, at) for at, word in enumerate(stream.words)]
    at = 0
    for field in stream.fields:
        for paragraph in split(field.decoded.text)[::2]:
            for _, chunk in chunks(paragraph):
                count = len(chunk.pieces)
                if chunk.joined:
                    found.append((chunk.joined, at, at + count - 1))
                else:
                    found += [(one.text, at + n, at + n) for n, one in enumerate(chunk.pieces)]
                at += count
            found.append((BREAK, at, at))
            at += 1
    return found


def naive(node: Node, stream: Stream, field: str = "") -> Places:
    """Whether and where a node holds, straight from its definition."""
    match node:
        case Term():
            return _term(node, stream, field) or None
        case Weight():
            return naive(node.child, stream, field)
        case Field():
            return naive(node.child, stream, node.name)
        case Or():
            found = [naive(child, stream, field) for child in node.children]
            return [place for places in found for place in places or []] or None
        case And():
            kept = [naive(child, stream, field) for child in node.children]
            barred = [naive(child, stream, field) for child in node.without]
            if None in kept or any(places is not None for places in barred):
                return None
            return [place for places in kept for place in places or []]
        case AtLeast():
            places = naive(node.child, stream, field)
            terms = {(first, last) for first, last, leaves in places or [] if len(leaves) == 1}
            pairs = {(first, last) for first, last, leaves in places or [] if len(leaves) > 1}
            counted = terms | {one for one in pairs if not any(_holds(one, two) for two in pairs)}
            counted -= {one for one in counted if any(_holds(two, one) for two in counted)}
            return places if len(counted) >= node.count else None
        case Near():
            return _near(node, stream, field)
        case NotNear():
            return _not_near(node, stream, field)


def _holds(one: tuple[int, int], other: tuple[int, int]) -> bool:
    return one != other and one[0] <= other[0] and other[1] <= one[1]


def _term(term: Term, stream: Stream, field: str) -> list:
    ways = [way for way in spellings(term) if way]
    found = set()
    read = readings(stream)
    for at in range(len(read)):
        for way in ways:
            here = read[at : at + len(way)]
            if len(here) == len(way) and all(map(_same, way, [word for word, _, _ in here])):
                first, last = here[0][1], here[-1][2]
                if _inside(stream, first, field) and _typed(term, stream, first, last):
                    found.add((first, last, frozenset([(term, first, last)])))
    return sorted(found, key=lambda place: place[:2])


def _same(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern[-1] == "*" else word == pattern


def _typed(term: Term, stream: Stream, first: int, last: int) -> bool:
    surface = stream.surface(first, last)
    if term.exact:
        return surface == term.text
    if may_be_words(term.text) and are_words(surface):
        return False
    if not any("가" <= char <= "힣" for char in term.text) or surface == "".join(surface.split()):
        return True
    before = stream.field_of(first).decoded.text[: stream.spot(first)[0]]
    return len(surface.split()[-1]) > 1 and not before[-1:].isalnum()


def _inside(stream: Stream, word: int, field: str) -> bool:
    here = stream.field_of(word)
    if field == "lead":
        words = [one for one in stream.words[here.first : word] if one != BREAK]
        return here.name == "body" and len(words) < 60
    return here.name == field if field else here.name in ("title", "body", "embeds")


def _between(one: tuple, other: tuple) -> int:
    if _words_of(one) & _words_of(other):
        return -1
    return max(other[0] - one[1], one[0] - other[1], 1) - 1


def _words_of(place: tuple) -> set[int]:
    return {word for _, first, last in place[2] for word in range(first, last + 1)}


def _near(node: Near, stream: Stream, field: str) -> Places:
    left, right = naive(node.left, stream, field), naive(node.right, stream, field)
    found = [
        (min(one[0], other[0]), max(one[1], other[1]), one[2] | other[2])
        for one in left or []
        for other in right or []
        if 0 <= _between(one, other) <= node.distance
        and stream.paragraph_of(one[0]) == stream.paragraph_of(other[0])
        and (one[0] < other[0] or not node.ordered)
    ]
    return found or None


def _not_near(node: NotNear, stream: Stream, field: str) -> Places:
    left, right = naive(node.left, stream, field), naive(node.right, stream, field)
    found = [
        one
        for one in left or []
        if not any(
            _between(one, other) <= node.distance
            and stream.paragraph_of(one[0]) == stream.paragraph_of(other[0])
            for other in right or []
        )
    ]
    return found or None
