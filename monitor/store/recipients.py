"""Recipients that are sent nothing: refused too often, suspended by a person, or by their own wish.

A row without a digest tells of refusals and suspension, whatever the digest; a message that is
taken wipes it. A row with one holds the token by which its reader can stop this one digest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select, update

from monitor.model import DeliveryState, Recipient
from monitor.store import rows
from monitor.store.schema import deliveries, editions, recipients


@dataclass(frozen=True, slots=True)
class Suspended:
    """A recipient that nothing is sent to until a person says otherwise."""

    recipient: Recipient
    since: datetime
    why: str
    digest: str = ""
    """Only this one; empty: all."""


def refused(
    connection: Connection, recipient: Recipient, why: str, now: datetime
) -> tuple[int, datetime]:
    """Count one more refusal of the recipient itself: how many in a row there are, since when."""
    first = {"refusals": 1, "refused_since": now, "why": why}
    since = func.coalesce(recipients.c.refused_since, now)
    counted = {"refusals": recipients.c.refusals + 1, "refused_since": since, "why": why}
    _upsert(connection, recipient, first, counted)
    row = select(recipients.c.refusals, recipients.c.refused_since).where(_is(recipient))
    found = connection.execute(row).one()
    return found.refusals, found.refused_since


def taken(connection: Connection, recipient: Recipient) -> None:
    """A message was taken: what was refused before counts no more."""
    connection.execute(delete(recipients).where(_is(recipient), recipients.c.suspended.is_(None)))


def suspend(connection: Connection, recipient: Recipient, why: str, now: datetime) -> None:
    """Send nothing more to the recipient; one that is suspended already keeps its time."""
    if suspension(connection, recipient) is None:
        values = {"suspended": now, "why": why}
        _upsert(connection, recipient, {"refusals": 0, **values}, values)


def resume(connection: Connection, recipient: Recipient) -> bool:
    """End the suspension and begin to count anew; False: there was none.

    A reader's own wish to have a digest no more is ended only where nothing else held the
    recipient: who repairs an address does not overrule its owner.
    """
    held = delete(recipients).where(_is(recipient), recipients.c.suspended.is_not(None))
    if connection.execute(held).rowcount:
        return True
    wished = update(recipients).where(
        recipients.c.channel == recipient.channel,
        recipients.c.address == recipient.address,
        recipients.c.suspended.is_not(None),
    )
    return connection.execute(wished.values(suspended=None, why="")).rowcount > 0


def suspension(connection: Connection, recipient: Recipient) -> Suspended | None:
    """Since when and why a recipient is suspended; None: it is not."""
    held = select(recipients).where(_is(recipient), recipients.c.suspended.is_not(None))
    row = connection.execute(held).mappings().one_or_none()
    return None if row is None else _suspended(row)


def holding(connection: Connection, recipient: Recipient, edition_id: int) -> Suspended | None:
    """Why nothing of an edition is sent to a recipient, as things stand now; None: it is sent."""
    its = connection.scalar(select(editions.c.digest).where(editions.c.id == edition_id))
    statement = select(recipients).where(
        recipients.c.channel == recipient.channel,
        recipients.c.address == recipient.address,
        recipients.c.digest.in_(["", plain(its or "")]),
        recipients.c.suspended.is_not(None),
    )
    row = connection.execute(statement.order_by(recipients.c.digest)).mappings().first()
    return None if row is None else _suspended(row)


def plain(digest: str) -> str:
    """The digest of which an edition besides the regular ones is: `desk` of `desk+FROM+TO`."""
    return digest.partition("+")[0]


def suspended(connection: Connection) -> list[Suspended]:
    """All that are suspended, the latest first."""
    statement = (
        select(recipients)
        .where(recipients.c.suspended.is_not(None))
        .order_by(recipients.c.suspended.desc(), recipients.c.channel, recipients.c.address)
    )
    return [_suspended(row) for row in connection.execute(statement).mappings()]


def tokens(
    connection: Connection, digest: str, whom: Sequence[Recipient], random: Callable[[], str]
) -> dict[Recipient, str]:
    """For each of these, the token by which it can stop a digest; new ones are made by `random`."""
    statement = rows.insert_new(connection.dialect.name, recipients, "channel", "address", "digest")
    for one in whom:
        values = {"channel": one.channel, "address": one.address, "digest": digest}
        connection.execute(statement.values(token=random(), refusals=0, why="", **values))
    return known_tokens(connection, digest)


def known_tokens(connection: Connection, digest: str) -> dict[Recipient, str]:
    """The tokens that a digest's recipients have."""
    found = select(recipients.c.channel, recipients.c.address, recipients.c.token).where(
        recipients.c.digest == digest
    )
    return {Recipient(row.channel, row.address): row.token for row in connection.execute(found)}


def stopped(connection: Connection, digest: str) -> set[Recipient]:
    """Those that do not want this digest."""
    statement = select(recipients.c.channel, recipients.c.address).where(
        recipients.c.digest == digest, recipients.c.suspended.is_not(None)
    )
    return {Recipient(row.channel, row.address) for row in connection.execute(statement)}


def digest_of(connection: Connection, token: str) -> str | None:
    """The name of the digest that a token stops; None: it is none of ours."""
    found: str | None = connection.scalar(
        select(recipients.c.digest).where(recipients.c.token == token)
    )
    return found


def stop(connection: Connection, token: str, now: datetime) -> None:
    """End a digest for the reader with this token: nothing more of it is made or sent for it."""
    mine = recipients.c.token == token
    row = connection.execute(select(recipients).where(mine)).mappings().one_or_none()
    if row is None or row["suspended"] is not None:
        return
    why = "stopped by its reader"
    connection.execute(update(recipients).where(mine).values(suspended=now, why=why))
    waiting = update(deliveries).where(
        deliveries.c.channel == row["channel"],
        deliveries.c.address == row["address"],
        deliveries.c.state == DeliveryState.PENDING.value,
        deliveries.c.edition_id.in_(
            select(editions.c.id).where(editions.c.digest == row["digest"])
        ),
    )
    ended = {"state": DeliveryState.REFUSED.value, "due": None, "ended": now, "why": why}
    connection.execute(waiting.values(**ended))


def _is(recipient: Recipient) -> ColumnElement[bool]:
    return and_(
        recipients.c.channel == recipient.channel,
        recipients.c.address == recipient.address,
        recipients.c.digest == "",
    )


def _upsert(
    connection: Connection, recipient: Recipient, new: dict[str, Any], old: dict[str, Any]
) -> None:
    statement = rows.insert(connection.dialect.name, recipients).values(
        channel=recipient.channel, address=recipient.address, digest="", **new
    )
    keys = ["channel", "address", "digest"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=old))


def _suspended(row: rows.Row) -> Suspended:
    whom = Recipient(row["channel"], row["address"])
    return Suspended(whom, row["suspended"], row["why"], row["digest"])
