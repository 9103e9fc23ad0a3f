"""Gate: reports of the seed article's meeting and its look-alikes, in any order of arrival.

The corpus names 23 reports by title (or by what they are about) and date, with their relation to
the meeting. All of them are let arrive within the hour, long after the last was published: nothing
is kept apart because the others were forgotten, nor because they came in the order of their dates.

What the file can show: that reports of other years' meetings, some with the very words of the
meeting's titles, stay out of its story, and by what: they must not when age counts for nothing,
else this gate could not fail. What it cannot: that copies are found (it has no texts), that a year
or an edition in a title keeps reports apart (its titles have none), and that all angles come
together (of half of the reports it gives the subject in three words, "Kyodo on the meeting"): the
share that does is printed with a floor below it, and those that do not are named. Copies, years and
editions are judged on texts of our own (tests/pure/stories/test_seed_like.py).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from unittest.mock import patch

from bench.gates.stories import corpus_folder, report
from monitor.model import Article
from monitor.stories import grouper
from monitor.stories.grouper import Grouper

Line = dict[str, Any]

SHUFFLES = 20
FOUND = 0.31
"""Mean share of the meeting's reports in its story, over all orders."""
FOR_EVER = timedelta(days=10_000)
ARRIVAL = FOR_EVER + datetime(2000, 1, 1, tzinfo=UTC)


def main() -> int:
    """Print each figure with its floor; 1 when one is missed."""
    file = corpus_folder() / "seed" / "story_cluster.jsonl"
    if not file.is_file():
        print("corpus not found")
        return 0
    known = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    stories = [_story(order) for order in _orders(known)]
    missed = report("other events apart, worst order", min(_apart(known, s) for s in stories), 1.0)
    found = [_found(known, story) for story in stories]
    missed += report("reports of the meeting found, mean", sum(found) / len(found), FOUND)
    for line in _own(known):
        share = sum(_together(known, story, line) for story in stories) / len(stories)
        print(f"  {share:4.0%}  {line['title_or_topic']} ({line['relation_to_seed_event']})")
    with patch.multiple(grouper, AGEING=0.0, OPEN=FOR_EVER, MEETS=FOR_EVER):
        ageless = [_apart(known, _story(order)) for order in _orders(known)]
    blind = max(ageless) == 1.0
    print(f"{'other events apart, were age nothing':38} {max(ageless):.3f}   below 1", end="")
    print("   MISSED: this gate shows nothing" if blind else "")
    return int(bool(missed) or blind)


def _orders(known: Sequence[Line]) -> list[list[Line]]:
    """By date, reversed, and shuffled."""
    dated = sorted(known, key=_date)
    chances = [Random(seed) for seed in range(SHUFFLES)]  # noqa: S311 - orders, no secrets
    return [dated, dated[::-1], *(chance.sample(dated, len(dated)) for chance in chances)]


def _date(line: Line) -> datetime:
    """As published; where only month or year is known, the day (and month) of the meeting.

    That is the hardest for other years. Reports of the meeting without a date are of its days.
    """
    stated = line.get("date") or "2024-10-17"
    return datetime.fromisoformat(stated + "2024-10-17"[len(stated) :]).replace(tzinfo=UTC)


def _story(told: Sequence[Line]) -> dict[str, int]:
    """Address -> story, decided in this order."""
    state, story = Grouper(), {}
    for number, line in enumerate(told, start=1):
        arrived = ARRIVAL + timedelta(minutes=number)
        article = Article(
            id=number,
            url=line["url"],
            title=line["title_or_topic"],
            published=_date(line),
            first_seen=arrived,
            source=line["url"],
            language=line["lang"],
        )
        decided = state.assign(article, arrived)
        story[line["url"]] = decided.story_id or number
        state.restore(article, story[line["url"]], decided.duplicate_of)
    return story


def _is_other(line: Line) -> bool:
    relation = line["relation_to_seed_event"]
    return relation.startswith("NOT") or line.get("note") == "related, not the same story"


def _own(known: Sequence[Line]) -> list[Line]:
    """The meeting's reports, apart from the one that the others are compared with."""
    return [line for line in known[1:] if not _is_other(line)]


def _together(known: Sequence[Line], story: dict[str, int], line: Line) -> bool:
    return story[line["url"]] == story[known[0]["url"]]


def _apart(known: Sequence[Line], story: dict[str, int]) -> float:
    others = [line for line in known if _is_other(line)]
    return sum(not _together(known, story, line) for line in others) / len(others)


def _found(known: Sequence[Line], story: dict[str, int]) -> float:
    own = _own(known)
    return sum(_together(known, story, line) for line in own) / len(own)


if __name__ == "__main__":
    sys.exit(main())
