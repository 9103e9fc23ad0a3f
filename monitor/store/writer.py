"""The single writer thread.

Writes that wait at the same moment share one commit, each within its own savepoint, so that one
that fails does not undo the others; a write that is alone needs none. Values for a function that
takes many (`write_to`) even share one call. A result is returned only after the commit. A write
that had to give way to another process (`conflicts`) is retried at once.
"""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from concurrent import futures
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from monitor.store.conflicts import gives_way, waits

BATCH = 100
"""How many writes may share one commit."""
COMPANY_S = 0.1
"""How long values for a function that takes many wait for company, once several have arrived
together: most of a commit's cost is fixed. One that arrives alone does not wait.
"""


Many = Callable[[Connection, Sequence[Any]], Sequence[Any]]
"""Writes several values and returns a result for each, in order."""
Future = asyncio.Future[Any] | futures.Future[Any]


@dataclass(frozen=True, slots=True)
class _Job:
    value: Any
    write: Many
    future: Future
    durable: bool


@dataclass(frozen=True, slots=True)
class _End:
    """How a job ended."""

    job: _Job
    result: Any = None
    error: BaseException | None = None

    def tell(self) -> None:
        """Pass the result to whoever waits for it; a cancelled wait does not prevent the write."""
        future = self.job.future
        if future.done():
            return
        if self.error is None:
            future.set_result(self.result)
        elif isinstance(self.error, StopIteration):
            # A future does not accept it; raised here, it would keep the others from their results.
            future.set_exception(RuntimeError("a write ended in StopIteration"))
        else:
            future.set_exception(self.error)


class Writer:
    """Runs functions that take a connection one after the other, in few commits.

    `pause` and `chance` (0 to 1) determine the waits after giving way (`conflicts.waits`).
    """

    def __init__(
        self,
        engine: Engine,
        pause: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._engine = engine
        self._pause = pause
        self._chance = chance
        self._waiting: deque[_Job] = deque()
        self._alone = 0
        """How many waiting jobs are for `write`: they never wait for company."""
        self._crowded = False
        """Whether several values for functions that take many arrived together last time."""
        self._closing = False
        self._change = threading.Condition(threading.Lock())
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    async def write(self, work: Callable[[Connection], Any], *, durable: bool) -> Any:
        """Return the result of `work` once it is committed."""
        return await self._queued(work, _call_each, durable=durable)

    async def write_to(self, write: Many, value: Any) -> Any:
        """Pass one value to `write`, together with the others that wait, in one call.

        If the call fails, it is repeated for each value alone, so that only the guilty one fails.
        """
        return await self._queued(value, write, durable=False)

    def write_now(self, work: Callable[[Connection], Any]) -> Any:
        """Like `write`, for callers without an event loop."""
        future: futures.Future[Any] = futures.Future()
        self._put(_Job(work, _call_each, future, durable=False))
        return future.result()

    async def _queued(self, value: Any, write: Many, *, durable: bool) -> Any:
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._put(_Job(value, write, future, durable))
        return await future

    def _put(self, job: _Job) -> None:
        with self._change:
            if self._closing:
                raise RuntimeError("the store is closed: nothing is written any more")
            first = not self._waiting
            self._waiting.append(job)
            self._alone += job.write is _call_each
            # If the thread waits for company, wake it when the batch is complete, not for each job.
            if first or self._enough():
                self._change.notify()

    def _enough(self) -> bool:
        return bool(self._alone) or self._closing or len(self._waiting) >= BATCH

    def close(self) -> None:
        """Finish what is queued, then end the thread."""
        with self._change:
            self._closing = True
            self._change.notify()
        self._thread.join()

    def _run(self) -> None:
        while batch := self._next():
            _tell(self._committed(batch))

    def _committed(self, batch: Sequence[_Job]) -> list[_End]:
        """How the writes ended, after retrying those that gave way."""
        ends = _commit(self._engine, batch)
        for seconds in waits(self._chance):
            again = [end.job for end in ends if gives_way(end.error)]
            if not again:
                break
            self._pause(seconds)
            anew = {id(end.job): end for end in _commit(self._engine, again)}
            ends = [anew.get(id(end.job), end) for end in ends]
        return ends

    def _next(self) -> list[_Job]:
        """The next batch of writes; empty when there will be no more."""
        with self._change:
            self._change.wait_for(lambda: self._waiting or self._closing)
            if self._crowded:
                self._change.wait_for(self._enough, COMPANY_S)
            count = min(BATCH, len(self._waiting))
            batch = [self._waiting.popleft() for _ in range(count)]
            together = sum(job.write is not _call_each for job in batch)
            self._alone -= count - together
            self._crowded = together > 1
        return batch


def _tell(ends: Sequence[_End]) -> None:
    """Pass on the results, waking each event loop only once."""
    by_loop: defaultdict[asyncio.AbstractEventLoop, list[_End]] = defaultdict(list)
    for end in ends:
        if isinstance(end.job.future, asyncio.Future):
            by_loop[end.job.future.get_loop()].append(end)
        else:
            end.tell()
    for loop, some in by_loop.items():
        with suppress(RuntimeError):  # closed: nobody waits there any more
            loop.call_soon_threadsafe(_tell_each, some)


def _tell_each(ends: Sequence[_End]) -> None:
    for end in ends:
        end.tell()


def _call_each(connection: Connection, works: Sequence[Callable[[Connection], Any]]) -> list[Any]:
    return [work(connection) for work in works]


def _commit(engine: Engine, batch: Sequence[_Job]) -> list[_End]:
    ends: list[_End] = []
    pieces = list(_together(batch))
    try:
        with engine.connect() as connection:
            _set_sync(connection, full=any(job.durable for job in batch))
            if len(pieces) == 1:
                if ends := _alone(connection, pieces[0]):
                    return ends
                pieces = [[job] for job in pieces[0]]
            with connection.begin():
                for jobs in pieces:
                    _attempt(connection, jobs, ends)
    except BaseException as error:  # the commit itself failed: no write took effect
        failed = {id(end.job): end for end in ends if end.error is not None}
        return [failed.get(id(job), _End(job, error=error)) for job in batch]
    return ends


def _together(batch: Sequence[_Job]) -> Iterator[list[_Job]]:
    """Group the jobs in order: neighbours for the same function together, others alone."""
    for write, jobs in groupby(batch, key=lambda job: job.write):
        if write is _call_each:
            yield from ([job] for job in jobs)
        else:
            yield list(jobs)


def _alone(connection: Connection, jobs: list[_Job]) -> list[_End]:
    """Run jobs that are the only ones in a batch, in a transaction without a savepoint.

    On SQLite a savepoint would write each page twice. Returns nothing when one of several jobs
    failed: then each must be tried alone.
    """
    transaction = connection.begin()
    try:
        done = jobs[0].write(connection, [job.value for job in jobs])
    except Exception as error:
        transaction.rollback()
        return _failed(jobs, error)
    transaction.commit()
    return [_End(job, result) for job, result in zip(jobs, done, strict=True)]


def _attempt(connection: Connection, jobs: list[_Job], ends: list[_End]) -> None:
    """Run the jobs within a savepoint; if that fails, run each within its own."""
    savepoint = connection.begin_nested()
    try:
        done = jobs[0].write(connection, [job.value for job in jobs])
        savepoint.commit()
    except Exception as error:
        try:
            savepoint.rollback()
        except DBAPIError:
            # The database has abandoned the whole transaction (disk full): report that error.
            raise error from None
        if connection.invalidated:  # a broken connection also loses the whole transaction
            raise
        if failed := _failed(jobs, error):
            ends += failed
            return
        for job in jobs:
            _attempt(connection, [job], ends)
    else:
        ends += [_End(job, result) for job, result in zip(jobs, done, strict=True)]


def _failed(jobs: Sequence[_Job], error: Exception) -> list[_End]:
    """The ends of jobs that failed together; none if each must be tried alone."""
    if len(jobs) > 1 and not gives_way(error):
        return []
    return [_End(job, error=error) for job in jobs]


def _set_sync(connection: Connection, *, full: bool) -> None:
    """Sync fully for durable writes: what was sent must be known as sent even after a power cut.

    For everything else WAL's default is enough.
    """
    if connection.dialect.name == "sqlite":
        raw = connection.connection.dbapi_connection
        assert raw is not None  # noqa: S101  # a connection that is open has one
        raw.execute(f"PRAGMA synchronous = {'FULL' if full else 'NORMAL'}")
