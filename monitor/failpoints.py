"""Places where a fault can be injected, to show that it loses nothing.

`MONITOR_FAILPOINTS="NAME=kill|raise|sleep:S|enospc[,NAME=...]"`; without it, nothing is looked up.
A process arms its failpoints when it opens its parts or migrates.
"""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import time
from collections.abc import Mapping

from monitor.errors import Mistake, SettingsError

NAMES = frozenset(
    (
        "poll.sent",
        "poll.got",
        "parse.done",
        "store.before_commit",
        "store.after_commit",
        "match.before_commit",
        "match.after_commit",
        "rematch.mid",
        "digest.claimed",
        "digest.after_commit",
        "send.before",
        "send.data_sent",
        "send.accepted",
        "send.recorded",
        "migrate.step",
        "cleanup.mid",
        "reload.mid",
    )
)

_armed: dict[str, str] = {}


class FailpointError(Exception):
    """Raised by an armed failpoint."""


def arm(environ: Mapping[str, str]) -> None:
    """Arm what `environ` asks for; raise SettingsError for an unknown name or action."""
    _armed.clear()
    for order in filter(None, environ.get("MONITOR_FAILPOINTS", "").split(",")):
        name, _, deed = order.strip().partition("=")
        if name not in NAMES or not _is_deed(deed):
            hint = f"NAME=kill|raise|sleep:S|enospc, NAME one of {', '.join(sorted(NAMES))}"
            raise SettingsError([Mistake("MONITOR_FAILPOINTS", f"cannot read {order!r}", hint)])
        _armed[name] = deed


def _is_deed(deed: str) -> bool:
    kind, _, seconds = deed.partition(":")
    if kind == "sleep":
        return seconds.replace(".", "", 1).isdecimal()
    return deed in ("kill", "raise", "enospc")


def hit(name: str) -> None:
    """Do what was requested for this place; `sleep` blocks the whole thread."""
    if seconds := _sleep_of(name):
        time.sleep(seconds)


async def reach(name: str) -> None:
    """Like `hit`, but other tasks keep running: `sleep` suspends only this task."""
    if seconds := _sleep_of(name):
        await asyncio.sleep(seconds)


def _sleep_of(name: str) -> float:
    """Return the seconds to sleep here; carry out any other action at once."""
    deed = _armed.get(name) if _armed else None
    if deed is None:
        return 0.0
    if deed == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if deed == "raise":
        raise FailpointError(name)
    if deed == "enospc":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    return float(deed.partition(":")[2])
