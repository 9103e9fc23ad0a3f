"""Bursts are counted in stories, against the same hours of other weeks, and told in a digest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from support.values import HOUR, NOW, article, match
from support.world import world

from monitor.digests.render import text
from monitor.model import Assignment, Digest, Window
from monitor.pipeline import publish
from monitor.pipeline.bursts import look
from monitor.store import Store, articles, stories
from monitor.testing import FakeClock

DAILY = Digest(name="desk", title="Desk", watchlists=("nato", "drones"), schedule="0 6 * * *")
WEEK = timedelta(weeks=1)


def tell(connection: Connection, days: dict[int, int], *, first: int, baseline: bool) -> None:
    """Store `days[n]` stories, with two articles each, in the 24 hours that ended n weeks ago."""
    number = first
    for week, count in days.items():
        for _ in range(count):
            story = None
            for _ in range(2):
                at = NOW - week * WEEK - 20 * HOUR
                told = article(number, first_seen=at, published=at)
                found = [match("nato")]
                (kept,) = articles.insert(connection, [articles.New(told, found, baseline, at)])
                assert kept is not None
                decided = Assignment(article_id=kept, story_id=story)
                [waiting] = stories.waiting(connection, [kept])
                story = stories.assign(connection, waiting, decided, at)
                number += 1


@pytest.mark.anyio
async def test_a_burst_is_found_and_told_with_its_articles(store: Store, clock: FakeClock) -> None:
    """A burst is judged by 4 Fridays; a new feed's archive and a day without polls do not count."""
    await store.write(tell, {0: 9, 1: 1, 2: 1, 4: 1, 5: 1, 6: 1}, first=1, baseline=False)
    await store.write(tell, {0: 30, 1: 9}, first=500, baseline=True)
    found = await store.read(look, ["nato", "drones"], NOW)
    assert [(one.term, one.stories, one.usual, len(one.articles)) for one in found] == [
        ("", 9, 1.0, 18),
        ("title", 9, 1.0, 18),
    ]
    assert all(one.burst for one in found)
    assert found[0].why == "9 stories against 1.0 on 4 Fridays"
    async with world(store, clock, digests=[DAILY]) as parts:
        made = await publish.draft(parts, DAILY, Window(NOW - timedelta(days=1), NOW), 1)
    footer = " ".join(text(made.edition).split())
    assert "Bursts: NATO: 9 stories against 1.0 on 4 Fridays; NATO, “title”: 9 stories" in footer
    assert made.bodies.data["bursts"][0]["articles"] == list(found[0].articles)


@pytest.mark.anyio
async def test_without_enough_weeks_nothing_is_guessed(store: Store) -> None:
    await store.write(tell, {0: 9, 1: 1, 2: 1, 3: 1, 4: 1}, first=1, baseline=False)
    found = await store.read(look, ["nato"], NOW)
    assert {(one.burst, one.why) for one in found} == {
        (False, "not enough history: 3 of 4 Fridays")
    }
    assert await store.read(look, ["nato"], NOW - 60 * WEEK) == []


@pytest.mark.anyio
async def test_texts_are_compared_beside_the_loop(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk's 200 reports take a fifth of a second, in which polls and pages would stand still."""
    await store.write(tell, {0: 3}, first=1, baseline=False)
    threads: dict[str, set[int]] = {"lineage": set(), "development": set()}

    def noting(name: str) -> Callable[..., Any]:
        compare = getattr(publish, name)

        def noted(*args: Any) -> Any:
            threads[name].add(threading.get_ident())
            return compare(*args)

        return noted

    for name in threads:
        monkeypatch.setattr(publish, name, noting(name))
    async with world(store, clock, digests=[DAILY]) as parts:
        await publish.draft(parts, DAILY, Window(NOW - timedelta(days=1), NOW), 1)
    assert threads["lineage"]
    assert threading.get_ident() not in threads["lineage"] | threads["development"]
