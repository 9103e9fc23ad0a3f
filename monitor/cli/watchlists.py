"""`monitor watchlists`: what is watched for."""

from __future__ import annotations

import json
import os
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import chosen, explain, history, output, sources
from monitor.cli.check import failed_examples
from monitor.cli.state import command, directory, group, settings, state
from monitor.errors import InputError, SettingsError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.errors import Mistake
    from monitor.model import Watchlist
    from monitor.watchlists.lint import Finding


class Manner(StrEnum):
    """Dialects that can be imported."""

    NEXIS = "nexis"
    MELTWATER = "meltwater"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = group(app, "watchlists", "What is watched for.")
    command(noun, "list")(show)
    command(noun, "lint")(lint)
    explain.register(noun)
    history.register(noun)
    command(noun, "import")(translate)


def show() -> None:
    """List the watchlists."""
    from monitor import config
    from monitor.shapes.watchlists import watchlist_row

    found = config.load_watchlists(directory(), environ=os.environ)
    rows = [watchlist_row(one) for one in found]
    shown = ("name", "title", "queries", "examples", "version")
    columns = {name: name for name in shown}
    empty = "there is no watchlist"
    right = ("queries", "examples")
    # The beginning of a version tells it from others, and the title needs the room.
    told = rows if state.json else [{**row, "version": row["version"][:12]} for row in rows]
    output.listing(told, columns, empty=empty, as_lines=state.json, right=right)


def lint(
    name: Annotated[list[str] | None, typer.Argument(help="Only these: names or files.")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="TIME", help="Also try each query on what was kept since: 90d, a date."
        ),
    ] = None,
) -> None:
    """Try each watchlist on its examples; find queries that are dead, duplicate or too broad."""
    from monitor.shapes.watchlists import watchlist_lint
    from monitor.watchlists.lint import Doubt
    from monitor.watchlists.lint import lint as doubts

    wanted = tuple(chosen.watchlists(name or ()))
    files = {Path(one).stem: Path(one) for one in name or () if chosen.is_file(one)}
    if mistakes := failed_examples(wanted, files):
        raise SettingsError(mistakes)
    found = doubts(wanted)
    if since is not None:
        found += history.doubts(wanted, since)
    unfed = _unfed(wanted)
    if state.json:
        output.emit([watchlist_lint(one, found, unfed) for one in wanted])
        return
    for one in wanted:
        held = output.count(len(one.tests), "example")
        output.say(
            f"{one.name}: {held} {'holds' if len(one.tests) == 1 else 'hold'}"
            if one.tests
            else f"{one.name}: no examples"
        )
    for doubt in found:
        if doubt.doubt is not Doubt.SILENT:
            output.say(output.one_line(str(doubt)))
    for warning in unfed:
        output.say(f"warning: {output.one_line(warning)}")
    silent = [doubt for doubt in found if doubt.doubt is Doubt.SILENT]
    for one in wanted:
        _silent([doubt for doubt in silent if doubt.watchlist == one.name])


def _unfed(wanted: Sequence[Watchlist]) -> list[Mistake]:
    """Return what they ask for that no feed brings; nothing if the feeds cannot be read."""
    from monitor import config

    try:
        return config.unfed(wanted, settings().feeds)
    except SettingsError:
        return []


def _silent(silent: list[Finding]) -> None:
    """Print on one line the queries about which history says nothing: there are many."""
    if silent:
        numbers = ", ".join(str(one.query + 1) for one in silent)
        name = "query" if len(silent) == 1 else "queries"
        output.say(f"watchlist {silent[0].watchlist}, {name} {numbers}: silent: {silent[0].why}")


def translate(
    source: Annotated[str, typer.Argument(metavar="FILE", help="Queries; - for standard input.")],
    dialect: Annotated[Manner, typer.Option(help="The dialect of the queries.")],
) -> None:
    """Translate queries of Nexis or Meltwater to a watchlist, warning where meanings differ.

    Queries are separated by an empty line. The watchlist is printed; save it as NAME.toml.
    """
    import re

    from monitor.errors import QueryError
    from monitor.watchlists.dialects import Dialect
    from monitor.watchlists.dialects import translate as anew

    try:
        text = sources.read(source).body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        what = f"{source} is not UTF-8"
        raise InputError(what, f"the byte at {error.start} is not", "save it as UTF-8") from error
    done = []
    for one in filter(str.strip, re.split(r"\n\s*\n", text)):
        try:
            done.append(anew(one, Dialect(dialect)))
        except QueryError as error:
            error.where = f"{source}, query {len(done) + 1}, {error.where}"
            raise
    if not done:
        raise InputError(f"there is no query in {source}")
    if state.json:
        output.emit([{"query": one.query, "warnings": one.warnings} for one in done])
        return
    output.say("query = [")
    for one in done:
        for warning in one.warnings:
            output.say(f"  # {output.one_line(warning)}")
        output.say(f"  {_as_toml(one.query)},")
    output.say("]")


def _as_toml(text: str) -> str:
    """Return a query as a TOML string: literal if possible, else one that JSON writes alike."""
    literal = text.isprintable() and "'" not in text
    if literal:
        return f"'{text}'"
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON leaves it raw
