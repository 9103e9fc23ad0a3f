"""`monitor export`: everything that is kept, row by row."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import IO, Annotated, Any

import typer

from monitor.cli import output, times
from monitor.cli.state import command, store
from monitor.shapes.plain import as_json

Lines = Iterable[Mapping[str, Any]]


class What(StrEnum):
    """What can be exported."""

    ENTRIES = "entries"
    ARTICLES = "articles"
    MATCHES = "matches"
    STORIES = "stories"
    DELIVERIES = "deliveries"


class Format(StrEnum):
    """How rows are written."""

    JSONL = "jsonl"
    CSV = "csv"
    MD = "md"


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "export")(export)


def export(
    what: Annotated[What, typer.Argument(help="What to export.")],
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only from then on: 24h, 7d, 2024-10-18.")
    ] = None,
    format: Annotated[Format, typer.Option(help="The output format.")] = Format.JSONL,  # noqa: A002  # the contract's word
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The file to write.")] = None,
) -> None:
    """Export stored entries, articles, matches, stories or deliveries, oldest first."""
    from monitor.store.export import COLUMNS, LINES

    start = times.since(since)
    columns = COLUMNS[what]
    writers: dict[Format, Callable[[Lines, IO[str]], None]] = {
        Format.JSONL: _jsonl,
        Format.CSV: partial(_csv, columns),
        Format.MD: partial(_markdown, columns),
    }
    written = output.written(out) if out else nullcontext(sys.stdout)
    with store() as kept, written as stream:
        kept.read_now(lambda connection: writers[format](LINES[what](connection, start), stream))


def _jsonl(lines: Lines, stream: IO[str]) -> None:
    for line in lines:
        stream.write(as_json(line) + "\n")


def _csv(columns: Sequence[str], lines: Lines, stream: IO[str]) -> None:
    writer = csv.writer(stream)
    writer.writerow(columns)
    for line in lines:
        writer.writerow([inert(plain(value)) for value in line.values()])


# With semicolons between cells, as on half of Europe's machines, quotes count only after one: text
# after a semicolon, tab or line break inside a cell may begin a cell of its own.
_FORMULA = re.compile(r"(?:^|(?<=[;\t\r\n]))(?=[^\S\t\r\n]*[=+\-@|%])")


def inert(cell: object) -> str:
    """Make a cell that no spreadsheet takes for a formula and no terminal for a command (S61)."""
    text = output.neutral(str(cell))
    if isinstance(cell, int | float):
        return text
    text = _FORMULA.sub("'", text)
    return f"'{text}" if text.startswith(("\t", "\r", "\n")) else text


def _markdown(columns: Sequence[str], lines: Lines, stream: IO[str]) -> None:
    stream.write(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}\n")
    for line in lines:
        cells = (_markdown_cell(str(plain(value))) for value in line.values())
        stream.write(f"| {' | '.join(cells)} |\n")


def _markdown_cell(text: str) -> str:
    is_address = text.startswith(("http://", "https://")) and len(text.split()) == 1
    return f"<{address_in_markdown(text)}>" if is_address else in_markdown(text)


def address_in_markdown(url: str) -> str:
    """Escape an address so that it can end neither its own brackets nor its cell."""
    return output.one_line(url).translate(_SIGNS_OF_ADDRESSES)


def in_markdown(text: str) -> str:
    """Escape text to appear literally on one line: no cell, link, picture or tag (S61)."""
    return output.one_line(text).translate(_SIGNS)


_SIGNS_OF_ADDRESSES = str.maketrans({sign: f"%{ord(sign):02X}" for sign in "<>|\\ "})
_SIGNS = str.maketrans({sign: f"\\{sign}" for sign in "\\`*_[]<>#|&"})


def plain(value: Any) -> str | int | float:
    """Convert a value to one cell: numbers stay, lists and tables become JSON."""
    if value is None:
        return ""
    if isinstance(value, str | int | float):
        return value
    plain = json.loads(as_json(value))
    return plain if isinstance(plain, str) else as_json(plain)
