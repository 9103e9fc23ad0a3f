"""Rulings: a person's word on which articles are of one story, and which are not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from monitor.model import Ruling
from monitor.store import rows
from monitor.store.schema import articles, rulings, stories


def known(connection: Connection) -> list[Ruling]:
    """All rulings, oldest first."""
    found = connection.execute(select(rulings).order_by(rulings.c.id)).mappings()
    return [_ruling(row) for row in found]


def of_articles(connection: Connection, ids: Sequence[int]) -> list[Ruling]:
    """The rulings on these articles, oldest first."""
    in_order = select(rulings).order_by(rulings.c.id)
    return [_ruling(row) for row in rows.of_many(connection, in_order, rulings.c.article_id, ids)]


def rule(
    connection: Connection, moved: Sequence[int], other_id: int, story_id: int | None, now: datetime
) -> int:
    """Move articles into a story (None: a new one) by a person's ruling; return its number.

    If it is the story of the article `other_id`, the ruling is that they are of one story; else
    that they are not. Earlier rulings to the contrary are deleted. A duplicate that is no longer in
    the story of its original becomes an ordinary article.
    """
    question = select(articles.c.id, articles.c.story_id)
    found = rows.of_many(connection, question, articles.c.id, [*moved, other_id])
    held: dict[int, int] = {row["id"]: row["story_id"] for row in found}
    target = story_id if story_id is not None else _open(connection, now)
    same = held[other_id] == target
    connection.execute(
        rulings.insert(),
        [
            {
                "article_id": one,
                "other_id": other_id,
                "same": same,
                "at": now,
                "story_was": held[one],
            }
            for one in moved
        ],
    )
    for chunk in rows.chunks(moved):
        mine = articles.c.id.in_(chunk)
        connection.execute(update(articles).where(mine).values(story_id=target))
    for touched in {target, *held.values()}:
        _mend(connection, touched)
    _forget_contrary(connection)
    return target


def _open(connection: Connection, now: datetime) -> int:
    opened = stories.insert().values(opened=now, first_at=now, last_at=now)
    return int(connection.execute(opened.returning(stories.c.id)).scalar_one())


def _mend(connection: Connection, story_id: int) -> None:
    """Update a story's times, and clear its stray duplicates, after its articles have changed."""
    mine = articles.c.story_id == story_id
    told = select(articles.c.id, articles.c.published, articles.c.first_seen).where(mine)
    held = connection.execute(told).all()
    if not held:  # its number is not reused: editions have told it
        return
    times = [min(row.published or row.first_seen, row.first_seen) for row in held]
    times_now = {"first_at": min(times), "last_at": max(times)}
    connection.execute(update(stories).where(stories.c.id == story_id).values(**times_now))
    here = select(articles.c.id).where(mine)
    stray = and_(mine, articles.c.duplicate_of.is_not(None), articles.c.duplicate_of.not_in(here))
    connection.execute(update(articles).where(stray).values(duplicate_of=None))


def _forget_contrary(connection: Connection) -> None:
    """Delete the rulings that the present stories contradict."""
    one, other = articles.alias("one"), articles.alias("other")
    pairs = (
        select(rulings.c.id)
        .join(one, one.c.id == rulings.c.article_id)
        .join(other, other.c.id == rulings.c.other_id)
    )
    contrary = pairs.where(
        or_(
            and_(rulings.c.same, one.c.story_id != other.c.story_id),
            and_(rulings.c.same.is_(False), one.c.story_id == other.c.story_id),
        )
    )
    connection.execute(delete(rulings).where(rulings.c.id.in_(contrary)))


Mark = tuple[datetime | None, int]
"""(newest ruling, number of rulings): changes whenever anybody rules."""


def mark(connection: Connection) -> Mark:
    """The present mark of the rulings."""
    newest, count = connection.execute(select(func.max(rulings.c.at), func.count())).one()
    return newest, count


def _ruling(row: rows.Row) -> Ruling:
    names = ("article_id", "other_id", "same", "at", "story_was")
    return Ruling(**{name: row[name] for name in names})
