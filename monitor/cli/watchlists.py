"""`monitor watchlists`: what is watched for."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import chosen, history, output
from monitor.cli.check import failed_examples
from monitor.cli.state import command, directory, group, state
from monitor.errors import SettingsError

if TYPE_CHECKING:
    from monitor.model import Watchlist


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = group(app, "watchlists", "What is watched for.")
    command(noun, "list")(show)
    command(noun, "lint")(lint)
    history.register(noun)


def _all() -> tuple[Watchlist, ...]:
    from monitor import config

    return config.load_watchlists(directory(), environ=os.environ)


def show() -> None:
    """List the watchlists."""
    rows = [
        {
            "name": one.name,
            "title": one.title,
            "queries": len(one.queries),
            "examples": len(one.tests),
            "boost": one.boost,
            "version": one.version,
        }
        for one in _all()
    ]
    shown = ("name", "title", "queries", "examples", "version")
    columns = {name: name for name in shown}
    empty = "there is no watchlist"
    right = ("queries", "examples")
    output.listing(rows, columns, empty=empty, as_lines=state.json, right=right)


def lint(
    name: Annotated[list[str] | None, typer.Argument(help="These watchlists only.")] = None,
) -> None:
    """Try each watchlist on its own examples; name queries that are dead, double or too broad."""
    from monitor.watchlists.lint import lint as doubts

    wanted = tuple(chosen.watchlists(name or ()))
    if mistakes := failed_examples(wanted):
        raise SettingsError(mistakes)
    found = doubts(wanted)
    if state.json:
        rows = [
            {
                "name": one.name,
                "examples": len(one.tests),
                "ok": True,
                "doubts": [
                    {"query": doubt.query, "doubt": doubt.doubt.value, "why": doubt.why}
                    for doubt in found
                    if doubt.watchlist == one.name
                ],
            }
            for one in wanted
        ]
        output.emit(rows)
        return
    for one in wanted:
        output.say(
            f"{one.name}: {len(one.tests)} of {output.count(len(one.tests), 'example')} hold"
        )
    for doubt in found:
        output.say(output.one_line(str(doubt)))
