"""Carry the content of an SQLite database into an empty PostgreSQL database.

All of it or nothing: one transaction copies every table and compares the row counts. Rows pass
through the schema's column types, which write what PostgreSQL accepts: no NUL, `jsonb`,
`timestamptz`, `bytea`. PostgreSQL derives the text index and its sequences by itself.
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
from monitor.errors import InputError, MonitorError, UsageError
from monitor.store import engine as engines
from monitor.store import lock, migrate, schema
from monitor.store.rows import how_many
from monitor.store.schema import articles, editions, entries, feeds, holds, polls, recipients

TABLES = tuple(schema.metadata.sorted_tables)
"""All tables, each after those that it refers to."""
SIGNS = (polls, entries, articles, editions, recipients, holds)
"""A row in one of these tables shows that the database has been in use."""
BATCH = 100
"""Rows in memory at a time: an entry may have a megabyte."""


@contextmanager
def empty(url: str) -> Iterator[Engine]:
    """An empty PostgreSQL database at HEAD, locked against daemons.

    Raises UsageError when it is not empty, TryLaterError when a daemon works on it,
    UnavailableError when it does not answer.
    """
    engine, _ = engines.engines(engines.parse(url))
    try:
        migrate.upgrade(engine)
        with lock.no_daemon(engine):
            with engine.connect() as connection:
                _refuse_full(connection)
            yield engine
    except DBAPIError as error:
        raise stores.translate(error, url) from error
    finally:
        engine.dispose()


def into(target: Engine, given: Connection) -> dict[str, int]:
    """Copy every row of `given`, an SQLite database at HEAD; returns table -> number of rows.

    Raises InputError when PostgreSQL refuses a row, UsageError when the database has meanwhile
    been filled by somebody else. In both cases nothing is copied.
    """
    with target.begin() as connection:
        names = ", ".join(table.name for table in TABLES)
        connection.execute(text(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE"))
        _refuse_full(connection)
        for table in reversed(TABLES):
            # Feeds and digests of the settings, which any command adds.
            connection.execute(delete(table))
        carried = {table.name: _carry(table, given, connection) for table in TABLES}
        connection.execute(text(f"ANALYZE {names}"))  # the query planner needs statistics
        for table in TABLES:
            _count_on(table, connection)
    return carried


def _refuse_full(connection: Connection) -> None:
    """Raise UsageError when anything was read or reported, or a person added a feed.

    Feeds and digests named in the settings do not count, because even read-only commands add them.
    """
    added = select(feeds.c.id).where(feeds.c.origin != "settings")
    signs = [added, *(select(table) for table in SIGNS)]
    if any(connection.execute(sign.limit(1)).first() for sign in signs):
        raise UsageError(
            "the database is not empty",
            "on PostgreSQL a backup can be restored only into an empty one",
            "create another with CREATE DATABASE and name that; nothing was changed",
        )


def _carry(table: Table, given: Connection, target: Connection) -> int:
    """Copy the rows of one table; returns how many. Raises InputError when one is refused."""
    own = [key.parent for key in table.foreign_keys if key.column.table is table]
    later = dict.fromkeys(column.name for column in own)
    try:
        for rows in _batches(given, select(table)):
            target.execute(table.insert(), [{**row, **later} for row in rows])
        for column in own:  # a row may refer to a later one
            _refer(column, given, target)
    except (DataError, IntegrityError) as error:
        why = str(error.orig).strip().splitlines()[0]
        raise InputError(
            f"PostgreSQL refuses a row of {table.name}", why, "nothing was changed"
        ) from error
    counts = [how_many(connection, table) for connection in (given, target)]
    if counts[0] != counts[1]:
        why = f"{counts[0]:,} rows were to be copied, {counts[1]:,} were"
        raise MonitorError(f"{table.name} was not copied completely", why, "nothing was changed")
    return counts[1]


def _refer(column: Column[Any], given: Connection, target: Connection) -> None:
    """Fill in a column that refers to other rows of the same table."""
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
    """Set the sequence, so that the next number assigned follows the highest one."""
    column = table.autoincrement_column
    if column is None:
        return
    sequence = func.pg_get_serial_sequence(table.name, column.name)
    highest = func.coalesce(func.max(column), 0)
    connection.execute(select(func.setval(sequence, highest + 1, False)))
