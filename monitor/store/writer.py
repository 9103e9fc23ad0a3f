"""The one thread that writes.

Writes that wait at the same moment share one commit, each behind a savepoint of its own, so that a
failed one does not take the others with it. Values for one function that takes many (`submit_to`)
even share one call. A result is given back only after the commit.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

BATCH = 100
"""Writes that may share one commit."""
COMPANY_S = 0.1
"""How long values for a function that takes many wait for company, once several have come at a
time: most of a commit's cost is fixed. One that comes alone waits for nobody."""


Many = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Writes several values, and gives a result for each, in their order."""


@dataclass(frozen=True, slots=True)
class _Job:
    value: Any
    write: Many
    future: Future[Any]
    durable: bool


class Writer:
    """Runs functions of a connection one after the other, in few commits."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._crowded = False
        """Whether several values for one function came at a time."""
        self._queue: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, work: Callable[[Connection], Any], *, durable: bool) -> Future[Any]:
        """Queue one write; the future ends after its commit."""
        return self._put(_Job(work, _call_each, Future(), durable))

    def submit_to(self, write: Many, value: Any) -> Future[Any]:
        """Queue one value for `write`, which gets all those that wait beside it in one call.

        When it fails, it is called once more for each value alone: only the guilty one fails.
        """
        return self._put(_Job(value, write, Future(), durable=False))

    def _put(self, job: _Job) -> Future[Any]:
        self._queue.put(job)
        return job.future

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
        until = time.monotonic() + (COMPANY_S if self._crowded else 0.0)
        while len(batch) < BATCH:
            alone = batch[-1].write is _call_each
            patience = 0.0 if alone else max(0.0, until - time.monotonic())
            try:
                job = self._queue.get(timeout=patience)
            except queue.Empty:
                break
            if job is None:
                return batch, True
            batch.append(job)
        self._crowded = sum(job.write is not _call_each for job in batch) > 1
        return batch, False


def _call_each(connection: Connection, works: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    return [work(connection) for work in works]


def _commit(engine: Engine, batch: list[_Job]) -> None:
    results: list[tuple[_Job, Any]] = []
    try:
        with engine.connect() as connection:
            _set_sync(connection, full=any(job.durable for job in batch))
            with connection.begin():
                for jobs in _together(batch):
                    _attempt(connection, jobs, results)
    except BaseException as error:  # the commit itself failed: nobody's write holds
        for job in batch:
            if not job.future.done():
                job.future.set_exception(error)
        return
    for job, result in results:
        job.future.set_result(result)


def _together(batch: list[_Job]) -> Iterator[list[_Job]]:
    """The jobs in their order: neighbours for the same function in one piece, others alone."""
    running = [job for job in batch if job.future.set_running_or_notify_cancel()]
    for write, jobs in groupby(running, key=lambda job: job.write):
        if write is _call_each:
            yield from ([job] for job in jobs)
        else:
            yield list(jobs)


def _attempt(connection: Connection, jobs: list[_Job], results: list[tuple[_Job, Any]]) -> None:
    """Do the jobs behind a savepoint; when that fails, each behind one of its own."""
    savepoint = connection.begin_nested()
    try:
        done = jobs[0].write(connection, [job.value for job in jobs])
        savepoint.commit()
    except Exception as error:
        try:
            savepoint.rollback()
        except DBAPIError:
            # The database has given up the whole transaction (disk full): that is what to tell.
            raise error from None
        if len(jobs) == 1:
            jobs[0].future.set_exception(error)
            return
        for job in jobs:
            _attempt(connection, [job], results)
    else:
        results.extend(zip(jobs, done, strict=True))


def _set_sync(connection: Connection, *, full: bool) -> None:
    """What was sent must be known as sent after a power cut; WAL's default serves the rest."""
    if connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  # a connection that is open has one
        raw.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
