"""Failpoints that are armed for a while."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from monitor import failpoints


@contextmanager
def armed(orders: str) -> Iterator[None]:
    """Arm failpoints, as MONITOR_FAILPOINTS does, while the body runs."""
    failpoints.arm({"MONITOR_FAILPOINTS": orders})
    try:
        yield
    finally:
        failpoints.arm({})
