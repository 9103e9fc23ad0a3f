"""The sieve before a search through the archive: it never holds back what matches."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from support.queries import TEXTS, TREES, readings
from support.watchlists import SHIPPED, shipped

from monitor.model import Article, Watchlist
from monitor.watchlists.matcher import compile_one, compile_watchlists, stream_of
from monitor.watchlists.normalise import BREAK
from monitor.watchlists.sieve import Sieve, words_seen
from monitor.watchlists.tree import text_of

WRITTEN = """
drone NATO N.A.T.O. anti-N.A.T.O. NAТО ＮＡＴＯ nato’s U.S.'s F-35 F35A Indo‑Pacific #StandWithNATO
@nato Erdoğan ναύς дрон-камикадзе &shy; &amp;rsquo;s a--b x_F35 5.56x45mm ² ١٢ ß İ 無人機 기
ㅋㅋ ㄱ ㊀ ㈜
.U.S-led _U.S-led ’s-i-m and/or ﬁ - . s ’ # 5 x “ ” — … ‘ –
"""
PIECES = st.sampled_from(
    [*WRITTEN.split(), "dro\xadne", "\xe9\u0301", "\ud800", 'ש"ס', "\n", "\u200b", "\xa0"]
)
ROUGH = st.lists(st.one_of(PIECES, st.just(" "), st.text(max_size=3)), max_size=12).map("".join)


@given(ROUGH)
@example("F35Ax_F35F-35")
@settings(max_examples=300)
def test_sees_every_word_that_is_read(text: str) -> None:
    """Whatever words the reader makes of a text, the quick look has them too."""
    seen = words_seen(text)
    if seen is not None:
        read = {word for word, _, _ in readings(stream_of(Article(text=text))) if word != BREAK}
        kept = {word.encode("utf-8", "ignore") for word in read}
        assert kept - {b""} <= set(seen.split(b" "))


@given(TREES, TEXTS, TEXTS)
@settings(max_examples=300)
def test_lets_through_all_that_matches(tree: Any, title: str, text: str) -> None:
    """Any text that any query matches passes its sieve."""
    watchlist = Watchlist(name="w", queries=(text_of(tree),))
    if compile_watchlists([watchlist]).match(Article(title=title, text=text)):
        assert Sieve([compile_one(watchlist)]).passes([title, text])


@pytest.mark.parametrize("folded", ["ㅋㅋ", "ㅋ", "ㄱㄴ", "ㅏ", "㊀", "㊀ ㊁", "ﾤﾤ"])
def test_lets_through_what_is_of_a_script_without_spaces_only_when_it_is_folded(
    folded: str,
) -> None:
    """Korean compatibility jamo and circled numbers are looked for as what they stand for."""
    watchlist = Watchlist(name="w", queries=(f'"{folded}"',))
    text = f"He said {folded} and left."
    assert compile_watchlists([watchlist]).match(Article(title="x", text=text))
    assert Sieve([compile_one(watchlist)]).passes(["x", text])


def test_lets_through_the_examples_of_the_shipped_watchlists() -> None:
    """The texts that thirteen real watchlists must match pass their sieves."""
    for path in sorted(SHIPPED.glob("*.toml")):
        watchlist = shipped(path)
        sieve = Sieve([compile_one(watchlist)])
        for case in watchlist.tests:
            texts = [case.title, case.text, case.lang]
            assert sieve.passes(texts) or not case.match, (watchlist.name, case.text)


def test_takes_a_part_of_a_compound_that_alone_is_no_word() -> None:
    """The apostrophe U+02BC, a letter to Unicode, makes a word with the s, but none alone."""
    compiled = compile_one(Watchlist(name="w", queries=("\u02bcs-Hertogenbosch",)))
    sieve = Sieve([compiled])
    assert sieve.passes(["", "In \u02bcs-Hertogenbosch"])
    assert not sieve.passes(["", "In Den Haag"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (".U.S-led", "u s led sled"),
        ("...U.S.-led", "u s led sled"),
        ("_U.S-led", "u s led sled"),
        ("China’s–Indo-Pacific", "china indo pacific indopacific"),
        ("its navy`s-F-35", "its navy f 35 f35"),
        ("the state's.A-B", "the state a b ab"),
        ("the boss’s’s-A", "the boss s a sa"),
    ],
)
def test_reads_a_compound_with_what_stands_before_it(text: str, words: str) -> None:
    """After a dot or underscore the letters of U.S. are no acronym.

    A possessive ends a compound. So what is joined is another word.
    """
    read = {word for word, _, _ in readings(stream_of(Article(text=text)))}
    assert set(words.split()) == read - {BREAK}
    seen = words_seen(text)
    assert seen is not None
    assert set(words.encode().split()) <= set(seen.split(b" "))


def test_a_line_of_a_million_hyphens_is_looked_at_once() -> None:
    """The line is not read again from each hyphen to its end, which would take hours."""
    line = "-" * 1_000_000
    assert words_seen(f"{line} F-35 {line}") is not None
    assert words_seen(f"{line}\nF-35") is None


def test_holds_most_back() -> None:
    """A text that has none of the words is held back."""
    watchlist = Watchlist(name="w", queries=('"air base" NEAR/5 drone', "/Type 05[2-5]/ AND navy"))
    sieve = Sieve([compile_one(watchlist)])
    assert not sieve.passes(["Senators met", "A drone over databases, a type 055"])
    assert not sieve.passes(["", "the base", "navy-blue"])
    assert sieve.passes(["a drone", "the base by air"])
    assert sieve.passes(["", "navy-blue", "a Type 055"])


def test_a_regular_expression_alone_is_looked_for_itself() -> None:
    """The expression's own machine is as quick as a scan."""
    sieve = Sieve([compile_one(Watchlist(name="w", queries=("/Type 05[2-5]/",)))])
    assert sieve.passes(["a Type 055 destroyer"])
    assert not sieve.passes(["a type 055 destroyer"])
    first = Sieve([compile_one(Watchlist(name="w", queries=("/^Type/",)))])
    assert first.passes(["", "Type&#32;055"])
    assert not first.passes(["A", "a Type"])


def test_names_the_fields_that_it_wants() -> None:
    """A query may ask for fields that are no text."""
    sieve = Sieve([compile_one(Watchlist(name="w", queries=("tag:navy",)))])
    assert sieve.fields == {"tag"}
    assert Sieve([compile_one(Watchlist(name="w", queries=("author:smith",)))]).passes(["Smith"])


PRINTED = ("sun – rain", "“it’s” 9–5", "Łódź… and F–35s", "état-major", "10 €")


@pytest.mark.parametrize("text", PRINTED)
def test_what_is_printed_in_most_texts_lets_none_of_them_through(text: str) -> None:
    """Dashes, quotes and letters of other languages are read, not taken for unreadable."""
    sieve = Sieve([compile_one(Watchlist(name="w", queries=("NATO",)))])
    assert not sieve.passes(["News", text])
    assert sieve.passes(["News", f"{text} NATO"])
