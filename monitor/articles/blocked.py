"""Recognise pages that are not the article: walls of all kinds, logins, error pages."""

from __future__ import annotations

import re
from functools import cache

from monitor.articles import tables
from monitor.articles.lines import FOLDS, TOLD, fold, word_count

MAX_WORDS = 120
"""A text with more words than this is an article, whatever notices surround it."""
BESIDE = 2
"""Most words of the title of a wall besides its own: "Page not found - Harbour News"."""
HARDLY_ANY = 25
"""With fewer words than this, what the rest of the page says counts too."""


def why_blocked(title: str, text: str, said: str, page_text: str) -> str:
    """What kind of wall a page is; empty if it is none.

    `text` is what would be stored, `said` the same including furniture, `page_text` everything that
    the page shows. A page is a wall if the text to be stored is short and itself says so, or if
    there is none and the page says so, or if the title does and says nothing else. "Access denied:
    army bars reporters from base" is the title of a report. What a report quotes or tells of a wall
    does not count.
    """
    words = word_count(text)
    if words > MAX_WORDS:
        return ""
    title, said, page_text = (one.translate(FOLDS) for one in (title, said, page_text[:5_000]))
    if _asks_consent(_untold(text.translate(FOLDS))):
        return "cookie wall"
    is_report = False
    for kind, pattern in _patterns().items():
        found = pattern.search(title) if kind in _IN_TITLES else None
        if found and word_count(fold(title[: found.start()] + title[found.end() :])) <= BESIDE:
            return kind
        is_report = is_report or found is not None
    said, page_text = _untold(said), _untold(page_text)
    may_ask = words < HARDLY_ANY or bool(_YOU.search(said))  # else it tells of "cookie consent"
    untitled = [one.replace(title, "") if is_report else one for one in (said, page_text)]
    for kind, pattern in _patterns().items():
        own, around = untitled if kind in _IN_TITLES else (said, page_text)
        if kind == "cookie wall" and not may_ask:
            continue
        if pattern.search(own) or (words < HARDLY_ANY and pattern.search(around)):
            return kind
    return ""


def _asks_consent(text: str) -> bool:
    """Whether most of a text speaks of cookies, and asks the reader for them: in any language.

    Cookies alone may be baked ones, sent to a fleet.
    """
    lines = text.split("\n")
    about = [line for line in lines if _COOKIE.search(line)]
    return (
        len(_COOKIE.findall(text)) >= MENTIONS
        and len(_YOU.findall(text)) >= max(MENTIONS, len(_SENTENCE.findall(text)))
        and bool(_CONSENT.search(text))
        and 2 * sum(map(len, about)) > len(text)
    )


def _untold(text: str) -> str:
    """A text without what it tells of others: no wall speaks of what someone said."""
    lines = text.split("\n")
    return "\n".join(_without_reports(one) if TOLD.search(one) else one for one in lines)


def _without_reports(line: str) -> str:
    said = _QUOTED.sub("", line) if len(line) <= MAX_LINE else line
    return "".join(one for one in _ENDS.split(said) if not TOLD.search(one))


MAX_LINE = 1_000
"""A longer line is a page's words without its lines: what is quoted there is told elsewhere."""
MENTIONS = 2
"""Least mentions of cookies, and of who speaks and is spoken to, in a request for consent."""
_COOKIE = re.compile(r"\bcookies?\b|файл\w+ куки", re.I)
_YOU = re.compile(tables.YOU, re.I)
_SENTENCE = re.compile(r"[.!?]+(?:\s|$)")
"""An end of a sentence that others follow, or of the last. Each of a request speaks to the reader;
a report may do so in one ("your browser")."""
_CONSENT = re.compile(tables.CONSENT, re.I)
_QUOTED = re.compile(r'"[^"\n]{3,200}"|“[^“”\n]{3,200}”|„[^„“”\n]{3,200}[“”]|«[^«»\n]{3,200}»')
_ENDS = re.compile(r"(?<=[.!?])")
_IN_TITLES = frozenset({"error page", "robot check", "closed region"})


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {kind: tables.pattern([phrases]) for kind, phrases in tables.BLOCKED.items()}
