"""A store of one kind."""

from __future__ import annotations

import pytest


@pytest.fixture
def kind() -> str:
    """Return SQLite alone: manners do not depend on the database."""
    return "sqlite"
