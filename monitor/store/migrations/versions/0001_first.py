"""The first schema, and the text index of articles.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from monitor.store.types import Json, Moment, Span, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

FULL_TEXT = {
    "sqlite": (
        "CREATE VIRTUAL TABLE articles_fts USING fts5(title, text, content='articles', "
        "content_rowid='id', tokenize='unicode61 remove_diacritics 2')",
        "CREATE TRIGGER articles_fts_insert AFTER INSERT ON articles BEGIN "
        "INSERT INTO articles_fts(rowid, title, text) VALUES (new.id, new.title, new.text); END",
        "CREATE TRIGGER articles_fts_delete AFTER DELETE ON articles BEGIN "
        "INSERT INTO articles_fts(articles_fts, rowid, title, text) "
        "VALUES ('delete', old.id, old.title, old.text); END",
        "CREATE TRIGGER articles_fts_update AFTER UPDATE OF title, text ON articles BEGIN "
        "INSERT INTO articles_fts(articles_fts, rowid, title, text) "
        "VALUES ('delete', old.id, old.title, old.text); "
        "INSERT INTO articles_fts(rowid, title, text) VALUES (new.id, new.title, new.text); END",
    ),
    # A tsvector holds at most 1 MB; nobody reads further than that either.
    "postgresql": (
        "ALTER TABLE articles ADD COLUMN search tsvector GENERATED ALWAYS AS ("
        "setweight(to_tsvector('simple', left(title, 2000)), 'A') || "
        "setweight(to_tsvector('simple', left(text, 200000)), 'B')) STORED",
        "CREATE INDEX ix_articles_search ON articles USING gin (search)",
    ),
}


def upgrade() -> None:
    op.create_table(
        "digests",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("started", Moment(), nullable=False),
        sa.Column("covered_until", Moment(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("newest_article", Id, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_digests")),
    )
    op.create_table(
        "editions",
        sa.Column("id", Id, nullable=False),
        sa.Column("digest", sa.String(length=100), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("window_start", Moment(), nullable=False),
        sa.Column("window_end", Moment(), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False),
        sa.Column("published", Moment(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("stories", sa.Integer(), nullable=False),
        sa.Column("cut", sa.Integer(), nullable=False),
        sa.Column("sent", sa.Boolean(), nullable=False),
        sa.Column("body", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("digest", "number", name=op.f("uq_editions_digest_number")),
        sa.UniqueConstraint("digest", "window_end", name=op.f("uq_editions_digest_window_end")),
    )
    op.create_table(
        "feeds",
        sa.Column("id", Id, nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("source", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("kind", Words(), nullable=False),
        sa.Column("lang", Words(), nullable=False),
        sa.Column("region", Words(), nullable=False),
        sa.Column("tags", Json(), nullable=False),
        sa.Column("interval", Span(), nullable=True),
        sa.Column("selectors", Json(), nullable=False),
        sa.Column("articles", sa.String(length=10), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("settings_url", Words(), nullable=False),
        sa.Column("previous_urls", Json(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("validators_url", Words(), nullable=False),
        sa.Column("etag", sa.LargeBinary(), nullable=True),
        sa.Column("last_modified", sa.LargeBinary(), nullable=True),
        sa.Column("body_hash", sa.String(length=64), nullable=False),
        sa.Column("pieces", Json(), nullable=False),
        sa.Column("read_whole", Moment(), nullable=True),
        sa.Column("title", Words(), nullable=False),
        sa.Column("hints", Json(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", Moment(), nullable=True),
        sa.Column("last_polled", Moment(), nullable=True),
        sa.Column("last_success", Moment(), nullable=True),
        sa.Column("newest", Moment(), nullable=True),
        sa.Column("gap", Span(), nullable=True),
        sa.Column("moved_to", Words(), nullable=False),
        sa.Column("calm", sa.Integer(), nullable=False),
        sa.Column("last_outcome", sa.String(length=20), nullable=False),
        sa.Column("last_why", Words(), nullable=False),
        sa.Column("last_status", sa.Integer(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("due_why", Words(), nullable=False),
        sa.Column("not_before", Moment(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feeds")),
        sa.UniqueConstraint("url", name=op.f("uq_feeds_url")),
    )
    op.create_index(
        "ix_feeds_due",
        "feeds",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_table(
        "robots",
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("closed", Words(), nullable=False),
        sa.Column("etag", sa.LargeBinary(), nullable=True),
        sa.Column("last_modified", sa.LargeBinary(), nullable=True),
        sa.Column("fetched", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("origin", name=op.f("pk_robots")),
    )
    op.create_table(
        "stories",
        sa.Column("id", Id, nullable=False),
        sa.Column("opened", Moment(), nullable=False),
        sa.Column("first_at", Moment(), nullable=False),
        sa.Column("last_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stories")),
    )
    op.create_index("ix_stories_last_at", "stories", ["last_at"], unique=False)
    op.create_table(
        "articles",
        sa.Column("id", Id, nullable=False),
        sa.Column("url", Words(), nullable=False),
        sa.Column("url_key", Words(), nullable=False),
        sa.Column("link", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("text", Words(), nullable=False),
        sa.Column("authors", Json(), nullable=False),
        sa.Column("published", Moment(), nullable=True),
        sa.Column("modified", Moment(), nullable=True),
        sa.Column("first_seen", Moment(), nullable=False),
        sa.Column("section", Words(), nullable=True),
        sa.Column("source", Words(), nullable=False),
        sa.Column("owner", Words(), nullable=False),
        sa.Column("language", Words(), nullable=False),
        sa.Column("tags", Json(), nullable=False),
        sa.Column("embeds", Json(), nullable=False),
        sa.Column("method", Words(), nullable=False),
        sa.Column("problems", Json(), nullable=False),
        sa.Column("text_hash", sa.String(length=64), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("group_due", Moment(), nullable=True),
        sa.Column("story_id", Id, nullable=True),
        sa.Column("duplicate_of", Id, nullable=True),
        sa.Column("assigned", Moment(), nullable=True),
        sa.Column("assignment", Json(), nullable=True),
        sa.ForeignKeyConstraint(
            ["duplicate_of"],
            ["articles.id"],
            name=op.f("fk_articles_duplicate_of"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["stories.id"], name=op.f("fk_articles_story_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_articles")),
        sa.UniqueConstraint("url_key", name=op.f("uq_articles_url_key")),
    )
    op.create_index("ix_articles_assigned", "articles", ["assigned"], unique=False)
    op.create_index("ix_articles_first_seen", "articles", ["first_seen"], unique=False)
    op.create_index(
        "ix_articles_group_due",
        "articles",
        ["group_due"],
        unique=False,
        sqlite_where=sa.text("group_due IS NOT NULL"),
        postgresql_where=sa.text("group_due IS NOT NULL"),
    )
    op.create_index("ix_articles_story", "articles", ["story_id"], unique=False)
    op.create_index("ix_articles_duplicate_of", "articles", ["duplicate_of"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("channel", sa.String(length=200), nullable=False),
        sa.Column("address", Words(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("parts", sa.Integer(), nullable=False),
        sa.Column("message_id", Words(), nullable=False),
        sa.Column("subject", Words(), nullable=False),
        sa.Column("content_type", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.Column("why", Words(), nullable=False),
        sa.Column("receipt", Words(), nullable=False),
        sa.Column("created", Moment(), nullable=False),
        sa.Column("ended", Moment(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["editions.id"],
            name=op.f("fk_deliveries_edition_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint(
            "edition_id",
            "channel",
            "address",
            "part",
            name=op.f("uq_deliveries_edition_id_channel_address_part"),
        ),
    )
    op.create_index("ix_deliveries_created", "deliveries", ["created"], unique=False)
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index(
        "ix_deliveries_recipient", "deliveries", ["channel", "address", "state"], unique=False
    )
    op.create_table(
        "polls",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("why", Words(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("revised", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("conditional", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_polls_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_polls")),
    )
    op.create_index("ix_polls_at", "polls", ["at"], unique=False)
    op.create_index("ix_polls_feed_at", "polls", ["feed_id", "at"], unique=False)
    op.create_table(
        "attempts",
        sa.Column("id", Id, nullable=False),
        sa.Column("delivery_id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("answer", sa.String(length=10), nullable=False),
        sa.Column("why", Words(), nullable=False),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["deliveries.id"],
            name=op.f("fk_attempts_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempts")),
    )
    op.create_index("ix_attempts_delivery", "attempts", ["delivery_id"], unique=False)
    op.create_table(
        "edition_articles",
        sa.Column("digest", sa.String(length=100), nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.Column("edition_id", Id, nullable=False),
        sa.Column("story_id", Id, nullable=False),
        sa.Column("fate", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"],
            ["articles.id"],
            name=op.f("fk_edition_articles_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["edition_id"],
            ["editions.id"],
            name=op.f("fk_edition_articles_edition_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("digest", "article_id", name=op.f("pk_edition_articles")),
    )
    op.create_index("ix_edition_articles_article", "edition_articles", ["article_id"], unique=False)
    op.create_index("ix_edition_articles_edition", "edition_articles", ["edition_id"], unique=False)
    op.create_index(
        "ix_edition_articles_story", "edition_articles", ["digest", "story_id"], unique=False
    )
    op.create_table(
        "entries",
        sa.Column("id", Id, nullable=False),
        sa.Column("feed_id", Id, nullable=False),
        sa.Column("key", Words(), nullable=False),
        sa.Column("guid", Words(), nullable=False),
        sa.Column("link", Words(), nullable=False),
        sa.Column("link_key", Words(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("published", Moment(), nullable=True),
        sa.Column("updated", Moment(), nullable=True),
        sa.Column("authors", Json(), nullable=False),
        sa.Column("summary_html", Words(), nullable=False),
        sa.Column("content_html", Words(), nullable=False),
        sa.Column("categories", Json(), nullable=False),
        sa.Column("language", Words(), nullable=True),
        sa.Column("enclosures", Json(), nullable=False),
        sa.Column("content_hash", sa.String(length=100), nullable=False),
        sa.Column("first_seen", Moment(), nullable=False),
        sa.Column("baseline", sa.Boolean(), nullable=False),
        sa.Column("fate", sa.String(length=12), nullable=False),
        sa.Column("fate_why", Words(), nullable=False),
        sa.Column("article_id", Id, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due", Moment(), nullable=True),
        sa.Column("lease_until", Moment(), nullable=True),
        sa.Column("lease_owner", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_entries_article_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["feed_id"], ["feeds.id"], name=op.f("fk_entries_feed_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
        sa.UniqueConstraint("feed_id", "key", name=op.f("uq_entries_feed_id_key")),
    )
    op.create_index("ix_entries_article", "entries", ["article_id"], unique=False)
    op.create_index(
        "ix_entries_due",
        "entries",
        ["due"],
        unique=False,
        sqlite_where=sa.text("due IS NOT NULL"),
        postgresql_where=sa.text("due IS NOT NULL"),
    )
    op.create_index("ix_entries_feed_link", "entries", ["feed_id", "link_key"], unique=False)
    op.create_index("ix_entries_first_seen", "entries", ["first_seen"], unique=False)
    op.create_table(
        "matches",
        sa.Column("watchlist", sa.String(length=100), nullable=False),
        sa.Column("article_id", Id, nullable=False),
        sa.Column("score", sa.Float(precision=53), nullable=False),
        sa.Column("spans", Json(), nullable=False),
        sa.Column("query", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("matched", Moment(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article_id"], ["articles.id"], name=op.f("fk_matches_article_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("watchlist", "article_id", name=op.f("pk_matches")),
    )
    op.create_index("ix_matches_article", "matches", ["article_id"], unique=False)
    op.create_index(
        "ix_matches_watchlist_matched", "matches", ["watchlist", "matched"], unique=False
    )
    op.create_table(
        "revisions",
        sa.Column("id", Id, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("at", Moment(), nullable=False),
        sa.Column("title", Words(), nullable=False),
        sa.Column("link", Words(), nullable=False),
        sa.Column("summary_html", Words(), nullable=False),
        sa.Column("content_html", Words(), nullable=False),
        sa.Column("content_hash", sa.String(length=100), nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["entries.id"], name=op.f("fk_revisions_entry_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revisions")),
    )
    op.create_index("ix_revisions_entry", "revisions", ["entry_id"], unique=False)
    for statement in FULL_TEXT[op.get_bind().dialect.name]:
        op.execute(statement)
