"""What several processes do together at one host.

Revision ID: 0012
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Json, Moment

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; nothing is known about any host."""
    op.create_table(
        "hosts",
        sa.Column("host", sa.String(length=300), nullable=False),
        sa.Column("started", Moment(), nullable=True),
        sa.Column("paused_until", Moment(), nullable=True),
        sa.Column("turns", Json(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_hosts")),
    )
