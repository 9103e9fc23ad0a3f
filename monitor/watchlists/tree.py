"""A query as a tree, and the tree as text again."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

FIELDS = ("title", "lead", "body", "source", "author", "lang", "url", "tag")
"""Fields a query may name. `lead` is the beginning of the body."""


@dataclass(frozen=True, slots=True)
class Term:
    """A leaf: a word or a phrase, with `*` after a prefix. `exact`: matched as typed;
    `pattern`: a regular expression (RE2)."""

    text: str
    exact: bool = False
    pattern: bool = False

    def __hash__(self) -> int:  # needed several times for each place of each term
        return hash(self.text)

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class And:
    """All of `children` hold and none of `without`."""

    children: tuple[Node, ...]
    without: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of `children` holds."""

    children: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """`left` and `right` with at most `distance` words between, in one paragraph."""

    left: Node
    right: Node
    distance: int
    ordered: bool = False
    """The right one must follow (ONEAR)."""


@dataclass(frozen=True, slots=True)
class NotNear:
    """Occurrences of `left` with no `right` overlapping them or within `distance` words."""

    left: Node
    right: Node
    distance: int


@dataclass(frozen=True, slots=True)
class AtLeast:
    """`child` is found in `count` places or more; one inside another counts once with it."""

    count: int
    child: Node


@dataclass(frozen=True, slots=True)
class Field:
    """`child`, found in that field only."""

    name: str
    child: Node


@dataclass(frozen=True, slots=True)
class Weight:
    """`child`, counting `factor` times in the score; with 0 it is a condition and not shown."""

    child: Node
    factor: float


Node = Term | And | Or | Near | NotNear | AtLeast | Field | Weight


def children_of(node: Node) -> tuple[Node, ...]:
    """The direct children, including those that must not hold."""
    match node:
        case Term():
            return ()
        case And():
            return (*node.children, *node.without)
        case Or():
            return node.children
        case Near() | NotNear():
            return (node.left, node.right)
        case AtLeast() | Field() | Weight():
            return (node.child,)


def terms_of(node: Node) -> Iterator[Term]:
    """All leaves, in the order they stand in the query."""
    return (one for one in nodes_of(node) if isinstance(one, Term))


def nodes_of(node: Node) -> Iterator[Node]:
    """The node and all below it, outer before inner."""
    yield node
    for child in children_of(node):
        yield from nodes_of(child)


def text_of(node: Node) -> str:
    """The node in the query language; parsing it gives the same tree."""
    match node:
        case Term():
            return _term_text(node)
        case And():
            kept = " AND ".join(_inner(child, And, Or) for child in node.children)
            return kept + "".join(f" AND NOT {_inner(w, And, Or)}" for w in node.without)
        case Or():
            return " OR ".join(_inner(child, And, Or) for child in node.children)
        case Near():
            name = "ONEAR" if node.ordered else "NEAR"
            return f"{_side(node.left)} {name}/{node.distance} {_unit(node.right)}"
        case NotNear():
            return f"{_side(node.left)} NOT NEAR/{node.distance} {_unit(node.right)}"
        case AtLeast():
            return f"ATLEAST/{node.count}({text_of(node.child)})"
        case Field():
            return f"{node.name}:{_inner(node.child, And, Or, Near, NotNear, Field)}"
        case Weight():
            return f"{_inner(node.child, And, Or, Near, NotNear, Weight, Field)}^{node.factor:g}"


def _term_text(term: Term) -> str:
    if term.pattern:
        return f"/{term.text}/"
    if term.exact:
        return f'="{term.text}"'
    plain = not (_SIGNS.search(term.text) or term.text.upper() in _RESERVED)
    return term.text if plain else f'"{term.text}"'


def _inner(node: Node, *wrapped: type) -> str:
    return f"({text_of(node)})" if isinstance(node, wrapped) else text_of(node)


def _side(node: Node) -> str:
    return _inner(node, And, Or)


def _unit(node: Node) -> str:
    return _inner(node, And, Or, Near, NotNear)


KEYWORDS = frozenset({"AND", "OR", "NOT"})
"""Operators that are whole words; in capitals only."""
MARKS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff"
"""Unseen signs, mostly of direction, that come along when text is copied: between words, spaces."""
_SIGNS = re.compile(rf"""^-|[\s":()^/@=!?~„“”«»\[\]{{}},;\uff0c\uff1b\u3001]|[\u200b{MARKS}]""")
"""What a bare word has not: signs that are syntax, or would be taken for it, and unseen ones."""
_RESERVED = KEYWORDS | {"NEAR", "ONEAR", "ATLEAST"}
"""Words that only quotation marks make a term."""
