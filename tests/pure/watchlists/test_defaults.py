"""The watchlists we ship: their own examples hold, and they do not get in each other's way."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.watchlists import SHIPPED, shipped

from monitor.model import Example, Watchlist
from monitor.watchlists import frequency, normalise, query
from monitor.watchlists.lint import check_examples
from monitor.watchlists.matcher import compile_watchlists
from monitor.watchlists.tree import terms_of

FILES = sorted(SHIPPED.glob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_examples_of_a_shipped_watchlist(path: Path) -> None:
    """The examples that a watchlist says it matches do match, and the others do not."""
    watchlist = shipped(path)
    assert len(watchlist.tests) >= 12
    assert {example.match for example in watchlist.tests} == {True, False}
    assert [str(failed) for failed in check_examples(watchlist)] == []


@pytest.mark.parametrize("path", FILES, ids=[path.stem for path in FILES])
def test_no_foreign_word_is_a_common_english_one_without_its_accents(path: Path) -> None:
    """Accents are folded, so that a name from Vietnam could stand in every article."""
    common = [word for word, share in frequency._SHARES.items() if share >= 0.25]
    alike = {
        term.text
        for text in shipped(path).queries
        for term in terms_of(query.parse(text))
        if not (term.exact or term.pattern or term.text.isascii())
        for folded in [normalise.fold(term.text.removesuffix("*"))]
        if any(
            word.startswith(folded) if term.text.endswith("*") else word == folded
            for word in common
        )
    }
    assert alike <= {"militär*", "Militär*"}, "the same word in both languages is no mistake"


def test_all_compile_into_one_machine() -> None:
    """The shipped watchlists have the names that settings and documents rely on."""
    matcher = compile_watchlists(shipped(path) for path in FILES)
    names = {compiled.watchlist.name for compiled in matcher.watchlists}
    assert names >= {"nato", "indo-pacific", "drones"}


def test_a_failed_example_says_what_was_expected_and_why() -> None:
    """`monitor check` prints this message: the example, the expectation and the reason."""
    watchlist = Watchlist(
        name="w",
        queries=("drone AND strike",),
        tests=(Example("a drone"), Example("a drone strike", match=False), Example("bees", False)),
    )
    assert [str(failed) for failed in check_examples(watchlist)] == [
        "watchlist w: must match: 'a drone': query 1: strike does not occur",
        "watchlist w: must not match: 'a drone strike': query 1 holds: drone, strike",
    ]
