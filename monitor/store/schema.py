"""The tables, named by the plural of the vocabulary's words (docs/glossary.md).

A column `due` is a question to the database: NULL means "nothing to do", a time means "from then
on". `lease_until` says that a process has claimed the row; after that time the row is free again.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)

from monitor.store.types import Json, Moment, Span, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows automatically only when the key is a plain INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


def _index_of_few(table: Table, column: str = "due") -> Index:
    """A partial index of the rows in which a column is set: few, whatever the table's size."""
    condition = text(f"{column} IS NOT NULL")
    return Index(
        f"ix_{table.name}_{column}",
        table.c[column],
        sqlite_where=condition,
        postgresql_where=condition,
    )


feeds = Table(
    "feeds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Words, nullable=False, unique=True),
    Column("name", Words, nullable=False, default=""),
    Column("source", Words, nullable=False, default=""),
    Column("owner", Words, nullable=False, default=""),
    Column("kind", Words, nullable=False, default=""),
    Column("lang", Words, nullable=False, default=""),
    Column("region", Words, nullable=False, default=""),
    Column("tags", Json, nullable=False, default=list),
    Column("interval", Span),
    Column("selectors", Json, nullable=False, default=dict),
    Column("articles", String(10), nullable=False, default=""),
    Column("enabled", Boolean, nullable=False, default=True),
    Column("origin", String(10), nullable=False, default="settings"),  # or "once", "added"
    Column("settings_url", Words, nullable=False, default=""),  # as in the settings
    Column("previous_urls", Json, nullable=False, default=list),
    Column("created", Moment, nullable=False),
    # What polling has learned; fields of model.Polling.
    Column("state", String(10), nullable=False, default="active"),
    Column("validators_url", Words, nullable=False, default=""),
    Column("etag", LargeBinary),
    Column("last_modified", LargeBinary),
    Column("body_hash", String(64), nullable=False, default=""),
    Column("pieces", Json, nullable=False, default=list),
    Column("followed", Json, nullable=False, default=list),
    Column("read_whole", Moment),
    Column("title", Words, nullable=False, default=""),
    Column("title_was", Words, nullable=False, default=""),
    Column("hints", Json),
    Column("failures", Integer, nullable=False, default=0),
    Column("failing_since", Moment),
    Column("last_polled", Moment),
    Column("last_success", Moment),
    Column("newest", Moment),
    Column("last_news", Moment),
    Column("gap", Span),
    Column("moved_to", Words, nullable=False, default=""),
    Column("calm", Integer, nullable=False, default=0),
    Column("states", Json, nullable=False, default=list),
    Column("returns", Integer, nullable=False, default=0),
    Column("returns_since", Moment),
    Column("returned", Moment),
    Column("redated", Moment),
    # The last outcome, to show to people; `polls` has all of them.
    Column("last_outcome", String(20), nullable=False, default=""),
    Column("last_why", Words, nullable=False, default=""),
    Column("last_status", Integer, nullable=False, default=0),
    # Totals, kept here because the rows of `polls` are too many to count.
    Column("polls", Integer, nullable=False, default=0),
    Column("not_modified", Integer, nullable=False, default=0),
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("entries", Integer, nullable=False, default=0),
    Column("due", Moment),
    Column("due_why", Words, nullable=False, default=""),
    # When it would be due without a hub, or if it were not polled once only; else NULL.
    Column("own_due", Moment),
    Column("not_before", Moment),  # the server asked us to wait until then: no command overrides it
    Column("lease_until", Moment),
    Column("lease_owner", String(40)),
)
_index_of_few(feeds)

polls = Table(
    "polls",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("why", Words, nullable=False, default=""),
    Column("status", Integer, nullable=False, default=0),
    Column("seen", Integer, nullable=False, default=0),
    Column("new", Integer, nullable=False, default=0),
    Column("revised", Integer, nullable=False, default=0),
    Column("bytes", BigInteger, nullable=False, default=0),
    Column("conditional", Boolean, nullable=False, default=False),
    Index("ix_polls_feed_at", "feed_id", "at"),
    Index("ix_polls_at", "at"),
)

reissues = Table(
    "reissues",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("entries", Integer, nullable=False),  # how many are withheld
    Column("why", Words, nullable=False),
    Column("released", Moment),  # NULL: a person has yet to decide
    Column("news", String(10), nullable=False, default=""),  # the decision: tell, skip
    Index("ix_reissues_feed", "feed_id"),
)

pushes = Table(
    "pushes",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("hub", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("named", Boolean, nullable=False, default=True),  # the feed named this hub last
    Column("state", String(10), nullable=False, default="named"),
    Column("address", Words, nullable=False, default=""),  # our address, as given to the hub
    Column("token", Words, nullable=False, default=""),
    Column("token_key", String(64), unique=True),  # the key by which an incoming token is looked up
    Column("secret", Words, nullable=False, default=""),
    Column("asked", Moment),
    Column("verified", Moment),
    Column("until", Moment),
    Column("failures", Integer, nullable=False, default=0),
    Column("why", Words, nullable=False, default=""),
    Column("received", Integer, nullable=False, default=0),  # documents that the hub signed
    Column("ignored", Integer, nullable=False, default=0),  # unsigned or unreadable documents
    Column("last_received", Moment),
    Column("due", Moment),
    Index("ix_pushes_feed", "feed_id"),
)
_index_of_few(pushes)

entries = Table(
    "entries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("feed_id", Id, ForeignKey("feeds.id", ondelete="CASCADE"), nullable=False),
    Column("key", Words, nullable=False),  # as `rows.short` makes it
    Column("guid", Words, nullable=False),
    Column("link", Words, nullable=False, default=""),
    Column("link_key", Words, nullable=False, default=""),  # the link, shortened to be indexed
    Column("title", Words, nullable=False, default=""),
    Column("published", Moment),
    Column("updated", Moment),
    Column("authors", Json, nullable=False, default=list),
    Column("summary_html", Words, nullable=False, default=""),
    Column("content_html", Words, nullable=False, default=""),
    Column("categories", Json, nullable=False, default=list),
    Column("language", Words),
    Column("enclosures", Json, nullable=False, default=list),
    Column("shares_page", Boolean, nullable=False, default=False),  # with others of its document
    Column("content_hash", String(100), nullable=False),
    Column("first_seen", Moment, nullable=False),
    Column("baseline", Boolean, nullable=False, default=False),  # present at the feed's first poll
    Column("reissue_id", Id),  # the suspected re-issue it came in
    Column("fate", String(12), nullable=False, default="new"),
    Column("fate_why", Words, nullable=False, default=""),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="SET NULL")),
    Column("attempts", Integer, nullable=False, default=0),  # page requests made
    Column("due", Moment),
    Column("lease_until", Moment),
    Column("lease_owner", String(40)),
    UniqueConstraint("feed_id", "key"),
    Index("ix_entries_feed_link", "feed_id", "link_key"),
    Index("ix_entries_first_seen", "first_seen"),
    Index("ix_entries_article", "article_id"),
)
_index_of_few(entries)
_index_of_few(entries, "reissue_id")

revisions = Table(
    "revisions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("entry_id", Id, ForeignKey("entries.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("title", Words, nullable=False, default=""),  # as it was before
    Column("link", Words, nullable=False, default=""),
    Column("summary_html", Words, nullable=False, default=""),
    Column("content_html", Words, nullable=False, default=""),
    Column("content_hash", String(100), nullable=False),
    Index("ix_revisions_entry", "entry_id"),
)

stories = Table(
    "stories",
    metadata,
    Column("id", Id, primary_key=True),
    Column("opened", Moment, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
    Index("ix_stories_last_at", "last_at"),
)

articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("url", Words, nullable=False),
    Column("url_key", Words, nullable=False, unique=True),  # the URL, shortened to be indexed
    Column("link", Words, nullable=False, default=""),  # as the feed states it
    Column("title", Words, nullable=False, default=""),
    Column("text", Words, nullable=False, default=""),
    Column("authors", Json, nullable=False, default=list),
    Column("published", Moment),
    Column("modified", Moment),
    Column("first_seen", Moment, nullable=False),
    Column("section", Words),
    Column("source", Words, nullable=False, default=""),
    Column("owner", Words, nullable=False, default=""),
    Column("language", Words, nullable=False, default=""),
    Column("tags", Json, nullable=False, default=list),
    Column("embeds", Json, nullable=False, default=list),
    Column("method", Words, nullable=False, default=""),
    Column("problems", Json, nullable=False, default=list),
    Column("text_hash", String(64), nullable=False, default=""),
    Column("baseline", Boolean, nullable=False, default=False),
    Column("reissue_id", Id),  # withheld with it: joins no story, so nobody is told
    # Grouping: `group_due` is set while an article needs a story and has none.
    Column("group_due", Moment),
    Column("story_id", Id, ForeignKey("stories.id", ondelete="SET NULL")),
    Column("duplicate_of", Id, ForeignKey("articles.id", ondelete="SET NULL")),
    Column("assigned", Moment),
    Column("assignment", Json),  # score, shared terms, why
    Index("ix_articles_first_seen", "first_seen"),
    Index("ix_articles_story", "story_id"),
    Index("ix_articles_duplicate_of", "duplicate_of"),
    Index("ix_articles_assigned", "assigned"),
)
_index_of_few(articles, "group_due")
_index_of_few(articles, "reissue_id")

addresses = Table(
    "addresses",
    metadata,
    # An address, shortened to be indexed, whose page names another one as its own.
    Column("key", Words, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Index("ix_addresses_article", "article_id"),
)

host_pages = Table(
    "host_pages",
    metadata,
    Column("host", Words, primary_key=True),
    Column("pages", Integer, nullable=False),  # whose lines were counted
)

host_lines = Table(
    "host_lines",
    metadata,
    Column("host", Words, primary_key=True),
    Column("hash", BigInteger, primary_key=True),
    Column("text", Words, nullable=False),
    Column("pages", Integer, nullable=False),  # pages on which the line stood
    Column("last", Integer, nullable=False),  # the number of the last of those pages
)

rulings = Table(
    "rulings",
    metadata,
    Column("id", Id, primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("other_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("same", Boolean, nullable=False),
    Column("at", Moment, nullable=False),
    Column("story_was", Id, nullable=False),
    Index("ix_rulings_article", "article_id"),
    Index("ix_rulings_other", "other_id"),
)

matches = Table(
    "matches",
    metadata,
    Column("watchlist", String(100), primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("score", Float(53), nullable=False),
    Column("spans", Json, nullable=False),
    Column("query", Integer, nullable=False, default=0),
    Column("version", String(64), nullable=False, default=""),
    Column("matched", Moment, nullable=False),
    Column("rematched", Boolean, nullable=False, default=False),  # found only by matching again
    Index("ix_matches_watchlist_matched", "watchlist", "matched"),
    Index("ix_matches_article", "article_id"),
)

rematches = Table(
    "rematches",
    metadata,
    Column("watchlist", String(100), primary_key=True),
    Column("version", String(64), nullable=False),  # with which the archive was last matched
    Column("wanted", String(64), nullable=False, default=""),  # with which it is being matched
    Column("done", Id, nullable=False, default=0),  # number of the last article done
    Column("ended", Moment),
)

digests = Table(
    "digests",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("started", Moment, nullable=False),  # anything matched before then is not its news
    Column("covered_until", Moment, nullable=False),
    Column("number", Integer, nullable=False, default=0),  # of the newest edition
    Column("newest_article", Id, nullable=False, default=0),  # when the pointer last moved
)

editions = Table(
    "editions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", String(100), nullable=False),
    Column("number", Integer, nullable=False),
    Column("window_start", Moment, nullable=False),
    Column("window_end", Moment, nullable=False),
    Column("late", Boolean, nullable=False, default=False),
    Column("published", Moment, nullable=False),
    Column("subject", Words, nullable=False, default=""),
    Column("stories", Integer, nullable=False, default=0),
    Column("cut", Integer, nullable=False, default=0),
    Column("sent", Boolean, nullable=False, default=True),  # False: empty, and skipped by policy
    Column("body", Json, nullable=False),
    UniqueConstraint("digest", "number"),
    UniqueConstraint("digest", "window_end"),
)

edition_articles = Table(
    "edition_articles",
    metadata,
    Column("digest", String(100), primary_key=True),
    Column("article_id", Id, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    Column("story_id", Id, nullable=False),
    Column("fate", String(10), nullable=False),  # carried, cut, repeated
    Index("ix_edition_articles_story", "digest", "story_id"),
    Index("ix_edition_articles_edition", "edition_id"),
    Index("ix_edition_articles_article", "article_id"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True),
    Column("edition_id", Id, ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
    Column("channel", String(200), nullable=False),
    Column("address", Words, nullable=False, default=""),
    Column("part", Integer, nullable=False, default=1),
    Column("parts", Integer, nullable=False, default=1),
    Column("message_id", Words, nullable=False),
    Column("subject", Words, nullable=False, default=""),
    Column("content_type", String(100), nullable=False),
    Column("state", String(10), nullable=False, default="pending"),
    Column("attempts", Integer, nullable=False, default=0),
    Column("due", Moment),
    Column("lease_until", Moment),
    Column("lease_owner", String(40)),
    Column("why", Words, nullable=False, default=""),
    Column("receipt", Words, nullable=False, default=""),
    Column("created", Moment, nullable=False),
    Column("ended", Moment),
    Column("body", LargeBinary, nullable=False),  # last: columns behind it are slow to reach
    UniqueConstraint("edition_id", "channel", "address", "part"),
    Index("ix_deliveries_recipient", "channel", "address", "state"),
    Index("ix_deliveries_created", "created"),
)
_index_of_few(deliveries)
Index(
    "ix_deliveries_open",
    *(deliveries.c[name] for name in ("channel", "address", "id", "lease_until")),
    sqlite_where=text("due IS NOT NULL"),
    postgresql_where=text("due IS NOT NULL"),
)

attempts = Table(
    "attempts",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("at", Moment, nullable=False),
    Column("answer", String(10), nullable=False),  # `outbox.answer_name`, or `outbox.BY_HAND`
    Column("why", Words, nullable=False, default=""),
    Index("ix_attempts_delivery", "delivery_id"),
)

recipients = Table(
    "recipients",
    metadata,
    Column("channel", String(200), primary_key=True),
    Column("address", Words, primary_key=True, default=""),
    Column("digest", String(100), primary_key=True, default=""),  # empty: for all digests
    Column("token", String(64), unique=True),  # with which its reader can stop this digest
    Column("refusals", Integer, nullable=False, default=0),  # by the recipient itself, in a row
    Column("refused_since", Moment),  # time of the first of them
    Column("suspended", Moment),
    Column("why", Words, nullable=False, default=""),
)

holds = Table(
    "holds",
    metadata,
    Column("id", Id, primary_key=True),
    Column("taken", Moment, nullable=False),  # when the backup was made: it contains nothing later
    Column("began", Moment),  # when it was put in place; NULL: it is still a backup
    Column("ended", Moment),  # NULL: nothing is sent
    Column("news", String(10), nullable=False, default=""),  # what a person decided: tell, skip
    Column("messages", String(10), nullable=False, default=""),  # send, skip
)

robots = Table(
    "robots",
    metadata,
    Column("origin", String(300), primary_key=True),  # scheme://host:port
    Column("text", Words, nullable=False, default=""),
    Column("closed", Words, nullable=False, default=""),  # why everything is forbidden for now
    Column("closed_until", Moment),
    Column("etag", LargeBinary),
    Column("last_modified", LargeBinary),
    Column("fetched", Moment, nullable=False),
)

hosts = Table(
    "hosts",
    metadata,
    # name or name:port (fetch.hosts.host_key), "*" for every host (fetch.hosts.EVERY)
    Column("host", String(300), primary_key=True),
    Column("started", Moment),  # the last request to it; none while that is open (SQLite)
    Column("paused_until", Moment),  # it asked to be left alone until then
    Column("turns", Json, nullable=False, default=dict),  # mark of a request in progress -> its end
)
