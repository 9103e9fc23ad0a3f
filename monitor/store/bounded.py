"""A time limit for queries that users write, which may be arbitrarily expensive."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from monitor.errors import TryLaterError

P = ParamSpec("P")
T = TypeVar("T")

_STEPS = 10_000
"""SQLite virtual machine steps between two checks of the clock: some tenths of a millisecond."""
_CANCELLED = "57014"
"""PostgreSQL's code (SQLSTATE) for a statement that was cancelled because it took too long."""


class TookTooLongError(TryLaterError):
    """A query was cancelled because it took too long."""


def bounded(
    connection: Connection,
    longest_s: float,
    fn: Callable[Concatenate[Connection, P], T],
    *args: P.args,
    **kwargs: P.kwargs,
) -> T:
    """Return `fn(connection, ...)`; raises TookTooLongError when it takes longer than `longest_s`.

    On SQLite the limit covers the whole call, on PostgreSQL each statement.
    """
    raw: Any = connection.connection.driver_connection
    sqlite = connection.dialect.name == "sqlite"
    if sqlite:
        end = time.monotonic() + longest_s
        raw.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
    else:
        connection.execute(text(f"SET LOCAL statement_timeout = {int(longest_s * 1000)}"))
    try:
        return fn(connection, *args, **kwargs)
    except DBAPIError as error:
        if not _ended(error):
            raise
        hint = "ask for less: a shorter period, fewer rows, rarer words"
        raise TookTooLongError(
            "the request was cancelled", f"it took longer than {longest_s:g} s", hint
        ) from error
    finally:
        if sqlite:
            raw.set_progress_handler(None, 0)


def _ended(error: DBAPIError) -> bool:
    state = getattr(error.orig, "sqlstate", "")
    return state == _CANCELLED or str(error.orig) == "interrupted"
