"""`monitor parse`: a feed document as the program reads it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output, sources
from monitor.cli.fetch import address
from monitor.cli.state import command, state
from monitor.errors import InputError, UsageError

if TYPE_CHECKING:
    from monitor.model import Document

_NOWHERE = "http://nowhere.invalid/"
"""Stands in for the address of a feed that came without one."""


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
    if base:
        address(base)
    given = sources.read(source)
    document = read(given.body, given.content_type, base or given.url, kind)
    if not (base or given.url or all(entry.link for entry in document.entries)):
        elsewhere = read(given.body, given.content_type, _NOWHERE, kind)
        document = _with_what_lacks_a_base(document, elsewhere)
    if state.json:
        output.emit(document_as_json(document))
    else:
        _show(document)


def _with_what_lacks_a_base(document: Document, elsewhere: Document) -> Document:
    """Return the document, and among its problems the links that it has `elsewhere` only."""
    links = sum(entry.link.startswith(_NOWHERE) for entry in elsewhere.entries)
    if not links:
        return document
    told = "1 link is" if links == 1 else f"{links} links are"
    why = f"{told} relative: --base says to what"
    return replace(document, problems=(*document.problems, why))


def _show(document: Document) -> None:
    output.say(f"{document.title or '(no title)'} - {document.link or 'no link'}")
    output.say(f"{document.format}, {document.encoding}, {document.language or 'no language'}")
    for problem in document.problems:
        output.say(f"problem: {output.one_line(problem)}")
    rows = [(entry.published or entry.updated, entry.title) for entry in document.entries]
    output.say(output.count(len(rows), "entry", "entries") + ("\n" if rows else ""))
    if rows:
        output.table(["published", "title"], rows)
