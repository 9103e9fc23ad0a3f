"""Run pure work on other cores, in processes that may hang or die without harm to ours.

A worker imports this module and the functions it is given, nothing else. Keep the module small:
every worker holds a copy of what it loads.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import anyio
import anyio.to_process

from monitor.errors import ComputeFailedError, TryLaterError

P = ParamSpec("P")
T = TypeVar("T")

COMPUTE_S = 20.0
"""Seconds of CPU time after which pure work on one document is given up."""
BY_THE_CLOCK = 6
"""The wall-clock limit, start of the worker included, as a multiple of the CPU limit: a busy
machine gives a worker only part of a core, and work that hangs while idle must end too."""
MOST = 4
"""The most workers, however many cores there are: one reads about 50 documents a second."""


def cores() -> int:
    """Return how many processes can work at once."""
    return min(os.cpu_count() or 1, MOST)


class Workers:
    """A limited number of worker processes, each started when it is first needed.

    Each kind of work has its own queue: a thousand entries to be cleaned do not keep a feed from
    being read.
    """

    def __init__(self, processes: int | None = None, limit_s: float = COMPUTE_S) -> None:
        self._processes = processes or cores()
        self._limit_s = limit_s
        self._free = asyncio.Semaphore(self._processes)
        self._queues: dict[Callable[..., Any], asyncio.Semaphore] = {}

    async def __call__(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return the value of `fn(*args)`; raise ComputeFailedError if there is none.

        Raises TryLaterError if no worker could be started: the document is not to blame for that.
        """
        queue = self._queues.get(fn)
        if queue is None:
            queue = self._queues[fn] = asyncio.Semaphore(self._processes)
        async with queue, self._free:  # time spent waiting for a worker does not count
            try:
                async with asyncio.timeout(self._limit_s * BY_THE_CLOCK):
                    return await anyio.to_process.run_sync(
                        _call,
                        self._limit_s,
                        fn,
                        args,
                        kwargs,
                        cancellable=True,
                        limiter=_UNBOUNDED,
                    )
            except TimeoutError:
                longest = self._limit_s * BY_THE_CLOCK
                raise ComputeFailedError(f"it took longer than {longest:.0f} s") from None
            except anyio.BrokenWorkerProcess as error:
                if error.args:  # anyio gives a reason only if the worker never started
                    raise TryLaterError("no worker process", str(error)) from error
                took = f"took a core for longer than {self._limit_s:.0f} s"
                why = f"it killed the process that read it, or {took}"
                raise ComputeFailedError(why) from None
            except MemoryError:
                raise ComputeFailedError("it needs more memory than there is") from None
            except OSError as error:
                raise TryLaterError("no worker process", str(error)) from error


_UNBOUNDED = anyio.CapacityLimiter(float("inf"))


def _call(limit_s: float, fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    """Run in a worker, which the system kills when its CPU time exceeds the limit.

    A terminal's Ctrl-C and a supervisor's stop signal reach the worker as they reach us, but we
    decide when it ends: the document it reads must not be recorded as the cause of its death.
    """
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return fn(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
