"""Databases as earlier versions left them: made by the migrations of the time, with rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    TableClause,
    column,
    select,
    table,
    text,
)
from support.values import NOW

from monitor.store import migrate, schema
from monitor.store.types import Json, Moment, Span

FOLDER = Path(migrate.__file__).parent / "migrations"


def revisions() -> list[str]:
    """All versions that a database may have, oldest first."""
    found = ScriptDirectory(str(FOLDER)).walk_revisions()
    return [one.revision for one in found][::-1]


def bring(connection: Connection, revision: str) -> None:
    """Migrate a database to a version."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def old_row(connection: Connection, name: str, **stated: object) -> None:
    """Insert a row into a table of this version; required columns not stated are empty."""
    columns = _tables(connection)[name]
    empty = {Json: [], Moment: NOW, Integer: 0, BigInteger: 0, Boolean: True}
    needed = [one for one in columns if not one.nullable and not one.primary_key]
    values = {one.name: empty.get(type(one.type), "") for one in needed}
    connection.execute(_there(name, columns).insert().values(values | stated))


def fill(connection: Connection, rows: int = 2) -> None:
    """Insert rows into every table, each with its number as value in all columns."""
    for name, columns in _tables(connection).items():
        values = [
            {one.name: _value(one, number) for one in columns} for number in range(1, rows + 1)
        ]
        connection.execute(_there(name, columns).insert(), values)


_NAMES = {
    "sqlite": "SELECT t.name, c.name FROM sqlite_master t JOIN pragma_table_info(t.name) c",
    "postgresql": "SELECT table_name, column_name FROM information_schema.columns",
}


def _tables(connection: Connection) -> dict[str, list[Column[Any]]]:
    """The tables and columns of this database, as today's schema defines them."""
    names = connection.execute(text(_NAMES[connection.dialect.name]))
    there = {tuple(row) for row in names}
    found = {
        table.name: [one for one in table.columns if (table.name, one.name) in there]
        for table in schema.metadata.sorted_tables
    }
    return {name: columns for name, columns in found.items() if columns}


def _there(name: str, columns: Sequence[Column[Any]]) -> TableClause:
    return table(name, *(column(one.name, one.type) for one in columns))


def _value(of: Column[Any], number: int) -> object:
    kind = of.type
    if of.foreign_keys or isinstance(kind, Integer):
        return number
    if isinstance(kind, Json):
        return [number]
    if isinstance(kind, Moment):
        return NOW
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Span):
        return timedelta(minutes=number)
    if isinstance(kind, LargeBinary):
        return b"%d" % number
    return float(number) if isinstance(kind, Float) else str(number)


def content(connection: Connection) -> Mapping[str, list[dict[str, Any]]]:
    """Every row of our tables, with the columns that they have in this database."""
    found = {}
    for name, columns in _tables(connection).items():
        keys = [column(one.name) for one in columns if one.primary_key]
        statement = select(*_there(name, columns).c).order_by(*keys)
        found[name] = [dict(row) for row in connection.execute(statement).mappings()]
    return found
