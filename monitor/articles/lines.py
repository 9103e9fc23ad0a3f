"""Lines of running text, and the rules by which some of them are not the article's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from monitor.articles import dates, tables

LONG = 80
"""Characters from which a line with a sentence mark counts as running text."""
BIOGRAPHY_LINES = 4
"""So many lines at the end may be a note on the authors."""
LINK_LIST = 0.8
"""A list with so much of its text inside links is a list of links."""
TAIL = 0.1
"""Behind a heading such as "Related", so small a part of the running text is no article either."""


@dataclass(frozen=True, slots=True)
class Line:
    """One block of text: kind ("p", "h2", "li", "td", "quote", ...) and how much of it is link."""

    text: str
    kind: str = "p"
    linked: int = 0
    """Characters inside links."""

    @property
    def heading(self) -> bool:
        return len(self.kind) == 2 and self.kind[0] == "h"

    @property
    def running(self) -> bool:
        """Whether it reads like a sentence of an article."""
        return (
            not self.heading
            and len(self.text) >= LONG
            and self.linked < 0.5 * len(self.text)
            and bool(_MARK.search(self.text))
        )


_MARK = re.compile(r"[.!?…。।؟]")
_FOLDS = str.maketrans("’‘“”\u00a0\u202f", "''\"\"  ")


def word_count(text: str) -> int:
    """Words of a text; where no spaces divide them (Chinese, Japanese), one for eight signs."""
    return max(len(text.split()), len(text) // 8)


def fold(text: str) -> str:
    """Words of a text, lower case, for comparing titles."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def article_lines(
    lines: Sequence[Line], titles: Iterable[str], authors: Iterable[str] = ()
) -> list[Line]:
    """The lines that are the article: all rules, in their order.

    `titles` are the ways the title is known (page, feed): a line that repeats one goes.
    `authors` are the names known: a note about one of them at the end goes.
    """
    kept = _without_title(lines, [fold(title) for title in titles if title])
    kept = _without_head_matter(kept)
    kept = _without_tail(kept)
    kept = _without_biography(kept, list(authors))
    kept = _without_link_lists(kept)
    kept = [line for line in kept if not is_furniture(line)]
    kept = _without_repeats(kept)
    return _without_bare_headings(kept)


def is_furniture(line: Line) -> bool:
    """Whether a line is boilerplate by its own words, or only a link."""
    text = line.text.translate(_FOLDS).strip(" \t|•·›»>–—-*")
    if not re.search(r"[^\W\d_]", text) and line.kind != "td" and len(text) < 8:
        return True
    if len(text) <= 320 and _anywhere().fullmatch(text):
        return True
    if _caption_end().search(text) and not line.heading:
        return True
    only_link = line.linked >= 0.8 * len(line.text)
    return only_link and not (line.kind == "li" or line.heading) and not _ends_like_text(line.text)


def _ends_like_text(text: str) -> bool:
    return len(text) > LONG and bool(re.search(r"[.!?…]\W*$", text))


@cache
def _anywhere() -> re.Pattern[str]:
    return tables.pattern(tables.DROP_ANYWHERE.values())


@cache
def _before_text() -> re.Pattern[str]:
    return tables.pattern(tables.DROP_BEFORE_TEXT.values())


@cache
def _caption_end() -> re.Pattern[str]:
    return re.compile(rf"(?:{tables.pattern([tables.CAPTION_END]).pattern})\W*$", re.I)


@cache
def _end() -> re.Pattern[str]:
    return tables.pattern(tables.END_OF_ARTICLE.values())


def _without_title(lines: Sequence[Line], titles: Sequence[str]) -> list[Line]:
    """The title repeated, as a heading anywhere or as a line before the text begins."""
    kept = []
    begun = False
    for line in lines:
        folded = fold(line.text)
        if folded and folded in titles and (line.heading or not begun):
            continue
        begun = begun or line.running
        kept.append(line)
    return kept


def _without_head_matter(lines: Sequence[Line]) -> list[Line]:
    """Bylines, dates and labels before the first running text."""
    for first, line in enumerate(lines):
        if line.running and not _head_matter(line):
            return [*(line for line in lines[:first] if not _head_matter(line)), *lines[first:]]
    return list(lines)


def _head_matter(line: Line) -> bool:
    text = line.text.translate(_FOLDS).strip()
    if len(text) > 200 or line.heading:
        return False
    if _before_text().fullmatch(text) or is_date_line(text):
        return True
    return len(text) <= 140 and line.linked >= 0.6 * len(line.text)


def is_date_line(text: str) -> bool:
    """A short line that is little more than a date."""
    return len(text) <= 100 and dates.has_date(text) and not re.search(r"[.!?]$", text)


def _without_tail(lines: Sequence[Line]) -> list[Line]:
    """Lists under headings such as "Related stories" go; all that follows, if it is little."""
    total = sum(len(line.text) for line in lines if line.running) or 1
    left = total
    kept: list[Line] = []
    in_list = False
    for line in lines:
        if _opens_list(line):
            if left < TAIL * total:
                break
            in_list = True
        elif in_list and (line.running or line.heading):
            in_list = False
        if line.running:
            left -= len(line.text)
        if not in_list:
            kept.append(line)
    return kept


def _without_biography(lines: Sequence[Line], authors: Sequence[str]) -> list[Line]:
    """Notes on the authors among the last lines: "NAME is a reporter ..."."""
    if not authors:
        return list(lines)
    names = "|".join(re.escape(name) for name in authors)
    note = re.compile(rf"(?:{names})(?:,? [^.]{{0,60}}?)? (?:{_biography_words()})\b", re.I)
    start = max(1, len(lines) - BIOGRAPHY_LINES)
    return [
        line
        for at, line in enumerate(lines)
        if at < start or not (note.match(line.text) or line.text in authors)
    ]


@cache
def _biography_words() -> str:
    return "|".join(tables.BIOGRAPHY)


def _opens_list(line: Line) -> bool:
    text = line.text.translate(_FOLDS).strip(" :")
    return (line.heading or len(text) < 60) and bool(_end().fullmatch(text))


def _without_link_lists(lines: Sequence[Line]) -> list[Line]:
    """Lists of nothing but links: contents, other stories."""
    kept: list[Line] = []
    for is_item, group in groupby(lines, key=lambda line: line.kind == "li"):
        run = list(group)
        size = sum(len(line.text) for line in run)
        linked = sum(line.linked for line in run)
        if not (is_item and linked >= LINK_LIST * size):
            kept += run
    return kept


def _without_repeats(lines: Sequence[Line]) -> list[Line]:
    """A long line said twice is said once (pull quotes, bodies sent twice for two screens)."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        key = fold(line.text)
        if len(key) > 40 and key in seen:
            continue
        seen.add(key)
        kept.append(line)
    return kept


def _without_bare_headings(lines: Sequence[Line]) -> list[Line]:
    """Headings with nothing under them: what they headed was dropped.

    A heading is also bare when the next line is a heading of a higher rank (`h2` after `h3`).
    """
    kept: list[Line] = []
    for line in reversed(lines):
        below = kept[-1] if kept else None
        if line.heading and (below is None or (below.heading and below.kind < line.kind)):
            continue
        kept.append(line)
    return kept[::-1]
