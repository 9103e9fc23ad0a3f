"""The shipped watchlists on our own recorded pages, and on short texts written to mislead them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from support.watchlists import SHIPPED, shipped

from monitor.model import Article, Embed
from monitor.watchlists.matcher import Matcher, compile_watchlists

ROOT = Path(__file__).parents[3]
PAGES = sorted((ROOT / "seeds" / "pages").glob("*/*.expected.json"))
CASES = Path(__file__).parent / "data" / "cases.jsonl"
ONE_LIST = CASES.with_name("one_list.jsonl")
"""Short texts and one watchlist each, which they must match or must not."""
LABELLED = ("drones", "indo-pacific", "nato")
"""Watchlists that pages and cases are labelled with."""


@cache
def machine() -> Matcher:
    """The labelled watchlists, compiled once."""
    return compile_watchlists(shipped(SHIPPED / f"{name}.toml") for name in LABELLED)


def matched(article: Article) -> list[str]:
    """Names of the watchlists that an article matches."""
    return sorted(match.watchlist for match in machine().match(article))


@pytest.mark.parametrize("page", PAGES, ids=[path.name.split(".")[0] for path in PAGES])
def test_every_recorded_page_matches_what_it_is_about(page: Path) -> None:
    """No page is mistaken: cinema owners are no alliance, what leaves the hive is no aircraft."""
    told: dict[str, Any] = json.loads(page.read_text(encoding="utf-8"))
    article = Article(
        title=told["title"],
        text=told["text"],
        language=told["language"] or "",
        embeds=tuple(Embed("post", embed["text"]) for embed in told["embeds"]),
    )
    assert matched(article) == sorted(told["watchlists"])


def test_short_texts_in_many_languages_written_to_mislead() -> None:
    """Whatever a word's sense, spelling or language, exactly the right lists match."""
    lines = CASES.read_text(encoding="utf-8").splitlines()
    wrong = [
        f"{case['text']!r}: expected {case['expect']}, got {got}"
        for case in map(json.loads, lines)
        if (got := matched(Article(text=case["text"], language=case["lang"]))) != case["expect"]
    ]
    assert wrong == []
    assert len(lines) >= 200


def test_short_texts_for_one_watchlist_each() -> None:
    """All thirteen match, in many languages, what their reader would expect, and nothing else."""
    whole = compile_watchlists(map(shipped, sorted(SHIPPED.glob("*.toml"))))
    cases = [json.loads(line) for line in ONE_LIST.read_text(encoding="utf-8").splitlines()]
    wrong = []
    for case in cases:
        matches = whole.match(Article(text=case["text"], language=case["lang"]))
        if case["match"] != (case["watchlist"] in {match.watchlist for match in matches}):
            wrong.append(f"{case['watchlist']}: {case['text']!r}: expected {case['match']}")
    assert wrong == []
    assert len({case["watchlist"] for case in cases}) == len(whole.watchlists)
