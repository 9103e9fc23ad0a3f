"""The one thread that writes.

Writes that wait at the same moment share one commit, each behind a savepoint of its own, so that a
failed one does not take the others with it. A result is given back only after the commit.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

BATCH = 100
"""Writes that may share one commit."""


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[Connection], Any]
    future: Future[Any]
    durable: bool


class Writer:
    """Runs functions of a connection one after the other, in few commits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], Any], *, durable: bool) -> Future[Any]:
        """Queue one write; the future ends after its commit."""
        future: Future[Any] = Future()
        self._queue.put(_Job(work, future, durable))
        return future

    def close(self) -> None:
        """Finish what is queued, then end the thread."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        while (job := self._queue.get()) is not None:
            batch, last = self._drain(job)
            _commit(self._engine, batch)
            if last:
                return

    def _drain(self, first: _Job) -> tuple[list[_Job], bool]:
        batch = [first]
        while len(batch) < BATCH:
            try:
                job = self._queue.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return batch, True
            batch.append(job)
        return batch, False


def _commit(engine: Engine, batch: list[_Job]) -> None:
    results: list[tuple[_Job, Any]] = []
    try:
        with engine.connect() as connection:
            _set_sync(connection, full=any(job.durable for job in batch))
            with connection.begin():
                for job in batch:
                    _attempt(connection, job, results)
    except BaseException as error:  # the commit itself failed: nobody's write holds
        for job in batch:
            if not job.future.done():
                job.future.set_exception(error)
        return
    for job, result in results:
        job.future.set_result(result)


def _attempt(connection: Connection, job: _Job, results: list[tuple[_Job, Any]]) -> None:
    if not job.future.set_running_or_notify_cancel():
        return
    savepoint = connection.begin_nested()
    try:
        result = job.work(connection)
        savepoint.commit()
    except Exception as error:
        try:
            savepoint.rollback()
        except DBAPIError:
            # The database has given up the whole transaction (disk full): that is what to tell.
            raise error from None
        job.future.set_exception(error)
    else:
        results.append((job, result))


def _set_sync(connection: Connection, *, full: bool) -> None:
    """What was sent must be known as sent after a power cut; WAL's default serves the rest."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  # a connection that is open has one
        raw.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
