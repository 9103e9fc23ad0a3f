"""Claims: who is at a row, and until when. A claim that has run out is free again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, update

from monitor.store.schema import deliveries, entries, feeds

FREE: dict[str, Any] = {"lease_until": None, "lease_owner": None}
"""The columns of a row that nobody is at."""


LONGEST = timedelta(days=1)
"""A claim that would end later than this was made by a clock that ran ahead (F35): it is none."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A claim of `owner`, who may hold it until `until`."""

    owner: str
    until: datetime

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a row that is claimed."""
        return {"lease_until": self.until, "lease_owner": self.owner}


def free(table: Table, now: datetime) -> ColumnElement[bool]:
    """The condition that nobody is at a row."""
    until = table.c.lease_until
    return or_(until.is_(None), until <= now, until > now + LONGEST)


def drop(connection: Connection, owner: str, now: datetime) -> int:
    """End all claims of an owner that is known to be dead; returns how many there were."""
    count = 0
    for table in (feeds, entries):
        held = update(table).where(table.c.lease_owner == owner)
        count += connection.execute(held.values(**FREE)).rowcount
    # A delivery keeps its owner's mark: whether its message was taken is unknown.
    held = update(deliveries).where(deliveries.c.lease_owner == owner)
    return count + connection.execute(held.values(lease_until=now)).rowcount


def drop_entries(
    connection: Connection, owners: str, *, but: str = "", ids: Sequence[int] | None = None
) -> int:
    """End the claims on entries by owners whose names begin with `owners` and not with `but`.

    `ids`: on these entries only. Also where the owner may live: what it reads then is not written
    (`entries.held`). Returns how many there were.
    """
    theirs = entries.c.lease_owner.startswith(owners, autoescape=True)
    if but:
        theirs &= ~entries.c.lease_owner.startswith(but, autoescape=True)
    if ids is not None:
        theirs &= entries.c.id.in_(ids)
    return connection.execute(update(entries).where(theirs).values(**FREE)).rowcount
