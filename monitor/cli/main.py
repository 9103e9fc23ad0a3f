"""`monitor`: the options of every command, the commands, and how errors end.

Standard output holds answers, standard error everything else. An error is one line
`monitor: WHAT: WHY (WHAT TO DO)`, with `--json` followed by {"error": {...}}.
"""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Annotated, Any, NoReturn, cast

import typer

from monitor.cli import (
    audit,
    backup,
    check,
    clean,
    deliveries,
    digests,
    doctor,
    export,
    feeds,
    fetch,
    match,
    parse,
    run,
    search,
    status,
    stories,
    trace,
    watchlists,
    web,
    work,
)
from monitor.cli.output import one_line, unforeseen
from monitor.cli.state import (
    ConfigOption,
    DbOption,
    DebugOption,
    JsonOption,
    VerboseOption,
    state,
)
from monitor.errors import MonitorError, SettingsError
from monitor.shapes.plain import as_json, error_as_json

INTERRUPTED = 130
BROKEN_PIPE = 141
"""The code that a shell reports for a program ended by SIGPIPE."""

app = typer.Typer(
    name="monitor",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["--help", "-h"]},
    help="Reads defence news for people whose job is to miss nothing.",
)
for noun in (
    fetch, run, work, web, check, doctor, feeds, watchlists, digests, deliveries, search, trace,
    audit, export, status, backup, parse, clean, match, stories,
):  # fmt: skip
    noun.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        sys.stdout.write(f"monitor {version('monitor')}\n")
        raise typer.Exit


@app.callback()
def everywhere(
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    debug: DebugOption = False,
    verbose: VerboseOption = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Reads defence news for people whose job is to miss nothing."""
    given = {"config": config, "db": db, "json": json, "debug": debug, "verbose": verbose}
    state.take(given)


PANELS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "To begin": ("demo", "init", "check", "doctor"),
        "Every day": ("fetch", "run", "web", "work"),
        "What was found, and what became of it": (
            *("stories", "search", "trace", "status", "audit", "export"),
        ),
        "What is read, watched for and sent": ("feeds", "watchlists", "digests", "deliveries"),
        "One document": ("parse", "clean", "match"),
        "The database": ("backup", "restore", "migrate"),
    }
)
"""The commands as `monitor --help` shows them, by what people want to do."""


@functools.cache
def _line() -> Callable[..., Any]:
    """Build the command line from everything registered; only once, however often it is called."""
    line: Any = typer.main.get_command(app)
    for panel, names in PANELS.items():
        for name in names:
            found = line.commands[name] = line.commands.pop(name)  # in this order
            found.rich_help_panel = panel
    _in_words(line)
    return cast(Callable[..., Any], line)


def _in_words(command: Any) -> None:
    """Make the help say what a value is: typer shows Python's names of types, even for flags."""
    ours = command.get_params

    def params(context: Any) -> list[Any]:
        found: list[Any] = ours(context)  # with --help, which is made only here
        for one in found:
            if "display_type_rich" not in vars(one) and hasattr(one, "display_type_rich"):
                one.display_type_rich = _shown(one)
        return found

    command.get_params = params
    for inner in getattr(command, "commands", {}).values():
        _in_words(inner)


def _shown(one: Any) -> Callable[[Any], str]:
    """Return what takes the place of a parameter's own `display_type_rich` (typer 0.27 and on)."""
    if one.param_type_name == "argument":  # its name stands beside it
        return lambda ctx: ""
    shown = one.display_type_rich
    return lambda ctx: kind_of_value(shown(ctx=ctx) or "")


def kind_of_value(shown: str) -> str:
    """Return how our help calls a value: "<list[new|stale]>" is "new|stale", a flag has none."""
    bare = re.sub(r"<(?:list\[)?|\]?>", "", shown)
    numbers = dict.fromkeys(("int", "float", "int range", "float range"), "NUMBER")
    return {"bool": "", "str": "TEXT", **numbers}.get(bare, bare)


def main() -> NoReturn:
    """Run the command line of this process and end it with the contract's exit code."""
    _open_streams()
    _utf8()
    # Set before the line is parsed, so that mistakes in the line are reported the same way.
    state.json, state.debug = "--json" in sys.argv, "--debug" in sys.argv
    try:
        try:
            code = _line()(standalone_mode=False, prog_name="monitor") or 0
        finally:  # here, where a reader that has left is recognised
            sys.stdout.flush()
    except BaseException as error:
        code = _ended(error)
    sys.exit(code)


def _ended(error: BaseException) -> int:
    """Report what ended the command; return its exit code."""
    if state.debug and not isinstance(error, SystemExit | KeyboardInterrupt):
        import traceback

        traceback.print_exception(error)
    match error:
        case _ if _reader_left(error):
            # What is still buffered must not fail again when Python closes the stream.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return BROKEN_PIPE
        case KeyboardInterrupt() | typer.Abort():
            return INTERRUPTED
        case SystemExit():
            return error.code if isinstance(error.code, int) else 1
        case MonitorError():
            return _tell(error)
        case UnicodeEncodeError() if not _is_utf8("".join(sys.argv)):
            return _tell(_usage("a word of the line is not UTF-8", "nothing of that name is kept"))
        case _ if hasattr(error, "format_message"):
            return _wrong_line(error)
        case _:
            return _tell(unforeseen(error))


def _is_utf8(text: str) -> bool:
    """False: Python put in surrogates for bytes that it could not decode."""
    return text.encode("utf-8", "replace").decode("utf-8") == text


def _reader_left(error: BaseException) -> bool:
    """Whether the reader of our output has gone, as `head` does.

    typer and rich turn that into SystemExit with code 1.
    """
    cause = error.__context__ if isinstance(error, SystemExit) else error
    return isinstance(cause, BrokenPipeError)


def _wrong_line(error: Any) -> int:
    """Report a wrong command line (typer's own errors)."""
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "monitor"
    # For a line without any command, typer has printed the help and has no message.
    message = one_line(error.format_message()) or "missing command"
    message = message.replace(": Value error, ", ": ").rstrip(".")
    message = re.sub(r"^Got unexpected extra argument\S* \((.*)\)$", r"too many words: \1", message)
    return _tell(_usage(message, f"{command} --help says more"))


def _usage(what: str, hint: str) -> MonitorError:
    from monitor.errors import UsageError

    return UsageError(what[:1].lower() + what[1:], hint=hint)


def _tell(error: MonitorError) -> int:
    told = error.mistakes if isinstance(error, SettingsError) else (error,)
    lines = [f"monitor: {one_line(one)}\n" for one in told]
    if state.json:
        lines.append(as_json({"error": error_as_json(error)}) + "\n")
    with suppress(BrokenPipeError):  # nobody reads it, and it is an error all the same
        sys.stderr.writelines(lines)
    return error.exit_code


def _open_streams() -> None:
    """Open missing standard streams (`2>&-`): a socket or the database would take their place."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    sys.stdin = sys.stdin or os.fdopen(0, "r", encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(2, "w", encoding="utf-8")


def _utf8() -> None:
    """Write answers as UTF-8 everywhere; what cannot be encoded is escaped, not raised."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
