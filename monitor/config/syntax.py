"""What to do about text that is not TOML: the parser says where it stopped, not what was meant."""

from __future__ import annotations

import re

_YAML = re.compile(r"\s*(?:-\s|[\w-]+\s*:(?:\s|$))")
_CURLY = "“”„«»‘’‚"
_STRAIGHT = "write straight quotation marks, \"…\" or '…'"
_QUOTED = 'put text into quotation marks: "…"'
_CLOSED = "close the quotation mark; a text of several lines stands between '''"
_PLAIN = r"between single quotation marks a \ is only a \: '…'"
_PAIR = 'write KEY = VALUE, and text in quotation marks: title = "Frigates"'
_TABLE = "a table is [NAME], or [[NAME]] if there may be several, on a line of its own"
_HINTS = (
    ("backslash", _PLAIN),
    ("escape", _PLAIN),
    ("unescaped '\\'", _PLAIN),
    ("illegal character '\\n'", _CLOSED),
    ("unterminated string", _CLOSED),
    ('expected "\'"', _CLOSED),
    ("expected \"'''\"", "close the text with '''"),
    ('expected \'"""\'', 'close the text with """'),
    ("declaration", _TABLE),
    ("array", "close it with ]; between two items stands a comma"),
    ("inline table", "close it with }; between two items stands a comma, and all are on one line"),
    (
        "overwrite a value",
        "the key is there twice: keep one, and put several values into a list [ , ]",
    ),
    ("twice", "the table is there twice: keep one, or write [[NAME]] if there may be several"),
    ("expected '='", _PAIR),
    ("statement", _PAIR),
)
"""Parts of the parser's messages, in small letters, and what helps; the first that fits."""


def hint(message: str, text: str, line: int, column: int | None) -> str:
    """What to do about a mistake that the parser found at a line and column (from 1) of `text`;
    empty where nothing better than the place can be said."""
    lines = text.split("\n")
    shown = lines[line - 1] if line <= len(lines) else ""
    at = shown[column - 1 : column] if column else ""
    rest = shown[column - 1 :] if column else ""
    small = message.lower()
    if at in tuple(_CURLY):
        return _STRAIGHT
    if text.lstrip().startswith("{"):
        return "this looks like JSON: write each key on a line of its own, KEY = VALUE"
    if "expected '='" in small and _YAML.match(shown):
        return 'this looks like YAML: write KEY = VALUE, and a list as KEY = ["…", "…"]'
    if "invalid value" in small and at:
        return _instead(rest)
    if "after a statement" in small and column:
        return _behind(shown[: column - 1], rest)
    if "key part" in small and "{" in shown:
        return "a table in braces { } stands on one line, and no comma stands before }"
    return next((what for part, what in _HINTS if part in small), "")


def _instead(value: str) -> str:
    """What to write instead of something that is no value."""
    if value.startswith(("True", "False")):
        return "write true and false in small letters"
    if value.startswith(("null", "None")):
        return "to state nothing leave the key out"
    return _QUOTED if value[0].isalpha() else ""


def _behind(before: str, rest: str) -> str:
    """What to do about the rest of a line, behind a value or a table's name."""
    value = before.partition("=")[2].strip()
    if rest.startswith(("//", ";")):
        return "a note begins with #"
    if rest.strip() == ",":
        return "no comma stands behind a value"
    if before.lstrip().startswith("["):
        return _TABLE
    if value.startswith('"'):
        return "to have quotation marks inside a text put it between single ones: '…'"
    if value.startswith("'"):
        return 'to have an apostrophe inside a text put it between double ones: "…"'
    if rest[:1].isalpha():
        return _QUOTED
    return "after a value the line ends; a fraction is written with a point"
