"""How long a robots.txt that could not be read asked to be left alone.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; what is stored asked for nothing."""
    op.add_column("robots", sa.Column("closed_until", Moment(), nullable=True))
