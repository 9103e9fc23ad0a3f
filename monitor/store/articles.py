"""Articles and their matches."""

from __future__ import annotations

from collections.abc import Sequence
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
