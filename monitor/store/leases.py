"""Leases: who has claimed a row, and until when. A row whose lease has run out is free again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, update

from monitor.store.schema import deliveries, entries, feeds

FREE: dict[str, Any] = {"lease_until": None, "lease_owner": None}
"""The lease columns of an unclaimed row."""


LONGEST = timedelta(days=1)
"""A lease that would end later than this was made by a clock that ran ahead (F35) and is void."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim by `owner`, valid until `until`."""

    owner: str
    until: datetime

    @property
    def columns(self) -> dict[str, Any]:
        """The lease columns of a row claimed this way."""
        return {"lease_until": self.until, "lease_owner": self.owner}


def free(table: Table, now: datetime) -> ColumnElement[bool]:
    """The condition that nobody has claimed a row."""
    until = table.c.lease_until
    return or_(until.is_(None), until <= now, until > now + LONGEST)


def drop(connection: Connection, owner: str, now: datetime) -> int:
    """End all claims of an owner known to be dead; return how many there were."""
    count = 0
    for table in (feeds, entries):
        held = update(table).where(table.c.lease_owner == owner)
        count += connection.execute(held.values(**FREE)).rowcount
    # A delivery keeps its owner: whether its message was accepted is unknown.
    held = update(deliveries).where(deliveries.c.lease_owner == owner)
    return count + connection.execute(held.values(lease_until=now)).rowcount


def drop_entries(
    connection: Connection, owners: str, *, but: str = "", ids: Sequence[int] | None = None
) -> int:
    """End claims on entries whose owners' names begin with `owners` but not with `but`.

    `ids`: only on these entries. The owner may still be alive: what it then reads is not written
    (`entries.held`). Returns how many claims there were.
    """
    theirs = entries.c.lease_owner.startswith(owners, autoescape=True)
    if but:
        theirs &= ~entries.c.lease_owner.startswith(but, autoescape=True)
    if ids is not None:
        theirs &= entries.c.id.in_(ids)
    return connection.execute(update(entries).where(theirs).values(**FREE)).rowcount
