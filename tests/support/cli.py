"""Run the command line inside this process: what it prints, and how it ends.

ended = monitor("parse", "feed.xml", "--json")
assert ended.code == 0 and ended.json["kind"] == "rss"
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from monitor.model import Clock


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The output as one JSON value."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The output as JSON lines."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self) -> dict[str, Any]:
        """The error that `--json` prints on standard error."""
        told: dict[str, Any] = json.loads(self.err.splitlines()[-1])["error"]
        return told


def monitor(*args: object, stdin: bytes = b"", clock: Clock | None = None) -> Ended:
    """Run `monitor ARGS` in this process, from the installed program's entry point.

    `clock` replaces the real time.
    """
    from monitor.cli import main
    from monitor.cli.state import State, state

    fresh = State(clock=clock)
    for name in State.__slots__:
        setattr(state, name, getattr(fresh, name))
    out, err = _stream(), _stream()
    code = 0
    streams = (redirect_stdout(out), redirect_stderr(err))
    with _argv("monitor", *map(str, args)), _stdin(stdin), streams[0], streams[1]:
        try:
            main.main()
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Ended(code, _text(out), _text(err))


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode("utf-8")


@contextmanager
def _argv(*args: str) -> Iterator[None]:
    before, sys.argv = sys.argv, list(args)
    try:
        yield
    finally:
        sys.argv = before


@contextmanager
def _stdin(content: bytes) -> Iterator[None]:
    before, sys.stdin = sys.stdin, io.TextIOWrapper(io.BytesIO(content), encoding="utf-8")
    try:
        yield
    finally:
        sys.stdin = before
