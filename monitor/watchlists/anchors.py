"""What must be found for a query to hold, so that all other queries can be skipped."""

from __future__ import annotations

from collections.abc import Iterator
from math import inf

from monitor.watchlists import frequency
from monitor.watchlists.tree import And, AtLeast, Field, Near, Node, NotNear, Or, Term, Weight

_DEAR = 64.0
"""Cost of an anchor in a field that takes the same few values in every article."""


def anchor(node: Node, factor: float = 1.0) -> tuple[frozenset[Term], float]:
    """Return terms of which at least one must be found for the node to hold, and about how often.

    Of an AND the rarest side is enough. A regular expression is never a good anchor.
    """
    match node:
        case Term():
            share = inf if node.pattern else frequency.share(node)
            return frozenset((node,)), factor * share
        case And():
            return min((anchor(child, factor) for child in node.children), key=_cost)
        case Or():
            sides = [anchor(child, factor) for child in node.children]
            return frozenset().union(*(terms for terms, _ in sides)), sum(map(_cost, sides))
        case Near():
            return min(anchor(node.left, factor), anchor(node.right, factor), key=_cost)
        case NotNear():
            return anchor(node.left, factor)
        case Field():
            dear = node.name in ("lang", "source", "tag", "url")
            return anchor(node.child, factor * (_DEAR if dear else 1.0))
        case AtLeast() | Weight():
            return anchor(node.child, factor)


def needs(node: Node) -> list[frozenset[Term]]:
    """Return sets of terms, of each of which one must be found for the node to hold; rarest first.

    A part with a regular expression needs nothing that could be told beforehand.
    """
    return [terms for terms, _ in sorted(_needs(node), key=_cost)]


def _needs(node: Node) -> Iterator[tuple[frozenset[Term], float]]:
    match node:
        case And():
            for child in node.children:
                yield from _needs(child)
        case Near():
            yield from _needs(node.left)
            yield from _needs(node.right)
        case NotNear():
            yield from _needs(node.left)
        case Field() | AtLeast() | Weight():
            yield from _needs(node.child)
        case Term() | Or():
            terms, share = anchor(node)
            if not any(term.pattern for term in terms):
                yield terms, share


def _cost(anchor: tuple[frozenset[Term], float]) -> float:
    return anchor[1]
