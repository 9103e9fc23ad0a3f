"""Recognise pages that are not the article: cookie wall, paywall, login, error page."""

from __future__ import annotations

import re
from functools import cache

from monitor.articles import tables
from monitor.articles.lines import word_count

MAX_WORDS = 120
"""A text with more words than this is an article, whatever notices surround it."""
HARDLY_ANY = 25
"""With fewer words than this, what the rest of the page says counts too."""


def why_blocked(title: str, text: str, said: str, page_text: str) -> str:
    """What kind of wall a page is; empty if it is none.

    `text` is what would be stored, `said` the same including furniture, `page_text` everything that
    the page shows. A page is a wall if the text to be stored is short and itself says so, or if
    there is none and the page (or its title) says so.
    """
    words = word_count(text)
    if words > MAX_WORDS:
        return ""
    for kind, pattern in _patterns().items():
        if kind in {"error page", "robot check"} and pattern.search(title):
            return kind
        if pattern.search(said) or (words < HARDLY_ANY and pattern.search(page_text[:5_000])):
            return kind
    return ""


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {kind: tables.pattern([phrases]) for kind, phrases in tables.BLOCKED.items()}
