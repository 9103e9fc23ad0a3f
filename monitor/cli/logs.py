"""Log lines on standard error: one line per record, stripped of terminal control sequences."""

from __future__ import annotations

import logging
import sys
import time
from typing import TextIO

from monitor.cli.output import one_line

DATED = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""For long-running work: with the time and the logger's name."""
PLAIN = "monitor: %(message)s"
"""For a command that ends soon: in the form of its errors."""


class Formatter(logging.Formatter):
    """Formats records as one harmless line (S101), with tracebacks only on request.

    Times are in ISO 8601 and in UTC, as in all that we print.
    """

    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def __init__(self, form: str, *, traces: bool) -> None:
        super().__init__(form)
        self.converter = time.gmtime
        self._traces = traces

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; a traceback, if wanted, keeps its own lines."""
        message, error = record.getMessage(), record.exc_info and record.exc_info[1]
        values = record.__dict__ | {"args": None}
        if error and not self._traces:
            message += f": {type(error).__name__}: {error}"
            values |= {"exc_info": None, "exc_text": None}
        return super().format(logging.makeLogRecord(values | {"msg": one_line(message)}))


SELDOM_S = 600.0
"""Seconds after which a warning that repeats is said again."""
_ASKING = ("monitor.daemon", "monitor.publish")
"""Who asks every few seconds and says each time that it must wait."""
_REMEMBERED = 1000
"""Warnings beyond this are forgotten, oldest first: each may then be said again."""


class Seldom(logging.Filter):
    """Lets a warning of a step pass once in SELDOM_S while it repeats word for word.

    A step that waits for a full disk or a database asks every two seconds: saying so each time
    would fill the disk that the log may share with it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written; the clock may have been put back since the last."""
        if record.levelno != logging.WARNING or record.name not in _ASKING:
            return True
        what = (record.name, f"{record.msg} {record.args}")
        if abs(record.created - self._said.get(what, -SELDOM_S)) < SELDOM_S:
            return False
        self._said.pop(what, None)
        self._said[what] = record.created
        if len(self._said) > _REMEMBERED:
            del self._said[next(iter(self._said))]
        return True


class Handler(logging.StreamHandler[TextIO]):
    """Writes to the current standard error: during a progress bar, lines go above the bar."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        self.setStream(sys.stderr)
        super().emit(record)


def start(level: str, form: str = DATED, *, traces: bool = False) -> None:
    """Write records of `level` and above to standard error; libraries keep to warnings."""
    logging.raiseExceptions = traces  # a line that cannot be written is no reason for a traceback
    handler = Handler()
    handler.setFormatter(Formatter(form, traces=traces))
    handler.addFilter(Seldom())
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    logging.getLogger("monitor").setLevel(level)
