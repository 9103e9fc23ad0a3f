"""An index of the deliveries that are open, by recipient.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add it: whose turn it is used to be asked for each open delivery by itself."""
    some = sa.text("due IS NOT NULL")
    op.create_index(
        "ix_deliveries_open",
        "deliveries",
        ["channel", "address", "id", "lease_until"],
        sqlite_where=some,
        postgresql_where=some,
    )
