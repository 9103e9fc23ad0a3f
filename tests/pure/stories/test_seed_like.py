"""A meeting told in every way in which reports are related, in three orders of arrival.

The texts are made up. All reports arrive within the hour, long after the last of them was
published, so that none is kept apart because the others were forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from monitor.model import Article
from monitor.stories import clash, grouper
from monitor.stories.grouper import Grouper
from monitor.stories.reading import read

DATA = Path(__file__).parent / "data" / "seed_like"
ARRIVAL = datetime(2029, 1, 1, tzinfo=UTC)
ORDERS = ("as published", "reversed", "shuffled")


def reports(name: str) -> list[dict[str, Any]]:
    """`meeting`: all of one event. `others`: each of another. `series`: told apart by a number."""
    text = (DATA / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


MEETING, OTHERS, SERIES = reports("meeting"), reports("others"), reports("series")


def arrived(order: str) -> list[Article]:
    """All reports in an order of arrival, a minute between them."""
    told = sorted([*MEETING, *OTHERS, *SERIES], key=lambda one: (one["published"] or "", one["id"]))
    if order == "reversed":
        told.reverse()
    if order == "shuffled":
        Random(1).shuffle(told)
    return [
        Article(
            id=number,
            url=one["url"],
            title=one["title"],
            text=one["body"],
            published=datetime.fromisoformat(one["published"]) if one["published"] else None,
            first_seen=ARRIVAL + timedelta(minutes=number),
            source=one["source"],
            language=one["lang"],
        )
        for number, one in enumerate(told, start=1)
    ]


def grouped(articles: Sequence[Article]) -> tuple[dict[str, int], dict[str, str]]:
    """Report -> its story, and report -> the one whose text it repeats."""
    read.cache_clear()  # what an article states may be read otherwise in this test
    state, story, original = Grouper(), {}, {}
    names = {one.id: one.url.rpartition("/")[2] for one in articles}
    for one in articles:
        decided = state.assign(one, one.first_seen or ARRIVAL)
        story[names[one.id]] = decided.story_id or one.id
        if decided.duplicate_of:
            original[names[one.id]] = names[decided.duplicate_of]
        state.restore(one, story[names[one.id]], decided.duplicate_of)
    return story, original


@pytest.mark.parametrize("order", ORDERS)
def test_every_report_of_the_meeting_is_in_its_story(order: str) -> None:
    """Reports in three languages, from four angles and in other words share one story."""
    story, _ = grouped(arrived(order))
    meeting = story["release"]
    assert [one["id"] for one in MEETING if story[one["id"]] != meeting] == []


@pytest.mark.parametrize("order", ORDERS)
def test_other_meetings_and_other_years_are_not(order: str) -> None:
    """Other meetings and years are neither in the meeting's story nor in one with each other."""
    story, _ = grouped(arrived(order))
    others = [story[one["id"]] for one in (*OTHERS, *SERIES)]
    assert story["release"] not in others
    assert len(set(others)) == len(others)


@pytest.mark.parametrize("order", ORDERS)
def test_copies_are_copies_and_nothing_else_is(order: str) -> None:
    """A copy has a source line in front, or is the first paragraphs alone.

    A paraphrase or translation is no copy.
    """
    _, original = grouped(arrived(order))
    assert {frozenset(pair) for pair in original.items()} == {
        frozenset((one["id"], one["of"])) for one in MEETING if one["relation"] == "copy"
    }


def test_the_series_are_apart_by_year_and_edition_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without these rules the series join, so this set does show something about them."""
    others = {kind: find for kind, find in clash._KINDS.items() if kind in ("offices", "places")}
    monkeypatch.setattr(clash, "_KINDS", others)
    story, _ = grouped(arrived("as published"))
    assert story["contact-31"] == story["contact-32"]
    assert story["review-2026"] == story["review-2027"]


def test_the_other_years_are_apart_by_age_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouper, "AGEING", 0.0)
    monkeypatch.setattr(grouper, "OPEN", timedelta(days=5_000))
    monkeypatch.setattr(grouper, "MEETS", timedelta(days=5_000))
    story, _ = grouped(arrived("as published"))
    assert story["release"] in {story[one["id"]] for one in OTHERS}
