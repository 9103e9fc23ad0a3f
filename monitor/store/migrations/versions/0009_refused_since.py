"""Since when a recipient has been refusing: several refusals within a minute mean little.

Revision ID: 0009
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; for earlier refusals, time counts from the next one on."""
    op.add_column("recipients", sa.Column("refused_since", Moment(), nullable=True))
