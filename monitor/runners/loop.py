"""The event loop that everything turns on."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """The value of a coroutine, run on a loop of its own.

    The loop is uvloop's, which costs a quarter less for each request, where there is one: it is
    not made for Windows, and asyncio's own serves as well.
    """
    with asyncio.Runner(loop_factory=_factory()) as runner:
        return runner.run(work)


def _factory() -> Any:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop
