"""The query language: what parses, to which tree, and how mistakes are told."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.queries import TREES

from monitor.errors import QueryError
from monitor.model import Article, Watchlist
from monitor.watchlists.matcher import compile_watchlists
from monitor.watchlists.query import MAX_LENGTH, MAX_WORDS, parse, parse_list
from monitor.watchlists.tree import (
    And,
    AtLeast,
    Field,
    Near,
    Node,
    NotNear,
    Or,
    Term,
    Weight,
    text_of,
)

MISTAKES = tomllib.loads((Path(__file__).parent / "mistakes.toml").read_text(encoding="utf-8"))[
    "mistake"
]
A, B, C = Term("aaa"), Term("bbb"), Term("ccc")


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("aaa", A),
        ('"aaa"', A),
        ("“aaa bbb”", Term("aaa bbb")),
        ('"aaa\n  bbb"', Term("aaa bbb")),
        ('="IT"', Term("IT", exact=True)),
        ("drone*", Term("drone*")),
        ("aaa OR bbb OR ccc", Or((A, B, C))),
        ("aaa AND bbb AND ccc", And((A, B, C))),
        ("aaa AND NOT bbb AND ccc", And((A, C), (B,))),
        ("(aaa OR bbb) AND ccc", And((Or((A, B)), C))),
        ("aaa OR (bbb AND ccc)", Or((A, And((B, C))))),
        ("aaa NEAR/5 bbb", Near(A, B, 5)),
        ("aaa ONEAR/0 bbb", Near(A, B, 0, ordered=True)),
        ("aaa NOT NEAR/3 bbb", NotNear(A, B, 3)),
        ("aaa NOT NEAR/3 bbb NEAR/5 ccc", Near(NotNear(A, B, 3), C, 5)),
        ("aaa OR bbb NEAR/5 ccc", Or((A, Near(B, C, 5)))),
        ("aaa^2.5", Weight(A, 2.5)),
        ("aaa^0", Weight(A, 0)),
        ("(aaa OR bbb)^2", Weight(Or((A, B)), 2)),
        ("title:aaa", Field("title", A)),
        ("title:(aaa OR bbb)", Field("title", Or((A, B)))),
        ("ATLEAST/3(aaa OR bbb)", AtLeast(3, Or((A, B)))),
        ("aaa\nbbb ccc\n\n# a note\nccc", Or((A, Term("bbb ccc"), C))),
        ("aaa OR\nbbb", Or((A, B))),
        ('aaa\n"bbb"\n="ccc"\nddd*', Or((A, B, Term("ccc", exact=True), Term("ddd*")))),
        ('title:aaa\n"bbb"^2', Or((Field("title", A), Weight(B, 2)))),
        ("Subtitle: aaa\nbbb", Or((Term("Subtitle: aaa"), B))),
        ("# a note\naaa bbb", Term("aaa bbb")),
        ("# a note\naaa OR\n#\nbbb", Or((A, B))),
        ("aaa OR\n#bbb", Or((A, Term("#bbb")))),
        ("#aaa AND\nbbb", And((Term("#aaa"), B))),
        ("#aaa OR\nbbb", Or((Term("#aaa"), B))),
        ("#aaa\nbbb\nccc", Or((B, C))),
        ("# aaa AND\nbbb", B),
        ("## aaa AND\nbbb", B),
        ("C++", Term("C++")),
        ('צה"ל OR "דובר צה"ל"', Or((Term('צה"ל'), Term('דובר צה"ל')))),
        ('"Yahoo!"', Term("Yahoo!")),
        ("url:list.php?id=5", Field("url", Term("list.php?id=5"))),
        ("  aaa  ", A),
    ],
)
def test_trees(text: str, tree: Any) -> None:
    """Each operator gives its node; AND binds closer than OR only inside parentheses."""
    assert parse(text) == tree
    assert parse(text_of(tree)) == tree


@pytest.mark.parametrize("mistake", MISTAKES, ids=[repr(m["query"]) for m in MISTAKES])
def test_mistakes_are_told_with_place_and_remedy(mistake: dict[str, Any]) -> None:
    """A refused query names line and column, marks the place, and proposes text that parses."""
    with pytest.raises(QueryError) as caught:
        parse(mistake["query"])
    error = caught.value
    assert mistake["says"] in error.what
    assert (error.line, error.column) == (mistake.get("line", 1), mistake["column"])
    assert error.exit_code == 65
    marks = error.place.split("\n")[-1]
    assert marks.strip("^ ") == "" and marks.index("^") == error.column - 1
    if "write" in mistake:
        assert f"write: {mistake['write']}" in error.hint
        parse(mistake["write"])
    assert mistake.get("hint", "") in error.hint


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ('\u200f"aaa bbb" AND\u200f ccc', And((Term("aaa bbb"), Term("ccc")))),
        ("aaa\u200bAND bbb", And((A, B))),
        ("\u202aaaa\u202c OR \ufeffbbb", Or((A, B))),
    ],
)
def test_unseen_signs_that_were_copied_along_are_spaces(text: str, tree: Node) -> None:
    """Signs of direction stand around words copied from a page; nobody could see a mistake."""
    assert parse(text) == tree


def test_a_correction_of_a_list_has_no_space_before_its_comma() -> None:
    """A query between triple quotes ends in a line break, which is no part of the correction."""
    with pytest.raises(QueryError) as caught:
        parse("\nfrigate\ncorvette OR destroyer\nship\n")
    assert " ," not in caught.value.hint


def test_the_place_of_a_long_line_is_a_window() -> None:
    """A query of a thousand terms does not fill the screen when one is wrong."""
    text = " OR ".join(["alpha"] * 500) + " beta gamma"
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert max(map(len, caught.value.place.split("\n"))) <= 120


@pytest.mark.parametrize(
    "text",
    [
        "(" * 100 + "aaa" + ")" * 100,
        "a" * (MAX_LENGTH + 1),
        "title:" * 5000 + "x",
        "aaa NEAR/1 " * 5000 + "aaa",
        f"aaa NEAR/{'9' * 5000} bbb",
        f"ATLEAST/{'9' * 5000}(aaa)",
    ],
)
def test_monsters_are_refused_not_followed(text: str) -> None:
    """Depth and length are bounded."""
    with pytest.raises(QueryError):
        parse(text)


@pytest.mark.parametrize("piece", ["defence ", "u.s.-", "海", "שלום "])
@pytest.mark.parametrize("around", ['"{}"', '="{}"', "title:({})"])
def test_a_phrase_that_nobody_repeats_is_refused_where_it_stands(piece: str, around: str) -> None:
    """Compiling 20,000 words took ten seconds and more; the mistake says where, and what helps."""
    if "(" in around and " " in piece:
        around = 'title:("{}")'
    phrase = (piece * 20_000)[: MAX_LENGTH - 100].strip()
    with pytest.raises(QueryError) as caught:
        parse(f"NATO OR\n  {around.format(phrase)}")
    error = caught.value
    assert re.search(r"a phrase of \d+ words; 255 are possible", str(error))
    assert (error.line, error.column) == (2, 3 + len(around.partition("{")[0]))
    assert "a sentence of it" in error.hint


def test_the_longest_phrase_is_found() -> None:
    phrase = " ".join((["defence", "spending"] * MAX_WORDS)[:MAX_WORDS])
    matcher = compile_watchlists([Watchlist(name="x", title="x", queries=(f'"{phrase}"',))])
    assert matcher.match(Article(title="", text=f"So: {phrase}."))
    with pytest.raises(QueryError):
        parse(f'"{phrase} more"')


@pytest.mark.parametrize(
    "text",
    [
        "a" * MAX_LENGTH,
        f"aaa NEAR{' ' * 100_000}x",
        f"aaa\nbbb{' ' * 100_000}ccc",
        f"aaa, bbb{' ' * 100_000}ccc",
        f"aaa{' ' * 100_000}# bbb",
        f"aaa{' ' * 100_000}:bbb",
        f"lang:en{'_a' * 1000}%",
    ],
    ids=["a word", "a NEAR", "a line", "commas", "a comment", "a colon", "a language"],
)
def test_long_texts_are_read_at_once(text: str) -> None:
    """No expression of the parser looks again from each character: that would take minutes."""
    try:
        tree = parse(text)
    except QueryError as error:
        assert error.line == 1
    else:
        assert parse(text_of(tree)) == tree


@pytest.mark.parametrize(
    "text",
    [
        'drone -"sea bee"',
        "drone -bee",
        "drone AND -bee",
        "drone^NOT NEAR/5 bee",
        "drone AND (NOT bee)",
        "drone OR -bee",
        "-bee",
        "drone and not bee",
        "drone NEAR/5 NOT bee",
        "drone NOT NEAR/5 NOT bee",
        "title:NOT bee",
        "drone AND NOT NOT bee",
        "drone or not bee",
    ],
)
def test_no_correction_asks_for_what_is_excluded(text: str) -> None:
    """A correction that drops a NOT means the opposite: each keeps it, or none is proposed."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert all("NOT" in fix for fix in proposed(caught.value))


@given(st.text(alphabet="abc2!?#-+„«'~,;、[]{}/\u200b\u200f", min_size=1, max_size=8))
def test_any_quoted_word_is_written_so_that_it_can_be_read(word: str) -> None:
    """What only quotation marks make a term is quoted again."""
    try:
        tree = parse(f'"{word}"')
    except QueryError:
        return
    assert parse(text_of(tree)) == tree


@given(TREES)
@settings(max_examples=200)
def test_text_of_a_tree_parses_to_that_tree(tree: Any) -> None:
    """Writing a tree as text loses nothing."""
    assert parse(text_of(tree)) == tree


@given(st.text(alphabet='ab"()*^:=/@ \nANDORT/5,~-[#!', max_size=30))
@settings(max_examples=400)
def test_any_text_parses_or_is_refused_politely(text: str) -> None:
    """No text raises another error than QueryError; what parses can be written again."""
    try:
        tree = parse(text)
    except QueryError as error:
        assert error.line >= 1 and error.column >= 1
    else:
        assert parse(text_of(tree)) == tree


def proposed(error: QueryError) -> list[str]:
    """The corrected texts of a hint, where no text has a comma or semicolon of its own."""
    return [
        fix
        for hint in error.hint.split("; ")
        if hint.startswith("write: ")
        for fix in hint.removeprefix("write: ").split(", or: ")
    ]


@pytest.mark.parametrize(
    ("text", "fixes"),
    [
        ("NATO AND (", ["NATO"]),
        ("(((NATO", ["(((NATO)))"]),
        ("NATO summit AND drone strike", ['"NATO summit" AND "drone strike"']),
        ("NATO summit and drone", ['"NATO summit" AND drone']),
        ('"dro*ne strike"', ['"dro* strike"']),
        ("titel:(NATO", ["title:(NATO)"]),
        ("a*b", []),
        ("@waters OR aaa AND bbb", ["@waters OR (aaa AND bbb)"]),
        ('"', []),
    ],
)
def test_a_correction_mends_all_that_is_wrong(text: str, fixes: list[str]) -> None:
    """A correction also mends what follows the first mistake; nothing is half mended."""
    with pytest.raises(QueryError) as caught:
        parse(text, LISTS)
    assert proposed(caught.value)[:1] == fixes


BROKEN = st.builds(
    lambda text, cuts, more: "".join(
        more.get(place, "") + char for place, char in enumerate(text) if place not in cuts
    ),
    st.one_of(TREES.map(text_of), st.text(alphabet='ab"()*^:=/@ \nANDORT/5,~-[#!', max_size=30)),
    st.frozensets(st.integers(0, 60), max_size=4),
    st.dictionaries(st.integers(0, 60), st.sampled_from(['"', "(", ")", " AND ", "*", "^"])),
)


@given(BROKEN)
@settings(max_examples=400)
def test_every_correction_that_is_proposed_parses(text: str) -> None:
    """Corrections parse for queries broken anywhere, once or several times, and for lists."""
    for read in (parse, parse_list):
        try:
            read(text)
        except QueryError as error:
            for fix in proposed(error):
                read(fix)


SLIPS = {
    "small letters": (r"\b(AND|OR|O?NEAR/\d)\b", lambda found: found.group().lower()),
    "w/n": (r"(?<!O)NEAR/", "w/"),
    "no slash": (r"NEAR/(\d)", r"NEAR\1"),
    "a space for the slash": (r"NEAR/(\d)", r"NEAR \1"),
    "signs": (" AND (?!NOT)", " && "),
    "a bar": (" OR ", " | "),
    "NOT alone": (" AND NOT ", " NOT "),
    "and not": (" AND NOT ", " and not "),
    "a minus": (" AND NOT ", " -"),
    "not closed": (r"\)$", ""),
}


@given(TREES.map(text_of), st.sampled_from(sorted(SLIPS)))
@settings(max_examples=300)
def test_a_query_with_one_slip_is_corrected_to_what_it_was(text: str, slip: str) -> None:
    """The first correction means the same as the query before the slip, not only something."""
    try:
        meant = parse(text)
    except QueryError:
        return
    pattern, written = SLIPS[slip]
    broken = re.sub(pattern, written, text, count=1)
    if broken == text:
        return
    with pytest.raises(QueryError) as caught:
        parse(broken)
    assert parse(proposed(caught.value)[0]) == meant


LISTS = {"waters": parse_list('# Seas\nBaltic Sea\n="ECS"\n/Type 05[2-5]/\ndro*'), "one": A}


def test_a_named_list_is_any_of_its_terms() -> None:
    """A list stands wherever a term may: beside NEAR, in a field, with a weight, in a list."""
    any_of = Or(
        (
            Term("Baltic Sea"),
            Term("ECS", exact=True),
            Term("Type 05[2-5]", pattern=True),
            Term("dro*"),
        )
    )
    assert LISTS["waters"] == any_of
    assert parse("@waters NEAR/2 bbb", LISTS) == Near(any_of, B, 2)
    assert parse("title:@one^2", LISTS) == Field("title", Weight(A, 2.0))
    assert parse("@waters\nbbb", LISTS) == Or((any_of, B))
    assert parse(text_of(parse("@waters AND bbb", LISTS))) == parse("@waters AND bbb", LISTS)


@pytest.mark.parametrize(
    ("text", "line", "column", "says"),
    [
        ("Baltic\n\nba*r", 3, 1, "end of a word"),
        ("a1\nbbb OR ccc", 2, 1, "one term on each line"),
        ("# nothing\n", 1, 1, "the list is empty"),
        ("ok\n@other", 2, 1, "there is no list 'other'"),
        ('"open', 1, 1, "not closed"),
    ],
)
def test_a_mistake_in_a_list_is_told_with_its_line(
    text: str, line: int, column: int, says: str
) -> None:
    """The line is counted in the list, with notes and empty lines."""
    with pytest.raises(QueryError) as caught:
        parse_list(text)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert says in caught.value.what
    assert f"line {line}" in str(caught.value)


def test_an_unknown_list_is_told_with_the_nearest() -> None:
    """The error has place and remedy; if no list has a name like it, it names all lists."""
    with pytest.raises(QueryError) as caught:
        parse("bbb AND @water", LISTS)
    assert caught.value.column == 9
    assert caught.value.hint == "write: bbb AND @waters"
    with pytest.raises(QueryError) as caught:
        parse("@zzz", LISTS)
    assert caught.value.hint == "lists are one, waters"


@pytest.mark.parametrize("text", ["Kyiv, Ukraine", "Washington,Delaware"])
def test_a_comma_may_stand_in_a_list_or_in_the_name_of_a_place(text: str) -> None:
    """Of a place, OR would find far more than was meant."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    listed = re.sub(", ?", " OR ", text)
    assert caught.value.hint == f'write: {listed}, or: "{text}"'
