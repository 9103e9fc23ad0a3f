"""`monitor check` and `monitor init`: check the settings, or start some of your own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output
from monitor.cli.state import command, directory, settings, state
from monitor.errors import Mistake, SettingsError, UsageError

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.model import Watchlist


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "init")(init)
    command(app, "check")(check)


def check() -> None:
    """Check all settings, and each watchlist's own examples."""
    found = _sound()
    counts = {
        "feeds": len(found.feeds),
        "watchlists": len(found.watchlists),
        "digests": len(found.digests),
        "examples": sum(len(watchlist.tests) for watchlist in found.watchlists),
    }
    if state.json:
        warnings = [{"where": w.where, "what": w.what, "hint": w.hint} for w in found.warnings]
        told = {"ok": True, "directory": str(found.directory), **counts, "warnings": warnings}
        output.emit(told)
    else:
        _show(found, counts)


def _sound() -> Settings:
    """Return the settings; raise SettingsError with their mistakes and failed examples together."""
    try:
        found = settings()
    except SettingsError as error:
        raise SettingsError([*error.mistakes, *failed_examples(_readable())]) from None
    if mistakes := failed_examples(found.watchlists):
        raise SettingsError(mistakes)
    return found


def _readable() -> tuple[Watchlist, ...]:
    """Return the watchlists, if at least these can be read."""
    from monitor import config

    try:
        return config.load_watchlists(directory(), environ=os.environ)
    except SettingsError:
        return ()


def failed_examples(
    watchlists: tuple[Watchlist, ...], files: Mapping[str, Path] = MappingProxyType({})
) -> list[Mistake]:
    """Return the examples that a watchlist does not treat as they say.

    `files`: watchlists by name that are not part of the settings.
    """
    from monitor import config
    from monitor.watchlists.lint import check_examples

    mistakes = []
    for watchlist in watchlists:
        own = f"watchlists/{watchlist.name}.toml"
        file = files.get(watchlist.name)
        path, name = (file, str(file)) if file else (directory() / own, own)
        for failed in check_examples(watchlist):
            where = config.where(path, name, ("tests", failed.number))
            mistakes.append(Mistake(where, output.one_line(failed)))
    return mistakes


def _show(found: Settings, counts: dict[str, int]) -> None:
    output.say(f"settings: {found.directory}")
    output.say(", ".join(output.count(count, name[:-1]) for name, count in counts.items()))
    for warning in found.warnings:
        output.say(f"warning: {warning}")
    output.say("all is well")


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to create; ./config by default.")
    ] = Path("config"),
) -> None:
    """Copy the shipped settings into a folder of your own; nothing is ever overwritten."""
    from monitor.config import shipped

    origin = shipped("config")
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"{folder} is a file", hint="name a folder")
    made: list[str] = []
    kept: list[str] = []
    for source in sorted(origin.rglob("*.toml")):
        target = folder / source.relative_to(origin)
        (kept if target.exists() else made).append(str(target))
        if not target.exists():
            _copy(source, target)
    if state.json:
        output.emit({"directory": str(folder), "made": made, "kept": kept})
        return
    output.say("\n".join([f"made  {name}" for name in made] + [f"kept  {name}" for name in kept]))
    output.say(f"\nnow: edit {folder}/feeds.toml, then monitor check, then monitor fetch")
    if folder.resolve() != directory().resolve():
        output.say(f"(found with --config {folder} or MONITOR_CONFIG={folder})")


def _copy(source: Path, target: Path) -> None:
    """Copy a file completely or not at all: half a file would later be kept as the user's own.

    Raises InputError if it cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with output.written(target) as stream:
            stream.write(source.read_text("utf-8"))
    except OSError as error:
        raise output.unwritable(target, error) from error
