"""Processes to be killed, each forked from one that has loaded everything slow to load.

ended = doomed(work, folder, url)
assert ended == -signal.SIGKILL
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from typing import ParamSpec

P = ParamSpec("P")

PATIENCE_S = 60.0
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(
    ["monitor.app", "monitor.runners.daemon", "monitor.runners.inline", "alembic.command"]
)


def doomed(work: Callable[P, object], *args: P.args, **kwargs: P.kwargs) -> int | None:
    """Run `work(*args)` in a process; return its exit code, or None if it had to be killed now."""
    process = _context.Process(target=work, args=args, kwargs=kwargs, daemon=True)
    process.start()
    process.join(PATIENCE_S)
    code = process.exitcode
    process.kill()
    process.join()
    process.close()
    return code
