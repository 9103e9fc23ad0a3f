"""Databases as earlier versions left them: made by the migrations of their time, with rows."""

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
    inspect,
    select,
    table,
)
from support.values import NOW

from monitor.store import migrate, schema
from monitor.store.types import Json, Moment, Span

FOLDER = Path(migrate.__file__).parent / "migrations"


def revisions() -> list[str]:
    """All versions that a database may be at, the oldest first."""
    found = ScriptDirectory(str(FOLDER)).walk_revisions()
    return [one.revision for one in found][::-1]


def bring(connection: Connection, revision: str) -> None:
    """Bring a database to a version."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


def old_row(connection: Connection, name: str, **stated: object) -> None:
    """A row of a table as it is in this database; what is not stated and must be is empty."""
    columns = _columns(connection, name)
    empty = {Json: [], Moment: NOW, Integer: 0, BigInteger: 0, Boolean: True}
    needed = [one for one in columns if not one.nullable and not one.primary_key]
    values = {one.name: empty.get(type(one.type), "") for one in needed}
    connection.execute(_there(name, columns).insert().values(values | stated))


def fill(connection: Connection, rows: int = 2) -> None:
    """Rows in every table that there is, each row with the same number in all of them."""
    there = set(inspect(connection).get_table_names())
    for name in [one.name for one in schema.metadata.sorted_tables if one.name in there]:
        columns = _columns(connection, name)
        for number in range(1, rows + 1):
            values = {one.name: _value(one, number) for one in columns}
            connection.execute(_there(name, columns).insert().values(values))


def _columns(connection: Connection, name: str) -> list[Column[Any]]:
    """The columns of a table that this database has, as we speak of them today."""
    there = {found["name"] for found in inspect(connection).get_columns(name)}
    return [one for one in schema.metadata.tables[name].columns if one.name in there]


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
    """Every row of every table of ours, by the columns that it has in this database."""
    found = {}
    for name in set(inspect(connection).get_table_names()) & set(schema.metadata.tables):
        columns = _columns(connection, name)
        keys = [one.name for one in columns if one.primary_key]
        statement = select(*_there(name, columns).c).order_by(*map(column, keys))
        found[name] = [dict(row) for row in connection.execute(statement).mappings()]
    return found
