"""Recipients that refused messages, are suspended for it, or have stopped a digest.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment, Words

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nobody is suspended."""
    op.create_table(
        "recipients",
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("digest", sa.String(100), nullable=False),
        sa.Column("token", sa.String(64), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("suspended", Moment(), nullable=True),
        sa.Column("why", Words(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", "digest", name="pk_recipients"),
        sa.UniqueConstraint("token", name="uq_recipients_token"),
    )
