"""What each feed cost and brought, when it last had news, and its previous title.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Moment, Words

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NAMES = ("polls", "not_modified", "bytes", "entries", "last_news")
FEEDS = sa.table("feeds", *map(sa.column, ("id", *NAMES)))
POLLS = sa.table("polls", *map(sa.column, ("feed_id", "outcome", "bytes", "new", "at")))
ENTRIES = sa.table("entries", sa.column("feed_id"))
OF_FEED = POLLS.c.feed_id == FEEDS.c.id
COUNTED = sa.select(sa.func.count())
RECORD = {
    "polls": COUNTED.select_from(POLLS).where(OF_FEED),
    "not_modified": COUNTED.select_from(POLLS).where(OF_FEED, POLLS.c.outcome == "not-modified"),
    "bytes": sa.select(sa.func.coalesce(sa.func.sum(POLLS.c.bytes), 0)).where(OF_FEED),
    "entries": COUNTED.select_from(ENTRIES).where(ENTRIES.c.feed_id == FEEDS.c.id),
    "last_news": sa.select(sa.func.max(POLLS.c.at)).where(OF_FEED, POLLS.c.new > 0),
}
"""Column -> its initial value."""


def upgrade() -> None:
    """Add the columns, filled from the recorded polls and entries."""
    op.add_column("feeds", sa.Column("title_was", Words(), nullable=False, server_default=""))
    op.add_column("feeds", sa.Column("last_news", Moment(), nullable=True))
    for name in ("polls", "not_modified", "bytes", "entries"):
        kind = sa.BigInteger() if name == "bytes" else sa.Integer()
        op.add_column("feeds", sa.Column(name, kind, nullable=False, server_default="0"))
    found = {name: counted.scalar_subquery() for name, counted in RECORD.items()}
    op.execute(FEEDS.update().values(found))
