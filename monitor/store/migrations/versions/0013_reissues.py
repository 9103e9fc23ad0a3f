"""Suspected re-issues, and signs in feeds' documents: that they come back, that dates change.

Revision ID: 0013
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Json, Moment, Words

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table and the columns; nothing told before is withheld."""
    op.create_table(
        "reissues",
        sa.Column("id", _ID, nullable=False),
        sa.Column("feed_id", _ID, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("why", Words(), nullable=False),
        sa.Column("released", Moment(), nullable=True),
        sa.Column("news", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_reissues_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reissues")),
    )
    op.create_index("ix_reissues_feed", "reissues", ["feed_id"])
    op.add_column("entries", sa.Column("reissue_id", _ID, nullable=True))
    op.add_column("articles", sa.Column("reissue_id", _ID, nullable=True))
    op.add_column("feeds", sa.Column("states", Json(), nullable=False, server_default="[]"))
    op.add_column("feeds", sa.Column("returns", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("feeds", sa.Column("returns_since", Moment(), nullable=True))
    op.add_column("feeds", sa.Column("returned", Moment(), nullable=True))
    op.add_column("feeds", sa.Column("redated", Moment(), nullable=True))
