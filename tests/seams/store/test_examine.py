"""Examining a database changes nothing, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from monitor import store as stores
from monitor.store import Store
from monitor.store.examine import examine
from monitor.store.migrate import HEAD


def now() -> datetime:
    return datetime.now(UTC)


def file_url(path: Path) -> str:
    return f"sqlite:///{path}"


def test_a_sound_database_in_use_is_current_writable_and_left_as_it_is(store: Store) -> None:
    found = examine(store.url, now)
    assert (found.version, found.known, found.trouble, found.unwritable) == (HEAD, HEAD, "", "")
    assert not (found.busy or found.damage)
    if store.url.startswith("sqlite"):
        assert found.read is True
        assert found.size
        assert found.free
    else:
        assert found.ahead is not None
        assert abs(found.ahead) < timedelta(minutes=1)


def test_what_a_database_takes_includes_its_log(tmp_path: Path) -> None:
    """News of the last minutes or hours may be in the write-ahead log only."""
    path = tmp_path / "monitor.sqlite3"
    with stores.open(file_url(path)) as kept:
        kept.write_now(
            lambda one: one.execute(text("CREATE TABLE bulk AS SELECT randomblob(9999)"))
        )
        files = [path, path.with_name("monitor.sqlite3-wal")]
        assert files[1].stat().st_size > 9999
        size = sum(one.stat().st_size for one in files)
        assert examine(file_url(path), now).size == size
        link = tmp_path / "link.sqlite3"
        link.symlink_to(path)  # the log stands beside the file, not beside the link
        assert examine(file_url(link), now).size == size


def test_an_empty_place_stays_empty(tmp_path: Path) -> None:
    found = examine(file_url(tmp_path / "a" / "b.sqlite3"), now)
    assert (found.version, found.trouble, found.size) == (None, "", 0)
    assert list(tmp_path.iterdir()) == []


def test_an_older_database_is_not_migrated(store: Store) -> None:
    store.write_now(lambda one: one.execute(text("UPDATE alembic_version SET version_num='0007'")))
    for _ in range(2):
        assert examine(store.url, now).version == "0007"


def test_damage_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "monitor.sqlite3"
    with stores.open(file_url(path)):
        pass
    with path.open("r+b") as file:
        file.seek(4096 * 6)
        file.write(b"\xff" * 4096 * 4)
    found = examine(file_url(path), now)
    assert found.damage
    path.write_bytes(b"no database at all, but a text" * 100)
    assert "not a database" in examine(file_url(path), now).damage[0]
    path.write_bytes(b"")
    assert examine(file_url(path), now).damage == ("the file is empty",)


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    """The database says so itself, since for root, who may run the tests, no file is read-only."""
    path = tmp_path / "monitor.sqlite3"
    with stores.open(file_url(path)):
        pass
    with sqlite3.connect(path) as other:
        other.execute(
            "CREATE TRIGGER shut BEFORE UPDATE ON alembic_version "
            "BEGIN SELECT RAISE(ABORT, 'attempt to write a readonly database'); END"
        )
    assert examine(file_url(path), now).unwritable == "attempt to write a readonly database"


def test_another_s_long_write_is_no_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "monitor.sqlite3"
    with stores.open(file_url(path)):
        pass
    monkeypatch.setattr("monitor.store.examine.WAIT_S", 0)
    with sqlite3.connect(path, isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        found = examine(file_url(path), now)
    assert (found.busy, found.unwritable, found.trouble) == (True, "", "")


def test_a_server_that_does_not_answer_is_told_without_its_password() -> None:
    found = examine("postgresql://desk:secret@127.0.0.1:1/news", now)
    assert not found.answers
    assert "secret" not in found.trouble + found.shown
