"""The event loop that everything turns on."""

from __future__ import annotations

import asyncio
import ctypes
import gc
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")
_ARENAS = -8
"""M_ARENA_MAX of glibc's malloc.h."""


def run(work: Coroutine[Any, Any, T]) -> T:
    """The value of a coroutine, run on a loop of its own.

    The loop is uvloop's, which costs a quarter less for each request, where there is one: it is
    not made for Windows, and asyncio's own serves as well.
    """
    _share_one_heap()
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(work)


def keep_what_is_built() -> None:
    """What has been built by now stays: the garbage collector goes through none of it again.

    It would, now and then, through the matcher and all modules: a twentieth of what polling costs.
    For a process that lives long.
    """
    gc.unfreeze()  # what was kept before may be done with
    gc.collect()
    gc.freeze()


def _share_one_heap() -> None:
    """All threads take their memory from one heap: glibc would give each that reads or writes the
    database one of its own, and what was once freed in it serves no other (3 % of all memory).
    """
    with suppress(OSError, AttributeError, TypeError):  # another system, another allocator
        ctypes.CDLL(None).mallopt(_ARENAS, 1)


def _factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
