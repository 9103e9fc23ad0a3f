"""Engines: turn a URL from the settings into database connections with the right guarantees.

SQLite: WAL, so that readers never wait; write transactions begin IMMEDIATE, so that a transaction
that has already read cannot fail later because it may not write (SQLITE_BUSY_SNAPSHOT). PostgreSQL:
psycopg 3, the same SQL, isolation left at READ COMMITTED since one thread writes.
"""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError

from monitor.errors import Mistake, SettingsError
from monitor.store.types import as_json

BUSY_TIMEOUT_S = 30.0
"""How long a write waits for another process before it gives up."""
WRITER_CACHE_KB = 4 * 1024
READER_CACHE_KB = 1024
"""Page cache per SQLite connection, kept small: the operating system caches the file for all."""


LOG_BYTES = 64 * 2**20
"""What is left of a log that a long reader let grow larger (F30)."""


def parse(url: str) -> URL:
    """Parse a URL from the settings for SQLAlchemy.

    Raises SettingsError when it names no database that we support.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise _unknown(url) from None
    except ValueError:  # its message quotes the unreadable part, perhaps of the password
        what = "the address of the database cannot be read"
        hint = "in a password, @ : / must be written as %40 %3A %2F"
        raise SettingsError([Mistake("[store] url", what, hint)]) from None
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return parsed
    if backend in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    raise _unknown(url)


def shown(url: str) -> str:
    """The URL of a database as in the settings, without its password.

    PostgreSQL also accepts a password in the query string. Raises SettingsError as `parse` does.
    """
    parsed = parse(url)
    secret = [name for name in parsed.query if name.lower().endswith("password")]
    plain = parsed.set(drivername=parsed.get_backend_name()).difference_update_query(secret)
    return plain.render_as_string(hide_password=True)


def _unknown(url: str) -> SettingsError:
    scheme = url.split(":", 1)[0]
    hint = "sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    return SettingsError([Mistake("[store] url", f"unknown kind of database {scheme!r}", hint)])


def sqlite_path(url: URL) -> Path | None:
    """The file of an SQLite database; None for PostgreSQL."""
    if url.get_backend_name() != "sqlite":
        return None
    return Path(url.database or ":memory:")


def connect_args(url: URL) -> dict[str, Any]:
    """Arguments for psycopg's `connect` from a PostgreSQL URL."""
    _, args = url.get_dialect()().create_connect_args(url)
    return {**args, **_connecting(url)}


def engines(url: URL) -> tuple[Engine, Engine]:
    """Engines (for the writer, for readers): two on SQLite, the same one twice on PostgreSQL."""
    if url.get_backend_name() == "sqlite":
        return _sqlite(url, write=True), _sqlite(url, write=False)
    engine = _postgres(url)
    return engine, engine


def is_damaged(error: object) -> bool:
    """Whether SQLite found a file that is damaged, or no database at all."""
    code = getattr(error, "sqlite_errorcode", None) or 0
    return code & 0xFF in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)  # without extensions


def disk_fails(said: str) -> bool:
    """Whether SQLite reports a disk error: EIO, or a database that has become read-only."""
    return "disk I/O error" in said or "readonly database" in said


CONNECTING: dict[str, Any] = {
    "connect_timeout": 10,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,
}
"""How a connection to PostgreSQL is made where its URL does not say: in seconds, the last in ms. A
silent server is asked after 30 seconds and given up after another 30; the system's own limits are
hours."""
SESSION = """
    SET DateStyle = 'ISO, YMD'; SET TimeZone = 'UTC';
    SET default_transaction_isolation = 'read committed'
"""
"""What results depend on: the environment (PGDATESTYLE, PGTZ, PGOPTIONS) and the role may say
otherwise."""


def _connecting(url: URL) -> dict[str, Any]:
    asked = {name: value for name, value in CONNECTING.items() if name not in url.query}
    return {**asked, "client_encoding": "utf8"}  # PGCLIENTENCODING may say otherwise


def _postgres(url: URL) -> Engine:
    engine = create_engine(
        url,
        json_serializer=as_json,
        connect_args=_connecting(url),
        pool_pre_ping=True,
        pool_size=6,
        pool_recycle=1800,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            what = f"the database {connection.info.dbname} is encoded in {encoding}"
            raise SettingsError([Mistake("[store] url", what, as_created(connection.info.dbname))])
        connection.autocommit = True
        connection.execute(SESSION)
        connection.autocommit = False

    return engine


def as_created(name: str) -> str:
    """What to do about a database that cannot hold the words of all languages, or not find them."""
    other = f"{name}_utf8".replace('"', '""')
    made = f"CREATE DATABASE \"{other}\" TEMPLATE template0 ENCODING 'UTF8' LOCALE 'C.UTF-8'"
    return f"make another and name it: {made}"


def _from_json(stored: str) -> Any:
    if stored == "[]":
        return []
    return {} if stored == "{}" else json.loads(stored)


def _sqlite(url: URL, *, write: bool) -> Engine:
    engine = create_engine(
        url,
        json_serializer=as_json,
        json_deserializer=_from_json,
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        pool_size=1 if write else 5,
    )

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not open transactions itself
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KB if write else READER_CACHE_KB}")
        cursor.execute(f"PRAGMA journal_size_limit = {LOG_BYTES}")
        if not write:
            cursor.execute("PRAGMA query_only = ON")
        cursor.close()

    @event.listens_for(engine, "handle_error")
    def _distrust(context: ExceptionContext) -> None:
        # After a failed write or sync the state of the connection's caches is unknown; a new
        # connection reads what is on disk (F24).
        context.is_disconnect |= disk_fails(str(context.original_exception))

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")

    return engine
