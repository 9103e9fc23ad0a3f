"""The API is asked on both kinds of database: its pages are questions of their own to each."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.databases import fresh_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database on each of the two kinds."""
    if request.param == "postgres":
        return fresh_database(request.getfixturevalue("postgres_url"))
    return f"sqlite:///{tmp_path / 'monitor.sqlite3'}"
