"""Versions of the schema. Alembic is loaded only when there is something to do.

A migration runs in one transaction: the database is at the old version or at the new one.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from monitor.errors import (
    InputError,
    Mistake,
    MonitorError,
    SettingsError,
    TryLaterError,
    UnavailableError,
)
from monitor.store import engine as engines
from monitor.store import lock

HEAD = "0019"
"""The version this program works with (a test keeps it equal to the newest migration)."""
BEGINNING_S = 2
"""How long another process may take to make a new file."""


def prepare_file(path: Path) -> None:
    """Make sure that there is an SQLite file, readable by its owner only if it is new (S103).

    Raises InputError if there is one that is empty, UnavailableError if none can be made,
    TryLaterError if the disk is full or another process takes too long to make it.
    """
    if str(path) == ":memory:":
        raise InputError("an in-memory database allows only one connection", hint="name a file")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _begin(Path(os.path.realpath(path)))  # a link may lead to where there is none yet
        if not path.stat().st_size and path.is_file():  # SQLite would take it for a new one (F27)
            hint = "monitor restore FILE puts a backup in its place; to begin anew, delete the file"
            raise InputError("the database is damaged", f"{path} is empty", hint)
    except (UnavailableError, OSError, sqlite3.Error) as error:
        raise not_created(path, error) from error


def not_created(path: Path, error: UnavailableError | OSError | sqlite3.Error) -> MonitorError:
    """The error for a database file that cannot be made at `path`."""
    if not isinstance(error, UnavailableError) and _says_full(error):
        return TryLaterError("the disk is full", str(path), "make room")
    match error:
        case UnavailableError():
            why = f"{error.what}: {error.why}"
        case OSError():
            why = f"{error.filename or path}: {error.strerror}"
        case _:
            why = f"{path}: {error}"
    hint = "[store] url and --db name the file"
    return UnavailableError("the database cannot be created", why, hint)


def _says_full(error: OSError | sqlite3.Error) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL


def _begin(path: Path) -> None:
    """Make a file without tables, unless there is one, or a link that leads nowhere.

    It has its name only when it differs from one that has lost everything, even if we are killed.
    """
    for _ in range(BEGINNING_S * 20):
        if os.path.lexists(path):
            return
        if held := lock.of_file(path, "new"):
            try:
                if not os.path.lexists(path):  # another process may have been faster
                    _make(path)
                # Not if that failed: some may wait for it, and others would make a second lock.
                Path(f"{path}.new.lock").unlink(missing_ok=True)
            finally:
                held.release()
            return
        time.sleep(1 / 20)  # another process is making it
    raise TryLaterError("the database is being created", f"another process begins {path}")


def _make(path: Path) -> None:
    new = path.with_name(f".{path.name}.new")
    new.unlink(missing_ok=True)  # of one that was killed
    try:
        os.close(os.open(new, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        with closing(sqlite3.connect(new)) as connection:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":  # it does not say why, as it would if anything else were written
                connection.execute("PRAGMA user_version = 0")
        try:
            os.link(new, path)  # replaces nothing: somebody may have put a backup there
        except FileExistsError:
            pass
        except OSError:  # a file system without links
            new.rename(path)
    finally:
        new.unlink(missing_ok=True)


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
        if before is None:
            _check_letters(connection)
        _run_alembic(connection)
    return before, HEAD


def _check_letters(connection: Connection) -> None:
    """Raise SettingsError if a PostgreSQL database does not know the small letters of most scripts.

    The search would then find no word in capitals. A database that is in use is left alone.
    """
    if connection.dialect.name != "postgresql" or connection.scalar(text(_FINDS_CAPITALS)):
        return
    name = str(connection.engine.url.database)
    what = f"the search of the database {name} would know English letters only"
    raise SettingsError([Mistake("[store] url", what, engines.as_created(name))])


_FINDS_CAPITALS = "SELECT to_tsvector('simple', 'НАТО') @@ to_tsquery('simple', 'нато')"
"""Asked of the search itself: locales have other names with each provider and version."""


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
