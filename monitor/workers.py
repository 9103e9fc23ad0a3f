"""The door to the other cores: pure work in processes of its own, which may hang or die alone.

A worker imports this module and what it is given to call, nothing else, so it must stay small:
what one worker holds in memory, all of them do.
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
"""Pure work on one document that takes a core for longer is given up."""
BY_THE_CLOCK = 6
"""So many times as long it may take by the clock, its worker's start included: a busy machine gives
it a part of a core, and what hangs without working must end too."""
MOST = 4
"""Workers, however many cores there are: one reads some 50 documents a second."""


def cores() -> int:
    """Processes that can work at once."""
    return min(os.cpu_count() or 1, MOST)


class Workers:
    """At most so many worker processes, each started when it is first needed.

    Each kind of work has a queue of its own before them: a thousand entries to be cleaned keep no
    feed from being read.
    """

    def __init__(self, processes: int | None = None, limit_s: float = COMPUTE_S) -> None:
        self._processes = processes or cores()
        self._limit_s = limit_s
        self._free = asyncio.Semaphore(self._processes)
        self._queues: dict[Callable[..., Any], asyncio.Semaphore] = {}

    async def __call__(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The value of `fn(*args)`; raises ComputeFailedError when it does not come.

        Raises TryLaterError when no worker could be started: that is no fault of the document.
        """
        queue = self._queues.get(fn)
        if queue is None:
            queue = self._queues[fn] = asyncio.Semaphore(self._processes)
        async with queue, self._free:  # waiting for a worker is not working
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
                if error.args:  # anyio gives a reason only when the worker never began
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
    """Runs in a worker, which the system kills when it has worked for longer than the limit.

    A terminal's Ctrl-C and a supervisor's stop reach it as they reach us, but
    when it ends is our decision: what it reads must not be recorded as what killed it.
    """
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        return fn(*args, **kwargs)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
