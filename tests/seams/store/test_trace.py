"""The whole way of an entry, read back from both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update
from support.server import Server, answer
from support.values import DESK
from support.world import item, rss, world

from monitor.insight.trace import Kept, steps
from monitor.model import Feed
from monitor.runners import inline
from monitor.store import Store, outbox, trace
from monitor.store.schema import deliveries
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
LINK = "https://harbour-news.example/nato-drills"


def kept(store: Store, named: str) -> Kept:
    (meant,) = store.read_now(trace.find, named)
    return store.read_now(trace.kept, meant.kind, meant.number)


async def journey(store: Store, clock: FakeClock) -> None:
    """Let two feeds bring one article, one of them change its title, and an edition tell it."""
    first = item(1, LINK, title="NATO drills at sea", text="Ships of NATO drilled.", guid="a-1")
    later = item(1, LINK, title="NATO drills end", text="Ships of NATO drilled.", guid="a-1")
    other = item(2, LINK, title="NATO drills at sea", text="Ships of NATO drilled.", guid="b/7")
    empty = "<item><guid isPermaLink='false'>c-1</guid><title></title></item>"
    third = item(3, f"{LINK}-2", title="A fair", text="Bakers met.", guid="c-1")
    async with Server() as server:
        server.on("/one.xml", answer(rss()), answer(rss(first, third)), answer(rss(later)))
        server.on("/two.xml", answer(rss()), answer(rss(other, empty)))
        feeds = [Feed(url=server.url(f"/{name}.xml"), articles="off") for name in ("one", "two")]
        async with world(store, clock, feeds, digests=[DESK]) as parts:
            for _ in range(3):
                await inline.journey(parts)
                await inline.tell(parts)
                clock.advance(timedelta(hours=1))


async def test_each_step_is_told_in_order_of_time(store: Store, clock: FakeClock) -> None:
    await journey(store, clock)
    told = steps(kept(store, LINK))
    names = [one.step for one in told]
    assert names[:2] == ["poll", "poll"]
    journey_of_it = "poll poll entry entry revision article match story edition delivery attempt"
    assert sorted(names) == sorted(journey_of_it.split())
    moments = [one.at for one in told if one.at]
    assert moments == sorted(moments)
    by = {one.step: one for one in told}
    assert by["match"].facts["terms"] == ["NATO"]
    assert by["edition"].facts["fate"] == "carried"
    assert by["delivery"].what.startswith("sent: delivery 1 of desk")
    assert by["attempt"].why == "printed"
    assert by["revision"].facts["title_was"] == "NATO drills at sea"
    fates = {one.facts["fate"] for one in told if one.step == "entry"}
    assert fates == {"matched", "duplicate"}


async def test_one_thing_is_found_by_each_of_its_names(store: Store, clock: FakeClock) -> None:
    await journey(store, clock)
    whole = kept(store, LINK)
    (article,) = whole.articles
    tracked = f"{LINK}?utm_source=feed#top"
    numbers = [f"entry:{row['id']}" for row in whole.entries]
    for named in (tracked, "a-1", "b/7", f"article:{article['id']}", *numbers):
        assert kept(store, named) == whole, named


async def test_an_entry_that_became_no_article_says_why(store: Store, clock: FakeClock) -> None:
    """Two feeds use its id: both meanings are listed, each with a name that fits it alone."""
    await journey(store, clock)
    meant = store.read_now(trace.find, "c-1")
    assert sorted((one.kind, one.title) for one in meant) == [("article", "A fair"), ("entry", "")]
    (name,) = (one.name for one in meant if one.kind == "entry")
    told = steps(kept(store, name))
    assert [one.step for one in told] == ["poll", "entry"]
    assert told[1].facts["fate"] == "unreadable"
    assert told[1].why == "neither the feed nor the page gave any text"


def test_what_nobody_knows_is_not_found(store: Store) -> None:
    for named in ("nothing", "1", "entry:999", "article:1", "9" * 30, "http://[", "\x00", ""):
        assert store.read_now(trace.find, named) == []


async def test_a_message_that_waits_for_an_earlier_one_says_so(
    store: Store, clock: FakeClock
) -> None:
    """The reason is that of `deliveries list`; the due time would not explain the wait."""
    await journey(store, clock)
    store.write_now(lambda it: it.execute(update(deliveries).values(state="pending", receipt="")))
    (sent,) = store.read_now(outbox.listing)
    edition = sent.delivery.edition_id
    earlier = store.read_now(lambda it: it.execute(select(deliveries)).mappings().one())
    later = {**earlier, "id": earlier["id"] + 1, "part": 2, "message_id": "later", "why": ""}
    store.write_now(lambda it: it.execute(deliveries.insert().values(later)))
    told = [one for one in steps(kept(store, LINK)) if one.step == "delivery"]
    whys = [one.why for one in told]
    assert whys == ["", f"waits for {earlier['id']}, which is for the same recipient"]
    assert whys == [one.why for one in store.read_now(outbox.of_edition, edition)]
    assert [one.facts["why"] for one in told] == whys
