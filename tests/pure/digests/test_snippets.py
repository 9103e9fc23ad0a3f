"""A snippet is the sentence that tells why the article matched, with the words marked."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digests.snippets import snippet
from monitor.model import Article, Snippet, Span

TEXT = (
    "Talks opened in the harbour town on Monday. Gen. A. B. Holt said the U.S. Navy would send "
    "two drones to NATO's northern flank. Nobody else spoke.\n\n"
    "A drone was seen later."
)


def spans(text: str, *terms: str, field: str = "body") -> list[Span]:
    return [
        Span(field, found.start(), found.end(), found[0], term)
        for term in terms
        for found in re.finditer(term, text, re.IGNORECASE)
    ]


def marked(shown: Snippet) -> list[str]:
    return [shown.text[start:end] for start, end in shown.marks]


def test_the_first_sentence_with_two_terms_is_shown() -> None:
    """The snippet goes on with the sentence's paragraph; abbreviations end no sentence."""
    shown = snippet(Article(text=TEXT), spans(TEXT, "drone", "NATO"))
    assert shown.text == (
        "Gen. A. B. Holt said the U.S. Navy would send two drones to NATO's northern flank. "
        "Nobody else spoke."
    )
    assert marked(shown) == ["drone", "NATO"]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Rear Adm. John F. Smith Jr. of the navy said the frigate would sail."),
        ("en", "“Will they come?” she asked aboard the frigate."),
        ("en", "The talks went on … and on aboard the frigate."),
        ("de", "Ab dem 3. Oktober liegt die frigate in Kiel."),
    ],
)
def test_a_snippet_begins_where_a_sentence_does(language: str, sentence: str) -> None:
    """A stop before a small letter, or behind a day of the month, ends none."""
    text = f"It rained on 14 ships. {sentence}"
    shown = snippet(Article(text=text, language=language), spans(text, "frigate"))
    assert shown.text == sentence


def test_of_sentences_with_two_terms_the_earliest_is_shown() -> None:
    """More terms further down do not outweigh the report's own summary."""
    text = "A drone crossed NATO airspace. Later.\n\nDrone, NATO, Holt and Navy spoke."
    shown = snippet(Article(text=text), spans(text, "drone", "NATO", "Holt", "Navy"))
    assert shown.text == "A drone crossed NATO airspace. Later."


def test_without_spans_in_the_body_it_is_the_beginning() -> None:
    """A match in the title alone leaves the text unmarked."""
    shown = snippet(Article(text=TEXT), spans(TEXT, "NATO", field="title"))
    assert shown.text.startswith("Talks opened")
    assert shown.marks == ()


def test_an_empty_text_gives_an_empty_snippet() -> None:
    """Having nothing to show is no error."""
    assert snippet(Article(text=""), []) == Snippet("")
    assert snippet(Article(text=" \n\n "), []) == Snippet("")


def test_a_match_far_inside_a_long_sentence_is_still_shown() -> None:
    """A long sentence is cut at both ends around the match, and ellipses say so."""
    text = "word " * 200 + "drone " + "word " * 200
    shown = snippet(Article(text=text), spans(text, "drone"))
    assert shown.text.startswith("…word")
    assert shown.text.endswith("word…")
    assert marked(shown) == ["drone"]
    assert len(shown.text) <= 280


def test_chinese_sentences_are_told_apart() -> None:
    """A Chinese sentence ends without a space after its stop."""
    text = "会议周一开幕。海军将派出两架无人机。没有人说话。" * 3
    shown = snippet(Article(text=text), spans(text, "无人机")[:1], limit=40)
    assert shown.text.startswith("海军将派出")
    assert marked(shown) == ["无人机"]


def test_overlapping_marks_are_one() -> None:
    """Terms that share words, like "joint patrol" and "patrol", make one mark."""
    text = "A joint patrol began."
    assert marked(snippet(Article(text=text), spans(text, "joint patrol", "patrol"))) == [
        "joint patrol"
    ]


@given(
    text=st.text(alphabet=st.sampled_from("ab. \n。drone👩\u200d✈\u0301\u202e\x00ё"), max_size=600),
    limit=st.integers(12, 120),
)
def test_marks_always_show_the_words_that_matched(text: str, limit: int) -> None:
    """However a text is cut and cleaned, marks lie inside it, in order, on the right letters."""
    found = spans(text, "dr", "ne")
    shown = snippet(Article(text=text), found, limit)
    assert len(shown.text) <= limit
    assert "\n" not in shown.text
    last = 0
    for start, end in shown.marks:
        assert last <= start < end <= len(shown.text)
        assert {"dr": 1, "ne": 1}.get(shown.text[start:end].lower()[:2]) or end - start == 1
        last = end
