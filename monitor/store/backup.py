"""Back up and restore an SQLite database: one file, copied while others write, restored whole.

A backup is made with VACUUM INTO: a single snapshot that blocks no writer and leaves out what was
deleted. In both directions the file is completed beside its destination, checked, and then renamed,
so that a crash leaves the previous state. A backup is a single file that contains no file names, so
it has no way to write outside its destination (S104).

On PostgreSQL a backup of SQLite is restored into an empty database (`carry`); this is how one moves
there.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import DBAPIError, OperationalError

from monitor import store as stores
from monitor.errors import InputError, MonitorError, TryLaterError, UsageError
from monitor.store import carry, holds, lock, migrate, schema
from monitor.store import engine as engines
from monitor.store.rows import how_many

PATIENCE_S = 5.0
"""Seconds that another command may take to let go of the database being replaced."""


@dataclass(frozen=True, slots=True)
class Copied:
    """The result of a backup."""

    size: int
    version: str
    taken: datetime
    """Everything in the backup was written before this time."""
    rows: Mapping[str, int]
    """Table -> number of rows, for every table that monitor makes."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore."""

    kept: Path | None
    """Where the previous database is kept; None if there was none."""
    before: str
    """The schema version of the backup before it was migrated to `migrate.HEAD`."""
    hold: holds.Hold
    rows: Mapping[str, int]


def backup(url: str, target: Path, now: Callable[[], datetime], *, force: bool = False) -> Copied:
    """Copy the database at a URL into the file `target`, readable by its owner only (S103).

    Raises UsageError when `target` exists and `force` is not given, or when the database is not a
    file; InputError when there is no monitor database, or it is damaged.
    """
    path = engines.sqlite_path(engines.parse(url))
    if path is None:
        hint = "pg_dump --format=custom --file=FILE copies it, even while monitor runs"
        raise UsageError("this works only for SQLite; the database is on PostgreSQL", hint=hint)
    if not path.exists():
        raise InputError("there is no database to copy", str(path))
    _refuse_own(path, target)
    if not force and os.path.lexists(target):
        raise UsageError(f"{target} already exists", hint="choose another name, or use --force")
    with _beside(target) as copy, _translated(path, target):
        with closing(sqlite3.connect(path, timeout=engines.BUSY_TIMEOUT_S)) as source:
            version = _version(source, path)
            source.isolation_level = None
            source.execute("VACUUM INTO ?", (str(copy),))
        taken = now()
        _look_through(copy, target)
        with _engine(copy) as engine, engine.begin() as connection:
            if version == migrate.HEAD:  # if older, `restore` begins the hold
                holds.begin(connection, taken)
            counted = _counted(connection)
        _finish(copy, target)
    return Copied(target.stat().st_size, version, taken, counted)


def restore(url: str, source: Path, now: Callable[[], datetime]) -> Restored:
    """Replace the database at a URL with a backup, and hold all sending (F116, F117).

    The previous database is kept beside it; on PostgreSQL the database must be empty (UsageError).
    Raises TryLaterError while the database is in use; InputError when the file is not a monitor
    database, is damaged, or was written by a newer version. In all these cases nothing is changed.
    """
    if not source.is_file():
        raise InputError(f"{source} is not a file", hint="monitor backup makes one")
    path = engines.sqlite_path(engines.parse(url))
    if path is None:
        return _into_postgresql(url, source, now)
    _refuse_own(path, source)
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise migrate.not_created(path, error) from error
    place = path.resolve()  # if the path is a symbolic link, keep the link
    with (
        _engine(path) as engine,
        lock.no_daemon(engine),
        _beside(place) as copy,
        _translated(source, place),
    ):
        before, hold, counted = _ready(source, copy, now)
        kept = _swap(copy, place, now())
    return Restored(kept, before, hold, counted)


def _into_postgresql(url: str, source: Path, now: Callable[[], datetime]) -> Restored:
    """Carry a backup of SQLite into an empty database on PostgreSQL; raises as `restore` does."""
    _refuse_dump(source)
    with carry.empty(url) as target, _beside(source) as copy:
        with _translated(source, copy):
            before, hold, _ = _ready(source, copy, now)
        with _engine(copy) as engine, engine.connect() as given:
            return Restored(None, before, hold, carry.into(target, given))


def _refuse_dump(source: Path) -> None:
    """Refuse a file that pg_dump made: raises InputError."""
    with source.open("rb") as file:
        if file.read(5) == b"PGDMP":
            raise InputError(
                f"{source} was made by pg_dump",
                hint="use pg_restore; then, before monitor runs: "
                "monitor deliveries hold --taken TIME",
            )


def _refuse_own(path: Path, file: Path) -> None:
    """Refuse a file that is the database itself or one that SQLite keeps beside it."""
    own = {f"{path.resolve()}{end}" for end in ("", "-wal", "-shm", "-journal")}
    same = path.exists() and file.exists() and path.samefile(file)
    if same or str(file.resolve()) in own:
        raise UsageError(f"{file} belongs to the database itself", hint="name another file")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """Make a temporary file in the same folder, mode 0600; removed at the end unless renamed."""
    try:
        handle, name = tempfile.mkstemp(".part", f".{target.name}.", target.parent)
    except OSError as error:
        raise InputError(f"cannot write {target}", error.strerror or "") from error
    os.close(handle)
    try:
        yield Path(name)
    finally:
        for end in ("", "-wal", "-shm", "-journal"):
            Path(f"{name}{end}").unlink(missing_ok=True)


@contextmanager
def _translated(read: Path, written: Path) -> Iterator[None]:
    """Translate SQLite's errors. "Disk full" refers to the disk of the file being written."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        complaint = error if isinstance(error, DBAPIError) else _complaint(error)
        full = getattr(complaint.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        shown = written if full else read
        told = stores.translate(complaint, f"sqlite:///{shown}")
        if isinstance(told, InputError):
            raise InputError(
                f"{shown} is damaged or not a database", str(complaint.orig)
            ) from error
        raise told from error


def _complaint(error: sqlite3.Error) -> DBAPIError:
    operational = isinstance(error, sqlite3.OperationalError)
    return (OperationalError if operational else DBAPIError)(None, None, error)


@contextmanager
def _engine(path: Path) -> Iterator[Engine]:
    """An engine that may write to the file at `path`."""
    writing, reading = engines.engines(engines.parse("sqlite://").set(database=str(path)))
    try:
        yield writing
    finally:
        writing.dispose()
        reading.dispose()


def _version(connection: sqlite3.Connection, shown: Path) -> str:
    """The schema version. Raises InputError when it is missing or newer than this program."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    row = known.fetchone() and connection.execute("SELECT version_num FROM alembic_version")
    version = row.fetchone() if row else None
    if version is None:
        raise InputError(f"{shown} is not a monitor database", "it has no schema version")
    if str(version[0]) > migrate.HEAD:
        raise InputError(
            f"{shown} was written by a newer monitor",
            f"its schema is {version[0]}, this program needs {migrate.HEAD}",
            "upgrade monitor; nothing was changed",
        )
    return str(version[0])


def _look_through(path: Path, shown: Path) -> None:
    """Raise InputError when SQLite finds damage in the file."""
    with closing(sqlite3.connect(path)) as connection:
        told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
    if told != ["ok"]:
        raise InputError(f"{shown} is damaged", "; ".join(told), "nothing was replaced")


def _ready(
    source: Path, copy: Path, now: Callable[[], datetime]
) -> tuple[str, holds.Hold, Mapping[str, int]]:
    """Copy the backup `source` into `copy`, migrated to this program's schema and held."""
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as given,
        closing(sqlite3.connect(copy)) as taking,
    ):
        before = _version(given, source)
        given.backup(taking)  # copies page by page: no SQL in the file is executed
    _look_through(copy, source)
    _refuse_strange(copy, source)
    with _engine(copy) as engine:
        migrate.upgrade(engine)
        with engine.begin() as connection:
            sign = holds.newest_sign(connection)
            if sign or holds.current(connection) is None:
                holds.begin(connection, sign or now())
            holds.enter(connection, now(), anew=True)
            hold = holds.current(connection)
            counted = _counted(connection)
    assert hold is not None  # noqa: S101  # it was just begun, or existed before
    return before, hold, counted


def _refuse_strange(copy: Path, shown: Path) -> None:
    """Refuse a file with triggers, views or tables that our migrations do not create.

    A foreign trigger would run on our next write.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.sqlite3"
        with _engine(fresh) as engine:
            migrate.upgrade(engine)
        ours, found = _made(fresh), _made(copy)
    strange = [name for name, what in found.items() if ours.get(name) != what]
    if strange:
        why = f"it holds {', '.join(sorted(strange)[:3])}, which monitor never makes"
        raise InputError(f"{shown} is not a monitor database", why)


def _made(path: Path) -> dict[str, tuple[str, str]]:
    """Name -> (type, SQL) of tables, views and triggers; the SQL is empty for plain tables.

    (A plain table's statement may differ between schema versions.)
    """
    wanted = (
        "SELECT name, type, CASE WHEN type = 'table' AND sql NOT LIKE 'CREATE VIRTUAL%' "
        "THEN '' ELSE sql END FROM sqlite_master WHERE type IN ('table', 'view', 'trigger') "
        "AND name NOT LIKE 'sqlite^_%' ESCAPE '^'"
    )
    with closing(sqlite3.connect(path)) as connection:
        return {name: (kind, sql) for name, kind, sql in connection.execute(wanted)}


def _counted(connection: Connection) -> dict[str, int]:
    """Table -> rows; an older database has fewer tables."""
    there = set(inspect(connection).get_table_names())
    return {
        table.name: how_many(connection, table)
        for table in schema.metadata.sorted_tables
        if table.name in there
    }


def _finish(copy: Path, target: Path) -> None:
    """Make the database a single file, sync it to disk, and rename it to its final name."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # no -wal or -shm file beside it
    for place in (copy, target.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    copy.replace(target)


def _swap(copy: Path, place: Path, now: datetime) -> Path | None:
    """Put `copy` in place; return where the previous database is kept, or None.

    The previous database is linked to its second name before it loses its first, so that it always
    has a name. A command that waits for it meanwhile finds that it has moved, and SQLite refuses
    its writes.
    """
    kept = place.with_name(f"{place.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    with _alone(place):
        there = place.exists()
        try:
            if there:
                os.link(place, kept)
            for end in ("-wal", "-journal"):  # left over by a database that could not be opened
                with suppress(FileNotFoundError):
                    Path(f"{place}{end}").rename(f"{kept}{end}")
        except OSError as error:
            why = error.strerror or ""
            raise MonitorError("the existing database cannot be kept", why) from error
        Path(f"{place}-shm").unlink(missing_ok=True)
        _finish(copy, place)
    return kept if there else None


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Lock a database so that nobody else can use it and everything in it is in the one file.

    A damaged database is not locked: nobody can use it anyway. Raises TryLaterError when another
    process has it open.
    """
    if not place.exists():
        yield
        return
    busy = TryLaterError(
        "another command is working on this database", hint="nothing was changed; try again"
    )
    with closing(sqlite3.connect(place, timeout=PATIENCE_S, isolation_level=None)) as old:
        try:
            old.execute("PRAGMA journal_mode = DELETE")  # refused while another process has it open
            old.execute("BEGIN EXCLUSIVE")
            if old.execute("PRAGMA journal_mode").fetchone() != ("delete",):
                raise busy  # another process opened it between the two statements
        except sqlite3.DatabaseError as error:
            told = stores.translate(DBAPIError(None, None, error), "sqlite://")
            if isinstance(told, TryLaterError):
                raise busy from error
        yield
