"""`monitor watchlists explain`: why watchlists match an article, or why they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import chosen, match, output, sources
from monitor.cli.state import command, state, store
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.model import Article, Watchlist
    from monitor.watchlists.why import Explanation

PLACES = 8
"""How many places are shown for a watchlist; --json has all."""


def register(noun: typer.Typer) -> None:
    """Add the command."""
    command(noun, "explain")(explain)


def explain(
    source: Annotated[
        str,
        typer.Argument(help="An article: a page, text or JSON, -, or the number of a kept one."),
    ] = sources.STDIN,
    watchlist: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="Only these watchlists (repeatable)."),
    ] = None,
) -> None:
    """Show for each watchlist which query matches and where, or which clause failed."""
    from monitor.watchlists.why import explain as why

    wanted = chosen.watchlists(watchlist or ())
    article = _kept(int(source)) if source.isdecimal() else match.article_of(source)[0]
    told = [(one, why(one, article)) for one in wanted]
    if state.json:
        output.emit([_as_json(one, explained) for one, explained in told])
        return
    output.hung("", article.title or "(no title)")
    for one, explained in sorted(told, key=lambda pair: not pair[1].matched):
        _show(one, explained)


def _kept(number: int) -> Article:
    """Return an article of the store. Raises InputError if it is not there."""
    from monitor.shapes.plain import LARGEST
    from monitor.store import articles

    with store() as kept:
        found = kept.read_now(articles.get, number) if number <= LARGEST else None
    if found is None:
        raise InputError(f"there is no article {number}", hint="monitor search shows numbers")
    return found


def _as_json(one: Watchlist, explained: Explanation) -> dict[str, Any]:
    from monitor.watchlists.shapes import span_as_json

    return {
        "watchlist": explained.watchlist,
        "matched": explained.matched,
        "reason": explained.reason,  # the older name of `why`
        "why": explained.reason,
        "clause": explained.clause,
        "query": explained.query,
        "text": _query(one, explained),
        "score": round(explained.match.score, 2) if explained.match else None,
        "version": one.version,
        "spans": [span_as_json(span) for span in explained.found],
    }


def _query(one: Watchlist, explained: Explanation) -> str:
    return "" if explained.query is None else " ".join(one.queries[explained.query].split())


def _show(one: Watchlist, explained: Explanation) -> None:
    score = f"{explained.match.score:.2f}" if explained.match else "-"
    output.say()
    output.hung(f"{explained.watchlist}  {score}  ", explained.reason)
    if not explained.matched:
        return
    rows = [
        (f"{span.field} {span.start}-{span.end}", span.text, span.term)
        for span in explained.found[:PLACES]
    ]
    output.table(("place", "as written", "term"), rows)
    if (more := len(explained.found) - PLACES) > 0:
        output.say(f"and {more} more places")
