"""One settings file as read: its values, and where each of them stands."""

from __future__ import annotations

import re
import stat
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from monitor.config import places, syntax
from monitor.errors import Mistake

_REFERENCE = re.compile(r"\$\{(?P<name>[A-Za-z_][A-Za-z0-9_]*)\}")
_SYNTAX_PLACE = re.compile(
    r"\s*\(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)"
)
_PREFIX = "MONITOR_"


@dataclass(slots=True)
class Notes:
    """What is found wrong while the settings are read: errors, and what is merely unwise."""

    mistakes: list[Mistake] = field(default_factory=list)
    warnings: list[Mistake] = field(default_factory=list)

    def mistake(self, where: str, what: str, hint: str = "") -> None:
        """Note something that keeps the settings from being used."""
        self.mistakes.append(Mistake(where, what, hint))

    def warning(self, where: str, what: str, hint: str = "") -> None:
        """Note something that a person should know."""
        self.warnings.append(Mistake(where, what, hint))


@dataclass(slots=True)
class Document:
    """A settings file: nested dicts and lists, and the place of everything in it."""

    name: str
    """The name shown to people: relative to the settings folder."""
    values: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    """The text as read."""
    set_by: dict[places.Path, str] = field(default_factory=dict)
    """For values set elsewhere: the environment variable or option that they came from."""
    unresolved: set[places.Path] = field(default_factory=set)
    """Values that refer to something missing, which has been noted."""
    referred: set[places.Path] = field(default_factory=set)
    """Values that stand elsewhere, in a variable or a file of their own."""
    open_to_all: Path | None = None
    """Where the file is, if everybody can read it."""
    _lines: Mapping[places.Path, places.Place] | None = None

    @property
    def lines(self) -> Mapping[places.Path, places.Place]:
        """Where everything stands; computed on first use, since few files need it."""
        if self._lines is None:
            self._lines = places.places(self.text)
        return self._lines

    def where(self, path: places.Path, *, line: int | None = None) -> str:
        """Return FILE:LINE of a key, or of the nearest table around it.

        `line` (from 1) asks for that line of the key's text instead of the key's own.
        """
        for setter, by in self.set_by.items():
            if setter[: len(path)] == path and path not in self.lines:
                return by
        for length in range(len(path), 0, -1):
            if path[:length] in self.set_by:
                return self.set_by[path[:length]]
            if place := self.lines.get(path[:length]):
                inside = line is not None and length == len(path)
                at = place.value_line + (line or 1) - 1 if inside else place.line
                return f"{self.name}:{at}"
        return self.name


def read(path: Path, name: str, environ: Mapping[str, str], notes: Notes) -> Document | None:
    """Read a TOML file and resolve its references (`${NAME}`, `file:PATH`).

    Returns None if it cannot be read; the reason is noted.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")  # editors on Windows write a BOM
        values = tomllib.loads(text)
    except OSError as error:
        notes.mistake(name, f"cannot be read: {error.strerror}")
    except UnicodeDecodeError as error:
        notes.mistake(name, "is not UTF-8", f"save it as UTF-8; the byte at {error.start} is not")
    except tomllib.TOMLDecodeError as error:
        _note_syntax(str(error), text, name, notes)
    else:
        document = Document(name, values, text)
        document.open_to_all = path if path.stat().st_mode & stat.S_IROTH else None
        _resolve(document, path.parent, environ, notes)
        return document
    return None


def _note_syntax(message: str, text: str, name: str, notes: Notes) -> None:
    found = _SYNTAX_PLACE.search(message)
    line = int(found["line"]) if found and found["line"] else text.count("\n") + 1
    column = int(found["column"]) if found and found["column"] else None
    what = _SYNTAX_PLACE.sub("", message)
    said = f"not TOML{f', column {column}' if column else ''}: {what[:1].lower()}{what[1:]}"
    notes.mistake(f"{name}:{line}", said, syntax.hint(what, text, line, column))


def override(document: Document, folder: Path, environ: Mapping[str, str], notes: Notes) -> None:
    """Override values of monitor.toml with MONITOR_SECTION__KEY variables.

    They may refer to files and other variables, just as values in files do.
    """
    for variable, value in sorted(environ.items()):
        keys = variable.removeprefix(_PREFIX).lower().split("__")
        if variable.startswith(_PREFIX) and len(keys) > 1 and all(keys):
            put(document, keys, _meant(value, variable, folder, environ, notes), variable, notes)


def put(document: Document, keys: list[str], value: str, by: str, notes: Notes) -> None:
    """Set one value; missing tables are created, and known names keep their own spelling."""
    table: Any = document.values
    path: places.Path = ()
    for key in keys[:-1]:
        key = _spelling(key, table)
        path = (*path, key)
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            notes.mistake(by, f"{'.'.join(map(str, path))} is a value, not a table")
            return
    last = _spelling(keys[-1], table)
    table[last] = value
    document.set_by[(*path, last)] = by


def _spelling(key: str, table: Mapping[str, Any]) -> str:
    """Names in variables have no dashes and no case: WATCH_DESK means "watch-desk"."""
    same = (known for known in table if known.lower().replace("-", "_") == key)
    return next(same, key)


def _resolve(document: Document, folder: Path, environ: Mapping[str, str], notes: Notes) -> None:
    for path, container, key in list(_texts(document.values, ())):
        before, stated = len(notes.mistakes), container[key]
        container[key] = _meant(container[key], document.where(path), folder, environ, notes)
        if len(notes.mistakes) > before:
            document.unresolved.add(path)
        if _REFERENCE.fullmatch(stated) or stated.startswith("file:"):
            document.referred.add(path)


def _meant(value: str, where: str, folder: Path, environ: Mapping[str, str], notes: Notes) -> str:
    """Resolve a value: `${NAME}` is a variable, `file:PATH` a file's text; else it is literal."""
    if found := _REFERENCE.fullmatch(value):
        if found["name"] in environ:
            return environ[found["name"]]
        hint = f"set {found['name']}, or write the value here"
        notes.mistake(where, f"the environment has no {found['name']}", hint)
    elif value.startswith("file:"):
        return _secret(folder / Path(value.removeprefix("file:")).expanduser(), where, notes)
    return value


def _secret(path: Path, where: str, notes: Notes) -> str:
    try:
        text = path.read_text("utf-8").rstrip("\r\n")
        open_to_all = path.stat().st_mode & stat.S_IROTH
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        hint = "it must hold only the value, and be readable only by you"
        notes.mistake(where, f"the file {str(path)!r} cannot be read: {reason}", hint)
        return ""
    if open_to_all:
        notes.warning(where, f"everybody can read {str(path)!r}", f"chmod o-r '{path}'")
    return text


def _texts(container: Any, path: places.Path) -> Iterator[tuple[places.Path, Any, Any]]:
    """Yield every text in nested tables and arrays: its path, and where to put a replacement."""
    items = container.items() if isinstance(container, dict) else enumerate(container)
    for key, value in items:
        if isinstance(value, str):
            yield (*path, key), container, key
        elif isinstance(value, dict | list):
            yield from _texts(value, (*path, key))
