"""Hubs that push feeds, and when a feed would be due without a hub.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment, Words

revision = "0003"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table `pushes` and the column `feeds.own_due`."""
    op.add_column("feeds", sa.Column("own_due", Moment(), nullable=True))
    op.create_table(
        "pushes",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=False),
        sa.Column("hub", Words(), nullable=False),
        sa.Column("topic", Words(), nullable=False),
        sa.Column("named", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("token", Words(), nullable=False),
        sa.Column("token_key", sa.String(length=64), nullable=True),
        sa.Column("secret", Words(), nullable=False),
        sa.Column("asked", Moment(), nullable=True),
        sa.Column("verified", Moment(), nullable=True),
        sa.Column("until", Moment(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("why", Words(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("ignored", sa.Integer(), nullable=False),
        sa.Column("last_received", Moment(), nullable=True),
        sa.Column("due", Moment(), nullable=True),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_pushes_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pushes")),
        sa.UniqueConstraint("token_key", name=op.f("uq_pushes_token_key")),
    )
    op.create_index("ix_pushes_feed", "pushes", ["feed_id"], unique=False)
    op.create_index(
        "ix_pushes_due",
        "pushes",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
