"""On how many pages of a host each line of text stood.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Words

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables `host_pages` and `host_lines`; earlier articles are not counted."""
    op.create_table(
        "host_pages",
        sa.Column("host", Words(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host_pages")),
    )
    op.create_table(
        "host_lines",
        sa.Column("host", Words(), nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("host", "hash", name=op.f("pk_host_lines")),
    )
