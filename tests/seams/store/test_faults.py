"""A write that disk or server forces to fail is undone, and reported or repeated."""

from __future__ import annotations

import asyncio
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, text
from support.values import NOW, article, feed

from monitor import store as stores
from monitor.errors import TryLaterError, UnavailableError
from monitor.store import Store, articles, conflicts, engine, feeds

pytestmark = pytest.mark.anyio
Write = Callable[[Connection], object]


def added(number: int) -> Write:
    """Return a write of a few pages."""
    one = article(number, text="Words of a frigate. " * 200)
    return lambda connection: articles.insert(connection, [articles.New(one, [], False, NOW)])


def kept(store: Store) -> int:
    return store.read_now(articles.counts)["articles"]


def together(store: Store, *works: Write) -> list[object]:
    async def both() -> list[object]:
        return await asyncio.gather(*map(store.write, works), return_exceptions=True)

    return asyncio.run(both())


# ----------------------------------------------------------------------------- the disk


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "monitor.sqlite3"


@pytest.fixture
def held(path: Path) -> Iterator[Store]:
    """Yield a store on SQLite with one article."""
    with stores.open(f"sqlite:///{path}") as store:
        store.write_now(added(1))
        yield store


@contextmanager
def no_file_grows() -> Iterator[None]:
    """Make the system refuse every write beyond a file's first bytes (EFBIG)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def raw(store: Store) -> Any:
    """Return the one connection that writes, as the driver knows it."""
    with store._writing.connect() as connection:
        return connection.connection.dbapi_connection


def sound(path: Path) -> bool:
    with sqlite3.connect(path) as connection:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


@pytest.mark.parametrize("writes", [1, 3])
def test_F24_a_write_that_the_disk_refuses_is_undone_and_the_next_has_a_new_connection(
    held: Store, path: Path, writes: int
) -> None:
    """Alone or together, all writes learn that it is the disk, and none of them stays."""
    before = raw(held)
    with no_file_grows():
        ends = together(held, *(added(number) for number in range(2, writes + 2)))
    assert [type(end) for end in ends] == [UnavailableError] * writes
    assert "disk I/O error" in str(ends[0])
    assert raw(held) is not before
    assert kept(held) == 1
    held.write_now(added(2))
    assert kept(held) == 2
    assert sound(path)


def test_F23_a_database_that_turns_read_only_is_told_and_heals_by_itself(
    held: Store, path: Path
) -> None:
    """The error is the one that SQLite gives for a read-only file system."""
    raw(held).execute("PRAGMA query_only = ON")
    with pytest.raises(UnavailableError, match=r"cannot be written.*readonly.*writable"):
        held.write_now(added(2))
    held.write_now(added(2))
    assert kept(held) == 2
    assert sound(path)


def test_F13_what_was_recorded_durably_is_there_after_a_power_cut_at_any_byte(
    held: Store, path: Path, tmp_path: Path
) -> None:
    """The log as it may be on the disk is whole up to its last sync, and cut anywhere after it."""
    log = Path(f"{path}-wal")
    syncs: list[int] = []

    def noted(number: int) -> Write:
        def work(connection: Connection) -> None:
            added(number)(connection)
            syncs.append(connection.scalar(text("PRAGMA synchronous")) or 0)

        return work

    together(held, noted(2))
    asyncio.run(held.write_durably(noted(3)))
    synced = log.stat().st_size
    together(held, noted(4))
    together(held, noted(5))
    assert syncs == [1, 2, 1, 1]  # FULL: each commit is on the disk when it returns
    whole, rows = log.read_bytes(), set()
    cuts = Random(13).sample(range(synced, len(whole) + 1), 10)
    for place, cut in enumerate((synced, len(whole), *cuts)):
        copy = tmp_path / f"copy-{place}.sqlite3"
        copy.write_bytes(path.read_bytes())
        Path(f"{copy}-wal").write_bytes(whole[:cut])
        assert sound(copy)
        with stores.open(f"sqlite:///{copy}") as store:
            rows.add(kept(store))
    assert min(rows) == 3
    assert max(rows) == 5


def test_F30_a_long_reader_stops_no_writer_and_its_log_shrinks_when_it_ends(
    held: Store, path: Path
) -> None:
    """The reader sees one moment all the time; later the log is cut to its limit."""
    limit = 100_000
    assert raw(held).execute("PRAGMA journal_size_limit").fetchone() == (engine.LOG_BYTES,)
    raw(held).execute(f"PRAGMA journal_size_limit = {limit}")
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    (before,) = reader.execute("SELECT count(*) FROM articles").fetchone()
    for number in range(2, 400):
        held.write_now(added(number))
    assert reader.execute("SELECT count(*) FROM articles").fetchone() == (before,)
    assert kept(held) == 399
    assert (held.log_bytes() or 0) > 20 * limit
    reader.close()
    for number in range(400, 404):
        held.write_now(added(number))
    assert held.log_bytes() == Path(f"{path}-wal").stat().st_size
    assert (held.log_bytes() or 0) < 2 * limit  # with what was written since


def test_F26_who_reads_and_then_writes_is_never_told_that_it_is_too_late(
    held: Store, path: Path
) -> None:
    """A transaction that may write holds the right to it from its first statement on."""
    other = sqlite3.connect(path, timeout=0, check_same_thread=False)

    def work(connection: Connection) -> None:
        articles.counts(connection)
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("UPDATE articles SET title = 'between'")
        added(2)(connection)

    held.write_now(work)
    other.close()
    assert kept(held) == 2


# --------------------------------------------------------------------------- the server


LEFT, RIGHT = "http://left.example/", "http://right.example/"
COUNT = text("UPDATE feeds SET failures = failures + 1 WHERE url = :url")


@pytest.fixture
def pair(shared_url: str) -> Iterator[tuple[Store, Store]]:
    """Yield two stores on one PostgreSQL, as two processes would have them."""
    with stores.open(shared_url) as one, stores.open(shared_url) as two:
        for url in (LEFT, RIGHT):
            one.write_now(feeds.add, feed(url), NOW, NOW)
        yield one, two


def counts(store: Store) -> dict[str, int]:
    found = store.read_now(feeds.statuses)
    return {one.polling.feed.url: one.polling.failures for one in found}


def crossing(first: str, second: str, met: threading.Barrier) -> Write:
    """Return a write that locks one feed, then waits until the other write has locked its own."""
    tries: list[int] = []

    def work(connection: Connection) -> int:
        tries.append(1)
        connection.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
        connection.execute(COUNT, {"url": first})
        if len(tries) == 1:
            met.wait(10)
        connection.execute(COUNT, {"url": second})
        return len(tries)

    return work


@pytest.mark.postgres
@pytest.mark.parametrize("apart", [False, True])
async def test_F29_of_two_writes_that_cross_the_one_that_gives_way_is_done_again(
    pair: tuple[Store, Store], *, apart: bool
) -> None:
    """Two processes really deadlock; in one of them another write shares the commit."""
    one, two = pair
    met = threading.Barrier(2)
    works = crossing(LEFT, RIGHT, met), crossing(RIGHT, LEFT, met)
    if apart:
        tries = await asyncio.gather(one.apart(works[0]), two.apart(works[1]))
    else:
        company = one.write(feeds.add, feed("http://company.example/"), NOW, NOW)
        *tries, number = await asyncio.gather(one.write(works[0]), two.write(works[1]), company)
        assert number
    assert sorted(tries) == [1, 2]
    assert counts(one)[LEFT] == counts(one)[RIGHT] == 2


@pytest.mark.postgres
async def test_F29_a_transaction_that_cannot_be_serialized_is_done_again(
    pair: tuple[Store, Store],
) -> None:
    """A transaction is repeated if another process has changed what it read before its commit."""
    one, two = pair
    tries: list[int] = []

    def work(connection: Connection) -> int:
        tries.append(1)
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        connection.execute(text("SELECT failures FROM feeds")).all()
        if len(tries) == 1:
            two.write_now(lambda other: other.execute(COUNT, {"url": LEFT}).rowcount)
        return connection.execute(COUNT, {"url": LEFT}).rowcount

    assert await one.write(work) == 1
    assert (len(tries), counts(one)[LEFT]) == (2, 2)


@pytest.mark.postgres
def test_F28_all_who_share_a_commit_learn_that_their_connection_broke(shared_url: str) -> None:
    """None of their writes is blamed, and the next commit has a new connection."""

    def breaks(connection: Connection) -> None:
        connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

    with stores.open(shared_url) as store:
        ends = together(store, added(1), breaks, added(2))
        assert [type(end) for end in ends] == [UnavailableError] * 3
        assert store.refusing
        together(store, added(1), added(2))
        assert kept(store) == 2
        assert not store.refusing


@pytest.mark.postgres
def test_F29_one_that_always_gives_way_is_put_off_in_the_end(shared_url: str) -> None:
    """The write ends after a set number of tries, with growing waits that chance keeps apart."""
    paused: list[float] = []
    tries: list[int] = []

    def work(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$"))

    with stores.open(shared_url) as store:
        store._writer._pause, store._writer._chance = paused.append, iter(CHANCES).__next__
        with pytest.raises(TryLaterError):
            store.write_now(work)
    assert len(tries) == conflicts.TRIES
    assert paused == list(conflicts.waits(iter(CHANCES).__next__))
    assert 0 < paused[0] < 0.1
    assert sum(paused) < 3


CHANCES = (0.9, 0.1, 0.5, 0.3, 0.7)
