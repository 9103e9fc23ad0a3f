"""What is printed is safe for a terminal, a spreadsheet and a program that reads JSON."""

import json
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.cli import output
from monitor.cli.export import inert
from monitor.cli.logs import PLAIN, Formatter


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
    """Whole sequences go; letters of every script, and their marks, stay."""
    assert output.neutral(text) == shown


@given(st.text())
def test_s101_nothing_neutral_starts_a_sequence(text: str) -> None:
    """Not even what is left when something was taken out."""
    assert not set(output.neutral(text)) & {"\x1b", "\x9b", "\x9d", "\x07", "\r"}


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_s101_json_is_harmless_and_keeps_its_value(value: object) -> None:
    """What a terminal would obey is escaped, so that programs read the same text."""
    line = output.as_json(value)
    assert json.loads(line) == value
    assert not set(line) & {"\x1b", "\x9b", "\n", "\r", "\u2028", "\u202e"}


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " =", "|", "%", "\x1b[0m="])
def test_s61_a_cell_is_no_formula(start: str) -> None:
    """An apostrophe tells the spreadsheet that it is text."""
    assert inert(f"{start}1+1").startswith("'")


def test_s61_numbers_stay_numbers() -> None:
    """Also those below zero."""
    assert (inert(-3), inert(2.5), inert("News")) == ("-3", "2.5", "News")


def test_s101_a_record_is_one_line() -> None:
    """A title with line breaks cannot forge a second record."""
    record = logging.LogRecord(
        "monitor", logging.INFO, "", 0, "got %s", ("a\nINFO forged \x1b[2J",), None
    )
    form = "%(levelname)s %(message)s"
    assert Formatter(form, traces=False).format(record) == "INFO got a INFO forged"


def test_a_record_of_a_fault_has_a_traceback_only_when_asked() -> None:
    """Without `--debug` its reason is told in the same line; the record itself is left whole."""
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
