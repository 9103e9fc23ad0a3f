"""The event loop that everything runs on."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
_ARENAS = -8
"""M_ARENA_MAX in glibc's malloc.h."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine on a loop of its own and return its value.

    The loop is uvloop's where available, which makes each request a quarter cheaper; uvloop does
    not support Windows, where asyncio's own loop serves as well.
    """
    _share_one_heap()
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(work)


def keep_what_is_built() -> None:
    """Exempt everything built so far from garbage collection, in a long-lived process.

    Otherwise the collector would now and then traverse the matcher and all modules, which is a
    twentieth of the cost of polling.
    """
    gc.unfreeze()  # objects kept by an earlier call may be garbage by now
    gc.collect()
    gc.freeze()


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
