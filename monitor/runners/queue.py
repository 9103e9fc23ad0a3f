"""Workers: processes on several machines read entries, as jobs that Procrastinate brings them.

The database stays the queue of record. A job is a hint that entries of one host are due; whether
they really are, their claims say. So a job may be lost, doubled or late (docs/design/queue.md).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from hashlib import blake2b
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from monitor.articles import urls
from monitor.errors import (
    Mistake,
    MonitorError,
    SettingsError,
    TryLaterError,
    UnavailableError,
)
from monitor.fetch.settings import FetchSettings
from monitor.pipeline import ingest
from monitor.pipeline.ingest import Ingested
from monitor.pipeline.parts import Parts
from monitor.store import engine, entries, jobs, leases

if TYPE_CHECKING:
    from procrastinate import App

log = logging.getLogger("monitor.queue")

QUEUE = TASK = "ingest"
KEYS = 50
"""Entries per job: at the usual spacing, their pages arrive before a step's patience ends."""
AT_ONCE = 100
"""Jobs that a worker has in hand at a time: nearly all of them wait for their hosts."""
WORKER = "worker-"
"""The prefix of workers' names in claims; the mark of their settings follows."""
BURY_S = 10.0
"""How often the daemon looks for dead workers."""
DRAIN_S = 20.0
"""How long the work in hand may take to finish when a worker is told to stop."""
AGAIN_S = 3.0
"""How long a worker waits before it returns to a database that went away."""


def mark(parts: Parts) -> str:
    """A hash of all that decides what an entry becomes: equal for equal program and settings."""
    watchlists = sorted((one.name, one.version) for one in parts.watchlists.values())
    told = (FetchSettings().version, watchlists, sorted(parts.sites.items()), parts.articles)
    return blake2b(repr(told).encode(), digest_size=6).hexdigest()


def owner(parts: Parts, random: str) -> str:
    """Return the owner of a worker's claims; `random` distinguishes it from all others."""
    return f"{WORKER}{mark(parts)}-{random}"


def check(url: str) -> None:
    """Raise SettingsError where there can be no workers: on SQLite, or without the library."""
    if engine.sqlite_path(engine.parse(url)) is not None:
        why = "monitor work needs PostgreSQL, and this is SQLite, where monitor run does everything"
        hint = 'url = "postgresql://USER:PASSWORD@HOST/NAME", for monitor run as well'
        raise SettingsError([Mistake("[store] url", why, hint)])
    if find_spec("procrastinate") is None:
        why = "monitor work needs a library that is not installed: procrastinate"
        raise SettingsError([Mistake("[store] url", why, "pip install 'monitor[postgres]'")])


def _app(url: str) -> App:
    from procrastinate import App, PsycopgConnector

    for name, level in (("procrastinate", logging.CRITICAL), ("psycopg.pool", logging.ERROR)):
        logging.getLogger(name).setLevel(level)  # we report what is wrong ourselves
    args = engine.connect_args(engine.parse(url))
    options = f"{args.pop('options', '')} -c search_path={jobs.SCHEMA}".strip()
    connector = PsycopgConnector(kwargs={**args, "options": options}, min_size=1, max_size=4)
    return App(connector=connector)


@contextmanager
def _translated() -> Iterator[None]:
    """Translate Procrastinate's errors about the database into ours."""
    import psycopg
    from procrastinate.exceptions import ConnectorException

    try:
        yield
    except (ConnectorException, psycopg.Error) as error:
        cause = str(error.__cause__ or error).strip().splitlines()
        why = cause[0] if cause else type(error).__name__
        raise UnavailableError("the queue of jobs does not answer", why) from error


# --------------------------------------------------------------------------- the daemon's side


class Jobs:
    """The `ingest` step of a daemon that may have workers.

    While a worker shows signs of life, due entries are handed out as jobs; otherwise the daemon
    reads them itself.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._mark = mark(parts)
        self._app: App | None = None
        self._opening = asyncio.Lock()
        self._buried: float | None = None

    async def begin(self) -> None:
        """Take back what workers with other settings hold or would get (after a watchlist changed):
        anything they read from then on is not written."""
        if await self._counts() is None:
            return
        with _translated():
            manager = (await self._opened()).job_manager
            for job in await manager.list_jobs_async(queue=QUEUE, status="todo"):
                if job.id is not None and job.task_kwargs.get("mark") != self._mark:
                    await manager.cancel_job_by_id_async(job.id, delete_job=True)
        alike = f"{WORKER}{self._mark}"
        await self._parts.store.write(leases.drop_entries, WORKER, but=alike)

    async def due(self, parts: Parts, now: datetime) -> list[int]:
        """Return the entries waiting to be read, including those that a dead worker had."""
        last, moment = self._buried, parts.clock.monotonic()
        if last is None or moment - last >= BURY_S:
            self._buried = moment
            await self._bury()
        return await ingest.due(parts, now)

    async def run(self, parts: Parts, keys: Sequence[int], now: datetime) -> list[Ingested]:
        """Hand entries out, or read them if there is no worker."""
        counts = await self._counts()
        if counts is None or not counts.workers:
            return await ingest.run(parts, keys, now)
        await self._hand_out(keys)
        return []

    async def close(self) -> None:
        """Close the connection to the database."""
        if self._app:
            await self._app.close_async()

    async def _counts(self) -> jobs.Counts | None:
        return await self._parts.store.read(jobs.counts)

    async def _opened(self) -> App:
        async with self._opening:  # ticks may overlap
            if self._app is None:
                app = _app(self._parts.store.url)
                await app.open_async()
                self._app = app
        return self._app

    async def _hand_out(self, keys: Sequence[int]) -> None:
        """Create a job for each host that has none waiting. Its lock keeps two workers off one
        host, so that a page is asked for once (P47), and one worker counts the host's lines."""
        from procrastinate.exceptions import AlreadyEnqueued
        from procrastinate.jobs import Job

        by_host: defaultdict[str, list[int]] = defaultdict(list)
        for key, link, feed in await self._parts.store.read(entries.addresses, keys):
            by_host[urls.host(link) or urls.host(feed)].append(key)
        with _translated():
            manager = (await self._opened()).job_manager
            waiting = {
                job.queueing_lock
                for job in await manager.list_jobs_async(queue=QUEUE, status="todo")
            }
            fresh = [
                Job(
                    id=None,
                    queue=QUEUE,
                    task_name=TASK,
                    lock=host,
                    queueing_lock=host,
                    task_kwargs={"mark": self._mark, "keys": list[Any](some[:KEYS])},
                )
                for host, some in by_host.items()
                if host not in waiting
            ]
            with contextlib.suppress(AlreadyEnqueued):  # queued a moment ago: the next tick sees it
                if fresh:
                    await manager.batch_defer_jobs_async(fresh)

    async def _bury(self) -> None:
        """Free what dead workers had: their jobs, with the locks on hosts, and their claims."""
        from procrastinate.jobs import Status

        if await self._counts() is None:
            return
        with _translated():
            manager = (await self._opened()).job_manager
            stalled = await manager.get_stalled_jobs(
                queue=QUEUE, seconds_since_heartbeat=jobs.DEAD_S
            )
            for job in stalled:
                keys: Any = job.task_kwargs["keys"]
                freed = await self._parts.store.write(leases.drop_entries, WORKER, ids=keys)
                await manager.finish_job(job, Status.FAILED, delete_job=True)
                log.warning("a worker died at %s: %d entries are due again", job.lock, freed)
            await manager.prune_stalled_workers(jobs.DEAD_S)


@asynccontextmanager
async def handing_out(parts: Parts) -> AsyncIterator[Jobs | None]:
    """Give a daemon its `ingest` step; None where there can be no workers."""
    if not parts.store.shared or find_spec("procrastinate") is None:
        yield None
        return
    step = Jobs(parts)
    try:
        yield step
    finally:
        await step.close()


# --------------------------------------------------------------------------- the worker's side


class Worker:
    """Does the jobs it receives until it is told to stop."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._mark = mark(parts)
        self._strange = asyncio.Event()
        self._away = False
        """Whether the database has gone away and has not been reached since."""
        self.jobs = 0
        """How many are done so far."""
        self.entries = 0
        """How many were read so far."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish what is in hand within DRAIN_S.

        If the database goes away, wait for it. Raises SettingsError if jobs come from a daemon with
        other settings: we would make something else of its entries than it would.
        """
        while not stop.is_set():
            try:
                await self._work(stop)
            except (TryLaterError, UnavailableError) as error:
                log.warning("%s; tried again every %.0f s", error, AGAIN_S)
                self._away = True
            with contextlib.suppress(MonitorError):  # otherwise they expire
                await self._let_go()
            if self._strange.is_set():
                why = "monitor run works with other watchlists, sites or version than this worker"
                hint = "give both the same, start monitor run anew and then the workers"
                raise SettingsError([Mistake("settings", why, hint)])
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), AGAIN_S)

    async def _work(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, or until the database goes away."""
        from procrastinate.schema import SchemaManager

        await self._parts.store.apart(jobs.prepare, SchemaManager.get_schema())
        await self._let_go()
        asyncio.get_running_loop().set_exception_handler(_heard)
        app = _app(self._parts.store.url)
        app.task(name=TASK, queue=QUEUE)(self._do)
        with _translated():
            async with app.open_async():
                await self._attend(app, stop)

    async def _attend(self, app: App, stop: asyncio.Event) -> None:
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=AT_ONCE,
                delete_jobs="always",
                install_signal_handlers=False,
                shutdown_graceful_timeout=DRAIN_S,
                stalled_worker_timeout=jobs.DEAD_S,
            )
        )
        ends = [asyncio.create_task(one.wait()) for one in (stop, self._strange)]
        log.log(logging.INFO if self._away else logging.DEBUG, "waiting for jobs")
        self._away = False
        await asyncio.wait((working, *ends), return_when=asyncio.FIRST_COMPLETED)
        for task in (working, *ends):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working

    async def _do(self, keys: list[int], **told: str) -> None:
        """Do one job. Its errors end here: the entries are due again when their claims expire."""
        if told["mark"] != self._mark:
            self._strange.set()
            return
        parts = self._parts
        try:
            done = await ingest.run(parts, keys, parts.clock.now())
        except MonitorError as error:
            log.warning("%d entries wait: %s", len(keys), error)
            return
        except Exception:
            log.exception("a job failed inside monitor; its entries are tried again")
            return
        self.jobs += 1
        self.entries += len(done)
        log.debug("%d entries read", len(done))

    async def _let_go(self) -> None:
        """Give up the claims of jobs that did not finish; none is in hand any more."""
        await self._parts.store.write(leases.drop_entries, self._parts.owner)


def _heard(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Swallow a job's unrecorded end: the worker, which stops over it, reports it once."""
    from procrastinate.exceptions import ConnectorException

    if not isinstance(context.get("exception"), ConnectorException):
        loop.default_exception_handler(context)
