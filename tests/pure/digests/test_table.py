"""docs/design/delivery.md tells the truth about which ids are shown, and by which test."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[2]
PAGE = TESTS.parent / "docs" / "design" / "delivery.md"
IDS = [
    *(f"D{n:02}" for n in (*range(1, 16), *range(20, 34), *range(40, 53), *range(60, 69))),
    *(f"D{n}" for n in range(75, 80)),
    *(
        f"F{n}"
        for n in (*range(36, 41), *range(65, 76), *range(80, 86), *range(100, 106), 116, 117)
    ),
]
ROW = re.compile(r"^\| ([DF]\d+) \| (.+?) \| (.*)\|$", re.M)
NAMED = re.compile(r"`(test_[A-Za-z0-9_]+)`")


def rows() -> list[tuple[str, str, str]]:
    found = ROW.findall(PAGE.read_text("utf-8"))
    return [(name, test, note.strip()) for name, test, note in found]


def all_tests() -> set[str]:
    texts = (file.read_text("utf-8") for file in TESTS.rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"def (test_\w+)", text)}


def test_every_id_stands_in_the_table_once() -> None:
    assert [name for name, _, _ in rows()] == IDS


def test_what_is_called_shown_has_a_test_with_the_id_in_its_name() -> None:
    known = all_tests()
    for name, test, note in rows():
        names = NAMED.findall(test)
        assert set(names) | set(NAMED.findall(note)) <= known, name
        assert all(f"_{name.lower()}_" in one.lower() for one in names), name


def test_what_is_not_shown_says_why() -> None:
    for name, test, note in rows():
        assert NAMED.findall(test) or (test == "not shown" and len(note) > 20), name
