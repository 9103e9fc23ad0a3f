"""What processes do at each host.

On PostgreSQL, all processes on one database share it; on SQLite, it tells the next process what the
last one did.

On PostgreSQL times are the server's: the clocks of several machines may differ by more than the
spacing of two requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, cast, delete, func, or_, select, update

from monitor.store import rows
from monitor.store.schema import hosts


def now(connection: Connection) -> datetime:
    """The server's current time, also within a transaction."""
    moment: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return moment


def hold(connection: Connection, host: str) -> dict[str, Any]:
    """Lock a host's row until the commit, creating it if needed, and return it."""
    wanted = select(hosts).where(hosts.c.host == host).with_for_update()
    found = connection.execute(wanted).mappings().first()
    if found is None:
        new = rows.insert_new(connection.dialect.name, hosts, "host").values(host=host, turns={})
        connection.execute(new)
        found = connection.execute(wanted).mappings().one()
    return dict(found)


def save(connection: Connection, host: str, values: Mapping[str, Any]) -> None:
    """Update a row that `hold` has locked."""
    connection.execute(update(hosts).where(hosts.c.host == host).values(**values))


def free(connection: Connection, owner: str) -> int:
    """End a dead owner's requests (their marks begin with its name); return at how many hosts."""
    busy = select(hosts.c.host).where(
        cast(hosts.c.turns, Text).contains(f'"{owner}/', autoescape=True)
    )
    names = sorted(connection.scalars(busy))
    for name in names:
        known = hold(connection, name)["turns"]
        left = {mark: end for mark, end in known.items() if not mark.startswith(f"{owner}/")}
        save(connection, name, {"turns": left})
    return len(names)


def expire(connection: Connection, before: datetime) -> int:
    """Forget the hosts not asked since then, unless they still want to be left alone."""
    paused = or_(hosts.c.paused_until.is_(None), hosts.c.paused_until < before)
    return connection.execute(delete(hosts).where(hosts.c.started < before, paused)).rowcount


def asked(connection: Connection, since: datetime) -> dict[str, datetime]:
    """Host -> when a process last asked it."""
    late = select(hosts.c.host, hosts.c.started).where(hosts.c.started > since)
    return {row.host: row.started for row in connection.execute(late)}


def note(connection: Connection, started: Mapping[str, datetime], before: datetime) -> None:
    """Record when each of these was last asked; forget those not asked since `before`."""
    expire(connection, before)
    new = rows.insert(connection.dialect.name, hosts)
    known = new.on_conflict_do_update(
        index_elements=["host"], set_={"started": new.excluded.started}
    )
    values = [{"host": host, "started": at, "turns": {}} for host, at in started.items()]
    connection.execute(known, values)
