"""Why something did not match: the clause that failed, and the nearest miss."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from support.queries import TEXTS, TREES

from monitor.model import Article, Watchlist
from monitor.watchlists.matcher import compile_watchlists
from monitor.watchlists.tree import text_of
from monitor.watchlists.why import explain

ARTICLE = Article(
    title="Ministers met",
    text="A drone was seen over the old harbour near the air base.\n\nTwo ships left.",
    source="Example News",
    language="en",
)


def test_a_query_of_conditions_alone_holds_without_words() -> None:
    """What it looks at is not in the text, so no words are shown, nor a colon before them."""
    watchlist = Watchlist(name="w", queries=('source:"Example News"',))
    assert explain(watchlist, ARTICLE).reason == "query 1 holds"


def test_the_nearest_place_is_named_behind_many_that_share_a_word() -> None:
    """A long name may hold many words of the other side: what stands behind it is still near."""
    words = [f"word{letter}" for letter in "abcdefghijkl"]
    query = f'"{" ".join(words)}" NEAR/0 (tango OR {" OR ".join(words)})'
    watchlist = Watchlist(name="w", queries=(query,))
    reason = explain(watchlist, Article(text=f"{' '.join(words)} and a tango")).reason
    assert reason.endswith("and 'tango' have 2 words between them; 0 are allowed")


@pytest.mark.parametrize(
    ("query", "clause", "reason"),
    [
        ("missile", "missile", "query 1: missile does not occur"),
        (
            "missile OR rocket",
            "missile OR rocket",
            "none of its 2 terms occurs where a query looks for it",
        ),
        ("drone AND missile", "missile", "missile does not occur"),
        (
            "drone AND (missile OR rocket)",
            "missile OR rocket",
            "none of missile, rocket occurs",
        ),
        ("drone AND NOT harbour", "NOT harbour", "'harbour' occurs, but must not"),
        (
            "drone NEAR/3 base",
            "drone NEAR/3 base",
            "'drone' and 'base' have 9 words between them; 3 are allowed",
        ),
        ("drone NEAR/3 missile", "missile", "missile does not occur"),
        (
            "drone NEAR/9 ship",
            "drone NEAR/9 ship",
            "'drone' and 'ships' are in different paragraphs of the body: NEAR works within one",
        ),
        (
            "minister NEAR/9 ship",
            "minister NEAR/9 ship",
            "'Ministers' is in the title, 'ships' in the body: NEAR works within one field",
        ),
        (
            '(air OR missile) NEAR/9 "air base"',
            '(air OR missile) NEAR/9 "air base"',
            "'air' and 'air base' share a word, and a word is not near itself",
        ),
        ("base ONEAR/9 drone", "base ONEAR/9 drone", "'base' and 'drone' occur in the other order"),
        (
            'base NOT NEAR/0 "air base"',
            'base NOT NEAR/0 "air base"',
            "occurs only near 'air base'",
        ),
        (
            '(air OR old) NOT NEAR/0 (seen OR "air base" OR "old harbour")',
            '(air OR old) NOT NEAR/0 (seen OR "air base" OR "old harbour")',
            "'old' occurs only near 'old harbour'",
        ),
        ("title:drone", "title:drone", "'drone' is in the body, not in title"),
        (
            "title:(ministers AND drone)",
            "title:(ministers AND drone)",
            "'drone' is in the body, not in title",
        ),
        (
            "title:(ministers NEAR/5 missile)",
            "title:(ministers NEAR/5 missile)",
            "missile does not occur in title",
        ),
        ("drone AND NOT (met OR bee)", "NOT (met OR bee)", "'met' occurs, but must not"),
        ("ATLEAST/3(drone OR ship)", "ATLEAST/3(drone OR ship)", "found 2 times, not 3"),
        ('="DRONE" AND ships', '="DRONE"', '="DRONE" does not occur'),
    ],
)
def test_the_clause_that_failed(query: str, clause: str, reason: str) -> None:
    """The explanation of each operator says what it lacks."""
    explanation = explain(Watchlist(name="w", queries=(query,)), ARTICLE)
    assert not explanation.matched
    assert explanation.clause == clause
    assert reason in explanation.reason


@pytest.mark.parametrize(
    ("between", "reason"),
    [
        (" far from any other ", "'drone' and 'base' have 4 words between them; 1 are allowed"),
        ("\n\n", "'drone' and 'base' are in different paragraphs of the body"),
    ],
)
def test_words_that_recur_ten_thousand_times_are_explained_at_once(
    between: str, reason: str
) -> None:
    """Not all pairs of places are compared: they would be a hundred million."""
    article = Article(title="", text="drone " * 10_000 + between + "base " * 10_000)
    explanation = explain(Watchlist(name="w", queries=("drone NEAR/1 base",)), article)
    assert reason in explanation.reason


def test_the_nearest_query_speaks() -> None:
    """Of several queries the one that came closest is explained, with what was found of it."""
    watchlist = Watchlist(name="w", queries=("missile AND rocket", "drone NEAR/3 base", "tank"))
    explanation = explain(watchlist, ARTICLE)
    assert explanation.query == 1
    assert [span.text for span in explanation.found] == ["drone", "base"]


@pytest.mark.parametrize(
    ("limits", "clause", "reason"),
    [
        ({"exclude": ("tank", "ships")}, "ships", "excluded by 'ships'"),
        ({"sources": ("Other",)}, "sources = ['Other']", "'Example News' is not one of"),
        ({"languages": ("fr",)}, "languages = ['fr']", "'en' is not one of"),
        (
            {"sources": ("example NEWS",), "languages": ("fr",)},
            "languages = ['fr']",
            "'en' is not one of",
        ),
        ({"min_score": 9.0}, "min_score = 9", "score 1.50 is below 9"),
    ],
)
def test_the_limit_that_refused(limits: dict[str, object], clause: str, reason: str) -> None:
    """A query held, and something else of the watchlist refused the article."""
    watchlist = Watchlist(name="w", queries=("drone",), **limits)
    explanation = explain(watchlist, ARTICLE)
    assert not explanation.matched
    assert explanation.clause == clause
    assert reason in explanation.reason


def test_a_match_says_what_was_found() -> None:
    """The explanation has the match itself, and the words that were found."""
    explanation = explain(Watchlist(name="w", queries=("drone OR ship",)), ARTICLE)
    assert explanation.matched and explanation.match is not None
    assert explanation.reason == "query 1 holds: drone, ships"


def test_no_query_at_all() -> None:
    """A watchlist without queries has an explanation too."""
    assert "no query" in explain(Watchlist(name="w"), ARTICLE).reason


@given(TREES, TEXTS, TEXTS)
@settings(max_examples=200)
def test_always_an_answer_that_agrees_with_the_matcher(tree: object, title: str, text: str) -> None:
    """Whatever did not match has a clause and a reason."""
    watchlist = Watchlist(name="w", queries=(text_of(tree),))
    article = Article(title=title, text=text)
    explanation = explain(watchlist, article)
    assert explanation.matched == bool(compile_watchlists([watchlist]).match(article))
    assert explanation.reason
    assert bool(explanation.clause) != explanation.matched
