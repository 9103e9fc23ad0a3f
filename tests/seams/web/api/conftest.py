"""The API is tested on both kinds of database, since each answers pages with its own queries."""

from __future__ import annotations

import pytest
from support.databases import KINDS


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return each of the two databases."""
    found: str = request.param
    return found
