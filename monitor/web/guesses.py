"""Who has given wrong passwords, and must wait before another is looked at (S59).

Each address has its tries. The password, which all addresses share, is besides under siege while
wrong ones come from many: then an address has one try, so that many addresses guess no faster than
few. Nobody is kept out by what others do: a right password at the first try opens from anywhere,
and an address that has given it before keeps all its tries.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from typing import Any

from monitor.model import Clock

log = logging.getLogger("monitor.web")

TRIES = 10
"""Wrong passwords from one address, then none is looked at for `REST_S`."""
REST_S = 300.0
SIEGE = 100
"""Wrong passwords within `REST_S`, from whatever addresses: the siege lasts while there are."""
TRIES_IN_SIEGE = 1
REMEMBERED = 10_000
"""Addresses that are remembered; the one that was longest silent is forgotten first."""


class Guesses:
    """What addresses have tried; times are monotonic seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """Address -> wrong passwords in a row, and when the last came."""
        self._right: OrderedDict[str, None] = OrderedDict()
        """Addresses that have given the right one."""
        self._latest: deque[float] = deque(maxlen=SIEGE)
        """When the latest wrong ones came, from all addresses."""

    def rest(self, address: str) -> float:
        """Seconds in which no password from there is looked at."""
        count, last = self._wrong.get(address, (0, 0.0))
        if count < self._tries(address):
            return 0.0
        return max(0.0, REST_S - (self._clock.monotonic() - last))

    def wrong(self, address: str) -> bool:
        """Note a wrong password that was looked at; whether it was the last of its tries."""
        before = self._wrong.get(address, (0, 0.0))[0]
        count = 1 if before >= TRIES else before + 1
        now = self._clock.monotonic()
        besieged = self._besieged()
        self._latest.append(now)
        if self._besieged() and not besieged:
            what = "%d wrong passwords within %d s: an address that is new has one try now"
            log.warning(what, SIEGE, REST_S)
        _remember(self._wrong, address, (count, now))
        return count == TRIES

    def right(self, address: str) -> None:
        """Note that the right password came from there."""
        self._wrong.pop(address, None)
        _remember(self._right, address, None)

    def _tries(self, address: str) -> int:
        return TRIES_IN_SIEGE if self._besieged() and address not in self._right else TRIES

    def _besieged(self) -> bool:
        full = len(self._latest) == SIEGE
        return full and self._clock.monotonic() - self._latest[0] < REST_S


def _remember(known: OrderedDict[str, Any], address: str, value: object) -> None:
    known[address] = value
    known.move_to_end(address)
    if len(known) > REMEMBERED:
        known.popitem(last=False)
