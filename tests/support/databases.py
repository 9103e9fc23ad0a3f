"""Databases for tests: a new, empty one for each."""

from __future__ import annotations

import itertools
import os

_names = itertools.count()


def fresh_database(postgres_url: str) -> str:
    """The URL of a new, empty database on that server."""
    import psycopg
    from psycopg.conninfo import conninfo_to_dict

    name = f"test_{os.getpid()}_{next(_names)}"
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    parts = conninfo_to_dict(postgres_url)
    base, _, query = postgres_url.partition("?")
    start = base.rpartition(f"/{parts['dbname']}")[0]
    return f"{start}/{name}" + (f"?{query}" if query else "")
