"""Correct: a person splits articles off a story, or joins several stories.

The decisions are kept as rulings, which grouping obeys from then on, even after a restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import UsageError
from monitor.store import Store, rulings, stories
from monitor.store.lock import Lock, only
from monitor.store.stories import Assigned


@dataclass(frozen=True, slots=True)
class Corrected:
    """A story after a person's correction."""

    story_id: int
    were_of: tuple[int, ...]
    """The stories that the articles were in before."""
    articles: tuple[int, ...]
    """The articles that have moved."""


def split(store: Store, article_ids: Sequence[int], now: datetime) -> Corrected:
    """Split some articles, with the duplicates of their texts, off a story into a new one.

    A duplicate that is named itself is split off alone. Raises UsageError when the articles are not
    in one story, or are all of it; TryLaterError while articles are being grouped.
    """
    with _alone(store):
        story_ids = store.read_now(stories.of_articles, article_ids)
        members = store.read_now(stories.members, story_ids)
        held = {one.article.id: one for some in members.values() for one in some}
        for wanted in article_ids:
            if wanted not in held:
                raise UsageError(f"article {wanted} is in no story", hint="monitor stories list")
        if len(members) > 1:
            named = " and ".join(map(str, sorted(members)))
            raise UsageError(f"the articles are of stories {named}", hint="split one at a time")
        moved = [
            one.article.id
            for one in held.values()
            if one.article.id in article_ids or one.duplicate_of in article_ids
        ]
        left = [one for one in held.values() if one.article.id not in moved]
        if not left:
            raise UsageError(
                f"nothing would be left of story {story_ids[0]}",
                "these are all its articles; duplicates count with their originals",
            )
        new = store.write_now(rulings.rule, moved, _first(left), None, now)
    return Corrected(new, tuple(members), tuple(moved))


def join(store: Store, story_ids: Sequence[int], now: datetime) -> Corrected:
    """Move the articles of all these stories into the first one.

    Raises UsageError when one of the stories does not exist, or only one is named; TryLaterError
    while articles are being grouped.
    """
    kept, *others = dict.fromkeys(story_ids)
    if not others:
        raise UsageError("a single story cannot be joined", hint="name two or more")
    with _alone(store):
        members = store.read_now(stories.members, [kept, *others])
        for wanted in (kept, *others):
            if wanted not in members:
                raise UsageError(f"there is no story {wanted}", hint="monitor stories list")
        moved = [one.article.id for other in others for one in members[other]]
        store.write_now(rulings.rule, moved, _first(members[kept]), kept, now)
    return Corrected(kept, tuple(others), tuple(moved))


def _first(members: Sequence[Assigned]) -> int:
    """The article that represents a story in rulings: its first original."""
    originals = [one for one in members if one.duplicate_of is None]
    return min(one.article.id for one in originals or members)


def _alone(store: Store) -> AbstractContextManager[Lock]:
    return only(store.lock("group"), "articles are being grouped", "try again in a moment")
