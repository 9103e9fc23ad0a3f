"""Turn a table of the settings into a checked value, and pydantic's errors into mistakes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, SecretStr, ValidationError
from pydantic_core import ErrorDetails

from monitor.config.documents import Document, Notes
from monitor.config.places import Path

M = TypeVar("M", bound=BaseModel)

_WORDS = {
    "missing": "is missing",
    "string_type": "must be text in quotes",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "tuple_type": 'must be a list: ["…", "…"]',
    "list_type": 'must be a list: ["…", "…"]',
    "model_type": "must be a table",
    "dict_type": "must be a table",
    "time_delta_type": 'must be a length of time: "90s", "30m", "6h", "14d"',
}


def checked(model: type[M], table: Any, document: Document, path: Path, notes: Notes) -> M | None:
    """Return the table as a value of `model`; None if it is invalid, with every reason noted."""
    try:
        found = model.model_validate(table)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            if not _told_already((*path, *detail["loc"]), document):
                _note(model, detail, document, path, notes)
        return None
    _warn_of_open_secret(found, document, path, notes)
    return found


def _warn_of_open_secret(found: BaseModel, document: Document, path: Path, notes: Notes) -> None:
    """Note, once for each file, that a secret stands where everybody can read it (S100)."""
    for at in _secrets(found, path):
        if document.open_to_all and not {at} & (document.referred | document.set_by.keys()):
            what = "everybody can read this file, and it holds a password or a token"
            hint = f"chmod o-r '{document.open_to_all}', or keep it elsewhere: file:PATH"
            notes.warning(document.where(at), what, hint)
            document.open_to_all = None


def _secrets(found: BaseModel, path: Path) -> Iterator[Path]:
    """The places of all secrets in a table that are not empty."""
    for name, field in type(found).model_fields.items():
        value, at = getattr(found, name), (*path, field.alias or name)
        several = value if isinstance(value, Mapping) else {None: value}
        for key, one in several.items():
            if isinstance(one, SecretStr) and one.get_secret_value():
                yield at if key is None else (*at, key)


def _told_already(path: Path, document: Document) -> bool:
    """Whether the fault here, or in the whole table, is a reference already noted as missing."""
    return any(missing[: len(path)] == path for missing in document.unresolved)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return "did you mean …?" if a known word is similar, else the list of known words."""
    words = sorted(known)
    close = difflib.get_close_matches(word.lower(), words, 1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    return f"known: {', '.join(words)}" if words else "there is none"


def _note(
    model: type[BaseModel], detail: ErrorDetails, document: Document, path: Path, notes: Notes
) -> None:
    loc = detail["loc"]
    at = (*path, *loc)
    key = _dotted(loc or path)  # a fault of a whole table is reported under its name
    if detail["type"] == "extra_forbidden":
        fields = _model_at(model, loc[:-1]).model_fields
        known = [field.alias or name for name, field in fields.items()]
        what, hint = f"unknown key {str(loc[-1])!r}", nearest(str(loc[-1]), known)
        if path[:1] in (("hosts",), ("sites",)) and isinstance(detail["input"], dict):
            whole = ".".join(map(str, (*at[1:], *_only_keys(detail["input"]))))
            hint = f'a name with dots stands in quotation marks: [{path[0]}."{whole}"]'
    else:
        between = ": " if detail["type"] == "value_error" else " "
        what, hint = f"{key}{between}{_words(detail)}", ""
    notes.mistake(document.where(at), what, hint)


def _only_keys(table: Mapping[str, object]) -> Iterator[str]:
    """Yield the keys of tables that hold nothing but one table: the rest of a name with dots."""
    while len(table) == 1 and isinstance(inner := next(iter(table.values())), dict):
        yield from table
        table = inner


def _dotted(loc: tuple[int | str, ...]) -> str:
    """Write ("tests", 0, "text") the way people count: `tests[1].text`."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}"
    return text.lstrip(".")


def _words(detail: ErrorDetails) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in _WORDS:
        return _WORDS[kind]
    if kind == "literal_error":
        return f"must be one of {context['expected']}, not {detail['input']!r}"
    if kind == "value_error":
        return str(context["error"])
    return detail["msg"].removeprefix("Input ")


def _model_at(model: type[BaseModel], loc: tuple[int | str, ...]) -> type[BaseModel]:
    """Return the model of a nested table."""
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = _first_model(model.model_fields[part].annotation) or model
    return model


def _first_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for arg in get_args(annotation) if (found := _first_model(arg))), None)


def tables(values: Mapping[str, Any], key: str, document: Document, notes: Notes) -> list[Any]:
    """Return the tables of `[[key]]`; note other keys at the top of the document as unknown."""
    for other in values:
        if other != key:
            hint = f"this file contains [[{key}]] tables"
            notes.mistake(document.where((other,)), f"unknown key {other!r}", hint)
    found = values.get(key, [])
    if isinstance(found, list) and all(isinstance(one, dict) for one in found):
        return found
    notes.mistake(document.where((key,)), f"{key} must be tables", f"write [[{key}]]")
    return []
