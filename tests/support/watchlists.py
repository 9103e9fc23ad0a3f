"""The shipped watchlists, as values."""

from __future__ import annotations

import tomllib
from pathlib import Path

from monitor.model import Example, Watchlist

SHIPPED = Path(__file__).parents[2] / "config" / "watchlists"
"""The folder of the shipped watchlists."""


def shipped(path: Path) -> Watchlist:
    """A watchlist as its file states it."""
    written = tomllib.loads(path.read_text(encoding="utf-8"))
    return Watchlist(
        name=path.stem,
        title=written["title"],
        queries=tuple(written["query"]),
        exclude=tuple(written.get("exclude", ())),
        tests=tuple(Example(**test) for test in written["tests"]),
    )
