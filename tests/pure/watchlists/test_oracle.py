"""The one-pass matcher against the naive one: they must agree on any queries and any text."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from support.queries import TEXTS, TREES, naive

from monitor.model import Article, Watchlist
from monitor.watchlists import report
from monitor.watchlists.matcher import compile_watchlists, stream_of
from monitor.watchlists.tree import text_of


@given(st.lists(TREES, min_size=1, max_size=5), TEXTS, TEXTS)
@settings(max_examples=400, deadline=None)
def test_agrees_with_the_naive_matcher(trees: list[Any], title: str, text: str) -> None:
    """Same watchlists, same leaves at the same places, whatever scan and anchors do."""
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
