"""Read text copied from a page: a title line, a meta line, paragraphs, and stray boilerplate."""

from __future__ import annotations

import re
from dataclasses import dataclass

from monitor.articles import dates
from monitor.articles.dates import Moment
from monitor.articles.metadata import first_specific

_READING_TIME = re.compile(r"\d+\s*min(?:ute)?s?\.?\s*read", re.I)
_COMMENTS = re.compile(r"(?:\bno|\d+) comments?(?: on)?", re.I)
_SEPARATORS = re.compile(r"\s*[,|•·/]\s*")
MAX_TITLE = 200
MAX_META = 400


@dataclass(frozen=True, slots=True)
class Copied:
    """The head of a copied text, and the lines after it."""

    title: str
    published: Moment | None
    section: str | None
    lines: tuple[str, ...]


def read(text: str) -> Copied:
    """Split a copied text into head and lines. The first line is the title if it looks like one."""
    lines = [line for raw in text.splitlines() if (line := " ".join(raw.split()))]
    if len(lines) < 2 or len(lines[0]) > MAX_TITLE or lines[0].endswith((".", ":", ",")):
        return Copied("", None, None, tuple(lines))
    title = lines[0]
    head = _meta_line(lines[1], title)
    if head is None:
        return Copied(title, None, None, tuple(lines[1:]))
    published, section = head
    return Copied(title, published, section, tuple(lines[2:]))


def _meta_line(line: str, title: str) -> tuple[Moment | None, str | None] | None:
    """Date and section of a meta line; None when the line is not one.

    The title is removed first: it can be joined to the reading time without a word boundary.
    """
    if len(line) > MAX_META:
        return None
    rest = line.replace(title, " ")
    rest = _READING_TIME.sub(" ", rest)
    rest = _COMMENTS.sub(" ", rest)
    marks = rest != line
    span = dates.written_span(rest)
    if not (marks or span):
        return None
    published = dates.read_written(rest) if span else None
    if span:
        rest = rest[: span[0]] + "," + rest[span[1] :]
    if len(rest.split()) > 10:
        return None
    names = (name.strip(" -–—:") for name in _SEPARATORS.split(rest))
    return published, first_specific(name for name in names if name)
