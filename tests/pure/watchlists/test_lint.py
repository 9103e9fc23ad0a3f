"""Doubts about queries that parse: dead, double, shadowed, too broad, slow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from support.queries import TEXTS, TREES
from support.watchlists import SHIPPED, shipped

from monitor.model import Article, Watchlist
from monitor.watchlists import query
from monitor.watchlists.implies import implies
from monitor.watchlists.lint import Doubt, lint
from monitor.watchlists.matcher import compile_watchlists, stream_of
from monitor.watchlists.tree import And, Or, text_of


def doubts(*queries: str, exclude: tuple[str, ...] = ()) -> list[tuple[int, Doubt]]:
    """Which queries are doubted, and how."""
    found = lint([Watchlist(name="w", queries=queries, exclude=exclude)])
    return [(finding.query, finding.doubt) for finding in found]


@pytest.mark.parametrize(
    "dead",
    [
        "drone AND NOT drone",
        '("drone strike" AND NATO) AND NOT drone',
        "(drones AND NATO) AND NOT drone",
        "drone NOT NEAR/3 drone",
        "title:(drone AND NOT drone)",
    ],
)
def test_a_query_that_forbids_what_it_asks_for_is_dead(dead: str) -> None:
    """Nothing can satisfy such a query, so somebody meant something else."""
    assert doubts(dead) == [(0, Doubt.DEAD)]


def test_a_query_whose_matches_are_all_excluded_is_dead() -> None:
    """The exclusion takes back whatever it finds."""
    assert doubts("NATO AND bee", "NATO", exclude=("bee OR hive",))[0] == (0, Doubt.DEAD)
    assert doubts("NATO AND drone", exclude=("bee",)) == []


def test_of_two_queries_that_say_the_same_the_later_is_a_duplicate() -> None:
    """Plurals, spelling and weight do not make another query."""
    assert doubts("drone", "drones") == [(1, Doubt.DUPLICATE)]
    assert doubts('"defence programme"', '"defense program"^2') == [(1, Doubt.DUPLICATE)]
    assert doubts("NATO", '="NATO"') == [(1, Doubt.SHADOWED)]


def test_signs_of_the_language_that_are_only_words_are_pointed_out() -> None:
    """Who writes them means an operator or any ending, and would wait in vain for matches."""
    assert doubts('"frigate AND export"', '"frigate NEAR/5 export" OR cable') == [
        (0, Doubt.WORDS),
        (1, Doubt.WORDS),
    ]
    assert doubts('="S-400*"') == [(0, Doubt.WORDS)]
    assert doubts('"SEARCH AND RESCUE" OR "search and rescue" OR ="S-400" OR navy*') == []


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ('"drone strike"', "drone"),
        ("drone AND NATO", "NATO"),
        ("dronewall", "dron*"),
        ("drone NEAR/3 strike", "drone NEAR/5 strike"),
        ("drone ONEAR/3 strike", "drone NEAR/3 strike"),
        ("ATLEAST/2(drone)", "drone OR bee"),
        ("title:drone", "drone"),
        ("drone NOT NEAR/2 bee", "drone"),
    ],
)
def test_a_query_that_another_covers_is_shadowed(narrow: str, wide: str) -> None:
    """A shadowed query finds nothing that the wider one does not; the wider one is not doubted."""
    assert doubts(narrow, wide) == [(0, Doubt.SHADOWED)]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("drone", '"drone strike"'),
        ("sea-drone", "drone"),
        ("lang:fr", "fr"),
        ("drone NEAR/5 strike", "drone NEAR/3 strike"),
        ("drone OR bee", "drone"),
        ("/drone/", "drone"),
        ("drone", '="drone"'),
        ("title:(drone AND NOT bee)", "drone AND NOT bee"),
        ('"지방 공항"', "방공"),
        ('"a 10 percent rise"', "A-10"),
    ],
)
def test_what_is_not_certain_is_not_said(one: str, other: str) -> None:
    """A doubt without ground would teach people to ignore them all."""
    assert not implies(query.parse(one), query.parse(other))


def test_common_words_and_lone_patterns_are_named() -> None:
    """The rarest part decides: a common word beside a rare one does not matter."""
    assert doubts("the") == [(0, Doubt.BROAD)]
    assert doubts("military OR zzyzx") == [(0, Doubt.COMMON)]
    assert doubts("military AND zzyzx") == []
    assert doubts(r"/MQ-\d/") == [(0, Doubt.UNANCHORED)]
    assert doubts(r"drone AND /MQ-\d/") == []
    assert str(lint([Watchlist(name="w", queries=("the",))])[0]) == (
        "watchlist w, query 1: too broad: the occurs in most articles"
    )


def test_the_shipped_watchlists_raise_no_doubt() -> None:
    """What we ship passes what we ask of others."""
    found = lint(shipped(path) for path in sorted(SHIPPED.glob("*.toml")))
    assert [str(finding) for finding in found] == []


@given(TREES, TREES, TREES, TEXTS)
@settings(max_examples=150)
def test_what_is_implied_holds(one: Any, other: Any, third: Any, text: str) -> None:
    """Whenever a query holds, so does each that it is said to imply."""
    evaluation = compile_watchlists(
        [Watchlist(name="w", queries=tuple(map(text_of, (one, other, third))))]
    ).evaluation(stream_of(Article(title="NATO air-base", text=text)))
    trees = (one, other, And((one, third)), Or((other, third)))
    for narrow in trees:
        for wide in trees:
            if implies(narrow, wide) and evaluation.find(narrow):
                assert evaluation.find(wide)
