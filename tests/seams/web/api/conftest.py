"""The API is asked on both kinds of database: its pages are questions of their own to each."""

from __future__ import annotations

import pytest
from support.databases import KINDS


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Both databases."""
    found: str = request.param
    return found
