"""Run pure work on other cores, in processes that may hang or die without harm to ours.

A worker imports this module and the functions it is given, nothing else. Keep the module small:
every worker holds a copy of what it loads.
"""

from __future__ import annotations

import asyncio
import gc
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
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
MEMORY = 2**30
"""Bytes of data a worker may have while it works on one document. The largest documents that the
limits of feeds and pages let through take up to 350 MB; without a limit, a hostile one would have
the system kill whatever it chooses."""
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

    def __init__(
        self, processes: int | None = None, limit_s: float = COMPUTE_S, limit_bytes: int = MEMORY
    ) -> None:
        self._processes = processes or cores()
        self._limit_s = limit_s
        self._limit_bytes = limit_bytes
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
                        self._limit_bytes,
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
                most = self._limit_bytes / 2**20
                raise ComputeFailedError(f"it needs more memory than {most:.0f} MB") from None
            except OSError as error:
                raise TryLaterError("no worker process", str(error)) from error


_UNBOUNDED = anyio.CapacityLimiter(float("inf"))


def _call(
    limit_s: float,
    limit_bytes: int,
    fn: Callable[..., T],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> T:
    """Run in a worker, which the system kills when its CPU time exceeds the limit, and to which it
    gives no more memory than the limit: then `fn` raises MemoryError.

    A terminal's Ctrl-C and a supervisor's stop signal reach the worker as they reach us, but we
    decide when it ends: the document it reads must not be recorded as the cause of its death.
    """
    if signal.getsignal(signal.SIGTERM) is not signal.SIG_IGN:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
    # numpy's library takes 40 MB for each core, for sums that we do not have it do.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    signal.setitimer(signal.ITIMER_PROF, limit_s)
    try:
        with _memory(limit_bytes):
            return fn(*args, **kwargs)
    except MemoryError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    gc.collect()  # what it has left in cycles would count against the next document
    raise MemoryError  # a plain one: numpy's own would have our process load numpy


@contextmanager
def _memory(limit: int) -> Iterator[None]:
    """Limit this process's data while the body runs, where the system can.

    Only then: a request that could only be read in part would leave its rest in the pipe, and the
    next one would be answered with it. Data and not addresses, which are reserved in plenty.
    """
    before, most = resource.getrlimit(resource.RLIMIT_DATA)
    lowest = min((one for one in (before, most) if one != resource.RLIM_INFINITY), default=limit)
    with suppress(ValueError, OSError):  # macOS refuses limits below what it has reserved
        resource.setrlimit(resource.RLIMIT_DATA, (min(limit, lowest), most))
    try:
        yield
    finally:
        with suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_DATA, (before, most))
