"""Log lines on standard error: one line a record, with nothing in it that a terminal obeys."""

from __future__ import annotations

import logging

from monitor.cli.output import one_line


class Formatter(logging.Formatter):
    """Records as one neutral line."""

    def format(self, record: logging.LogRecord) -> str:
        """One line (S101); a traceback keeps its own lines."""
        record = logging.makeLogRecord(record.__dict__ | {"msg": one_line(record.getMessage())})
        record.args = None
        return super().format(record)


def start(level: str) -> None:
    """Write records of `level` and above to standard error; libraries keep to warnings."""
    handler = logging.StreamHandler()
    handler.setFormatter(Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level="WARNING", handlers=[handler], force=True)
    logging.getLogger("monitor").setLevel(level)
