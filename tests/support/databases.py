"""A new database for each test that needs one."""

from __future__ import annotations

import itertools
import os

import pytest
from sqlalchemy import Connection, text

_names = itertools.count()
KINDS = ("sqlite", pytest.param("postgres", marks=pytest.mark.postgres))
"""Parameters for tests and fixtures that run on both kinds of database."""


def fresh_database(postgres_url: str, like: str = "template1") -> str:
    """The URL of a new database on that server: empty, or a copy of the database `like`."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    name = f"test_{os.getpid()}_{next(_names)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {like}".encode())
    parts = conninfo_to_dict(postgres_url)
    base, _, query = postgres_url.partition("?")
    start = base.rpartition(f"/{parts['dbname']}")[0]
    return f"{start}/{name}" + (f"?{query}" if query else "")


def fill_up(connection: Connection) -> None:
    """Let an SQLite database grow no further, as on a full disk."""
    pages = connection.scalar(text("PRAGMA page_count"))
    connection.execute(text(f"PRAGMA max_page_count = {pages}"))


def name_of(url: str) -> str:
    """The name of a database on a server."""
    return url.partition("?")[0].rpartition("/")[2]
