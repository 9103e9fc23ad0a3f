"""Text to folded words: what is folded, and where every word is in the original."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.queries import readings

from monitor.errors import QueryError
from monitor.watchlists import coded as coded_room
from monitor.watchlists import normalise
from monitor.watchlists import stream as stream_room
from monitor.watchlists import tokens as tokens_room
from monitor.watchlists.coded import Vocabulary
from monitor.watchlists.stream import Stream

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
    ' A.-B .x צה"ל ה"ל é Ж mid–air ＮＡＴＯ &amp; S s . , 東京 東- J-20戦 、 ・ 서울 ㅋ x‑'
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


def found(stream: Stream, phrases: list[list[str]]) -> set[tuple[str, tuple[int, int]]]:
    """The phrases in the text as coded for them, with their places."""
    vocabulary = Vocabulary(phrases)
    coded = stream.coded(vocabulary)
    assert set(coded.text) <= coded.characters
    return {
        (" ".join(phrase), place)
        for phrase in phrases
        for at in range(len(coded.text))
        if coded.follow(at, list(map(vocabulary.meant, phrase)))
        for place in coded.places([at], len(phrase))
    }


@pytest.mark.parametrize("case", CASES, ids=[case["rule"] for case in CASES])
def test_words(case: dict[str, str]) -> None:
    """Each case of words.jsonl is a rule of folding."""
    assert split_words(case["text"]) == case["words"].split()


@pytest.mark.parametrize("case", [c for c in CASES if "joined" in c], ids=lambda c: c["rule"])
def test_compounds_are_read_joined_too(case: dict[str, str]) -> None:
    """A joined word is found where a query names it."""
    joined = case["joined"].split()
    stream = Stream([("body", case["text"])])
    assert {word for word, _ in found(stream, [[word] for word in joined])} == set(joined)


def test_a_joined_word_stands_for_all_its_parts() -> None:
    """The place of a joined word is the whole compound."""
    text = "The Indo-Pacific fleet"
    stream = Stream([("body", text)])
    ((_, place),) = found(stream, [["indopacific"]])
    _, start, end = stream.span(*place)
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
    """Whatever the text, words come in order and inside it, and are as many as are coded."""
    stream = Stream([("body", text)])
    before = 0
    for i, word in enumerate(stream.words):
        if word in (normalise.BREAK, normalise.STOP):
            continue
        _, start, end = stream.span(i, i)
        assert before <= start < end <= len(text)
        before = start
    assert len(stream.words) == stream.coded(Vocabulary(())).end


@given(TEXTS)
@settings(max_examples=200)
def test_folding_twice_changes_nothing(text: str) -> None:
    """A folded word does not change when folded again: a term taken from a stream finds itself."""
    words = [word for word in split_words(text) if word != normalise.STOP]
    for word in words:
        assert normalise.fold(word) == word


@given(st.one_of(TEXTS, WRITTEN))
@example("0\ufc5e")
@example("a- \u3000\nb")
@example("of the F-35 and of x- \n y, and so on")
@example("'s s\u00b4s")
@example("the end of it ")
@example("hadn't -- read")
@example("the air-base of 東京")
@example("the air-\t \nבסיס")
@settings(max_examples=400)
def test_token_by_token_is_the_same_as_all_at_once(text: str) -> None:
    """The words of both readings and the place of each are the same."""
    fields = [("title", "é"), ("body", text)]
    joined = [[word] for word, first, last in readings(Stream(fields)) if first != last]

    def placed() -> tuple[list[tuple[str, tuple[int, int]]], str, set[tuple[str, tuple[int, int]]]]:
        stream = Stream(fields)
        words = [
            (word, (0, 0) if word in (normalise.BREAK, normalise.STOP) else stream.spot(at))
            for at, word in enumerate(stream.words)
        ]
        coded = stream.coded(Vocabulary([[word] for word in sorted(set(stream.words))]))
        return words, coded.text[: coded.end], found(stream, joined)

    def unsure(_: object) -> list[bytes]:
        raise tokens_room.UnsureError

    by_token = placed()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coded_room, "tokens_of", unsure)
        assert placed() == by_token


@given(WRITTEN, st.lists(st.lists(st.sampled_from(LOOKED_FOR), min_size=1, max_size=4), max_size=4))
@example("a b c d x-y e f g h i j z-w k l m n", [["xy", "e", "f"], ["n"], ["h", "i", "j", "z*"]])
@settings(max_examples=300)
def test_what_is_left_out_holds_no_phrase_looked_for(text: str, wanted: list[list[str]]) -> None:
    """Phrases are found in the short joined reading as in the whole, at the same places."""
    stream = Stream([("body", text)])
    read = readings(stream)
    assert found(stream, wanted) == {
        (" ".join(phrase), (here[0][1], here[-1][2]))
        for at in range(len(read))
        for phrase in wanted
        if len(here := read[at : at + len(phrase)]) == len(phrase)
        and all(
            word.startswith(part[:-1]) if part.endswith("*") else word == part
            for part, (word, _, _) in zip(phrase, here, strict=True)
        )
    }


@pytest.mark.parametrize("count", [10, 2_000])
def test_places_are_the_same_in_a_paragraph_of_any_length(count: int) -> None:
    """However long a paragraph is, its last words are found as its first are."""
    stream = Stream([("title", "Ships"), ("body", "The F-35 fleet. " * count)])
    places = sorted(place for _, place in found(stream, [["f35", "fleet"]]))
    assert places == [(3 + 4 * number, 5 + 4 * number) for number in range(count)]
    assert {stream.surface(*place) for place in places} == {"F-35 fleet"}


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
    vocabulary = Vocabulary([["drone"]])
    vocabulary.codes.clear()
    tokens_room._MEMORY.clear()
    stream = Stream(fields, vocabulary)
    assert stream.words == ("a", "drone", "\n", "of", "nato", "\n", "in", "two", "paragraphs", "\n")
    assert [stream.surface(at, at) for at in (1, 4, 8)] == ["drone", "NATO", "paragraphs"]


def test_no_long_word_is_remembered() -> None:
    """Sixty thousand words that are a page long would fill the memory."""
    vocabulary = Vocabulary([("air", "base*")])
    codes = vocabulary.codes
    known = dict(codes)
    assert codes[b"x" * 65] == coded_room.OTHER
    assert codes[b"base" + b"x" * 65] == vocabulary.of("base*")
    assert codes == known
    assert codes[b"bases"] == vocabulary.of("base*")
    assert codes == {**known, b"bases": vocabulary.of("base*")}


def test_more_words_than_there_are_characters_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two words with one character would be found in place of each other."""
    monkeypatch.setattr(coded_room, "_CODES", (range(0x20, 0x21), range(0x30, 0x31)))
    assert Vocabulary([["air"], ["base"]]).of("base") == "0"
    with pytest.raises(QueryError, match="more than a million"):
        Vocabulary([["air"], ["base"], ["drone"]])
