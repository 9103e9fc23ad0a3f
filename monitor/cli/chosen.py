"""Watchlists as a command line names them: by name or as a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from monitor.cli.output import unreadable
from monitor.cli.state import directory
from monitor.errors import UsageError

if TYPE_CHECKING:
    from monitor.model import Watchlist


def watchlists(names: Sequence[str]) -> list[Watchlist]:
    """Return the named watchlists, from settings or files; without names, all of the settings.

    Raises UsageError for an unknown name, InputError for a file that cannot be read, SettingsError
    for what is no watchlist.
    """
    from monitor import config

    files = [name for name in names if is_file(name)]
    chosen = []
    for name in files:
        check_readable(name)
        chosen.append(config.load_watchlist(Path(name), environ=os.environ))
    if len(files) < len(names) or not names:
        known = {one.name: one for one in config.load_watchlists(directory(), environ=os.environ)}
        for name in [name for name in names if name not in files] or known:
            check_known("watchlist", [name], known)
            chosen.append(known[name])
    return chosen


def check_known(noun: str, names: Iterable[str], known: Iterable[str]) -> None:
    """Raise UsageError for the first of these names that is not among those known."""
    known = list(known)
    for name in names:
        if name not in known:
            from monitor.config.checking import nearest

            raise UsageError(f"there is no {noun} {name!r}", hint=nearest(name, known))


def check_readable(name: str) -> None:
    """Raise InputError, as for any other file of a command line, if it cannot be opened."""
    try:
        Path(name).open("rb").close()
    except OSError as error:
        raise unreadable(name, error) from error


def is_file(name: str) -> bool:
    """Whether a file is meant rather than a watchlist of the settings."""
    return name.endswith(".toml") or "/" in name
