"""The program as a user has it: a process, a folder of settings, real servers around it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest

LOCAL = """
[poll]
interval = "1s"
floor = "1s"
ceiling = "2s"
spread = "0s"
[fetch]
allow_private = ["127.0.0.0/8", "::1"]
spacing_s = 0
"""
"""Settings by which feeds on this machine are polled once a second; more of [fetch] may follow."""
AT_ONCE = """
[[digests]]
name = "desk"
watchlists = ["ships"]
schedule = "at once"
recipients = ["email:desk@example.org"]
"""
"""A digest that reports each story as soon as it appears."""


class Program:
    """Runs `monitor` with a folder of settings and an environment of its own."""

    def __init__(self, folder: Path, store_url: str) -> None:
        self.folder = folder
        self.processes: list[asyncio.subprocess.Process] = []
        """Every process that was started."""
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "MONITOR_CONFIG": str(folder),
            "MONITOR_STORE__URL": store_url,
            "PYTHONUNBUFFERED": "1",
        }

    async def start(
        self, *words: str, log: Path | None = None, **environ: str
    ) -> asyncio.subprocess.Process:
        """Start `monitor WORDS` and return its process; its output goes to `log`."""
        with _appended(log or self.log) as said:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "monitor",
                *words,
                stdout=said,
                stderr=said,
                env=self.environ | environ,
                cwd=self.folder,
            )
        self.processes.append(process)
        return process

    @property
    def log(self) -> Path:
        """The file that collects the output of all processes."""
        return self.folder / "log.txt"


def _appended(log: Path) -> IO[bytes]:
    return log.open("ab")


def _end_of(log: Path) -> str:
    return log.read_text()[-4000:]


async def until(happened: Callable[[], object], seconds: float = 60.0, *, log: Path) -> None:
    """Wait until something has happened; after `seconds`, fail with what the program said."""
    for _ in range(int(seconds * 20)):
        if happened():
            return
        await asyncio.sleep(0.05)  # what we wait for lives in another process
    raise AssertionError(f"it did not happen; the program said:\n{_end_of(log)}")


@pytest.fixture
def program(tmp_path: Path, store_url: str) -> Program:
    """The program on each kind of database."""
    return Program(tmp_path, store_url)
