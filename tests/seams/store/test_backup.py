"""A backup is one file, made while others write, and is restored whole."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, Engine, event, select, text

from monitor import store as stores
from monitor.errors import InputError, MonitorError, TryLaterError, UsageError
from monitor.store import Store, backup, editions, engine, holds, migrate, schema
from monitor.testing import FakeClock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "monitor.sqlite3"


@pytest.fixture
def kept(path: Path) -> Iterator[Store]:
    """Yield a database in use that has three digests."""
    with stores.open(f"sqlite:///{path}") as opened:
        for name in ("one", "two", "three"):
            opened.write_now(editions.register, name, FakeClock().now())
        yield opened


def names(path: Path) -> list[str]:
    """Return the digests that a database file knows."""
    with closing(sqlite3.connect(path)) as connection:
        return [row[0] for row in connection.execute("SELECT name FROM digests ORDER BY name")]


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


def put_back(path: Path, copy: Path, clock: FakeClock) -> backup.Restored:
    return backup.restore(f"sqlite:///{path}", copy, clock.now)


def left_alone(kept: Store, folder: Path, clock: FakeClock) -> Path:
    """Copy the database, close it, and return the copy's path."""
    backup.backup(kept.url, folder / "copy", clock.now)
    kept.close()
    return folder / "copy"


class Watched(sqlite3.Connection):
    """A connection during whose long work something else is done, once."""

    meanwhile: Any = None

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql.startswith("VACUUM"):
            self.set_progress_handler(self._once, 200)
        return super().execute(sql, *args)

    def _once(self) -> int:
        work, Watched.meanwhile = Watched.meanwhile, None
        if work:
            work()
        return 0


def test_F30_F116_a_copy_keeps_no_writer_waiting_and_is_of_one_moment(
    kept: Store, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that comes during the copying is done at once, and is not in the copy."""
    done = []

    def write() -> None:
        kept.write_now(editions.register, "while it was copied", clock.now())
        done.append(True)

    Watched.meanwhile = staticmethod(write)
    connect = sqlite3.connect
    monkeypatch.setattr(
        backup.sqlite3, "connect", lambda *args, **more: connect(*args, factory=Watched, **more)
    )
    made = backup.backup(kept.url, tmp_path / "copy", clock.now)
    assert done == [True]
    assert names(tmp_path / "copy") == ["one", "three", "two"]
    assert made.version == migrate.HEAD
    [(busy, _, _)] = kept.read_now(lambda one: one.execute(text("PRAGMA wal_checkpoint")).all())
    assert busy == 0  # no reader is left that keeps the log growing


def test_F30_a_copy_is_made_beside_a_write_that_is_not_done(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("DELETE FROM digests")
        backup.backup(kept.url, tmp_path / "copy", clock.now)
        other.execute("COMMIT")
    assert names(tmp_path / "copy") == ["one", "three", "two"]
    assert names(path) == []


def test_S103_a_copy_and_what_is_restored_are_for_their_owner_only(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    before = os.umask(0)
    try:
        copy = tmp_path / "copy"
        copy.write_text("something else")
        copy.chmod(0o666)
        backup.backup(kept.url, copy, clock.now, force=True)
        kept.close()
        kept_aside = put_back(path, copy, clock).kept
        elsewhere = tmp_path / "else" / "where" / "m.sqlite3"
        put_back(elsewhere, copy, clock)
    finally:
        os.umask(before)
    assert kept_aside is not None
    assert [mode(one) for one in (copy, path, kept_aside, elsewhere)] == [0o600] * 4
    assert mode(elsewhere.parent) == 0o700


def test_S104_F116_one_file_alone_comes_and_nothing_stays_beside_it(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    folder = tmp_path / "copies"
    folder.mkdir()
    backup.backup(kept.url, folder / "copy", clock.now)
    assert [one.name for one in folder.iterdir()] == ["copy"]
    kept.close()
    done = put_back(path, folder / "copy", clock)
    assert done.kept is not None
    assert {one.name for one in path.parent.iterdir()} == {
        path.name,
        done.kept.name,
        f"{path.name}.daemon.lock",
    }
    assert [one.name for one in folder.iterdir()] == ["copy"]


def test_S104_a_link_in_the_way_is_not_followed(
    kept: Store, tmp_path: Path, clock: FakeClock
) -> None:
    """The file behind a link of that name stays as it is."""
    other = tmp_path / "somebody's"
    other.write_text("theirs")
    link = tmp_path / "copy"
    link.symlink_to(other)
    with pytest.raises(UsageError, match="already exists"):
        backup.backup(kept.url, link, clock.now)
    backup.backup(kept.url, link, clock.now, force=True)
    assert other.read_text() == "theirs"
    assert not link.is_symlink()


def test_S104_a_database_behind_a_link_is_replaced_where_it_is(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    backup.backup(kept.url, tmp_path / "copy", clock.now)
    kept.write_now(editions.register, "later", clock.now())
    kept.close()
    link = tmp_path / "m.sqlite3"
    link.symlink_to(path)
    done = put_back(link, tmp_path / "copy", clock)
    assert link.is_symlink()
    assert names(path) == ["one", "three", "two"]
    assert done.kept is not None
    assert done.kept.parent == path.parent
    assert "later" in names(done.kept)


def test_the_database_s_own_files_are_no_place_for_a_copy(
    kept: Store, path: Path, clock: FakeClock
) -> None:
    for end in ("", "-wal", "-shm"):
        with pytest.raises(UsageError, match="belongs to the database"):
            backup.backup(kept.url, Path(f"{path}{end}"), clock.now, force=True)
    with pytest.raises(UsageError, match="belongs to the database"):
        put_back(path, path, clock)
    assert names(path) == ["one", "three", "two"]


def test_F116_what_is_restored_is_held_however_it_came_into_its_place(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """A copy knows that it is one, whether the command restores it or a person copies it."""
    taken = clock.now()
    backup.backup(kept.url, tmp_path / "copy", clock.now)
    assert kept.read_now(holds.current) is None
    with stores.open(f"sqlite:///{tmp_path / 'copy'}") as copied:
        found = copied.read_now(holds.current)
        assert found is not None
        assert found.taken == taken
    kept.close()
    clock.advance(timedelta(days=3))
    done = put_back(path, tmp_path / "copy", clock)
    assert (done.hold.taken, done.hold.began) == (taken, clock.now())


def test_F117_a_copy_by_other_means_is_held_from_its_newest_sign_on(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    def poll(connection: Connection) -> None:
        feed = {"url": "http://127.0.0.1/", "created": clock.now()}
        connection.execute(schema.feeds.insert().values(**feed))
        values = {"feed_id": 1, "at": clock.now(), "outcome": "new"}
        connection.execute(schema.polls.insert().values(**values))

    kept.write_now(poll)
    asked = clock.now()
    with closing(sqlite3.connect(path)) as one, closing(sqlite3.connect(tmp_path / "c")) as two:
        one.backup(two)
    kept.close()
    clock.advance(timedelta(days=3))
    assert put_back(path, tmp_path / "c", clock).hold.taken == asked


def test_F116_no_restore_under_a_daemon_or_another_command(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backup, "PATIENCE_S", 0)
    backup.backup(kept.url, tmp_path / "copy", clock.now)
    kept.write_now(editions.register, "later", clock.now())
    lock = kept.lock("daemon")
    assert lock is not None
    with pytest.raises(TryLaterError, match="daemon"):
        put_back(path, tmp_path / "copy", clock)
    lock.release()
    with pytest.raises(TryLaterError, match="another command"):
        put_back(path, tmp_path / "copy", clock)
    assert "later" in kept.read_now(lambda one: one.scalars(select(schema.digests.c.name)).all())
    kept.close()
    assert len(list(path.parent.iterdir())) == 2  # the database and its lock
    put_back(path, tmp_path / "copy", clock)
    assert "later" not in names(path)


def test_F116_who_waited_for_the_database_writes_nothing_beside_the_new_one(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """The late process holds the file that was moved: its log would be taken for the new one's."""
    backup.backup(kept.url, tmp_path / "copy", clock.now)
    kept.close()
    with closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as late:
        put_back(path, tmp_path / "copy", clock)
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            late.execute("PRAGMA journal_mode = WAL")
    assert not Path(f"{path}-wal").exists()
    assert names(path) == ["one", "three", "two"]


def test_a_damaged_database_is_replaced_and_kept(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    backup.backup(kept.url, tmp_path / "copy", clock.now)
    kept.close()
    path.write_bytes(b"no database at all, but a text" * 100)
    Path(f"{path}-wal").write_bytes(b"its log")
    done = put_back(path, tmp_path / "copy", clock)
    assert done.kept is not None
    assert done.kept.read_bytes().startswith(b"no database")
    assert Path(f"{done.kept}-wal").read_bytes() == b"its log"
    assert names(path) == ["one", "three", "two"]


def test_F93_a_restore_leaves_no_engine_behind(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every engine that a restore makes is disposed of, also when it refuses the file."""
    copy = left_alone(kept, tmp_path, clock)
    strange = tmp_path / "strange"
    strange.write_bytes(b"no database")
    made: list[Engine] = []
    disposed: list[Engine] = []

    def noted(url: URL) -> tuple[Engine, Engine]:
        pair = both(url)
        for one in pair:
            event.listen(one, "engine_disposed", disposed.append)
        made.extend(pair)
        return pair

    both = engine.engines
    monkeypatch.setattr(engine, "engines", noted)
    put_back(path, copy, clock)
    with pytest.raises(InputError):
        put_back(path, strange, clock)
    assert made
    assert {id(one) for one in made} == {id(one) for one in disposed}


def test_what_was_kept_is_never_overwritten(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    backup.backup(kept.url, tmp_path / "copy", clock.now)
    kept.close()
    first = put_back(path, tmp_path / "copy", clock).kept
    assert first is not None
    before = first.read_bytes()
    with pytest.raises(MonitorError, match="cannot be kept"):  # in the same second
        put_back(path, tmp_path / "copy", clock)
    assert first.read_bytes() == before
    clock.advance(1)
    second = put_back(path, tmp_path / "copy", clock).kept
    assert second != first


def test_F116_a_crash_at_the_last_moment_leaves_what_there_was(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    backup.backup(kept.url, tmp_path / "copy", clock.now)
    kept.write_now(editions.register, "later", clock.now())
    kept.close()

    def crash(_path: Path, _target: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", crash)
        with pytest.raises(OSError, match="No space"):
            put_back(path, tmp_path / "copy", clock)
        with pytest.raises(OSError, match="No space"):
            backup.backup(kept.url, tmp_path / "copy", clock.now, force=True)
    assert "later" in names(path)
    assert "later" not in names(tmp_path / "copy")
    assert not list(tmp_path.rglob("*.part*"))


def refused(path: Path, copy: Path, clock: FakeClock) -> str:
    """Return why a file is not restored, and assert that the database is as before."""
    with pytest.raises(InputError) as error:
        put_back(path, copy, clock)
    assert names(path) == ["one", "three", "two"]
    assert not list(path.parent.glob("*before*"))
    return str(error.value)


def test_S104_what_is_no_database_of_ours_is_refused(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    kept.close()
    copy = tmp_path / "copy"
    assert "is not a file" in refused(path, copy, clock)
    assert "is not a file" in refused(path, tmp_path, clock)
    copy.write_bytes(b"PK\x03\x04../../etc/passwd" * 100)
    assert "damaged or not a database" in refused(path, copy, clock)
    copy.write_bytes(b"")
    assert "is not a monitor database" in refused(path, copy, clock)
    copy.unlink()
    with closing(sqlite3.connect(copy)) as other:
        other.execute("CREATE TABLE notes (text)")
    assert "is not a monitor database" in refused(path, copy, clock)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TRIGGER sly AFTER INSERT ON polls BEGIN DELETE FROM holds; END",
        "CREATE VIEW sly AS SELECT * FROM feeds",
        "CREATE TABLE sly (x)",
        "CREATE VIRTUAL TABLE sly USING fts5(x)",
    ],
)
def test_S104_a_copy_that_holds_more_than_we_make_is_refused(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock, statement: str
) -> None:
    copy = left_alone(kept, tmp_path, clock)
    with closing(sqlite3.connect(copy)) as other:
        other.execute(statement)
        other.commit()
    assert "sly" in refused(path, copy, clock)


def test_S104_a_trigger_of_ours_with_other_words_is_refused(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    copy = left_alone(kept, tmp_path, clock)
    with closing(sqlite3.connect(copy)) as other:
        other.execute("DROP TRIGGER articles_fts_insert")
        other.execute(
            "CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles "
            "BEGIN DELETE FROM holds; END"
        )
        other.commit()
    assert "articles_fts_insert" in refused(path, copy, clock)


def test_a_copy_of_a_newer_version_or_a_damaged_one_is_refused(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    copy = left_alone(kept, tmp_path, clock)
    whole = copy.read_bytes()
    with closing(sqlite3.connect(copy)) as other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    assert "newer monitor" in refused(path, copy, clock)
    copy.write_bytes(whole[: 4096 * 6] + b"\xff" * 4096 * 4 + whole[4096 * 10 :])
    assert "damaged" in refused(path, copy, clock)


def test_a_damaged_database_gives_no_copy(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    kept.close()
    with path.open("r+b") as file:
        file.seek(4096 * 6)
        file.write(b"\xff" * 4096 * 4)
    with pytest.raises(InputError, match="damaged"):
        backup.backup(kept.url, tmp_path / "copy", clock.now)
    assert not (tmp_path / "copy").exists()
    with pytest.raises(InputError, match="no database to copy"):
        backup.backup(f"sqlite:///{tmp_path / 'none'}", tmp_path / "copy", clock.now)


class Full(sqlite3.Connection):
    """A connection that copies to a full disk."""

    def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
        if sql.startswith("VACUUM"):
            self.backup(self)
        return super().execute(sql, *args)

    def backup(self, *_args: Any, **_more: Any) -> None:
        with closing(sqlite3.connect(":memory:", factory=sqlite3.Connection)) as small:
            small.execute("PRAGMA max_page_count = 1")
            small.execute("CREATE TABLE too_much (x)")


def test_F20_a_full_disk_is_told_of_the_file_that_was_to_be_written(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The error does not name the file that was only read."""
    copy = left_alone(kept, tmp_path, clock)
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Full))
    with pytest.raises(TryLaterError, match="the disk is full") as told:
        backup.backup(kept.url, tmp_path / "another", clock.now)
    assert str(tmp_path / "another") in str(told.value)
    assert str(path) not in str(told.value)
    with pytest.raises(TryLaterError, match="the disk is full") as told:
        put_back(path, copy, clock)
    assert str(path) in str(told.value)
    assert str(copy) not in str(told.value)


def test_an_older_copy_is_brought_to_this_version_and_held(
    kept: Store, path: Path, tmp_path: Path, clock: FakeClock
) -> None:
    """The copy was made by a program older than holds, so it contains none."""

    def age(connection: Connection) -> None:
        for later in ("holds", "addresses", "hosts", "reissues"):
            connection.execute(text(f"DROP TABLE {later}"))
        later_columns = {
            "feeds": ("states", "returns", "returns_since", "returned", "redated", "followed"),
            "robots": ("closed_until",),
            "entries": ("reissue_id", "shares_page"),
            "articles": ("reissue_id",),
        }
        for later in ("entries_reissue_id", "articles_reissue_id", "deliveries_open"):
            connection.execute(text(f"DROP INDEX ix_{later}"))
        for table, names in later_columns.items():
            for name in names:
                connection.execute(text(f"ALTER TABLE {table} DROP COLUMN {name}"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0009'"))

    kept.write_now(age)
    assert backup.backup(kept.url, tmp_path / "copy", clock.now).version == "0009"
    kept.close()
    done = put_back(path, tmp_path / "copy", clock)
    assert done.before == "0009"
    with stores.open(f"sqlite:///{path}") as restored:
        assert restored.read_now(holds.current) is not None
        assert restored.read_now(migrate.version) == migrate.HEAD


def test_postgresql_is_told_what_does_it(tmp_path: Path, clock: FakeClock) -> None:
    url = "postgresql://desk:secret@127.0.0.1:1/news"
    with pytest.raises(UsageError, match="pg_dump"):
        backup.backup(url, tmp_path / "copy", clock.now)
