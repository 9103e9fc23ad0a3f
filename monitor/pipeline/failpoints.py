"""Places where a fault can be ordered, to show that none loses anything.

`MONITOR_FAILPOINTS="NAME=kill|raise|sleep:S|enospc[,NAME=...]"`; without it, nothing is looked up.
"""

from __future__ import annotations

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
        "cleanup.mid",
    )
)

_armed: dict[str, str] = {}


class FailpointError(Exception):
    """Raised by an armed failpoint."""


def arm(environ: Mapping[str, str]) -> None:
    """Read the orders; raises SettingsError for an unknown name or deed."""
    _armed.clear()
    for order in filter(None, environ.get("MONITOR_FAILPOINTS", "").split(",")):
        name, _, deed = order.strip().partition("=")
        if name not in NAMES or deed.split(":")[0] not in ("kill", "raise", "sleep", "enospc"):
            hint = f"NAME=kill|raise|sleep:S|enospc, NAME one of {', '.join(sorted(NAMES))}"
            raise SettingsError([Mistake("MONITOR_FAILPOINTS", f"cannot read {order!r}", hint)])
        _armed[name] = deed


def hit(name: str) -> None:
    """Do what was ordered for this place."""
    deed = _armed.get(name) if _armed else None
    if deed is None:
        return
    kind, _, value = deed.partition(":")
    if kind == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif kind == "sleep":
        time.sleep(float(value or 1))
    elif kind == "enospc":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    else:
        raise FailpointError(name)
