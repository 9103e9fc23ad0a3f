"""The recorded pages of the made-up outlets: what belongs together is together, nothing else is.

The pages and what they tell stand in `seeds/pages`; each page names its story.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from itertools import combinations
from pathlib import Path
from random import Random
from typing import Any

import pytest

from monitor.stories.lines import stories_of

SEEDS = Path(__file__).parents[3] / "seeds" / "pages"
RECALL = 1.0
"""Share of the pairs of one event that are found, in the order of publication."""
RECALL_SHUFFLED = 0.9
"""The same in any order of arrival."""
MEETING = "nato-defence-ministers-october-2024"


def pages() -> list[dict[str, Any]]:
    """All recorded pages as lines, in the order of publication."""
    files = sorted(SEEDS.glob("*/*.expected.json"))
    known = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    for page, file in zip(known, files, strict=True):
        page |= {"id": file.name, "body": page["text"], "source": file.parent.name}
        page["lang"] = page["language"]
    return sorted(known, key=lambda page: (_when(page["published"]), page["id"]))


def _when(stated: str) -> float:
    told = datetime.fromisoformat(stated)
    return (told if told.tzinfo else datetime.fromisoformat(f"{stated}T00:00+00:00")).timestamp()


def figures(told: Sequence[dict[str, Any]]) -> tuple[float, float]:
    """Pairwise precision and recall."""
    found = [answer["story"] for answer in stories_of(told)]
    pairs = list(combinations(range(len(told)), 2))
    together = {pair for pair in pairs if found[pair[0]] == found[pair[1]]}
    wanted = {pair for pair in pairs if told[pair[0]]["story"] == told[pair[1]]["story"]}
    right = len(together & wanted)
    return right / max(1, len(together)), right / len(wanted)


def test_every_page_joins_its_event_and_no_other() -> None:
    precision, recall = figures(pages())
    assert precision == 1.0
    assert recall >= RECALL


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_of_arrival_nothing_wrong_is_joined(seed: int) -> None:
    told = pages()
    Random(seed).shuffle(told)
    precision, recall = figures(told)
    assert precision == 1.0
    assert recall >= RECALL_SHUFFLED


def test_the_copies_of_the_wire_report_fold_into_it() -> None:
    told = pages()
    original = {answer["id"]: answer["duplicate_of"] for answer in stories_of(told)}
    first = "nato-ministers-open-doors-to-indo-pacific.expected.json"
    assert {page for page, of in original.items() if of} == {
        page for page, of in original.items() if of == first
    }
    assert sum(of == first for of in original.values()) == 3


@pytest.mark.parametrize("language", ["de", "ja"])
def test_the_first_articles_of_a_language_are_not_joined_by_its_grammar(language: str) -> None:
    """A cold start: nothing has been read in this language before."""
    told = [page for page in pages() if page["language"] == language]
    assert len({answer["story"] for answer in stories_of(told)}) == len(told)


def test_look_alikes_of_the_meeting_stay_apart() -> None:
    told = pages()
    story = {answer["id"]: answer["story"] for answer in stories_of(told)}
    by_event: dict[str, set[str | None]] = {}
    for page in told:
        by_event.setdefault(page["story"], set()).add(story[page["id"]])
    assert len(by_event[MEETING]) == 1
    for other in ("finance-ministers-ukraine-loan", "nato-june-2024-ministerial-review"):
        assert not by_event[MEETING] & by_event[other]
    assert not by_event["patriot-sale-poland"] & by_event["patriot-sale-romania"]
