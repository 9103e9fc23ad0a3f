"""A few rounds of the kill loop; `bench/kill_loop.py 200` is the full run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.whole


@pytest.mark.parametrize(
    "database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]
)
def test_F05_F06_F07_F08_F09_F10_F11_killed_anywhere_nothing_is_lost_or_told_twice(
    database: str,
) -> None:
    """I1-I4 and I6 hold over SIGKILLs; a message repeats only if a kill prevented its recording."""
    words = ["bench/kill_loop.py", "4", "--seed", "6", "--database", database]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "I1, I2, I3, I4, I6 hold" in done.stdout
