"""Whether one query implies another, so that one of the two is not needed.

The answer is conservative: "yes" is certain, "no" may mean "unknown".
"""

from __future__ import annotations

from functools import lru_cache

from monitor.watchlists import normalise, variants
from monitor.watchlists.found import TEXT_FIELDS
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
    nodes_of,
)


def implies(one: Node, other: Node) -> bool:
    """Whether every article that satisfies `one` satisfies `other`."""
    one, other = _bare(one), _bare(other)
    if one == other:
        return True
    if isinstance(one, Or):
        return all(implies(child, other) for child in one.children)
    return _is_implied(other, one) or any(implies(child, other) for child in _sure(one))


def _bare(node: Node) -> Node:
    while isinstance(node, Weight):
        node = node.child
    return node


def _sure(node: Node) -> tuple[Node, ...]:
    """The parts that hold wherever the node holds."""
    match node:
        case And():
            return node.children
        case Near():
            return node.left, node.right
        case NotNear():
            return (node.left,)
        case AtLeast():
            return (node.child,)
        case Field() if node.name in (*TEXT_FIELDS, "lead") and not _forbids(node.child):
            return (node.child,)
        case _:
            return ()


def _forbids(node: Node) -> bool:
    """Whether something must be absent: absent from a field, it may stand elsewhere. NOT NEAR asks
    for a clear occurrence, which stays clear."""
    return any(isinstance(one, And) and one.without for one in nodes_of(node))


def _is_implied(node: Node, by: Node) -> bool:
    """Whether `by` implies `node`, judged by the parts of `node`."""
    match node:
        case Term():
            return isinstance(by, Term) and _term_implies(by, node)
        case Or():
            return any(implies(by, child) for child in node.children)
        case And():
            return not node.without and all(implies(by, child) for child in node.children)
        case Near():
            return isinstance(by, Near) and _near_implies(by, node)
        case Field():
            if not isinstance(by, Field) or by.name != node.name:
                return False
            return implies(by.child, node.child)
        case _:
            return False


def _near_implies(one: Near, other: Near) -> bool:
    if one.distance > other.distance or (other.ordered and not one.ordered):
        return False
    left, right = _bare(one.left) == _bare(other.left), _bare(one.right) == _bare(other.right)
    return left and right


_spellings = lru_cache(maxsize=4096)(variants.spellings)
"""Cached, because each term of a watchlist is compared with all its others."""


@lru_cache(maxsize=65_536)
def _term_implies(one: Term, other: Term) -> bool:
    """Whether every spelling of `one` contains a spelling of `other`."""
    if other.exact or other.pattern or one.pattern:
        return False
    if " " in one.text and (normalise.is_korean(other.text) or variants.may_be_words(other.text)):
        return False  # the end of one word and the beginning of the next are no third
    narrow, wide = _spellings(one), _spellings(other)
    return all(any(_holds(words, part) for part in wide) for words in narrow)


def _holds(words: variants.Words, part: variants.Words) -> bool:
    starts = range(len(words) - len(part) + 1)
    return any(all(map(_fits, part, words[start:])) for start in starts)


def _fits(pattern: str, word: str) -> bool:
    """Whether a folded word is the pattern's, or begins with it if that ends in `*`."""
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern
