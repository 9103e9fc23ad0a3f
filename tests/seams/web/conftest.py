"""The site of a desk whose kind of database does not matter here."""

from __future__ import annotations

import pytest


@pytest.fixture
def kind() -> str:
    """Return SQLite alone: the answers do not depend on the database."""
    return "sqlite"
