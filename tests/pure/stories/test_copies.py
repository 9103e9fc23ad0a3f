"""Whether two texts, however short, are of the same report."""

from __future__ import annotations

import pytest

from monitor.stories.copies import COMPARED_WORDS, same_report, same_words

LONG = " ".join(f"word{place}" for place in range(90))
OTHER = " ".join(f"other{place}" for place in range(90))
HEAD, *TAILS = (" ".join(f"{part}{n}" for n in range(COMPARED_WORDS + 50)) for part in "abc")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Convoy", LONG), ("Ships sail", f"Updated. {LONG} More is expected."), True),
        (("Daily report", LONG), ("Daily report", OTHER), False),
        (("Convoy sails", "A teaser."), ("Convoy sails | Paper", LONG), True),
        (("Convoy sails", ""), ("CONVOY, SAILS", ""), True),
        (("Report 1", "A teaser."), ("Report 10", "Another."), False),
        (("", ""), ("", ""), False),
        (("Log", f"{HEAD} {TAILS[0]}"), ("Log", f"{HEAD} {TAILS[1]}"), True),
    ],
)
def test_readings_of_one_article_are_told_from_those_of_two(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    """The texts decide, since titles recur; without a text to compare, the titles do."""
    assert same_report(*one, *other) is same
    assert same_report(*other, *one) is same


@pytest.mark.parametrize(
    ("text", "other", "same"),
    [
        ("NATO update A warship sank off Crete", "NATO update A warship sank off Crete", True),
        ("NATO update A warship sank off Crete", "NATO update Jets over the Baltic", False),
        ("NATO update", "NATO update NATO opens a summit in the city by the river", False),
        (
            "NATO sends ships to the strait after the second attack",
            "Video: NATO sends ships to the strait after the second attack on tankers",
            True,
        ),
        ("", "", True),
    ],
)
def test_short_texts_say_the_same_by_their_words(text: str, other: str, same: bool) -> None:
    """A title that another one contains proves nothing."""
    assert same_words(text, other) is same
    assert same_words(other, text) is same
