"""Regular expressions: what they find, what is refused, and that none of them is slow."""

from __future__ import annotations

import pytest

from monitor.errors import QueryError
from monitor.model import Article, Match, Watchlist
from monitor.watchlists import patterns, query
from monitor.watchlists.matcher import compile_watchlists
from monitor.watchlists.tree import text_of
from monitor.watchlists.why import explain


def match(text: str, *queries: str, title: str = "") -> Match | None:
    """The match of one watchlist on one article."""
    matcher = compile_watchlists([Watchlist(name="w", queries=queries)])
    found = matcher.match(Article(title=title, text=text))
    return found[0] if found else None


def surfaces(found: Match | None) -> list[str]:
    """The surface forms of a match."""
    return [span.text for span in found.spans] if found else []


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"/(a+)+$/", "a" * 1_000_000 + "!"),
        (r"/(.*)*x/", "ab " * 333_333),
        (r"/(a|aa)+b/", "a" * 1_000_000),
        (r"/(x+x+)+y/", "x" * 1_000_000),
        (r"/a(.*b)?/", "a" * 1_000_000),
    ],
)
def test_s90_patterns_that_ruin_other_engines_come_back(pattern: str, text: str) -> None:
    """Catastrophic patterns end on a megabyte of text; with backtracking they would not."""
    assert match("word", pattern.replace("$", "") + " OR word")
    match(text, pattern)


@pytest.mark.parametrize(
    ("pattern", "says", "hint"),
    [
        ("(?!a)b", "invalid perl operator", "NOT NEAR"),
        ("(?<=a)b", "invalid perl operator", "NEAR"),
        (r"(a)\1", "invalid escape sequence", "back-references"),
        ("a{2000}", "invalid repetition size", "1000"),
        ("((a{100}){100}){100}", "invalid repetition size", "1000"),
        ("a" * 1_000_000, "longer than", ""),
        ("|".join(f"w{n}" for n in range(10_000)), "longer than", "words"),
        ("(a", "missing )", "parenthesis"),
        ("x?", "matches the empty text", "one character"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_s91_what_re2_refuses_is_refused_when_saved(pattern: str, says: str, hint: str) -> None:
    """The error has position and hint, so nothing that RE2 refuses reaches the matcher."""
    with pytest.raises(QueryError) as caught:
        query.parse(f"drone AND /{pattern}/")
    told = str(caught.value)
    assert says in told and hint in told
    assert "line 1, column" in told or len(pattern) > patterns.MAX_LENGTH


@pytest.mark.parametrize(
    ("pattern", "text", "shown"),
    [
        ("(?i)НАТО", "Решение нато принято", ["нато"]),
        (r"\pLТО", "в НАТО, и", ["НАТО"]),
        ("e\u0301tat", "l’e\u0301tat", ["e\u0301tat"]),
        ("ناتو", "قال الناتو اليوم", ["الناتو"]),
        (r"[\p{Han}]{2}機", "新型無人機です", ["無人機"]),
        ("NATO", "&quot;NATO&quot;", ["NATO"]),
        ("A.O", "\ud800 NATO", ["NATO"]),
    ],
)
def test_s92_other_scripts(pattern: str, text: str, shown: list[str]) -> None:
    """Case folds in every script, marks are as written, whole words are shown right to left too."""
    assert surfaces(match(text, f"/{pattern}/")) == shown


def test_s92_ascii_word_edges_are_refused_beside_other_letters() -> None:
    r"""`\b` is ASCII in RE2: it would never match there."""
    with pytest.raises(QueryError, match="A to Z only"):
        query.parse(r"/\bНАТО\b/")
    assert surfaces(match("a NATO base", r"/\bNATO\b/")) == ["NATO"]


def test_a_pattern_is_a_term_like_others() -> None:
    """A pattern works with fields, NEAR, ATLEAST, weights, NOT and lists, and as text."""
    assert match("a 155mm shell", r"/\d+mm/ NEAR/2 shell")
    assert not match("155mm of rain; much later and far from it a shell", r"/\d+mm/ NEAR/2 shell")
    assert not match("155mm", r"title:/\d+mm/")
    assert match("x", r"title:/\d+mm/", title="155mm")
    assert match("155mm and 120mm", r"ATLEAST/2(/\d+mm/)")
    assert not match("155mm and rain", r"/\d+mm/ AND NOT rain")
    assert surfaces(match("NATO, 155mm", "drone\n/\\d+mm/")) == ["155mm"]
    assert text_of(query.parse(r"a AND /x\/y/^2")) == r"a AND /x\/y/^2"


def test_a_pattern_touches_whole_words_of_one_paragraph() -> None:
    """What is shown and counted are words; no hit reaches over a paragraph."""
    assert surfaces(match("the Superdrone flew", "/drone/")) == ["Superdrone"]
    assert not match("one\n\ntwo", r"/one\s+two/")
    assert not match("a ... b", r"/\.\.\./")
    assert match("an end.\n\nNext", r"/end\./")


def test_places_of_a_pattern_are_counted_up_to_a_bound() -> None:
    """A pattern that scans to the end from every letter stays linear by this bound."""
    found = match("a " * 100, "/a/")
    assert found is not None and len(found.spans) == patterns.MOST_PLACES


def test_a_pattern_alone_is_tried_everywhere_and_explained() -> None:
    """There is no anchor to wait for; `--why` names the pattern that did not occur."""
    assert surfaces(match("nothing but MQ-9", r"/[A-Z]{2}-9/ OR (zzz AND /MQ/)")) == ["MQ-9"]
    told = explain(Watchlist(name="w", queries=(r"/XQ-\d/",)), Article(text="MQ-9"))
    assert not told.matched and r"/XQ-\d/ does not occur" in told.reason
