"""The desk shows a window's stories in a digest's order, and what could not be seen."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection
from support.desk import stocked, told
from support.server import Server, answer
from support.values import DESK, HOUR
from support.world import WATCHLISTS, item, rss, world

from monitor.feeds.condition import Condition
from monitor.feeds.pace import CUT
from monitor.model import (
    DeliveryState,
    Digest,
    Feed,
    NotSent,
    Recipient,
    Refused,
    Window,
)
from monitor.pipeline import desk, publish
from monitor.pipeline.feeds_judged import judged
from monitor.runners import inline
from monitor.store import Store, editions, feeds, holds, outbox, recipients, reissues
from monitor.store.schema import feeds as table
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
BOTH = Digest(name="desk", watchlists=("nato", "drones"), schedule="0 7 * * *")


def day(clock: FakeClock) -> Window:
    return Window(clock.now() - timedelta(days=1), clock.now())


async def test_the_desk_tells_what_a_digest_would_in_its_order(
    store: Store, clock: FakeClock
) -> None:
    """Sections, stories, leads, words and counts of outlets equal those of `digests preview`."""
    async with world(store, clock) as parts:
        await stocked(parts)
        window = day(clock)
        seen = store.read_now(desk.look, WATCHLISTS, window)
        made = await publish.draft(parts, BOTH, window, 1)
    assert len(seen.edition.stories) == 4
    assert seen.edition.sections == made.edition.sections
    assert seen.edition.accounting == replace(made.edition.accounting, feeds=())
    assert (seen.before, seen.edition.cut, seen.whole) == (0, 0, True)


async def test_no_story_is_on_two_pages_and_none_on_no_page(store: Store, clock: FakeClock) -> None:
    async with world(store, clock) as parts:
        await stocked(parts)
        whole = store.read_now(desk.look, WATCHLISTS, day(clock))
        pages = [
            store.read_now(desk.look, WATCHLISTS, day(clock), before=before, most=1)
            for before in range(5)
        ]
    shown = [story.id for page in pages for story in page.edition.stories]
    assert sorted(shown) == sorted(story.id for story in whole.edition.stories)
    assert [page.edition.cut for page in pages] == [3, 2, 1, 0, 0]


async def test_one_watchlist_alone_and_a_shorter_window(store: Store, clock: FakeClock) -> None:
    async with world(store, clock) as parts:
        await stocked(parts)
        nato = store.read_now(desk.look, [WATCHLISTS[0]], day(clock))
        await clock.sleep(HOUR.total_seconds() * 3)
        await told(parts, 9, 1)
        lately = store.read_now(desk.look, WATCHLISTS, Window(clock.now() - HOUR, clock.now()))
    assert {name for story in nato.edition.stories for name in story.reasons} == {"nato"}
    assert len(nato.edition.stories) == 2
    (story,) = lately.edition.stories
    assert story.outlets == 3  # the whole story counts, not only what came within the hour


async def test_more_reports_than_are_ranked_are_owned_up_to(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "RANKED", 3)
    async with world(store, clock) as parts:
        await stocked(parts)
    assert store.read_now(desk.look, WATCHLISTS, day(clock)).whole is False


async def test_of_a_long_story_only_some_reports_are_read_whole(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All reports are counted; the lead is one of those that were read."""
    monkeypatch.setattr(desk, "READ", 2)
    async with world(store, clock) as parts:
        await stocked(parts)
    stories = store.read_now(desk.look, WATCHLISTS, day(clock)).edition.stories
    largest = max(stories, key=lambda story: story.outlets)
    assert largest.outlets == 3
    assert largest.lead.snippet is not None
    assert largest.lead.snippet.marks


async def test_what_could_not_be_seen_is_all_named(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Failing and unpolled feeds, an unreadable entry, a refused message and a hold are named."""
    bare = "<item><guid isPermaLink='false'>bare</guid><title>A bare one</title></item>"
    server.on("/good", answer(rss(item(1, server.url("/1"), title="NATO drills"), bare)))
    server.on("/bad", answer(status=500))
    wanted = [Feed(url=server.url(f"/{name}"), name=name) for name in ("good", "bad")]
    async with world(store, clock, wanted, digests=[DESK], articles="off") as parts:
        await inline.tell(parts)  # the digest begins
        await inline.journey(parts)
        clock.advance(HOUR)
        window = day(clock)
        published = await publish.publish(parts, DESK, Window(clock.now() - HOUR, clock.now()))
        assert published is not None
        (one,) = store.read_now(outbox.listing, limit=1)
        refused = Refused("550 no such user")
        store.write_now(
            outbox.record,
            one.delivery.id,
            refused,
            state=DeliveryState.REFUSED,
            due=None,
            now=clock.now(),
        )
        whom = Recipient("email", "desk@example.org")
        store.write_now(recipients.suspend, whom, "it was refused", clock.now())
        store.write_now(holds.begin, clock.now())
        books = store.read_now(editions.sums, window)
        seen = store.read_now(desk.unseen, window, clock.now(), books.unreadable)
    by = {one.name: one.condition for one in seen.worrying}
    assert (seen.feeds, by) == (2, {"bad": Condition.FALTERING})
    assert seen.overdue is not None
    assert seen.asked is not None
    assert seen.unreadable == len(seen.unread) == books.unreadable
    assert [listed.delivery.why for listed in seen.ended] == ["550 no such user"]
    assert list(seen.suspended) == ["email:desk@example.org"]
    assert seen.held is not None


async def test_a_message_that_waits_to_be_tried_again_is_named(
    store: Store, clock: FakeClock
) -> None:
    async with world(store, clock, digests=[DESK]) as parts:
        await inline.tell(parts)
        await stocked(parts)
        window = day(clock)
        since = store.read_now(editions.pointer, "desk")
        assert since is not None
        await publish.publish(parts, DESK, Window(since.covered_until, clock.now()))
        (one,) = store.read_now(outbox.listing, limit=1)
        store.write_now(outbox.claim, one.delivery.id, clock.now(), parts.lease(clock.now()))
        store.write_now(
            outbox.record,
            one.delivery.id,
            NotSent("connection refused"),
            state=DeliveryState.PENDING,
            due=clock.now() + HOUR,
            now=clock.now(),
        )
        seen = store.read_now(desk.unseen, window, clock.now(), 0)
    ((whom, _since, why),) = seen.stuck
    assert (whom, why) == ("console:", "connection refused")


async def test_feeds_that_are_passed_over_at_a_glance_are_sound(
    store: Store, clock: FakeClock
) -> None:
    """The desk finds what `feeds status` finds, in each condition and in pairs of them."""
    now = clock.now()
    old = now - timedelta(days=400)
    asked = {"last_polled": now, "last_success": now, "due": now + HOUR}
    sound = {**asked, "newest": now - HOUR, "gap": HOUR}
    changes: list[dict[str, Any]] = [
        *({}, {"state": "gone"}, {"failing_since": now - HOUR, "failures": 2}),
        *({"last_polled": None}, {"newest": old}, {"newest": now - timedelta(days=5)}),
        *({"newest": None}, {"newest": None, "last_news": old}, {"newest": None, "gap": None}),
        *({"title_was": "Navy", "title": "Casino"}, {"moved_to": "http://a.example/0"}),
        *({"moved_to": "http://nobody.example/"}, {"due_why": f"{CUT} 3 d"}, {"enabled": False}),
        {"newest": now - timedelta(days=5), "gap": timedelta(days=3)},
        *({"redated": now - HOUR}, {"redated": old}),
        {"returns": 3, "returns_since": now - HOUR, "returned": now - HOUR},
    ]
    pairs = [one | other for one in changes for other in changes]

    def write(connection: Connection) -> None:
        for number, change in enumerate(pairs):
            url = f"http://a.example/{number}"
            values = {"url": url, "name": f"feed {number}", "created": now, **sound, **change}
            connection.execute(table.insert().values(**values))
        reissues.suspect(connection, 1, 500, "500 new entries at once", now)

    store.write_now(write)
    whole = judged(store.read_now(feeds.statuses, now), now)
    seen = store.read_now(desk.unseen, day(clock), now, 0)
    expected = {one.name: one.findings for one in whole if one.condition is not Condition.SOUND}
    assert {one.name: one.findings for one in seen.worrying} == expected
    assert seen.feeds == len(whole) == sum(one.get("enabled", True) for one in pairs)
    assert {condition for one in whole for condition, _ in one.findings} == {
        *(Condition.GONE, Condition.CHANGED, Condition.REPEATS, Condition.DEAD, Condition.STALE),
        *(Condition.CUT, Condition.FALTERING),
        *(Condition.WAVERING, Condition.REDATED, Condition.WITHHELD),
    }
