"""The notes on delivery and faults say truly which ids are tested, and by which test."""

from __future__ import annotations

import re

import pytest
from support.tables import NAMED, NOTES, all_tests

DELIVERY = [
    *(f"D{n:02}" for n in (*range(1, 16), *range(20, 34), *range(40, 53), *range(60, 69))),
    *(f"D{n}" for n in range(75, 80)),
    *(
        f"F{n}"
        for n in (*range(35, 41), *range(65, 76), *range(80, 86), *range(100, 106), 116, 117)
    ),
]
FAULTS = [
    *(f"F{n:02}" for n in (*range(1, 15), *range(20, 31), *range(45, 52), *range(54, 57))),
    *(f"F{n}" for n in (*range(90, 96), 106, *range(110, 116), 118, *range(120, 124))),
]
PAGES = [("delivery.md", DELIVERY), ("faults.md", FAULTS)]
ROW = re.compile(r"^\| ([DF]\d+) \| (.+?) \| (.*)\|$", re.M)


def rows(page: str) -> list[tuple[str, str, str]]:
    found = ROW.findall((NOTES / page).read_text("utf-8"))
    return [(name, test, note.strip()) for name, test, note in found]


@pytest.mark.parametrize(("page", "ids"), PAGES)
def test_every_id_stands_in_the_table_once(page: str, ids: list[str]) -> None:
    assert [name for name, _, _ in rows(page)] == ids


@pytest.mark.parametrize("page", [page for page, _ in PAGES])
def test_what_is_called_shown_has_a_test_with_the_id_in_its_name(page: str) -> None:
    known = all_tests()
    for name, test, note in rows(page):
        names = NAMED.findall(test)
        assert set(names) | set(NAMED.findall(note)) <= known, name
        assert all(f"_{name.lower()}_" in one.lower() for one in names), name


@pytest.mark.parametrize("page", [page for page, _ in PAGES])
def test_what_is_not_shown_says_why(page: str) -> None:
    for name, test, note in rows(page):
        assert NAMED.findall(test) or (test == "not shown" and len(note) > 20), name
