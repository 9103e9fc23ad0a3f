"""Everything that is kept, row by row, for other programs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, exists, func, select

from monitor.redact import shareable
from monitor.store.schema import (
    articles,
    deliveries,
    editions,
    entries,
    feeds,
    matches,
    stories,
)

BATCH = 500


def final_fate() -> Any:
    """The fate of an entry as a column: an article is told as matched or unmatched."""
    matched = exists().where(matches.c.article_id == entries.c.article_id)
    return case(
        (entries.c.fate != "article", entries.c.fate),
        (matched, "matched"),
        else_="unmatched",
    )


def entry_lines(connection: Connection, since: datetime | None) -> Iterator[dict[str, Any]]:
    """{feed, id, link, title, published, first_seen, fate, why}, oldest first."""
    statement = (
        select(
            feeds.c.settings_url.label("feed"),
            entries.c.guid.label("id"),
            entries.c.link,
            entries.c.title,
            entries.c.published,
            entries.c.first_seen,
            final_fate().label("fate"),
            entries.c.fate_why.label("why"),
        )
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .order_by(entries.c.id)
    )
    if since is not None:
        statement = statement.where(entries.c.first_seen >= since)
    for line in _stream(connection, statement):
        yield {**line, "feed": shareable(line["feed"])}


def article_lines(connection: Connection, since: datetime | None) -> Iterator[dict[str, Any]]:
    """The articles with their text, oldest first."""
    columns = ("id", "url", "title", "source", "language", "published", "first_seen", "section")
    more = ("authors", "method", "problems", "text")
    statement = select(*(articles.c[name] for name in (*columns, *more))).order_by(articles.c.id)
    if since is not None:
        statement = statement.where(articles.c.first_seen >= since)
    yield from _stream(connection, statement)


def match_lines(connection: Connection, since: datetime | None) -> Iterator[dict[str, Any]]:
    """{watchlist, article, url, title, score, query, version, matched, rematched, terms}.

    Oldest first.
    """
    statement = (
        select(
            matches.c.watchlist,
            matches.c.article_id.label("article"),
            articles.c.url,
            articles.c.title,
            matches.c.score,
            matches.c.query,
            matches.c.version,
            matches.c.matched,
            matches.c.rematched,
            matches.c.spans,
        )
        .join(articles, articles.c.id == matches.c.article_id)
        .order_by(matches.c.matched, matches.c.article_id, matches.c.watchlist)
    )
    if since is not None:
        statement = statement.where(matches.c.matched >= since)
    for row in _stream(connection, statement):
        spans = row.pop("spans")
        yield {**row, "terms": list(dict.fromkeys(text for _f, _s, _e, text, _t in spans))}


def story_lines(connection: Connection, since: datetime | None) -> Iterator[dict[str, Any]]:
    """{id, opened, first_at, last_at, articles, sources, urls}, oldest first."""
    statement = select(stories).order_by(stories.c.id)
    if since is not None:
        statement = statement.where(stories.c.last_at >= since)
    for row in _stream(connection, statement):
        mine = select(articles.c.url, articles.c.source, articles.c.title)
        mine = mine.where(articles.c.story_id == row["id"]).order_by(articles.c.first_seen)
        members = connection.execute(mine).all()
        yield {
            **row,
            "title": members[0].title if members else "",
            "articles": len(members),
            "sources": sorted({member.source for member in members}),
            "urls": [member.url for member in members],
        }


def delivery_lines(connection: Connection, since: datetime | None) -> Iterator[dict[str, Any]]:
    """{id, digest, number, recipient, message_id, state, attempts, ...}, oldest first."""
    columns = ("id", "message_id", "subject", "part", "parts", "state", "attempts")
    more = ("created", "due", "ended", "why", "receipt")
    statement = (
        select(
            editions.c.digest,
            editions.c.number,
            (deliveries.c.channel + ":" + deliveries.c.address).label("recipient"),
            *(deliveries.c[name] for name in (*columns, *more)),
            func.length(deliveries.c.body).label("bytes"),
        )
        .join(editions, editions.c.id == deliveries.c.edition_id)
        .order_by(deliveries.c.id)
    )
    if since is not None:
        statement = statement.where(deliveries.c.created >= since)
    yield from _stream(connection, statement)


def _stream(connection: Connection, statement: Any) -> Iterator[dict[str, Any]]:
    result = connection.execution_options(stream_results=True, yield_per=BATCH).execute(statement)
    for row in result.mappings():
        yield dict(row)


LINES = {
    "entries": entry_lines,
    "articles": article_lines,
    "matches": match_lines,
    "stories": story_lines,
    "deliveries": delivery_lines,
}
"""What can be exported."""
