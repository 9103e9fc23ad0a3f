"""The one-pass matcher against the naive one: they must agree on any queries and any text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.queries import PLACES, TEXTS, TREES, naive

from monitor.model import Article, Watchlist
from monitor.watchlists import report
from monitor.watchlists.matcher import compile_watchlists, stream_of
from monitor.watchlists.query import parse
from monitor.watchlists.tree import Near, Weight, text_of


@given(st.lists(TREES, min_size=1, max_size=5), TEXTS, TEXTS)
@settings(max_examples=200)
def test_agrees_with_the_naive_matcher(trees: list[Any], title: str, text: str) -> None:
    """Both matchers find the same watchlists, and the same leaves at the same places."""
    lists = [
        Watchlist(name=str(number), queries=(text_of(tree),)) for number, tree in enumerate(trees)
    ]
    article = Article(title=title, text=text)
    matcher = compile_watchlists(lists)
    stream = stream_of(article)
    expected = {str(n): found for n, tree in enumerate(trees) if (found := naive(tree, stream))}
    assert [match.watchlist for match in matcher.match(article)] == list(expected)
    evaluation = matcher.evaluation(stream)
    for name, found in expected.items():
        leaves = report.leaves_of(evaluation.find(trees[int(name)]) or ())
        got = {(leaf.term, leaf.first, leaf.last) for leaf in leaves}
        assert got == {leaf for _, _, inside in found for leaf in inside}


@given(PLACES, PLACES, TEXTS, TEXTS)
@settings(max_examples=200)
def test_members_of_a_near_are_those_of_its_pairs(
    one: Any, other: Any, title: str, text: str
) -> None:
    """A match is made of the terms alone, which are found without making pairs.

    Mere conditions (weight 0) are not in it.
    """
    trees = (
        Near(one, Weight(other, 0.0), 3),
        Near(Weight(other, 0.0), one, 2),
        Near(one, other, 4, True),
    )
    lists = [Watchlist(name=text_of(tree), queries=(text_of(tree),)) for tree in trees]
    article = Article(title=title, text=text)
    matcher = compile_watchlists(lists)
    told = {match.watchlist: match for match in matcher.match(article)}
    stream = stream_of(article)
    evaluation = matcher.evaluation(stream)
    for tree in trees:
        found = evaluation.find(tree)
        match = told.get(text_of(tree))
        assert (match is None) == (found is None)
        if match and found:
            leaves = report.leaves_of(found)
            assert match.spans == report.spans(stream, leaves)
            assert match.score == report.score(evaluation.regions, leaves)


@pytest.mark.parametrize(
    ("query", "text", "matches"),
    [
        ("(alpha NEAR/5 omega) NEAR/0 beta", "alpha beta omega", True),
        ("beta NEAR/0 (alpha NEAR/5 omega)", "alpha x beta y omega", True),
        ("beta ONEAR/0 (alpha NEAR/5 omega)", "alpha beta omega", False),
        ("(alpha NEAR/5 omega) ONEAR/0 beta", "alpha beta omega", True),
        ("(alpha NEAR/5 omega) NEAR/5 (beta NEAR/5 gamma)", "alpha beta omega gamma", True),
        ("(alpha NEAR/5 omega) NEAR/5 alpha", "alpha x omega", False),
        ("(alpha NEAR/5 omega) NEAR/0 alpha", "alpha alpha omega", True),
        ('(alpha NEAR/5 omega) NEAR/5 "beta omega"', "alpha beta omega", False),
        ("beta NOT NEAR/0 (alpha NEAR/5 omega)", "alpha x beta y omega", False),
        ("(alpha NEAR/5 omega) NEAR/2 beta", "alpha omega x y z beta", False),
    ],
)
def test_what_stands_among_the_words_of_a_near_is_near_it(
    query: str, text: str, matches: bool
) -> None:
    """What stands among a NEAR's words is near it, unless it is one of them.

    Both matchers agree.
    """
    article = Article(title="x", text=text)
    matcher = compile_watchlists([Watchlist(name="w", queries=(query,))])
    assert bool(matcher.match(article)) is matches
    assert bool(naive(parse(query), stream_of(article))) is matches
