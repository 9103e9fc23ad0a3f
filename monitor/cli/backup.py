"""`monitor backup` and `monitor restore`: copy the database to one file, and put it back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from monitor.cli import output
from monitor.cli.state import clock, command, database, state

TOLD = {
    "feeds": "feed",
    "entries": "entry",
    "articles": "article",
    "stories": "story",
    "editions": "edition",
    "deliveries": "delivery",
}
"""Tables whose rows are counted without --json."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "backup")(backup)
    command(app, "restore")(restore)


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.")],
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Copy the database into one file, even while monitor runs; without the settings."""
    from monitor.store import backup as copies

    made = copies.backup(database(), file, clock().now, force=force)
    if state.json:
        told = {"file": str(file), "size": made.size, "version": made.version}
        output.emit({**told, "taken": made.taken, "rows": dict(made.rows)})
        return
    output.say(f"{file}: {output.size(made.size)}, version {made.version}, undamaged")
    output.say(f"taken {output.moment(made.taken)} UTC: {_rows(made.rows)}")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file from monitor backup.")],
) -> None:
    """Replace the database with a backup; nothing is sent until you release it."""
    from monitor.store import backup as copies
    from monitor.store.migrate import HEAD

    done = copies.restore(database(), file, clock().now)
    if state.json:
        told = {"kept": done.kept and str(done.kept), "before": done.before, "now": HEAD}
        output.emit({**told, "taken": done.hold.taken, "held": True, "rows": dict(done.rows)})
        return
    output.say(f"restored from {output.moment(done.hold.taken)} UTC: {_rows(done.rows)}")
    if done.kept:
        output.say(f"the previous database is kept: {done.kept}")
    output.say(
        "Nothing is sent for now. Start monitor run, which keeps reading the feeds; then decide "
        "what becomes of the gap: monitor deliveries release"
    )


def _rows(rows: Mapping[str, int]) -> str:
    return ", ".join(
        f"{rows[name]:,} {one if rows[name] == 1 else name}" for name, one in TOLD.items()
    )
