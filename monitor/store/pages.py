"""Kept rows, one page at a time, for programs that follow them.

A page begins after the place where the last one ended (a key, not a count), so that rows which
arrive meanwhile neither shift what follows nor make anything appear twice. A client that reads from
the oldest on and comes back later sees every row once: a row is shown only when no row can still
arrive that belongs before it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)

from monitor.store import export, outbox, rows
from monitor.store.editions import Published, published, without_bodies
from monitor.store.entries import final_fate
from monitor.store.schema import (
    articles,
    deliveries,
    editions,
    entries,
    matches,
    stories,
)

T = TypeVar("T")
V = TypeVar("V")
Place = tuple[Any, ...]
"""The key of a row in its order."""

SETTLED = timedelta(minutes=1)
"""How old a match must be before it is shown: it is ordered by the time it was found but written
later, as the writer may wait up to half a minute for other processes.
"""
MOST_TEXT = 4_000_000
"""A page of articles ends early when their texts exceed this many characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Which rows are wanted, and where the page begins."""

    limit: int
    oldest: bool = False
    """Begin with the oldest; otherwise with the newest."""
    after: Place | None = None
    """Begin after this place."""
    since: datetime | None = None
    until: datetime | None = None
    """Within this time, both ends included."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """The rows of a page, the place of the last one, and whether there are more rows.

    Without rows, the place is the one asked for.
    """

    rows: Sequence[T]
    last: Place | None
    more: bool

    def each(self, make: Callable[[T], V]) -> Found[V]:
        """The same page with each row converted by `make`."""
        return Found([make(row) for row in self.rows], self.last, self.more)


# ------------------------------------------------------------------------------- of one table


def entries_of(
    connection: Connection, page: Page, *, feed: int | None = None, fate: str | None = None
) -> Found[export.EntryLine]:
    """Entries in the order in which they arrived."""
    statement = _within(export.entries_wanted(), entries.c.first_seen, page)
    if feed is not None:
        statement = statement.where(entries.c.feed_id == feed)
    if fate is not None:
        statement = statement.where(final_fate() == fate)
    return _by_id(connection, statement, entries.c.id, page).each(export.entry_line)


def articles_of(
    connection: Connection,
    page: Page,
    *,
    watchlist: str | None = None,
    feed: int | None = None,
    text: bool = False,
) -> Found[export.ArticleLine]:
    """Articles in the order in which they were made; with `text`, as many as fit."""
    size = func.length(articles.c.text).label("size")
    statement = _within(select(articles.c.id, size), articles.c.first_seen, page)
    statement = statement.where(*_of(watchlist, feed))
    keys = _by_id(connection, statement, articles.c.id, page)
    if text:
        keys = _fitting(keys)
    wanted = export.articles_wanted(text=text).where(
        articles.c.id.in_([k["id"] for k in keys.rows])
    )
    found = {row["id"]: row for row in connection.execute(wanted).mappings()}
    return keys.each(lambda key: export.article_line(found[key["id"]]))


def _fitting(keys: Found[rows.Row]) -> Found[rows.Row]:
    """As many rows as fit by the size of their texts, but at least one."""
    room = MOST_TEXT
    for count, key in enumerate(keys.rows):
        room -= key["size"]
        if room < 0 and count:
            return Found(keys.rows[:count], (keys.rows[count - 1]["id"],), True)
    return keys


def stories_of(connection: Connection, page: Page, *, watchlist: str | None = None) -> Found[int]:
    """Numbers of stories in the order they were opened, limited to those told within the time."""
    member = and_(articles.c.story_id == stories.c.id, *_of(watchlist, None))
    statement = select(stories.c.id).where(exists().where(member))
    if page.since is not None:
        statement = statement.where(stories.c.last_at >= page.since)
    if page.until is not None:
        statement = statement.where(stories.c.first_at <= page.until)
    return _by_id(connection, statement, stories.c.id, page).each(lambda row: int(row["id"]))


def editions_of(connection: Connection, page: Page, *, digest: str | None) -> Found[Published]:
    """Editions in the order in which they were published, without their contents."""
    statement = _within(without_bodies(), editions.c.published, page)
    if digest is not None:
        statement = statement.where(editions.c.digest == digest)
    return _by_id(connection, statement, editions.c.id, page).each(published)


def deliveries_of(
    connection: Connection, page: Page, *, states: Sequence[str] = (), digest: str | None = None
) -> Found[outbox.Listed]:
    """Deliveries in the order in which they were made, without message bodies."""
    statement = _within(outbox.without_bodies(), deliveries.c.created, page)
    if states:
        statement = statement.where(deliveries.c.state.in_(states))
    if digest is not None:
        statement = statement.where(editions.c.digest == digest)
    return _by_id(connection, statement, deliveries.c.id, page).each(outbox.listed)


def _of(watchlist: str | None, feed: int | None) -> list[ColumnElement[bool]]:
    """Conditions on an article: it matches the watchlist, an entry of the feed brought it."""
    wanted: list[ColumnElement[bool]] = []
    if watchlist is not None:
        mine = (matches.c.article_id == articles.c.id) & (matches.c.watchlist == watchlist)
        wanted.append(exists().where(mine))
    if feed is not None:
        brought = (entries.c.article_id == articles.c.id) & (entries.c.feed_id == feed)
        wanted.append(exists().where(brought))
    return wanted


def _within(statement: Select[Any], at: ColumnElement[datetime], page: Page) -> Select[Any]:
    if page.since is not None:
        statement = statement.where(at >= page.since)
    if page.until is not None:
        statement = statement.where(at <= page.until)
    return statement


def _by_id(connection: Connection, statement: Select[Any], key: Any, page: Page) -> Found[rows.Row]:
    """A page in the order of a table's numbers.

    A number is assigned when a row is written, not when it is committed. On SQLite one transaction
    writes at a time. On PostgreSQL, when reading from the oldest on, the page ends before the first
    row whose transaction is no older than one still running, because that one may yet commit a
    lower number.
    """
    if page.oldest and connection.dialect.name == "postgresql":
        running = "age(pg_snapshot_xmin(pg_current_snapshot())::xid)"
        unsettled = f"age({key.table.name}.xmin) BETWEEN 0 AND {running}"
        statement = statement.add_columns(literal_column(unsettled).label("unsettled"))
    if page.after is not None:
        [place] = page.after
        statement = statement.where(key > place if page.oldest else key < place)
    ordered = statement.order_by(key if page.oldest else key.desc()).limit(page.limit + 1)
    found: list[Any] = list(connection.execute(ordered.add_columns(key.label("_key"))).mappings())
    settled = next((n for n, row in enumerate(found) if row.get("unsettled")), len(found))
    shown = found[: min(settled, page.limit)]
    last = (shown[-1]["_key"],) if shown else page.after
    return Found(shown, last, len(found) > page.limit)


# ------------------------------------------------------------------------------------ matches


def matches_of(
    connection: Connection,
    page: Page,
    now: datetime,
    *,
    watchlist: str | None = None,
    feed: int | None = None,
) -> Found[export.MatchedLine]:
    """Matches in the order they were found; when reading from the oldest on, only SETTLED ones."""
    names = [watchlist] if watchlist is not None else _watchlists(connection)
    wanted = export.matches_wanted().where(*_of(None, feed))
    if page.oldest:
        until = now - SETTLED
        page = replace(page, until=min(page.until or until, until))
    found = [row for name in names for row in _matches(connection, wanted, name, page)]
    found.sort(key=_place_of_match, reverse=not page.oldest)
    shown = found[: page.limit]
    last = _place_of_match(shown[-1]) if shown else page.after
    return Found([export.matched_line(row) for row in shown], last, len(found) > page.limit)


def _place_of_match(row: rows.Row) -> Place:
    return row["matched"], row["article"], row["watchlist"]


def _matches(
    connection: Connection, statement: Select[Any], watchlist: str, page: Page
) -> Iterable[rows.Row]:
    """The matches of one watchlist: there is an index for each one, but none for all together."""
    statement = statement.where(matches.c.watchlist == watchlist)
    statement = _within(statement, matches.c.matched, page)
    key = (matches.c.matched, matches.c.article_id)
    if page.after is not None:
        matched, article, of = page.after
        at = tuple_(*key)
        place = tuple_(literal(matched, matches.c.matched.type), literal(article))
        # Matches of the same moment and article are ordered by the watchlist's name.
        if page.oldest:
            statement = statement.where(at >= place if watchlist > of else at > place)
        else:
            statement = statement.where(at <= place if watchlist < of else at < place)
    order = key if page.oldest else tuple(column.desc() for column in key)
    return connection.execute(statement.order_by(*order).limit(page.limit + 1)).mappings().all()


def _watchlists(connection: Connection) -> list[str]:
    """The watchlists that ever matched, each found by one index look-up."""
    found: list[str] = []
    name = connection.scalar(select(func.min(matches.c.watchlist)))
    while name is not None:
        found.append(name)
        following = select(func.min(matches.c.watchlist)).where(matches.c.watchlist > name)
        name = connection.scalar(following)
    return found
