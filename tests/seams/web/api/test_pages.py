"""A client that follows pages sees every row once, whatever arrives meanwhile."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from support.api import api
from support.brought import brought
from support.values import HOUR, NOW, article, entry, feed, match

from monitor.model import Assignment, Digest, Edition, Message, Recipient, Window
from monitor.pipeline.parts import Parts
from monitor.store import Store, articles, editions, engine, feeds, schema, stories
from monitor.store.pages import SETTLED
from monitor.testing import FakeClock

from support.world import world  # isort: skip

pytestmark = pytest.mark.anyio


@pytest.fixture
async def parts(store: Store, clock: FakeClock) -> AsyncIterator[Parts]:
    async with world(store, clock, [feed()]) as made:
        yield made


def add_article(store: Store, number: int, *watchlists: str, **more: Any) -> int:
    """Store an article that matches these watchlists, in a story of its own; return its number."""
    at = more.pop("at", NOW)
    told = article(number, **{"first_seen": at, **more})
    new = articles.New(told, [match(name) for name in watchlists], False, at)
    [made] = store.write_now(articles.insert, [new])
    assert made is not None
    if watchlists:
        [waiting] = store.read_now(stories.waiting, [made])
        decided = Assignment(article_id=made, story_id=None)
        store.write_now(stories.assign, waiting, decided, at)
    return made


def add_edition(store: Store, number: int) -> None:
    """Publish an edition with one message."""
    start = NOW + number * HOUR
    digest = Digest(name="desk", watchlists=("nato",))
    store.write_now(editions.register, digest.name, NOW + HOUR)
    made = Edition(
        digest="desk", title="Desk", number=number, window=Window(start, start + HOUR), zone="UTC"
    )
    message = Message(
        recipient=Recipient("console"),
        id=f"m{number}",
        subject="s",
        content_type="text/plain",
        body=b"x" * 1000,
    )
    done = store.write_now(editions.publish, made, {}, [message], subject="s", fates={}, now=start)
    assert done is not None


def add_entry(store: Store, number: int) -> None:
    brought(store, 1, [(entry(number), "hash")])


def add_match(store: Store, number: int) -> None:
    add_article(store, number, "nato", "drones")


ADDERS: dict[str, Callable[[Store, int], object]] = {
    "/entries": add_entry,
    "/articles": add_match,
    "/matches": add_match,
    "/stories": add_match,
    "/editions": add_edition,
    "/deliveries": add_edition,
}


@pytest.mark.parametrize("path", ADDERS)
async def test_from_the_oldest_on_nothing_is_lost_or_repeated(
    store: Store, clock: FakeClock, parts: Parts, path: str
) -> None:
    """Rows arrive between any two pages, and after the last page was read."""
    add, noun = ADDERS[path], path.strip("/")
    seen: list[Any] = []
    added = 0
    following = f"{path}?order=oldest&limit=2"
    async with api(parts) as client:
        while added < 7 or (await client.get(following))[noun]:
            if added < 7:
                added += 1
                add(store, added)
                clock.advance(SETTLED)
            told = await client.get(following)
            seen += told[noun]
            following = told["next"].removeprefix("/api/v1")
        assert (await client.get(following))[noun] == []
        whole = await client.rows(f"{path}?limit=200")
    assert len(seen) == (14 if path == "/matches" else 7)
    assert seen == whole[::-1]


@pytest.mark.parametrize("path", ADDERS)
async def test_from_the_newest_back_what_comes_meanwhile_shifts_nothing(
    store: Store, parts: Parts, path: str
) -> None:
    add = ADDERS[path]
    for number in range(1, 6):
        add(store, number)
    async with api(parts) as client:
        before = await client.rows(f"{path}?limit=200")
        seen: list[Any] = []
        more = iter(range(6, 30))
        async for rows in client.pages(f"{path}?limit=1"):
            seen += rows
            add(store, next(more))
        last = await client.get(f"{path}?limit=200")
    assert seen == before
    assert last["next"] is None


async def test_matches_of_one_moment_stand_by_article_and_name(
    store: Store, clock: FakeClock, parts: Parts
) -> None:
    """The size of the page makes no difference; from the oldest on, only settled ones appear."""
    for number in range(1, 4):
        add_article(store, number, "nato", "drones", "arctic")
    async with api(parts) as client:
        assert await client.rows("/matches?order=oldest") == []
        clock.advance(SETTLED)
        whole = [(m["article"], m["watchlist"]) for m in await client.rows("/matches?order=oldest")]
        assert whole == sorted(whole)
        assert len(whole) == 9
        for limit in range(1, 9):
            rows = await client.rows(f"/matches?order=oldest&limit={limit}")
            assert [(m["article"], m["watchlist"]) for m in rows] == whole
            rows = await client.rows(f"/matches?limit={limit}&watchlist=nato")
            assert [m["article"] for m in rows] == [3, 2, 1]


async def test_found_articles_are_paged_in_their_order(store: Store, parts: Parts) -> None:
    """First sight decides, then their own date, with undated ones last, then the number (F40)."""
    dates = [None, NOW - HOUR, None, NOW + 9 * HOUR, NOW, NOW - 2 * HOUR]
    for number, published in enumerate(dates):
        at = NOW + timedelta(minutes=number // 5)
        add_article(store, number, published=published, at=at)
    async with api(parts) as client:
        whole = await client.rows("/search?q=frigates&limit=200")
        assert [one["id"] for one in whole] == [6, 5, 4, 2, 3, 1]
        for limit in range(1, 6):
            assert await client.rows(f"/search?q=frigates&limit={limit}") == whole
        until = (NOW + timedelta(seconds=1)).isoformat().replace("+00:00", "Z")
        assert await client.rows(f"/search?q=frig*&limit=2&until={until}") == whole[1:]


async def test_a_span_of_time_begins_where_it_began(
    store: Store, clock: FakeClock, parts: Parts
) -> None:
    """A client that asked for the last day and returns after two is shown what came between."""
    async with api(parts) as client:
        told = await client.get("/entries?since=24h&order=oldest")
        add_entry(store, 1)
        clock.advance(48 * HOUR)
        again = await client.get(told["next"].removeprefix("/api/v1"))
    assert [row["id"] for row in again["entries"]] == ["id-1"]


async def test_filters(store: Store, clock: FakeClock, parts: Parts) -> None:
    """Watchlist, feed, time, fate and state filter, and together they narrow."""
    store.write_now(feeds.add, feed("http://other.example/feed"), NOW, NOW)
    first = add_article(store, 1, "nato", at=NOW - HOUR)
    second = add_article(store, 2, "drones")
    for feed_id, number in ((1, first), (2, second)):
        brought(store, feed_id, [(entry(number), "hash")])
        at = schema.entries.c.guid == f"id-{number}"
        values = {"article_id": number, "fate": "article"}
        store.write_now(
            lambda c, at=at, values=values: c.execute(
                schema.entries.update().where(at).values(**values)
            )
        )
    brought(store, 2, [(entry(9), "hash")])
    add_edition(store, 1)
    half = "2024-10-18T05:30:00Z"

    async def ids(path: str, key: str = "id") -> list[Any]:
        return [row[key] for row in await client.rows(path)]

    async with api(parts) as client:
        assert await ids("/articles") == [second, first]
        assert await ids("/articles?watchlist=nato") == [first]
        assert await ids("/articles?feed=2") == [second]
        assert await ids("/articles?feed=2&watchlist=nato") == []
        assert await ids(f"/articles?until={half}") == [first]
        assert await ids(f"/articles?since={half}") == [second]
        assert await ids("/articles?since=30m") == [second]
        assert await ids("/matches?feed=1", "watchlist") == ["nato"]
        assert await ids(f"/matches?since={half}", "watchlist") == ["drones"]
        assert await ids("/stories?watchlist=drones", "story") == [2]
        assert await ids("/entries?feed=2", "entry") == [3, 2]
        assert await ids("/entries?fate=new", "entry") == [3]
        assert await ids("/entries?fate=matched&feed=1", "entry") == [1]
        assert await ids("/deliveries?state=pending&state=sent") == [1]
        assert await ids("/deliveries?state=sent") == []
        assert await ids("/deliveries?digest=other") == []
        assert await ids("/editions?digest=desk", "number") == [1]
        [bare] = (await client.get("/articles?watchlist=nato"))["articles"]
        [whole] = (await client.get("/articles?watchlist=nato&text=true"))["articles"]
        assert whole == bare | {"text": "Text of article 1 about frigates."}


async def test_s95_pages_with_long_texts_end_early(store: Store, parts: Parts) -> None:
    """Three long texts are not sent together, but each is sent, and all arrive."""
    for number in range(1, 4):
        add_article(store, number, text="words " * 500_000)
    async with api(parts) as client:
        sizes = [len(rows) async for rows in client.pages("/articles?text=true")]
        assert sizes == [1, 1, 1]
        assert len((await client.get("/articles"))["articles"]) == 3


@pytest.mark.postgres
@pytest.mark.parametrize("kind", ["postgres"])
async def test_a_number_that_is_committed_late_is_not_passed(store: Store, parts: Parts) -> None:
    """Two processes write, and the lower number becomes visible after the higher one.

    On SQLite only one transaction writes at a time.
    """
    other, _ = engine.engines(engine.parse(store.url))
    async with api(parts) as client:
        add_article(store, 1)
        with other.connect() as connection:
            values = {"url": "http://late.example/", "url_key": "late", "first_seen": NOW}
            slow = insert(schema.articles).values(**values).returning(schema.articles.c.id)
            late = connection.execute(slow).scalar_one()
            early = add_article(store, 2)
            assert early > late
            first = await client.get("/articles?order=oldest")
            assert [row["id"] for row in first["articles"]] == [1]
            newest = await client.get("/articles")
            assert [row["id"] for row in newest["articles"]] == [early, 1]
            connection.commit()
        following = first["next"].removeprefix("/api/v1")
        then = await client.get(following)
        assert [row["id"] for row in then["articles"]] == [late, early]
    other.dispose()
