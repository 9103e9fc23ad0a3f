"""Polling and ingesting over the real client, a recording server and both databases."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from support.faults import armed
from support.server import HANG, Server, answer, redirect
from support.world import SENTENCE, item, page, rss, world

from monitor import failpoints
from monitor.articles import urls
from monitor.fetch.hosts import Hold
from monitor.model import Fate, Feed, FetchFailed, OutcomeKind, Request, Response, Window
from monitor.pipeline import ingest, poll
from monitor.pipeline.ingest import Ingested
from monitor.pipeline.parts import Fetcher, Parts, at_once
from monitor.runners import inline
from monitor.store import Store, articles, editions, entries, export, feeds
from monitor.testing import FakeClock

HTML = {"Content-Type": "text/html; charset=utf-8"}
pytestmark = pytest.mark.anyio


def feed(server: Server, path: str = "/feed", **more: object) -> Feed:
    return Feed(url=server.url(path), name="Northwatch", source="Northwatch", **more)


async def polled(parts: Parts) -> list[poll.Polled]:
    keys = await parts.store.read(feeds.askable, parts.clock.now())
    return await poll.run(parts, keys, parts.clock.now())


async def ingested(parts: Parts) -> list[Ingested]:
    keys = await ingest.due(parts, parts.clock.now())
    return await ingest.run(parts, keys, parts.clock.now())


async def lines(store: Store) -> list[dict[str, object]]:
    return await store.read(lambda connection: list(export.entry_lines(connection, None)))


async def test_two_polls_leave_each_entry_once_and_the_second_is_conditional(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """P02, P05, P11: validators go back byte for byte; a 304 changes nothing."""
    items = [item(n, server.url(f"/{n}")) for n in range(1, 4)]
    tagged = {"ETag": 'W/"a,b"', "Last-Modified": "yesterday"}
    server.on("/feed", answer(rss(*items), headers=tagged), answer(status=304))
    async with world(store, clock, [feed(server)]) as parts:
        (first,) = await polled(parts)
        clock.advance(timedelta(hours=1))
        (second,) = await polled(parts)
    assert (first.outcome.kind, first.outcome.new) == (OutcomeKind.NEW, 3)
    assert second.outcome.kind is OutcomeKind.NOT_MODIFIED
    assert server.requests[0].header("if-none-match") is None
    assert server.requests[1].header("if-none-match") == b'W/"a,b"'
    assert server.requests[1].header("if-modified-since") == b"yesterday"
    assert len(await lines(store)) == 3


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "empty"),
        (b"<html><body><h1>Moved</h1></body></html>", "web page"),
        (rss(item(1, "http://x.example/1"))[:-60], "broken XML"),
        (b"\x00\x01\x02 not a feed at all", "text without any markup"),
    ],
)
async def test_F45_F46_what_is_no_sound_feed_is_an_outcome_with_a_reason(
    store: Store, clock: FakeClock, server: Server, body: bytes, why: str
) -> None:
    """P08: stored entries and old validators stay; the reason is kept for people."""
    sound = rss(item(1, server.url("/1")))
    server.on(
        "/feed",
        answer(sound, headers={"ETag": '"old"'}),
        answer(body, headers={"ETag": '"new"'}),
        answer(sound),
    )
    async with world(store, clock, [feed(server)]) as parts:
        await polled(parts)
        clock.advance(timedelta(hours=1))
        (bad,) = await polled(parts)
        clock.advance(timedelta(days=2))
        await polled(parts)
    assert why in bad.outcome.why
    assert server.requests[2].header("if-none-match") == b'"old"'
    (status,) = store.read_now(feeds.statuses)
    assert status.polls == 3
    assert len(await lines(store)) == 1


async def test_one_bad_feed_does_not_stop_the_rest(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """I5: a feed that hangs ends at its own deadline; the others are stored."""
    server.on("/hangs", (HANG,))
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    wanted = [feed(server, "/hangs"), feed(server, "/missing"), feed(server)]
    async with world(store, clock, wanted) as parts:
        outcomes = await polled(parts)
    kinds = sorted(one.outcome.kind for one in outcomes)
    assert kinds == [OutcomeKind.FAILED, OutcomeKind.FAILED, OutcomeKind.NEW]
    assert all(one.outcome.why for one in outcomes if one.outcome.kind is OutcomeKind.FAILED)


async def test_F95_a_fault_of_ours_is_a_recorded_outcome(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """An exception inside a step ends that feed's poll, not the step."""

    async def broken(*_args: object, **_more: object) -> object:
        raise RuntimeError("a bug")

    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    async with world(store, clock, [feed(server)], compute=broken) as parts:
        (one,) = await polled(parts)
    assert one.outcome.kind is OutcomeKind.FAILED
    (status,) = store.read_now(feeds.statuses)
    assert "RuntimeError" in status.last_why


async def test_F94_a_poll_that_hangs_ends_with_its_claim_and_keeps_no_other_waiting(
    store: Store, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever in a poll never ends, the tick ends, and the feed is due as before."""

    async def hangs_at_hostile(fn: Any, body: bytes, *args: Any, **more: Any) -> Any:
        if b"hostile" in body:
            await asyncio.Event().wait()
        return await at_once(fn, body, *args, **more)

    server.on("/hostile", answer(rss(item(1, server.url("/1")), title="hostile")))
    server.on("/feed", answer(rss(item(2, server.url("/2")))))
    wanted = [feed(server, "/hostile"), feed(server)]
    async with world(store, clock, wanted, compute=hangs_at_hostile) as parts:
        polls = poll.each(parts, await poll.due(parts, clock.now()), clock.now())
        sound = await anext(polls)
        assert sound.outcome.kind is OutcomeKind.NEW
        let_pass(parts.patience, monkeypatch)
        clock.advance(parts.patience)
        hung = await anext(polls)
        assert "hangs" in hung.outcome.why
        assert await poll.due(parts, clock.now()) == [hung.feed.id]
    assert {one.polling.failures for one in store.read_now(feeds.statuses)} == {0}


def let_pass(span: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the event loop's clock, by which it times out, ahead by this span."""
    loop = asyncio.get_running_loop()
    time = loop.time
    monkeypatch.setattr(loop, "time", lambda: time() + span.total_seconds())


async def test_F94_a_fault_point_can_hold_up_one_poll_and_not_the_others(
    store: Store, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`sleep` at a failpoint pauses that task alone; the others go on."""
    reached = asyncio.Event()
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        if seconds == 7200:
            reached.set()
        await sleep(seconds)

    monkeypatch.setattr(failpoints.asyncio, "sleep", noted)
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    async with world(store, clock, [feed(server)]) as parts:
        with armed("poll.got=sleep:7200"):
            polls = asyncio.create_task(polled(parts))
            await reached.wait()
        let_pass(parts.patience, monkeypatch)
        (hung,) = await polls
    assert "hangs" in hung.outcome.why


async def test_a_summary_becomes_an_article_from_its_page(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The words of the page match, where a watchlist that sees only summaries would miss them."""
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    server.on("/1", answer(page("Report 1", "NATO sent ships. " + SENTENCE), headers=HTML))
    async with world(store, clock, [feed(server)]) as parts:
        await polled(parts)
        (one,) = await ingested(parts)
    assert (one.fate, one.watchlists) == (Fate.ARTICLE, ("nato",))
    kept = store.read_now(articles.get, one.article_id or 0)
    assert kept is not None
    assert kept.text.startswith("NATO sent ships.")
    assert "Copyright" not in kept.text
    assert kept.source == "Northwatch"


@pytest.mark.parametrize(
    ("policy", "asked"), [("off", 0), ("matched", 1), ("all", 2)], ids=lambda value: str(value)
)
async def test_P48_pages_are_fetched_as_the_settings_say(
    store: Store, clock: FakeClock, server: Server, policy: str, asked: int
) -> None:
    """With "all" every page is fetched, with "matched" if the summary matches, with "off" none."""
    about = item(1, server.url("/1"), text="NATO sends ships."), item(2, server.url("/2"))
    server.on("/feed", answer(rss(*about)))
    for path in ("/1", "/2"):
        server.on(path, answer(page("Report", SENTENCE), headers=HTML))
    async with world(store, clock, [feed(server)], articles=policy) as parts:
        await polled(parts)
        await ingested(parts)
    pages = [seen for seen in server.requests if seen.path in ("/1", "/2")]
    assert len(pages) == asked


async def test_P47_an_article_is_fetched_once_however_often_the_feed_is_polled(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A page that answered is requested once."""
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    server.on("/1", answer(page("Report 1", SENTENCE), headers=HTML))
    async with world(store, clock, [feed(server)]) as parts:
        for _ in range(20):
            await polled(parts)
            await ingested(parts)
            clock.advance(timedelta(hours=7))
    assert sum(seen.path == "/feed" for seen in server.requests) == 20
    assert sum(seen.path == "/1" for seen in server.requests) == 1


async def test_the_address_of_an_entry_is_made_canonical_once(
    store: Store, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ingest step does so once; cleaning the text, in another process, does so again."""
    asked: list[str] = []

    def noted(url: str) -> str:
        asked.append(url)
        return urls.canonical(url)

    ours = SimpleNamespace(canonical=noted, host=urls.host, readable=urls.readable)
    monkeypatch.setattr(ingest, "urls", ours)
    links = [server.url("/1"), server.url("/2")]
    server.on("/feed", answer(rss(item(1, links[0]), item(2, links[1]))))
    async with world(store, clock, [feed(server)]) as parts:
        await polled(parts)
        done = await ingested(parts)
    assert [one.fate for one in done] == [Fate.ARTICLE, Fate.ARTICLE]
    assert sorted(asked) == links


async def test_P47_what_several_feeds_tell_at_once_is_fetched_once(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """One request yields one article, and it is news although one of the feeds is new."""
    told = item(1, server.url("/1"))
    for path in ("/all", "/navy"):
        server.on(path, answer(rss(item(9, server.url("/9")))), answer(rss(told)))
    server.on("/new", answer(rss(told)))
    for path in ("/1", "/9"):
        server.on(path, answer(page(f"Report {path}", SENTENCE), headers=HTML))
    old = [feed(server, path) for path in ("/all", "/navy")]
    async with world(store, clock, old) as parts:
        await polled(parts)
        await ingested(parts)
    clock.advance(timedelta(hours=7))
    async with world(store, clock, [feed(server, "/new"), *old]) as parts:
        await polled(parts)
        done = await ingested(parts)
    assert sum(seen.path == "/1" for seen in server.requests) == 1
    assert sorted(one.fate for one in done) == [Fate.ARTICLE, Fate.DUPLICATE, Fate.DUPLICATE]
    number = done[0].article_id or 0
    assert {one.article_id for one in done} == {number}
    past = await store.read(lambda connection: list(articles.past(connection, [number])))
    assert [one.baseline for one in past] == [False]


async def test_P47_a_page_that_names_another_address_is_fetched_once_too(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The article is known by both addresses: feeds that link it later bring a duplicate."""
    paths = ("/all", "/navy", "/air")
    for path in paths:
        server.on(path, answer(rss(item(1, server.url("/1?page=2")))))
    own = f'<link rel="canonical" href="{server.url("/report-1")}">'
    html = page("Report 1", SENTENCE).replace(b"<head>", b"<head>" + own.encode())
    server.on("/1?page=2", answer(html, headers=HTML))
    fates = []
    for number in (1, 2, 3):
        feeds_then = [feed(server, path) for path in paths[:number]]
        async with world(store, clock, feeds_then) as parts:
            await polled(parts)
            fates += [one.fate for one in await ingested(parts)]
        clock.advance(timedelta(hours=7))
    assert fates == [Fate.ARTICLE, Fate.DUPLICATE, Fate.DUPLICATE]
    assert sum(seen.path == "/1?page=2" for seen in server.requests) == 1


def told(number: int) -> str:
    """A paragraph that no other report has in common with this one."""
    return " ".join(f"word{number}x{place}" for place in range(90))


@pytest.mark.parametrize("title", ["", "Daily report"])
async def test_one_canonical_address_for_all_pages_of_a_site_loses_none_of_them(
    store: Store, clock: FakeClock, title: str
) -> None:
    """A site whose pages all call one address their own still has as many articles as pages."""
    async with Server() as server:
        links = [server.url(f"/news.php?id={n}") for n in range(4)]
        head = f'<head><link rel="canonical" href="{server.url("/news.php")}">'.encode()
        for n in range(4):
            html = page(title or f"Report {n}", told(n)).replace(b"<head>", head)
            server.on(f"/news.php?id={n}", answer(html, headers=HTML))
        items = [item(n, links[n], title=title) for n in range(4)]
        server.on("/feed", answer(rss(*items[:2])), answer(rss(*items)))
        found: list[Ingested] = []
        async with world(store, clock, [feed(server)]) as parts:
            for _ in range(2):
                await polled(parts)
                found += await ingested(parts)
                clock.advance(timedelta(hours=7))
    assert [one.fate for one in found] == [Fate.ARTICLE] * 4
    kept = [store.read_now(articles.get, one.article_id or 0) for one in found]
    texts = {one.link: one.text for one in kept if one}
    assert all(told(n) in texts[links[n]] for n in range(4))


@pytest.mark.parametrize("place", ["", "#post-{}"])
async def test_entries_that_share_a_page_are_each_read(
    store: Store, clock: FakeClock, place: str
) -> None:
    """A live blog, or a list on one page: the first has the page, the others their own words."""

    def post(server: Server, number: int, more: str = "") -> str:
        link = server.url("/live") + place.format(number)
        return item(number, link, title=f"NATO post {number}", text=told(number) + more)

    async with Server() as server:
        server.on("/live", answer(page("Live", SENTENCE), headers=HTML))
        posts = [post(server, n) for n in range(4)]
        edited = [post(server, 1, " Corrected."), *posts[2:]]
        server.on("/feed", *(answer(rss(*some)) for some in (posts[:2], posts, edited)))
        found: list[Ingested] = []
        async with world(store, clock, [feed(server)]) as parts:
            for _ in range(3):
                await polled(parts)
                found += await ingested(parts)
                clock.advance(timedelta(hours=7))
        assert len(server.asked("/live")) == 1
    assert [one.fate for one in found] == [Fate.ARTICLE] * 5
    kept = [store.read_now(articles.get, one.article_id or 0) for one in found]
    assert [one.title for one in kept if one] == [f"NATO post {n}" for n in (0, 1, 2, 3, 1)]
    assert all(told(n) in one.text for n, one in zip((1, 2, 3), kept[1:], strict=False) if one)
    assert kept[4]
    assert kept[4].text.endswith("Corrected.")
    assert store.read_now(entries.fates) == {"matched": 4}


async def test_entries_that_share_a_page_are_each_read_by_runs_that_overlap(
    store: Store, clock: FakeClock
) -> None:
    """A run that begins while another reads the page loses no entry to it."""
    async with Server() as server:
        server.on("/live", answer(page("Live", SENTENCE), headers=HTML))
        link = server.url("/live")
        posts = [item(n, link, title=f"NATO post {n}", text=told(n)) for n in range(4)]
        server.on("/feed", answer(rss(*posts)))
        async with world(store, clock, [feed(server)]) as parts:
            await polled(parts)
            keys = await ingest.due(parts, clock.now())
            runs = (ingest.run(parts, some, clock.now()) for some in (keys[:2], keys[2:]))
            found = [one for some in await asyncio.gather(*runs) for one in some]
    assert [one.fate for one in found] == [Fate.ARTICLE] * 4
    kept = [store.read_now(articles.get, one.article_id or 0) for one in found]
    assert sorted(one.title for one in kept if one) == [f"NATO post {n}" for n in range(4)]
    assert sorted(one.url == link for one in kept if one) == [False, False, False, True]


@pytest.mark.parametrize("at_once", [True, False])
async def test_a_live_blog_in_two_feeds_is_told_once(
    store: Store, clock: FakeClock, at_once: bool
) -> None:
    """Each of its posts is one article, whichever feed brings it first."""
    async with Server() as server:
        server.on("/live", answer(page("Live", *map(told, range(4))), headers=HTML))
        link = server.url("/live")
        posts = [item(n, link, title=f"NATO post {n}", text=told(n)) for n in range(4)]
        server.on("/feed", answer(rss(*posts[:3])))
        server.on("/section", answer(rss(*posts)))
        both = [feed(server), feed(server, "/section")]
        for wanted in (both,) if at_once else (both[:1], both):
            async with world(store, clock, wanted) as parts:
                await polled(parts)
                await ingested(parts)
            clock.advance(timedelta(hours=7))
    assert store.read_now(entries.fates) == {"matched": 4, "duplicate": 3}


async def test_an_article_that_another_feed_states_twice_is_told_once(
    store: Store, clock: FakeClock
) -> None:
    """A report and its gallery share a page; the report has been read from another feed."""
    async with Server() as server:
        link = server.url("/1")
        server.on("/1", answer(page("NATO sends ships", told(7)), headers=HTML))
        report = item(1, link, title="NATO sends ships", text=told(1))
        gallery = item(2, link, title="Video: NATO sends ships", text=told(1))
        other = item(3, link, title="NATO calls a meeting", text=told(3))
        server.on("/feed", answer(rss(report)))
        server.on("/section", answer(rss(report, gallery, other)))
        both = [feed(server), feed(server, "/section")]
        for wanted in (both[:1], both):
            async with world(store, clock, wanted) as parts:
                await polled(parts)
                await ingested(parts)
            clock.advance(timedelta(hours=7))
    assert store.read_now(entries.fates) == {"matched": 2, "duplicate": 2}


async def test_posts_of_one_title_on_a_page_known_from_another_feed_are_each_read(
    store: Store, clock: FakeClock
) -> None:
    """Their short words differ; the title that they share proves nothing."""
    async with Server() as server:
        link = server.url("/live")
        server.on("/live", answer(page("NATO update", told(7)), headers=HTML))
        opened = item(1, link, title="NATO update: NATO opens a summit", text="A summit begins.")
        said = ("A warship sank off Crete.", "A general takes office.", "Jets met over the sea.")
        posts = [item(n, link, title="NATO update", text=one) for n, one in enumerate(said, 2)]
        server.on("/feed", answer(rss(opened)))
        server.on("/section", answer(rss(*posts)))
        both = [feed(server), feed(server, "/section")]
        for wanted in (both[:1], both):
            async with world(store, clock, wanted) as parts:
                await polled(parts)
                await ingested(parts)
            clock.advance(timedelta(days=1))
    assert store.read_now(entries.fates) == {"matched": 4}


async def test_P47_what_changes_at_every_poll_does_not_request_the_page_at_every_poll(
    store: Store, clock: FakeClock
) -> None:
    """A signed address of a picture changes no word; a count of readers changes too often."""
    async with Server() as server:
        picture = "&lt;img src='/a.jpg?signed={0}'&gt; The ships have left."
        count = "The ships have left. Read {0} times."
        for path in ("/picture", "/count"):
            server.on(path, answer(page("Ships", told(1)), headers=HTML))

        def bring(number: int, title: str = "Ships") -> None:
            items = (
                item(1, server.url("/picture"), title=title, text=picture.format(number)),
                item(2, server.url("/count"), title=title, text=count.format(number)),
            )
            server.on("/feed", answer(rss(*items)))

        async def work(parts: Parts) -> int:
            (one,) = await polled(parts)
            await ingested(parts)
            clock.advance(timedelta(hours=1))
            return one.outcome.revised

        async with world(store, clock, [feed(server)]) as parts:
            revised = []
            for number in range(30):
                bring(number)
                revised.append(await work(parts))
            assert revised == [0, *[1] * 8, *[0] * 21]
            assert len(server.asked("/picture")) == 1
            assert len(server.asked("/count")) == 9
            bring(30, "Ships return")
            assert await work(parts) == 2  # a title is news at once
            clock.advance(timedelta(days=2))
            bring(31, "Ships return")
            assert await work(parts) == 1
    texts = [str(line) for line in await lines(store)]
    assert all("Ships return" in text for text in texts)


async def test_P47_the_last_of_many_texts_is_read_later_though_the_document_stays_the_same(
    store: Store, clock: FakeClock
) -> None:
    """What was not taken when it came is read two days after the first change, once."""
    async with Server() as server:
        server.on("/1", answer(page("Ships", told(1)), headers=HTML))
        async with world(store, clock, [feed(server)], articles="all") as parts:

            async def work(hours: int) -> list[str]:
                await polled(parts)
                found = await ingested(parts)
                clock.advance(timedelta(hours=hours))
                return [name for one in found for name in one.watchlists]

            for number in range(12):
                last = "NATO confirms." if number == 11 else ""
                text = f"The ships sail, update {number}. {last}"
                server.on("/feed", answer(rss(item(1, server.url("/1"), title="Ships", text=text))))
                assert await work(1) == []
            assert len(server.asked("/1")) == 9
            assert [await work(6) for _ in range(12)].count(["nato"]) == 1
        assert len(server.asked("/1")) == 10
    assert store.read_now(entries.fates) == {"matched": 1}


async def test_a_link_that_is_mended_is_followed_though_only_markup_changes_beside_it(
    store: Store, clock: FakeClock
) -> None:
    """The entry's page is read at its new address."""
    async with Server() as server:
        server.on("/right", answer(page("Ships", told(1)), headers=HTML))
        server.on("/wrong", answer(status=404))
        bodies = [
            rss(item(1, server.url(to), title="NATO", text=f"&lt;a href='{to}'&gt;Ships&lt;/a&gt;"))
            for to in ("/wrong", "/right")
        ]
        server.on("/feed", *(answer(body) for body in bodies))
        async with world(store, clock, [feed(server)]) as parts:
            for _ in range(2):
                await polled(parts)
                (found,) = await ingested(parts)
                clock.advance(timedelta(hours=8))
        kept = store.read_now(articles.get, found.article_id or 0)
        assert kept
        assert kept.link == server.url("/right")
        assert told(1) in kept.text


async def test_P47_a_page_that_fails_is_tried_three_times_over_two_hours_then_left(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The article has the feed's words at once, and its page as soon as there is one."""
    server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships."))))
    server.on("/1", answer(b"", status=500))
    async with world(store, clock, [feed(server)]) as parts:
        await polled(parts)
        (first,) = await ingested(parts)
        assert (first.fate, first.watchlists) == (Fate.ARTICLE, ("nato",))
        for _ in range(20):
            clock.advance(timedelta(minutes=15))
            await ingested(parts)
    asked = [seen for seen in server.requests if seen.path == "/1"]
    assert len(asked) == 3
    assert asked[2].at - asked[0].at >= 2 * 3600
    kept = store.read_now(articles.get, first.article_id or 0)
    assert kept is not None
    assert any("500" in problem for problem in kept.problems)
    assert store.read_now(entries.fates) == {"matched": 1}


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410, 451])
async def test_P85_a_page_that_is_refused_is_asked_once(
    store: Store, clock: FakeClock, server: Server, status: int
) -> None:
    """The feed's own summary is used, without a retry under another identity."""
    server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships."))))
    server.on("/1", answer(b"pay", status=status))
    async with world(store, clock, [feed(server)]) as parts:
        await polled(parts)
        for _ in range(10):
            await ingested(parts)
            clock.advance(timedelta(hours=1))
    assert sum(seen.path == "/1" for seen in server.requests) == 1
    assert store.read_now(entries.fates) == {"matched": 1}


async def test_a_page_whose_turn_does_not_come_is_put_off_not_given_up(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """No match waits for a queue: the feed's words count now, the page is read later."""
    server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships."))))
    full = answer(page("Report 1", "NATO and a drone. " + SENTENCE), headers=HTML)
    server.on("/1", full)
    async with world(store, clock, [feed(server)]) as parts:
        await polled(parts)
        keys = await ingest.due(parts, clock.now())
        (first,) = await ingest.run(parts, keys, clock.now(), 0.0)
        assert first.watchlists == ("nato",)
        clock.advance(timedelta(hours=1))
        (second,) = await ingested(parts)
    assert set(second.watchlists) == {"nato", "drones"}
    assert second.article_id == first.article_id


async def test_S33_a_page_that_is_a_picture_is_not_parsed(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The page's type is recorded, and the feed's words are the article."""
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    server.on("/1", answer(b"\x89PNG", headers={"Content-Type": "image/png"}))
    async with world(store, clock, [feed(server)]) as parts:
        await polled(parts)
        (one,) = await ingested(parts)
    kept = store.read_now(articles.get, one.article_id or 0)
    assert kept is not None
    assert any("image/png" in problem for problem in kept.problems)


async def test_the_same_address_in_two_feeds_is_one_article(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The second entry is a duplicate that names the article; trackers make no difference."""
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    server.on("/b", answer(rss(item(1, server.url("/1?utm_source=b"), guid="other"))))
    server.on("/1", answer(page("Report 1", SENTENCE), headers=HTML))
    wanted = [feed(server), feed(server, "/b")]
    async with world(store, clock, wanted) as parts:
        await polled(parts)
        await ingested(parts)
    assert store.read_now(entries.fates) == {"unmatched": 1, "duplicate": 1}
    whys = [line["why"] for line in await lines(store) if line["fate"] == "duplicate"]
    assert whys == ["article 1 has the same address"]


async def test_F49_a_revised_entry_is_read_again_into_the_same_article(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A revision finds new matches and doubles no article."""
    link = server.url("/1")
    server.on(
        "/feed",
        answer(rss(item(1, link, text="Ships leave."))),
        answer(rss(item(1, link, text="NATO ships leave."))),
    )
    async with world(store, clock, [feed(server)], articles="off") as parts:
        await polled(parts)
        (first,) = await ingested(parts)
        clock.advance(timedelta(hours=1))
        (again,) = await polled(parts)
        (second,) = await ingested(parts)
    assert again.outcome.revised == 1
    assert (first.watchlists, second.watchlists) == ((), ("nato",))
    assert first.article_id == second.article_id


async def test_a_journey_waits_for_a_short_retry_after(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """P26: a server that asks for a wait of 30 s is polled again after it, in the same run."""
    busy = answer(b"", status=429, headers={"Retry-After": "30"})
    server.on("/feed", busy, answer(rss(item(1, server.url("/1")))))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        before = clock.now()
        brought = await inline.journey(parts)
        assert clock.now() - before >= timedelta(seconds=30)
    assert [one.outcome.kind for one in brought.polled] == [OutcomeKind.NEW]


async def test_P55_a_permanent_move_is_followed_and_remembered(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Once the move is believed, only the new address is polled; no entry counts as new again."""
    server.on("/feed", redirect("/new", 301))
    server.on("/new", answer(rss(item(1, server.url("/1")))))
    async with world(store, clock, [feed(server)], articles="off") as parts:
        for _ in range(4):
            await polled(parts)
            clock.advance(timedelta(hours=1))
    assert server.requests[-1].path == "/new"
    assert sum(seen.path == "/feed" for seen in server.requests) <= 2
    assert len(await lines(store)) == 1


async def test_a_page_that_tells_less_than_its_summary_loses_no_match(
    store: Store, clock: FakeClock
) -> None:
    """I1: what the feed's words matched stays matched, and the article includes those words."""
    async with Server() as server:
        about = item(1, server.url("/1"), text="NATO sends ships, says the summary.")
        server.on("/feed", answer(rss(about)))
        server.on("/1", answer(page("Report 1", "Ships were sent. " + SENTENCE), headers=HTML))
        async with world(store, clock, [feed(server)]) as parts:
            await polled(parts)
            (one,) = await ingested(parts)
    assert one.watchlists == ("nato",)
    kept = store.read_now(articles.get, one.article_id or 0)
    assert kept is not None
    assert kept.text.startswith("NATO sends ships, says the summary.\n\nShips were sent.")
    assert kept.address == server.url("/1")


async def test_an_article_of_a_feed_without_a_name_names_its_source_all_the_same(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The feed's own title stands in, so that different outlets never count as one."""
    server.on("/feed", answer(rss(item(1, server.url("/1")), title="Harbour Gazette")))
    nameless = Feed(url=server.url("/feed"))
    async with world(store, clock, [nameless], articles="off") as parts:
        await polled(parts)
        (one,) = await ingested(parts)
    kept = store.read_now(articles.get, one.article_id or 0)
    assert kept is not None
    assert kept.source == "Harbour Gazette"


async def test_a_feed_without_a_name_is_told_by_its_title_in_digests_too(
    store: Store, clock: FakeClock
) -> None:
    """What could not be read is named as `feeds status` names it, not by an address."""
    async with Server() as server:
        server.on("/feed", answer(rss(title="Harbour Gazette")), answer(status=500))
        begun = clock.now()
        async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
            await polled(parts)
            clock.advance(timedelta(hours=1))
            await polled(parts)
    (told,) = store.read_now(editions.accounting, Window(begun, clock.now())).feeds
    assert (told.name, told.failed) == ("Harbour Gazette", 1)


async def test_a_wait_that_runs_out_while_others_are_asked_is_kept_too(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """P26: a feed told to wait 30 s is polled again, however long the others take."""
    busy = answer(b"", status=429, headers={"Retry-After": "30"})
    server.on("/feed", busy, answer(rss(item(1, server.url("/1")))))

    server.on("/slow", answer(rss(item(2, server.url("/2")))))

    async def other_is_recorded() -> bool:
        for _ in range(1_000):
            if any(one.polls for one in await store.read(feeds.statuses)):
                return True
            await asyncio.sleep(0.01)
        return False

    class Slow:
        """The client in a world where one feed takes a minute longer than the other."""

        def __init__(self, fetch: Fetcher) -> None:
            self.fetch = fetch

        async def get(self, request: Request, hold: Hold | None = None) -> Response | FetchFailed:
            got = await self.fetch.get(request, hold)
            if request.url.endswith("/slow"):
                assert await other_is_recorded()
                clock.advance(60)
            return got

        async def article(self, url: str, hold: Hold | None = None) -> Response | FetchFailed:
            return await self.fetch.article(url, hold)

    wanted = [feed(server), feed(server, "/slow")]
    async with world(store, clock, wanted, articles="off") as parts:
        slow = replace(parts, fetch=Slow(parts.fetch))
        brought = await inline.journey(slow)
    assert [one.outcome.kind for one in brought.polled] == [OutcomeKind.NEW, OutcomeKind.NEW]
