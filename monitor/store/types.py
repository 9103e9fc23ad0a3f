"""Column types that mean the same on SQLite and PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, DateTime, Float, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_UNKEPT = re.compile("[\x00\ud800-\udfff]")
"""NUL and lone surrogates: for any of these, one database or the other refuses a whole write."""


def kept(value: str) -> str:
    """The text without characters that a database refuses."""
    try:
        value.encode()  # nearly every text can be, and this takes an eighth of a search's time
    except UnicodeEncodeError:
        return _UNKEPT.sub("", value)
    return value.replace("\x00", "")


class Words(TypeDecorator[str]):
    """Text of any length. Whatever the outside world states is stored through this type."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        """Remove the characters that a database refuses."""
        return _kept_or_none


def _kept_or_none(value: str | None) -> str | None:
    return None if value is None else kept(value)


class Json(TypeDecorator[Any]):
    """Lists and tables as JSON, their texts cleaned as in `Words` (`as_json`); None is NULL."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """`jsonb` on PostgreSQL."""
        of_dialect = JSONB if dialect.name == "postgresql" else JSON
        return dialect.type_descriptor(of_dialect(none_as_null=True))


_ENCODER = json.JSONEncoder(default=dict)


def as_json(value: Any) -> str:
    """A value as JSON, without characters that a database refuses; used by all engines."""
    if value == []:
        return "[]"  # most lists of an entry are empty
    written = _ENCODER.encode(value)
    if "\\u0000" in written or "\\ud" in written:  # or a surrogate pair, which is kept
        return json.dumps(_kept_inside(value))
    return written


def _kept_inside(value: Any) -> Any:
    if isinstance(value, str):
        return kept(value)
    if isinstance(value, Mapping):
        return {kept(str(name)): _kept_inside(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_kept_inside(inner) for inner in value]
    return value


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC: `timestamptz` on PostgreSQL, sortable text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Text on SQLite, converted here: SQLAlchemy's own conversion takes ten times as long."""
        of_dialect = DateTime(timezone=True) if dialect.name == "postgresql" else Text()
        return dialect.type_descriptor(of_dialect)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        """Refuse naive times: what they mean is unknown."""
        return _in_utc if dialect.name == "postgresql" else _as_text

    def result_processor(self, dialect: Dialect, coltype: Any) -> Callable[[Any], Any]:
        """Return the stored time in UTC."""
        return _in_utc if dialect.name == "postgresql" else _from_text


def _in_utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"a time without a zone reached the store: {value!r}")
    return value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    # Without zone and always of the same length, so that the order as text is the order in time.
    moment = _in_utc(value)
    return None if moment is None else moment.isoformat(" ", "microseconds")[:26]


def _from_text(value: str | None) -> datetime | None:
    return None if value is None else datetime.fromisoformat(value).replace(tzinfo=UTC)


class Span(TypeDecorator[timedelta]):
    """A duration, kept as seconds."""

    impl = Float
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Eight bytes on both databases."""
        return dialect.type_descriptor(Float(53))

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> float | None:
        """Convert to seconds."""
        return None if value is None else value.total_seconds()

    def process_result_value(self, value: float | None, dialect: Dialect) -> timedelta | None:
        """Convert back to a timedelta."""
        return None if value is None else timedelta(seconds=value)
