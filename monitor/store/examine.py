"""Inspect a database without changing it: does it exist, is it current, writable and intact?"""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, func, select, text
from sqlalchemy.exc import DBAPIError

from monitor import store as stores
from monitor.errors import InputError, MonitorError, TryLaterError
from monitor.insight.doctor import Database
from monitor.store import engine as engines
from monitor.store import holds, migrate

WAIT_S = 3
"""Seconds a server may take to answer, or another process to finish its write."""
CHECK_S = 10.0
"""Seconds spent at most on checking the pages of an SQLite file."""


def examine(url: str, now: Callable[[], datetime]) -> Database:
    """Inspect the database at a URL; nothing is created, migrated or changed.

    Raises SettingsError for an unknown kind of URL.
    """
    parsed = engines.parse(url)
    path = engines.sqlite_path(parsed)
    found: dict[str, Any] = {
        "shown": engines.shown(url),
        "known": migrate.HEAD,
        **(_disk(path) if path else {}),
    }
    if path and path.exists() and not found["size"]:
        found |= {"damage": ("the file is empty",)}
    elif path is None or path.exists():
        found |= _inside(url, path, now)
    return Database(**found)


def _disk(path: Path) -> dict[str, Any]:
    there = next(one for one in (path.absolute(), *path.absolute().parents) if one.exists())
    size = path.stat().st_size if path.exists() else 0
    with suppress(FileNotFoundError):  # the log goes when the last program closes the database
        size += Path(f"{path.resolve()}-wal").stat().st_size if size else 0
    return {"free": shutil.disk_usage(there).free, "size": size}


def _inside(url: str, path: Path | None, now: Callable[[], datetime]) -> dict[str, Any]:
    parsed = engines.parse(url)
    if path is None:
        parsed = parsed.update_query_dict({"connect_timeout": str(WAIT_S)})
    writing, reading = engines.engines(parsed)
    if path is not None:
        event.listen(writing, "connect", _impatient)
    try:
        looked: dict[str, Any] = (
            _looked_through(reading) if path else {"ahead": _ahead(reading, now)}
        )
        with reading.connect() as connection:
            looked["version"] = migrate.version(connection)
            if looked["version"] == migrate.HEAD and not looked.get("damage"):
                hold = holds.current(connection)
                looked["held"] = hold and hold.taken
        if looked["version"] and not looked.get("damage"):
            looked |= _written(writing)
        return looked
    except DBAPIError as error:
        return _trouble(stores.translate(error, url), path)
    finally:
        writing.dispose()
        reading.dispose()


def _trouble(error: MonitorError, path: Path | None) -> dict[str, Any]:
    """Describe a database that cannot be read; a file counts as answering, a server may not."""
    if isinstance(error, TryLaterError):
        return {"busy": True}
    if isinstance(error, InputError):
        return {"damage": (error.why,)}
    return {"trouble": error.why, "answers": path is not None}


def _impatient(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA busy_timeout = {WAIT_S * 1000}")


def _ahead(engine: Engine, now: Callable[[], datetime]) -> timedelta:
    with engine.connect() as connection:
        told: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
        return told - now()


def _looked_through(engine: Engine) -> dict[str, Any]:
    """SQLite's own check of all pages (PRAGMA quick_check), if it ends within CHECK_S."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        timer = threading.Timer(CHECK_S, raw.interrupt)
        timer.start()
        try:
            told = [str(row[0]) for row in connection.execute(text("PRAGMA quick_check(3)"))]
        except DBAPIError:
            if not timer.finished.is_set():
                raise
            return {"read": False}
        finally:
            timer.cancel()
            timer.join()
        return {"read": True, "damage": () if told == ["ok"] else tuple(told)}


def _written(engine: Engine) -> dict[str, Any]:
    """Whether a write is accepted; it is rolled back."""
    try:
        with engine.connect() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = version_num"))
    except DBAPIError as error:
        if isinstance(stores.translate(error, "sqlite://"), TryLaterError):
            return {"busy": True}
        return {"unwritable": str(error.orig).strip().splitlines()[0]}
    return {}
