"""Group: each matched article joins the story of its event, or opens one.

One process groups at a time (two at once would split one story in two): the lock is the database's.
A person corrects stories under the same lock; what was said is obeyed by all that is grouped later.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model import Article, Assignment
from monitor.pipeline.parts import Parts
from monitor.store import rulings, stories
from monitor.stories.grouper import Grouper

log = logging.getLogger("monitor.group")

MEMORY = timedelta(days=14)
"""How far back a copy of an article is recognised."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """An article and the story it is in now."""

    article_id: int
    story_id: int
    assignment: Assignment


async def due(parts: Parts, now: datetime) -> list[int]:
    """The matched articles without a story."""
    return await parts.store.read(stories.due, now)


async def run(parts: Parts, keys: Sequence[int], now: datetime) -> list[Grouped]:
    """Assign articles in the order they were seen, each decided before the next is looked at."""
    lock = parts.store.lock("group")
    if lock is None:
        return []
    try:
        grouper = await _grouper(parts, now)
        waiting = await parts.store.read(stories.waiting, keys)
        grouped = [await _assign(parts, grouper, article) for article in waiting]
        parts.memory.mark = await parts.store.read(stories.mark)
        return [one for one in grouped if one is not None]
    finally:
        lock.release()


async def _grouper(parts: Parts, now: datetime) -> Grouper:
    """The state of grouping: remembered, or rebuilt when somebody else has grouped meanwhile."""
    mark = await parts.store.read(stories.mark)
    if parts.memory.grouper is None or parts.memory.mark != mark:
        grouper = Grouper(await parts.store.read(rulings.known), parts.encode)
        for held in await parts.store.read(stories.assigned_since, now - MEMORY):
            _remember(grouper, held.article, held.story_id, held.duplicate_of)
        parts.memory.grouper = grouper
    return parts.memory.grouper


async def _assign(parts: Parts, grouper: Grouper, article: Article) -> Grouped | None:
    now = parts.clock.now()
    assignment = _judge(grouper, article, now)
    story_id = await parts.store.write(stories.assign, article, assignment, now)
    if story_id is None:
        return None
    _remember(grouper, article, story_id, assignment.duplicate_of)
    log.debug("article %d -> story %d: %s", article.id, story_id, assignment.why)
    return Grouped(article.id, story_id, assignment)


def _judge(grouper: Grouper, article: Article, now: datetime) -> Assignment:
    """The grouper's decision; one text that it cannot read must not hold up all others (F95)."""
    try:
        return grouper.assign(article, now)
    except Exception as error:
        log.exception("article %d could not be grouped", article.id)
        why = f"a story of its own: internal error: {type(error).__name__}"
        return Assignment(article_id=article.id, story_id=None, why=why)


def _remember(grouper: Grouper, article: Article, story_id: int, duplicate_of: int | None) -> None:
    try:
        grouper.restore(article, story_id, duplicate_of)
    except Exception:
        log.exception("article %d will not be found again by what is like it", article.id)
