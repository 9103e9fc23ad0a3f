"""What is known of the sitemaps that an index names.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Json

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; each sitemap is requested once more in full."""
    op.add_column("feeds", sa.Column("followed", Json(), nullable=False, server_default="[]"))
