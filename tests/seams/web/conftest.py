"""The site of a desk whose store's kind does not matter here."""

from __future__ import annotations

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def kind() -> str:
    """SQLite only: what is answered does not depend on the database."""
    return "sqlite"
