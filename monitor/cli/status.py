"""`monitor status` and `monitor migrate`: what is kept, and what is to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from monitor.cli import output
from monitor.cli.state import command, settings, state, store

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from monitor.config import Settings
    from monitor.model import Feed


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "status")(status)
    command(app, "migrate")(migrate)


def status() -> None:
    """Show what is kept, what is due, and what went wrong."""
    chosen = settings()
    with store() as kept:
        told = {"database": _shown(chosen)} | kept.read_now(_counts, chosen.feeds)
    if state.json:
        output.emit(told)
        return
    if told["held"]:
        at = output.moment(told["held"]["backup_of"])
        told["held"] = f"nothing is sent, after a restore to {at} UTC (monitor deliveries release)"
    for name, value in told.items():
        output.say(f"{name.replace('_', ' ') + ':':<14}{_words(value)}")


def _counts(connection: Connection, named: Sequence[Feed]) -> dict[str, Any]:
    """What the database holds; the feeds that the settings name count from the beginning."""
    from monitor.store import (
        articles,
        editions,
        entries,
        feeds,
        holds,
        outbox,
        pushes,
        recipients,
        stories,
    )

    polled = feeds.statuses(connection)
    known = {url for one in polled for url in (one.polling.feed.url, one.settings_url)}
    fates = entries.fates(connection)
    latest = editions.listing(connection, limit=1)
    held = holds.current(connection)
    return {
        "feeds": {
            "all": len(polled) + sum(feed.url not in known for feed in named),
            "polled": sum(one.polling.last_polled is not None for one in polled),
            "failing": sum(one.polling.failures > 0 for one in polled),
            "gone": sum(one.polling.state.value == "gone" for one in polled),
        },
        "next_poll": feeds.next_due(connection),
        "pushes": pushes.counts(connection),
        "entries": {"all": sum(fates.values()), **fates},
        "articles": articles.counts(connection),
        "stories": stories.count(connection),
        "deliveries": outbox.counts(connection),
        "suspended": [str(one.recipient) for one in recipients.suspended(connection)],
        "held": held
        and {"backup_of": held.taken, "messages": holds.open_messages(connection, held)},
        "last_edition": f"{latest[0].digest} {latest[0].number}" if latest else None,
    }


def _shown(chosen: Settings) -> str:
    """The database's address without its password."""
    from monitor.store.engine import parse

    return parse(chosen.store.url).render_as_string(hide_password=True)


def _words(value: Any) -> str:
    if isinstance(value, dict):
        told = (f"{count} {name.replace('_', ' ')}" for name, count in value.items())
        return ", ".join(told) or "none"
    if isinstance(value, list):
        return output.one_line(", ".join(value)) or "none"
    return output.cell(value)


def migrate() -> None:
    """Bring the database to the form that this version works with."""
    from monitor.store import engine
    from monitor.store import migrate as steps

    chosen = settings()
    parsed = engine.parse(chosen.store.url)
    if path := engine.sqlite_path(parsed):
        steps.prepare_file(path)
    writing, reading = engine.engines(parsed)
    try:
        steps.is_current(reading)  # refuses the database of another program
        before, now = steps.upgrade(writing)
    finally:
        writing.dispose()
        reading.dispose()
    if state.json:
        output.emit({"database": _shown(chosen), "before": before, "now": now})
    elif before == now:
        output.say(f"nothing to do: the database is at {now}")
    else:
        output.say(f"the database was {'at ' + before if before else 'new'}, it is at {now} now")
