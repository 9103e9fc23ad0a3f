"""Group: assign each matched article to the story of its event, or open a new story.

One process groups at a time (two at once would split one story in two), under a lock of the
database. A person corrects stories under the same lock; all later grouping obeys the ruling.
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
"""How far back duplicates of an article are recognised."""
AT_ONCE = 20
"""Articles read between two turns of the event loop when the state is rebuilt: reading all of them
takes some milliseconds each, and polls and pages must not wait for that."""


@dataclass(frozen=True, slots=True)
class Grouped:
    """An article and the story it is now in."""

    article_id: int
    story_id: int
    assignment: Assignment


async def due(parts: Parts, now: datetime) -> list[int]:
    """The matched articles without a story."""
    return await parts.store.read(stories.due, now)


async def run(parts: Parts, keys: Sequence[int], now: datetime) -> list[Grouped]:
    """Assign articles in the order they were seen, deciding each before looking at the next."""
    async with parts.store.alone("group") as alone:
        if not alone:
            return []
        grouper = await _grouper(parts, now)
        waiting = await parts.store.read(stories.waiting, keys)
        grouped = [await _assign(parts, grouper, article) for article in waiting]
        parts.memory.mark = await parts.store.read(stories.mark)
        return [one for one in grouped if one is not None]


async def _grouper(parts: Parts, now: datetime) -> Grouper:
    """The state of grouping: from memory, or rebuilt if anybody else has grouped meanwhile."""
    mark = await parts.store.read(stories.mark)
    if parts.memory.grouper is None or parts.memory.mark != mark:
        grouper = Grouper(await parts.store.read(rulings.known), parts.encode)
        numbers = await parts.store.read(stories.assigned_since, now - MEMORY)
        for start in range(0, len(numbers), AT_ONCE):
            some = numbers[start : start + AT_ONCE]
            for held in await parts.store.read(stories.assigned, some):
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
    """The grouper's decision; a text that it cannot handle must not hold up the others (F95)."""
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
        log.exception("article %d will not be recognised by articles like it", article.id)
