"""Indexes for finding what a suspected re-issue brought.

Revision ID: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add indexes of the few rows that came in one: a release used to read both tables whole."""
    some = sa.text("reissue_id IS NOT NULL")
    for table in ("entries", "articles"):
        op.create_index(
            f"ix_{table}_reissue_id",
            table,
            ["reissue_id"],
            sqlite_where=some,
            postgresql_where=some,
        )
