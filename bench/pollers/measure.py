"""CPU time and memory of a program: of its process and all that it started, from Linux' /proc."""

from __future__ import annotations

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_LOOK_S = 0.1
"""How often memory is looked at."""
_GONE = (OSError, ProcessLookupError)


def tree(root: int) -> list[int]:
    """The process and all its descendants that live."""
    children: dict[int, list[int]] = {}
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(*_GONE):
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def cpu_s(root: int) -> float:
    """CPU seconds of a tree of processes, those included that ended and were waited for."""
    total = 0
    for pid in tree(root):
        with suppress(*_GONE):
            total += sum(int(ticks) for ticks in _stat(pid)[11:15])
    return total / _TICKS


def pss_mb(root: int) -> float:
    """Megabytes of a tree: a page that several processes share counts once, divided among them."""
    total = 0
    for pid in tree(root):
        with suppress(*_GONE):
            rollup = (_PROC / str(pid) / "smaps_rollup").read_text()
            total += int(rollup.partition("\nPss:")[2].split()[0] or 0)
    return total / 1024


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name: state, parent, ... (proc(5))."""
    return (_PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


class Peak:
    """Watches a tree of processes from a thread; `mb` is the most that was seen."""

    def __init__(self, root: int) -> None:
        self.mb = 0.0
        self._root = root
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        while True:
            with suppress(IndexError):  # a process that is just ending has no memory to tell of
                self.mb = max(self.mb, pss_mb(self._root))
            if self._over.wait(_LOOK_S):
                return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        self._thread.join()
