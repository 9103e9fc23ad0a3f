"""`monitor search`: the articles that are kept, by their words."""

from __future__ import annotations

from typing import Annotated

import typer

from monitor.cli import output, times
from monitor.cli.state import command, state, store
from monitor.errors import UsageError


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "search")(search)


def search(
    query: Annotated[list[str], typer.Argument(help='Words, "a phrase", or a prefix*.')],
    since: Annotated[
        str | None, typer.Option(metavar="TIME", help="Only from then on: 24h, 7d, 2024-10-18.")
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="The most to show.")] = 50,
) -> None:
    """Find stored articles, newest first."""
    from monitor.shapes.articles import article_head
    from monitor.store import search as index

    start, words = times.since(since), " ".join(query)
    if not index.terms(words):
        raise UsageError("there is no word to search for", hint="use letters or digits")
    with store() as kept:
        found = kept.read_now(index.search, words, since=start, limit=limit)
    rows = [article_head(article) for article in found]
    if state.json:
        output.emit(rows)
    elif not rows:
        output.say("nothing found")
    else:
        names = ("published (UTC)", "article", "source", "title")
        shown = ([output.dated(one), one.id, one.source, one.title] for one in found)
        output.table(names, shown, right=("article",))
    if index.operator_in(words):
        output.note(
            "search knows no operators or fields: all words must occur, also AND, OR and NOT; "
            "to try a query: monitor watchlists backtest FILE"
        )
    elif index.is_spaceless(words):
        output.note(
            "search finds a word of a language without spaces only where it stands alone; "
            "anywhere in a sentence: monitor watchlists backtest FILE"
        )
