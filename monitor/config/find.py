"""Which folder holds the settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from monitor.errors import Mistake, SettingsError

PACKAGE = Path(__file__).resolve().parent.parent


def find(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the settings folder: `--config`, MONITOR_CONFIG, ./config, the user's, the shipped.

    Raises SettingsError if one was named that does not exist.
    """
    variable = environ.get("MONITOR_CONFIG", "")
    named = explicit or (Path(variable) if variable else None)
    if named is not None:
        if not (cwd / named).is_dir():
            where = "--config" if explicit else "MONITOR_CONFIG"
            hint = "monitor init makes one"
            raise SettingsError([Mistake(where, f"there is no folder {str(named)!r}", hint)])
        return cwd / named
    from platformdirs import user_config_path

    usual = (cwd / "config", user_config_path("monitor", appauthor=False))
    return next((folder for folder in usual if _holds_settings(folder)), shipped("config"))


def _holds_settings(folder: Path) -> bool:
    """Whether a folder that happens to be called `config` is one of ours."""
    files = ("monitor.toml", "feeds.toml", "feeds.opml", "digests.toml", "watchlists")
    return any((folder / name).exists() for name in files)


def shipped(name: str) -> Path:
    """Return a folder that is shipped with the program: "config" or "seeds".

    An installed package contains it as package data; in the repository it is beside the package.
    """
    inside = PACKAGE / "shipped" / name
    return inside if inside.is_dir() else PACKAGE.parent / name
