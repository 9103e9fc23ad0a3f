"""The robots.txt of hosts, kept so that a restart does not request it again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, select

from monitor.store import rows
from monitor.store.schema import robots


def load(connection: Connection, origin: str) -> dict[str, Any] | None:
    """The row of an origin (scheme://host:port)."""
    row = connection.execute(select(robots).where(robots.c.origin == origin)).mappings().first()
    return None if row is None else dict(row)


def save(connection: Connection, values: dict[str, Any]) -> None:
    """Write the row of `values["origin"]`."""
    statement = rows.insert(connection.dialect.name, robots).values(**values)
    changed = {name: value for name, value in values.items() if name != "origin"}
    connection.execute(statement.on_conflict_do_update(index_elements=["origin"], set_=changed))


def expire(connection: Connection, before: datetime) -> int:
    """Delete what was fetched before then."""
    return connection.execute(delete(robots).where(robots.c.fetched < before)).rowcount
