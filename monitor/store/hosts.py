"""What processes do at each host.

On PostgreSQL, all processes on one database share it; on SQLite, it tells the next process what the
last one did and was told.

On PostgreSQL times are the server's: the clocks of several machines may differ by more than the
spacing of two requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    cast,
    delete,
    func,
    not_,
    or_,
    select,
    update,
)

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
    over = or_(hosts.c.paused_until.is_(None), not_(_paused(before)))
    return connection.execute(delete(hosts).where(hosts.c.started < before, over)).rowcount


def _paused(now: datetime) -> ColumnElement[bool]:
    return hosts.c.paused_until > now


class Left(NamedTuple):
    """What earlier processes left of a host."""

    host: str
    started: datetime | None
    """When it was last asked; None: unknown, since whoever asked was killed or is still at work."""
    paused_until: datetime | None


def left(connection: Connection, since: datetime, now: datetime) -> list[Left]:
    """The hosts asked after `since`, or at an unknown time, and those that want to be left alone.

    A time after `now` was recorded by a clock that has been put back; see `heed_clock`.
    """
    asked = or_(hosts.c.started.is_(None), hosts.c.started > since)
    wanted = select(hosts.c.host, hosts.c.started, hosts.c.paused_until)
    return [Left(*row) for row in connection.execute(wanted.where(or_(asked, _paused(now))))]


def heed_clock(connection: Connection, now: datetime) -> None:
    """Correct what was recorded by a clock that has been put back since (F35).

    Pauses are kept, counted from now, so none gets shorter.
    """
    ahead = select(hosts.c.host, hosts.c.started, hosts.c.paused_until)
    for row in connection.execute(ahead.where(hosts.c.started > now)).all():
        until = row.paused_until and row.paused_until - (row.started - now)
        save(connection, row.host, {"started": now, "paused_until": until})


def pause(connection: Connection, host: str, until: datetime, now: datetime) -> None:
    """Record at once that a host wants to be left alone; a longer pause already known remains."""
    known = hold(connection, host)["paused_until"]
    save(connection, host, {"started": now, "paused_until": max(until, known or until)})


def leave_open(connection: Connection, host: str) -> None:
    """Record that it is unknown when a host was last asked, until `note` says otherwise."""
    hold(connection, host)
    save(connection, host, {"started": None})


def note(connection: Connection, started: Mapping[str, datetime], before: datetime) -> None:
    """Record when each of these was last asked; forget those not asked since `before`."""
    expire(connection, before)
    if not started:
        return
    new = rows.insert(connection.dialect.name, hosts)
    known = new.on_conflict_do_update(
        index_elements=["host"], set_={"started": new.excluded.started}
    )
    values = [{"host": host, "started": at, "turns": {}} for host, at in started.items()]
    connection.execute(known, values)
