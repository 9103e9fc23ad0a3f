"""Locks that the kernel or the database server releases when their holder dies."""

from __future__ import annotations

import fcntl
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from monitor.errors import TryLaterError, UnavailableError


class Lock:
    """A lock held until `release`, or until the process ends in any way."""

    def __init__(self, release: Callable[[], None], held: Callable[[], bool]) -> None:
        self.release = release
        self.held = held
        """Whether it is still ours: a server that restarts forgets its locks."""


class Presence:
    """Tells processes whether others are at the same work; it ends with the process, however."""

    def __init__(self, handle: int) -> None:
        """`handle`: a file with a shared lock on it."""
        self._handle = handle

    def last(self) -> bool:
        """Whether nobody else is present; if so, nobody can come before this presence ends."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            # A refused exchange gives up the shared lock too: flock(2).
            with suppress(BlockingIOError):
                fcntl.flock(self._handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
        return True

    def end(self) -> None:
        """Be present no longer."""
        os.close(self._handle)


def take(engine: Engine, name: str) -> Lock | None:
    """Take the lock `name` of this database; None if another process holds it.

    Raises UnavailableError when there can be no lock, DBAPIError when the server fails.
    """
    if engine.dialect.name == "postgresql":
        return _advisory(engine, name)
    return of_file(Path(engine.url.database or ""), name)


def of_file(path: Path, name: str) -> Lock | None:
    """Take the lock `name` of a file; None if another process holds it.

    Raises UnavailableError when there can be no lock.
    """
    handle = _locked(_beside(path, name), fcntl.LOCK_EX)
    return None if handle is None else Lock(lambda: os.close(handle), lambda: True)


@contextmanager
def only(taken: Lock | None, busy: str, hint: str) -> Iterator[Lock]:
    """Release a lock when the body ends; raise TryLaterError if another process holds it (None)."""
    if taken is None:
        raise TryLaterError(busy, hint=hint)
    try:
        yield taken
    finally:
        taken.release()


def no_daemon(engine: Engine) -> AbstractContextManager[Lock]:
    """Keep daemons away from this database while the body runs.

    Raises TryLaterError if one works on it.
    """
    busy, hint = "a daemon is working on this database", "stop it first; nothing was changed"
    return only(take(engine, "daemon"), busy, hint)


def present(engine: Engine, name: str) -> Presence | None:
    """Be present at the work `name` on this database, which must be a file.

    None while the last one present is leaving. Raises UnavailableError when there can be no lock.
    """
    handle = _locked(_beside(Path(engine.url.database or ""), name), fcntl.LOCK_SH)
    return None if handle is None else Presence(handle)


def _beside(path: Path, name: str) -> Path:
    return Path(f"{path}.{name}.lock")


def _locked(path: Path, how: int) -> int | None:
    """A file that is locked; None if the lock of another process is in the way."""
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, how | fcntl.LOCK_NB)
        except OSError as error:
            os.close(handle)
            if isinstance(error, BlockingIOError):
                return None
            raise
    except OSError as error:
        raise UnavailableError(f"{path} cannot be locked", error.strerror or str(error)) from error
    return handle


def _advisory(engine: Engine, name: str) -> Lock | None:
    connection = engine.connect()
    key = zlib.crc32(f"monitor:{name}".encode())
    if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}):
        connection.close()
        return None
    connection.commit()

    def held() -> bool:
        # Do not reconnect a broken connection: its lock is gone.
        if connection.invalidated:
            return False
        try:
            connection.execute(text("SELECT 1"))
            connection.commit()
        except DBAPIError:
            return False
        return True

    def release() -> None:
        # If the server dropped the connection, there is nothing to release.
        with connection:
            if held():
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})

    return Lock(release, held)
