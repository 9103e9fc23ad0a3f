"""The command line inside the tests' own process."""

from __future__ import annotations

import pytest

from monitor.pipeline.parts import at_once


@pytest.fixture(autouse=True)
def _read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents are read here: a process for that starts in a second, and each command would
    start some."""
    monkeypatch.setattr("monitor.app.Workers", lambda: at_once)
