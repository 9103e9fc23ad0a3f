"""What the tables in docs/design say of tests, against the tests there are."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
NOTES = TESTS.parent / "docs" / "design"
NAMED = re.compile(r"`(test_[A-Za-z0-9_]+)`")
"""A test's name in a table."""


def all_tests() -> set[str]:
    """The names of all tests."""
    texts = (file.read_text("utf-8") for file in TESTS.rglob("test_*.py"))
    return {name for text in texts for name in re.findall(r"def (test_\w+)", text)}
