"""Recipients that are refused, and those that are suspended for it.

Revision ID: 0007
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment, Words

revision = "0007"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; nobody is suspended."""
    op.create_table(
        "recipients",
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("suspended", Moment(), nullable=True),
        sa.Column("why", Words(), nullable=False),
        sa.PrimaryKeyConstraint("channel", "address", name="pk_recipients"),
    )
