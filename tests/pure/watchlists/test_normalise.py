"""Text to folded words: what is folded, and where every word is in the original."""

from __future__ import annotations

import json
import re
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.watchlists import normalise
from monitor.watchlists import stream as stream_room
from monitor.watchlists.stream import Phrases, Stream

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "words.jsonl").read_text(encoding="utf-8").splitlines()
]

TEXTS = st.text(
    alphabet=st.one_of(
        st.sampled_from("aNé-–’'`.,&;#@_ \n\u2003\u2029\u00ad\x1c9ßİﬁＮ東かж\"،ىש"),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)
SPACES = ("\n", "\n\n", "\n \n", "-\n", "-\u2003\n", "- \u2003\n", "\u2029", " ", "  ")
TOKENS = (
    "U.S. F-35 it's ’s China’s don't end. a.b - – x- -x #NatoSummit @x 1,000 “q” (a) _U.S._ a_b"
    ' A.-B .x צה"ל ה"ל é Ж mid–air ＮＡＴＯ &amp; S s . ,'
)
WRITTEN = st.lists(st.sampled_from((*TOKENS.split(), *SPACES)), max_size=14).map("".join)
"""Pieces that stand side by side in texts, with and without spaces between."""


LOOKED_FOR = (
    *("us", "f35", "f", "35", "it", "s", "end", "ab", "natosummit", "nato*", "x", "midair", "a*"),
    *("b", "don", "t", "1", "000", "1000", "mid*"),
)
"""Words of phrases, joined and split, and prefixes."""


def split_words(text: str) -> list[str]:
    stream = Stream([("body", text)])
    return [word for word in stream.words if word != normalise.BREAK]


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_words(case: dict[str, str]) -> None:
    """Each case of words.jsonl is a rule of folding."""
    assert split_words(case["text"]) == case["words"].split()


@pytest.mark.parametrize("case", [c for c in CASES if "joined" in c], ids=lambda c: c["rule"])
def test_compounds_are_read_joined_too(case: dict[str, str]) -> None:
    """The joined reading follows the split one."""
    stream = Stream([("body", case["text"])])
    joined = stream.haystack_words[len(stream.words) :]
    assert set(case["joined"].split()) <= set(joined)


def test_a_joined_word_stands_for_all_its_parts() -> None:
    """The place of a joined word is the whole compound."""
    text = "The Indo-Pacific fleet"
    stream = Stream([("body", text)])
    _, start, end = stream.span(*stream.place(stream.haystack.index("indopacific"), 1))
    assert text[start:end] == "Indo-Pacific"


def test_places_point_into_the_original_through_entities() -> None:
    """Offsets count code points of the string as given, escapes included."""
    text = "😀 &amp;lt;NATO&amp;rsquo;s 🇯🇵 Indo&#8209;Pacific"
    stream = Stream([("body", text)])
    found = [text[slice(*stream.span(i, i)[1:])] for i in range(len(stream.words) - 1)]
    assert found == ["NATO", "Indo", "Pacific"]
    assert text[slice(*stream.span(1, 2)[1:])] == "Indo&#8209;Pacific"


def test_paragraphs_and_fields_are_apart() -> None:
    """A break stands between paragraphs and after every field."""
    stream = Stream([("title", "a"), ("body", "b\nc\n \nd")])
    assert stream.words == ("a", "\n", "b", "c", "\n", "d", "\n")
    assert [stream.field_of(i).name for i in (0, 2, 5)] == ["title", "body", "body"]
    assert stream.paragraph_of(2) == stream.paragraph_of(3) != stream.paragraph_of(5)


@given(TEXTS)
@settings(max_examples=300)
def test_what_has_a_plain_letter_or_digit_has_a_word(text: str) -> None:
    """The parser of queries need not read most terms to know that they have a word."""
    if re.search("[A-Za-z0-9]", text):
        assert any(chunk.pieces for _, chunk in normalise.chunks(text))


@given(TEXTS)
@settings(max_examples=300)
def test_every_word_has_a_place_in_the_original(text: str) -> None:
    """Whatever the text, words come in order and inside it, and make up the haystack."""
    stream = Stream([("body", text)])
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
@settings(max_examples=200)
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded word does not change when folded again: a term taken from a stream finds itself."""
    words = [word for word in split_words(text) if word != normalise.STOP]
    for word in words:
        assert normalise.fold(word) == word


@given(st.one_of(TEXTS, WRITTEN), st.sampled_from([4, 400]))
@example("0\ufc5e", 400)
@example("a- \u3000\nb", 4)
@example("of the F-35 and of x- \n y, and so on", 4)
@settings(max_examples=300)
def test_token_by_token_is_the_same_as_all_at_once(text: str, block: int) -> None:
    """Both readings and the place of each word are the same, in blocks of any length."""

    def placed() -> list[tuple[str, int, int]]:
        stream = Stream([("body", text)])
        read = zip(stream.haystack_words, starts_of(stream), strict=True)
        places = [(word, stream.place(at, 1)) for word, at in read if word != normalise.BREAK]
        return [(word, *stream.span(*place)[1:]) for word, place in places]

    def unsure(_: object) -> str:
        raise stream_room.UnsureError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stream_room, "BLOCK", block)
        by_token = placed()
        patch.setattr(stream_room, "_read_by_token", unsure)
        assert placed() == by_token


@given(st.one_of(TEXTS, WRITTEN))
@example("'s s\u00b4s")
@example("the end of it ")
@settings(max_examples=400)
def test_words_of_plain_paragraphs_are_where_a_look_at_each_token_finds_them(text: str) -> None:
    """Words are found by counting if the paragraph is like its reading; their places are right."""
    words = Stream([("body", text)]).words
    if normalise.BREAK in words[:-1]:
        return
    reading = " ".join(words[:-1])
    if counted := stream_room._Aligned.of(text, 7, reading):
        looked_at = stream_room._Located.of(text, 7, by_token=False)
        assert [counted.spot(n) for n in range(len(words))] == [
            looked_at.spot(n) for n in range(len(words))
        ]


@given(WRITTEN, st.lists(st.lists(st.sampled_from(LOOKED_FOR), min_size=1, max_size=4), max_size=4))
@example("a b c d x-y e f g h i j z-w k l m n", [["xy", "e", "f"], ["n"], ["h", "i", "j", "z*"]])
@settings(max_examples=300)
def test_what_is_left_out_holds_no_phrase_looked_for(text: str, wanted: list[list[str]]) -> None:
    """Phrases are found in the short joined reading as in the whole, at the same places."""

    def found(stream: Stream) -> set[tuple[str, tuple[int, int]]]:
        words, starts = stream.haystack_words, starts_of(stream)
        return {
            (" ".join(phrase), stream.place(start, len(phrase)))
            for number, start in enumerate(starts)
            for phrase in wanted
            if len(here := words[number : number + len(phrase)]) == len(phrase)
            and all(
                word.startswith(part[:-1]) if part.endswith("*") else word == part
                for part, word in zip(phrase, here, strict=True)
            )
        }

    assert found(Stream([("body", text)])) == found(Stream([("body", text)], Phrases(wanted)))


def starts_of(stream: Stream) -> list[int]:
    """Where each word of the haystack starts."""
    return list(accumulate((len(word) + 1 for word in stream.haystack_words[:-1]), initial=1))


@pytest.mark.parametrize("count", [10, 2_000])
def test_places_are_the_same_in_a_paragraph_of_any_length(count: int) -> None:
    """Long paragraphs are searched in another way, so that many hits in one cost no more each."""
    stream = Stream([("title", "Ships"), ("body", "The F-35 fleet. " * count)])
    starts = starts_of(stream)
    split = [stream.place(at, 1) for at in starts[: len(stream.words)]]
    assert split == [(word, word) for word in range(len(stream.words))]
    at = stream.haystack.rindex(" f35 ") + 1
    assert stream.surface(*stream.place(at, 1)) == "F-35"
    assert stream.following(at, 3) == ["f35", "fleet"]


@pytest.mark.parametrize(
    "text", ["The dro-\nne of NATO. ", "防衛省は「NATO」を ", "the-drones-of-NATO-"]
)
def test_words_of_a_paragraph_without_sure_tokens_are_placed_once(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When they were placed anew for each word, a page of them took minutes."""
    asked: list[str] = []
    place = stream_room._Spots.__missing__

    def counting(spots: stream_room._Spots, token: str) -> tuple[tuple[int, int], ...]:
        asked.append(token)
        return place(spots, token)

    monkeypatch.setattr(stream_room._Spots, "__missing__", counting)
    stream = Stream([("body", text * 50)])
    body = stream.fields[0].decoded.text
    written = [body[slice(*stream.span(word, word)[1:])] for word in range(len(stream.words) - 1)]
    assert written.count("NATO") == 50
    assert len(asked) <= 2


def test_an_emptied_memory_reads_the_same() -> None:
    """Threads share the memory: one may read in it just when another has emptied it."""
    fields = [("title", "A drone"), ("body", "of NATO\n\nin two paragraphs")]
    stream_room._MEMORY.clear()
    stream = Stream(fields)
    assert stream.words == ("a", "drone", "\n", "of", "nato", "\n", "in", "two", "paragraphs", "\n")
    assert [stream.surface(at, at) for at in (1, 4, 8)] == ["drone", "NATO", "paragraphs"]


def test_no_long_word_is_remembered() -> None:
    """Sixty thousand words that are a page long would fill the memory."""
    phrases = Phrases([("air", "base*")])
    assert not phrases.may_hold("x" * 65)
    assert phrases.may_hold("base" + "x" * 65)
    assert not phrases._known
    assert phrases.may_hold("air")
    assert phrases._known == {"air": True}
