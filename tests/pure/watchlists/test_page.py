"""The page about the query language: every example on it does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.errors import QueryError
from monitor.model import Article, Watchlist
from monitor.watchlists.query import parse, parse_list
from monitor.watchlists.why import explain

PAGE = Path(__file__).parents[3] / "docs" / "query-language.md"
LISTS = tuple(re.findall(r"```list (\w+)\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL))
PARSED = {name: parse_list(text) for name, text in LISTS}
BLOCKS = re.findall(r"```query\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def split(block: str) -> tuple[str, list[tuple[str, str]]]:
    """The query, and the lines about it: their sign and their text."""
    lines = block.rstrip().split("\n")
    about = [(line[0], line[2:]) for line in lines if re.match(r"[-+!] ", line)]
    return "\n".join(lines[: len(lines) - len(about)]), about


@pytest.mark.parametrize("block", BLOCKS, ids=[split(block)[0] for block in BLOCKS])
def test_example(block: str) -> None:
    """A text behind `+` matches, one behind `-` does not; `!` is the proposed remedy."""
    query, about = split(block)
    assert about, "an example shows something"
    for sign, text in about:
        if sign == "!":
            with pytest.raises(QueryError) as caught:
                parse(query, PARSED)
            assert f"write: {text}" in caught.value.hint
            continue
        watchlist = Watchlist(name="page", queries=(query,), lists=LISTS)
        explanation = explain(watchlist, Article(text=text))
        assert explanation.matched == (sign == "+"), (text, explanation.reason)


def test_every_operator_has_an_example() -> None:
    """The page shows every operator of the language."""
    shown = " ".join(split(block)[0] for block in BLOCKS)
    for operator in (
        "AND",
        "OR",
        "AND NOT",
        " NEAR/",
        "ONEAR/",
        "NOT NEAR/",
        "ATLEAST/",
        "*",
        "@",
        '="',
    ):
        assert operator in shown
    assert "^" in shown and "title:" in shown and "lang:" in shown
