"""Check watchlists before they are used: try their examples, report doubtful queries."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isinf

from monitor.model import Article, Example, Watchlist
from monitor.watchlists import frequency
from monitor.watchlists.anchors import anchor
from monitor.watchlists.implies import implies
from monitor.watchlists.matcher import Compiled, compile_one, compile_watchlists
from monitor.watchlists.tree import And, Node, NotNear, Term, children_of, terms_of, text_of
from monitor.watchlists.why import explain

_OPERATOR = re.compile(r"AND|OR|NOT|O?NEAR/\d+")
MOST_SHOWN = 70
"""Most characters of an example or a query that a message quotes."""
BROAD = 0.5
"""A query is too broad if its rarest part occurs in this share of articles or more."""
COMMON = 0.25
"""A word in this share of articles or more is a poor anchor for a query."""


@dataclass(frozen=True, slots=True)
class FailedExample:
    """An example for which the watchlist does not give the stated result."""

    watchlist: str
    number: int
    """Which of the watchlist's examples, from 0."""
    example: Example
    why: str

    def __str__(self) -> str:
        shown = _shortened(self.example.text or self.example.title)
        must = "must match" if self.example.match else "must not match"
        return f"watchlist {self.watchlist}: {must}: {shown!r}: {self.why}"


def check_examples(watchlist: Watchlist) -> list[FailedExample]:
    """Try the watchlist's own examples and return those that fail.

    An example is judged by queries and exclusions alone, whatever sources, languages and scores
    the watchlist asks for. Raises QueryError when a query does not parse.
    """
    bare = replace(watchlist, sources=(), languages=(), min_score=0.0)
    matcher = compile_watchlists((bare,))
    failed = []
    for number, example in enumerate(watchlist.tests):
        article = Article(title=example.title, text=example.text, language=example.lang)
        if bool(matcher.match(article)) != example.match:
            # Explaining takes longer than matching, so only failed examples are explained.
            why = explain(bare, article).reason
            failed.append(FailedExample(watchlist.name, number, example, why))
    return failed


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."


# ------------------------------------------------------------------------- queries


class Doubt(StrEnum):
    """What may be wrong with a query that parses."""

    DEAD = "dead"
    """No article can satisfy it."""
    DUPLICATE = "duplicate"
    """Another query of the watchlist says the same."""
    SHADOWED = "shadowed"
    """Another query of the watchlist matches all that it matches."""
    BROAD = "too broad"
    """About half of all articles or more satisfy its rarest part."""
    COMMON = "common anchor"
    """Its rarest part is a common word: correct, but slow."""
    UNANCHORED = "no anchor"
    """It depends on a regular expression alone, which is tried on every article."""
    WORDS = "read as words"
    """Signs of the language stand where they are nothing but words to look for."""
    SILENT = "silent"
    """It matched nothing among the articles that are kept."""
    FLOODING = "floods"
    """It matched a large part of the articles that are kept."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A doubt about one query, for people."""

    watchlist: str
    query: int
    """Index among the watchlist's queries."""
    doubt: Doubt
    why: str

    def __str__(self) -> str:
        return f"watchlist {self.watchlist}, query {self.query + 1}: {self.doubt}: {self.why}"


def lint(watchlists: Iterable[Watchlist]) -> list[Finding]:
    """Doubts about queries, in query order. Raises QueryError when a query does not parse."""
    compiled = (compile_one(watchlist) for watchlist in watchlists)
    return [
        Finding(one.watchlist.name, number, doubt, why)
        for one in compiled
        for number in range(len(one.queries))
        for doubt, why in (
            *_dead(one, number),
            *_literal(one, number),
            *_needless(one, number),
            *_costly(one, number),
        )
    ]


def _dead(one: Compiled, number: int) -> Iterator[tuple[Doubt, str]]:
    node = one.queries[number]
    if (clause := _contradiction(node)) is not None:
        yield Doubt.DEAD, f"this part requires what it forbids: {_shortened(text_of(clause))}"
    for text, excluded in zip(one.watchlist.exclude, one.exclude, strict=True):
        if implies(node, excluded):
            yield Doubt.DEAD, f"everything it matches is excluded by {_shortened(text)}"


def _contradiction(node: Node) -> Node | None:
    """A part that must hold but cannot; no single side of an OR must hold."""
    match node:
        case And() if any(implies(kept, w) for w in node.without for kept in node.children):
            return node
        case NotNear() if implies(node.left, node.right) and isinstance(node.left, Term):
            return node
        case And():
            below: tuple[Node, ...] = node.children
        case _:
            below = children_of(node) if len(children_of(node)) == 1 else ()
    return next((found for child in below if (found := _contradiction(child))), None)


def _literal(one: Compiled, number: int) -> Iterator[tuple[Doubt, str]]:
    """Yield each term that has an operator between its quotation marks, or a * after =."""
    for term in dict.fromkeys(terms_of(one.queries[number])):
        text = _shortened(text_of(term))
        if term.exact and term.text.endswith("*"):
            yield (
                Doubt.WORDS,
                f"{text} finds only what is followed by a *; = allows no other ending",
            )
        elif not term.exact and not term.pattern and not term.text.isupper():
            for word in filter(_OPERATOR.fullmatch, term.text.split()):
                yield Doubt.WORDS, f"{word} inside quotation marks is a word of the phrase {text}"


def _needless(one: Compiled, number: int) -> Iterator[tuple[Doubt, str]]:
    """Yield doubts for the later of two equivalent queries, and for the narrower of two others."""
    node = one.queries[number]
    for index, other in enumerate(one.queries):
        if index == number or not implies(node, other):
            continue
        if not implies(other, node):
            yield Doubt.SHADOWED, f"query {index + 1} matches everything it matches"
        elif index < number:
            yield Doubt.DUPLICATE, f"query {index + 1} says the same"


def _costly(one: Compiled, number: int) -> Iterator[tuple[Doubt, str]]:
    terms, share = anchor(one.queries[number])
    if isinf(share):
        yield Doubt.UNANCHORED, "a regular expression is tried on every article; add a word by AND"
        return
    worst = max(terms, key=lambda term: (frequency.share(term), term.text))
    if frequency.share(worst) >= BROAD:
        yield Doubt.BROAD, f"{text_of(worst)} occurs in most articles"
    elif frequency.share(worst) >= COMMON:
        yield Doubt.COMMON, f"{text_of(worst)} occurs in many articles; add a rarer word by AND"


MOST_OF_ALL = 0.1
"""A query floods if it matches this share of the kept articles or more."""
ENOUGH = 200
"""With fewer articles than this, history proves nothing."""


def doubts_of_history(
    watchlists: Iterable[Watchlist], articles: int, matched: Mapping[tuple[str, int], int]
) -> list[Finding]:
    """Queries that matched nothing or too much; `matched`: (watchlist, query) -> articles."""
    if articles < ENOUGH:
        return []
    found = []
    for one in watchlists:
        for number in range(len(one.queries)):
            count = matched.get((one.name, number), 0)
            if not count:
                why = f"it matched none of {articles} articles"
                found.append(Finding(one.name, number, Doubt.SILENT, why))
            elif count >= MOST_OF_ALL * articles:
                why = f"it matched {count} of {articles} articles"
                found.append(Finding(one.name, number, Doubt.FLOODING, why))
    return found
