"""Alembic's entry point: it uses the connection, and the transaction, that it is given."""

from typing import Any

from alembic import context

from monitor.failpoints import hit


def stepped(*_told: Any, **_more: Any) -> None:
    """Called after each migration step."""
    hit("migrate.step")


connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=False, on_version_apply=stepped)
context.run_migrations()
