"""Text to folded words: what is folded, and that every word finds its way back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.watchlists import normalise

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "words.jsonl").read_text(encoding="utf-8").splitlines()
]

TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("aNé-–’'.&;#@ \n\u00ad9ßİﬁＮ東かж\"،ىש"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)


def split_words(text: str) -> list[str]:
    stream = normalise.read([("body", text)])
    return [word for word in stream.words if word != normalise.BREAK]


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_words(case: dict[str, str]) -> None:
    """Each rule of folding, as written in words.jsonl."""
    assert split_words(case["text"]) == case["words"].split()


@pytest.mark.parametrize("case", [c for c in CASES if "joined" in c], ids=lambda c: c["rule"])
def test_compounds_are_read_joined_too(case: dict[str, str]) -> None:
    """The joined reading follows the split one."""
    stream = normalise.read([("body", case["text"])])
    joined = stream.haystack_words[len(stream.words) :]
    assert set(case["joined"].split()) <= set(joined)


def test_a_joined_word_stands_for_all_its_parts() -> None:
    """Its place is the whole compound."""
    text = "The Indo-Pacific fleet"
    stream = normalise.read([("body", text)])
    at = stream.haystack_words.index("indopacific")
    _, start, end = stream.span(stream.first[at], stream.last[at])
    assert text[start:end] == "Indo-Pacific"


def test_places_point_into_the_original_through_entities() -> None:
    """Offsets count code points of the string as given, escapes included."""
    text = "😀 &amp;lt;NATO&amp;rsquo;s 🇯🇵 Indo&#8209;Pacific"
    stream = normalise.read([("body", text)])
    found = [text[slice(*stream.span(i, i)[1:])] for i in range(len(stream.words) - 1)]
    assert found == ["NATO", "Indo", "Pacific"]
    assert text[slice(*stream.span(1, 2)[1:])] == "Indo&#8209;Pacific"


def test_paragraphs_and_fields_are_apart() -> None:
    """A break stands between paragraphs and after every field."""
    stream = normalise.read([("title", "a"), ("body", "b\nc\n \nd")])
    assert stream.words == ("a", "\n", "b", "c", "\n", "d", "\n")
    assert [stream.field_of(i).name for i in (0, 2, 5)] == ["title", "body", "body"]
    assert stream.paragraph_of(2) == stream.paragraph_of(3) != stream.paragraph_of(5)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_every_word_has_a_place_in_the_original(text: str) -> None:
    """Whatever the text, words come in order, inside it, and read alone fold to themselves."""
    stream = normalise.read([("body", text)])
    before = 0
    for i, word in enumerate(stream.words):
        if word in (normalise.BREAK, normalise.STOP):
            continue
        _, start, end = stream.span(i, i)
        assert before <= start < end <= len(text)
        before = start
    haystack = stream.haystack.split(" ")
    assert [w for w in haystack if w] == list(stream.haystack_words)


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded text is folded already: a term taken from a stream finds itself."""
    words = [word for word in split_words(text) if word != normalise.STOP]
    for word in words:
        assert normalise.fold(word) == word


@given(TEXTS)
@settings(max_examples=200, deadline=None)
def test_token_by_token_is_the_same_as_all_at_once(text: str) -> None:
    """A paragraph with one character of a script without spaces is read the long way: no other."""
    long_way = normalise.read([("body", f"{text} 無")])
    short_way = normalise.read([("body", text)])
    marks = (normalise.BREAK, normalise.STOP, "無")

    def placed(stream: normalise.Stream) -> list[tuple[str, int, int]]:
        read = zip(stream.words, stream.starts, stream.ends, strict=True)
        return [word for word in read if word[0] not in marks]

    assert placed(short_way) == placed(long_way)
