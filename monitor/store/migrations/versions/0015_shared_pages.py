"""Entries that share their page with others of their document.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is stored keeps the fate that it has."""
    op.add_column(
        "entries",
        sa.Column("shares_page", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
