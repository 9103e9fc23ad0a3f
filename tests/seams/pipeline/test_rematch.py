"""After a watchlist changes, the last days are matched again, once, whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, select, text
from support.faults import armed
from support.values import NOW, article
from support.world import world

from monitor import failpoints
from monitor import store as stores
from monitor.model import Article, Digest, Match, Recipient, Watchlist
from monitor.pipeline import group, publish, rematch
from monitor.pipeline.parts import Parts
from monitor.store import Store, articles, schema
from monitor.testing import FakeClock
from monitor.watchlists.matcher import Compiled, Matcher, compile_one, compile_watchlists

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
OLD = Watchlist(name="ships", title="Ships", queries=("frigate",), version="old")
NEW = replace(OLD, queries=("corvette",), version="new")
DIGEST = Digest(
    name="desk",
    title="Desk",
    watchlists=("ships",),
    schedule="0 * * * *",
    recipients=(Recipient("console"),),
)


async def seen(store: Store, number: int, text: str, at: datetime) -> None:
    """Store an article that came at that time and was matched with the old watchlist."""
    one = article(number, title=f"Number {number}", text=text, first_seen=at, published=at)
    found: list[Match] = compile_watchlists([OLD]).match(one)
    await store.write(articles.insert, [articles.New(one, found, False, at)])


async def matched(store: Store) -> dict[int, tuple[str, bool, datetime]]:
    """Return for each article its match's version, whether a rematch found it, and when."""
    m = schema.matches
    rows = await store.read(
        lambda c: c.execute(select(m.c.article_id, m.c.version, m.c.rematched, m.c.matched)).all()
    )
    return {row[0]: (row[1], row[2], row[3]) for row in rows}


async def again(parts: Parts) -> list[rematch.Rematched]:
    """Run one tick of the step."""
    now = parts.clock.now()
    return await rematch.run(parts, await rematch.due(parts, now), now)


async def test_the_last_days_are_matched_again_once(store: Store, clock: FakeClock) -> None:
    """New matches are marked, old ones keep their time, and those that no longer hold are gone."""
    await seen(store, 1, "A frigate and a corvette.", NOW - DAY * 2)
    await seen(store, 2, "A frigate.", NOW - DAY)
    await seen(store, 3, "A corvette.", NOW - DAY)
    await seen(store, 4, "A frigate.", NOW - DAY * 8)
    await seen(store, 5, "A corvette.", NOW - DAY * 8)
    async with world(store, clock, watchlists=[OLD]) as parts:
        assert [(one.tried, one.new) for one in await again(parts)] == [(2, 0)]
        assert await rematch.due(parts, NOW) == []
    async with world(store, clock, watchlists=[NEW]) as parts:
        assert [(one.tried, one.new) for one in await again(parts)] == [(3, 1)]
        assert await rematch.due(parts, NOW) == []
        assert await again(parts) == []
    assert await matched(store) == {
        1: ("new", False, NOW - DAY * 2),
        3: ("new", True, NOW),
        4: ("old", False, NOW - DAY * 8),
    }


async def test_where_nothing_is_kept_nothing_is_built_to_read_it(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first start need not compile each watchlist twice more."""
    built: list[Watchlist] = []

    def build(watchlist: Watchlist) -> Compiled:
        built.append(watchlist)
        return compile_one(watchlist)

    monkeypatch.setattr(rematch, "compile_one", build)
    async with world(store, clock, watchlists=[OLD]) as parts:
        assert [(one.tried, one.new) for one in await again(parts)] == [(0, 0)]
        assert await rematch.due(parts, NOW) == []
    assert built == []
    await seen(store, 1, "A frigate.", NOW)
    async with world(store, clock, watchlists=[NEW]) as parts:
        await again(parts)
    assert built == [NEW]


async def test_a_kill_half_way_is_made_up_for(store: Store, clock: FakeClock) -> None:
    """What was written stays, the rest follows, and nothing is doubled or differs."""
    for number in range(1, 46):
        await seen(store, number, "A corvette.", NOW - DAY)
    async with world(store, clock, watchlists=[NEW]) as parts:
        with armed("rematch.mid=raise"), pytest.raises(failpoints.FailpointError):
            await again(parts)
        first = await matched(store)
        assert len(first) == rematch.BATCH
        assert await rematch.due(parts, NOW) == ["ships"]
    await clock.sleep(3600)
    async with world(store, clock, watchlists=[NEW]) as parts:
        assert [(one.tried, one.new) for one in await again(parts)] == [(25, 25)]
    after = await matched(store)
    assert len(after) == 45
    assert {number: after[number] for number in first} == first


async def test_a_change_taken_back_half_way_is_taken_back_whole(
    store: Store, clock: FakeClock
) -> None:
    """The earlier version does not count as done, and the archive ends as it was."""
    for number in range(1, 30):
        await seen(store, number, "A frigate.", NOW - DAY)
    async with world(store, clock, watchlists=[OLD]) as parts:
        await again(parts)
    async with world(store, clock, watchlists=[NEW]) as parts:
        with armed("rematch.mid=raise"), pytest.raises(failpoints.FailpointError):
            await again(parts)
    assert len(await matched(store)) == 9
    async with world(store, clock, watchlists=[OLD]) as parts:
        await again(parts)
    assert len(await matched(store)) == 29


async def test_a_digest_tells_only_what_came_after_its_last_edition(
    store: Store, clock: FakeClock
) -> None:
    """An old article that matches now is no news; one of this window is, and is told once."""
    told: list[str] = []

    async def tick(watchlist: Watchlist) -> None:
        async with world(store, clock, watchlists=[watchlist], digests=[DIGEST]) as parts:
            await again(parts)
            now = clock.now()
            await group.run(parts, await group.due(parts, now), now)
            for one in await publish.run(parts, await publish.due(parts, now), now):
                told.extend(story.lead.title for story in one.edition.stories)

    await tick(OLD)
    await seen(store, 1, "A frigate at Kiel in the north.", clock.now() + timedelta(minutes=5))
    await seen(store, 2, "A corvette at Toulon in the south.", clock.now() + timedelta(minutes=6))
    await clock.sleep(3600)
    await tick(OLD)
    assert told == ["Number 1"]
    await seen(store, 3, "Two corvettes off Odesa at night.", clock.now() + timedelta(minutes=5))
    await clock.sleep(1800)
    await tick(replace(NEW, queries=("corvette OR frigate",)))
    await clock.sleep(1800)
    await tick(replace(NEW, queries=("corvette OR frigate",)))
    await clock.sleep(3600)
    await tick(replace(NEW, queries=("corvette",), version="newest"))
    assert told == ["Number 1", "Number 3"]
    assert isinstance(await store.read(articles.get, 2), Article)
    assert (await matched(store))[2][1]


# ----------------------------------------------------------------- beside another process


@pytest.fixture
def other(store: Store) -> Iterator[Store]:
    """Yield the store of another process on the same database."""
    with stores.open(store.url) as opened:
        yield opened


@pytest.fixture
def beside() -> Iterator[ThreadPoolExecutor]:
    """Yield a thread for what the other process does meanwhile."""
    with ThreadPoolExecutor(1) as threads:
        yield threads


def _waiting(connection: Connection) -> int:
    """Count the transactions that wait for a lock."""
    found = "SELECT count(*) FROM pg_stat_activity"
    mine = "datname = current_database() AND wait_event_type = 'Lock'"
    return int(connection.scalar(text(f"{found} WHERE {mine}")) or 0)


def as_far_as_it_comes(store: Store, work: Future[Any]) -> None:
    """Return when the other process's work has ended, or waits for the transaction held here."""
    if store.url.startswith("sqlite"):
        return  # it waits from its first statement on, as there is one writer
    while not work.done() and not store.read_now(_waiting):
        pass


@contextmanager
def after_first(statement: str, meanwhile: Callable[[], None]) -> Iterator[None]:
    """Call `meanwhile` once, right after the first statement that begins like this."""
    begun: list[str] = []

    def heard(_connection: Any, _cursor: Any, said: str, *_more: Any) -> None:
        if said.startswith(statement) and not begun:
            begun.append(said)
            meanwhile()

    event.listen(Engine, "after_cursor_execute", heard)
    try:
        yield
    finally:
        event.remove(Engine, "after_cursor_execute", heard)


async def test_a_fuller_text_that_comes_meanwhile_keeps_its_match(
    store: Store,
    other: Store,
    beside: ThreadPoolExecutor,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A decision about the shorter text never overwrites what another process found."""
    await seen(store, 1, "A frigate.", NOW - DAY)
    fuller = article(1, title="Number 1", text="A frigate and a corvette.")
    changed = articles.Changed(1, fuller, compile_watchlists([NEW]).match(fuller), NOW)
    match, ingested = Matcher.match, []

    def slow(self: Matcher, told: Article) -> list[Match]:
        if not ingested:
            ingested.append(beside.submit(other.write_now, articles.update_texts, [changed]))
            as_far_as_it_comes(store, ingested[0])
        return match(self, told)

    monkeypatch.setattr(Matcher, "match", slow)
    async with world(store, clock, watchlists=[NEW]) as parts:
        await again(parts)
    ingested[0].result()
    assert set(await matched(store)) == {1}


async def test_matching_again_and_a_fuller_text_never_wait_for_each_other(
    store: Store, other: Store, beside: ThreadPoolExecutor
) -> None:
    """Both take articles by rising number, in whatever order they are given."""
    for number in (1, 2):
        await seen(store, number, "A frigate.", NOW - DAY)

    def hold(connection: Connection) -> list[int]:
        return [past.article.id for past in articles.past(connection, [2, 1], hold=True)]

    held: list[Future[list[int]]] = []

    def meanwhile() -> None:
        held.append(beside.submit(other.write_now, hold))
        as_far_as_it_comes(store, held[0])

    changed = [articles.Changed(n, article(n, text="Fuller."), [], NOW) for n in (2, 1)]
    with after_first("UPDATE articles", meanwhile):
        await store.write(articles.update_texts, changed)
    assert held[0].result() == [1, 2]
