"""Jobs are hints: the database says whether entries are due, whatever becomes of the jobs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate import App, PsycopgConnector
from procrastinate.schema import SchemaManager
from sqlalchemy import Connection, text
from support.cli import monitor
from support.databases import name_of
from support.server import HANG, Server, answer
from support.world import item, rss, world

from monitor import store as stores
from monitor.errors import SettingsError
from monitor.fetch.client import FetchSettings
from monitor.model import Fate, Feed, Watchlist
from monitor.pipeline import ingest, poll
from monitor.pipeline.parts import Parts, at_once
from monitor.runners import queue
from monitor.runners.queue import Jobs, Worker
from monitor.store import Store, engine, entries, jobs, leases
from monitor.testing import FakeClock
from monitor.web import metrics

pytestmark = [pytest.mark.anyio, pytest.mark.postgres]
SCHEMA = SchemaManager.get_schema()
SHIPS = {"ships": Watchlist(name="ships", title="Ships", queries=("frigate",), version="2")}


@pytest.fixture
async def parts(shared: Store, clock: FakeClock) -> AsyncIterator[Parts]:
    """Yield a daemon's parts, with twelve entries of two hosts due and no pages wanted."""
    links = [f"http://{host}.example/{n}" for n in range(6) for host in ("north", "south")]
    items = [item(number, link, text="NATO sends ships.") for number, link in enumerate(links)]
    async with Server() as server:
        server.on("/a", answer(rss(*items[:6])))
        server.on("/b", answer(rss(*items[6:])))
        feeds = [Feed(url=server.url(path), name=path) for path in ("/a", "/b")]
        more = {"articles": "off", "owner": "daemon"}
        async with world(shared, clock, feeds, **more) as joined:
            now = clock.now()
            await poll.run(joined, await poll.due(joined, now), now)
            yield joined


def worker_of(parts: Parts, random: str = "1", **changed: Any) -> Parts:
    """Return the same parts, owned by a worker."""
    changed_parts = replace(parts, **changed)
    return replace(changed_parts, owner=queue.owner(changed_parts, random))


async def tick(step: Jobs, parts: Parts) -> Sequence[ingest.Ingested]:
    """Run the step as the daemon's timer does."""
    now = parts.clock.now()
    keys = await step.due(parts, now)
    return await step.run(parts, keys, now) if keys else []


async def say(store: Store, statement: str) -> None:
    """Execute a statement in the database, with Procrastinate's tables in sight."""

    def said(connection: Connection) -> None:
        connection.execute(text(f"SET LOCAL search_path TO {jobs.SCHEMA}"))
        connection.execute(text(statement))

    await store.apart(said)


async def present(store: Store) -> None:
    """Register a worker that gives a sign of life and does nothing."""
    await store.apart(jobs.prepare, SCHEMA)
    await say(store, "SELECT procrastinate_register_worker_v1()")


@asynccontextmanager
async def manager(store: Store) -> AsyncIterator[Any]:
    """Yield Procrastinate's own manager, to look at jobs and to play a worker by hand."""
    args = engine.connect_args(engine.parse(store.url))
    connector = PsycopgConnector(kwargs={**args, "options": f"-c search_path={jobs.SCHEMA}"})
    async with App(connector=connector).open_async() as app:
        yield app.job_manager


@asynccontextmanager
async def working(*workers: Worker) -> AsyncIterator[asyncio.Event]:
    """Keep workers at work inside the block."""
    stop = asyncio.Event()
    tasks = [asyncio.create_task(one.run(stop)) for one in workers]
    try:
        yield stop
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def until(happened: Callable[[], object]) -> None:
    """Wait for what a worker must do: the server tells it of jobs in its own time."""
    for _ in range(600):
        if happened():
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it did not happen")


def fates(store: Store) -> dict[str, int]:
    return store.read_now(entries.fates)


def alive(store: Store) -> int:
    counts = store.read_now(jobs.counts)
    return counts.workers if counts else 0


def waiting(store: Store) -> int:
    counts = store.read_now(jobs.counts)
    return counts.waiting if counts else 0


async def test_without_a_worker_the_daemon_reads_by_itself(parts: Parts) -> None:
    """Without workers there are no tables of Procrastinate."""
    done = await tick(Jobs(parts), parts)
    assert len(done) == 12
    assert parts.store.read_now(jobs.counts) is None


async def test_while_a_worker_gives_signs_of_life_entries_become_jobs_one_a_host(
    parts: Parts,
) -> None:
    await present(parts.store)
    step = Jobs(parts)
    assert await tick(step, parts) == []
    assert await tick(step, parts) == []  # they wait already, so there is no second job
    async with manager(parts.store) as jm:
        found = list(await jm.list_jobs_async())
    await step.close()
    assert {(job.lock, job.queueing_lock) for job in found} == {
        ("north.example", "north.example"),
        ("south.example", "south.example"),
    }
    assert sorted(key for job in found for key in job.task_kwargs["keys"]) == list(range(1, 13))


async def test_a_worker_does_what_the_daemon_hands_out_and_leaves_no_job_behind(
    parts: Parts,
) -> None:
    worker, step = Worker(worker_of(parts)), Jobs(parts)
    async with working(worker):
        await until(lambda: alive(parts.store))
        assert await tick(step, parts) == []
        await until(lambda: fates(parts.store) == {"matched": 12})
        await until(lambda: parts.store.read_now(jobs.counts) == jobs.Counts(1, 0, 0))
    await step.close()
    assert worker.entries == 12
    assert parts.store.read_now(jobs.counts) == jobs.Counts(0, 0, 0)


@pytest.mark.parametrize(
    "loss", ["TRUNCATE procrastinate_jobs CASCADE", f"DROP SCHEMA {jobs.SCHEMA} CASCADE"]
)
async def test_jobs_that_are_lost_are_handed_out_again(parts: Parts, loss: str) -> None:
    await present(parts.store)
    step = Jobs(parts)
    await tick(step, parts)
    assert waiting(parts.store) == 2
    await say(parts.store, loss)
    async with working(Worker(worker_of(parts))):
        await until(lambda: parts.store.read_now(jobs.counts))
        await tick(step, parts)
        await until(lambda: fates(parts.store) == {"matched": 12})
    await step.close()


async def test_jobs_that_are_doubled_or_late_do_nothing_twice(parts: Parts) -> None:
    await present(parts.store)
    step = Jobs(parts)
    await tick(step, parts)
    await step.close()
    double = (
        "INSERT INTO procrastinate_jobs (queue_name, task_name, args)"
        " SELECT queue_name, task_name, args FROM procrastinate_jobs"
    )
    await say(parts.store, double)
    assert waiting(parts.store) == 4
    first, second = Worker(worker_of(parts)), Worker(worker_of(parts, "2"))
    async with working(first, second):
        await until(lambda: not waiting(parts.store) and fates(parts.store) == {"matched": 12})
    assert first.entries + second.entries == 12


async def test_F105_what_a_dead_worker_had_is_due_again_and_its_host_is_free(parts: Parts) -> None:
    await present(parts.store)
    step = Jobs(parts)
    await tick(step, parts)
    dead = worker_of(parts, "dead")
    async with manager(parts.store) as jm:
        number = await jm.register_worker()
        had = [await jm.fetch_job([queue.QUEUE], number) for _ in range(2)]
    now = parts.clock.now()
    for job in had:
        await parts.store.write(entries.claim, job.task_kwargs["keys"], now, dead.lease(now))
    assert await tick(step, parts) == []
    assert parts.store.read_now(entries.due, now) == []
    await say(parts.store, "UPDATE procrastinate_workers SET last_heartbeat = '2024-01-01'")
    assert isinstance(parts.clock, FakeClock)
    parts.clock.advance(queue.BURY_S)
    done = await tick(step, parts)
    await step.close()
    assert len(done) == 12
    assert parts.store.read_now(jobs.counts) == jobs.Counts(0, 0, 0)


async def test_a_worker_with_other_watchlists_ends_and_leaves_the_entries(parts: Parts) -> None:
    """Such a worker's matches would differ from the daemon's, so some would be missed."""
    other = worker_of(parts, watchlists=SHIPS)
    step, worker = Jobs(parts), Worker(other)
    task = asyncio.create_task(worker.run(asyncio.Event()))
    await until(lambda: alive(parts.store))
    await tick(step, parts)
    with pytest.raises(SettingsError, match="mistake") as ended:
        await task
    await step.close()
    assert "same" in ended.value.mistakes[0].hint
    assert fates(parts.store) == {"new": 12}
    assert len(parts.store.read_now(entries.due, parts.clock.now())) == 12


async def test_a_daemon_with_new_settings_takes_back_what_was_given_with_the_old(
    parts: Parts,
) -> None:
    """An article must not be matched by the old watchlist after the new one was applied."""
    await present(parts.store)
    step = Jobs(parts)
    await tick(step, parts)
    await step.close()
    now, late = parts.clock.now(), worker_of(parts, "late")
    newer = replace(parts, watchlists=SHIPS)
    alike = worker_of(newer, "alike")
    (job,) = await parts.store.write(entries.claim, [1], now, late.lease(now))
    await parts.store.write(entries.claim, [2], now, alike.lease(now))
    step = Jobs(newer)
    await step.begin()
    await step.close()
    assert waiting(parts.store) == 0
    assert parts.store.write_now(entries.held, [job]) == set()
    assert 2 not in parts.store.read_now(entries.due, now)


async def test_what_is_read_under_a_claim_that_has_ended_is_not_written(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """An entry that another process read meanwhile must not become a duplicate of itself."""
    once = asyncio.Event()

    async def slow(fn: Any, *args: Any, **kwargs: Any) -> Any:
        if not once.is_set():
            once.set()
            await store.write(leases.drop_entries, "slow")
            assert [one.fate for one in await ingest.run(other, [1], clock.now())] == [Fate.ARTICLE]
        return await at_once(fn, *args, **kwargs)

    server.on("/feed", answer(rss(item(1, "http://north.example/1", text="NATO"))))
    feed = Feed(url=server.url("/feed"))
    async with world(store, clock, [feed], articles="off", compute=slow, owner="slow") as parts:
        other = replace(parts, owner="other", compute=at_once)
        keys = await poll.due(parts, clock.now())
        await poll.run(replace(parts, compute=at_once), keys, clock.now())
        assert await ingest.run(parts, [1], clock.now()) == []
    assert fates(store) == {"matched": 1}


async def test_F12_what_a_worker_cannot_finish_when_it_is_stopped_is_due_again(
    shared: Store, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A page never ends: its entry is given back, and no job is left behind."""
    monkeypatch.setattr(queue, "DRAIN_S", 0.2)
    server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO"))))
    server.on("/1", (HANG,))
    fetch = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=0)
    feeds = [Feed(url=server.url("/feed"))]
    async with world(shared, clock, feeds, owner="daemon", fetch=fetch) as parts:
        await poll.run(parts, await poll.due(parts, clock.now()), clock.now())
        step = Jobs(parts)
        async with working(Worker(worker_of(parts))):
            await until(lambda: alive(shared))
            await tick(step, parts)
            await until(lambda: server.asked("/1"))
            assert shared.read_now(entries.due, clock.now()) == []
        await step.close()
    assert shared.read_now(entries.due, clock.now()) == [1]
    assert shared.read_now(jobs.counts) == jobs.Counts(0, 0, 0)


async def test_F28_a_worker_outlives_connections_that_break(parts: Parts, shared_url: str) -> None:
    """Either the recovered worker or the daemon reads the entries meanwhile."""
    step, worker = Jobs(parts), Worker(worker_of(parts))

    def broken(one: Connection) -> None:
        one.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )

    async with working(worker):
        await until(lambda: alive(parts.store))
        with stores.open(shared_url) as beside:
            beside.write_now(broken)
        with suppress(Exception):  # the daemon's own connections are broken too
            await parts.store.read(jobs.counts)
        await until(lambda: alive(parts.store))
        await tick(step, parts)
        await until(lambda: fates(parts.store) == {"matched": 12})
        await until(lambda: alive(parts.store))
    await step.close()


async def test_F28_I6_a_worker_says_that_its_database_is_back(
    parts: Parts,
    shared_url: str,
    postgres_url: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The log tells that it went away, and once that the worker waits for jobs again."""
    monkeypatch.setattr(queue, "AGAIN_S", 0.05)
    caplog.set_level("INFO", "monitor.queue")
    name = name_of(shared_url)
    _allow(postgres_url, name, connections=False)
    async with working(Worker(worker_of(parts))):
        await until(lambda: "tried again every" in caplog.text)
        assert "waiting for jobs" not in caplog.text
        _allow(postgres_url, name, connections=True)
        await until(lambda: "waiting for jobs" in caplog.text)
    assert caplog.text.count("waiting for jobs") == 1


def _allow(server: str, database: str, *, connections: bool) -> None:
    """Close a database to everybody, and break what connections there are; or open it again."""
    with psycopg.connect(server, autocommit=True) as connection:
        allowed = f"ALTER DATABASE {database} ALLOW_CONNECTIONS {str(connections).lower()}"
        connection.execute(allowed.encode())
        if not connections:
            ends = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
            connection.execute(ends, [database])


async def test_status_and_metrics_tell_of_workers_where_there_are_any(
    parts: Parts, shared_url: str, tmp_path: Path
) -> None:
    def told() -> str:
        found = parts.store.read_now(metrics.account, parts.clock.now())
        return metrics.text(metrics.metrics(found, named=False))

    (tmp_path / "feeds.toml").write_text("")
    words = ("status", "--json", "--db", shared_url, "--config", tmp_path)
    assert "monitor_workers" not in told()
    assert "queue" not in monitor(*words).json
    await present(parts.store)
    step = Jobs(parts)
    await tick(step, parts)
    await step.close()
    assert "\nmonitor_workers 1\n" in told()
    assert '\nmonitor_jobs{state="waiting"} 2\n' in told()
    assert monitor(*words).json["queue"] == {"workers": 1, "waiting": 2, "doing": 0}


async def test_tables_of_another_version_of_procrastinate_are_made_anew(shared: Store) -> None:
    assert await shared.apart(jobs.prepare, SCHEMA)
    assert not await shared.apart(jobs.prepare, SCHEMA)
    assert await shared.apart(jobs.prepare, SCHEMA + "-- newer\n")
    assert shared.read_now(jobs.counts) == jobs.Counts(0, 0, 0)
