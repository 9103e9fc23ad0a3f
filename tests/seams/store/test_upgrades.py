"""Databases of every earlier version are brought up to date whole, or left as they were."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from support import old
from support.doomed import doomed

from monitor import failpoints
from monitor import store as stores
from monitor.failpoints import FailpointError
from monitor.store import engine, migrate

EARLIER = old.revisions()[:-1]
BEFORE_ROWS_CHANGE = ("0001", "0003", "0004")
"""Versions followed by a migration that does more than make tables."""
CASES = [
    *(pytest.param("sqlite", one) for one in EARLIER),
    *(
        pytest.param("postgres", one, marks=pytest.mark.postgres)
        for one in (*BEFORE_ROWS_CHANGE, EARLIER[-1])
    ),
]


@pytest.fixture
def database(store_url: str) -> Iterator[Engine]:
    """Yield the database as it is, not brought up to date."""
    writing, _ = engine.engines(engine.parse(store_url))
    yield writing
    writing.dispose()


SHAPE = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master ORDER BY type, name",
    "postgresql": """
        SELECT table_name, column_name, data_type, is_nullable, column_default
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT tablename, indexname, indexdef, '', '' FROM pg_indexes
        WHERE schemaname = 'public'
        UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', ''
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        ORDER BY 1, 2, 3""",
}
"""Tables with their columns, indexes and keys, as the database describes them."""


def unsound(connection: Connection) -> list[Any]:
    """Return what SQLite finds wrong; PostgreSQL checks foreign keys when rows are written."""
    if connection.dialect.name != "sqlite":
        return []
    said = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    return [*(words for words in said if words != "ok"), *broken]


def held_by(connection: Connection) -> tuple[str | None, Mapping[str, Any], list[Any]]:
    """Return version, rows and form."""
    form = connection.execute(text(SHAPE[connection.dialect.name])).all()
    return migrate.version(connection), old.content(connection), list(form)


def opened(url: str, order: str = "") -> None:
    """Open the database as every program does, with a fault ordered."""
    os.environ["MONITOR_FAILPOINTS"] = order
    failpoints.arm(os.environ)
    stores.open(url).close()


@pytest.mark.parametrize(("kind", "revision"), CASES)
def test_F113_a_database_of_each_earlier_version_is_brought_up_to_date_whole(
    database: Engine, store_url: str, revision: str
) -> None:
    """Every table of that version has rows, and they are all there afterwards."""
    with database.begin() as connection:
        old.bring(connection, revision)
        old.fill(connection)
        _, before, _ = held_by(connection)
    assert {len(rows) for rows in before.values()} == {2}
    stores.open(store_url).close()
    with database.connect() as connection:
        version, after, _ = held_by(connection)
        assert version == migrate.HEAD
        for table, rows in before.items():
            assert [{name: row[name] for name in rows[0]} for row in after[table]] == rows
        assert unsound(connection) == []


def test_F114_killed_while_it_upgrades_a_database_is_as_it_was(
    database: Engine, store_url: str
) -> None:
    """SIGKILL comes after the first step; the next start brings the database up to date."""
    with database.begin() as connection:
        old.bring(connection, EARLIER[0])
        old.fill(connection)
        before = held_by(connection)
    database.dispose()
    assert doomed(opened, store_url, "migrate.step=kill") == -signal.SIGKILL
    with database.connect() as connection:
        assert held_by(connection) == before
        assert unsound(connection) == []
    stores.open(store_url).close()
    with database.connect() as connection:
        assert migrate.version(connection) == migrate.HEAD


@pytest.mark.parametrize(
    ("kind", "steps_done"),
    [
        ("sqlite", range(1, len(EARLIER) + 1)),
        pytest.param("postgres", (1, len(EARLIER)), marks=pytest.mark.postgres),
    ],
)
def test_F114_a_fault_at_any_step_undoes_them_all(
    database: Engine, store_url: str, monkeypatch: pytest.MonkeyPatch, steps_done: Sequence[int]
) -> None:
    """From the first version on, the fault comes after one step, two, and so on to the last."""
    with database.begin() as connection:
        old.bring(connection, EARLIER[0])
        old.fill(connection)
        before = held_by(connection)
    for steps in steps_done:
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
