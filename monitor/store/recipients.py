"""Recipients whose channel will not take messages for them: refusals in a row, and suspensions.

Only those with a refusal on record stand here; a message that is taken wipes the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select

from monitor.model import Recipient
from monitor.store import rows
from monitor.store.schema import recipients


@dataclass(frozen=True, slots=True)
class Suspended:
    """A recipient that nothing is sent to until a person says otherwise."""

    recipient: Recipient
    since: datetime
    why: str


def refused(connection: Connection, recipient: Recipient, why: str) -> int:
    """Count one more refusal of the recipient itself; returns how many in a row there are."""
    counted = {"refusals": recipients.c.refusals + 1, "why": why}
    _upsert(connection, recipient, {"refusals": 1, "why": why}, counted)
    found = select(recipients.c.refusals).where(_is(recipient))
    return int(connection.execute(found).scalar_one())


def taken(connection: Connection, recipient: Recipient) -> None:
    """A message was taken: what was refused before counts no more."""
    connection.execute(delete(recipients).where(_is(recipient), recipients.c.suspended.is_(None)))


def suspend(connection: Connection, recipient: Recipient, why: str, now: datetime) -> None:
    """Send nothing more to the recipient; one that is suspended already keeps its time."""
    if suspension(connection, recipient) is None:
        values = {"suspended": now, "why": why}
        _upsert(connection, recipient, {"refusals": 0, **values}, values)


def resume(connection: Connection, recipient: Recipient) -> bool:
    """End a suspension and begin to count anew; False: there was none."""
    held = delete(recipients).where(_is(recipient), recipients.c.suspended.is_not(None))
    return connection.execute(held).rowcount > 0


def suspension(connection: Connection, recipient: Recipient) -> Suspended | None:
    """Since when and why a recipient is suspended; None: it is not."""
    held = select(recipients).where(_is(recipient), recipients.c.suspended.is_not(None))
    row = connection.execute(held).mappings().one_or_none()
    return None if row is None else _suspended(row)


def suspended(connection: Connection) -> list[Suspended]:
    """All that are suspended, the latest first."""
    statement = (
        select(recipients)
        .where(recipients.c.suspended.is_not(None))
        .order_by(recipients.c.suspended.desc(), recipients.c.channel, recipients.c.address)
    )
    return [_suspended(row) for row in connection.execute(statement).mappings()]


def _is(recipient: Recipient) -> ColumnElement[bool]:
    is_it: ColumnElement[bool] = (recipients.c.channel == recipient.channel) & (
        recipients.c.address == recipient.address
    )
    return is_it


def _upsert(
    connection: Connection, recipient: Recipient, new: dict[str, Any], old: dict[str, Any]
) -> None:
    statement = rows.insert(connection.dialect.name, recipients).values(
        channel=recipient.channel, address=recipient.address, **new
    )
    keys = ["channel", "address"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=old))


def _suspended(row: rows.Row) -> Suspended:
    return Suspended(Recipient(row["channel"], row["address"]), row["suspended"], row["why"])
