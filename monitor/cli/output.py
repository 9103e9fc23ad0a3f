"""What commands print: JSON for programs, tables for people, and never terminal control sequences.

Titles, addresses and reasons are other people's words. Nothing in them may move the cursor,
colour the screen or change the direction of the text around them (S101).
"""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from shutil import copymode
from typing import IO, TYPE_CHECKING, Any

from monitor.errors import FailedError, InputError, MonitorError
from monitor.shapes.plain import as_json

if TYPE_CHECKING:
    from rich.console import Console

    from monitor.model import Article

FULL = (errno.ENOSPC, errno.EDQUOT)
"""The system's error numbers for a full disk or quota."""
_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS: titles, links, clipboard
    r"|\x9b[0-?]*[ -/]*[@-~]|\x1b."
)
# The plain direction marks stay: Arabic and Hebrew use them.
_CONTROLS = "\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff"
_CONTROL = re.compile(f"[{_CONTROLS}]")
_PIPE_WIDTH = 120


def neutral(text: str) -> str:
    """Return the text without control sequences; line breaks and tabs stay."""
    text = text.replace("\r\n", "\n")
    text = _CONTROL.sub("", _SEQUENCES.sub("", text))
    return text.encode("utf-8", "replace").decode("utf-8")


def one_line(text: object) -> str:
    """Return the text without control sequences, on one line."""
    return " ".join(neutral(str(text)).split())


def unwritable(out: Path, error: OSError) -> OSError | InputError:
    """Return the error for a file that cannot be created: a full disk is not the name's fault."""
    if error.errno in FULL:
        return error
    hint = "check its name, and that you may write there"
    return InputError("cannot be written", error.strerror or "", hint, where=str(out))


def unreadable(name: str, error: OSError) -> InputError:
    """Return the error for a file that cannot be opened."""
    hint = "check its name, and that you may read it"
    if "://" in name:
        hint = "only http:// and https:// addresses are fetched"
    return InputError("cannot be read", error.strerror or "", hint, where=name)


@contextmanager
def written(out: Path) -> Iterator[IO[str]]:
    """Open a file to write text into. It gets its name once complete, so that a failure leaves the
    previous file in place. What is not a regular file, such as a pipe, is written to directly.

    Raises InputError if it cannot be written, OSError on a full disk.
    """
    place = out.resolve()
    kept = place.is_file()
    beside = place.with_name(f".{place.name}.{os.getpid()}.part")
    part = beside if kept or not place.exists() else place
    try:
        stream = part.open("w", encoding="utf-8", newline="")
    except OSError as error:
        raise unwritable(out, error) from error
    try:
        with stream:
            yield stream
        if part is beside:
            if kept:
                copymode(place, part)
            part.replace(place)
    finally:
        beside.unlink(missing_ok=True)


def emit(value: Any) -> None:
    """Print one line of JSON at once, so that a program reading line by line never waits."""
    sys.stdout.write(as_json(value) + "\n")
    sys.stdout.flush()


def unforeseen(error: BaseException) -> MonitorError:
    """Convert an unforeseen error: a full disk is known by its number, the rest is our fault."""
    from monitor.errors import TryLaterError

    if isinstance(error, OSError) and error.errno in FULL:
        return TryLaterError("the disk is full", hint="make room; nothing stored was lost")
    if isinstance(error, OSError):
        return MonitorError(error.strerror or "the system refused", str(error.filename or ""))
    why = f"{type(error).__name__}: {error}"
    return MonitorError("internal error", why, "run again with --debug and report it")


def failed(
    what: str, reasons: Sequence[str], hint: str, kind: type[MonitorError] = FailedError
) -> MonitorError:
    """Return the error that nothing succeeded, with the first reason; the answer has them all."""
    more = f", and {len(reasons) - 1} more" if len(reasons) > 1 else ""
    return kind(what, reasons[0] + more, hint)


def all_read(waiting: Sequence[MonitorError]) -> None:
    """Raise an error if entries could not be read, with the reason of the first of them."""
    if waiting:
        first, number = waiting[0], len(waiting)
        told = "1 entry waits" if number == 1 else f"{number} entries wait"
        why = f"{first.what}: {first.why}" if first.why else first.what
        raise type(first)(told, why, first.hint, first.where)


def say(text: str = "", end: str = "\n") -> None:
    """Print text for people."""
    sys.stdout.write(neutral(text) + end)


def hung(head: str, text: str, style: str = "") -> None:
    """Print text after its head; on a terminal, further lines are indented below it."""
    text = one_line(text)
    if not sys.stdout.isatty():
        say(head + text)
        return
    from rich.text import Text

    screen = console()
    for line in Text(text).wrap(screen, max(screen.width - len(head), 20)) or [Text()]:
        screen.print(Text(head + line.plain.rstrip(), style=style), soft_wrap=True)
        head = " " * len(head)


def prose(text: str) -> None:
    """Print a text with its line breaks; on a terminal, its lines are broken between words too."""
    if not sys.stdout.isatty():
        say(text)
        return
    for line in text.split("\n"):
        hung("", line)


def raw(text: str) -> None:
    """Print text unchanged, for forms that have their own rules to make it safe."""
    sys.stdout.write(text)


def note(text: str) -> None:
    """Tell people something beside the answer, on standard error; lost if nothing takes it."""
    with suppress(OSError):
        sys.stderr.write(neutral(text) + "\n")


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, right: Sequence[str] = ()
) -> None:
    """Print a table that fits the terminal: words wrap, numbers and times never do. Where it is too
    narrow for that, each row becomes a block of lines.

    The head of a column of times names their zone. `right`: names of the columns with numbers. The
    layout is our own: rich takes a thousand times as long per row, and there are lists of 20,000
    feeds.
    """
    from rich.text import Text

    rows = list(rows)
    times = [any(isinstance(row[place], datetime) for row in rows) for place in range(len(columns))]
    numbers = [name in right for name in columns]
    whole = [number or time for number, time in zip(numbers, times, strict=True)]
    columns = [f"{name} (UTC)" if time else name for name, time in zip(columns, times, strict=True)]
    shown = [[one_line(cell(value)) for value in row] for row in rows]
    screen = console()
    if rows and _least([list(columns), *shown], whole) > screen.width:
        sys.stdout.writelines(f"{line}\n" for line in _blocks(columns, shown, screen.width))
        return
    widths = _widths([list(columns), *shown], whole, screen.width)
    for line in _laid_out(columns, widths, numbers):
        screen.print(Text(line, style="bold"), soft_wrap=True)
    for cells in shown:
        sys.stdout.writelines(f"{line}\n" for line in _laid_out(cells, widths, numbers))


_BETWEEN = 2
"""Spaces between two columns."""
_LONGEST = 30
"""The most columns that a word can claim for being whole. Languages without spaces, and jokers,
have titles of a single word, beside which all other columns would be a few letters wide."""


_READABLE = 16
"""Columns of a word that must stand together: beside narrower pieces a row cannot be read."""


def _least(rows: Sequence[Sequence[str]], whole: Sequence[bool]) -> int:
    """Return the columns that a table needs to be read at all."""
    from rich.cells import cell_len

    widths = [
        max(cell_len(text) if own else min(_longest(text), _READABLE) for text in column)
        for column, own in zip(zip(*rows, strict=True), whole, strict=True)
    ]
    return sum(widths) + _BETWEEN * (len(widths) - 1)


def _longest(text: str) -> int:
    from rich.cells import cell_len

    return max(map(cell_len, text.split(" ")))


def _blocks(columns: Sequence[str], rows: Iterable[Sequence[str]], room: int) -> Iterator[str]:
    """Yield rows below each other: a line for each value, after the name of its column."""
    head = max(map(len, columns))
    widths = (head, max(room - head - _BETWEEN, _READABLE))
    for place, cells in enumerate(rows):
        if place:
            yield ""
        for pair in zip(columns, cells, strict=True):
            yield from _laid_out(pair, widths, (False, False))


def _widths(rows: Sequence[Sequence[str]], whole: Sequence[bool], room: int) -> list[int]:
    """Return the width of each column: if not all fit, the widest of those that wrap shrink, and
    words, if not longer than `_LONGEST`, and addresses are broken only if there is no other way.
    """
    from rich.cells import cell_len

    columns = list(zip(*rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    over = sum(widths) + _BETWEEN * (len(widths) - 1) - room
    if over <= 0:
        return widths
    words = [
        max(_claimed(word, cell_len(word)) for text in column for word in text.split(" "))
        for column in columns
    ]
    for _ in range(over):
        place = max(
            range(len(widths)),
            key=lambda one: (not whole[one], widths[one] > words[one], widths[one]),
        )
        widths[place] = max(widths[place] - 1, 1)
    return widths


def _claimed(word: str, width: int) -> int:
    """Return how many columns a word claims: an address that is broken is hard to follow."""
    return width if width <= _LONGEST or "://" in word else _LONGEST


def _laid_out(
    cells: Sequence[str], widths: Sequence[int], numbers: Sequence[bool]
) -> Iterator[str]:
    """Yield the lines of a row: a cell that is too long continues on the next one."""
    from rich.cells import cell_len

    parts = [_wrapped(text, width) for text, width in zip(cells, widths, strict=True)]
    for line in zip_longest(*parts, fillvalue=""):
        spaces = (" " * (width - cell_len(text)) for text, width in zip(line, widths, strict=True))
        placed = [
            space + text if number else text + space
            for text, space, number in zip(line, spaces, numbers, strict=True)
        ]
        yield (" " * _BETWEEN).join(placed).rstrip()


def _wrapped(text: str, width: int) -> list[str]:
    """Wrap text to a width. An address is wrapped too: if cut off, no command would know it."""
    from rich.cells import cell_len, chop_cells

    if cell_len(text) <= width:
        return [text]
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        longer = f"{line} {word}" if line else word
        if cell_len(longer) <= width:
            line = longer
            continue
        *full, rest = chop_cells(word, width)
        lines += [*([line] if line else []), *full]
        line = rest
    return [*lines, line]


def count(number: int, one: str, many: str = "") -> str:
    """Return "1 feed", "2 feeds" or "1,204 feeds"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size(count: int) -> str:
    """Write a number of bytes the way people do: "812 B", "12 kB", "3.4 MB"."""
    amount, power = float(count), 0
    while amount >= 999.5 and power < len(UNITS) - 1:
        amount, power = amount / 1000, power + 1
    exact = f"{amount:.1f}" if power and amount < 9.95 else f"{amount:.0f}"
    return f"{exact} {UNITS[power]}"


UNITS = ("B", "kB", "MB", "GB", "TB")


def shortened(address: str, width: int) -> str:
    """Fit an address into this many columns: what is left out is marked after its host."""
    if len(address) <= width:
        return address
    head = min(address.find("/", 8) + 1 or width // 2, width // 2)
    return f"{address[:head]}…{address[len(address) - (width - head - 1) :]}"


def cell(value: object) -> str:
    """Return a value as a table shows it."""
    if value is None or value == "":
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return moment(value) if isinstance(value, datetime) else str(value)


def moment(at: datetime | None) -> str:
    """Format a time for people: to the minute, in UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else "-"


def dated(article: Article, zone: str = "") -> str:
    """Say when it was published, for people; if in the future (F40), when it was first seen.

    `zone`: what follows the time where no table head names its zone.
    """
    if not article.published:
        return "-"
    seen = " (seen)" if article.at != article.published else ""
    return f"{moment(article.at)}{zone}{seen}"


def console() -> Console:
    """Return standard output as rich sees it."""
    from rich.console import Console

    return Console(width=_width(), highlight=False, emoji=False, markup=False)


def _width() -> int | None:
    """None: the width of the terminal we write to; in a pipe, that of the terminal behind it."""
    if sys.stdout.isatty():
        return None
    return os.get_terminal_size(sys.stderr.fileno()).columns if sys.stderr.isatty() else _PIPE_WIDTH


@contextmanager
def progress(wanted: bool = True) -> Iterator[Callable[[str, int, int], None]]:
    """Show progress on standard error if that is a terminal; otherwise stay silent.

    Yields a function to call with (step, done, total).
    """
    if not (wanted and sys.stderr.isatty()):
        yield lambda _step, _done, _total: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    screen = Console(stderr=True)
    columns = (TextColumn("{task.description:>8}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=screen, transient=True) as shown:
        tasks: dict[str, Any] = {}

        def tell(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = shown.add_task(step, total=total)
            shown.update(tasks[step], completed=done, total=total)

        yield tell


Column = str | Callable[[Any], object]
"""The key of a row, or what to show of a row."""


def listing(
    rows: Sequence[Mapping[str, Any]],
    columns: Mapping[str, Column],
    *,
    empty: str,
    as_lines: bool,
    right: Sequence[str] = (),
) -> None:
    """Print rows: as a JSON array, or as a table of `columns`, by their headings."""
    if as_lines:
        emit(list(rows))
    elif rows:
        cells = [
            [row[of] if isinstance(of, str) else of(row) for of in columns.values()] for row in rows
        ]
        table(list(columns), cells, right=right)
    else:
        say(empty)
