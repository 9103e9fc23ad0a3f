"""Holds: times in which nothing is published or sent, because the database is a restored copy.

A copy does not know what was sent after it was made. So each copy carries an open hold from the
moment of its making: however it comes into its place, nothing goes out until a person has said
what is to become of the gap (F116, F117).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from monitor.model import DeliveryState
from monitor.store import outbox
from monitor.store.schema import articles, deliveries, digests, entries, holds, polls

SKIPPED = "may have been sent after the copy of {taken:%Y-%m-%d %H:%M} UTC was made; not sent again"


@dataclass(frozen=True, slots=True)
class Hold:
    """The database was restored from a copy that was made at `taken`."""

    id: int
    taken: datetime
    ended: datetime | None = None
    """None: nothing is published or sent."""


def current(connection: Connection) -> Hold | None:
    """The hold that is on; None: messages are sent."""
    return _newest(connection, holds.c.ended.is_(None))


def within(connection: Connection, start: datetime, end: datetime) -> Hold | None:
    """The newest hold whose copy was made in [start, end): what is told of then may be a repeat."""
    return _newest(connection, and_(holds.c.taken >= start, holds.c.taken < end))


def _newest(connection: Connection, which: ColumnElement[bool]) -> Hold | None:
    wanted = select(holds.c.id, holds.c.taken, holds.c.ended).where(which)
    row = connection.execute(wanted.order_by(holds.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else Hold(row.id, row.taken, row.ended)


def begin(connection: Connection, taken: datetime) -> bool:
    """Hold all sending; False: it is held already, and that hold's gap is the longer one."""
    if current(connection) is not None:
        return False
    connection.execute(holds.insert().values(taken=taken))
    return True


def newest_sign(connection: Connection) -> datetime | None:
    """When anything was last written that is kept: no earlier than then a copy was made."""
    times = (polls.c.at, entries.c.first_seen, deliveries.c.created, deliveries.c.ended)
    signs = [connection.scalar(select(func.max(column))) for column in times]
    return max((sign for sign in signs if sign is not None), default=None)


def open_messages(connection: Connection, hold: Hold) -> int:
    """How many messages waited, or were being sent, when the copy was made."""
    return connection.scalar(select(func.count()).where(_open(hold))) or 0


def skipped(connection: Connection) -> datetime | None:
    """When the copy was made whose gap a person skipped last; None: none was."""
    found: datetime | None = connection.scalar(
        select(func.max(holds.c.taken)).where(holds.c.news == "skip")
    )
    return found


def _open(hold: Hold) -> ColumnElement[bool]:
    return and_(deliveries.c.state.in_(outbox.OPEN), deliveries.c.created <= hold.taken)


def settle(connection: Connection, hold: Hold, send: bool, now: datetime) -> int:
    """Make the messages due that the copy knows as not sent, or give them up; returns how many.

    Those that are given up stand as expired, where `deliveries retry` finds them.
    """
    if send:
        why = f"sent after a restore, by hand: the copy of {hold.taken:%Y-%m-%d %H:%M} has it open"
        return len(outbox.by_hand(connection, _open(hold), why, now))
    given_up: dict[str, Any] = {
        "state": DeliveryState.EXPIRED.value,
        "due": None,
        "lease_until": None,
        "lease_owner": None,
        "ended": now,
        "why": SKIPPED.format(taken=hold.taken),
    }
    return connection.execute(update(deliveries).where(_open(hold)).values(**given_up)).rowcount


def end(connection: Connection, hold: Hold, *, news: str, messages: str, now: datetime) -> None:
    """Send again from now on."""
    if news == "skip":
        _begin_anew(connection, hold, now)
    values = {"ended": now, "news": news, "messages": messages}
    connection.execute(update(holds).where(holds.c.id == hold.id).values(**values))


def _begin_anew(connection: Connection, hold: Hold, now: datetime) -> None:
    """Let every digest begin now, as a new one does: what came before is none of its news.

    What came since the copy, or is still being read, counts by its own date from now on, as the
    archive of a new feed does. So does what a feed brings that has not answered since
    (`feeds.record`).
    """
    behind = update(digests).where(digests.c.covered_until <= now)
    newest = select(func.coalesce(func.max(articles.c.id), 0)).scalar_subquery()
    connection.execute(behind.values(covered_until=now, started=now, newest_article=newest))
    for table in (articles, entries):
        since = update(table).where(table.c.first_seen > hold.taken)
        connection.execute(since.values(baseline=True))
    unread = update(entries).where(entries.c.due.is_not(None))
    connection.execute(unread.values(baseline=True))
