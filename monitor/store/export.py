"""Everything that is kept, row by row, for use by other programs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, NotRequired, cast

from sqlalchemy import Column, Connection, Select, func, select
from typing_extensions import TypedDict

from monitor.model import Span
from monitor.redact import shareable
from monitor.store.articles import also_in
from monitor.store.entries import final_fate
from monitor.store.rows import Row
from monitor.store.schema import (
    articles,
    deliveries,
    editions,
    entries,
    feeds,
    matches,
    reissues,
    stories,
)
from monitor.watchlists.shapes import SpanShape, span_as_json

BATCH = 500


class EntryLine(TypedDict):
    """An entry as its feed states it, and what became of it."""

    feed: str
    """The address of its feed, with secrets hidden."""
    id: str
    """Its own id, as the feed states it."""
    link: str
    title: str
    published: datetime | None
    first_seen: datetime
    fate: str
    """new, duplicate, unreadable, matched or unmatched."""
    why: str
    withheld: str
    """Why it is withheld as a suspected re-issue, or was for a time; empty: it never was."""
    released: str
    """What a person said of it then: tell or skip; empty: nothing yet, or it was never withheld."""
    entry: int
    """Its number."""
    feed_id: int
    article: int | None
    """The article that it became, or of which it is a duplicate."""


def entries_wanted() -> Select[Any]:
    """Select the columns that `entry_line` needs."""
    return (
        select(
            feeds.c.settings_url.label("feed"),
            entries.c.guid.label("id"),
            entries.c.link,
            entries.c.title,
            entries.c.published,
            entries.c.first_seen,
            final_fate().label("fate"),
            entries.c.fate_why.label("why"),
            func.coalesce(reissues.c.why, "").label("withheld"),
            func.coalesce(reissues.c.news, "").label("released"),
            entries.c.id.label("entry"),
            entries.c.feed_id,
            entries.c.article_id.label("article"),
        )
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .join(reissues, reissues.c.id == entries.c.reissue_id, isouter=True)
    )


def entry_line(row: Row) -> EntryLine:
    """Turn a row of `entries_wanted` into a line."""
    line = {name: row[name] for name in COLUMNS["entries"]}
    return cast("EntryLine", line | {"feed": shareable(row["feed"])})


def entry_lines(connection: Connection, since: datetime | None) -> Iterator[EntryLine]:
    """All entries, oldest first."""
    statement = entries_wanted().order_by(entries.c.id)
    yield from map(entry_line, _stream(connection, statement, entries.c.first_seen, since))


class ArticleHead(TypedDict):
    """The title of an article, and where it comes from."""

    id: int
    url: str
    """The canonical URL: its identity."""
    title: str
    source: str
    language: str
    published: datetime | None
    first_seen: datetime | None


class ArticleLine(ArticleHead):
    """An article."""

    section: str | None
    authors: list[str]
    method: str
    """How its text was found."""
    problems: list[str]
    text: NotRequired[str]
    """Its clean text, if asked for: paragraphs separated by an empty line."""


def articles_wanted(*, text: bool = True) -> Select[Any]:
    """Select the columns that `article_line` needs."""
    columns = ("id", "url", "title", "source", "language", "published", "first_seen", "section")
    more = ("authors", "method", "problems", *(("text",) if text else ()))
    return select(*(articles.c[name] for name in (*columns, *more)))


def article_line(row: Row) -> ArticleLine:
    """Turn a row of `articles_wanted` into a line."""
    line = {name: row[name] for name in COLUMNS["articles"] if name in row}
    return cast("ArticleLine", line)


def article_lines(connection: Connection, since: datetime | None) -> Iterator[ArticleLine]:
    """All articles with their text, oldest first."""
    statement = articles_wanted().order_by(articles.c.id)
    yield from map(article_line, _stream(connection, statement, articles.c.first_seen, since))


class MatchedLine(TypedDict):
    """A match of an article, and where its words are."""

    watchlist: str
    article: int
    url: str
    title: str
    score: float
    query: int
    """The index of the query that was satisfied, from 0."""
    version: str
    """The version of the watchlist."""
    matched: datetime
    """When it was found."""
    rematched: bool
    """Found only by matching again, after a change of the watchlist."""
    terms: list[str]
    """The words that matched, as they stand in the article."""
    spans: list[SpanShape]


def matches_wanted() -> Select[Any]:
    """Select the columns that `matched_line` needs."""
    return select(
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
    ).join(articles, articles.c.id == matches.c.article_id)


def matched_line(row: Row) -> MatchedLine:
    """Turn a row of `matches_wanted` into a line."""
    return MatchedLine(
        watchlist=row["watchlist"],
        article=row["article"],
        url=row["url"],
        title=row["title"],
        score=row["score"],
        query=row["query"],
        version=row["version"],
        matched=row["matched"],
        rematched=row["rematched"],
        terms=list(dict.fromkeys(text for _f, _s, _e, text, _t in row["spans"])),
        spans=[span_as_json(Span(*span)) for span in row["spans"]],
    )


def match_lines(connection: Connection, since: datetime | None) -> Iterator[MatchedLine]:
    """All matches, oldest first."""
    order = (matches.c.matched, matches.c.article_id, matches.c.watchlist)
    statement = matches_wanted().order_by(*order)
    yield from map(matched_line, _stream(connection, statement, matches.c.matched, since))


class StoryLine(TypedDict):
    """A story, and the articles that tell it."""

    id: int
    """The older name of `story`; `first_at` and `last_at` are those of `first` and `last`."""
    opened: datetime
    first_at: datetime
    last_at: datetime
    title: str
    """The title of its first article."""
    articles: int
    sources: list[str]
    urls: list[str]
    story: int
    first: datetime
    """When it was first told."""
    last: datetime


def story_lines(connection: Connection, since: datetime | None) -> Iterator[StoryLine]:
    """All stories, oldest first."""
    statement = select(stories).order_by(stories.c.id)
    for row in _stream(connection, statement, stories.c.last_at, since):
        mine = select(articles.c.id, articles.c.url, articles.c.source, articles.c.title)
        mine = mine.where(articles.c.story_id == row["id"])
        mine = mine.order_by(articles.c.first_seen, articles.c.id)
        members = connection.execute(mine).all()
        also = also_in(connection, [member.id for member in members])
        yield StoryLine(
            id=row["id"],
            opened=row["opened"],
            first_at=row["first_at"],
            last_at=row["last_at"],
            title=members[0].title if members else "",
            articles=len(members),
            sources=sorted({member.source for member in members}.union(*also.values())),
            urls=[member.url for member in members],
            story=row["id"],
            first=row["first_at"],
            last=row["last_at"],
        )


class DeliveryLine(TypedDict):
    """A message to one recipient, and what has become of it."""

    digest: str
    number: int
    recipient: str
    """As in digests.toml."""
    id: int
    message_id: str
    subject: str
    part: int
    parts: int
    state: str
    """pending, sending, sent, refused or expired."""
    attempts: int
    created: datetime
    due: datetime | None
    ended: datetime | None
    why: str
    receipt: str
    bytes: int


def delivery_lines(connection: Connection, since: datetime | None) -> Iterator[DeliveryLine]:
    """All deliveries, oldest first."""
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
    for row in _stream(connection, statement, deliveries.c.created, since):
        yield cast("DeliveryLine", row)  # the columns are its keys


def _stream(
    connection: Connection, statement: Select[Any], at: Column[Any], since: datetime | None
) -> Iterator[dict[str, Any]]:
    """The rows of a statement, of any time or with `at` since then."""
    if since is not None:
        statement = statement.where(at >= since)
    streamed = {"stream_results": True, "yield_per": BATCH}
    result = connection.execute(statement, execution_options=streamed)
    for row in result.mappings():
        yield dict(row)


LINES: dict[str, Callable[[Connection, datetime | None], Iterator[Mapping[str, Any]]]] = {
    "entries": entry_lines,
    "articles": article_lines,
    "matches": match_lines,
    "stories": story_lines,
    "deliveries": delivery_lines,
}
"""What can be exported."""
COLUMNS: dict[str, tuple[str, ...]] = {
    "entries": tuple(EntryLine.__annotations__),
    "articles": tuple(ArticleLine.__annotations__),
    "matches": tuple(MatchedLine.__annotations__),
    "stories": tuple(StoryLine.__annotations__),
    "deliveries": tuple(DeliveryLine.__annotations__),
}
"""The keys of each kind of line, in order: a table has a header even without rows."""
