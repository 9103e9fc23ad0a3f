"""When to try again to send a message that did not go out."""

from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256

from monitor.model import Answer, Died, NotSent, Unknown

STEPS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60))
"""The waits after the first four tries; after each later try, the last of them applies."""
LONGEST = timedelta(days=5)
"""RFC 5321 §4.5.4.1: give up after four to five days."""
MOST = len(STEPS) + 24 * LONGEST.days
"""Most tries: as many as fit into that time."""
DOUBT = timedelta(minutes=10)
"""The wait before a message of unknown fate is sent once more."""
DEATHS = 12
"""A message with which so many senders died is given up: it may be what kills them."""
SUSPEND_AFTER = 3
"""So many messages in a row must be refused because of the recipient ..."""
SUSPEND_SPAN = timedelta(days=1)
"""... over at least this time before it is suspended (F75).

A faulty server may say for minutes or hours that no mailbox exists, and all messages of an alert
may fall into that time.
"""


def retry_at(
    attempts: int,
    answer: Answer,
    now: datetime,
    *,
    key: str = "",
    created: datetime | None = None,
    doubted: bool | None = None,
    deaths: int = 0,
) -> datetime | None:
    """When to try next; None: never again.

    `attempts` counts the tries made, this one included. `key` (the delivery's id) spreads the
    tries of many messages in time, always in the same way. `created`: there is no try more than
    five days after it. `doubted`: whether an earlier try ended `Unknown`: only the first such try
    is repeated, so that a message is doubled at most once (I2); None: any earlier try counts as
    one. `deaths`: earlier tries in which our sender died. Each death is a separate fault and allows
    a repeat of its own: most senders die before they have sent anything, and a message must not be
    lost because two of them did.
    """
    wait = _wait(attempts, answer, attempts > 1 if doubted is None else doubted, deaths)
    if wait is None or attempts >= MOST:
        return None
    due = now + wait + _spread(wait, f"{key}:{attempts}")
    return None if created and due - created > LONGEST else due


def suspends(refusals: int, since: datetime, now: datetime) -> bool:
    """Whether to suspend a recipient after `refusals` in a row, the first of them at `since`."""
    return refusals >= SUSPEND_AFTER and now - since >= SUSPEND_SPAN


def _wait(attempts: int, answer: Answer, doubted: bool, deaths: int) -> timedelta | None:
    match answer:
        case NotSent(retry_after=asked):
            step = STEPS[min(max(attempts, 1), len(STEPS)) - 1]
            return max(step, asked or step)
        case Died():
            step = STEPS[min(deaths, len(STEPS) - 1)]
            return max(DOUBT, step) if deaths + 1 < DEATHS else None
        case Unknown():
            return None if doubted else DOUBT
        case _:
            return None


def _spread(wait: timedelta, key: str) -> timedelta:
    """Up to a tenth of the wait, derived from the key alone: no randomness in a pure room."""
    part = int.from_bytes(sha256(key.encode()).digest()[:4]) / 2**32
    return wait * part / 10
