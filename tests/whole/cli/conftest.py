"""Commands that run, and read entries, in this process."""

from __future__ import annotations

import pytest

from monitor import app
from monitor.pipeline.parts import Compute, at_once


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read entries in this process: starting others takes longer than the rest of a command.

    Tests of the daemon use worker processes, as users do.
    """

    def here() -> Compute:
        return at_once

    monkeypatch.setattr(app, "Workers", here)
