"""The daemon's timers: how they heed the clock, and how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from support.server import HANG, Server
from support.world import PACE, world

from monitor.errors import TryLaterError
from monitor.feeds.pace import DIED
from monitor.model import Feed
from monitor.pipeline import poll
from monitor.pipeline.parts import Parts
from monitor.runners import daemon as daemons
from monitor.runners.daemon import CALM_S, TIMERS, Daemon, Keep
from monitor.store import Store, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio


async def test_F35_a_clock_put_back_does_not_put_the_daemon_to_sleep(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Timers set by a clock that ran ten days ahead run again at once; the others stay."""

    def paused(self: AsyncIOScheduler) -> None:
        start(self, paused=True)

    start = AsyncIOScheduler.start
    monkeypatch.setattr(AsyncIOScheduler, "start", paused)
    async with world(store, clock) as parts:
        daemon = Daemon(parts, Keep())
        daemon._start()
        scheduler = daemon._scheduler
        now = datetime.now(UTC)
        for job in scheduler.get_jobs():
            job.modify(next_run_time=now + timedelta(days=10))
        (cleanup,) = [job for job in scheduler.get_jobs() if job.id == "cleanup"]
        cleanup.modify(next_run_time=now + timedelta(hours=5))
        daemon.heed_clock()
        soon = [
            job.id for job in scheduler.get_jobs() if job.next_run_time < now + timedelta(hours=1)
        ]
        scheduler.shutdown(wait=False)
    assert sorted(soon) == sorted(timer.name for timer in TIMERS)


class Faulty:
    """A step of which asking what is due, or doing it, may fail."""

    def __init__(self, *, asking: bool = False, doing: bool = False, keys: str = "k") -> None:
        self.asking, self.doing, self.keys = asking, doing, keys

    async def due(self, _parts: Parts, _now: datetime) -> str:
        if self.asking:
            raise TryLaterError("the database is locked")
        return self.keys

    async def run(self, _parts: Parts, _keys: Sequence[Any], _now: datetime) -> None:
        if self.doing:
            raise RuntimeError("a fault")


@pytest.mark.parametrize(
    ("ticks", "told"),
    [
        ([Faulty()], 0),
        ([Faulty(asking=True)] * 3, 0),
        ([Faulty(asking=True)] * 3 + [Faulty(keys="")] * 2, 1),
        ([Faulty(doing=True)] * 3 + [Faulty()] * 2, 1),
        ([Faulty(doing=True), Faulty(keys="")], 0),
        ([Faulty(doing=True), Faulty(asking=True), Faulty(keys="")], 0),
        ([Faulty(doing=True), Faulty(keys=""), Faulty()], 1),
        ([Faulty(doing=True), Faulty(), Faulty(asking=True), Faulty()], 2),
    ],
)
async def test_F20_I6_a_step_that_works_again_says_so_once(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture, ticks: list[Faulty], told: int
) -> None:
    """A tick with nothing to do does not show that the work, which failed, can be done again."""
    caplog.set_level("INFO", "monitor")
    async with world(store, clock) as parts:
        daemon = Daemon(parts, Keep())
        for tick in ticks:
            clock.advance(CALM_S)
            await daemon._guarded("poll", tick)
    said = [one.getMessage() for one in caplog.records if one.levelname == "INFO"]
    assert said == ["poll works again"] * told


async def test_I6_a_step_that_fails_every_now_and_then_is_not_said_to_work_each_time(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Each of its recoveries would be a line of the log; only one that lasts a minute is told."""
    caplog.set_level("INFO", "monitor")
    async with world(store, clock) as parts:
        daemon = Daemon(parts, Keep())
        for number in range(60):
            clock.advance(2)
            await daemon._guarded("poll", Faulty(doing=number % 2 == 0 and number < 30))
    assert caplog.text.count("works again") == 1


async def test_I6_a_tick_that_began_before_the_fault_does_not_show_its_end(
    store: Store, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Polls overlap: one that began in better times ends well after another has failed."""
    caplog.set_level("INFO", "monitor")
    begun, go = asyncio.Event(), asyncio.Event()

    class Slow(Faulty):
        async def run(self, _parts: Parts, _keys: Sequence[Any], _now: datetime) -> None:
            begun.set()
            await go.wait()

    async with world(store, clock) as parts:
        daemon = Daemon(parts, Keep())
        slow = asyncio.create_task(daemon._guarded("poll", Slow()))
        await begun.wait()
        clock.advance(CALM_S)
        await daemon._guarded("poll", Faulty(doing=True))
        clock.advance(CALM_S)
        go.set()
        await slow
    assert "works again" not in caplog.text


async def test_F106_timers_that_stand_still_are_noticed(store: Store, clock: FakeClock) -> None:
    """Timers count as still before the first has fired, and from a minute after the last."""

    async with world(store, clock) as parts:
        daemon = Daemon(parts, Keep())
        assert not daemon.turning()
        await daemon._guarded("poll", Faulty(asking=True))
        assert daemon.turning()
        clock.advance(timedelta(seconds=59))
        assert daemon.turning()
        clock.advance(timedelta(seconds=1))
        assert not daemon.turning()


async def test_F12_what_hangs_past_the_drain_is_cut_short_and_that_is_no_fault(
    store: Store,
    clock: FakeClock,
    server: Server,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The feed is due again, and the log has no traceback of the timers' library."""
    monkeypatch.setattr(daemons, "DRAIN_S", 0.02)
    monkeypatch.setattr(daemons, "TIMERS", [one for one in TIMERS if one.step is poll])
    caplog.set_level("INFO", "monitor")
    stop = asyncio.Event()
    server.on("/feed", (HANG,))
    feed = Feed(url=server.url("/feed"))
    async with world(store, clock, [feed], owner=daemons.OWNER) as parts:
        with daemons.alone(store) as lock:
            running = asyncio.create_task(Daemon(parts, Keep()).run(stop, lock))
            await server.came.wait()
            stop.set()
            await running
        assert await poll.due(parts, clock.now()) == [1]
    assert "poll was cut short" in caplog.text
    assert [one for one in caplog.records if one.levelname == "ERROR"] == []


async def test_F14_F01_a_feed_at_which_we_died_once_is_due_and_one_at_which_we_always_die_waits(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same feed causes no crash loop; others are polled, and a poll that ends clears it."""
    monkeypatch.setattr(daemons, "TIMERS", ())
    stop = asyncio.Event()
    stop.set()
    wanted = [Feed(url=f"http://127.0.0.1:9/{n}") for n in (1, 2)]  # nobody answers there
    async with world(store, clock, wanted, owner=daemons.OWNER) as parts:

        async def begins() -> list[int]:
            with daemons.alone(store) as lock:
                await Daemon(parts, Keep()).run(stop, lock)
            return await poll.due(parts, clock.now())

        async def dies(*keys: int) -> list[int]:
            await store.write(feeds.claim, keys, clock.now(), parts.lease(clock.now()))
            return await begins()

        assert await dies(1, 2) == [1, 2]
        assert await begins() == [1, 2]  # it was stopped: nobody died
        assert await dies(1) == [2]
        told = (await store.read(feeds.statuses))[0]
        assert (told.polling.failures, told.due_why) == (2, f"{DIED}, 2 times in a row")
        first = told.due - clock.now()
        clock.advance(first)
        assert await dies(1) == [2]
        assert (await store.read(feeds.statuses))[0].due - clock.now() > first
        clock.advance(PACE.ceiling)
        (polling,) = await store.write(feeds.claim, [1], clock.now(), parts.lease(clock.now()))
        await poll.poll(parts, polling)
        assert (await store.read(feeds.statuses))[0].last_why != DIED
