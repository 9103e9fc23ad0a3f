"""`monitor stories --jsonl`: the contract's shapes, decided line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from monitor.errors import InputError
from monitor.stories.lines import stories_of

WIRE = (
    "Allied ministers meeting in Brussels agreed on Thursday to buy forty more counter-drone "
    "radars for the eastern flank, the alliance said, after a month in which stray aircraft "
    "crossed the border eleven times. Deliveries begin in spring and the bill will be shared "
    "by nine members, an official told reporters on condition of anonymity."
)


def line(id_: str, title: str, body: str, day: int = 17, **more: str) -> dict[str, Any]:
    published = f"2024-10-{day:02}T08:00:00Z"
    return {"id": id_, "title": title, "body": body, "published": published, "source": "x"} | more


def test_a_copy_folds_under_its_original_and_names_its_id() -> None:
    answers = list(
        stories_of(
            [
                line("a", "Ministers agree on radars", WIRE),
                line("b", "Radar deal struck", f"<p>{WIRE}</p>"),
                line("c", "Frigate returns to Plymouth", "The frigate came home after a year."),
            ]
        )
    )
    assert answers == [
        {"id": "a", "story": "s1", "duplicate_of": None},
        {"id": "b", "story": "s1", "duplicate_of": "a"},
        {"id": "c", "story": "s2", "duplicate_of": None},
    ]


def test_each_line_is_decided_before_the_next_is_read() -> None:
    read: list[str] = []

    def lines() -> Iterator[dict[str, Any]]:
        for id_ in "ab":
            read.append(id_)
            yield line(id_, "Ministers agree on radars", WIRE)

    answers = stories_of(lines())
    next(answers)
    assert read == ["a"]


def test_a_line_without_time_counts_as_told_with_the_latest_before_it() -> None:
    untimed = line("b", "Radar deal struck", WIRE) | {"published": None}
    answers = list(stories_of([line("a", "Ministers agree on radars", WIRE), untimed]))
    assert answers[1]["duplicate_of"] == "a"


@pytest.mark.parametrize("published", ["yesterday", "2024-13-01"])
def test_a_time_that_cannot_be_read_names_the_line(published: str) -> None:
    bad = line("b", "t", "x") | {"published": published}
    with pytest.raises(InputError, match="line 2"):
        list(stories_of([line("a", "t", "x"), bad]))


def test_a_line_without_id_names_the_line() -> None:
    with pytest.raises(InputError, match="line 1"):
        list(stories_of([{"title": "t"}]))
