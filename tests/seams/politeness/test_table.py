"""docs/design/politeness.md is right about which rules are shown, and by which test."""

from __future__ import annotations

import re

from support.tables import NAMED, NOTES, all_tests

PAGE = NOTES / "politeness.md"
RULES = {
    *range(1, 18), *range(20, 42), *range(45, 52), *range(55, 62), *range(65, 75),
    *range(80, 86), *range(90, 96), *range(100, 103), *range(105, 108),
}  # fmt: skip
ROW = re.compile(r"^\| P(\d+) \| (.+?) \| (.*)\|$", re.M)


def rows() -> list[tuple[int, str, str]]:
    found = ROW.findall(PAGE.read_text("utf-8"))
    return [(int(number), test, note.strip()) for number, test, note in found]


def test_every_rule_stands_in_the_table_once() -> None:
    assert sorted(number for number, _, _ in rows()) == sorted(RULES)


def test_what_is_called_shown_has_a_test_with_the_rules_number_in_its_name() -> None:
    known = all_tests()
    for number, test, note in rows():
        names = NAMED.findall(test)
        assert set(names) | (set(NAMED.findall(note))) <= known, number
        assert all(f"_p{number:02}_" in name.lower() for name in names), number


def test_what_is_not_shown_says_why() -> None:
    for number, test, note in rows():
        assert NAMED.findall(test) or (test == "not shown" and len(note) > 20), number
