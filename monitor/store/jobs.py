"""The jobs that wait for workers, and the workers: tables that Procrastinate owns, in a schema of
their own beside ours. They hold hints only: all of it can be dropped, and nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from sqlalchemy import Connection, Text, cast, column, func, select, table, text

SCHEMA = "monitor_queue"
DEAD_S = 30
"""A worker that has given no sign of life for so many seconds is taken for dead."""

_FOUND = text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')")  # a constant
_jobs = table("procrastinate_jobs", column("status"), schema=SCHEMA)
_status = cast(_jobs.c.status, Text)
_workers = table("procrastinate_workers", column("last_heartbeat"), schema=SCHEMA)
_ALIVE = _workers.c.last_heartbeat > func.now() - timedelta(seconds=DEAD_S)
_COUNTS = select(
    select(func.count()).select_from(_workers).where(_ALIVE).scalar_subquery().label("workers"),
    func.count().filter(_status == "todo").label("waiting"),
    func.count().filter(_status == "doing").label("doing"),
).select_from(_jobs)


@dataclass(frozen=True, slots=True)
class Counts:
    """Workers that give signs of life, jobs that wait, jobs in hand."""

    workers: int
    waiting: int
    doing: int


def counts(connection: Connection) -> Counts | None:
    """None: no worker has ever been at this database."""
    if connection.dialect.name != "postgresql" or connection.scalar(_FOUND) is None:
        return None
    row = connection.execute(_COUNTS).one()
    return Counts(row.workers, row.waiting, row.doing)


def prepare(connection: Connection, statements: str) -> bool:
    """Have the tables that these statements make; True: they were made, in place of others.

    In a transaction of its own: the search path is changed until it ends.
    """
    made_of = blake2b(statements.encode(), digest_size=8).hexdigest()
    connection.execute(text("SELECT pg_advisory_xact_lock(7014)"))
    found = f"SELECT obj_description(to_regnamespace('{SCHEMA}'), 'pg_namespace')"
    if connection.scalar(text(found)) == made_of and connection.scalar(_FOUND) is not None:
        return False
    for one in (
        f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE",
        f"CREATE SCHEMA {SCHEMA}",
        f"COMMENT ON SCHEMA {SCHEMA} IS '{made_of}'",
        f"SET LOCAL search_path TO {SCHEMA}",
    ):
        connection.execute(text(one))
    # Many statements at once are taken only without parameters.
    raw = connection.connection.cursor()
    raw.execute(statements)
    raw.close()
    return True
