"""The jobs that wait for workers, and the workers.

The tables are owned by Procrastinate, in their own schema beside ours. They contain hints only:
everything in them can be dropped without loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b

from sqlalchemy import Connection, Text, cast, column, func, select, table, text

SCHEMA = "monitor_queue"
DEAD_S = 30
"""Seconds without a heartbeat after which a worker is considered dead."""

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
    """Numbers of live workers, of waiting jobs, and of jobs in progress."""

    workers: int
    waiting: int
    doing: int


def counts(connection: Connection) -> Counts | None:
    """Count workers and jobs; None if no worker has ever used this database."""
    if connection.dialect.name != "postgresql" or connection.scalar(_FOUND) is None:
        return None
    row = connection.execute(_COUNTS).one()
    return Counts(row.workers, row.waiting, row.doing)


def prepare(connection: Connection, statements: str) -> bool:
    """Make sure that the tables made by `statements` exist; whether they had to be created.

    Existing tables made by other statements are dropped. Run it in a transaction of its own: it
    changes the search path until the transaction ends.
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
    # Several statements at once are only accepted without parameters.
    raw = connection.connection.cursor()
    raw.execute(statements)
    raw.close()
    return True
