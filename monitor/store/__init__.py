"""The store: one database with many readers and a single writer thread.

    store = monitor.store.open("sqlite:///monitor.sqlite3")
    await store.write(feeds.sync, settings_feeds, now)
    rows = await store.read(feeds.due, now)

The functions are grouped into one file per subject and are plain: they take a connection and
values, and return values. The store never makes decisions.
"""

from __future__ import annotations

import asyncio
import functools
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, delete, insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from monitor.errors import InputError, MonitorError, TryLaterError, UnavailableError
from monitor.store import engine as engines
from monitor.store import lock, migrate, schema
from monitor.store.conflicts import gives_way, waits
from monitor.store.lock import Presence
from monitor.store.writer import Writer

P = ParamSpec("P")
T = TypeVar("T")
V = TypeVar("V")

PROOF_BYTES = 2**18
"""How much must fit before a disk that was full counts as having room again."""


class Store:
    """One database behind one interface; see the module docstring."""

    def __init__(self, url: str, writing: Engine, reading: Engine) -> None:
        self.url = url
        self._writing = writing
        self._reading = reading
        self._writer = Writer(writing)
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="store-reader")
        self.refusing: MonitorError | None = None
        """Why the last write failed, if the cause was not the data itself."""
        self.damaged: InputError | None = None
        """What was found when the file turned out to be damaged; nothing is written after that."""

    async def read(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `fn(connection, ...)` on a reader thread, in its own snapshot."""
        loop = asyncio.get_running_loop()
        work = functools.partial(self.read_now, fn, *args, **kwargs)
        return await loop.run_in_executor(self._readers, work)

    async def write(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `fn(connection, ...)` on the writer thread; return after the commit."""
        return await self._write(fn, False, *args, **kwargs)

    async def write_durably(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `write`, but returns only once the data is on disk: used for the outbox."""
        return await self._write(fn, True, *args, **kwargs)

    async def write_to(self, fn: Callable[[Connection, Sequence[V]], Sequence[T]], value: V) -> T:
        """Pass one value to `fn(connection, values)`, batched with other values that are waiting.

        One call for many values is several times cheaper; the return value is the result for this
        one.
        """
        self._refuse_damaged()
        return await self._done(self._writer.write_to(fn, value))

    async def _write(self, fn: Callable[..., T], durable: bool, *args: Any, **kwargs: Any) -> T:
        self._refuse_damaged()
        work = functools.partial(_call, fn, args, kwargs)
        return await self._done(self._writer.write(work, durable=durable))

    async def _done(self, writing: Awaitable[T]) -> T:
        try:
            result: T = await writing
        except DBAPIError as error:
            told = self._told(error)
            if isinstance(told, TryLaterError | UnavailableError):
                self.refusing = told
            raise told from error
        self.refusing = self.damaged
        return result

    def _told(self, error: DBAPIError) -> MonitorError:
        told = translate(error, self.url)
        if isinstance(told, InputError):
            self.refusing = self.damaged = told
        return told

    def _refuse_damaged(self) -> None:
        """Raise what was found if the file is damaged: writing might ruin what is still there."""
        if self.damaged:
            raise self.damaged

    async def refuses(self) -> MonitorError | None:
        """Return why writes fail at present, or None if they succeed.

        If the last write failed, try another one first: when nothing is due, nothing else would
        notice that there is room again.
        """
        if self.refusing:
            with suppress(MonitorError):
                await self.write_to(_prove, None)
        return self.refusing

    def read_now(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `read`, for callers without an event loop."""
        try:
            with self._reading.connect() as connection:
                return fn(connection, *args, **kwargs)
        except DBAPIError as error:
            raise self._told(error) from error

    def write_now(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Like `write`, for callers without an event loop."""
        self._refuse_damaged()
        work = functools.partial(_call, fn, args, kwargs)
        try:
            result: T = self._writer.write_now(work)
        except DBAPIError as error:
            raise self._told(error) from error
        return result

    def log_bytes(self) -> int | None:
        """The size of SQLite's write-ahead log, which a long reader keeps growing; else None."""
        path = engines.sqlite_path(self._writing.url)
        if path is None:
            return None
        try:
            return Path(f"{path}-wal").stat().st_size
        except FileNotFoundError:
            return 0

    @property
    def shared(self) -> bool:
        """Whether processes on other machines may use this database too."""
        return self._writing.dialect.name == "postgresql"

    async def apart(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run `fn(connection, ...)` in its own transaction, beside the writer; only where `shared`.

        For a single row that processes take turns at: it must not wait for other writes, nor stay
        locked for as long as they take.
        """
        loop = asyncio.get_running_loop()
        work = functools.partial(self._apart, fn, *args, **kwargs)
        return await loop.run_in_executor(self._readers, work)

    def _apart(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        left = waits(random.random)
        while True:
            try:
                with self._writing.begin() as connection:
                    return fn(connection, *args, **kwargs)
            except DBAPIError as error:
                seconds = next(left, None) if gives_way(error) else None
                if seconds is None:
                    raise translate(error, self.url) from error
            time.sleep(seconds)

    def lock(self, name: str) -> lock.Lock | None:
        """Take a lock that ends when its holder dies; None if another process holds it.

        Raises UnavailableError when there can be no lock.
        """
        try:
            return lock.take(self._writing, name)
        except DBAPIError as error:
            raise translate(error, self.url) from error

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[bool]:
        """Hold the lock `name` while the body runs; yields whether no other process holds it.

        The event loop runs on meanwhile: a server may take its time. Raises as `lock`.
        """
        taking = asyncio.ensure_future(asyncio.to_thread(self.lock, name))
        try:
            held = await asyncio.shield(taking)
        except asyncio.CancelledError:
            taking.add_done_callback(_let_go)
            raise
        try:
            yield held is not None
        finally:
            if held:
                await asyncio.to_thread(held.release)

    def present(self, name: str) -> Presence | None:
        """Be present at a work that other processes may share; only where not `shared`.

        None while the last one present is leaving. Raises UnavailableError.
        """
        return lock.present(self._writing, name)

    def close(self) -> None:
        """Finish the queued writes and close the database."""
        self._writer.close()
        self._readers.shutdown()
        self._reading.dispose()
        self._writing.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def _prove(connection: Connection, askers: Sequence[None]) -> Sequence[None]:
    """Write as much as a poll may bring and delete it again; no host has an empty name."""
    proof = {"host": "", "turns": {"": "0" * PROOF_BYTES}}
    connection.execute(insert(schema.hosts), proof)
    connection.execute(delete(schema.hosts).where(schema.hosts.c.host == ""))
    return askers


def _call(
    fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any], connection: Connection
) -> T:
    return fn(connection, *args, **kwargs)


def open(url: str) -> Store:  # noqa: A001  # read as `store.open(url)`
    """Open the database at a URL, creating or migrating it if needed.

    Raises SettingsError for an unknown kind of URL, UnavailableError when no server answers,
    InputError when the file is not a database or is damaged, TryLaterError when the disk is full or
    another process is at it.
    """
    parsed = engines.parse(url)
    path = engines.sqlite_path(parsed)
    if path is not None:
        migrate.prepare_file(path)
    writing, reading = engines.engines(parsed)
    try:
        with translated(url):
            if not migrate.is_current(reading):  # usually: then the write lock is not needed
                migrate.upgrade(writing)
    except MonitorError:
        writing.dispose()
        reading.dispose()
        raise
    return Store(url, writing, reading)


def read_beside(
    url: str, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
) -> T:
    """Like `Store.read_now`, for worker processes without a store of their own.

    The database must be up to date. The connection is read-only and stays open for the next call.
    """
    with translated(url), _reading(url).connect() as connection:
        return fn(connection, *args, **kwargs)


@functools.lru_cache(maxsize=1)
def _reading(url: str) -> Engine:
    _, reading = engines.engines(engines.parse(url))
    return reading.execution_options(postgresql_readonly=True)


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Turn errors of the database at a URL into ones that tell the user what they mean."""
    try:
        yield
    except DBAPIError as error:
        raise translate(error, url) from error


def translate(error: DBAPIError, url: str) -> MonitorError:
    """Turn a database error into one that tells the user what it means."""
    text = str(error.orig).strip()
    shown = engines.shown(url)
    first = text.splitlines()[0] if text else type(error).__name__
    state = getattr(error.orig, "sqlstate", None)
    if gives_way(error) or "locked" in text or "busy" in text:
        return TryLaterError(
            "the database is locked", f"another process writes to {shown}", "try again"
        )
    if "disk is full" in text or "No space left" in text or state == _DISK_FULL:
        return TryLaterError("the disk is full", shown, "make room; nothing stored was lost")
    if engines.is_damaged(error.orig):
        return InputError(
            "the database is damaged",
            f"{shown}: {first}",
            "monitor restore FILE puts a backup in its place; nothing was written",
        )
    if engines.disk_fails(text):
        hint = "check that the disk is sound, writable and not full; nothing stored was lost"
        return UnavailableError("the database cannot be written", f"{shown}: {first}", hint)
    if isinstance(error, OperationalError | InterfaceError):
        if engines.sqlite_path(engines.parse(url)) is not None:
            hint = "you must be able to read and write both the file and its folder"
            return UnavailableError("the database cannot be opened", f"{shown}: {first}", hint)
        hint = next((hint for said, hint in _HINTS.items() if said in text), "is it running?")
        return UnavailableError("the database does not answer", f"{shown}: {first}", hint)
    if state == _READ_ONLY:
        hint = "it is a standby, or was made read-only: name the server that takes writes"
        return UnavailableError("the database takes no writes", shown, hint)
    return MonitorError("the database refused", f"{shown}: {first}")


_DISK_FULL = "53100"
_READ_ONLY = "25006"
"""SQLSTATEs of PostgreSQL (its manual, appendix A), whatever its language."""
_HINTS = {
    "failed to resolve host": "is the name of the host in [store] url right?",
    "timeout expired": "is the host in [store] url right, is a firewall in between?",
    "password": "are user and password in [store] url right?",
    "no pg_hba.conf entry": "its pg_hba.conf does not let us in from here, or only with TLS",
    "too many": "its limit of connections is reached: close some, or raise max_connections",
    "remaining connection slots": "its limit of connections is reached: raise max_connections",
    "role": "create the role, or name another in [store] url",
    "does not exist": "create it with CREATE DATABASE, or name another in [store] url",
    "does not support SSL": "does the server offer what sslmode in [store] url asks for?",
    "starting up": "try again in a moment",
    "shutting down": "start it again",
}
"""What a server says when it lets nobody in, and what to do; the first that fits."""


def _let_go(taking: asyncio.Future[lock.Lock | None]) -> None:
    """Release a lock that was taken while nobody waited for it any more."""
    if not taking.cancelled() and taking.exception() is None and (held := taking.result()):
        held.release()
