"""Conversion between rows and values that several subjects share."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Insert,
    RowMapping,
    Select,
    Table,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from monitor.model import (
    Article,
    Embed,
    Enclosure,
    Entry,
    Feed,
    FeedState,
    Followed,
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
"""How many values one IN (...) takes: well below the limit of either database."""


def insert(dialect: str, table: Table) -> Any:
    """An INSERT that supports ON CONFLICT, in a database's dialect."""
    if dialect == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(dialect: str, table: Table, *keys: str) -> Insert:
    """An INSERT that skips rows whose `keys` exist already."""
    statement: Insert = insert(dialect, table).on_conflict_do_nothing(index_elements=list(keys))
    return statement


def chunks(values: Sequence[Any]) -> list[Sequence[Any]]:
    """The values in slices of at most CHUNK."""
    return [values[i : i + CHUNK] for i in range(0, len(values), CHUNK)]


def of_many(
    connection: Connection,
    statement: Select[Any],
    column: ColumnElement[Any],
    values: Collection[Any],
) -> Iterator[RowMapping]:
    """The rows of a statement whose column has one of many values, asked for a CHUNK at a time.

    The statement's order holds within a chunk.
    """
    for chunk in chunks(list(values)):
        yield from connection.execute(statement.where(column.in_(chunk))).mappings()


def how_many(connection: Connection, table: FromClause, *conditions: ColumnElement[bool]) -> int:
    """How many rows of a table fulfil all conditions."""
    return connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0


def tally(connection: Connection, column: ColumnElement[Any]) -> dict[Any, int]:
    """Count the rows for each value of a column, ordered by value."""
    counted = select(column, func.count()).group_by(column).order_by(column)
    return {row[0]: row[1] for row in connection.execute(counted)}


_INDEXED = 1_000
"""Bytes of a text that an index holds: PostgreSQL's take at most 2,700."""


def short(value: str) -> str:
    """Shorten a text for use in an index: itself, or its beginning and a hash of the whole.

    A short text stays as it is, so short(short(x)) == short(x).
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
    """Make a Feed, as in the settings, of a row of `feeds`."""
    return Feed(tags=tuple(row["tags"]), **{name: row[name] for name in PLAIN_FEED})


def polling(row: RowMapping) -> Polling:
    """Make a Polling of a row of `feeds`."""
    return Polling(
        feed=feed(row),
        state=FeedState(row["state"]),
        validators=Validators(row["validators_url"], row["etag"], row["last_modified"]),
        hints=_hints(row["hints"]),
        pieces=tuple(row["pieces"]),
        states=tuple(row["states"]),
        followed=tuple(_followed(one) for one in row["followed"]),
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
    "followed",
)
"""The columns of `feeds` that `polling` needs."""


def changed_polling(before: Polling, after: Polling) -> dict[str, Any]:
    """The columns of `feeds` that differ between two Pollings, with their values in `after`."""
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
    if after.followed != before.followed:
        columns["followed"] = [_followed_json(one) for one in after.followed]
    return columns


def _followed_json(one: Followed) -> dict[str, Any]:
    kept = one.validators
    times = {name: getattr(one, name) for name in _TIMES_FOLLOWED}
    return {
        "url": kept.url,
        # Any bytes may stand in a header, but not in a JSON text.
        "etag": kept.etag.hex() if kept.etag is not None else None,
        "last_modified": kept.last_modified.hex() if kept.last_modified is not None else None,
        **{name: time.isoformat() if time else None for name, time in times.items()},
        **{name: getattr(one, name) for name in _PLAIN_FOLLOWED},
    }


def _followed(stored: Mapping[str, Any]) -> Followed:
    etag, last_modified = stored["etag"], stored["last_modified"]
    fields = {name: stored[name] for name in _PLAIN_FOLLOWED if name in stored}
    for name in _TIMES_FOLLOWED:
        time = stored.get(name)
        fields[name] = datetime.fromisoformat(time) if time else None
    return Followed(
        validators=Validators(
            stored["url"],
            bytes.fromhex(etag) if etag is not None else None,
            bytes.fromhex(last_modified) if last_modified is not None else None,
        ),
        **fields,
    )


_TIMES_FOLLOWED = ("failing_since", "not_before", "changed")
"""Fields of `Followed` that JSON holds as text."""
_PLAIN_FOLLOWED = ("entries", "left", "dated", "whole", "failures", "gone")
"""Fields of `Followed` that JSON holds as they are."""


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
    """Make an Entry of a row of `entries`."""
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
        shares_page=row["shares_page"],
    )


def entry_columns(value: Entry) -> dict[str, Any]:
    """The columns of `entries` that hold what the feed stated."""
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
        "shares_page": value.shares_page,
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
    """Make an Article of a row of `articles`."""
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
    """Make a Match of a row of `matches`."""
    return Match(
        watchlist=row["watchlist"],
        score=row["score"],
        spans=tuple(Span(*span) for span in row["spans"]),
        query=row["query"],
        version=row["version"],
    )


def match_columns(value: Match) -> dict[str, Any]:
    """The columns of `matches` that hold a Match; in JSON, spans are short lists, not tables."""
    return {
        "watchlist": value.watchlist,
        "score": value.score,
        "spans": value.spans,
        "query": value.query,
        "version": value.version,
    }
