"""`monitor parse`: a feed document as the program reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output, sources
from monitor.cli.state import command, state
from monitor.errors import InputError, UsageError

if TYPE_CHECKING:
    from monitor.model import Document


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "parse")(parse)


def parse(
    source: Annotated[str, typer.Argument(help="A file, an address, or - for standard input.")],
    kind: Annotated[
        str, typer.Option(metavar="KIND", help="Feed kind, such as rss or jsonfeed.")
    ] = "",
    base: Annotated[
        str, typer.Option(metavar="URL", help="Address against which links are resolved.")
    ] = "",
) -> None:
    """Read a feed and show its entries."""
    from monitor.feeds.read import document_as_json, parser, read

    if kind:
        try:
            parser(kind)
        except InputError as error:
            raise UsageError(error.what, hint=error.hint) from error
    given = sources.read(source)
    document = read(given.body, given.content_type, base or given.url, kind)
    if state.json:
        output.emit(document_as_json(document))
    else:
        _show(document)


def _show(document: Document) -> None:
    output.say(f"{document.title or '(no title)'} - {document.link or 'no link'}")
    output.say(f"{document.format}, {document.encoding}, {document.language or 'no language'}")
    for problem in document.problems:
        output.say(f"problem: {output.one_line(problem)}")
    rows = [(entry.published or entry.updated, entry.title) for entry in document.entries]
    output.say(output.count(len(rows), "entry", "entries") + ("\n" if rows else ""))
    if rows:
        output.table(["published", "title"], rows)
