"""Conflicting transactions: PostgreSQL aborts one of them, and it must be retried.

Its manual (13.2.3, 13.3.4, 13.5) leaves this to the program: the whole transaction is repeated.
Since it was rolled back, nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.exc import DBAPIError

STATES = frozenset(("40001", "40P01"))
"""SQLSTATE of a serialization failure and of a deadlock."""
TRIES = 6
FIRST_S = 0.05
"""The first wait, in seconds on average; each later one is twice as long."""


def gives_way(error: BaseException | None) -> bool:
    """Whether a write failed only because of a conflict, so that it can be retried."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in STATES


def waits(chance: Callable[[], float]) -> Iterator[float]:
    """Seconds before each try after the first; `chance` (0 to 1) keeps two from colliding again."""
    for tries in range(TRIES - 1):
        yield FIRST_S * 2**tries * (0.5 + chance())
