"""Addresses at which pages were requested that name a different address as their own.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Words

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the table `addresses`; pages requested earlier are requested once more at most."""
    op.create_table(
        "addresses",
        sa.Column("key", Words(), nullable=False),
        sa.Column("article_id", _ID, nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_addresses_article_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_addresses")),
    )
    op.create_index("ix_addresses_article", "addresses", ["article_id"])
