"""The daemon: APScheduler's timers ask the database what is due, and run it.

There is one timer per step, never one per feed. A timer that fires while its step is still running
may start it a second time in parallel (polling, ingesting and delivering mostly wait for the
network); grouping and publishing run one at a time. A fault in one tick is logged, and the next
tick comes as usual.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from monitor.errors import MonitorError, TryLaterError, UnavailableError
from monitor.failpoints import reach
from monitor.feeds import pace
from monitor.pipeline import alarm, deliver, group, ingest, poll, publish, push, rematch
from monitor.pipeline.parts import Parts
from monitor.runners.queue import Jobs
from monitor.store import Store, feeds, hosts, leases, retention, robots
from monitor.store.lock import Lock, only

log = logging.getLogger("monitor.daemon")

OWNER = "daemon"
"""The owner in the daemon's claims; only one daemon runs, so a dead predecessor's are free."""
DRAIN_S = 20.0
"""How long the work in hand may take to finish when we are told to stop."""


LOOK_S = 10.0
"""How often the timers are compared with the clock."""
STILL_S = 60.0
"""If no timer has fired for this long, the timers stand still."""
CALM_S = 60.0
"""After so long without a fault, a step that has failed is said to work again."""


@dataclass(frozen=True, slots=True)
class Timer:
    """How often a step asks what is due, and how many runs of it may overlap."""

    name: str
    step: Step
    every_s: float
    beside: int = 1


TIMERS = (
    Timer("poll", poll, 2.0, beside=20),
    Timer("ingest", ingest, 2.0, beside=4),
    Timer("rematch", rematch, 10.0),
    Timer("group", group, 2.0),
    Timer("publish", publish, 5.0),
    # Each channel has few in hand: a slow one delays no other.
    Timer("deliver", deliver, 2.0, beside=40),
    Timer("alarm", alarm, 60.0),
    Timer("push", push, 5.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long things are kept; None: for ever."""

    articles: timedelta | None = None
    polls: timedelta | None = None


def alone(store: Store) -> AbstractContextManager[Lock]:
    """Hold the place of the only daemon of a database while the body runs (F103).

    Raises TryLaterError if another daemon holds it.
    """
    busy, hint = "another daemon is working on this database", "stop it first; nothing was changed"
    return only(store.lock("daemon"), busy, hint)


class Step(Protocol):
    """What a timer runs: a module of `pipeline`, or what stands for one."""

    async def due(self, parts: Parts, now: datetime) -> Sequence[Any]:
        """Return what there is to do."""
        ...

    async def run(self, parts: Parts, keys: Sequence[Any], now: datetime) -> object:
        """Do it."""
        ...


@dataclass(frozen=True, slots=True)
class CleanUp:
    """The step that forgets what was kept for its time; it is due whenever its timer fires."""

    keep: Keep

    async def due(self, parts: Parts, now: datetime) -> Sequence[str]:
        """Return all that there is to do."""
        return ("everything",)

    async def run(self, parts: Parts, keys: Sequence[str], now: datetime) -> None:
        """Forget it."""
        if self.keep.polls is not None:
            await parts.store.write(retention.forget_polls, now - self.keep.polls)
        await reach("cleanup.mid")
        if self.keep.articles is not None:
            before = now - self.keep.articles
            await parts.store.write(retention.forget_texts, before, parts.digests, now=now)
        await parts.store.write(robots.expire, now - timedelta(days=30))
        await parts.store.write(hosts.expire, now - timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _Fault:
    """The last fault of a step that has not worked since."""

    at: float
    """Monotonic seconds."""
    at_work: bool
    """Whether it has failed at what was due, not only in asking what is."""


class Daemon:
    """Runs the steps until it is told to stop; `jobs`, if any, replaces the `ingest` step."""

    def __init__(self, parts: Parts, keep: Keep, jobs: Jobs | None = None) -> None:
        self._parts = parts
        self._keep = keep
        self._jobs = jobs
        self._running: dict[asyncio.Task[Any], str] = {}
        self._turned: float | None = None
        self._faults: dict[str, _Fault] = {}
        self._scheduler = AsyncIOScheduler(timezone="UTC")

    async def run(self, stop: asyncio.Event, lock: Lock) -> None:
        """Work until `stop` is set; then finish what is in hand within DRAIN_S.

        Raises UnavailableError if the server has released our `alone` lock: another daemon may then
        start, and we must not keep running beside it. Raises InputError if the database turns out
        to be damaged: then a person must put a backup in its place.
        """
        await self._bury_predecessor()
        await self._drop_claims()
        if self._jobs:
            await self._jobs.begin()
        await push.begin(self._parts, self._parts.clock.now())
        await rematch.begin(self._parts)
        self._start()
        held = await self._until(stop, lock)
        self._scheduler.pause()
        await self._drain()
        self._turned = None
        self._scheduler.shutdown(wait=False)
        if not held:
            raise UnavailableError("the database has released our lock", hint="start again")
        if self._parts.store.damaged:
            raise self._parts.store.damaged
        await deliver.catch_up(self._parts)
        try:
            await self._drop_claims()
        except (TryLaterError, UnavailableError) as error:
            log.warning("claimed work is released at the next start: %s", error)

    def turning(self) -> bool:
        """Whether the timers fire (F106): not before the first has fired, nor once stopped."""
        if self._turned is None:
            return False
        return self._parts.clock.monotonic() - self._turned < STILL_S

    async def _until(self, stop: asyncio.Event, lock: Lock) -> bool:
        """Wait for `stop`, or until the database is damaged; False if the lock was lost first."""
        while not (stop.is_set() or self._parts.store.damaged):
            if not await asyncio.to_thread(lock.held):
                return False
            self.heed_clock()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), LOOK_S)
        return True

    def heed_clock(self) -> None:
        """Wake timers that would sleep too long because the clock was put back (F35).

        APScheduler stores the next run as a time of day; a run further away than the timer's own
        interval was stored while the clock was ahead.
        """
        now = datetime.now(self._scheduler.timezone)
        for job in self._scheduler.get_jobs():
            if job.next_run_time and job.next_run_time - now > job.trigger.interval:
                job.modify(next_run_time=now)

    async def _bury_predecessor(self) -> None:
        """Treat what is claimed at the start as work over which somebody died."""
        parts = self._parts
        after_deaths = functools.partial(pace.after_deaths, settings=parts.pace)
        await parts.store.write(feeds.bury, OWNER, parts.clock.now(), after_deaths)

    async def _drop_claims(self) -> None:
        if self._parts.store.shared:
            await self._parts.store.apart(hosts.free, OWNER)
        dropped = await self._parts.store.write(leases.drop, OWNER, self._parts.clock.now())
        if dropped:
            log.info("%d claims of unfinished work are released", dropped)

    def _start(self) -> None:
        # A timer that finds its step busy is normal; APScheduler would warn each time.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        for timer in TIMERS:
            step = self._jobs if self._jobs and timer.step is ingest else timer.step
            self._every(timer.name, timedelta(seconds=timer.every_s), step, timer.beside)
        self._every("cleanup", timedelta(hours=6), CleanUp(self._keep))
        self._scheduler.start()

    def _every(self, name: str, interval: timedelta, step: Step, beside: int = 1) -> None:
        self._scheduler.add_job(
            self._guarded,
            "interval",
            seconds=interval.total_seconds(),
            args=(name, step),
            id=name,
            max_instances=beside,
            coalesce=True,
            misfire_grace_time=None,
            next_run_time=datetime.now(self._scheduler.timezone),
        )

    async def _guarded(self, name: str, step: Step) -> None:
        """Run one tick; its faults end here."""
        task = asyncio.current_task()
        assert task is not None  # noqa: S101  # a coroutine that runs has one
        self._running[task] = name
        self._turned = began = self._parts.clock.monotonic()
        keys: Sequence[Any] = ()
        try:
            now = self._parts.clock.now()
            if keys := await step.due(self._parts, now):
                await step.run(self._parts, keys, now)
        except asyncio.CancelledError:
            # We are stopping. APScheduler, which runs this, would report a fault.
            log.info("%s was cut short; its unfinished work is due again", name)
        except MonitorError as error:
            log.warning("%s waits: %s", name, error)
            self._failed(name, at_work=bool(keys))
        except Exception:
            log.exception("%s failed inside monitor; it is tried again", name)
            self._failed(name, at_work=bool(keys))
        else:
            self._worked(name, began, did=bool(keys))
        finally:
            del self._running[task]

    def _failed(self, name: str, *, at_work: bool) -> None:
        """Remember that a step has failed, so that its recovery can be told."""
        before = self._faults.get(name)
        at_work = at_work or bool(before and before.at_work)
        self._faults[name] = _Fault(self._parts.clock.monotonic(), at_work)

    def _worked(self, name: str, began: float, *, did: bool) -> None:
        """Say once that a step which failed works again.

        A tick that began soon after the last fault does not show it (a step that fails every now
        and then would fill the log), nor one with nothing to do where the work itself had failed.
        """
        fault = self._faults.get(name)
        if fault and began - fault.at >= CALM_S and (did or not fault.at_work):
            del self._faults[name]
            log.info("%s works again", name)

    async def _drain(self) -> None:
        """Let what is in hand finish; a message being sent is waited for longest."""
        if self._running:
            await asyncio.wait(list(self._running), timeout=DRAIN_S / 4)
        for task, name in list(self._running.items()):
            if name != "deliver":
                task.cancel()
        if self._running:
            await asyncio.wait(list(self._running), timeout=DRAIN_S * 3 / 4)
