"""What commands read: a file, standard input or an address; also files of JSON lines."""

from __future__ import annotations

import json
import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from monitor.cli.output import emit, one_line, unforeseen, unreadable
from monitor.cli.state import clock, directory, state
from monitor.errors import InputError, MonitorError, UnavailableError, UsageError
from monitor.redact import shareable
from monitor.shapes.plain import error_as_json

if TYPE_CHECKING:
    from monitor.model import FetchFailed, Response
    from monitor.pipeline.parts import Fetcher

STDIN = "-"
Line = dict[str, Any]
Later = Callable[[], Line]


@dataclass(frozen=True, slots=True)
class Source:
    """Bytes to read, and what is known about them."""

    body: bytes
    url: str = ""
    """The address that finally answered; empty for files."""
    content_type: str = ""


def read(source: str) -> Source:
    """Read a file, `-` (standard input), or an address, which is fetched.

    Raises InputError if it cannot be read, UnavailableError if nobody answers.
    """
    if not source:
        raise UsageError("nothing to read", hint="name a file, an address or -")
    if source == STDIN:
        return Source(_bounded(_stdin(), source))
    if source.lower().startswith(("http://", "https://")):
        from monitor.runners import loop

        return loop.run(_ask(source))
    try:
        with Path(source).open("rb") as file:
            return Source(_bounded(file, source))
    except OSError as error:
        raise unreadable(shareable(source), error) from error


def _bounded(stream: IO[bytes], source: str) -> bytes:
    """Read all of a stream; a wrong name may lead to a disk's image, or to what has no end."""
    body = stream.read(MOST + 1)
    if len(body) > MOST:
        raise InputError("cannot be read", f"it is larger than {MOST >> 20} MB", where=source)
    return body


def _stdin() -> IO[bytes]:
    if sys.stdin.isatty():
        raise UsageError("nothing to read", "standard input is a terminal", "name a file")
    return sys.stdin.buffer


async def _ask(url: str) -> Source:
    from monitor import config
    from monitor.fetch.client import Client

    settings = config.load_fetch(directory(), environ=os.environ)
    async with Client(settings.client, clock()) as client:
        return await ask(client, url)


MOST = 2**28
"""Bytes of a document, or of a line, that are read; the longest that a feed may have is 15 MB."""
ALLOWED = "to allow a host: [fetch] allow_private"
"""What to do about an address that our own guard refused."""


async def ask(fetch: Fetcher, url: str) -> Source:
    """Fetch what is at an address; raise UnavailableError if there is no such answer."""
    from monitor.model import Request

    return answered(url, await fetch.get(Request(url=url)))


def answered(url: str, answer: Response | FetchFailed) -> Source:
    """Return what an answer holds; raise UnavailableError if it is a failure."""
    from monitor.model import FailureKind, FetchFailed

    if isinstance(answer, FetchFailed):
        hint = ALLOWED if answer.kind is FailureKind.REFUSED else ""
        raise UnavailableError(f"{shareable(url)} cannot be fetched", answer.why, hint)
    if not 200 <= answer.status < 300:
        why = f"the server answered {answer.status}"
        raise UnavailableError(f"{shareable(url)} cannot be fetched", why)
    kind = answer.header_text("content-type")
    return Source(answer.body, answer.url, kind)


def each_line(path: str, answer: Callable[[Line], Line | Later], ahead: int = 0) -> int:
    """Answer each JSON line of a file with one JSON line, in order.

    If `answer` returns a function, it is called when the line's turn comes; up to `ahead` lines
    wait for theirs. A line that cannot be answered gives {"id", "error"} in its place and a message
    with its number on standard error, as does an answer that has an "error" itself; the others are
    still answered. Returns the exit code.
    """
    code = 0
    begun: deque[_Begun] = deque()
    with _opened(path) as stream:
        for number, raw in enumerate(iter(lambda: stream.readline(MOST + 1), b""), 1):
            if len(raw) > MOST:
                why = f"it is longer than {MOST >> 20} MB"
                raise InputError("cannot be read", why, where=f"{path}:{number}")
            if raw.strip():
                begun.append(_begin(raw, answer, f"{path}:{number}"))
            while len(begun) > ahead:
                code = _end(begun.popleft()) or code
    return max([code, *map(_end, begun)])


@dataclass(frozen=True, slots=True)
class _Begun:
    """A line whose answer is ready or under way."""

    where: str
    line: Line
    told: Line | Later | Exception


def _begin(raw: bytes, answer: Callable[[Line], Line | Later], where: str) -> _Begun:
    line: Line = {}
    try:
        line = _object(raw)
        return _Begun(where, line, answer(line))
    except Exception as error:  # a faulty line, whatever its fault, stops no other
        return _Begun(where, line, error)


def _end(begun: _Begun) -> int:
    """Print the answer; return the exit code."""
    told = begun.told
    try:
        told = told() if callable(told) else told
    except Exception as error:
        told = error
    if not isinstance(told, Exception):
        if reason := told.get("error"):
            told["error"] = reason | {"where": begun.where}
            _complain(begun.where, reason["message"])
        emit(told)
        return InputError.exit_code if reason else 0
    if state.debug:
        import traceback

        traceback.print_exception(told)
    refused = told if isinstance(told, MonitorError) else unforeseen(told)
    _complain(begun.where, refused)
    reason = {**error_as_json(refused), "where": begun.where}
    key = begun.line.get("id")
    emit({"id": key if _is_id(key) else None, "error": reason})
    return InputError.exit_code


def _complain(where: str, why: object) -> None:
    sys.stderr.write(f"monitor: {one_line(where)}: {one_line(why)}\n")


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    if path == STDIN:
        yield _stdin()
        return
    try:
        stream = Path(path).open("rb")  # noqa: SIM115  # this error is ours, errors while reading are not
    except OSError as error:
        raise unreadable(path, error) from error
    with stream:
        yield stream


def _object(raw: bytes) -> Line:
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise InputError("the line is not JSON", str(error)) from error
    if not isinstance(value, dict):
        raise InputError("the line is not a JSON object", "it must be {…}")
    return value


def _is_id(value: object) -> bool:
    """Whether it is a text or a whole number, which can identify a line and be written in JSON."""
    return isinstance(value, str | int) and not isinstance(value, bool)


def text(line: dict[str, Any], key: str, default: str | None = None) -> str:
    """Return a text of a JSON line.

    Raises InputError if it is missing (and has no default), or is not a text.
    """
    value = line.get(key)
    if value is None and default is not None:
        return default
    if value is None:
        raise InputError(f"{key!r} is missing")
    if key == "id" and _is_id(value):
        return str(value)
    if not isinstance(value, str):
        wanted = "text or a whole number" if key == "id" else "text"
        raise InputError(f"{key!r} must be {wanted}")
    return value
