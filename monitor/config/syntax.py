"""What to do about text that is not TOML: the parser says where it stopped, not what was meant."""

from __future__ import annotations

import re

_YAML = re.compile(r"\s*(?:-\s|[\w-]+\s*:(?:\s|$))")
_CURLY = "“”„«»‘’‚"
_STRAIGHT = "write straight quotation marks, \"…\" or '…'"
_HINTS = (
    ("backslash", r"between single quotation marks a \ is only a \: '…'"),
    ("escape", r"between single quotation marks a \ is only a \: '…'"),
    ("unescaped '\\'", r"between single quotation marks a \ is only a \: '…'"),
    (
        "illegal character '\\n'",
        "close the quotation mark; a text of several lines stands between '''",
    ),
    ("unterminated string", "close the quotation mark; a text of several lines stands between '''"),
    ("expected \"'''\"", "close the text with '''"),
    ('expected \'"""\'', 'close the text with """'),
    ("array", "close it with ]; between two items stands a comma"),
    ("inline table", "close it with }; between two items stands a comma, and all are on one line"),
    (
        "overwrite a value",
        "the key is there twice: keep one, and put several values into a list [ , ]",
    ),
    ("twice", "the table is there twice: keep one, or write [[NAME]] if there may be several"),
    ("after a statement", "to have quotation marks inside a text put it between single ones: '…'"),
    ("expected '='", 'write KEY = VALUE, and text in quotation marks: title = "Frigates"'),
    ("statement", 'write KEY = VALUE, and text in quotation marks: title = "Frigates"'),
    ("key part", "a table in braces { } stands on one line, and a key has no quotation marks"),
)
"""Parts of the parser's messages, in small letters, and what helps; the first that fits."""


def hint(message: str, text: str, line: int, column: int | None) -> str:
    """What to do about a mistake that the parser found at a line and column (from 1) of `text`;
    empty where nothing better than the place can be said."""
    lines = text.split("\n")
    shown = lines[line - 1] if line <= len(lines) else ""
    at = shown[column - 1 : column] if column else ""
    if at in tuple(_CURLY):
        return _STRAIGHT
    if text.lstrip().startswith("{"):
        return "this looks like JSON: write each key on a line of its own, KEY = VALUE"
    if _YAML.match(shown):
        return 'this looks like YAML: write KEY = VALUE, and a list as KEY = ["…", "…"]'
    small = message.lower()
    if "invalid value" in small and at:
        if shown[(column or 1) - 1 :].startswith(("True", "False")):
            return "write true and false in small letters"
        if at.isalpha():
            return 'put text into quotation marks: "…"'
    if "after a statement" in small and not set("\"'") & set(shown):
        return "after a value the line ends; a fraction is written with a point"
    return next((what for part, what in _HINTS if part in small), "")
