"""`monitor doctor`: look at the world that the settings refer to, before it matters."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

import typer

from monitor.cli import output
from monitor.cli.check import failed_examples
from monitor.cli.state import clock, command, directory, overrides, state
from monitor.errors import Mistake, SettingsError

if TYPE_CHECKING:
    from monitor.insight.doctor import Check


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor")(doctor)


async def doctor() -> None:
    """Check the database, the mail server, webhooks, names, clock and disk; send nothing."""
    from monitor import config
    from monitor.insight import doctor as verdicts
    from monitor.runners.doctor import visit

    mistakes: Sequence[Mistake]
    try:
        chosen = config.load_usable(directory(), environ=os.environ, overrides=overrides())
    except SettingsError as error:  # which database and channels are meant is unknown
        mistakes = error.mistakes
        checks = [verdicts.settings("", (), mistakes)]
    else:
        mistakes = chosen.mistakes
        failed = [*mistakes, *failed_examples(chosen.watchlists)]
        first = verdicts.settings(str(chosen.directory), chosen.warnings, failed)
        checks = [first, *await visit(chosen, clock())]
    wrong = [one for one in checks if one.verdict is verdicts.Verdict.WRONG]
    if state.json:
        told = [
            {"check": one.name, "verdict": one.verdict, "found": one.found, "todo": one.todo}
            for one in checks
        ]
        output.emit({"ok": not wrong, "checks": told})
    else:
        _show(checks)
    if mistakes:
        raise SettingsError(mistakes)
    if wrong:
        reasons = [f"{one.name}: {one.found}" for one in wrong]
        hint = "each line says what to do"
        raise output.failed("not all is well", reasons, hint, verdicts.failure(wrong))


def _show(checks: Sequence[Check]) -> None:
    width = max(len(one.name) for one in checks)
    for one in checks:
        todo = f" ({one.todo})" if one.todo else ""
        head = f"{one.verdict:8}  {output.one_line(one.name):{width}}  "
        output.hung(head, f"{one.found}{todo}")
