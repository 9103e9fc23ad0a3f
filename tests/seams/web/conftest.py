"""The site of a desk whose store's kind does not matter here."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """SQLite only: what is answered does not depend on the database."""
    return f"sqlite:///{tmp_path / 'monitor.sqlite3'}"
