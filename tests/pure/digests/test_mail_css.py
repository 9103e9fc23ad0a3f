"""The page uses only what mail clients show alike, or what may be missing without harm."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup
from support.editions import edition

from monitor.digests.render import html

EVERYWHERE = {
    "background",
    "border-bottom",
    "border-left",
    "border-top",
    "color",
    "display",
    "font-family",
    "font-size",
    "font-weight",
    "letter-spacing",
    "line-height",
    "margin",
    "margin-top",
    "padding",
    "padding-bottom",
    "padding-top",
    "text-align",
    "text-decoration",
    "text-transform",
    "white-space",
    "width",
}
MAY_BE_MISSING = {
    "max-width": "Outlook has a table of that width around it",
    "max-height": "of the hidden first line, which display hides already",
    "mso-hide": "the same: only Outlook knows it",
    "overflow": "the same",
    "overflow-wrap": "a long address makes the page wider",
    "word-break": "the same: Gmail knows this one, others the one before",
}
IN_A_MEDIA_QUERY = {"background", "color", "border-top-color", "border-bottom-color"}


def names(style: str) -> set[str]:
    """The properties that a piece of CSS sets."""
    return set(re.findall(r"(?:^|[;{])\s*([a-z-]+)\s*:", style))


def test_D22_inlined_styles_are_of_a_written_list() -> None:
    """Styles use no position, float, flex or grid; one that a client lacks changes no words."""
    soup = BeautifulSoup(html(edition(30, failed=13, late=True, cut=2)), "lxml")
    used = set().union(*(names(str(tag["style"])) for tag in soup.find_all(style=True)))
    assert used <= EVERYWHERE | MAY_BE_MISSING.keys(), used - EVERYWHERE
    assert "url(" not in str(soup)


def test_D22_a_word_without_end_is_broken_in_every_client_that_can() -> None:
    """The table that holds all titles, words of queries and addresses has both properties."""
    soup = BeautifulSoup(html(edition(1, title="Patrol" * 50)), "lxml")
    (card,) = (tag for tag in soup.find_all("table") if "max-width" in str(tag.get("style")))
    assert {"overflow-wrap", "word-break"} <= names(str(card["style"]))


def test_D22_the_style_sheet_that_stays_holds_media_queries_alone() -> None:
    """A client that drops the style sheet shows the light, wide form."""
    soup = BeautifulSoup(html(edition(3)), "lxml")
    (sheet,) = soup.find_all("style")
    rules = re.sub(r"/\*.*?\*/", "", sheet.get_text(), flags=re.DOTALL)
    outside = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", rules)
    assert outside.strip() == ""
    dark = rules.partition("prefers-color-scheme")[2].partition("@media")[0]
    assert names(dark) <= IN_A_MEDIA_QUERY
