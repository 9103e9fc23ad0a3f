"""The options of every command line, and how a command gets its parts."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.model import Clock
    from monitor.pipeline.parts import Memory, Parts
    from monitor.store import Store

PANEL = "On every command"

ConfigOption = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="DIR", help="The folder with the settings.", rich_help_panel=PANEL
    ),
]
DbOption = Annotated[
    str | None,
    typer.Option("--db", metavar="URL", help="Use another database.", rich_help_panel=PANEL),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer in JSON.", rich_help_panel=PANEL)]
DebugOption = Annotated[
    bool, typer.Option("--debug", help="Show tracebacks and details.", rich_help_panel=PANEL)
]
VerboseOption = Annotated[
    bool, typer.Option("--verbose", "-v", help="Log what is done.", rich_help_panel=PANEL)
]

_EVERYWHERE: dict[str, tuple[Any, Any]] = {
    "config": (ConfigOption, None),
    "db": (DbOption, None),
    "json": (JsonOption, False),
    "debug": (DebugOption, False),
    "verbose": (VerboseOption, False),
}


@dataclass(slots=True)
class State:
    """The options of `PANEL`, wherever they stood on the line."""

    config: Path | None = None
    db: str | None = None
    json: bool = False
    debug: bool = False
    verbose: bool = False
    clock: Clock | None = None
    """None: the real clock. Not an option: programs that run a command may supply another."""

    def take(self, options: dict[str, Any]) -> None:
        """Add the options given at one place of the line; the others keep their values."""
        for name in _EVERYWHERE:
            setattr(self, name, options.pop(name, None) or getattr(self, name))


state = State()


def command(app: typer.Typer, name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register a function as a command that also takes the options of `PANEL`.

    The function may be `async`; a number that it returns is the exit code.
    """

    def register(function: Callable[..., Any]) -> Callable[..., Any]:
        def run(**options: Any) -> None:
            state.take(options)
            _log()
            if ended := _call(function, options):
                raise typer.Exit(ended)

        _dress(run, function)
        app.command(name)(run)
        return function

    return register


def group(
    app: typer.Typer, name: str, about: str, alone: Callable[..., int | None] = lambda: None
) -> typer.Typer:
    """Return a noun with commands of its own, which also takes the options of `PANEL`.

    `alone` takes the noun's own options and acts on them; it is called before any command.
    """

    def everywhere(**options: Any) -> None:
        state.take(options)
        if ended := _call(alone, options):
            raise typer.Exit(ended)

    _dress(everywhere, alone)
    noun = typer.Typer(no_args_is_help=True, invoke_without_command=True, help=about)
    noun.callback()(everywhere)
    app.add_typer(noun, name=name)
    return noun


def _call(function: Callable[..., Any], options: dict[str, Any]) -> int | None:
    ended = function(**options)
    if inspect.iscoroutine(ended):
        from monitor.runners import loop

        ended = loop.run(ended)
    code: int | None = ended
    return code


def _dress(run: Callable[..., None], function: Callable[..., Any]) -> None:
    """Give `run` the signature of `function` plus the options that every command has."""
    signature = inspect.signature(function, eval_str=True)
    everywhere = [
        inspect.Parameter(
            name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation
        )
        for name, (annotation, default) in _EVERYWHERE.items()
    ]
    parameters = [*signature.parameters.values(), *everywhere]
    run.__signature__ = signature.replace(  # type: ignore[attr-defined]  # where inspect looks
        parameters=parameters, return_annotation=None
    )
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    run.__doc__, run.__name__ = function.__doc__, function.__name__


def _log() -> None:
    """Set up logging in any case: what Python prints by itself has tracebacks."""
    from monitor.cli import logs

    if state.debug or state.verbose:
        logs.start("DEBUG" if state.debug else "INFO", traces=state.debug)
    else:
        logs.start("WARNING", logs.PLAIN)


def settings() -> Settings:
    """Return the settings of this command. Raises SettingsError."""
    from monitor import config

    return config.load(directory(), environ=os.environ, overrides=overrides())


def usable() -> Settings:
    """Return what is usable of the settings, for commands that look at the record; mistakes in what
    is left out are reported. Raises SettingsError for mistakes in monitor.toml."""
    from monitor import config
    from monitor.cli.output import note, one_line

    found = config.load_usable(directory(), environ=os.environ, overrides=overrides())
    for mistake in found.mistakes:
        note(f"monitor: left out: {one_line(mistake)}")
    return found


def database() -> str:
    """Return the address of the database, for commands that need no other setting. Raises
    SettingsError for mistakes in monitor.toml."""
    from monitor import config

    return config.load_store(directory(), environ=os.environ, overrides=overrides()).url


def overrides() -> dict[str, str]:
    """Return the settings that the command line overrides."""
    return {"store.url": state.db} if state.db else {}


def directory() -> Path:
    """Return the settings folder. Raises SettingsError if the one that was named is missing."""
    from monitor import config

    return config.find(state.config, os.environ, Path.cwd())


def parts(
    of: Settings | None = None,
    *,
    owner: str = "command",
    sync: bool = True,
    store: Store | None = None,
    memory: Memory | None = None,
) -> AbstractAsyncContextManager[Parts]:
    """Return everything a step needs, by this command's settings; arguments as in `open_parts`.

    With --json, digests to the console go to standard error, beside the answer.
    """
    from monitor import app
    from monitor.cli.output import neutral

    stream = sys.stderr if state.json else sys.stdout

    def write(text: str) -> None:
        """Write at once: what still waits to be written must not count as sent."""
        stream.write(neutral(text))
        stream.flush()

    return app.open_parts(
        of or settings(),
        owner=owner,
        sync=sync,
        store=store,
        memory=memory,
        clock=clock(),
        write=write,
    )


def clock() -> Clock:
    """Return the one clock of this command, so that all times in an answer agree."""
    from monitor.clock import SystemClock

    state.clock = state.clock or SystemClock()
    return state.clock


def number(text: str) -> int:
    """Read the number of an article, a story, an edition or a delivery.

    Not typer's own bound: the help would show it. Raises typer.BadParameter.
    """
    from monitor.shapes.plain import LARGEST

    try:
        read = int(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a number") from None
    if read > LARGEST:
        raise typer.BadParameter(f"{text} is larger than any number here")
    return read


@contextmanager
def store() -> Iterator[Store]:
    """Open the database alone, for commands that look, or mark what is there.

    If there is none yet, they get an empty temporary one: a command that only looks may have been
    given the wrong place, and must create nothing there.
    """
    from monitor import store as stores
    from monitor.cli.output import note

    url = database()
    missing = missing_database(url)
    with ExitStack() as stack:
        if missing is not None:
            from tempfile import TemporaryDirectory

            note(f"there is no database at {missing} yet")
            url = f"sqlite:///{stack.enter_context(TemporaryDirectory())}/empty.sqlite3"
        yield stack.enter_context(stores.open(url))


@asynccontextmanager
async def looking(of: Settings | None = None) -> AsyncIterator[Parts]:
    """Open parts for commands that only look, over what `store` yields. Incomplete settings do not
    change the store's feeds, since the missing ones would count as removed."""
    chosen = of or settings()
    with store() as kept:
        async with parts(chosen, store=kept, sync=not chosen.mistakes) as world:
            yield world


def require_database() -> None:
    """Raise InputError if there is no database: a command that sends or changes what one holds may
    have been given the wrong place, and must create nothing there."""
    from monitor.errors import InputError

    if (missing := missing_database(database())) is not None:
        hint = "--db names another; monitor fetch or monitor run creates one"
        raise InputError("there is no database", str(missing), hint)


def missing_database(url: str) -> Path | None:
    """Return where the database should be, if it is a missing file. Raises SettingsError."""
    from monitor.store import engine

    path = engine.sqlite_path(engine.parse(url))
    return None if path is None or path.exists() else path
