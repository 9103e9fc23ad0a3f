"""Articles and their matches."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from monitor.model import Article, Match
from monitor.store import rows
from monitor.store.schema import articles, matches


def by_url(connection: Connection, urls: Sequence[str]) -> dict[str, int]:
    """The numbers of the articles with these canonical URLs; URLs without one are left out."""
    keys = {url: rows.short(url) for url in urls}
    found: dict[str, int] = {}
    for chunk in rows.chunks(list(keys.values())):
        statement = select(articles.c.url_key, articles.c.id).where(articles.c.url_key.in_(chunk))
        found |= {row.url_key: row.id for row in connection.execute(statement)}
    return {url: found[key] for url, key in keys.items() if key in found}


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
    """It was there before the feed was watched: no news."""
    at: datetime


def insert(connection: Connection, added: Sequence[New]) -> list[int | None]:
    """Add articles with their matches: the number of each; None: its URL is there already."""
    dialect = connection.dialect.name
    values = [
        rows.article_columns(new.article)
        | {"baseline": new.baseline, "group_due": new.at if new.found else None}
        for new in added
    ]
    inserted = connection.execute(_insert(dialect), values) if values else ()
    numbers: dict[str, int] = {row.url_key: row.id for row in inserted}
    # Of several with one URL the first is in: `pop` leaves nothing for the others.
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


@functools.cache
def _insert(dialect: str) -> Any:
    """An INSERT that leaves alone the articles that are there already."""
    statement = rows.insert_new(dialect, articles, "url_key")
    return statement.returning(articles.c.id, articles.c.url_key)


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
