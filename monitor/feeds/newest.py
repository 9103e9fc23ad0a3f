"""Which entries of a document with more than `MAX_ENTRIES` are read: those at its newer end.

Most feeds list the newest entry first, some last. A feed of which only the first ones were read
would, if it is of the second kind, never show anything new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from statistics import median_low
from typing import Final

from monitor.feeds.limits import MAX_ENTRIES

SAMPLE: Final = 20
"""Entries at either end whose dates are compared; the middle one counts, as one may be pinned."""


def kept(count: int, stated: Callable[[int], datetime | None]) -> tuple[slice, str]:
    """The places that are read of `count` entries, more than MAX_ENTRIES, and words that say so.

    `stated` tells the date of the entry at a place (from 0). Without dates the first ones count.
    """
    first = _usual(map(stated, range(SAMPLE)))
    last = _usual(map(stated, range(count - SAMPLE, count)))
    if first and last and first < last:
        return slice(count - MAX_ENTRIES, count), _words(count, "last", "the newest by their dates")
    why = "the newest by their dates" if first and last else "no dates tell which are the newest"
    return slice(0, MAX_ENTRIES), _words(count, "first", why)


def _usual(dates: Iterable[datetime | None]) -> datetime | None:
    found = [one for one in dates if one]
    return median_low(found) if found else None


def _words(count: int, which: str, why: str) -> str:
    return f"{count} entries: the {which} {MAX_ENTRIES} are read ({why})"
