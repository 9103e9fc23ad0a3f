"""How many pages of a host each line of text stood on: the counts its furniture is learned from.

The table is bounded: a line that is rare and has not been seen for a while is forgotten, so that a
host never has more lines here than stood on its last pages.
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
"""A line seen on fewer than MIN_PAGES pages is forgotten after so many pages without it."""
KNOWN_FOR = 400
"""Any other line is forgotten after so many pages without it."""
SWEEP = 20
"""How many pages of a host are counted between two rounds of forgetting."""


@dataclass(frozen=True, slots=True)
class Text:
    """The lines of one page's text that are counted."""

    host: str
    lines: Mapping[int, str]
    """The text's `articles.furniture.lines_of`: hash -> line."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A host's lines that stood on MIN_PAGES pages or more, and its number of pages."""

    pages: int
    lines: tuple[Seen, ...]


def counted(connection: Connection, hosts: Sequence[str]) -> dict[str, Counted]:
    """The counted lines of hosts; a host without recurring lines is left out."""
    lines: dict[str, list[Seen]] = {}
    pages: dict[str, int] = {}
    statement = (
        select(host_lines, host_pages.c.pages.label("all"))
        .join(host_pages, host_pages.c.host == host_lines.c.host)
        .where(host_lines.c.pages >= MIN_PAGES)
    )
    for row in rows.of_many(connection, statement, host_lines.c.host, hosts):
        lines.setdefault(row["host"], []).append(Seen(row["hash"], row["pages"], row["text"]))
        pages[row["host"]] = row["all"]
    return {host: Counted(pages[host], tuple(some)) for host, some in lines.items()}


def count(connection: Connection, texts: Sequence[Text]) -> None:
    """Count the lines of new texts, in the order given.

    A text most of whose lines stood on pages of its host before is a copy or a new version of
    another: it does not count as a page, and only its new lines are counted.
    """
    dialect = connection.dialect.name
    before, known = _pages(connection, texts), _known(connection, texts)
    pages = dict(before)
    lines: list[dict[str, Any]] = []
    for text in texts:
        old = {key for key in text.lines if (text.host, key) in known}
        page = pages.get(text.host, 0) + 1
        if 2 * len(old) > len(text.lines):
            page -= 1
        else:
            old.clear()
        pages[text.host] = page
        known |= {(text.host, key) for key in text.lines}
        lines += (
            {"host": text.host, "hash": key, "text": line[: 2 * LONG], "pages": 1, "last": page}
            for key, line in text.lines.items()
            if key not in old
        )
    if not lines:
        return
    # Always in the same order, so that two processes do not deadlock.
    connection.execute(
        _count_line(dialect), sorted(lines, key=lambda one: (one["host"], one["hash"]))
    )
    counted = sorted({line["host"] for line in lines})
    connection.execute(_count_pages(dialect), [{"host": h, "pages": pages[h]} for h in counted])
    swept = [h for h in counted if pages[h] // SWEEP > before.get(h, 0) // SWEEP]
    if swept:
        connection.execute(_FORGET, [{"of": host, "page": pages[host]} for host in swept])


def _pages(connection: Connection, texts: Sequence[Text]) -> dict[str, int]:
    """Host -> number of pages counted."""
    hosts = sorted({text.host for text in texts})
    locked = select(host_pages).with_for_update()
    found = rows.of_many(connection, locked, host_pages.c.host, hosts)
    return {row["host"]: row["pages"] for row in found}


def _known(connection: Connection, texts: Sequence[Text]) -> set[tuple[str, int]]:
    """(host, hash) of those lines that are counted already."""
    hosts = sorted({text.host for text in texts})
    keys = sorted({key for text in texts for key in text.lines})
    statement = select(host_lines.c.host, host_lines.c.hash).where(host_lines.c.host.in_(hosts))
    found = rows.of_many(connection, statement, host_lines.c.hash, keys)
    return {(row["host"], row["hash"]) for row in found}


@functools.cache
def _count_line(dialect: str) -> Any:
    """Insert a line, or add one to the number of pages it stood on."""
    new = rows.insert(dialect, host_lines)
    changed = {"pages": host_lines.c.pages + 1, "last": new.excluded.last}
    return new.on_conflict_do_update(index_elements=["host", "hash"], set_=changed)


@functools.cache
def _count_pages(dialect: str) -> Any:
    new = rows.insert(dialect, host_pages)
    return new.on_conflict_do_update(index_elements=["host"], set_={"pages": new.excluded.pages})


_kept_for = case((host_lines.c.pages < MIN_PAGES, RARE_FOR), else_=KNOWN_FOR)
_FORGET = delete(host_lines).where(
    host_lines.c.host == bindparam("of"), host_lines.c.last < bindparam("page") - _kept_for
)
