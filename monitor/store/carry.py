"""What an SQLite database holds, carried into an empty one on PostgreSQL.

All of it or nothing: one transaction, in which every table is counted. Rows go through the column
types of the schema, which write what PostgreSQL takes: no NUL, `jsonb`, `timestamptz`, `bytea`.
What each database derives for itself (text index, numbers to come) is made there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    RowMapping,
    Select,
    Table,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from monitor import store as stores
from monitor.errors import InputError, MonitorError, TryLaterError, UsageError
from monitor.store import engine as engines
from monitor.store import lock, migrate, schema
from monitor.store.schema import articles, editions, entries, feeds, holds, polls, recipients

TABLES = tuple(schema.metadata.sorted_tables)
"""All of them, each behind those that it refers to."""
SIGNS = (polls, entries, articles, editions, recipients, holds)
"""A row in one of them says that the database has been in use."""
BATCH = 100
"""Rows that are in memory at a time: an entry may bring a megabyte."""


@contextmanager
def empty(url: str) -> Iterator[Engine]:
    """A database on PostgreSQL, at HEAD, with nothing in it and nobody at work on it.

    Raises UsageError when there is something in it, TryLaterError when a daemon works on it,
    UnavailableError when it does not answer.
    """
    engine, _ = engines.engines(engines.parse(url))
    alone = None
    try:
        migrate.upgrade(engine)
        alone = lock.take(engine, "daemon")
        if alone is None:
            raise TryLaterError(
                "a daemon works on this database", hint="stop it first; nothing was changed"
            )
        with engine.connect() as connection:
            _refuse_full(connection)
        yield engine
    except DBAPIError as error:
        raise stores.translate(error, url) from error
    finally:
        if alone is not None:
            alone.release()
        engine.dispose()


def into(target: Engine, given: Connection) -> dict[str, int]:
    """Carry every row of `given`, an SQLite database at HEAD; returns table -> rows.

    Raises InputError when PostgreSQL refuses a row, UsageError when somebody was quicker: then
    there is still nothing in it.
    """
    with target.begin() as connection:
        names = ", ".join(table.name for table in TABLES)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        _refuse_full(connection)
        for table in reversed(TABLES):
            connection.execute(delete(table))  # what the settings say, and every command adds
        carried = {table.name: _carry(table, given, connection) for table in TABLES}
        connection.execute(text(f"ANALYZE {names}"))  # questions are planned by what is known
        for table in TABLES:
            _count_on(table, connection)
    return carried


def _refuse_full(connection: Connection) -> None:
    """Raises UsageError when anything was read, told, or asked for by a person.

    Feeds and digests that the settings name do not count: any command that looks makes them.
    """
    added = select(feeds.c.id).where(feeds.c.origin != "settings")
    signs = [added, *(select(table) for table in SIGNS)]
    if any(connection.execute(sign.limit(1)).first() for sign in signs):
        raise UsageError(
            "the database is not empty",
            "a backup comes into an empty one only on PostgreSQL",
            "make another with CREATE DATABASE and name it; nothing was changed",
        )


def _carry(table: Table, given: Connection, target: Connection) -> int:
    """Carry the rows of one table; returns how many. Raises InputError when one is refused."""
    own = [key.parent for key in table.foreign_keys if key.column.table is table]
    later = dict.fromkeys(column.name for column in own)
    try:
        for rows in _batches(given, select(table)):
            target.execute(table.insert(), [{**row, **later} for row in rows])
        for column in own:  # what a row refers to may have come behind it
            _refer(column, given, target)
    except (DataError, IntegrityError) as error:
        why = str(error.orig).strip().splitlines()[0]
        raise InputError(
            f"PostgreSQL refuses a row of {table.name}", why, "nothing was changed"
        ) from error
    counts = [
        connection.scalar(select(func.count()).select_from(table)) or 0
        for connection in (given, target)
    ]
    if counts[0] != counts[1]:
        why = f"{counts[0]:,} rows were to come, {counts[1]:,} are there"
        raise MonitorError(f"{table.name} did not come whole", why, "nothing was changed")
    return counts[1]


def _refer(column: Column[Any], given: Connection, target: Connection) -> None:
    """Fill in a column by which rows refer to others of their own table."""
    number = column.table.c.id
    filled = update(column.table).where(number == bindparam("row"))
    filled = filled.values({column.name: bindparam("other")})
    wanted = select(number.label("row"), column.label("other")).where(column.is_not(None))
    for rows in _batches(given, wanted):
        target.execute(filled, [dict(row) for row in rows])


def _batches(given: Connection, wanted: Select[Any]) -> Iterator[Sequence[RowMapping]]:
    found = given.execute(wanted.execution_options(yield_per=BATCH))
    yield from found.mappings().partitions()


def _count_on(table: Table, connection: Connection) -> None:
    """Let the next row that PostgreSQL numbers by itself come behind the highest number."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    highest = func.coalesce(func.max(column), 0)
    connection.execute(select(func.setval(sequence, highest + 1, False)))
