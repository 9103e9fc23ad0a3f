"""Commands in this process, with what they read read here too."""

from __future__ import annotations

import pytest

from monitor import app
from monitor.pipeline.parts import Compute, at_once


@pytest.fixture(autouse=True)
def read_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command would start processes of its own, which takes longer than all that it does.

    Those that a user has at work are tried beside the daemon.
    """

    def here() -> Compute:
        return at_once

    monkeypatch.setattr(app, "Workers", here)
