"""Re-issues: documents that seem to tell a feed's archive as new, and what a person says of them.

Their entries are read like any others, but their articles join no story until they are released, so
that no digest, alert or feed of ours tells them (F53, docs/design/feeds.md).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, exists, func, select, update

from monitor.store.rows import how_many
from monitor.store.schema import articles, entries, feeds, matches, reissues

TELL, SKIP = "tell", "skip"


@dataclass(frozen=True, slots=True)
class Reissue:
    """A document of a feed that is withheld."""

    id: int
    at: datetime
    entries: int
    why: str


def suspect(connection: Connection, feed_id: int, number: int, why: str, now: datetime) -> int:
    """Record a suspected re-issue of `number` entries; return its number."""
    statement = reissues.insert().values(feed_id=feed_id, at=now, entries=number, why=why)
    return int(connection.execute(statement.returning(reissues.c.id)).scalar_one())


def waiting(connection: Connection) -> Mapping[int, Sequence[Reissue]]:
    """Feed -> its re-issues that nobody has released, oldest first."""
    columns = (reissues.c.id, reissues.c.at, reissues.c.entries, reissues.c.why)
    statement = select(reissues.c.feed_id, *columns).where(_WAITS).order_by(reissues.c.id)
    found: defaultdict[int, list[Reissue]] = defaultdict(list)
    for feed_id, *columns_of in connection.execute(statement):
        found[feed_id].append(Reissue(*columns_of))
    return found


_WAITS = reissues.c.released.is_(None)


def feeds_waiting() -> Select[tuple[int]]:
    """The numbers of the feeds that have unreleased re-issues."""
    return select(reissues.c.feed_id).where(_WAITS)


@dataclass(frozen=True, slots=True)
class Titled:
    """A withheld entry in brief."""

    title: str
    link: str
    published: datetime | None


def titles(connection: Connection, reissue_id: int, most: int) -> list[Titled]:
    """The first entries of a re-issue, for a person to judge by."""
    columns = (entries.c.title, entries.c.link, entries.c.published)
    mine = select(*columns).where(entries.c.reissue_id == reissue_id)
    return [Titled(*row) for row in connection.execute(mine.order_by(entries.c.id).limit(most))]


def told(connection: Connection, ids: Collection[int]) -> set[int]:
    """Those re-issues that a person released with `tell`: what still comes of them is news too.

    They are locked against release until the transaction ends; otherwise what is being read now
    would be withheld for ever.
    """
    if not ids:
        return set()
    mine = select(reissues.c.id, reissues.c.news).where(reissues.c.id.in_(ids))
    found = connection.execute(mine.order_by(reissues.c.id).with_for_update(read=True))
    return {row.id for row in found if row.news == TELL}


@dataclass(frozen=True, slots=True)
class Released:
    """What a release did."""

    entries: int
    matched: int
    """How many of their articles match a watchlist."""


def release(connection: Connection, feed_id: int, news: str, now: datetime) -> Released:
    """Release what is withheld of a feed: tell it (TELL), or treat it as told (SKIP).

    What is told is news as of now: it counts as matched now and waits for its story. So each
    digest's next edition has it, however long it was withheld.
    """
    mine = select(reissues.c.id).where(reissues.c.feed_id == feed_id, _WAITS)
    ids = list(connection.scalars(mine.with_for_update()))
    of_these = articles.c.reissue_id.in_(ids)
    matched = exists().where(matches.c.article_id == articles.c.id)
    number = how_many(connection, articles, of_these, matched)
    if news == TELL:
        of_articles = matches.c.article_id.in_(select(articles.c.id).where(of_these))
        connection.execute(update(matches).where(of_articles).values(matched=now, rematched=False))
        connection.execute(update(articles).where(of_these, matched).values(group_due=now))
        connection.execute(update(articles).where(of_these).values(reissue_id=None))
        spoken = update(feeds).where(feeds.c.id == feed_id)
        connection.execute(spoken.values(last_news=now))
    count = select(func.sum(reissues.c.entries)).where(reissues.c.id.in_(ids))
    brought = connection.scalar(count)
    said = update(reissues).where(reissues.c.id.in_(ids))
    connection.execute(said.values(released=now, news=news))
    return Released(int(brought or 0), number)
