"""Times as people write them on a command line."""

from __future__ import annotations

from datetime import datetime
from typing import overload

from monitor.cli.state import clock
from monitor.shapes.times import moment


@overload
def since(text: str) -> datetime: ...
@overload
def since(text: str | None) -> datetime | None: ...
def since(text: str | None) -> datetime | None:
    """Read a time as `shapes.times.moment` does, with the current time as now; None for None."""
    return None if text is None else moment(text, clock().now())
