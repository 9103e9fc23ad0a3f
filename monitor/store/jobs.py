"""The jobs that wait for workers, and the workers: tables that Procrastinate owns, in a schema of
their own beside ours. They hold hints only: all of it can be dropped, and nothing is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

from sqlalchemy import Connection, text

SCHEMA = "monitor_queue"
DEAD_S = 30
"""A worker that has given no sign of life for so many seconds is taken for dead."""

_FOUND = text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')")  # a constant
_COUNTS = text(
    f"""SELECT
    (SELECT count(*) FROM {SCHEMA}.procrastinate_workers
     WHERE last_heartbeat > now() - make_interval(secs => {DEAD_S})) AS workers,
    (SELECT count(*) FROM {SCHEMA}.procrastinate_jobs WHERE status = 'todo') AS waiting,
    (SELECT count(*) FROM {SCHEMA}.procrastinate_jobs WHERE status = 'doing') AS doing"""  # noqa: S608  # constants
)


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
