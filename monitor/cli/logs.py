"""Log lines on standard error: one line per record, stripped of terminal control sequences."""

from __future__ import annotations

import logging
import sys
from typing import TextIO

from monitor.cli.output import one_line

DATED = "%(asctime)s %(levelname)s %(name)s: %(message)s"
"""For long-running work: with the time and the logger's name."""
PLAIN = "monitor: %(message)s"
"""For a command that ends soon: in the form of its errors."""


class Formatter(logging.Formatter):
    """Formats records as one harmless line (S101), with tracebacks only on request."""

    def __init__(self, form: str, *, traces: bool) -> None:
        super().__init__(form)
        self._traces = traces

    def format(self, record: logging.LogRecord) -> str:
        """Return one line; a traceback, if wanted, keeps its own lines."""
        message, error = record.getMessage(), record.exc_info and record.exc_info[1]
        values = record.__dict__ | {"args": None}
        if error and not self._traces:
            message += f": {type(error).__name__}: {error}"
            values |= {"exc_info": None, "exc_text": None}
        return super().format(logging.makeLogRecord(values | {"msg": one_line(message)}))


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
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    logging.getLogger("monitor").setLevel(level)
