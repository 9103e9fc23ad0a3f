"""What is printed is safe for a terminal, a spreadsheet and a program that reads JSON."""

import io
import json
import logging
import time
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from monitor.cli import logs, output, stories
from monitor.cli.export import address_in_markdown, in_markdown, inert
from monitor.cli.logs import PLAIN, Formatter
from monitor.shapes.plain import as_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\r\nlines\tand a tab", "two\nlines\tand a tab"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("\x1bcreset", "reset"),
        ("back\x08space\x00\x7f", "backspace"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("\ud800", "?"),
        ("العربية \u200e(NATO)\u200f", "العربية \u200e(NATO)\u200f"),
    ],
)
def test_s101_text_without_what_a_terminal_obeys(text: str, shown: str) -> None:
    """Whole escape sequences are removed; letters of every script, and their marks, stay."""
    assert output.neutral(text) == shown


@given(st.text())
def test_s101_nothing_neutral_starts_a_sequence(text: str) -> None:
    """Removing one sequence does not make another of what is left."""
    assert not set(output.neutral(text)) & {"\x1b", "\x9b", "\x9d", "\x07", "\r"}


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_s101_json_is_harmless_and_keeps_its_value(value: object) -> None:
    """What a terminal would obey is escaped, so that programs read the same text."""
    line = as_json(value)
    assert json.loads(line) == value
    assert not set(line) & {"\x1b", "\x9b", "\n", "\r", "\u2028", "\u202e"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "|", "%", "\x1b[0m="])
def test_s61_a_cell_is_no_formula(start: str) -> None:
    """An apostrophe tells the spreadsheet that the cell is text."""
    assert inert(f"{start}1+1").startswith("'")


@pytest.mark.parametrize("sign", [";", "; ", "\t", "\n"])
def test_s61_what_another_divider_makes_a_cell_is_no_formula_either(sign: str) -> None:
    """Spreadsheets in half of Europe split cells at semicolons, even inside our quotes."""
    assert inert(f"Frigates{sign}=1+1") == f"Frigates{sign[0]}'{sign[1:]}=1+1"


def test_s61_a_text_in_markdown_stays_text_and_an_address_an_address() -> None:
    """What others wrote makes no tag, picture, link or further cell; addresses stay usable."""
    shown = r"\<b\>\\\| !\[x\](//t.test) \`\&lt;\`"
    assert in_markdown(r"<b>\| ![x](//t.test) `&lt;`") == shown
    assert address_in_markdown("https://a.test/x_y?a|b>c\\") == "https://a.test/x_y?a%7Cb%3Ec%5C"


def test_s61_numbers_stay_numbers() -> None:
    """A number is never taken for a formula, not even one below zero."""
    assert (inert(-3), inert(2.5), inert("News")) == ("-3", "2.5", "News")


def test_s101_a_record_is_one_line() -> None:
    """A title with line breaks cannot forge a second record."""
    record = logging.LogRecord(
        "monitor", logging.INFO, "", 0, "got %s", ("a\nINFO forged \x1b[2J",), None
    )
    form = "%(levelname)s %(message)s"
    assert Formatter(form, traces=False).format(record) == "INFO got a INFO forged"


def test_a_record_of_a_fault_has_a_traceback_only_when_asked() -> None:
    """Without a traceback, the reason stands in the same line; the record itself is not changed."""
    try:
        raise KeyError("a\nb")
    except KeyError as error:
        fault = (type(error), error, error.__traceback__)
    record = logging.LogRecord("monitor", logging.ERROR, "", 0, "step %s failed", ("x",), fault)
    assert Formatter(PLAIN, traces=False).format(record) == (
        r"monitor: step x failed: KeyError: 'a\nb'"
    )
    whole = Formatter(PLAIN, traces=True).format(record).splitlines()
    assert whole[:2] == ["monitor: step x failed", "Traceback (most recent call last):"]


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal of 40 columns."""
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("TERM", "xterm")
    return Terminal()


def test_an_address_in_a_narrow_table_is_whole(screen: Terminal) -> None:
    """An address is wrapped but never shortened, because commands take it as it is shown."""
    url = "https://harbour.example/feeds/press-releases/of-the-navy.xml"
    with redirect_stdout(screen):
        output.table(("name", "url"), [("Harbour Post", url)])
    lines = output.neutral(screen.getvalue()).splitlines()
    assert max(map(len, lines)) <= 40
    start = lines[0].index("url")
    assert "".join(line[start:].strip() for line in lines[1:]) == url


def test_words_of_a_narrow_table_are_whole_while_another_column_has_room(screen: Terminal) -> None:
    """The widest column is narrowed, but no word of it is broken while another column can wrap."""
    row = ("email:desk@harbour.example", "a b c d e f g h i j")
    with redirect_stdout(screen):
        output.table(("to", "says"), [row])
    lines = output.neutral(screen.getvalue()).splitlines()
    assert row[0] in lines[1]
    assert max(map(len, lines)) <= 40


def test_a_table_too_wide_to_be_read_becomes_blocks(screen: Terminal) -> None:
    """Else "morning" is three lines of three letters: nobody reads that in 40 columns."""
    columns = ("id", "digest", "recipient", "state", "tries")
    row = (9, "morning", "slack:watch-desk", "refused", 4)
    with redirect_stdout(screen):
        output.table(columns, [row, row], right=("id", "tries"))
    block = [
        *("id         9", "digest     morning", "recipient  slack:watch-desk"),
        *("state      refused", "tries      4"),
    ]
    assert output.neutral(screen.getvalue()).splitlines() == [*block, "", *block]


def test_numbers_in_sentences_have_their_thousands_apart() -> None:
    assert output.count(1204, "feed") == "1,204 feeds"


@pytest.mark.parametrize("title", ["海軍無人機" * 15, "Patrol" * 40, "x" * 5_000])
def test_a_title_of_one_word_leaves_the_other_columns_whole(title: str) -> None:
    """Languages without spaces have such titles; an address keeps its width, however long."""
    row = ("2024-10-18 06:00 (seen)", "Straits Courier", title)
    with redirect_stdout(io.StringIO()) as told:
        output.table(("published", "source", "title"), [row])
    lines = told.getvalue().splitlines()
    assert lines[1].startswith("2024-10-18 06:00 (seen)  Straits Courier  ")
    assert all(cell_len(line) <= 120 for line in lines)
    assert "".join("".join(lines[1:]).split()).endswith("".join(title[-20:].split()))


def test_a_line_of_the_log_goes_to_what_standard_error_is_by_then() -> None:
    """While progress is shown, standard error is a stand-in that prints above the bar."""
    with redirect_stderr(io.StringIO()) as before:
        logs.start("INFO", PLAIN)
        with redirect_stderr(io.StringIO()) as during:
            logging.getLogger("monitor.test").info("a feed is gone")
    assert (before.getvalue(), during.getvalue()) == ("", "monitor: a feed is gone\n")


def test_the_log_tells_the_time_in_UTC_with_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line can be laid beside what the commands print, wherever the machine stands."""
    record = logging.LogRecord("monitor.run", logging.INFO, "", 0, "at work", None, None)
    record.created, record.msecs = 1729240215.007, 7.0
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        line = Formatter(logs.DATED, traces=False).format(record)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert line == "2024-10-18T08:30:15.007Z INFO monitor.run: at work"


def test_F20_a_warning_that_repeats_does_not_fill_the_log() -> None:
    """Word for word the same, it is written once in ten minutes, and any other at once."""

    def warned(at: float, words: str, level: int = logging.WARNING) -> bool:
        record = logging.LogRecord("monitor.daemon", level, "", 0, "%s waits", (words,), None)
        record.created = at
        return seldom.filter(record)

    seldom = logs.Seldom()
    said = [at for at in range(0, 3600, 2) if warned(at, "poll")]
    assert said == [0, 600, 1200, 1800, 2400, 3000]
    assert warned(3600, "publish")
    assert [warned(3600, "poll", logging.ERROR) for _ in range(2)] == [True, True]
    assert [warned(-7200, "poll") for _ in range(2)] == [True, False]  # the clock was put back
    names = [str(number) for number in range(5000)]
    assert all(warned(3600, name) for name in names)
    assert warned(3600, "0")  # what is remembered has a bound


def test_a_long_line_goes_on_under_its_text(screen: Terminal) -> None:
    """A wrapped line keeps its words whole and shows its head once."""
    head = "2024-10-18  poll  "
    with redirect_stdout(screen):
        output.hung(head, "Harbour Post: three new of thirty, all of them today")
    lines = output.neutral(screen.getvalue()).splitlines()
    assert [line[:18] for line in lines] == [head, *[" " * 18] * (len(lines) - 1)]
    told = " ".join(line[18:] for line in lines)
    assert told == "Harbour Post: three new of thirty, all of them today"
    assert max(map(len, lines)) <= 40


def test_a_text_is_read_on_a_screen_without_broken_words(screen: Terminal) -> None:
    """Into a pipe it goes as it is; on a screen of 40 columns no word is cut in two."""
    text = "The ministers met in the northern harbour on Thursday.\n\nThey agreed  on frigates."
    with redirect_stdout(screen):
        output.prose(text)
    lines = output.neutral(screen.getvalue()).splitlines()
    assert lines == [
        "The ministers met in the northern",
        "harbour on Thursday.",
        "",
        "They agreed on frigates.",
    ]
    with redirect_stdout(io.StringIO()) as piped:
        output.prose(text)
    assert piped.getvalue() == f"{text}\n"


def test_no_news_is_told_without_broken_words(screen: Terminal) -> None:
    """A summary is longer than a line of most terminals."""
    with redirect_stdout(screen):
        stories._tell_bursts([], [], datetime(2024, 10, 18, 6, tzinfo=UTC))
    assert screen.getvalue().splitlines()[:2] == [
        "no news of these watchlists in the 24",
        "hours to 2024-10-18 06:00 UTC",
    ]


def test_F22_a_line_of_the_log_that_cannot_be_written_is_lost_without_a_traceback() -> None:
    """Whether memory, the disk or the line itself is at fault, the log goes on after it."""
    said = io.StringIO()
    with redirect_stderr(said):
        logs.start("INFO")
        logging.getLogger("monitor.test").warning("%d", "no number")
        logging.getLogger("monitor.test").warning("the next line")
    assert "Traceback" not in said.getvalue()
    assert said.getvalue().count("\n") == 1
