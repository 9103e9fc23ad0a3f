"""What people write where an operator is meant: slips of the finger, words and signs of other
languages and services. Values in, values out; the parser asks, and tries what it is told."""

from __future__ import annotations

import difflib
import re

SIGNS = {"&": "AND", "&&": "AND", "+": "AND", "|": "OR", "||": "OR"}
"""Signs that stand for operators elsewhere; here they mean nothing."""
WORDS = {
    **dict.fromkeys(("ANDD", "ADN", "NAD", "UND", "ET", "Y", "E", "И", "І", "TA", "OCH"), "AND"),
    **dict.fromkeys(("ORR", "RO", "XOR", "ODER", "OU", "O", "LUB", "ИЛИ", "АБО", "ELLER"), "OR"),
    **dict.fromkeys(("ANDNOT", "BUTNOT", "NICHT", "SAUF", "NIE", "НЕ"), "AND NOT"),
}
"""Words in capitals that stand between two terms and are no part of either."""

_DISTANCE = re.compile(
    r"(?P<name>[A-Za-z]*)(?P<slash>[/~\\-]?)(?P<number>\d{1,3})(?:\.\d+)?(?P<rest>\D.*)?$"
)
_ORDERED = ("PRE", "ADJ", "ONEAR")
_NEAR = ("W", "N", "NEAR", "WITHIN", "ADJ", "PRE", "ONEAR")
"""What an operator of distance is called, here and elsewhere, in capitals."""
BARE_NEAR = ("near", "onear", "WITHIN", "ADJ")
"""The same without a number behind a slash; `within` in small letters is more often a word."""
ALIKE = 0.75
"""From this likeness on, a name before a slash and a number is taken for a name of NEAR."""


def distance(word: str) -> tuple[str, str] | None:
    """The operator that a word of distance stands for (`w/5`, `NERA/5`, `/5`), and what is
    written right behind it; None if the word is something else (`B52`, `SAMP/T`)."""
    found = _DISTANCE.match(word)
    if not found:
        return None
    name, slash = found["name"].upper(), found["slash"]
    if slash in ("\\", "-") and not name.endswith("NEAR"):  # N-1, a rocket
        return None
    negative = name.startswith("NOT") and bool(slash)
    name = name.removeprefix("NOT") if negative else name
    if name not in _NEAR and slash:
        name = next(
            iter(difflib.get_close_matches(name, _NEAR[2:], 1, ALIKE)), "?" if name else "NEAR"
        )
    if name not in _NEAR or (name == "N" and not slash) or (slash == "~" and found["name"]):
        return None
    operator = "ONEAR" if name in _ORDERED else "NEAR"
    return f"{'NOT NEAR' if negative else operator}/{found['number']}", found["rest"] or ""


def between(word: str) -> str:
    """The operator that a word or sign between two terms stands for, empty if none."""
    return SIGNS.get(word) or WORDS.get(word, "")
