"""Which version of each watchlist the archive was matched with, and which matches a rematch found.

Revision ID: 0005
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer, "sqlite")
MATCHES = sa.table("matches", *map(sa.column, ("watchlist", "version", "matched")))


def upgrade() -> None:
    """Add the table, filled with the version of each watchlist's newest match, and the mark."""
    op.add_column(
        "matches", sa.Column("rematched", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    table = op.create_table(
        "rematches",
        sa.Column("watchlist", sa.String(length=100), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("wanted", sa.String(length=64), nullable=False),
        sa.Column("done", Id, nullable=False),
        sa.Column("ended", Moment(), nullable=True),
        sa.PrimaryKeyConstraint("watchlist", name=op.f("pk_rematches")),
    )
    newest = (
        sa.select(MATCHES.c.watchlist, sa.func.max(MATCHES.c.matched).label("matched"))
        .group_by(MATCHES.c.watchlist)
        .subquery()
    )
    known = (
        sa.select(
            MATCHES.c.watchlist,
            sa.func.max(MATCHES.c.version),
            sa.literal(""),
            sa.literal(0),
        )
        .join(
            newest,
            (newest.c.watchlist == MATCHES.c.watchlist) & (newest.c.matched == MATCHES.c.matched),
        )
        .group_by(MATCHES.c.watchlist)
    )
    op.execute(table.insert().from_select(["watchlist", "version", "wanted", "done"], known))
