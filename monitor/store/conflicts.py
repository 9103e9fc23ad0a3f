"""Two transactions that cannot both be: PostgreSQL has one of them give way, and come again.

Its manual (13.2.3, 13.3.4, 13.5) leaves that to the program: the whole transaction is done anew. It
was undone, so nothing is done twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sqlalchemy.exc import DBAPIError

STATES = frozenset(("40001", "40P01"))
"""SQLSTATE of a serialization failure, and of a deadlock."""
TRIES = 6
FIRST_S = 0.05
"""The first wait, on average; each later one is twice as long."""


def gives_way(error: BaseException | None) -> bool:
    """Whether this is no fault of what was written: it is to be written again."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in STATES


def waits(chance: Callable[[], float]) -> Iterator[float]:
    """Seconds before each try after the first; `chance` (0 to 1) keeps two from meeting again."""
    for tries in range(TRIES - 1):
        yield FIRST_S * 2**tries * (0.5 + chance())
