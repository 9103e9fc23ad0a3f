"""Restoring a backup of SQLite into an empty database on PostgreSQL."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, cast, func, inspect, select, update
from sqlalchemy.dialects.postgresql import REGCLASS
from support import old
from support.databases import fresh_database
from support.doomed import doomed

from monitor import store as stores
from monitor.errors import InputError, MonitorError, TryLaterError, UnavailableError, UsageError
from monitor.model import Feed
from monitor.store import backup, carry, editions, engine, feeds, holds, migrate, schema, search
from monitor.testing import FakeClock

pytestmark = pytest.mark.postgres

FULL_TEXT = {
    "articles_fts",
    *(f"articles_fts_{one}" for one in ["config", "data", "docsize", "idx"]),
}


def written(path: Path, work: Callable[[Connection], object]) -> Path:
    """Make a database at HEAD in which something was written."""
    with stores.open(f"sqlite:///{path}") as store:
        store.write_now(work)
    return path


@pytest.fixture
def full(tmp_path: Path) -> Path:
    """Make a database with two rows in every table."""
    return written(tmp_path / "full.sqlite3", old.fill)


def everything(url: str) -> Mapping[str, list[dict[str, Any]]]:
    with stores.open(url) as store:
        return store.read_now(old.content)


def no_rows(url: str) -> bool:
    return not any(everything(url).values())


def test_every_table_is_carried(shared_url: str, tmp_path: Path) -> None:
    """A new table needs no further work; one that the schema does not know is found here."""
    ours = {table.name for table in carry.TABLES} | {"alembic_version"}
    with stores.open(f"sqlite:///{tmp_path / 'm.sqlite3'}") as lite, stores.open(shared_url) as big:
        assert lite.read_now(lambda one: set(inspect(one).get_table_names())) == ours | FULL_TEXT
        assert big.read_now(lambda one: set(inspect(one).get_table_names())) == ours


def test_all_rows_come_as_they_were_and_are_held(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    """The rows equal those of a restore on SQLite; the backup has a hold, so none is added."""
    done = backup.restore(shared_url, full, clock.now)
    again = f"sqlite:///{full.parent / 'again.sqlite3'}"
    there = backup.restore(again, full, clock.now)
    assert everything(shared_url) == everything(again)
    assert done == there
    assert set(done.rows) == {table.name for table in carry.TABLES}
    assert set(done.rows.values()) == {2, 3}
    assert (done.kept, done.before) == (None, migrate.HEAD)


@pytest.mark.parametrize("revision", old.revisions()[:-1])
def test_an_older_backup_is_brought_to_this_version(
    revision: str, shared_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    path = tmp_path / "old.sqlite3"
    writing, _ = engine.engines(engine.parse(f"sqlite:///{path}"))
    with writing.begin() as connection:
        old.bring(connection, revision)
        old.fill(connection)
    writing.dispose()
    before = path.read_bytes()
    done = backup.restore(shared_url, path, clock.now)
    assert done.before == revision
    backup.restore(f"sqlite:///{tmp_path / 'again.sqlite3'}", path, clock.now)
    assert everything(shared_url) == everything(f"sqlite:///{tmp_path / 'again.sqlite3'}")
    assert path.read_bytes() == before


def test_a_database_without_tables_of_ours_gets_them(
    full: Path, postgres_url: str, clock: FakeClock
) -> None:
    url = fresh_database(postgres_url)
    backup.restore(url, full, clock.now)
    assert len(everything(url)["articles"]) == 2


def test_what_comes_next_gets_the_next_number(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    """Numbers go on in every table with numbered rows."""
    backup.restore(shared_url, full, clock.now)
    numbered = [one for one in carry.TABLES if one.autoincrement_column is not None]
    assert len(numbered) > 10
    with stores.open(shared_url) as store:
        new = Feed(url="http://127.0.0.1/new")
        assert store.write_now(feeds.add, new, clock.now(), clock.now()) == 3
        found = store.write_now(numbers, numbered)
    assert found == {**dict.fromkeys(found, 3), "feeds": 4, "holds": 4}


def numbers(connection: Connection, tables: Sequence[Table]) -> dict[str, int | None]:
    """Return the number that the next row of each table gets."""
    sequences = {one.name: func.pg_get_serial_sequence(one.name, "id") for one in tables}
    return {
        name: connection.scalar(select(func.nextval(cast(sequence, REGCLASS))))
        for name, sequence in sequences.items()
    }


def test_an_empty_table_begins_at_one(shared_url: str, tmp_path: Path, clock: FakeClock) -> None:
    empty = written(tmp_path / "empty.sqlite3", lambda _: None)
    backup.restore(shared_url, empty, clock.now)
    with stores.open(shared_url) as store:
        new = Feed(url="http://127.0.0.1/new")
        assert store.write_now(feeds.add, new, clock.now(), clock.now()) == 1


def test_a_row_may_refer_to_one_behind_it(
    shared_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    """Of two reports the later may be the fuller; there are more rows than one batch carries."""

    def chain(connection: Connection) -> None:
        old.fill(connection, 3 * carry.BATCH + 1)
        last = 3 * carry.BATCH + 1
        other = {"duplicate_of": last + 1 - schema.articles.c.id}
        connection.execute(update(schema.articles).values(**other))
        middle = schema.articles.c.id == last // 2 + 1
        connection.execute(update(schema.articles).where(middle).values(duplicate_of=None))

    path = written(tmp_path / "chain.sqlite3", chain)
    backup.restore(shared_url, path, clock.now)
    carried, given = everything(shared_url), everything(f"sqlite:///{path}")
    assert carried["articles"] == given["articles"]
    assert carried["attempts"] == given["attempts"]


def test_what_postgresql_keeps_otherwise_comes_as_it_would_have_been_written(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    """NUL and half a character are removed from texts, not bytes; a time may lack parts."""
    with closing(sqlite3.connect(full)) as file:
        file.execute("UPDATE entries SET title = 'nu' || char(0) || 'll' WHERE id = 1")
        lists = r'["nu\u0000ll", {"half\ud83d": "whole \ud83d\ude80"}]'
        file.execute(
            "UPDATE entries SET categories = ?, published = ? WHERE id = 1",
            (lists, "2024-10-18 06:00:00"),
        )
        file.execute("UPDATE entries SET published = NULL, baseline = 0 WHERE id = 2")
        file.execute(
            "UPDATE feeds SET etag = ?, hints = NULL, bytes = ? WHERE id = 1", (b"\0\xff", 2**40)
        )
        file.execute("UPDATE host_lines SET hash = ?", (-(2**63),))
        file.commit()
    backup.restore(shared_url, full, clock.now)
    found = everything(shared_url)
    one, two = found["entries"]
    assert one["title"] == "null"
    assert one["categories"] == ["null", {"half": "whole \U0001f680"}]
    assert one["published"] == datetime(2024, 10, 18, 6, tzinfo=UTC)
    assert (two["published"], two["baseline"], one["baseline"]) == (None, False, True)
    feed = found["feeds"][0]
    assert (feed["etag"], feed["hints"], feed["bytes"]) == (b"\0\xff", None, 2**40)
    assert found["host_lines"][0]["hash"] == -(2**63)


def test_words_are_found(shared_url: str, tmp_path: Path, clock: FakeClock) -> None:
    """The text index is built from the rows that are carried."""

    def tell(connection: Connection) -> None:
        old.fill(connection)
        words = {"title": "A frigate", "text": "Calm sea.", "embeds": []}
        connection.execute(update(schema.articles).values(**words))

    backup.restore(shared_url, written(tmp_path / "m.sqlite3", tell), clock.now)
    with stores.open(shared_url) as store:
        assert [one.id for one in store.read_now(search.search, "frigate calm")] == [2, 1]


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        ("feeds", "UPDATE feeds SET state = ?"),
        ("matches", "UPDATE matches SET version = ?"),
        ("attempts", "UPDATE attempts SET answer = ?"),
    ],
)
def test_a_row_that_is_refused_leaves_the_database_empty(
    full: Path, shared_url: str, clock: FakeClock, table: str, statement: str
) -> None:
    """SQLite accepts a value that is too long, here in an early table or in the last."""
    with closing(sqlite3.connect(full)) as file:
        file.execute(statement, ("x" * 500,))
        file.commit()
    with pytest.raises(InputError, match=rf"row of {table}: value too long.*nothing was changed"):
        backup.restore(shared_url, full, clock.now)
    assert no_rows(shared_url)
    assert not list(full.parent.glob("*.part*"))
    assert not list(full.parent.glob(".*.part*"))


def test_a_reference_to_nothing_leaves_the_database_empty(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    with closing(sqlite3.connect(full)) as file:
        file.execute("UPDATE articles SET duplicate_of = 99")
        file.commit()
    with pytest.raises(InputError, match=r"row of articles: .*foreign key"):
        backup.restore(shared_url, full, clock.now)
    assert no_rows(shared_url)


def killed_before_the_end(url: str, path: Path) -> None:
    """Kill the process within the transaction, once all rows are written."""

    def die(_table: Table, _connection: Connection) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    carry._count_on = die
    backup.restore(url, path, FakeClock().now)


def test_a_restore_that_is_killed_leaves_the_database_empty_and_can_be_done_again(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    assert doomed(killed_before_the_end, shared_url, full) == -signal.SIGKILL
    assert no_rows(shared_url)
    backup.restore(shared_url, full, clock.now)
    assert len(everything(shared_url)["articles"]) == 2


def test_a_table_that_does_not_come_whole_leaves_the_database_empty(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    """If a rule in the database swallows rows, the count differs and nothing is kept."""
    import psycopg

    with psycopg.connect(shared_url, autocommit=True) as connection:
        connection.execute("CREATE RULE swallow AS ON INSERT TO robots DO INSTEAD NOTHING")
    with pytest.raises(
        MonitorError, match="robots was not copied completely: 2 rows were to be copied, 0"
    ):
        backup.restore(shared_url, full, clock.now)
    assert no_rows(shared_url)


SIGNS = {table.name: table for table in carry.SIGNS}


@pytest.mark.parametrize("name", SIGNS)
def test_a_database_that_was_in_use_is_refused(
    full: Path, shared_url: str, clock: FakeClock, name: str
) -> None:
    """A single sign of use is enough, with only the rows it needs and a feed of the settings."""

    def use(connection: Connection) -> None:
        old.fill(connection, 1)
        others = [one for one in reversed(carry.TABLES) if one.name not in (name, "feeds")]
        for table in others:
            if table not in {key.column.table for key in SIGNS[name].foreign_keys}:
                connection.execute(table.delete())
        connection.execute(update(schema.feeds).values(origin="settings"))

    with stores.open(shared_url) as store:
        store.write_now(use)
    before = everything(shared_url)
    with pytest.raises(UsageError, match=r"not empty.*CREATE DATABASE.*nothing was changed"):
        backup.restore(shared_url, full, clock.now)
    assert everything(shared_url) == before
    assert before[name]


def test_feeds_that_a_person_added_are_not_thrown_away(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    with stores.open(shared_url) as store:
        store.write_now(feeds.add, Feed(url="http://127.0.0.1/a"), clock.now(), clock.now())
    with pytest.raises(UsageError, match="not empty"):
        backup.restore(shared_url, full, clock.now)


def test_what_the_settings_name_is_in_nobody_s_way(
    full: Path, shared_url: str, clock: FakeClock
) -> None:
    """Feeds and digests of the settings are no obstacle: any command that looked made them."""
    named = [Feed(url=f"http://127.0.0.1/{number}") for number in range(3)]
    with stores.open(shared_url) as store:
        store.write_now(feeds.sync, named, clock.now(), lambda _: clock.now())
        store.write_now(editions.register, "desk", clock.now())
    backup.restore(shared_url, full, clock.now)
    found = everything(shared_url)
    assert [one["id"] for one in found["feeds"]] == [1, 2]
    assert [one["name"] for one in found["digests"]] == ["1", "2"]


def test_no_restore_under_a_daemon(full: Path, shared_url: str, clock: FakeClock) -> None:
    with stores.open(shared_url) as store:
        lock = store.lock("daemon")
        assert lock is not None
        with pytest.raises(TryLaterError, match="daemon"):
            backup.restore(shared_url, full, clock.now)
        lock.release()
    assert no_rows(shared_url)
    backup.restore(shared_url, full, clock.now)


def test_a_backup_is_held_from_its_making_on(
    shared_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    """Sending is held from the moment the backup was taken, as on SQLite."""
    path = written(tmp_path / "m.sqlite3", lambda _: None)
    backup.backup(f"sqlite:///{path}", tmp_path / "copy", clock.now)
    taken = clock.now()
    clock.advance(timedelta(hours=2))
    assert backup.restore(shared_url, tmp_path / "copy", clock.now).hold.taken == taken
    with stores.open(shared_url) as store:
        assert store.read_now(holds.current) == holds.Hold(1, taken, clock.now())


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PGDMP\x01\x0e", "made by pg_dump.*pg_restore.*monitor deliveries hold --taken"),
        (b"PK\x03\x04" * 100, "damaged or not a database"),
        (b"", "is not a monitor database"),
    ],
)
def test_what_is_no_backup_of_sqlite_is_refused(
    shared_url: str, tmp_path: Path, clock: FakeClock, content: bytes, told: str
) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(InputError, match=told):
        backup.restore(shared_url, tmp_path / "file", clock.now)
    assert no_rows(shared_url)


def test_a_server_that_does_not_answer_is_told(full: Path, clock: FakeClock) -> None:
    with pytest.raises(UnavailableError, match="does not answer"):
        backup.restore("postgresql://desk@127.0.0.1:1/news", full, clock.now)
