"""Times when nothing is sent, because the database was restored from a backup.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    """Create the table; nothing is held."""
    op.create_table(
        "holds",
        sa.Column("id", Id, nullable=False),
        sa.Column("taken", Moment(), nullable=False),
        sa.Column("began", Moment(), nullable=True),
        sa.Column("ended", Moment(), nullable=True),
        sa.Column("news", sa.String(length=10), nullable=False),
        sa.Column("messages", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
