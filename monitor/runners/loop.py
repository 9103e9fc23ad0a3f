"""The event loop that everything runs on."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import signal
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, TypeVar

T = TypeVar("T")
_ARENAS = -8
"""M_ARENA_MAX in glibc's malloc.h."""
ONE_CTRL_C_S = 1.0
"""Interrupts within so many seconds count as one: programs such as `timeout` send it to the process
and to its group."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own and return its value.

    Ctrl-C cancels it, and everything is closed in order before KeyboardInterrupt is raised. A later
    one ends the process at once.

    The loop is uvloop's where available, which makes each request a quarter cheaper; uvloop does
    not support Windows, where asyncio's own loop serves as well.
    """
    _share_one_heap()
    with _interrupted() as interrupt, asyncio.Runner(loop_factory=_factory()) as runner:
        try:
            return runner.run(interrupt.watched(work))
        except asyncio.CancelledError:
            if interrupt.at is None:
                raise
            raise KeyboardInterrupt from None


class _Interrupt:
    """What SIGINT does while a loop runs, in place of asyncio's own handler.

    That one raises KeyboardInterrupt from the second signal on, wherever the code is: between
    taking a lock and remembering that it was taken, or half-way through closing the database.
    """

    def __init__(self) -> None:
        self._task: asyncio.Task[Any] | None = None
        self.at: float | None = None
        """When it came first (monotonic seconds)."""

    async def watched(self, work: Coroutine[Any, Any, T]) -> T:
        """Run the coroutine as what the first signal cancels."""
        self._task = asyncio.current_task()
        return await work

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.at is not None:
            if now - self.at > ONE_CTRL_C_S:
                signal.signal(signal.SIGINT, signal.SIG_DFL)
                signal.raise_signal(signal.SIGINT)
            return
        if self._task is None or self._task.done():
            raise KeyboardInterrupt
        self.at = now
        self._task.get_loop().call_soon_threadsafe(self._task.cancel)  # also wakes the loop


@contextmanager
def _interrupted() -> Iterator[_Interrupt]:
    """Have SIGINT cancel a task, unless it is ignored or somebody else's."""
    interrupt = _Interrupt()
    before = signal.getsignal(signal.SIGINT)
    ours = threading.current_thread() is threading.main_thread()
    if not ours or before is not signal.default_int_handler:
        yield interrupt
        return
    signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupt
    finally:
        signal.signal(signal.SIGINT, before)


_NEW_OBJECTS = 10_000
"""So many more objects made than freed start a garbage collection."""


def collect_seldom() -> None:
    """Make garbage collection cheap in a long-lived process.

    Everything built so far is exempt: otherwise the collector would now and then traverse the
    matcher and all modules, which is a twentieth of the cost of polling. It runs after 10,000 new
    objects instead of 700: those of the hundred entries on their way are no garbage yet, and
    going through them again and again is a thirtieth of matching and storing them.
    """
    gc.unfreeze()  # objects kept by an earlier call may be garbage by now
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)


def _share_one_heap() -> None:
    """Make all threads allocate from one heap.

    glibc would give each thread that uses the database a heap of its own, and memory freed in one
    is not reused by another (3 % of all memory).
    """
    with suppress(OSError, AttributeError, TypeError):  # another system, another allocator
        ctypes.CDLL(None).mallopt(_ARENAS, 1)


def _factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
