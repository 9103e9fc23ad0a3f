"""Waiting for words in the log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heard(words: str) -> Iterator[asyncio.Event]:
    """Yield an event that is set when our log says these words, from whatever thread."""
    loop, event = asyncio.get_running_loop(), asyncio.Event()

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if words in record.getMessage():
                loop.call_soon_threadsafe(event.set)

    ours, listener = logging.getLogger("monitor"), Listener()
    ours.addHandler(listener)
    try:
        yield event
    finally:
        ours.removeHandler(listener)
