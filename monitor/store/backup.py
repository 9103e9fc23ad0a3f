"""Backup of an SQLite database, made while others write, and restore: whole, into its place.

A backup is made by VACUUM INTO: one snapshot, which keeps no writer waiting, without what was
deleted. Both ways a file is finished beside its place, looked through, and then renamed into it,
so that a crash leaves what there was. It is one file without names of others in it: there is
nothing that could lead out of its place (S104).

On PostgreSQL a backup of SQLite is restored into an empty database (`carry`): so one moves there.
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

from sqlalchemy import Connection, Engine, func, inspect, select
from sqlalchemy.exc import DBAPIError

from monitor import store as stores
from monitor.errors import InputError, MonitorError, TryLaterError, UsageError
from monitor.store import carry, holds, lock, migrate, schema
from monitor.store import engine as engines

PATIENCE_S = 5.0
"""How long another command may take to let go of the database that is replaced."""


@dataclass(frozen=True, slots=True)
class Copied:
    """A backup that was made."""

    size: int
    version: str
    taken: datetime
    """All of it was written by then."""
    rows: Mapping[str, int]
    """Table -> how many, of every table that monitor makes."""


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was put into its place."""

    kept: Path | None
    """The database that stood there; None: there was none."""
    before: str
    """The version of the backup, which is at `migrate.HEAD` now."""
    hold: holds.Hold
    rows: Mapping[str, int]


def backup(url: str, target: Path, now: Callable[[], datetime], *, force: bool = False) -> Copied:
    """Copy the database of a URL into the file `target`, readable by its owner only (S103).

    Raises UsageError when `target` is there and not to be replaced, or the database is no file;
    InputError when there is no database of ours, or it is damaged.
    """
    path = engines.sqlite_path(engines.parse(url))
    if path is None:
        hint = "pg_dump --format=custom --file=FILE copies it, also while monitor runs"
        raise UsageError("this is done for SQLite; the database is on PostgreSQL", hint=hint)
    if not path.exists():
        raise InputError("there is no database to copy", str(path))
    _refuse_own(path, target)
    if not force and os.path.lexists(target):
        raise UsageError(f"{target} is there already", hint="another name, or --force")
    with _beside(target) as copy, _translated(path, target):
        with closing(sqlite3.connect(path, timeout=engines.BUSY_TIMEOUT_S)) as source:
            version = _version(source, path)
            source.isolation_level = None
            source.execute("VACUUM INTO ?", (str(copy),))
        taken = now()
        _look_through(copy, target)
        with _engine(copy) as engine, engine.begin() as connection:
            if version == migrate.HEAD:  # an older one has no such table: `restore` holds it
                holds.begin(connection, taken)
            counted = _counted(connection)
        _finish(copy, target)
    return Copied(target.stat().st_size, version, taken, counted)


def restore(url: str, source: Path, now: Callable[[], datetime]) -> Restored:
    """Put a backup into the place of the database of a URL, and hold all sending (F116, F117).

    What stood there is kept beside it; on PostgreSQL nothing may stand there (UsageError). Raises
    TryLaterError while it is in use; InputError when the file is no database of ours, damaged, or
    written by a newer program: nothing is changed.
    """
    if not source.is_file():
        raise InputError(f"{source} is no file", hint="monitor backup makes one")
    path = engines.sqlite_path(engines.parse(url))
    if path is None:
        return _into_postgresql(url, source, now)
    _refuse_own(path, source)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine, _ = engines.engines(engines.parse(url))
    alone = lock.take(engine, "daemon")
    if alone is None:
        raise TryLaterError(
            "a daemon works on this database", hint="stop it first; nothing was changed"
        )
    place = path.resolve()  # a link to the database stays one
    try:
        with _beside(place) as copy, _translated(source, place):
            before, hold, counted = _ready(source, copy, now)
            kept = _swap(copy, place, now())
    finally:
        alone.release()
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
    """Raises InputError for what PostgreSQL's own program made."""
    with source.open("rb") as file:
        if file.read(5) == b"PGDMP":
            raise InputError(
                f"{source} was made by pg_dump",
                hint="pg_restore puts it back; then, before monitor runs: "
                "monitor deliveries hold --taken TIME",
            )


def _refuse_own(path: Path, file: Path) -> None:
    """The other file must not be the database, nor one that SQLite keeps beside it."""
    own = {f"{path.resolve()}{end}" for end in ("", "-wal", "-shm", "-journal")}
    same = path.exists() and file.exists() and path.samefile(file)
    if same or str(file.resolve()) in own:
        raise UsageError(f"{file} belongs to the database itself", hint="name another file")


@contextmanager
def _beside(target: Path) -> Iterator[Path]:
    """An empty file of its own in the same folder, 0600; gone at the end unless renamed."""
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
    """SQLite's complaints in our words. Full is the disk of the file that is written."""
    try:
        yield
    except (sqlite3.Error, DBAPIError) as error:
        complaint = error if isinstance(error, DBAPIError) else DBAPIError(None, None, error)
        full = getattr(complaint.orig, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        shown = written if full else read
        told = stores.translate(complaint, f"sqlite:///{shown}")
        if isinstance(told, InputError):
            raise InputError(f"{shown} is damaged, or no database", str(complaint.orig)) from error
        raise told from error


@contextmanager
def _engine(path: Path) -> Iterator[Engine]:
    """An engine that may write into a file of ours."""
    writing, reading = engines.engines(engines.parse("sqlite://").set(database=str(path)))
    try:
        yield writing
    finally:
        writing.dispose()
        reading.dispose()


def _version(connection: sqlite3.Connection, shown: Path) -> str:
    """The schema's version. Raises InputError when there is none, or one that we do not know."""
    known = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")
    row = known.fetchone() and connection.execute("SELECT version_num FROM alembic_version")
    version = row.fetchone() if row else None
    if version is None:
        raise InputError(f"{shown} is no database of monitor", "it has no version")
    if str(version[0]) > migrate.HEAD:
        raise InputError(
            f"{shown} was written by a newer monitor",
            f"its schema is {version[0]}, this program knows {migrate.HEAD}",
            "upgrade monitor; nothing was changed",
        )
    return str(version[0])


def _look_through(path: Path, shown: Path) -> None:
    """Raises InputError when SQLite finds damage in the file."""
    with closing(sqlite3.connect(path)) as connection:
        told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(3)")]
    if told != ["ok"]:
        raise InputError(f"{shown} is damaged", "; ".join(told), "nothing was put in its place")


def _ready(
    source: Path, copy: Path, now: Callable[[], datetime]
) -> tuple[str, holds.Hold, Mapping[str, int]]:
    """Make of a backup in `source` a database as this program wants it, held, in `copy`."""
    with (
        closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as given,
        closing(sqlite3.connect(copy)) as taking,
    ):
        before = _version(given, source)
        given.backup(taking)  # page by page: nothing that the file says is carried out
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
    assert hold is not None  # noqa: S101  # it was just begun, unless it was there
    return before, hold, counted


def _refuse_strange(copy: Path, shown: Path) -> None:
    """Refuse a file with triggers, views or tables that our migrations do not make.

    A trigger of somebody else's would act at our next write.
    """
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder) / "fresh.sqlite3"
        with _engine(fresh) as engine:
            migrate.upgrade(engine)
        ours, found = _made(fresh), _made(copy)
    strange = [name for name, what in found.items() if ours.get(name) != what]
    if strange:
        why = f"it holds {', '.join(sorted(strange)[:3])}, which monitor never makes"
        raise InputError(f"{shown} is no database of monitor", why)


def _made(path: Path) -> dict[str, tuple[str, str]]:
    """Name -> (type, statement) of tables, views and triggers; of plain tables the type alone.

    (Of a plain table, each version may have another statement.)
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
        table.name: connection.scalar(select(func.count()).select_from(table)) or 0
        for table in schema.metadata.sorted_tables
        if table.name in there
    }


def _finish(copy: Path, target: Path) -> None:
    """Close the file up, bring it to the disk, and give it its name."""
    with closing(sqlite3.connect(copy)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")  # one file, and none beside it
    for place in (copy, target.parent):
        handle = os.open(place, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    copy.replace(target)


def _swap(copy: Path, place: Path, now: datetime) -> Path | None:
    """Put `copy` into its place; where the database that stood there is kept.

    It gets its second name before it loses its first: at no moment there is none. Whoever waits
    for it meanwhile finds that it has moved, and SQLite lets him write nothing.
    """
    kept = place.with_name(f"{place.name}.before-{now.astimezone(UTC):%Y%m%dT%H%M%SZ}")
    with _alone(place):
        there = place.exists()
        try:
            if there:
                os.link(place, kept)
            for end in ("-wal", "-journal"):  # of one that could not be opened
                with suppress(FileNotFoundError):
                    Path(f"{place}{end}").rename(f"{kept}{end}")
        except OSError as error:
            why = error.strerror or ""
            raise MonitorError("the database that stands there cannot be kept", why) from error
        Path(f"{place}-shm").unlink(missing_ok=True)
        _finish(copy, place)
    return kept if there else None


@contextmanager
def _alone(place: Path) -> Iterator[None]:
    """Hold a database so that nobody else can use it, and all of it stands in its one file.

    One that is damaged nobody can use anyway. Raises TryLaterError when somebody is at it.
    """
    if not place.exists():
        yield
        return
    busy = TryLaterError(
        "another command works on this database", hint="nothing was changed; try again"
    )
    with closing(sqlite3.connect(place, timeout=PATIENCE_S, isolation_level=None)) as old:
        try:
            old.execute("PRAGMA journal_mode = DELETE")  # refused while anybody else has it open
            old.execute("BEGIN EXCLUSIVE")
            if old.execute("PRAGMA journal_mode").fetchone() != ("delete",):
                raise busy  # somebody was quick enough to open it between the two
        except sqlite3.DatabaseError as error:
            told = stores.translate(DBAPIError(None, None, error), "sqlite://")
            if isinstance(told, TryLaterError):
                raise busy from error
        yield
