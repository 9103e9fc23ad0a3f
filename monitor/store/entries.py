"""Entries: what feeds state, unaltered, and what became of each."""

from __future__ import annotations

import functools
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Insert,
    RowMapping,
    Select,
    Text,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from monitor.feeds.wavering import CALM, same_words
from monitor.model import Entry, Fate, Feed
from monitor.store import rows
from monitor.store.leases import FREE, Lease, free
from monitor.store.schema import entries, feeds, matches, revisions
from monitor.store.types import Words

Hashed = Sequence[tuple[Entry, str]]
"""Entries, each with its content hash."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """How many entries a poll actually added and changed."""

    new: int
    revised: int


@dataclass(frozen=True, slots=True)
class Job:
    """An entry claimed for ingesting, with everything the step needs to know about it."""

    id: int
    entry: Entry
    feed: Feed
    feed_title: str
    """The feed's own title."""
    first_seen: datetime
    baseline: bool
    reissue_id: int | None
    """The suspected re-issue it came in: its article is withheld."""
    attempts: int
    article_id: int | None
    fate: Fate
    """What became of it when it was last read."""
    content_hash: str
    lease: Lease
    """The lease under which it was claimed."""


Held = tuple[str, str, str]
"""Key, link and content hash of an entry."""


def known(
    connection: Connection, stated: Iterable[tuple[int, Sequence[str], Sequence[str]]]
) -> dict[int, list[Held]]:
    """For each feed number, the entries that have one of the given keys or links.

    `stated`: (feed number, keys, links).
    """
    # A key too long for an index is stored shortened; the caller needs the full one.
    whole: dict[tuple[int, str], str] = {}
    links: list[tuple[int, str]] = []
    for feed_id, some_keys, some_links in stated:
        whole |= {(feed_id, rows.short(key)): key for key in some_keys}
        links += [(feed_id, rows.short(link)) for link in some_links]
    found: defaultdict[int, dict[str, Held]] = defaultdict(dict)
    for column, pairs in (("key", list(whole)), ("link_key", links)):
        if not pairs:
            continue
        question = _having(connection.dialect.name, column)
        for row in connection.execute(question, {"pairs": json.dumps(pairs)}):
            key = whole.get((row.feed_id, row.key), row.key)
            found[row.feed_id][key] = (key, row.link, row.content_hash)
    return {feed_id: list(some.values()) for feed_id, some in found.items()}


@functools.cache
def _having(dialect: str, column: str) -> Select[Any]:
    """Select the entries whose feed and `column` equal one of many pairs.

    The pairs are passed as JSON, so that the statement is the same however many there are, and each
    pair is looked up in the index of feed and column.
    """
    pairs = bindparam("pairs", type_=Text)
    if dialect == "postgresql":
        each = func.jsonb_array_elements(cast(pairs, JSONB))
        asked = each.table_valued(Column("value", JSONB), name="asked")
        feed_id, wanted = asked.c.value[0].astext.cast(BigInteger), asked.c.value[1].astext
    else:
        asked = func.json_each(pairs).table_valued("value", name="asked")
        feed_id, wanted = (func.json_extract(asked.c.value, f"$[{place}]") for place in (0, 1))
    mine = and_(entries.c.feed_id == feed_id, entries.c[column] == wanted)
    what = (entries.c.feed_id, entries.c.key, entries.c.link, entries.c.content_hash)
    return select(*what).join_from(asked, entries, mine)


def of_moments(connection: Connection, feed_id: int, moments: Collection[datetime]) -> list[Entry]:
    """The entries of a feed that say that they were written at one of these times, oldest first."""
    stated = func.coalesce(entries.c.published, entries.c.updated)
    mine = select(entries).where(entries.c.feed_id == feed_id)
    found = rows.of_many(connection, mine, stated, moments)
    return [rows.entry(row) for row in sorted(found, key=lambda row: row["id"])]


@dataclass(frozen=True, slots=True)
class Arrived:
    """The entries of a feed that a poll or a push brought."""

    feed_id: int
    new: Hashed
    revised: Hashed
    baseline: bool
    at: datetime
    reissue_id: int | None = None
    """The suspected re-issue in which the new ones came."""


def record(connection: Connection, arrived: Sequence[Arrived]) -> list[Recorded]:
    """Add new entries (due at once) and update revised ones, keeping their previous versions."""
    added = _add(connection, arrived)
    return [
        Recorded(
            new,
            sum(
                _revise(connection, one.feed_id, entry, digest, one.at)
                for entry, digest in one.revised
            ),
        )
        for one, new in zip(arrived, added, strict=True)
    ]


def _add(connection: Connection, arrived: Sequence[Arrived]) -> list[int]:
    """For each poll, how many of its new entries were not known yet: nearly always all of them.

    One statement serves many feeds. Only if it skipped some are the added ones counted per feed;
    with a savepoint to return to, SQLite would write each page twice.
    """
    values = [_values(one) for one in arrived]
    every = [row for some in values for row in some]
    if not every:
        return [0] * len(arrived)
    last = connection.scalar(select(func.max(entries.c.id))) or 0
    if _insert_new(connection, every) == len(every):
        return [len(some) for some in values]
    of_feed = (
        select(entries.c.feed_id, func.count())
        .where(entries.c.id > last, entries.c.feed_id.in_({one.feed_id for one in arrived}))
        .group_by(entries.c.feed_id)
    )
    added: dict[int, int] = {row[0]: row[1] for row in connection.execute(of_feed)}
    # If two are for the same feed, the first is credited with its additions.
    return [added.pop(one.feed_id, 0) for one in arrived]


def _values(arrived: Arrived) -> list[dict[str, Any]]:
    common = {
        "feed_id": arrived.feed_id,
        "first_seen": arrived.at,
        "due": arrived.at,
        "baseline": arrived.baseline,
        "reissue_id": arrived.reissue_id,
    }
    return [
        rows.entry_columns(entry) | common | {"content_hash": digest}
        for entry, digest in arrived.new
    ]


def _insert_new(connection: Connection, values: Sequence[dict[str, Any]]) -> int:
    """Insert entries, leaving existing ones alone; return how many were added."""
    insert = _insert(connection.dialect.name)
    return connection.execute(insert, values, execution_options=_COUNTED).rowcount


_COUNTED = {"preserve_rowcount": True}
"""SQLAlchemy counts the rows of a multi-value insert only when told to."""


@functools.cache
def _insert(dialect: str) -> Insert:
    """An INSERT of entries that leaves existing ones alone."""
    return rows.insert_new(dialect, entries, "feed_id", "key")


def _revise(connection: Connection, feed_id: int, entry: Entry, digest: str, now: datetime) -> bool:
    mine = (entries.c.feed_id == feed_id) & (entries.c.key == rows.short(entry.key))
    before = connection.execute(select(entries).where(mine)).mappings().one_or_none()
    if before is None or before["content_hash"] == digest:
        return False
    values = rows.entry_columns(entry) | {"content_hash": digest}
    values["shares_page"] = entry.shares_page or before["shares_page"]
    if entry.link == before["link"] and same_words(rows.entry(before), entry):
        # Nothing for a reader, and no reason to request the page again.
        connection.execute(update(entries).where(mine).values(**values))
        return False
    if waits := _unrest(connection, before, digest, now):
        # Stored, as a document that stays the same from now on is not read again.
        values["due"] = before["due"] or waits
        values["fate_why"] = _with(before["fate_why"], TOO_OFTEN)
        connection.execute(update(entries).where(mine).values(**values))
        return False
    kept = ("title", "link", "summary_html", "content_html", "content_hash")
    connection.execute(
        revisions.insert().values(
            entry_id=before["id"], at=now, **{name: before[name] for name in kept}
        )
    )
    connection.execute(update(entries).where(mine).values(**values, due=now))
    return True


TOO_OFTEN = "its feed changes its words too often: the last ones are read later"
"""Why an entry is read again at a later time."""


def _with(why: str, more: str) -> str:
    return why if more in why else "; ".join(filter(None, (why, more)))


WAVERED = 2
"""A text to which an entry has returned this often within `CALM` waits (F48); while one waits, so
does every text that it had before."""
TICKED = 8
"""So many texts under one title within `CALM` are recorded; those after them wait (P47)."""


def _unrest(
    connection: Connection, before: RowMapping, digest: str, now: datetime
) -> datetime | None:
    """When the next text is read, if an entry has changed it too often lately; None: at once.

    It may go back and forth between two texts, or keep its title and never have the same text: one
    that states how often it was read, or how long ago it was written.
    """
    recent = (revisions.c.entry_id == before["id"], revisions.c.at > now - CALM)
    title = digest.partition(".")[0] + "."
    some_wait = before["due"] is not None and TOO_OFTEN in before["fate_why"]
    limits = [(1 if some_wait else WAVERED, revisions.c.content_hash == digest)]
    if before["content_hash"].startswith(title):
        limits.append((TICKED, revisions.c.content_hash.startswith(title)))
    for most, alike in limits:
        counted = select(func.count(), func.min(revisions.c.at)).where(*recent, alike)
        many, first = connection.execute(counted).one()
        if many >= most:
            since: datetime = first
            return since + CALM
    return None


def due(connection: Connection, now: datetime, limit: int = 1000, of_feed: int = 10) -> list[int]:
    """Numbers of the entries that wait to be ingested, oldest first, a few of each feed.

    A few of each, because the pages of one feed are on one host and are fetched one by one.
    """
    place = func.row_number().over(
        partition_by=entries.c.feed_id, order_by=(entries.c.due, entries.c.id)
    )
    waiting = (
        select(entries.c.id, entries.c.due, place.label("place"))
        .where(entries.c.due <= now, free(entries, now))
        .subquery()
    )
    statement = (
        select(waiting.c.id)
        .where(waiting.c.place <= of_feed)
        .order_by(waiting.c.due, waiting.c.id)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def addresses(connection: Connection, ids: Sequence[int]) -> list[tuple[int, str, str]]:
    """(number, link, feed's address) of these entries, in the given order."""
    columns = (entries.c.id, entries.c.link, feeds.c.url)
    statement = select(*columns).join(feeds, feeds.c.id == entries.c.feed_id)
    found = {
        row["id"]: (row["id"], row["link"], row["url"])
        for row in rows.of_many(connection, statement, entries.c.id, ids)
    }
    return [found[number] for number in ids if number in found]


def claim(connection: Connection, ids: Sequence[int], now: datetime, lease: Lease) -> list[Job]:
    """Claim entries for ingesting, leaving out those no longer due or claimed by others."""
    taken: list[int] = []
    for chunk in rows.chunks(ids):
        statement = (
            update(entries)
            .where(entries.c.id.in_(chunk), entries.c.due <= now, free(entries, now))
            .values(**lease.columns)
            .returning(entries.c.id)
        )
        taken += connection.scalars(statement)
    return [job for chunk in rows.chunks(taken) for job in _jobs(connection, chunk, lease)]


def held(connection: Connection, jobs: Iterable[Job]) -> set[int]:
    """Numbers of the entries still claimed under the leases of these jobs.

    A claim that ran out, or was ended on behalf of another owner, no longer entitles us to write:
    the entry may have been read again since. The rows are locked until the commit.
    """
    by_lease: defaultdict[Lease, list[int]] = defaultdict(list)
    for job in jobs:
        by_lease[job.lease].append(job.id)
    ours: set[int] = set()
    for lease, ids in by_lease.items():
        mine = (entries.c.lease_owner == lease.owner) & (entries.c.lease_until == lease.until)
        locked = select(entries.c.id).where(mine).order_by(entries.c.id).with_for_update()
        found = rows.of_many(connection, locked, entries.c.id, sorted(ids))
        ours.update(row["id"] for row in found)
    return ours


def _jobs(connection: Connection, ids: Sequence[int], lease: Lease) -> list[Job]:
    statement = select(entries).where(entries.c.id.in_(ids)).order_by(entries.c.id)
    claimed = connection.execute(statement).mappings().all()
    # Each feed once, without its state: a batch has many entries of a few feeds.
    numbers = sorted({row["feed_id"] for row in claimed})
    of = {row["id"]: row for row in rows.of_many(connection, _FEED, feeds.c.id, numbers)}
    stated = {number: (rows.feed(row), row["title"]) for number, row in of.items()}
    return [
        Job(
            id=row["id"],
            entry=rows.entry(row),
            feed=stated[row["feed_id"]][0],
            feed_title=stated[row["feed_id"]][1],
            first_seen=row["first_seen"],
            baseline=row["baseline"],
            reissue_id=row["reissue_id"],
            attempts=row["attempts"],
            article_id=row["article_id"],
            fate=Fate(row["fate"]),
            content_hash=row["content_hash"],
            lease=lease,
        )
        for row in claimed
    ]


_FEED = select(*(feeds.c[name] for name in (*rows.PLAIN_FEED, "tags", "title")))


def of_article(connection: Connection, article_id: int) -> tuple[int, Entry] | None:
    """The entry that became this article, and its feed's number."""
    mine = (entries.c.article_id == article_id, entries.c.fate == Fate.ARTICLE.value)
    wanted = select(entries).where(*mine).order_by(entries.c.id).limit(1)
    row = connection.execute(wanted).mappings().one_or_none()
    return (row["feed_id"], rows.entry(row)) if row else None


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of an entry."""

    entry_id: int
    fate: Fate
    why: str = ""
    article_id: int | None = None
    attempts: int = 0
    due: datetime | None = None
    """When to look at it again."""
    said: str | None = None
    """Content hash of what was read; if the feed has revised the entry meanwhile, it keeps the due
    time set by the revision.
    """


_said = func.coalesce(bindparam("said", type_=Words), entries.c.content_hash)
_SETTLE = (
    update(entries)
    .where(entries.c.id == bindparam("entry_id"))
    .values(
        fate=bindparam("fate"),
        fate_why=bindparam("why"),
        article_id=bindparam("article"),
        attempts=bindparam("tried"),
        due=case(
            (entries.c.content_hash == _said, bindparam("again", type_=entries.c.due.type)),
            else_=entries.c.due,
        ),
        **FREE,
    )
)


def settle(connection: Connection, settled: Sequence[Settled]) -> None:
    """Write what became of entries and release their claims."""
    values = [
        {
            "entry_id": one.entry_id,
            "fate": one.fate.value,
            "why": one.why,
            "article": one.article_id,
            "tried": one.attempts,
            "again": one.due,
            "said": one.said,
        }
        for one in settled
    ]
    if values:
        connection.execute(_SETTLE, values)


@dataclass(frozen=True, slots=True)
class Brought:
    """An entry in brief, with what became of it."""

    id: int
    title: str
    first_seen: datetime
    fate: str
    fate_why: str
    article_id: int | None


def of_feed(connection: Connection, feed_id: int, limit: int) -> list[Brought]:
    """The latest entries of a feed, newest first."""
    # The index on the feed's keys contains the numbers, so no table row is read here.
    newest = (
        select(entries.c.id)
        .where(entries.c.feed_id == feed_id)
        .order_by((entries.c.id + 0).desc())
        .limit(limit)
    )
    ids = list(connection.scalars(newest))
    named = (entries.c.id, entries.c.title, entries.c.first_seen)
    became = (final_fate(), entries.c.fate_why, entries.c.article_id)
    statement = select(*named, *became).where(entries.c.id.in_(ids))
    return [Brought(*row) for row in connection.execute(statement.order_by(entries.c.id.desc()))]


def unread(
    connection: Connection, start: datetime, end: datetime, limit: int
) -> list[tuple[str, str]]:
    """(title, why) of unreadable entries first seen in that time, newest first."""
    statement = (
        select(entries.c.title, entries.c.fate_why)
        .where(
            entries.c.first_seen > start,
            entries.c.first_seen <= end,
            entries.c.fate == Fate.UNREADABLE.value,
        )
        .order_by(entries.c.first_seen.desc(), entries.c.id.desc())
        .limit(limit)
    )
    return [(row.title, row.fate_why) for row in connection.execute(statement)]


def waiting(connection: Connection) -> int:
    """How many entries wait to be read for the first time, now or later."""
    new = (entries.c.due.is_not(None), entries.c.fate == Fate.NEW.value)
    return rows.how_many(connection, entries, *new)


FATES = ("new", "duplicate", "unreadable", "matched", "unmatched")
"""The possible fates of an entry, as shown to people."""


def final_fate() -> ColumnElement[str]:
    """The fate of an entry as shown to people: an article is matched or unmatched."""
    matched = exists().where(matches.c.article_id == entries.c.article_id)
    return case(
        (entries.c.fate != Fate.ARTICLE.value, entries.c.fate),
        (matched, "matched"),
        else_="unmatched",
    )


def fates(connection: Connection) -> dict[str, int]:
    """How many entries have each fate, as shown to people; they add up to all entries."""
    told = select(final_fate().label("fate")).select_from(entries).subquery()
    return rows.tally(connection, told.c.fate)
