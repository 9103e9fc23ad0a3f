"""Recipients that are sent nothing: refused too often, or suspended by a person or their own wish.

A row without a digest records refusals and suspension for all digests; it is deleted when a message
is accepted. A row with a digest holds the token with which its reader can stop that one digest.
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
    """A recipient that is sent nothing until a person says otherwise."""

    recipient: Recipient
    since: datetime
    why: str
    digest: str = ""
    """Only this digest; empty for all."""


def refused(
    connection: Connection, recipient: Recipient, why: str, now: datetime
) -> tuple[int, datetime]:
    """Count a refusal by the recipient itself; return (number in a row, time of the first)."""
    first = {"refusals": 1, "refused_since": now, "why": why}
    since = func.coalesce(recipients.c.refused_since, now)
    counted = {"refusals": recipients.c.refusals + 1, "refused_since": since, "why": why}
    _upsert(connection, recipient, first, counted)
    row = select(recipients.c.refusals, recipients.c.refused_since).where(_is(recipient))
    found = connection.execute(row).one()
    return found.refusals, found.refused_since


def taken(connection: Connection, recipient: Recipient) -> None:
    """Record that a message was accepted: earlier refusals no longer count."""
    connection.execute(delete(recipients).where(_is(recipient), recipients.c.suspended.is_(None)))


def suspend(connection: Connection, recipient: Recipient, why: str, now: datetime) -> None:
    """Send nothing more to the recipient; one already suspended keeps its time."""
    if suspension(connection, recipient) is None:
        values = {"suspended": now, "why": why}
        _upsert(connection, recipient, {"refusals": 0, **values}, values)


def resume(connection: Connection, recipient: Recipient) -> bool:
    """End the suspension and reset the count of refusals; False if there was none.

    A reader's own wish to stop a digest is ended only if nothing else suspended the recipient:
    repairing an address does not overrule its owner.
    """
    held = delete(recipients).where(_is(recipient), recipients.c.suspended.is_not(None))
    if connection.execute(held).rowcount:
        return True
    wished = update(recipients).where(_at(recipient), recipients.c.suspended.is_not(None))
    return connection.execute(wished.values(suspended=None, why="")).rowcount > 0


def suspension(connection: Connection, recipient: Recipient) -> Suspended | None:
    """Since when and why a recipient is suspended; None if it is not."""
    held = select(recipients).where(_is(recipient), recipients.c.suspended.is_not(None))
    row = connection.execute(held).mappings().one_or_none()
    return None if row is None else _suspended(row)


def holding(connection: Connection, recipient: Recipient, edition_id: int) -> Suspended | None:
    """Why nothing of an edition is sent to a recipient at present; None if it is sent."""
    its = connection.scalar(select(editions.c.digest).where(editions.c.id == edition_id))
    statement = select(recipients).where(
        _at(recipient),
        recipients.c.digest.in_(["", plain(its or "")]),
        recipients.c.suspended.is_not(None),
    )
    row = connection.execute(statement.order_by(recipients.c.digest)).mappings().first()
    return None if row is None else _suspended(row)


def plain(digest: str) -> str:
    """The digest that an irregular edition belongs to: `desk` for `desk+FROM+TO`."""
    return digest.partition("+")[0]


def suspended(connection: Connection) -> list[Suspended]:
    """All suspended recipients, latest first."""
    statement = (
        select(recipients)
        .where(recipients.c.suspended.is_not(None))
        .order_by(recipients.c.suspended.desc(), recipients.c.channel, recipients.c.address)
    )
    return [_suspended(row) for row in connection.execute(statement).mappings()]


def tokens(
    connection: Connection, digest: str, whom: Sequence[Recipient], random: Callable[[], str]
) -> dict[Recipient, str]:
    """The recipients' tokens for stopping a digest; missing ones are made with `random`."""
    statement = rows.insert_new(connection.dialect.name, recipients, "channel", "address", "digest")
    for one in whom:
        values = {"channel": one.channel, "address": one.address, "digest": digest}
        connection.execute(statement.values(token=random(), refusals=0, why="", **values))
    return known_tokens(connection, digest)


def known_tokens(connection: Connection, digest: str) -> dict[Recipient, str]:
    """The tokens of a digest's recipients."""
    found = select(recipients.c.channel, recipients.c.address, recipients.c.token).where(
        recipients.c.digest == digest
    )
    return {Recipient(row.channel, row.address): row.token for row in connection.execute(found)}


def stopped(connection: Connection, digest: str) -> set[Recipient]:
    """The recipients who do not want this digest."""
    statement = select(recipients.c.channel, recipients.c.address).where(
        recipients.c.digest == digest, recipients.c.suspended.is_not(None)
    )
    return {Recipient(row.channel, row.address) for row in connection.execute(statement)}


def digest_of(connection: Connection, token: str) -> str | None:
    """The name of the digest that a token stops; None if the token is unknown."""
    found: str | None = connection.scalar(
        select(recipients.c.digest).where(recipients.c.token == token)
    )
    return found


def stop(connection: Connection, token: str, now: datetime) -> None:
    """Stop a digest for the reader with this token: nothing more of it is made or sent for them."""
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
    """The row for all digests."""
    return and_(_at(recipient), recipients.c.digest == "")


def _at(recipient: Recipient) -> ColumnElement[bool]:
    """Every row of the recipient."""
    return and_(
        recipients.c.channel == recipient.channel, recipients.c.address == recipient.address
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
