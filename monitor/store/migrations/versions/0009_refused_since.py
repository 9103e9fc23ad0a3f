"""Since when a recipient has been refused: some refusals within a minute say little of it.

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
    """Add the column; what was refused before counts from the next refusal on."""
    op.add_column("recipients", sa.Column("refused_since", Moment(), nullable=True))
