"""Who has given wrong passwords and must wait before another is checked (S59).

Each address has its own tries. The password is shared by all addresses; while many wrong ones come
in, it is also under siege, and each address has a single try, so that many addresses guess no
faster than few. What others do keeps nobody out: a right password on the first try opens from
anywhere, and an address that has given it before keeps all its tries.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from typing import Any

from monitor.model import Clock

log = logging.getLogger("monitor.web")

TRIES = 10
"""Wrong passwords from one address after which none is checked for `REST_S`."""
REST_S = 300.0
SIEGE = 100
"""Wrong passwords within `REST_S`, from any addresses, that make a siege while they last."""
TRIES_IN_SIEGE = 1
REMEMBERED = 10_000
"""The most addresses remembered; the one silent for longest is forgotten first."""


class Guesses:
    """What addresses have tried; times are monotonic seconds."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: OrderedDict[str, tuple[int, float]] = OrderedDict()
        """Address -> wrong passwords in a row, and when the last one came."""
        self._right: OrderedDict[str, None] = OrderedDict()
        """Addresses that have given the right password."""
        self._latest: deque[float] = deque(maxlen=SIEGE)
        """When the latest wrong passwords came, from all addresses."""

    def rest(self, address: str) -> float:
        """Return the seconds for which no password from the address is checked."""
        count, last = self._wrong.get(address, (0, 0.0))
        if count < self._tries(address):
            return 0.0
        return max(0.0, REST_S - (self._clock.monotonic() - last))

    def wrong(self, address: str) -> bool:
        """Note a wrong password that was checked; return whether it used up the address's tries."""
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
        """Note that the right password came from the address."""
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
