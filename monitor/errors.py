"""Every error we raise.

MonitorError                    exit code
├── FailedError                  1   it ran as asked, and nothing succeeded
├── UsageError                   2   the command line is wrong
├── InputError                  65   something we were given to read cannot be read
│   ├── NotAFeed                     ... it is not a feed (names the feeds it links to)
│   └── QueryError                   ... a query does not parse (line, column, place, fix)
├── UnavailableError            69   a service we need does not answer
├── TryLaterError               75   locked, disk full: a temporary condition
└── SettingsError               78   the settings cannot be used (all mistakes at once)

ComputeFailedError                   work in a worker did not finish; its caller makes a value of it

Faults of other people's servers are not errors of ours: they are values
(`model.FetchFailed`, `model.NotSent`, ...), so that one bad feed cannot stop the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class MonitorError(Exception):
    """Base of all errors that a user may see: WHAT happened, WHY, and WHAT TO DO."""

    exit_code = 1
    code = "error"

    def __init__(self, what: str, why: str = "", hint: str = "", where: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.hint = hint
        self.where = where

    def __str__(self) -> str:
        line = self.what
        if self.where:
            line = f"{self.where}: {line}"
        if self.why:
            line += f": {self.why}"
        if self.hint:
            line += f" ({self.hint})"
        return line


class FailedError(MonitorError):
    """It ran as asked, and nothing succeeded; the output printed before it has the details."""

    code = "failed"


class UsageError(MonitorError):
    """The command line is wrong."""

    exit_code = 2
    code = "usage"


class InputError(MonitorError):
    """Something we were given to read cannot be read."""

    exit_code = 65
    code = "input"


class NotAFeed(InputError):  # noqa: N818  # the name says what the document is
    """The document is not a feed; `feeds` are the addresses of the feeds it links to."""

    code = "not-a-feed"

    def __init__(self, what: str, why: str = "", feeds: Sequence[str] = ()) -> None:
        hint = f"it links these feeds: {', '.join(feeds)}" if feeds else ""
        super().__init__(what, why, hint)
        self.feeds = tuple(feeds)


class QueryError(InputError):
    """A query does not parse. `line` and `column` count from 1; `place` shows where."""

    code = "query"

    def __init__(
        self, what: str, *, line: int = 1, column: int = 1, place: str = "", hint: str = ""
    ) -> None:
        super().__init__(what, hint=hint, where=f"line {line}, column {column}")
        self.line = line
        self.column = column
        self.place = place


class UnavailableError(MonitorError):
    """A service we need does not answer."""

    exit_code = 69
    code = "unavailable"


class TryLaterError(MonitorError):
    """A temporary condition: locked, disk full."""

    exit_code = 75
    code = "try-later"


@dataclass(frozen=True, slots=True)
class Mistake:
    """One mistake in the settings: `where` is FILE:LINE, `what` states it, `hint` says the fix."""

    where: str
    what: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f" ({self.hint})" if self.hint else "")


class SettingsError(MonitorError):
    """The settings cannot be used; carries all their mistakes at once."""

    exit_code = 78
    code = "settings"

    def __init__(self, mistakes: Sequence[Mistake]) -> None:
        count = len(mistakes)
        super().__init__(f"{count} mistake{'s' * (count != 1)} in the settings")
        self.mistakes = tuple(mistakes)

    def __str__(self) -> str:
        return self.what + "\n" + "\n".join(f"  {mistake}" for mistake in self.mistakes)


class ComputeFailedError(Exception):
    """Pure work that did not finish: it took too long, or its worker died."""
