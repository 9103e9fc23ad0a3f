"""Queries of Nexis and Meltwater written anew: the same meaning, or a warning."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.errors import QueryError
from monitor.watchlists.dialects import Dialect, translate
from monitor.watchlists.query import parse
from monitor.watchlists.tree import And, Node, Or

SHEET = (Path(__file__).parents[3] / "docs" / "query-cheat-sheet.md").read_text("utf-8")
HALVES = re.split(r"^\| (Nexis|Meltwater|you write) \|.*$", SHEET, flags=re.MULTILINE)
ROWS = [
    (Dialect(name.lower()), *found)
    for name, text in zip(HALVES[1:5:2], HALVES[2:5:2], strict=True)
    for found in re.findall(r"^\| `(.+?)` \| `(.+?)` \|", text.split("##")[0], re.MULTILINE)
]
ONLY_HERE = re.findall(r"^\| `(.+?)` \|", HALVES[6], re.MULTILINE)


@pytest.mark.parametrize(("dialect", "theirs", "ours"), ROWS)
def test_the_cheat_sheet_is_what_the_import_does(dialect: Dialect, theirs: str, ours: str) -> None:
    """Each row of both tables is translated as the sheet says."""
    assert translate(theirs, dialect).query == ours


def test_the_cheat_sheet_is_whole() -> None:
    """Both tables are read whole, and every query that exists only here parses."""
    assert [dialect for dialect, _, _ in ROWS].count(Dialect.NEXIS) == 17
    assert [dialect for dialect, _, _ in ROWS].count(Dialect.MELTWATER) == 13
    assert len(ONLY_HERE) == 7
    for query in ONLY_HERE:
        parse(query)


@pytest.mark.parametrize(
    ("dialect", "theirs", "ours"),
    [
        (
            Dialect.NEXIS,
            "tanks and not (toy or film) and poland or warsaw",
            "tanks AND NOT ((toy OR film) AND (poland OR warsaw))",
        ),
        (Dialect.NEXIS, "uav or drone w/5 strike", "(uav OR drone) NEAR/5 strike"),
        (Dialect.NEXIS, '"Air Base" and not hlead(toy!);', None),
        (Dialect.MELTWATER, "“NATO” AND (drone* near/10 attack)", None),
        (Dialect.MELTWATER, "ab1 OR cd2 AND ef3", "ab1 OR (cd2 AND ef3)"),
    ],
)
def test_priorities_are_theirs(dialect: Dialect, theirs: str, ours: str | None) -> None:
    """Nexis binds OR, distances, AND, AND NOT in this order; Meltwater AND, OR.

    The result parses.
    """
    written = translate(theirs, dialect).query
    parse(written)
    assert ours is None or written == ours


@pytest.mark.parametrize(
    ("dialect", "theirs", "says"),
    [
        (Dialect.NEXIS, "drone w/5 strike", "one word further"),
        (Dialect.NEXIS, "atleast5(drone)", "counts each term by itself"),
        (Dialect.NEXIS, "russia w/p fleet", "60 words in one paragraph"),
        (Dialect.NEXIS, "organi*ation", "written as organi*"),
        (Dialect.NEXIS, "ab! and nato", "at least 3 letters"),
        (Dialect.NEXIS, "caps(nato)", "AsTyped"),
        (Dialect.NEXIS, "drone not pre/3 show", "looks in both directions"),
        (Dialect.NEXIS, "drone w/300 show", "up to 255"),
        (Dialect.NEXIS, "subject(drones) and nato", "subject: has no counterpart"),
        (Dialect.NEXIS, "nato and length > 500", "length > 500 has no counterpart"),
        (Dialect.NEXIS, "nato and language(french)", "languages = [...]"),
        (Dialect.NEXIS, "russia /s fleet", "20 words in one paragraph"),
        (Dialect.MELTWATER, "NATO AND country:us", "no counterpart"),
        (Dialect.MELTWATER, "NATO^9", "left out"),
        (Dialect.MELTWATER, "NATO drone", "joined by AND"),
    ],
)
def test_what_differs_is_told(dialect: Dialect, theirs: str, says: str) -> None:
    """No query changes its meaning without a warning."""
    assert any(says in warning for warning in translate(theirs, dialect).warnings)


@pytest.mark.parametrize(
    ("theirs", "ours"),
    [
        ('"air defence"~5', "(air NEAR/5 defence)"),
        ('"air missile defen*"~3 OR drone', "(air NEAR/3 missile NEAR/3 defen*) OR drone"),
        (f'"air defence"~{"9" * 5_000}', "(air NEAR/255 defence)"),
        ('"nato"~4 AND sourceName:"The Gazette"', '"nato" AND source:"The Gazette"'),
    ],
)
def test_a_phrase_with_a_distance_is_words_near_each_other(theirs: str, ours: str) -> None:
    """Such a phrase was once read as a phrase and a number that must occur somewhere."""
    assert translate(theirs, Dialect.MELTWATER).query == ours


@pytest.mark.parametrize(
    ("dialect", "theirs", "ours"),
    [
        (Dialect.NEXIS, "atl5(drone)", "ATLEAST/5(drone)"),
        (Dialect.NEXIS, "ATL5(drone or uav)", "ATLEAST/5(drone OR uav)"),
        (Dialect.NEXIS, "russia /5 fleet", "russia NEAR/5 fleet"),
        (Dialect.NEXIS, "russia +5 fleet", "russia ONEAR/5 fleet"),
        (Dialect.NEXIS, "russia /p fleet", "russia NEAR/60 fleet"),
        (Dialect.NEXIS, "russia near5 fleet", "russia NEAR/5 fleet"),
        (Dialect.NEXIS, "russia adj3 fleet", "russia ONEAR/3 fleet"),
        (Dialect.NEXIS, "headline (nato)", "title:(nato)"),
        (Dialect.NEXIS, "nato & russia", "nato AND russia"),
        (Dialect.NEXIS, "nato but not film", "nato AND NOT film"),
        (Dialect.NEXIS, "company(boeing) and nato", "(boeing) AND nato"),
        (Dialect.NEXIS, "date(geq (1/1/2024)) and nato", "nato"),
        (Dialect.NEXIS, "nato and (date > 2024 or length > 5)", "nato"),
        (Dialect.NEXIS, "nato and russia and not length < 500", "nato AND russia"),
        (Dialect.NEXIS, '"air\n  base" or nato', '"air base" OR nato'),
        (Dialect.NEXIS, "drone w/" + "9" * 5000 + " strike", "drone NEAR/255 strike"),
        (Dialect.MELTWATER, "country:us AND NATO", "NATO"),
        (Dialect.MELTWATER, "NATO AND language:en", "NATO AND lang:en"),
        (Dialect.MELTWATER, "NATO OR @NATO", 'NATO OR "@NATO"'),
        (Dialect.MELTWATER, "NATO (drone OR uav)", "NATO AND (drone OR uav)"),
    ],
)
def test_what_once_became_a_word_is_an_operator_or_left_out(
    dialect: Dialect, theirs: str, ours: str
) -> None:
    """An operator, a segment or a limit that is read as a word makes a query find nothing."""
    assert translate(theirs, dialect).query == ours


@pytest.mark.parametrize(
    ("dialect", "theirs", "ours"),
    [
        (Dialect.NEXIS, "date > 2024 and missile and not drone", "missile AND NOT drone"),
        (Dialect.MELTWATER, "country:us NOT sports AND missile", "missile AND NOT sports"),
        (
            Dialect.MELTWATER,
            "missile AND (language:english NOT sports)",
            "missile AND NOT (sports)",
        ),
        (
            Dialect.MELTWATER,
            "(country:us NOT sports NOT film) AND missile",
            "missile AND NOT (sports OR film)",
        ),
        (Dialect.MELTWATER, "NOT country:us AND drone", "drone"),
        (Dialect.NEXIS, "drone and not (country(us) or bee)", "drone AND NOT (bee)"),
        (Dialect.NEXIS, "drone not w/5 (bee or date > 2024)", "drone NOT NEAR/5 (bee)"),
        (Dialect.NEXIS, "drone w/5 date > 2024", "drone"),
    ],
)
def test_what_is_left_out_leaves_a_not_where_it_is(
    dialect: Dialect, theirs: str, ours: str
) -> None:
    """An exclusion once became what must occur, as the limit took its NOT along."""
    assert translate(theirs, dialect).query == ours


@pytest.mark.parametrize(
    ("theirs", "ours", "term"),
    [
        ("drone and (country(us) or bee)", "drone", "bee"),
        ("drone and not (bee and date > 2024)", "drone", "bee"),
        ("nato and not length < 500 and russia", "nato", "russia"),
        ("drone and atleast2(bee or country(us))", "drone", "bee"),
        ("drone and bee and (bee or country(us))", "drone AND bee", "bee"),
    ],
)
def test_what_would_find_less_without_a_limit_is_left_out_whole(
    theirs: str, ours: str, term: str
) -> None:
    """An OR without one side, or an exclusion that is wider, would lose matches silently."""
    written = translate(theirs, Dialect.NEXIS)
    assert written.query == ours
    assert any(warning.startswith(f"{term}: left out, as") for warning in written.warnings)


@pytest.mark.parametrize(
    ("dialect", "theirs"),
    [
        (Dialect.NEXIS, "date > 2024 and not drone and missile"),
        (Dialect.NEXIS, "drone or country(us)"),
        (Dialect.MELTWATER, "country:us NOT sports"),
    ],
)
def test_a_query_that_is_all_but_a_limit_is_refused(dialect: Dialect, theirs: str) -> None:
    """Nothing that could be written finds all that is sought and not nearly everything."""
    with pytest.raises(QueryError, match="nearly everything") as caught:
        translate(theirs, dialect)
    assert "has no counterpart in a query" in caught.value.why


@pytest.mark.parametrize(
    ("dialect", "theirs", "ours"),
    [
        (Dialect.NEXIS, "drone date > 2024", "drone"),
        (Dialect.NEXIS, "drone date > 2024 strike", "drone AND strike"),
        (Dialect.NEXIS, "hlead(country(us)) and drone", "drone"),
        (Dialect.NEXIS, "atleast5(country(us)) and drone", "drone"),
        (Dialect.MELTWATER, "title:country:us AND drone", "drone"),
        (Dialect.MELTWATER, "country:title:us AND drone", "drone"),
        (Dialect.MELTWATER, "country:or AND drone", "drone"),
        (Dialect.NEXIS, "country:us drone", "drone"),
        (Dialect.NEXIS, "tanks and not toy or film", "tanks AND NOT (toy OR film)"),
        (Dialect.NEXIS, "uav or drone and not toy", "(uav OR drone) AND NOT toy"),
    ],
)
def test_nothing_stands_for_what_is_left_out(dialect: Dialect, theirs: str, ours: str) -> None:
    """A mark of ours once reached the query: in a phrase, in a field, or in a count."""
    assert translate(theirs, dialect).query == ours


LIMITED = st.recursive(
    st.sampled_from(["aa1", "bb1", "cc1", "country:us"]),
    lambda inner: st.tuples(inner, st.sampled_from(["AND", "OR", "NOT"]), inner),
    max_leaves=8,
)


def _spelled(tree: Any) -> str:
    if isinstance(tree, str):
        return tree
    left, operator, right = tree
    return f"({_spelled(left)} {operator} {_spelled(right)})"


def _sought(tree: Any, words: frozenset[str]) -> bool:
    if isinstance(tree, str):
        return tree in words
    left, right = _sought(tree[0], words), _sought(tree[2], words)
    return {"AND": left and right, "OR": left or right, "NOT": left and not right}[tree[1]]


def _found(node: Node, words: frozenset[str]) -> bool:
    match node:
        case And():
            return all(_found(one, words) for one in node.children) and not any(
                _found(one, words) for one in node.without
            )
        case Or():
            return any(_found(one, words) for one in node.children)
    return str(node) in words


@given(LIMITED, st.frozensets(st.sampled_from(["aa1", "bb1", "cc1", "country:us"])))
@settings(max_examples=300)
def test_no_match_is_lost_with_a_limit(tree: Any, words: frozenset[str]) -> None:
    """Whatever an article is, if the vendor's query finds it, so does ours."""
    try:
        written = translate(_spelled(tree), Dialect.MELTWATER).query
    except QueryError:
        return
    assert _found(parse(written), words) or not _sought(tree, words)
    if "country" not in _spelled(tree):
        assert _found(parse(written), words) == _sought(tree, words)


def test_a_query_of_limits_alone_is_refused() -> None:
    """Nothing of it is left."""
    with pytest.raises(QueryError, match="nothing of the query has a counterpart"):
        translate("date > 2024 and length > 500", Dialect.NEXIS)


def test_what_means_the_same_is_no_warning() -> None:
    """Needless warnings would teach people to skip them."""
    assert translate("nato and (russia or ukraine)", Dialect.NEXIS).warnings == ()
    assert translate('title:"air defence" AND NOT toy', Dialect.MELTWATER).warnings == ()


@given(st.text(alphabet='ab! "()*^:?/w5ANDORnot', max_size=25), st.sampled_from(Dialect))
@settings(max_examples=300)
def test_any_text_is_translated_or_refused(text: str, dialect: Dialect) -> None:
    """What comes out is a query; what cannot be one is a QueryError, never a crash."""
    try:
        written = translate(text, dialect).query
    except QueryError:
        return
    parse(written)


def test_a_headline_inside_a_headline_is_refused() -> None:
    """Each level would double the query."""
    with pytest.raises(QueryError, match="HLEAD stands inside HLEAD"):
        translate("hlead(" * 40 + "navy" + ")" * 40, Dialect.NEXIS)
