"""`--help`: in words for people, in one order of commands, on a screen of 80 columns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from rich.cells import cell_len
from support.cli import monitor

from monitor.cli import main


def _paths(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Each command and noun, as the words that one writes."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from _paths(inner, (*path, name))


PATHS = list(_paths(main._line()))


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_a_help_names_no_type_of_python_and_fits_the_screen(
    path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A flag is followed by nothing, any other option by what it takes."""
    monkeypatch.setenv("TERMINAL_WIDTH", "80")
    shown = monitor(*path, "--help").out
    assert not re.search(r"<(bool|str|int|float|list|file|path)\b", shown), shown
    assert all(cell_len(line) <= 80 for line in shown.splitlines())
    assert re.search(r"--json +Answer in JSON\.", shown)
    assert re.search(r"--help +-h +Show this message", shown)


def test_each_command_stands_in_one_panel_of_the_first_help() -> None:
    """A command that is added is put where people look for it."""
    shown = monitor("--help").out
    placed = [name for names in main.PANELS.values() for name in names]
    assert sorted(placed) == sorted(main._line().commands)
    assert "─ Commands ─" not in shown
    at = [shown.index(f"─ {panel} ─") for panel in main.PANELS]
    assert at == sorted(at)


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ("<bool>", ""),
        ("<str>", "TEXT"),
        ("<list[str]>", "TEXT"),
        ("<int range>", "NUMBER"),
        ("<list[new|stale]>", "new|stale"),
        ("<table|json>", "table|json"),
        ("DIR", "DIR"),
    ],
)
def test_what_an_option_takes_is_said_in_words(shown: str, told: str) -> None:
    assert main.kind_of_value(shown) == told
