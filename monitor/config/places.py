"""Where in a TOML file a key stands: the line numbers that `tomllib` does not give.

The scanner walks a document that `tomllib` has already accepted, so it need not validate: it only
has to know where strings, arrays and tables begin and end (TOML 1.0, https://toml.io/en/v1.0.0).
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass

Path = tuple[str | int, ...]
"""Keys and array positions, from the top of the document: ("feeds", 2, "url")."""

_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SCALAR = re.compile(r"[^,\]}#\r\n]+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRINGS = (
    re.compile(r'"""(?P<text>(?:[^\\]|\\.)*?"{0,2})"""(?!")', re.DOTALL),
    re.compile(r"'''(?P<text>.*?'{0,2})'''(?!')", re.DOTALL),
    re.compile(r'"(?P<text>(?:[^"\\]|\\.)*)"'),
    re.compile(r"'(?P<text>[^']*)'"),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Lines, from 1: of a key (or table header), and of the first character of its value."""

    line: int
    value_line: int


def places(text: str) -> dict[Path, Place]:
    """Return the place of each key, table and array item of a valid TOML document."""
    return _Scanner(text).scan()


class _Scanner:
    def __init__(self, text: str) -> None:
        self.text = text.replace("\r\n", "\n")  # as tomllib does
        self.at = 0
        self.breaks = [found.start() for found in re.finditer("\n", self.text)]
        self.found: dict[Path, Place] = {}
        self.tables: dict[Path, int] = {}
        """Arrays of tables -> how many tables each has so far."""

    def scan(self) -> dict[Path, Place]:
        table: Path = ()
        for _ in self._statements():
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
        return self.found

    def _statements(self) -> Iterator[None]:
        self._skip()
        while self.at < len(self.text):
            yield
            self._skip()

    def _header(self) -> Path:
        """Read `[a.b]` or `[[a.b]]`; return the path of the table whose keys follow."""
        line = self._line()
        many = self.text.startswith("[[", self.at)
        self.at += 2 if many else 1
        keys = self._key()
        self.at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            path = self._latest((*path, key))
            self.found.setdefault(path, Place(line, line))
        path = (*path, keys[-1])
        if many:
            self.found.setdefault(path, Place(line, line))
            self.tables[path] = self.tables.get(path, -1) + 1
        path = self._latest(path)
        self.found[path] = Place(line, line)
        return path

    def _latest(self, path: Path) -> Path:
        """A name inside a header means the last table of an array of tables."""
        return (*path, self.tables[path]) if path in self.tables else path

    def _pair(self, table: Path) -> None:
        line = self._line()
        path = table
        for key in self._key():
            path = (*path, key)
            self.found.setdefault(path, Place(line, line))
        self.at += 1  # "="
        self._value(path, line)

    def _key(self) -> list[str]:
        """Read a key, dotted or not; stop before "=" or "]"."""
        keys: list[str] = []
        while True:
            self._skip()
            if bare := _BARE_KEY.match(self.text, self.at):
                self.at = bare.end()
                keys.append(bare[0])
            else:
                keys.append(_unquoted(self._string()[1]))
            self._skip()
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def _value(self, path: Path, line: int) -> None:
        self._skip()
        start, line_of_value = self.text[self.at], self._line()
        if start in "\"'":
            begins, raw = self._string()
            if self.text.startswith(start * 3, begins - 3) and raw.startswith("\n"):
                line_of_value += 1  # a line break right after the quotes is not part of the text
        elif start == "[":
            self._array(path)
        elif start == "{":
            self._inline_table(path)
        elif scalar := _SCALAR.match(self.text, self.at):
            self.at = scalar.end()
        self.found[path] = Place(line, line_of_value)

    def _array(self, path: Path) -> None:
        for index in self._items("]"):
            item = (*path, index)
            self._value(item, self._line())

    def _inline_table(self, path: Path) -> None:
        for _ in self._items("}"):
            self._pair(path)

    def _items(self, end: str) -> Iterator[int]:
        """Stop before each item in turn, and finally after the closing bracket."""
        self.at += 1
        self._skip()
        index = 0
        while not self.text.startswith(end, self.at):
            yield index
            index += 1
            self._skip()
            if self.text.startswith(",", self.at):
                self.at += 1
                self._skip()
        self.at += 1

    def _string(self) -> tuple[int, str]:
        """Step over a string; return where its text begins, and the text as written."""
        found = next(match for kind in _STRINGS if (match := kind.match(self.text, self.at)))
        self.at = found.end()
        return found.start("text"), found["text"]

    def _skip(self) -> None:
        blank = _BLANK.match(self.text, self.at)
        self.at = blank.end() if blank else self.at

    def _line(self) -> int:
        return bisect_left(self.breaks, self.at) + 1


def _unquoted(raw: str) -> str:
    """Unquote a key; escapes in keys are rare enough to leave them to the standard library."""
    return next(iter(tomllib.loads(f'"{raw}" = 0'))) if "\\" in raw else raw
