"""How often each line of text stood on the pages of a host: what its furniture is learned from.

Bounded: a line that is rare and has not been seen for a while is forgotten, so that a host never
has more lines here than stood on its last pages.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, case, delete, select

from monitor.articles.furniture import LONG, MIN_PAGES, Seen
from monitor.store import rows
from monitor.store.schema import host_lines, host_pages

RARE_FOR = 60
"""A line that stood on fewer than MIN_PAGES pages is forgotten after so many pages without it."""
KNOWN_FOR = 400
"""Every other line after so many."""
SWEEP = 20
"""Pages of a host from one forgetting to the next."""


@dataclass(frozen=True, slots=True)
class Text:
    """The text of one page, as far as it is counted."""

    host: str
    text_hash: str
    """Two pages with the same text, one after the other, are one page."""
    lines: Mapping[int, str]
    """`articles.furniture.lines_of` the text."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The lines of a host that stood on MIN_PAGES pages or more, and how many pages it has."""

    pages: int
    lines: tuple[Seen, ...]


def counted(connection: Connection, hosts: Sequence[str]) -> dict[str, Counted]:
    """What is known of hosts; a host without a line that recurs is left out."""
    lines: dict[str, list[Seen]] = {}
    pages: dict[str, int] = {}
    for chunk in rows.chunks(hosts):
        statement = (
            select(host_lines, host_pages.c.pages.label("all"))
            .join(host_pages, host_pages.c.host == host_lines.c.host)
            .where(host_lines.c.host.in_(chunk), host_lines.c.pages >= MIN_PAGES)
        )
        for row in connection.execute(statement):
            lines.setdefault(row.host, []).append(Seen(row.hash, row.pages, row.text))
            pages[row.host] = row.all
    return {host: Counted(pages[host], tuple(some)) for host, some in lines.items()}


def count(connection: Connection, texts: Sequence[Text]) -> None:
    """Count the lines of new texts, in their order."""
    dialect = connection.dialect.name
    known = _pages(connection, sorted({text.host for text in texts}))
    counted: dict[str, tuple[int, str]] = {}
    lines: list[dict[str, Any]] = []
    swept: list[dict[str, Any]] = []
    for text in texts:
        pages, last_text = counted.get(text.host) or known.get(text.host) or (0, "")
        if text.text_hash == last_text:
            continue  # a copy
        page = pages + 1
        counted[text.host] = page, text.text_hash
        lines += (
            {"host": text.host, "hash": key, "text": line[: 2 * LONG], "pages": 1, "last": page}
            for key, line in text.lines.items()
        )
        if page % SWEEP == 0:
            swept.append({"of": text.host, "page": page})
    if lines:
        connection.execute(_count_line(dialect), lines)
    if counted:
        values = [
            {"host": host, "pages": n, "last_text": text} for host, (n, text) in counted.items()
        ]
        connection.execute(_count_pages(dialect), values)
    if swept:
        connection.execute(_FORGET, swept)


def _pages(connection: Connection, hosts: Sequence[str]) -> dict[str, tuple[int, str]]:
    """Host -> how many pages were counted, and the hash of the last one's text."""
    found: dict[str, tuple[int, str]] = {}
    for chunk in rows.chunks(hosts):
        statement = select(host_pages).where(host_pages.c.host.in_(chunk))
        found |= {row.host: (row.pages, row.last_text) for row in connection.execute(statement)}
    return found


@functools.cache
def _count_line(dialect: str) -> Any:
    """Add a line, or one more page to those on which it stood."""
    new = rows.insert(dialect, host_lines)
    changed = {"pages": host_lines.c.pages + 1, "last": new.excluded.last}
    return new.on_conflict_do_update(index_elements=["host", "hash"], set_=changed)


@functools.cache
def _count_pages(dialect: str) -> Any:
    new = rows.insert(dialect, host_pages)
    changed = {"pages": new.excluded.pages, "last_text": new.excluded.last_text}
    return new.on_conflict_do_update(index_elements=["host"], set_=changed)


_kept_for = case((host_lines.c.pages < MIN_PAGES, RARE_FOR), else_=KNOWN_FOR)
_FORGET = delete(host_lines).where(
    host_lines.c.host == bindparam("of"), host_lines.c.last < bindparam("page") - _kept_for
)
