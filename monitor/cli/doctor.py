"""`monitor doctor`: the world that the settings speak of, looked at before it matters."""

from __future__ import annotations

import os

import typer

from monitor.cli import output
from monitor.cli.check import failed_examples
from monitor.cli.state import clock, command, directory, overrides, state
from monitor.errors import SettingsError


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "doctor")(doctor)


async def doctor() -> int:
    """Look at the database, the mail server, webhooks, names, clock and disk; send nothing."""
    from monitor import config
    from monitor.insight import doctor as verdicts
    from monitor.runners.doctor import visit

    try:
        chosen = config.load_usable(directory(), environ=os.environ, overrides=overrides())
    except SettingsError as error:  # which database, which channels are meant is not known
        mistakes = error.mistakes
        checks = [verdicts.settings("", (), mistakes)]
    else:
        mistakes = chosen.mistakes
        failed = [*mistakes, *failed_examples(chosen.watchlists)]
        first = verdicts.settings(str(chosen.directory), chosen.warnings, failed)
        checks = [first, *await visit(chosen, clock())]
    code = SettingsError.exit_code if mistakes else verdicts.exit_code(checks)
    if state.json:
        told = [
            {"check": one.name, "verdict": one.verdict, "found": one.found, "todo": one.todo}
            for one in checks
        ]
        output.emit({"ok": code == 0, "checks": told})
        return code
    width = max(len(one.name) for one in checks)
    for one in checks:
        todo = f" ({one.todo})" if one.todo else ""
        head = f"{one.verdict:8}  {output.one_line(one.name):{width}}  "
        output.hung(head, f"{one.found}{todo}")
    return code
