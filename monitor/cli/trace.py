"""`monitor trace`: the whole way of an entry, from the poll that saw it to the last attempt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output
from monitor.cli.state import command, state, store, usable
from monitor.errors import InputError

if TYPE_CHECKING:
    from monitor.store.trace import Meaning


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "trace")(trace)


def trace(
    named: Annotated[
        str, typer.Argument(metavar="URL|ID", help="An address, a number, or a feed's own id.")
    ],
) -> None:
    """Show everything that happened to an entry, and why."""
    from monitor.shapes import record
    from monitor.store import trace as stored
    from monitor.watchlists.why import explain

    with store() as kept:
        meant = _one(kept.read_now(stored.find, named), named)
        traced = kept.read_now(record.trace, meant)
    if article := traced.article:
        missed = traced.unmatched(usable().watchlists)
        told = traced.whole(explain(one, article) for one in missed)
    else:
        told = traced.told
    if state.json:
        output.emit(told)
        return
    output.hung(f"{told['kind']} {told['id']}: ", told["title"] or "(no title)")
    output.say()
    output.say(f"{'time (UTC)':18}{'step':10}what happened, and why")
    for one in told["steps"]:
        output.hung(f"{output.moment(one['at'])}  {one['step']:8}  ", one["what"])
        if one["why"]:
            output.hung(" " * 28, one["why"])
    for miss in told["unmatched"]:
        output.hung(f"{'not matched':>16}  ", f"{miss['watchlist']}: {miss['why']}")


def _one(found: Sequence[Meaning], named: str) -> Meaning:
    """Return the one thing that is meant. Raises InputError if there is none or more than one."""
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
