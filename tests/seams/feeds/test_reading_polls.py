"""Reading during polls, over the real client, a recording server and both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from support.server import Seen, Server, Step, answer
from support.world import item, rss, world

from monitor.model import Document, Feed, OutcomeKind
from monitor.pipeline import poll
from monitor.pipeline.parts import Parts
from monitor.store import Store, export, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
PAGE = b"<html><body><ul><li><a href='/1'>One</a></li><li><a href='/2'>Two</a></li></ul></body>"

UNCHANGED = answer(status=304)


class Reading:
    """A minimal Compute that keeps the documents it read."""

    def __init__(self) -> None:
        self.documents: list[Document] = []

    async def __call__(self, fn: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        found = fn(*args, **kwargs)
        self.documents.append(found)
        return found


async def polled(parts: Parts) -> poll.Polled:
    keys = await parts.store.read(feeds.askable, parts.clock.now())
    (outcome,) = await poll.run(parts, keys, parts.clock.now())
    return outcome


async def lines(store: Store) -> list[Any]:
    return await store.read(lambda connection: list(export.entry_lines(connection, None)))


async def test_a_second_poll_parses_the_new_entry_only(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Known entries are counted and stay as they are; a day later all are parsed again."""
    reading = Reading()
    items = [item(n, server.url(f"/{n}")) for n in range(1, 6)]
    server.on("/feed", *(answer(rss(*items[:size])) for size in (3, 4, 5)))
    wanted = [Feed(url=server.url("/feed"))]
    async with world(store, clock, wanted, compute=reading) as parts:
        first = await polled(parts)
        before = await lines(store)
        clock.advance(timedelta(hours=1))
        second = await polled(parts)
        clock.advance(timedelta(hours=23))
        third = await polled(parts)
    counts = [(len(one.entries), one.reduced) for one in reading.documents]
    assert counts == [(3, 0), (1, 3), (5, 0)]
    outcomes = [(one.outcome.seen, one.outcome.new) for one in (first, second, third)]
    assert outcomes == [(3, 3), (4, 1), (5, 1)]
    after = await lines(store)
    assert after[:3] == before
    assert [line["id"] for line in after] == [f"guid-{n}" for n in range(1, 6)]


async def test_a_sitemap_index_is_followed(store: Store, clock: FakeClock, server: Server) -> None:
    """One poll requests the index and its sitemaps; a missing sitemap is only reported."""
    places = "".join(
        f"<sitemap><loc>{server.url(path)}</loc><lastmod>2024-10-18</lastmod></sitemap>"
        for path in ("/news.xml", "/lost.xml")
    )
    url = f"<url><loc>{server.url('/1')}</loc></url>"
    server.on("/map", answer(f"<sitemapindex>{places}</sitemapindex>".encode()))
    server.on("/news.xml", answer(f"<urlset>{url}</urlset>".encode()))
    async with world(store, clock, [Feed(url=server.url("/map"))]) as parts:
        outcome = (await polled(parts)).outcome
    assert (outcome.kind, outcome.new) == (OutcomeKind.NEW, 1)
    assert "1 of 2 sitemaps could not be read" in outcome.why


async def test_an_index_page_is_read_with_the_selectors_of_its_feed(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Selectors are stored with the feed; a page on which they find nothing is a failed poll."""
    server.on("/press", answer(PAGE), answer(b"<html><p>We have moved in</p></html>"))
    wanted = [Feed(url=server.url("/press"), kind="page", selectors={"item": "li"})]
    async with world(store, clock, wanted) as parts:
        first = await polled(parts)
        clock.advance(timedelta(hours=1))
        second = await polled(parts)
    assert (first.outcome.kind, first.outcome.new) == (OutcomeKind.NEW, 2)
    assert second.outcome.kind is OutcomeKind.FAILED
    assert "no entry was found on the page" in second.outcome.why


async def test_a_page_is_read_again_when_its_selectors_are_changed(
    store: Store, clock: FakeClock
) -> None:
    """Mended selectors count at the next poll, even if the page is as it was; others cost none."""
    html = PAGE.replace(b"</ul>", b"</ul><h2><a href='/3'>Three</a></h2>")
    tagged = answer(html, headers={"ETag": '"same"'})
    async with Server() as server:
        server.on("/press", lambda seen: tagged if not seen.header("if-none-match") else UNCHANGED)
        before = Feed(url=server.url("/press"), kind="page", selectors={"item": "h2"})
        mended = replace(before, selectors={"item": "li"})
        outcomes = []
        for wanted in (before, replace(before, tags=("navy",)), mended, mended):
            async with world(store, clock, [wanted]) as parts:
                outcomes.append((await polled(parts)).outcome)
            clock.advance(timedelta(hours=7))
    assert [(one.kind, one.new) for one in outcomes] == [
        (OutcomeKind.NEW, 1),
        (OutcomeKind.NOT_MODIFIED, 0),
        (OutcomeKind.NEW, 2),
        (OutcomeKind.NOT_MODIFIED, 0),
    ]


@pytest.mark.parametrize("said", [200, 304])
async def test_a_page_is_read_again_when_its_selectors_are_changed_during_a_poll(
    store: Store, clock: FakeClock, said: int
) -> None:
    """A poll under way at a reload does not undo it, whatever its answer is."""
    html = PAGE.replace(b"</ul>", b"</ul><h2><a href='/3'>Three</a></h2>")
    async with Server() as server:
        before = Feed(url=server.url("/press"), kind="page", selectors={"item": "h2"})
        mended = replace(before, selectors={"item": "li"})
        outcomes = []

        def press(seen: Seen) -> tuple[Step, ...]:
            later = len(outcomes) > 0
            if len(outcomes) == 1:
                store.write_now(feeds.sync, [mended], clock.now(), lambda _feed: clock.now())
            tag = '"2"' if later and said == 200 else '"1"'
            headers = {"ETag": tag, "Last-Modified": f"Fri, 18 Oct 2024 0{int(later)}:00:00 GMT"}
            if seen.header("if-none-match") == tag.encode():
                return answer(status=304, headers=headers)
            return answer(html + tag.encode(), headers=headers)

        server.on("/press", press)
        async with world(store, clock, [before]) as parts:
            for _ in range(4):
                outcomes.append((await polled(parts)).outcome)
                clock.advance(timedelta(hours=7))
    assert [one.new for one in outcomes] == [1, 0, 2, 0]
