"""Databases of every earlier version: brought up to date whole, or left as they were."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, inspect, text
from support import old
from support.doomed import doomed

from monitor import failpoints
from monitor import store as stores
from monitor.failpoints import FailpointError
from monitor.store import engine, migrate

EARLIER = old.revisions()[:-1]


@pytest.fixture
def database(store_url: str) -> Iterator[Engine]:
    """The database as it is, with nobody who would bring it up to date."""
    writing, _ = engine.engines(engine.parse(store_url))
    yield writing
    writing.dispose()


def shape(connection: Connection) -> Mapping[str, Any]:
    """Tables with their columns, indexes and keys, whatever their order."""
    found = inspect(connection)
    return {
        name: (
            sorted((one["name"], str(one["type"]), one["nullable"]) for one in columns),
            sorted((str(one["name"]), *one["column_names"]) for one in found.get_indexes(name)),
            sorted(str(sorted(one.items(), key=str)) for one in found.get_foreign_keys(name)),
        )
        for name in sorted(found.get_table_names())
        for columns in [found.get_columns(name)]
    }


def unsound(connection: Connection) -> list[Any]:
    """What SQLite finds wrong; PostgreSQL looks at foreign keys when rows are written."""
    if connection.dialect.name != "sqlite":
        return []
    said = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [*(words for words in said if words != "ok"), *broken]


def held_by(connection: Connection) -> tuple[str | None, Mapping[str, Any], Mapping[str, Any]]:
    return migrate.version(connection), shape(connection), old.content(connection)


def opened(url: str, order: str = "") -> None:
    """As every program opens it, with a fault ordered."""
    os.environ["MONITOR_FAILPOINTS"] = order
    failpoints.arm(os.environ)
    stores.open(url).close()


@pytest.mark.parametrize("revision", EARLIER)
def test_F113_F114_killed_while_it_upgrades_a_database_is_old_and_then_new(
    database: Engine, store_url: str, revision: str
) -> None:
    """Rows that every version could have left, and a SIGKILL after the first step of the way."""
    with database.begin() as connection:
        old.bring(connection, revision)
        old.fill(connection)
        before = held_by(connection)
    database.dispose()
    assert doomed(opened, store_url, "migrate.step=kill") == -signal.SIGKILL
    with database.connect() as connection:
        assert held_by(connection) == before
    stores.open(store_url).close()
    with database.connect() as connection:
        version, _, after = held_by(connection)
        assert version == migrate.HEAD
        for table, rows in before[2].items():
            assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows
        assert unsound(connection) == []


def test_F114_a_fault_at_any_step_undoes_them_all(
    database: Engine, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the first version on: after one step, after two, after the last before the commit."""
    with database.begin() as connection:
        old.bring(connection, EARLIER[0])
        old.fill(connection)
        before = held_by(connection)
    for steps in range(1, len(EARLIER) + 1):
        left = iter(range(steps - 1))

        def fail(_environ: object, left: Iterator[int] = left) -> None:
            if next(left, None) is None:
                raise FailpointError("migrate.step")

        monkeypatch.setattr(failpoints, "_sleep_of", fail)
        with pytest.raises(FailpointError):
            stores.open(store_url)
        with database.connect() as connection:
            assert held_by(connection) == before
    monkeypatch.undo()
    stores.open(store_url).close()
    with database.connect() as connection:
        assert migrate.version(connection) == migrate.HEAD
