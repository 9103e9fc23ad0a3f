"""`monitor trace`: the whole way of an entry, from the poll that saw it to the last attempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output
from monitor.cli.state import command, state, store
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.insight.trace import Kept
    from monitor.store import Store
    from monitor.store.trace import Meaning


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "trace")(trace)


def trace(
    named: Annotated[
        str, typer.Argument(metavar="URL|ID", help="An address, a number, or a feed's own id.")
    ],
) -> None:
    """Tell all that happened to an entry, and why, from what is kept."""
    from monitor.insight import trace as ways
    from monitor.store import trace as stored

    with store() as kept:
        meant = _one(kept.read_now(stored.find, named), named)
        kind, number = meant.kind, meant.number
        held = kept.read_now(stored.kept, kind, number)
        missed = _missed(kept, number, held) if kind == "article" else []
    title, steps = ways.title(held), ways.steps(held)
    if state.json:
        told = [
            {
                "at": one.at,
                "step": one.step,
                "what": one.what,
                "why": one.why,
                "facts": dict(one.facts),
            }
            for one in steps
        ]
        output.emit(
            {"kind": kind, "id": number, "title": title, "steps": told, "unmatched": missed}
        )
        return
    output.say(f"{kind} {number}: {output.one_line(title) or '(no title)'}\n")
    for one in steps:
        output.hung(f"{output.moment(one.at)}  {one.step:8}  ", one.what)
        if one.why:
            output.hung(" " * 28, one.why)
    for miss in missed:
        output.hung(f"{'not matched':>16}  ", f"{miss['watchlist']}: {miss['why']}")


def _one(found: Sequence[Meaning], named: str) -> Meaning:
    """The one thing that is meant. Raises InputError when there is none, or more than one."""
    if len(found) == 1:
        return found[0]
    if not found:
        what = f"nothing is kept of {output.one_line(named)!r}"
        looked = "looked at numbers, addresses of articles, links and ids of entries"
        raise InputError(what, looked, "monitor search WORDS finds articles")
    names = ", ".join(f"{one.name} ({output.one_line(one.title)})" for one in found)
    raise InputError(
        f"{output.one_line(named)!r} may mean {len(found)} things",
        names,
        f"monitor trace {found[0].name} names one",
    )


def _missed(kept: Store, number: int, held: Kept) -> list[dict[str, Any]]:
    """The watchlists that did not match, by the words they have now."""
    from monitor.cli import chosen
    from monitor.store import articles
    from monitor.watchlists.why import explain

    article = kept.read_now(articles.get, number)
    if article is None:
        return []
    matched = {row["watchlist"] for row in held.matches}
    told = [explain(one, article) for one in chosen.watchlists(()) if one.name not in matched]
    return [
        {"watchlist": one.watchlist, "clause": one.clause, "why": _now(one.matched, one.reason)}
        for one in told
    ]


def _now(matches: bool, reason: str) -> str:
    return f"it would match now: {reason}" if matches else reason
