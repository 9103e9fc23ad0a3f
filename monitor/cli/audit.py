"""`monitor audit`: whether the record adds up, from the feeds to the readers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from monitor.cli import output
from monitor.cli.state import clock, command, state, store, usable

if TYPE_CHECKING:
    from monitor.insight.balance import Sum


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "audit")(audit)


def audit() -> None:
    """Add up what became of everything; exit code 1 if something is unexplained."""
    from monitor.shapes.record import audit as told_whole
    from monitor.store.audit import account

    digests = usable().digests
    with store() as kept:
        sums = kept.read_now(account, digests, clock().now())
    told, amiss = told_whole(sums), [one for one in sums if not one.adds_up]
    if state.json:
        output.emit(told)
    else:
        output.table(("what", "all", "what became of it"), map(_row, sums), right=("all",))
        _tell_wrong(amiss)
    if amiss:
        hint = "monitor trace ID shows everything about one"
        raise output.failed("the record does not add up", [one.what for one in amiss], hint)


def _row(one: Sum) -> tuple[str, str, str]:
    parts = ", ".join(f"{count:,} {name}" for name, count in one.parts.items() if count)
    return one.what, f"{one.all:,}", parts or "-"


def _tell_wrong(amiss: Sequence[Sum]) -> None:
    if not amiss:
        output.say("\nEverything adds up.")
        return
    output.say("\nUnexplained:")
    for one in amiss:
        missing = one.all - sum(one.parts.values())
        if one.parts and missing:
            output.say(f"  {one.what}: {one.all:,} are not {one.all - missing:,}")
        for line in one.wrong:
            output.say(f"  {output.one_line(line)}")
