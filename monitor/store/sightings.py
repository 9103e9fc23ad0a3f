"""Which stories were seen through which terms of a watchlist, within a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from monitor.store.articles import seen_within
from monitor.store.schema import articles, matches


class Seen(NamedTuple):
    """An article and the terms by which it matched a watchlist."""

    watchlist: str
    story_id: int
    article_id: int
    terms: tuple[str, ...]


def seen(
    connection: Connection, watchlists: Sequence[str], start: datetime, end: datetime
) -> list[Seen]:
    """Matched articles first seen after `start` and up to `end`, without new feeds' archives."""
    statement = (
        select(matches.c.watchlist, articles.c.story_id, articles.c.id, matches.c.spans)
        .join_from(articles, matches, matches.c.article_id == articles.c.id)
        .where(
            seen_within(start, end),
            articles.c.baseline.is_(False),
            articles.c.story_id.is_not(None),
            matches.c.watchlist.in_(watchlists),
        )
        .order_by(articles.c.id, matches.c.watchlist)
    )
    return [
        Seen(row.watchlist, row.story_id, row.id, tuple(dict.fromkeys(s[4] for s in row.spans)))
        for row in connection.execute(statement)
    ]


def moments(
    connection: Connection, watchlist: str, start: datetime, end: datetime
) -> list[datetime]:
    """When a watchlist matched, after `start` and up to `end`, except by matching again."""
    statement = select(matches.c.matched).where(
        matches.c.watchlist == watchlist,
        matches.c.matched > start,
        matches.c.matched <= end,
        matches.c.rematched.is_(False),
    )
    return list(connection.scalars(statement))


def latest(connection: Connection, watchlist: str, limit: int) -> list[int]:
    """Numbers of the articles that a watchlist matched last, latest first."""
    statement = (
        select(matches.c.article_id)
        .where(matches.c.watchlist == watchlist)
        .order_by(matches.c.matched.desc(), matches.c.article_id.desc())
        .limit(limit)
    )
    return list(connection.scalars(statement))


def anything(connection: Connection, start: datetime, end: datetime) -> bool:
    """Whether any article was first seen after `start` and up to `end`."""
    found = connection.scalar(select(articles.c.id).where(seen_within(start, end)).limit(1))
    return found is not None


def oldest(connection: Connection) -> datetime | None:
    """When the oldest kept article was first seen."""
    found: datetime | None = connection.scalar(select(func.min(articles.c.first_seen)))
    return found
