"""Rows to values and back, where several subjects need the same."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Insert, RowMapping, Table
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model import (
    Article,
    Embed,
    Enclosure,
    Entry,
    Feed,
    FeedState,
    Hints,
    Match,
    Polling,
    Span,
    Validators,
)
from monitor.store.types import kept

Row = Mapping[Any, Any]
"""A row of a table, by column name."""

CHUNK = 500
"""Values in one IN (...): well below every database's limit."""


def insert(dialect: str, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in a database's dialect."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(dialect: str, table: Table, *keys: str) -> Insert:
    """An INSERT that leaves rows alone whose `keys` are there already."""
    statement: Insert = insert(dialect, table).on_conflict_do_nothing(index_elements=list(keys))
    return statement


def chunks(values: Sequence[Any]) -> list[Sequence[Any]]:
    """The values in pieces of at most CHUNK."""
    return [values[i : i + CHUNK] for i in range(0, len(values), CHUNK)]


_INDEXED = 1_000
"""Bytes of a text that an index holds: PostgreSQL's take 2,700 at most."""


def short(value: str) -> str:
    """A text that stands for `value` in an index: itself, or its beginning and a hash of it all.

    What is short already stays as it is, so that short(short(x)) == short(x).
    """
    stored = kept(value)
    whole = stored.encode()
    if len(whole) <= _INDEXED:
        return stored
    return f"{stored[:200]} {sha256(whole).hexdigest()}"


PLAIN_FEED = (
    "id",
    "url",
    "name",
    "source",
    "owner",
    "kind",
    "lang",
    "region",
    "interval",
    "articles",
    "enabled",
    "selectors",
    "settings_url",
)
"""Fields of `Feed` that are columns of the same name."""


def feed(row: Row) -> Feed:
    """A row of `feeds` as the settings know it."""
    return Feed(tags=tuple(row["tags"]), **{name: row[name] for name in PLAIN_FEED})


def polling(row: RowMapping) -> Polling:
    """A row of `feeds` as polling knows it."""
    return Polling(
        feed=feed(row),
        state=FeedState(row["state"]),
        validators=Validators(row["validators_url"], row["etag"], row["last_modified"]),
        hints=_hints(row["hints"]),
        pieces=tuple(row["pieces"]),
        states=tuple(row["states"]),
        **{name: row[name] for name in PLAIN_POLLING},
    )


PLAIN_POLLING = (
    "body_hash",
    "read_whole",
    "title",
    "title_was",
    "failures",
    "failing_since",
    "last_polled",
    "last_success",
    "newest",
    "last_news",
    "gap",
    "moved_to",
    "calm",
    "returns",
    "returns_since",
    "returned",
    "redated",
)
"""Fields of `Polling` that are columns of the same name."""
POLLING = (
    *PLAIN_FEED,
    *PLAIN_POLLING,
    *("tags", "state", "validators_url", "etag", "last_modified", "hints", "pieces", "states"),
)
"""The columns of `feeds` of which `polling` is made."""


def changed_polling(before: Polling, after: Polling) -> dict[str, Any]:
    """The columns of `feeds` in which two states of a feed's polling differ, as they are after."""
    columns = {
        name: value
        for name in PLAIN_POLLING
        if (value := getattr(after, name)) != getattr(before, name)
    }
    if after.state != before.state:
        columns["state"] = after.state.value
    if after.validators != before.validators:
        kept = after.validators
        columns |= {
            "validators_url": kept.url,
            "etag": kept.etag,
            "last_modified": kept.last_modified,
        }
    if after.hints != before.hints:
        columns["hints"] = _hints_json(after.hints)
    if after.pieces != before.pieces:
        columns["pieces"] = list(after.pieces)
    if after.states != before.states:
        columns["states"] = list(after.states)
    return columns


def _hints_json(hints: Hints | None) -> dict[str, Any] | None:
    if hints is None:
        return None
    return {
        "ttl_s": hints.ttl.total_seconds() if hints.ttl else None,
        "skip_hours": list(hints.skip_hours),
        "skip_days": list(hints.skip_days),
        "update_period_s": hints.update_period.total_seconds() if hints.update_period else None,
    }


def _hints(stored: Mapping[str, Any] | None) -> Hints | None:
    if stored is None:
        return None
    return Hints(
        ttl=_seconds(stored["ttl_s"]),
        skip_hours=tuple(stored["skip_hours"]),
        skip_days=tuple(stored["skip_days"]),
        update_period=_seconds(stored["update_period_s"]),
    )


def _seconds(value: float | None) -> timedelta | None:
    return None if value is None else timedelta(seconds=value)


def entry(row: Row) -> Entry:
    """A row of `entries`."""
    return Entry(
        key=row["key"],
        id=row["guid"],
        link=row["link"],
        title=row["title"],
        published=row["published"],
        updated=row["updated"],
        authors=tuple(row["authors"]),
        summary_html=row["summary_html"],
        content_html=row["content_html"],
        categories=tuple(row["categories"]),
        language=row["language"],
        enclosures=tuple(Enclosure(**enclosure) for enclosure in row["enclosures"]),
    )


def entry_columns(value: Entry) -> dict[str, Any]:
    """The columns of `entries` that hold what the feed said."""
    return {
        "key": short(value.key),
        "guid": value.id,
        "link": value.link,
        "link_key": short(value.link),
        "title": value.title,
        "published": value.published,
        "updated": value.updated,
        "authors": list(value.authors),
        "summary_html": value.summary_html,
        "content_html": value.content_html,
        "categories": list(value.categories),
        "language": value.language,
        "enclosures": [dataclasses.asdict(enclosure) for enclosure in value.enclosures],
    }


PLAIN_ARTICLE = (
    "url",
    "link",
    "title",
    "text",
    "published",
    "modified",
    "first_seen",
    "section",
    "source",
    "owner",
    "language",
    "method",
    "text_hash",
)
"""Fields of `Article` that are columns of the same name."""


def article(row: Row) -> Article:
    """A row of `articles`."""
    return Article(
        id=row["id"],
        authors=tuple(row["authors"]),
        tags=tuple(row["tags"]),
        embeds=tuple(Embed(**embed) for embed in row["embeds"]),
        problems=tuple(row["problems"]),
        **{name: row[name] for name in PLAIN_ARTICLE},
    )


def article_columns(value: Article) -> dict[str, Any]:
    """The columns of `articles` that hold an Article."""
    return {
        "authors": list(value.authors),
        "tags": list(value.tags),
        "embeds": [dataclasses.asdict(embed) for embed in value.embeds],
        "problems": list(value.problems),
        "url_key": short(value.url),
        **{name: getattr(value, name) for name in PLAIN_ARTICLE},
    }


def match(row: Row) -> Match:
    """A row of `matches`."""
    return Match(
        watchlist=row["watchlist"],
        score=row["score"],
        spans=tuple(Span(*span) for span in row["spans"]),
        query=row["query"],
        version=row["version"],
    )


def match_columns(value: Match) -> dict[str, Any]:
    """The columns of `matches` that hold a Match; spans as short lists, being many."""
    return {
        "watchlist": value.watchlist,
        "score": value.score,
        "spans": [[s.field, s.start, s.end, s.text, s.term] for s in value.spans],
        "query": value.query,
        "version": value.version,
    }
