"""The audit, on both databases: a sound record adds up, and each thing that gets lost is named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, delete, insert, update
from support.server import Server, answer
from support.values import DESK
from support.world import item, rss, world

from monitor.insight.balance import Sum
from monitor.model import Digest, Feed
from monitor.runners import inline
from monitor.store import Store, audit
from monitor.store.schema import (
    articles,
    deliveries,
    edition_articles,
    editions,
    entries,
    feeds,
)
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
SITE = "https://harbour-news.example"


async def days_work(store: Store, clock: FakeClock) -> None:
    """Let four hours pass: an archive first, then news, a copy of it, a fair and an empty item."""
    old = item(1, f"{SITE}/old", title="NATO of old", text="What NATO was.")
    old = re.sub("<pubDate>.*?</pubDate>", "<pubDate>Mon, 01 May 2023 08:00:00 GMT</pubDate>", old)
    ships = item(2, f"{SITE}/ships", title="NATO drills", text="Ships of NATO drilled.")
    fair = item(3, f"{SITE}/fair", title="A fair", text="Bakers met.")
    empty = "<item><guid isPermaLink='false'>c-1</guid><title></title></item>"
    tanks = item(4, f"{SITE}/tanks", title="Tanks for NATO", text="NATO bought tanks.")
    async with Server() as server:
        bodies = (rss(old), rss(ships, fair, old), rss(empty, ships), rss(tanks, ships))
        server.on("/one.xml", *map(answer, bodies))
        server.on("/two.xml", answer(rss()), answer(rss(ships)))
        paths = ("/one.xml", "/two.xml")
        asked = [Feed(url=server.url(path), articles="off") for path in paths]
        async with world(store, clock, asked, digests=[DESK]) as parts:
            for _ in bodies:
                await inline.tell(parts)
                clock.advance(timedelta(minutes=30))
                await inline.journey(parts)
                clock.advance(timedelta(minutes=30))


def account(store: Store, clock: FakeClock, digest: Digest = DESK) -> dict[str, Sum]:
    sums = store.read_now(audit.account, [digest], clock.now())
    return {one.what: one for one in sums}


async def test_a_sound_record_adds_up(store: Store, clock: FakeClock) -> None:
    await days_work(store, clock)
    told = account(store, clock)
    assert [one for one in told.values() if not one.adds_up] == []
    assert told["entries"].parts == {
        "new": 0,
        "duplicate": 1,
        "unreadable": 1,
        "matched": 3,
        "unmatched": 1,
    }
    assert told["articles for desk"].parts == {
        "told": 1,
        "to be told": 1,
        "old when its feed was first asked": 1,
    }
    assert told["editions"].parts == {"with messages": 1, "with nothing to tell": 2}
    assert told["messages"].parts["sent"] == 1


async def test_what_no_digest_asks_for_is_named(store: Store, clock: FakeClock) -> None:
    await days_work(store, clock)
    told = account(store, clock, replace(DESK, watchlists=("other",)))
    assert told["matches"].parts["of nato, for which no digest asks"] == 3
    assert all(one.adds_up for one in told.values())


def lose_entry(connection: Connection) -> None:
    connection.execute(update(feeds).values(entries=feeds.c.entries + 1))


def strand_entry(connection: Connection) -> None:
    connection.execute(update(entries).where(entries.c.id == 1).values(fate="new", due=None))


def odd_fate(connection: Connection) -> None:
    connection.execute(update(entries).where(entries.c.id == 1).values(fate="lost"))


def lose_story(connection: Connection) -> None:
    connection.execute(update(articles).values(story_id=None, group_due=None))


def open_gap(connection: Connection) -> None:
    connection.execute(delete(editions).where(editions.c.number == 2))


def lose_messages(connection: Connection) -> None:
    connection.execute(delete(deliveries))


def strand_message(connection: Connection) -> None:
    connection.execute(update(deliveries).values(state="pending", due=None))


def hush_message(connection: Connection) -> None:
    connection.execute(update(deliveries).values(state="refused", why=""))


@pytest.mark.parametrize(
    ("harm", "what", "said"),
    [
        (lose_entry, "entries that feeds brought", "it brought"),
        (strand_entry, "entries", "so it is never read"),
        (odd_fate, "entries", "its fate is unknown"),
        (lose_story, "articles", "has no story and waits for none"),
        (open_gap, "editions", "the edition before it is 1"),
        (lose_messages, "editions", "no message was made from it"),
        (strand_message, "messages", "so it is never sent"),
        (hush_message, "messages", "nothing says why"),
    ],
)
async def test_what_gets_lost_is_named(
    store: Store, clock: FakeClock, harm: Callable[[Connection], None], what: str, said: str
) -> None:
    await days_work(store, clock)
    store.write_now(harm)
    told = account(store, clock)
    amiss = [one.what for one in told.values() if not one.adds_up]
    assert what in amiss
    assert any(said in line for line in told[what].wrong)


async def test_a_match_that_no_edition_told_is_named(store: Store, clock: FakeClock) -> None:
    """Days after the edition that should have told it, an article is in no edition."""
    await days_work(store, clock)
    clock.advance(timedelta(days=10))
    async with world(store, clock, [], digests=[DESK]) as parts:
        await inline.tell(parts)  # tells "Tanks for NATO", and the pointer moves on
        clock.advance(timedelta(days=10))
        await inline.tell(parts)
    tanks = store.read_now(_number_of, "Tanks for NATO")
    assert account(store, clock)["articles for desk"].adds_up
    store.write_now(
        lambda connection: connection.execute(
            delete(edition_articles).where(edition_articles.c.article_id == tanks)
        )
    )
    told = account(store, clock)["articles for desk"]
    assert told.wrong == (f"article {tanks}, Tanks for NATO: no edition of desk has it",)
    assert told.parts[audit.LOST] == 1


def _number_of(connection: Connection, title: str) -> int:
    found = connection.scalar(
        articles.select().with_only_columns(articles.c.id).where(articles.c.title == title)
    )
    assert found is not None
    return int(found)


async def test_hours_without_an_alert_say_nothing_of_when_an_article_came(
    store: Store, clock: FakeClock
) -> None:
    """An article from its feed's first poll is judged by its window, if that is kept."""
    await days_work(store, clock)
    within = clock.now() - timedelta(minutes=45)  # the window that "Tanks for NATO" came in
    async with world(store, clock, [], digests=[DESK]) as parts:
        for _ in range(2):
            await inline.tell(parts)
            clock.advance(timedelta(hours=1))
    tanks = store.read_now(_number_of, "Tanks for NATO")

    def forget(connection: Connection) -> None:
        connection.execute(delete(edition_articles).where(edition_articles.c.article_id == tanks))
        old = update(articles).where(articles.c.id == tanks)
        connection.execute(old.values(baseline=True, published=within))

    store.write_now(forget)
    assert account(store, clock)["articles for desk"].parts[audit.LOST] == 1
    assert account(store, clock, replace(DESK, schedule="at once"))["articles for desk"].adds_up


async def test_all_sums_are_of_one_moment(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that a daemon writes meanwhile is in any sum."""
    await days_work(store, clock)
    before = account(store, clock)
    sum_entries = audit._entries

    def meanwhile(connection: Connection) -> Sum:
        store.write_now(lose_entry)
        store.write_now(lambda other: other.execute(delete(entries)))
        return sum_entries(connection)

    monkeypatch.setattr(audit, "_entries", meanwhile)
    assert account(store, clock) == before


async def test_many_lost_things_are_named_in_part(store: Store, clock: FakeClock) -> None:
    async with world(store, clock, [Feed(url=f"{SITE}/f.xml")], digests=[]):
        pass
    rows = [
        {"feed_id": 1, "key": str(n), "guid": "", "content_hash": "", "first_seen": clock.now()}
        for n in range(50)
    ]
    store.write_now(lambda connection: connection.execute(insert(entries), rows))
    told = account(store, clock)["entries"]
    assert len(told.wrong) == audit.MOST + 1
    assert told.wrong[-1] == "and more like these"
