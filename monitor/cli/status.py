"""`monitor status` and `monitor migrate`: what is kept, and what is to do."""

from __future__ import annotations

import os
from typing import Any

import typer

from monitor.cli import output
from monitor.cli.state import clock, command, database, directory, state, store


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "status")(status)
    command(app, "migrate")(migrate)


def status() -> None:
    """Show what is kept, what is due, and what went wrong."""
    from monitor import config
    from monitor.pipeline.desk import OVERDUE
    from monitor.shapes import record

    feeds = config.load_feeds(directory(), environ=os.environ)
    now = clock().now()
    with store() as kept:
        told = kept.read_now(record.status, database(), now, feeds)
    if state.json:
        output.emit(told)
        return
    words: dict[str, Any] = {**told}
    if held := told["held"]:
        at = output.moment(held["backup_of"])
        words["held"] = f"nothing is sent, after a restore to {at} UTC (monitor deliveries release)"
    waiting = [
        f"{output.count(count, 'entry', 'entries')} of {url}"
        for url, count in told["withheld"].items()
    ]
    if due := told["next_poll"]:
        overdue = ", overdue: nothing polls the feeds (monitor run)" if due < now - OVERDUE else ""
        words["next_poll"] = f"{output.moment(due)} UTC{overdue}"
    words["withheld"] = f"{', '.join(waiting)} (monitor feeds release)" if waiting else "none"
    for name, value in words.items():
        output.hung(f"{name.replace('_', ' ') + ':':<14}", _words(value))


def _words(value: Any) -> str:
    if isinstance(value, dict):
        words = {"all": "in all", "in_story": "in a story"}
        named = ((words.get(one, one.replace("_", " ")), count) for one, count in value.items())
        told = (output.count(count, name.removesuffix("s"), name) for name, count in named)
        return ", ".join(told) or "none"
    if isinstance(value, list):
        return output.one_line(", ".join(value)) or "none"
    return f"{value:,}" if isinstance(value, int) else output.cell(value)


def migrate() -> None:
    """Bring the database to the schema that this version works with."""
    from monitor import failpoints
    from monitor.store import engine, translated
    from monitor.store import migrate as steps

    url = database()
    failpoints.arm(os.environ)
    parsed = engine.parse(url)
    if path := engine.sqlite_path(parsed):
        steps.prepare_file(path)
    writing, reading = engine.engines(parsed)
    try:
        with translated(url):
            steps.is_current(reading)  # refuses another program's database
            before, now = steps.upgrade(writing)
    finally:
        writing.dispose()
        reading.dispose()
    if state.json:
        output.emit({"database": engine.shown(url), "before": before, "now": now})
    elif before == now:
        output.say(f"nothing to do: the database is at {now}")
    else:
        output.say(f"the database was {'at ' + before if before else 'new'}, it is at {now} now")
