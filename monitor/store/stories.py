"""Stories: which articles tell the same event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, update

from monitor.model import Article, Assignment
from monitor.store import rows, rulings
from monitor.store.schema import articles, stories


@dataclass(frozen=True, slots=True)
class Assigned:
    """An article with the story it was assigned to."""

    article: Article
    story_id: int
    duplicate_of: int | None
    why: Mapping[str, Any]
    """The decision: `score`, `terms`, `why`, and `nearest`, `hours`, `veto` where present."""


def due(connection: Connection, now: datetime, limit: int = 500) -> list[int]:
    """Numbers of the matched articles that have no story yet, longest waiting first."""
    statement = (
        select(articles.c.id)
        .where(articles.c.group_due <= now)
        .order_by(articles.c.group_due, articles.c.id)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def waiting(connection: Connection, ids: Sequence[int]) -> list[Article]:
    """Those articles that still need a story, in the order they were first seen.

    Articles seen within the same minute are ordered by publication: stories must not depend on
    which server answered sooner or which article was read sooner.
    """
    wanting = select(articles).where(articles.c.group_due.is_not(None))
    found = rows.of_many(connection, wanting, articles.c.id, ids)
    return sorted(map(rows.article, found), key=_order)


def _order(article: Article | Row[Any]) -> tuple[datetime, datetime, str]:
    seen = article.first_seen or datetime.max.replace(tzinfo=UTC)
    return seen.replace(second=0, microsecond=0), article.published or seen, article.url


def assigned_since(connection: Connection, since: datetime) -> list[int]:
    """Numbers of the articles assigned to a story since then, in the order of assignment."""
    lately = (articles.c.assigned >= since, articles.c.story_id.is_not(None))
    names = ("id", "assigned", "first_seen", "published", "url")
    outlines = connection.execute(select(*(articles.c[name] for name in names)).where(*lately))
    return [
        number for *_, number in sorted((row.assigned, _order(row), row.id) for row in outlines)
    ]


def assigned(connection: Connection, ids: Sequence[int]) -> list[Assigned]:
    """Those of these articles that are in a story, in the given order."""
    told = select(articles).where(articles.c.story_id.is_not(None))
    found = rows.of_many(connection, told, articles.c.id, ids)
    known = {row["id"]: _assigned(row) for row in found}
    return [known[number] for number in ids if number in known]


Mark = tuple[datetime | None, int, rulings.Mark]
"""(newest assignment, number of assigned articles, rulings): changes on every assignment."""


def mark(connection: Connection) -> Mark:
    """The state of grouping; equal marks mean that neither program nor person has grouped since."""
    statement = select(func.max(articles.c.assigned), func.count(articles.c.assigned))
    newest, count = connection.execute(statement).one()
    return newest, count, rulings.mark(connection)


def assign(
    connection: Connection, article: Article, assignment: Assignment, now: datetime
) -> int | None:
    """Put an article into its story (a new one if the assignment names none).

    Returns the story's number; None if the article has been given a story meanwhile.
    """
    wanting = (articles.c.id == article.id) & articles.c.group_due.is_not(None)
    if connection.scalar(select(articles.c.id).where(wanting).with_for_update()) is None:
        return None
    at = article.at or now
    if assignment.story_id is None:
        opened = stories.insert().values(opened=now, first_at=at, last_at=at)
        story_id = int(connection.execute(opened.returning(stories.c.id)).scalar_one())
    else:
        story_id = assignment.story_id
        _widen(connection, story_id, at)
    connection.execute(
        update(articles)
        .where(articles.c.id == article.id)
        .values(
            story_id=story_id,
            duplicate_of=assignment.duplicate_of,
            assigned=now,
            group_due=None,
            assignment={
                "score": assignment.score,
                "terms": list(assignment.terms),
                "why": assignment.why,
                "nearest": assignment.nearest,
                "hours": assignment.hours,
                "veto": assignment.veto,
            },
        )
    )
    return story_id


def _widen(connection: Connection, story_id: int, at: datetime) -> None:
    mine = stories.c.id == story_id
    connection.execute(update(stories).where(mine, stories.c.first_at > at).values(first_at=at))
    connection.execute(update(stories).where(mine, stories.c.last_at < at).values(last_at=at))


def members(connection: Connection, story_ids: Sequence[int]) -> dict[int, list[Assigned]]:
    """All articles of these stories, oldest first."""
    found: dict[int, list[Assigned]] = {}
    in_order = select(articles).order_by(articles.c.first_seen, articles.c.id)
    for row in rows.of_many(connection, in_order, articles.c.story_id, story_ids):
        found.setdefault(row["story_id"], []).append(_assigned(row))
    return found


def first_members(
    connection: Connection, story_id: int, most: int
) -> tuple[list[Assigned], list[Article]]:
    """The first `most` articles of a story, oldest first.

    For later articles, the second list has only their sources and times.
    """
    mine = select(articles).where(articles.c.story_id == story_id)
    in_order = (articles.c.first_seen, articles.c.id)
    found = connection.execute(mine.order_by(*in_order).limit(most)).mappings()
    names = ("id", "url", "source", "published", "first_seen", "tags")
    later = mine.with_only_columns(*(articles.c[name] for name in names))
    left = connection.execute(later.order_by(*in_order).offset(most)).mappings()
    outlines = [Article(**{**row, "tags": tuple(row["tags"])}) for row in left]
    return [_assigned(row) for row in found], outlines


def _assigned(row: rows.Row) -> Assigned:
    why = row["assignment"] or {}
    return Assigned(rows.article(row), row["story_id"], row["duplicate_of"], why)


def of_articles(connection: Connection, ids: Sequence[int]) -> list[int]:
    """The stories that contain any of these articles, newest first."""
    found = rows.of_many(connection, select(articles.c.story_id).distinct(), articles.c.id, ids)
    held = {row["story_id"] for row in found if row["story_id"]}
    return sorted(held, reverse=True)


def told_since(connection: Connection, since: datetime) -> list[int]:
    """The stories with an article told at or after `since`, newest first."""
    statement = select(stories.c.id).where(stories.c.last_at >= since)
    return list(connection.scalars(statement.order_by(stories.c.id.desc())))


def count(connection: Connection) -> int:
    """How many stories there are."""
    return rows.how_many(connection, stories)
