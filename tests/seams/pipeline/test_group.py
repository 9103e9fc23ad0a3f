"""Grouping over the store survives a restart unchanged, and keeps a person's rulings."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from support.values import NOW, article, match
from support.world import world

from monitor.errors import TryLaterError, UsageError
from monitor.model import Article
from monitor.pipeline import correct, group
from monitor.pipeline.parts import Memory, Parts
from monitor.store import Store, articles, rulings, stories
from monitor.stories.grouper import Grouper
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio

TREES = "alder birch cedar elm fir hazel larch maple oak pine rowan spruce willow yew"


def newswire(count: int) -> list[Article]:
    """Return articles of several stories, one every two hours, some of them copies or late."""
    chance, trees = Random(4), TREES.split()
    made: list[Article] = []
    for number in range(1, count + 1):
        topic = [f"{word}{number // 8}" for word in chance.sample(trees, 5)]
        text = " ".join(chance.choices([f"{word}{number // 8}" for word in trees], k=60))
        at = NOW + number * timedelta(hours=2)
        one = article(number, title=" ".join(topic), text=text, first_seen=at, published=at)
        if number % 5 == 0:
            one = replace(one, text=made[-2].text)
        made.append(one)
    return made


async def bring(parts: Parts, clock: FakeClock, told: Sequence[Article]) -> None:
    """Read, match and group each article at the time it was first seen."""
    for one in told:
        assert one.first_seen is not None
        clock.advance(max(one.first_seen - clock.now(), timedelta()))
        now = clock.now()
        await parts.store.write(articles.insert, [articles.New(one, [match()], False, now)])
        await group.run(parts, await group.due(parts, now), now)


def groups(store: Store) -> dict[str, tuple[int, int | None, str]]:
    """Return story, original and reason by address."""
    found = store.read_now(stories.members, store.read_now(stories.told_since, NOW))
    return {
        one.article.url: (story, one.duplicate_of, str(one.why["why"]))
        for story, some in found.items()
        for one in some
    }


def alone(told: Sequence[Article]) -> dict[str, tuple[int, int | None, str]]:
    """Make the same decisions without any store."""
    grouper, found, opened = Grouper(), dict[str, tuple[int, int | None, str]](), 0
    for number, one in enumerate(told, start=1):
        assert one.first_seen is not None
        given = replace(one, id=number)
        decided = grouper.assign(given, one.first_seen)
        opened += decided.story_id is None
        story = decided.story_id or opened
        grouper.restore(given, story, decided.duplicate_of)
        found[one.url] = (story, decided.duplicate_of, decided.why)
    return found


async def test_a_restart_half_way_gives_the_same_groups(store: Store, clock: FakeClock) -> None:
    """Groups and reasons equal those of the decisions alone, on both databases."""
    told = newswire(40)
    async with world(store, clock) as parts:
        await bring(parts, clock, told[:23])
        await bring(replace(parts, memory=Memory()), clock, told[23:])
    found = groups(store)
    assert found == alone(told)
    assert len({story for story, _, _ in found.values()}) > 4
    assert any(original for _, original, _ in found.values())


async def test_the_event_loop_turns_while_the_state_is_rebuilt(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A start with a fortnight's articles keeps no poll and no page waiting until all are read."""
    told = newswire(3 * group.AT_ONCE)
    restored = [0]
    restore = Grouper.restore

    def counted(grouper: Grouper, *args: Any) -> None:
        restored[-1] += 1
        restore(grouper, *args)

    async def turn() -> None:
        while True:
            restored.append(0)
            await asyncio.sleep(0)

    async with world(store, clock) as parts:
        await bring(parts, clock, told[:-1])
        monkeypatch.setattr(Grouper, "restore", counted)
        turning = asyncio.create_task(turn())
        try:
            await bring(replace(parts, memory=Memory()), clock, told[-1:])
        finally:
            turning.cancel()
    assert sum(restored) == len(told)
    assert max(restored) <= group.AT_ONCE


LAUNCH = "Navy launches frigate Haldor at the northern yard"
FAIR = "Bakers of the southern valley open their autumn fair"


def about(number: int, title: str, text: str = "", hours: int = 0) -> Article:
    at = NOW + timedelta(hours=hours)
    return article(number, title=title, text=text or f"Text {number}.", first_seen=at, published=at)


async def test_what_a_person_has_taken_apart_stays_apart(store: Store, clock: FakeClock) -> None:
    """Copies of its text stay apart with it; a running and a restarted process both obey."""
    text = f"{LAUNCH} and its crew of forty sails north before dawn with a new radar on the mast."
    told = [about(1, LAUNCH), about(2, LAUNCH, text), about(3, LAUNCH, text), about(4, LAUNCH)]
    async with world(store, clock) as parts:
        await bring(parts, clock, told)
        assert len({story for story, _, _ in groups(store).values()}) == 1
        done = correct.split(store, [2], clock.now())
        assert done == correct.Corrected(2, (1,), (2, 3))
        later = about(5, f"{LAUNCH} with a new radar", text.replace("forty", "fifty"), hours=1)
        await bring(parts, clock, [later])
        await bring(replace(parts, memory=Memory()), clock, [replace(later, url="http://x.test/6")])
    held = [story for story, _, _ in groups(store).values()]
    assert held == [1, 1, 2, 2, 2, 2]
    with pytest.raises(UsageError, match="nothing would be left of story 2"):
        correct.split(store, [2, 5], clock.now())


async def test_what_a_person_has_joined_stays_joined(store: Store, clock: FakeClock) -> None:
    """An earlier ruling to the contrary is forgotten."""
    async with world(store, clock) as parts:
        await bring(parts, clock, [about(1, LAUNCH), about(2, LAUNCH), about(3, FAIR)])
        assert correct.split(store, [2], clock.now()).story_id == 3
        assert [one.same for one in store.read_now(rulings.known)] == [False]
        done = correct.join(store, [1, 2, 3], clock.now())
        assert (done.story_id, sorted(done.articles)) == (1, [2, 3])
        assert [one.same for one in store.read_now(rulings.known)] == [True, True]
        await bring(parts, clock, [about(4, f"{FAIR} again", hours=1)])
    assert [story for story, _, _ in groups(store).values()] == [1, 1, 1, 1]


def test_a_correction_waits_for_nobody(store: Store, clock: FakeClock) -> None:
    """While articles are being grouped it says so; an unknown story or article is named."""
    lock = store.lock("group")
    assert lock is not None
    with pytest.raises(TryLaterError):
        correct.join(store, [1, 2], clock.now())
    lock.release()
    with pytest.raises(UsageError, match="there is no story 1"):
        correct.join(store, [1, 2], clock.now())
    with pytest.raises(UsageError, match="article 7 is in no story"):
        correct.split(store, [7], clock.now())
