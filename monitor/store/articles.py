"""Articles and their matches."""

from __future__ import annotations

import functools
import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Text,
    and_,
    cast,
    delete,
    exists,
    func,
    select,
    update,
)

from monitor.model import Article, Match
from monitor.store import rows
from monitor.store.schema import addresses, articles, entries, feeds, matches


def by_url(connection: Connection, urls: Sequence[str]) -> dict[str, int]:
    """Map canonical URLs to the numbers of their articles; unknown URLs are left out.

    An article also counts for a URL at which its page was fetched.
    """
    keys = {url: rows.short(url) for url in urls}
    found: dict[str, int] = {}
    for key, number in ((addresses.c.key, addresses.c.article_id), _IDENTITY):
        known = select(key.label("key"), number.label("number"))
        for row in rows.of_many(connection, known, key, keys.values()):
            found[row["key"]] = row["number"]
    return {url: found[key] for url, key in keys.items() if key in found}


_IDENTITY = (articles.c.url_key, articles.c.id)


def remember(connection: Connection, had: Iterable[tuple[str, int]]) -> None:
    """Store (canonical URL, article) for pages that name a different address as their own (P47)."""
    values = [{"key": rows.short(url), "article_id": number} for url, number in had]
    if values:
        connection.execute(rows.insert_new(connection.dialect.name, addresses, "key"), values)


def get(connection: Connection, article_id: int) -> Article | None:
    """One article."""
    row = connection.execute(select(articles).where(articles.c.id == article_id)).mappings().first()
    return None if row is None else rows.article(row)


@dataclass(frozen=True, slots=True)
class New:
    """An article to be added, with what it matches."""

    article: Article
    found: Sequence[Match]
    baseline: bool
    """It was there before the feed was watched, so it is not news."""
    at: datetime
    reissue_id: int | None = None
    """The suspected re-issue with which it is withheld."""


def insert(connection: Connection, added: Sequence[New]) -> list[int | None]:
    """Add articles with their matches; return each number, or None if the URL already exists."""
    dialect = connection.dialect.name
    values = [
        rows.article_columns(new.article)
        | {"baseline": new.baseline, "reissue_id": new.reissue_id, "group_due": _group_due(new)}
        for new in added
    ]
    inserted = connection.execute(_insert(dialect), values) if values else ()
    numbers: dict[str, int] = {row.url_key: row.id for row in inserted}
    # If several share one URL, the first is stored: `pop` leaves nothing for the others.
    ids = [numbers.pop(columns["url_key"], None) for columns in values]
    matched = [
        _match_row(article_id, match, new.at)
        for article_id, new in zip(ids, added, strict=True)
        if article_id is not None
        for match in new.found
    ]
    if matched:
        connection.execute(matches.insert(), matched)
    return ids


ARCHIVED_LATELY = timedelta(days=1)
"""How long an article that a feed had in its archive becomes news when another feed brings it.

Editions look further back than this for what has matched.
"""


@dataclass(frozen=True, slots=True)
class Brought:
    """An article that an entry of a feed has brought as news, though others had it before."""

    article_id: int
    entry_id: int
    feed_id: int
    at: datetime


def are_news(connection: Connection, brought: Iterable[Brought]) -> None:
    """Count as news what one feed had at its first poll and a feed that was known has brought.

    Not what that feed itself had before, under another id. The articles are updated in ascending
    order of number, as texts are.
    """
    for one in sorted(brought, key=lambda one: one.article_id):
        had = exists().where(
            entries.c.article_id == one.article_id,
            entries.c.feed_id == one.feed_id,
            entries.c.id != one.entry_id,
        )
        lately = (articles.c.baseline, articles.c.first_seen > one.at - ARCHIVED_LATELY)
        news = update(articles).where(articles.c.id == one.article_id, *lately, ~had)
        connection.execute(news.values(baseline=False))


def _group_due(new: New) -> datetime | None:
    """An article that matches needs a story, unless it is withheld."""
    return new.at if new.found and new.reissue_id is None else None


@functools.cache
def _insert(dialect: str) -> Any:
    """An INSERT that leaves existing articles unchanged."""
    statement = rows.insert_new(dialect, articles, "url_key")
    return statement.returning(articles.c.id, articles.c.url_key)


@dataclass(frozen=True, slots=True)
class Changed:
    """The current text of an article (fuller, or revised), with its matches."""

    article_id: int
    article: Article
    found: Sequence[Match]
    at: datetime


def update_texts(connection: Connection, changed: Iterable[Changed]) -> None:
    """Replace the texts and matches of articles; identity, `first_seen` and story stay.

    They are updated in ascending order of number, the order in which `past` locks them, so that two
    transactions that want the same articles never deadlock.
    """
    for one in sorted(changed, key=lambda one: one.article_id):
        _update_text(connection, one)


def _update_text(connection: Connection, changed: Changed) -> None:
    values = rows.article_columns(changed.article)
    for fixed in ("url", "url_key", "first_seen"):
        del values[fixed]
    mine = articles.c.id == changed.article_id
    connection.execute(update(articles).where(mine).values(**values))
    _set_matches(connection, changed.article_id, changed.found, changed.at)
    if changed.found:
        wanting = mine & WITHOUT_STORY
        connection.execute(update(articles).where(wanting).values(group_due=changed.at))


WITHOUT_STORY = articles.c.story_id.is_(None) & articles.c.reissue_id.is_(None)
"""Whether an article has no story but may get one, because it is not withheld."""


def _set_matches(
    connection: Connection, article_id: int, found: Sequence[Match], now: datetime
) -> None:
    """Write the matches; one that already existed keeps the time at which it was first made."""
    names = [match.watchlist for match in found]
    connection.execute(
        delete(matches).where(matches.c.article_id == article_id, matches.c.watchlist.not_in(names))
    )
    for match in found:
        values = _match_row(article_id, match, now)
        statement = rows.insert(connection.dialect.name, matches).values(**values)
        for fixed in ("watchlist", "article_id", "matched"):
            del values[fixed]
        connection.execute(
            statement.on_conflict_do_update(index_elements=["watchlist", "article_id"], set_=values)
        )


def _match_row(article_id: int, match: Match, now: datetime) -> dict[str, Any]:
    return rows.match_columns(match) | {"article_id": article_id, "matched": now}


def matches_of(
    connection: Connection, ids: Sequence[int], watchlists: Sequence[str] | None = None
) -> dict[int, tuple[Match, ...]]:
    """The matches of articles, strongest first; only those of `watchlists` if given."""
    found: dict[int, list[Match]] = {}
    statement = select(matches).order_by(matches.c.score.desc(), matches.c.watchlist)
    if watchlists is not None:
        statement = statement.where(matches.c.watchlist.in_(watchlists))
    for row in rows.of_many(connection, statement, matches.c.article_id, ids):
        found.setdefault(row["article_id"], []).append(rows.match(row))
    return {article_id: tuple(some) for article_id, some in found.items()}


@dataclass(frozen=True, slots=True)
class Past:
    """A stored article, with its story and the article it duplicates."""

    article: Article
    story_id: int | None
    duplicate_of: int | None
    baseline: bool
    """Whether the feed already had it on the first poll: then it is archive, not news."""


def also_in(connection: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """Map each article to the names of the other sources whose feeds link to its page (F57)."""
    named = (feeds.c.source, feeds.c.name, feeds.c.title)
    source = func.coalesce(*(func.nullif(name, "") for name in named))
    found: dict[int, set[str]] = {}
    others = (
        select(articles.c.id, source.label("other"))
        .join_from(entries, articles, articles.c.id == entries.c.article_id)
        .join(feeds, feeds.c.id == entries.c.feed_id)
        .where(source != articles.c.source)
        .distinct()
    )
    for row in rows.of_many(connection, others, entries.c.article_id, ids):
        found.setdefault(row["id"], set()).add(row["other"])
    return {number: tuple(sorted(names)) for number, names in found.items()}


def seen_within(start: datetime, end: datetime) -> ColumnElement[bool]:
    """Whether an article was first seen after `start` and up to `end`."""
    return and_(articles.c.first_seen > start, articles.c.first_seen <= end)


AT_ONCE = 1_000
"""Rows fetched from the archive at a time."""
_OF_FIELD = {
    "source": articles.c.source,
    "author": articles.c.authors,
    "lang": articles.c.language,
    "url": articles.c.url,
    "tag": articles.c.tags,
}


def texts_between(
    connection: Connection,
    start: datetime,
    end: datetime,
    fields: Collection[str] = (),
    *,
    numbers: tuple[int, int] | None = None,
) -> Iterator[tuple[int, list[str]]]:
    """Yield number and texts of the articles first seen after `start` and up to `end`.

    The texts are title, body, embedded posts, then `fields`. Rows are streamed, so never all in
    memory at once.

    `numbers`: only articles from the first number to the second, inclusive.
    """
    named = [_OF_FIELD[name] for name in sorted(fields)]
    seen = seen_within(start, end)
    if numbers is not None:
        seen &= articles.c.id.between(*numbers)
    # Most articles have no embedded post, and that can be seen without parsing the JSON.
    embeds_json = cast(articles.c.embeds, Text)
    wanted = select(articles.c.id, articles.c.title, articles.c.text, embeds_json, *named)
    streamed = {"yield_per": AT_ONCE}
    found = connection.execute(wanted.where(seen), execution_options=streamed)
    for number, title, text, embeds, *others in found:
        texts = [title, text]
        if embeds != "[]":
            texts += [embed["text"] for embed in json.loads(embeds)]
        for other in others:
            texts += [other] if isinstance(other, str) else other
        yield number, texts


def numbers_between(connection: Connection, start: datetime, end: datetime) -> Sequence[int]:
    """Numbers of the articles first seen after `start` and up to `end`, unordered."""
    return connection.scalars(select(articles.c.id).where(seen_within(start, end))).all()


def count_between(connection: Connection, start: datetime, end: datetime) -> int:
    """How many articles were first seen after `start` and up to `end`."""
    return rows.how_many(connection, articles, seen_within(start, end))


def matched_between(
    connection: Connection, watchlist: str, start: datetime, end: datetime
) -> set[int]:
    """Numbers of the articles of that time with a stored match for this watchlist."""
    statement = (
        select(matches.c.article_id)
        .join(articles, articles.c.id == matches.c.article_id)
        .where(matches.c.watchlist == watchlist, seen_within(start, end))
    )
    return set(connection.scalars(statement))


def sources_between(
    connection: Connection, start: datetime, end: datetime
) -> list[tuple[str, int]]:
    """Sources and how many of their articles were first seen in that time, largest count first."""
    seen = seen_within(start, end)
    number = func.count()
    statement = select(articles.c.source, number).where(seen).group_by(articles.c.source)
    found = connection.execute(statement.order_by(number.desc(), articles.c.source))
    return [(source, count) for source, count in found]


def spread(
    connection: Connection,
    start: datetime,
    end: datetime,
    most: int,
    *,
    apart_from: Collection[int] = (),
) -> list[int]:
    """Numbers of at most `most` articles of that time, evenly spread, without `apart_from`."""
    seen = seen_within(start, end)
    statement = select(articles.c.id).where(seen).order_by(articles.c.id)
    others = [number for number in connection.scalars(statement) if number not in apart_from]
    return others[:: -(-len(others) // most) or 1]


def past(connection: Connection, ids: Sequence[int], *, hold: bool = False) -> Iterator[Past]:
    """Yield these articles in full, ordered by number.

    `hold`: lock them against changes until the transaction ends. On PostgreSQL an update could
    otherwise come between this read and the write that depends on it; SQLite has one writer anyway.
    """
    wanted = select(articles).order_by(articles.c.id)
    if hold:
        wanted = wanted.with_for_update(key_share=True)
    for row in rows.of_many(connection, wanted, articles.c.id, sorted(ids)):
        yield Past(rows.article(row), row["story_id"], row["duplicate_of"], row["baseline"])


def counts(connection: Connection) -> dict[str, int]:
    """How many articles there are, how many match, and how many are in a story."""
    matched = select(func.count(matches.c.article_id.distinct()))
    return {
        "articles": rows.how_many(connection, articles),
        "matched": connection.scalar(matched) or 0,
        "in_story": rows.how_many(connection, articles, articles.c.story_id.is_not(None)),
    }
