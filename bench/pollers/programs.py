"""The programs that poll, each with its own database, behind one face."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from bench.pollers.measure import Peak, cpu_s

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Figures:
    """What one round of one program took."""

    polls: int
    wall_s: float
    cpu_s: float
    peak_mb: float
    failed: int = 0

    @property
    def feeds_per_s(self) -> float:
        """Feeds polled in a second."""
        return self.polls / self.wall_s

    @property
    def cpu_per_1000(self) -> float:
        """CPU seconds for 1,000 polls."""
        return self.cpu_s * 1000 / self.polls


class Driven:
    """A program that lives as long as its driver, as a daemon does: starting it costs nothing here.

    The driver takes orders on standard input; see `with_monitor.py`.
    """

    def __init__(self, script: str, folder: Path, urls: Sequence[str], python: str) -> None:
        (folder / "urls").write_text("\n".join(urls))
        self._process = subprocess.Popen(
            [python, str(HERE / script), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=(folder / "errors").open("w"),
            text=True,
        )
        self._read()  # it is ready

    def poll(self) -> Figures:
        """Poll all feeds once."""
        pid = self._process.pid
        before = cpu_s(pid)
        with Peak(pid) as peak:
            told = self._order("poll")
        used = cpu_s(pid) - before
        return Figures(told["polls"], told["seconds"], used, peak.mb, told["failed"])

    def stored(self) -> int:
        """How many entries it has stored."""
        return int(self._order("count")["stored"])

    def close(self) -> None:
        """No more orders: it ends."""
        self._pipe(self._process.stdin).close()
        self._process.wait()

    def _order(self, word: str) -> dict[str, Any]:
        pipe = self._pipe(self._process.stdin)
        pipe.write(f"{word}\n")
        pipe.flush()
        told: dict[str, Any] = json.loads(self._read())
        return told

    def _read(self) -> str:
        line = self._pipe(self._process.stdout).readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        return line

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe
        return pipe


def monitor(folder: Path, urls: Sequence[str]) -> Driven:
    """Ours."""
    return Driven("with_monitor.py", folder, urls, sys.executable)
