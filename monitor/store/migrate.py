"""Versions of the schema. Alembic is loaded only when there is something to do.

A migration runs in one transaction: the database is at the old version or at the new one.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from monitor.errors import InputError, UnavailableError

HEAD = "0018"
"""The version this program works with (a test keeps it equal to the newest migration)."""


def prepare_file(path: Path) -> None:
    """Make sure that an SQLite file can be created, readable by its owner only (S103)."""
    if str(path) == ":memory:":
        raise InputError("an in-memory database allows only one connection", hint="name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        why = f"{error.filename or path}: {error.strerror}"
        hint = "[store] url and --db name the file"
        raise UnavailableError("the database cannot be created", why, hint) from error


def version(connection: Connection) -> str | None:
    """The version of a database's schema; None if it has none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def is_current(engine: Engine) -> bool:
    """Whether the database is at HEAD; only reads.

    Raises InputError when another program wrote it: a mistyped path may lead to any file.
    """
    with engine.connect() as connection:
        found = version(connection)
        if found is None and _is_of_others(connection):
            raise InputError(
                "the database belongs to another program",
                "it has tables, but none of monitor's",
                "name another file; nothing was changed",
            )
        return found == HEAD


def upgrade(engine: Engine) -> tuple[str | None, str]:
    """Bring a database to HEAD; return (version before, version now).

    Raises InputError, changing nothing, when a newer version of the program wrote it.
    """
    with engine.begin() as connection:
        before = version(connection)
        if before == HEAD:
            return before, HEAD
        if before is not None and before > HEAD:
            raise InputError(
                "the database was written by a newer monitor",
                f"its schema is {before}, this program knows {HEAD}",
                "upgrade monitor; nothing was changed",
            )
        _run_alembic(connection)
    return before, HEAD


def _is_of_others(connection: Connection) -> bool:
    """Whether an SQLite file has tables but no version of ours: we never leave it that way.

    A PostgreSQL database may be shared with other programs.
    """
    return connection.dialect.name == "sqlite" and bool(inspect(connection).get_table_names())


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config

    if connection.dialect.name == "postgresql":
        # Two programs may start at once: the second waits, then finds nothing to do.
        connection.execute(text("SELECT pg_advisory_xact_lock(7013)"))
        if version(connection) == HEAD:
            return
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
