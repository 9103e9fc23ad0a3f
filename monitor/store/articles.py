"""Articles and their matches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from monitor.model import Article, Match
from monitor.store import rows
from monitor.store.schema import articles, matches


def by_url(connection: Connection, url: str) -> int | None:
    """The number of the article with this canonical URL."""
    same = articles.c.url_key == rows.short(url)
    found: int | None = connection.scalar(select(articles.c.id).where(same))
    return found


def get(connection: Connection, article_id: int) -> Article | None:
    """One article."""
    row = connection.execute(select(articles).where(articles.c.id == article_id)).mappings().first()
    return None if row is None else rows.article(row)


def insert(
    connection: Connection,
    article: Article,
    found: Sequence[Match],
    *,
    baseline: bool,
    now: datetime,
) -> int | None:
    """Add an article with its matches; None: its canonical URL is there already."""
    statement = rows.insert_new(connection.dialect.name, articles, "url_key").returning(
        articles.c.id
    )
    values = rows.article_columns(article) | {
        "baseline": baseline,
        "group_due": now if found else None,
    }
    article_id: int | None = connection.scalar(statement, values)
    if article_id is not None:
        _set_matches(connection, article_id, found, now)
    return article_id


def update_text(
    connection: Connection, article_id: int, article: Article, found: Sequence[Match], now: datetime
) -> None:
    """Replace what an article says (a fuller text, a revision) and what it matches.

    Its identity, its first sight and its story stay.
    """
    values = rows.article_columns(article)
    for fixed in ("url", "url_key", "first_seen"):
        del values[fixed]
    connection.execute(update(articles).where(articles.c.id == article_id).values(**values))
    _set_matches(connection, article_id, found, now)
    if found:
        wanting = (articles.c.id == article_id) & articles.c.story_id.is_(None)
        connection.execute(update(articles).where(wanting).values(group_due=now))


def _set_matches(
    connection: Connection, article_id: int, found: Sequence[Match], now: datetime
) -> None:
    """Write the matches; one that was there keeps the time at which it was first made."""
    names = [match.watchlist for match in found]
    connection.execute(
        delete(matches).where(matches.c.article_id == article_id, matches.c.watchlist.not_in(names))
    )
    for match in found:
        values = rows.match_columns(match)
        statement = rows.insert(connection.dialect.name, matches).values(
            article_id=article_id, matched=now, **values
        )
        del values["watchlist"]
        connection.execute(
            statement.on_conflict_do_update(index_elements=["watchlist", "article_id"], set_=values)
        )


def matches_of(
    connection: Connection, ids: Sequence[int], watchlists: Sequence[str] | None = None
) -> dict[int, tuple[Match, ...]]:
    """The matches of articles (of some watchlists only, when named), strongest first."""
    found: dict[int, list[Match]] = {}
    for chunk in rows.chunks(ids):
        statement = select(matches).where(matches.c.article_id.in_(chunk))
        if watchlists is not None:
            statement = statement.where(matches.c.watchlist.in_(watchlists))
        statement = statement.order_by(matches.c.score.desc(), matches.c.watchlist)
        for row in connection.execute(statement).mappings():
            found.setdefault(row["article_id"], []).append(rows.match(row))
    return {article_id: tuple(some) for article_id, some in found.items()}


@dataclass(frozen=True, slots=True)
class Past:
    """An article of the archive, with the story and the text that it shares with others."""

    article: Article
    story_id: int | None
    duplicate_of: int | None


AT_ONCE = 500
"""Rows that are fetched together from the archive."""
_OF_FIELD = {
    "source": articles.c.source,
    "author": articles.c.authors,
    "lang": articles.c.language,
    "url": articles.c.url,
    "tag": articles.c.tags,
}


def texts_between(
    connection: Connection, start: datetime, end: datetime, fields: Collection[str] = ()
) -> Iterator[tuple[int, list[str]]]:
    """Number and texts (title, body, embedded posts, then `fields`) of the articles first seen
    after `start` and up to `end`, in the order of their numbers' blocks, never all at once."""
    named = [_OF_FIELD[name] for name in sorted(fields)]
    seen = (articles.c.first_seen > start) & (articles.c.first_seen <= end)
    wanted = select(articles.c.id, articles.c.title, articles.c.text, articles.c.embeds, *named)
    streamed = {"yield_per": AT_ONCE}
    found = connection.execute(wanted.where(seen), execution_options=streamed)
    for number, title, text, embeds, *others in found:
        texts = [title, text, *(embed["text"] for embed in embeds)]
        for other in others:
            texts += [other] if isinstance(other, str) else other
        yield number, texts


def count_between(connection: Connection, start: datetime, end: datetime) -> int:
    """How many articles were first seen after `start` and up to `end`."""
    seen = (articles.c.first_seen > start) & (articles.c.first_seen <= end)
    return _count(connection, select(func.count()).select_from(articles).where(seen))


def matched_between(
    connection: Connection, watchlist: str, start: datetime, end: datetime
) -> set[int]:
    """Numbers of the articles of that time with a stored match of this watchlist."""
    statement = (
        select(matches.c.article_id)
        .join(articles, articles.c.id == matches.c.article_id)
        .where(
            matches.c.watchlist == watchlist,
            articles.c.first_seen > start,
            articles.c.first_seen <= end,
        )
    )
    return set(connection.scalars(statement))


def sources_between(
    connection: Connection, start: datetime, end: datetime
) -> list[tuple[str, int]]:
    """Sources, and how many articles of theirs were first seen in that time, most first."""
    seen = (articles.c.first_seen > start) & (articles.c.first_seen <= end)
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
    """Numbers of at most so many articles of that time, evenly spread, apart from some."""
    seen = (articles.c.first_seen > start) & (articles.c.first_seen <= end)
    statement = select(articles.c.id).where(seen).order_by(articles.c.id)
    others = [number for number in connection.scalars(statement) if number not in apart_from]
    return others[:: -(-len(others) // most) or 1]


def past(connection: Connection, ids: Sequence[int]) -> Iterator[Past]:
    """These articles whole, in the order of their numbers."""
    for chunk in rows.chunks(ids):
        wanted = select(articles).where(articles.c.id.in_(chunk)).order_by(articles.c.id)
        for row in connection.execute(wanted).mappings():
            yield Past(rows.article(row), row["story_id"], row["duplicate_of"])


def counts(connection: Connection) -> dict[str, int]:
    """How many articles there are, how many match, how many stand in a story."""
    matched = select(func.count(matches.c.article_id.distinct()))
    return {
        "articles": _count(connection, select(func.count()).select_from(articles)),
        "matched": _count(connection, matched),
        "in_story": _count(
            connection, select(func.count()).where(articles.c.story_id.is_not(None))
        ),
    }


def _count(connection: Connection, statement: Any) -> int:
    return int(connection.scalar(statement) or 0)
