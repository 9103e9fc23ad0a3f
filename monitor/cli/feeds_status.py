"""What `monitor feeds status` prints: the condition of each feed, the most worrying first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from monitor.cli import output
from monitor.feeds.condition import Condition
from monitor.feeds.decide import SAME_BYTES
from monitor.model import OutcomeKind
from monitor.pipeline.feeds_judged import Told, answer, next_poll, share
from monitor.redact import shareable

if TYPE_CHECKING:
    from rich.text import Text

GAP = "  "
NAME_WIDTHS = (16, 40)
"""The least and the most columns of a name."""
LEAST_REASON = 16
"""With fewer columns than this, a reason goes below its feed."""
COLOURS = {
    Condition.NEW: "",
    Condition.SOUND: "green",
    Condition.FALTERING: "yellow",
    Condition.STALE: "yellow",
    Condition.WAVERING: "yellow",
    Condition.REDATED: "yellow",
}
"""Other conditions are red."""


def show(told: Sequence[Told], now: datetime, width: int) -> None:
    """Print the feeds for people, on a screen of `width` columns."""
    from rich.text import Text

    console = output.console()
    for line in _summary(told, now):
        console.print(Text(line), width=width)
    output.say()
    for row in _table(told, now, width):
        console.print(row, soft_wrap=True)


def _summary(told: Sequence[Told], now: datetime) -> list[str]:
    counts = Counter(one.condition for one in told)
    parts = [f"{counts[condition]} {condition}" for condition in Condition if counts[condition]]
    accounts = [one.account for one in told]
    polls = sum(one.polls for one in accounts)
    received = output.size(sum(one.bytes for one in accounts))
    lately = output.size(sum(one.bytes_day or 0 for one in accounts))
    return [
        f"{output.count(len(told), 'feed')} at {output.moment(now)} UTC: {', '.join(parts)}",
        f"{output.count(polls, 'poll')}, {share(accounts)} answered 304; "
        f"{received} in all, {lately} in the last 24 hours",
    ]


HEADINGS = ("feed", "condition", "last answer", "next", "304", "24 h", "entries", "because")
RIGHT = frozenset({"304", "24 h", "entries"})


def _table(told: Sequence[Told], now: datetime, width: int) -> list[Text]:
    """Return a line for each feed, and lines below it for what does not fit."""
    rows = [_cells(one, now) for one in told]
    widths = _widths(rows, width)
    if not any(0 < len(cells[-1]) <= widths[-1] for cells in rows):  # all reasons go below
        widths = _widths(rows, width, reasons=False)
    lines = [_line(HEADINGS, widths, "bold")]
    for one, cells in zip(told, rows, strict=True):
        whole = len(cells[-1]) <= widths[-1]
        lines.append(_line(cells if whole else (*cells[:-1], ""), widths, condition=one.condition))
        lines += _below(one, "" if whole else cells[-1], width)
    return lines


def _cells(one: Told, now: datetime) -> tuple[str, ...]:
    account = one.account
    size = "-" if account.bytes_day is None else output.size(account.bytes_day)
    texts = (
        one.name,
        one.condition.value,
        answer(account, now),
        next_poll(account, now),
        share([account]),
        size,
        str(account.entries),
        account.due_why if account.due else "",
    )
    return tuple(output.one_line(text) for text in texts)


def _widths(rows: Sequence[Sequence[str]], width: int, *, reasons: bool = True) -> list[int]:
    """Return the columns of each cell: numbers and times get all they need, the rest share."""
    from rich.cells import cell_len

    widths = [max(map(cell_len, column)) for column in zip(HEADINGS, *rows, strict=True)]
    fixed = sum(widths[1:-1]) + len(GAP) * (len(widths) - 1)
    least, most = NAME_WIDTHS
    for place in range(len(widths) - 2, 3, -1):
        if fixed + least > width:  # a narrow terminal: drop numbers, last ones first
            fixed -= widths[place] + len(GAP)
            widths[place] = 0
    name, free = min(widths[0], most), width - fixed
    if reasons and free - min(name, free // 2) >= LEAST_REASON:
        widths[0] = min(name, free // 2)
        widths[-1] = free - widths[0]
    else:
        widths[0] = min(name, max(least, free + len(GAP)))
        widths[-1] = 0
    return widths


def _line(
    cells: Sequence[str],
    widths: Sequence[int],
    style: str = "",
    condition: Condition | None = None,
) -> Text:
    from rich.text import Text

    line = Text(style=style)
    for place, (cell, width, name) in enumerate(zip(cells, widths, HEADINGS, strict=True)):
        if not width:
            continue
        text = Text(cell, style=COLOURS.get(condition, "red") if condition and place == 1 else "")
        text.truncate(width, overflow="ellipsis")
        text.align("right" if name in RIGHT else "left", width)
        line.append(GAP if place else "").append_text(text)
    line.rstrip()
    return line


def _below(one: Told, due_why: str, width: int) -> list[Text]:
    """Return what is wrong, why the next poll is when it is, and the address to look at."""
    from rich.text import Text

    room = width - len(GAP)
    texts = [output.one_line(finding.why) for finding in one.findings]
    read = one.account.last_outcome in (OutcomeKind.NEW, OutcomeKind.UNCHANGED)
    if read and one.account.last_why not in ("", SAME_BYTES):
        texts.append(f"its document: {output.one_line(one.account.last_why)}")
    if due_why and not any(due_why in text for text in texts):
        texts.append(f"next: {due_why}")
    if one.findings:
        texts.append(
            output.shortened(output.one_line(shareable(one.account.polling.feed.url)), room)
        )
    lines = (line for text in texts for line in Text(text).wrap(output.console(), room))
    return [Text(GAP, style="dim").append_text(line) for line in lines]
