"""Holds: times when nothing is published or sent, because the database is a restored backup.

A backup does not know what was sent after it was made. So each backup contains an open hold from
the moment it is made: however it is put in place, nothing is sent until a person has decided what
becomes of the gap, which is the time between the making of the backup and its coming into its place
(F116, F117).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update

from monitor.model import DeliveryState
from monitor.store import outbox, rows
from monitor.store.editions import NEWEST_ARTICLE
from monitor.store.leases import FREE
from monitor.store.schema import articles, deliveries, digests, entries, holds, polls

SENT = "sent after a restore, by hand: it waited in the backup of {taken:%Y-%m-%d %H:%M} UTC"
SKIPPED = "may have been sent after the backup of {taken:%Y-%m-%d %H:%M} UTC; not sent again"


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold of a database that was restored from a backup."""

    id: int
    taken: datetime
    """When the backup was made; it contains nothing later."""
    began: datetime
    """When it was put in place; anything later was told by no other database."""


def current(connection: Connection) -> Hold | None:
    """The hold in force; None if messages are sent."""
    return _newest(connection, holds.c.ended.is_(None))


def within(connection: Connection, start: datetime, end: datetime) -> Hold | None:
    """The newest hold of a backup made in [start, end): what is told of then may be a repeat."""
    return _newest(connection, and_(holds.c.taken >= start, holds.c.taken < end))


def skipped(connection: Connection) -> datetime | None:
    """When the backup was made whose gap was last skipped by a person; None if none was."""
    found: datetime | None = connection.scalar(
        select(func.max(holds.c.taken)).where(holds.c.news == "skip")
    )
    return found


def _newest(connection: Connection, which: ColumnElement[bool]) -> Hold | None:
    wanted = select(holds.c.id, holds.c.taken, holds.c.began).where(which)
    row = connection.execute(wanted.order_by(holds.c.id.desc())).first()
    return None if row is None else Hold(row.id, row.taken, row.began or row.taken)


def begin(connection: Connection, taken: datetime) -> None:
    """Begin a hold on all sending; if one is in force, extend it to the later backup.

    That hold may since have been ended in the original database, and what it held may have been
    told.
    """
    held = current(connection)
    if held is None:
        connection.execute(holds.insert().values(taken=taken))
        return
    later = update(holds).where(holds.c.id == held.id)
    connection.execute(later.values(taken=max(taken, held.taken)))


def enter(connection: Connection, now: datetime, *, anew: bool = False) -> None:
    """Record that a backup is in its place; `anew`: even if it was in another place before."""
    here = update(holds).where(holds.c.ended.is_(None))
    if not anew:
        here = here.where(holds.c.began.is_(None))
    connection.execute(here.values(began=now))


def newest_sign(connection: Connection) -> datetime | None:
    """The latest time recorded in the database; the backup was made no earlier than that."""
    times = (polls.c.at, entries.c.first_seen, deliveries.c.created, deliveries.c.ended)
    signs = [connection.scalar(select(func.max(column))) for column in times]
    return max((sign for sign in signs if sign is not None), default=None)


def open_messages(connection: Connection, hold: Hold) -> int:
    """How many messages were waiting or being sent when the backup was made."""
    return rows.how_many(connection, deliveries, _open(hold))


def _open(hold: Hold) -> ColumnElement[bool]:
    return and_(deliveries.c.state.in_(outbox.OPEN), deliveries.c.created <= hold.taken)


def settle(connection: Connection, hold: Hold, send: bool, now: datetime) -> None:
    """Send or give up the messages that were open when the backup was made.

    Those given up are marked as expired, where `deliveries retry` finds them.
    """
    if send:
        outbox.by_hand(connection, _open(hold), SENT.format(taken=hold.taken), now)
        return
    given_up: dict[str, Any] = {
        "state": DeliveryState.EXPIRED.value,
        "due": None,
        **FREE,
        "ended": now,
        "why": SKIPPED.format(taken=hold.taken),
    }
    connection.execute(update(deliveries).where(_open(hold)).values(**given_up))


def file_away(connection: Connection, hold: Hold) -> None:
    """Make entries count by their own dates if the gap may already have told them.

    These are the entries that feeds had when they were first polled after the backup, which are to
    the gap what its archive is to a new feed, and the entries not yet read when the backup was
    made. For feeds that have not answered yet, see `feeds.record`.
    """
    found = (
        select(polls.c.feed_id, func.min(polls.c.at).label("at"))
        .where(polls.c.at > hold.taken, polls.c.outcome != "failed")
        .group_by(polls.c.feed_id)
        .subquery()
    )
    stood = (
        select(entries.c.id, entries.c.article_id)
        .join_from(entries, found, found.c.feed_id == entries.c.feed_id, isouter=True)
        .where(
            entries.c.first_seen > hold.taken,
            or_(found.c.at.is_(None), entries.c.first_seen <= found.c.at),
        )
    )
    unread = and_(entries.c.due.is_not(None), entries.c.first_seen <= hold.taken)
    of_articles = articles.c.id.in_(select(stood.subquery().c.article_id))
    since = update(articles).where(articles.c.first_seen > hold.taken, of_articles)
    connection.execute(since.values(baseline=True))
    these = or_(entries.c.id.in_(select(stood.subquery().c.id)), unread)
    connection.execute(update(entries).where(these).values(baseline=True))


def in_gap(connection: Connection, hold: Hold, ids: Sequence[int]) -> set[int]:
    """Those articles that may have been told in the gap; call after `file_away`."""
    before = or_(articles.c.published.is_(None), articles.c.published <= hold.began)
    which = or_(articles.c.first_seen <= hold.taken, and_(articles.c.baseline, before))
    found = rows.of_many(connection, select(articles.c.id).where(which), articles.c.id, ids)
    return {row["id"] for row in found}


def end(connection: Connection, hold: Hold, *, news: str, messages: str, now: datetime) -> None:
    """End a hold. If its gap is skipped, every digest begins anew after it."""
    if news == "skip":
        began = {"covered_until": hold.began, "started": hold.began}
        anew = began | {"newest_article": NEWEST_ARTICLE}
        behind = update(digests).where(digests.c.covered_until <= hold.began)
        connection.execute(behind.values(**anew))
    values = {"ended": now, "news": news, "messages": messages}
    connection.execute(update(holds).where(holds.c.id == hold.id).values(**values))
