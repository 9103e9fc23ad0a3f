"""What redirects, odd statuses and odd bodies change, and what they must not change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Connection, select
from support.days import gaps, live, poll_once, settings
from support.server import Script, Seen, Server, answer, redirect
from support.world import item, page, rss, world

from monitor import app
from monitor.fetch.settings import ROBOTS_TOKEN, FetchSettings
from monitor.model import Feed, OutcomeKind
from monitor.pipeline import ingest
from monitor.pipeline.parts import Parts
from monitor.store import Store, articles, entries, export, feeds, schema
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def former_addresses(connection: Connection) -> list[str]:
    return list(connection.execute(select(schema.feeds.c.previous_urls)).scalar_one())


def address(store: Store) -> str:
    return store.read_now(feeds.statuses)[0].polling.feed.url


# ------------------------------------------------------------------------------ redirects


@pytest.mark.parametrize("status", [301, 308])
async def test_p55_a_move_to_another_site_is_saved_at_its_second_sighting(
    store: Store, clock: FakeClock, server: Server, status: int
) -> None:
    """A restart between the sightings is allowed; the old address is kept, and no entry doubled."""
    async with Server(clock=clock.monotonic, host="127.0.0.2") as other:
        old, new = server.url("/feed"), other.url("/feed")
        server.on("/feed", redirect(new, status))
        other.on("/feed", answer(rss(item(1, "http://127.0.0.1/1"), item(2, "http://127.0.0.1/2"))))
        for sighting, address_then in ((1, old), (2, new), (3, new)):
            async with world(store, clock, [Feed(url=old)], articles="off") as parts:
                polled = await poll_once(parts, clock)
                done = await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
            assert address(store) == address_then
            assert (polled.outcome.new, len(done)) == ((2, 2) if sighting == 1 else (0, 0))
        assert store.read_now(former_addresses) == [old]
        assert (len(server.requests), len(other.requests)) == (2, 3)
        assert store.read_now(entries.fates) == {"unmatched": 2}


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_p56_a_temporary_redirect_is_followed_anew_each_time(
    store: Store, clock: FakeClock, server: Server, status: int
) -> None:
    server.on("/feed", redirect("/there", status))
    server.on("/there", answer(rss(item(1, server.url("/1")))))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        for _ in range(4):
            await poll_once(parts, clock)
    assert len(server.asked("/feed")) == len(server.asked("/there")) == 4
    assert address(store) == server.url("/feed")


async def test_p57_of_a_mixed_chain_the_part_before_the_first_temporary_hop_is_saved(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Of the chain 301, 302, 200 the first target is saved."""
    server.on("/feed", redirect("/half", 301))
    server.on("/half", redirect("/end", 302))
    server.on("/end", answer(rss(item(1, server.url("/1")))))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        for _ in range(3):
            await poll_once(parts, clock)
    assert address(store) == server.url("/half")
    assert [len(server.asked(path)) for path in ("/feed", "/half", "/end")] == [1, 3, 3]


PARKED = b"<!doctype html><title>feed.test is for sale</title><h1>Buy this domain</h1>"
LOGIN = b"<!doctype html><title>Sign in</title><form action=/login><input type=password></form>"


@pytest.mark.parametrize("body", [page("Moved", "We have a new site."), LOGIN, PARKED])
async def test_p58_a_move_to_what_is_no_feed_is_not_saved(
    store: Store, clock: FakeClock, server: Server, body: bytes
) -> None:
    """A page, a login or a parked domain is shown as an error, and the address stays."""
    server.on("/feed", redirect("/there", 301))
    server.on("/there", answer(body, headers={"Content-Type": "text/html"}))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        for _ in range(3):
            polled = await poll_once(parts, clock)
            assert polled.outcome.kind is OutcomeKind.FAILED
    assert address(store) == server.url("/feed")
    assert store.read_now(feeds.statuses)[0].last_why.startswith("not a feed: ")


async def test_p50_too_many_redirects_are_told_with_their_chain(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """Six hops are too many: their chain is told, and tokens in its addresses stay hidden."""
    for number in range(1, 7):
        server.on(f"/{number}?token=t0p", redirect(f"/{number - 1}?token=t0p"))
    server.on("/0?token=t0p", answer(rss()))
    async with world(store, clock, [Feed(url=server.url("/6?token=t0p"))]) as parts:
        why = (await poll_once(parts, clock)).outcome.why
    chain = " -> ".join(server.url(f"/{n}?token=***") for n in (5, 4, 3, 2, 1))
    assert why == f"redirects: more than 5 redirects: {chain}"
    assert "t0p" not in why


async def test_p60_one_target_is_asked_once_an_interval_whoever_leads_to_it(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A feed that has moved onto another one adds one poll a day, and its status says why."""
    server.on("/old", redirect("/feed", 301))
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    wanted = [Feed(url=server.url(path)) for path in ("/feed", "/old")]
    async with world(store, clock, wanted, articles="off") as parts:
        await live(parts, clock, 5 * DAY)
    own, repeated = store.read_now(feeds.statuses)
    assert len(server.asked("/old")) in (5, 6)
    assert "repeats another feed" in repeated.due_why
    assert "repeats" not in own.due_why
    assert repeated.polling.feed.url == server.url("/old")
    assert own.polls + repeated.polls == len(server.asked("/feed"))
    assert f"it has moved to {server.url('/feed')}" in repeated.last_why
    assert own.entries + repeated.entries == 2
    assert store.read_now(export_count) == 2


def export_count(connection: Connection) -> int:
    return sum(1 for _ in export.entry_lines(connection, None))


# ------------------------------------------------------------------------ statuses, bodies

REFUSED = {
    204: "204: no content",
    205: "205: no content",
    206: "206: a part",
    226: "226: a difference",
    300: "300: it points elsewhere",
    418: "418: no feed",
    999: "999: no status that means anything",
}


@pytest.mark.parametrize("status", [203, *REFUSED])
async def test_p94_each_odd_status_has_an_outcome_and_stores_nothing_wrongly(
    store: Store, clock: FakeClock, server: Server, status: int
) -> None:
    """203 is read as a feed; any other body is ignored, and the reason is recorded."""
    body = b"" if status == 204 else rss(item(1, server.url("/1")))
    server.on("/feed", answer(body, status, {"ETag": '"odd"'}), answer(rss()))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        polled = await poll_once(parts, clock)
        (first,) = store.read_now(feeds.statuses)
        await poll_once(parts, clock)
    if status == 203:
        assert (polled.outcome.kind, first.entries) == (OutcomeKind.NEW, 1)
    else:
        assert polled.outcome.kind is OutcomeKind.FAILED
        assert polled.outcome.why.startswith(REFUSED[status])
        assert (first.entries, first.polling.failures) == (0, 1)
    assert first.last_status == status
    sent = server.requests[1].header("if-none-match")
    assert sent == (b'"odd"' if status == 203 else None)


@pytest.mark.parametrize("linked", [True, False])
async def test_p95_a_page_in_place_of_a_feed_is_an_error_and_no_switch(
    store: Store, clock: FakeClock, server: Server, linked: bool
) -> None:
    """The feeds that the page links are named, but not polled."""
    link = '<link rel="alternate" type="application/rss+xml" href="/new-feed">' if linked else ""
    body = f"<!doctype html><html><head><title>News</title>{link}</head><body>News</body></html>"
    server.on("/feed", answer(body.encode(), headers={"Content-Type": "text/html"}))
    server.on("/new-feed", answer(rss()))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        await live(parts, clock, 3 * DAY)
    (status,) = store.read_now(feeds.statuses)
    assert status.last_outcome == "failed"
    assert 'a web page: "News"' in status.last_why
    assert (server.url("/new-feed") in status.last_why) == linked
    assert server.asked("/new-feed") == []
    assert status.polling.feed.url == server.url("/feed")


@pytest.mark.parametrize("kind", ["text/html", "text/plain; charset=utf-8", "image/png", ""])
async def test_p69_a_feed_is_read_whatever_it_is_called(
    store: Store, clock: FakeClock, server: Server, kind: str
) -> None:
    headers = [("Content-Type", kind)] if kind else []
    server.on("/feed", answer(rss(item(1, server.url("/1"))), headers=headers))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        polled = await poll_once(parts, clock)
    assert (polled.outcome.kind, polled.outcome.new) == (OutcomeKind.NEW, 1)
    assert (server.requests[0].header("accept") or b"").endswith(b"*/*;q=0.5")


async def test_p70_p91_an_encoding_that_was_not_offered_is_an_error_that_names_it(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """No garbled entry is stored, and the validators of such an answer are not believed."""
    headers = {"Content-Encoding": "zstd", "ETag": '"z"'}
    server.on("/feed", answer(b"\x28\xb5\x2f\xfd\x00", headers=headers))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        polled = await poll_once(parts, clock)
        await poll_once(parts, clock)
    assert b"zstd" not in (server.requests[0].header("accept-encoding") or b"")
    assert polled.outcome.why == "encoding: the body is encoded as zstd, which was not asked for"
    assert server.requests[1].header("if-none-match") is None


# -------------------------------------------------------------------------- who, and pages


async def test_p65_p66_p67_one_name_and_nothing_else_for_feeds_pages_robots_and_hops(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The User-Agent is the same everywhere and begins with the name that robots.txt uses."""
    html = {"Content-Type": "text/html", "Set-Cookie": "page=1; Path=/"}
    server.on("/feed", answer(status=302, headers={"Location": "/on", "Set-Cookie": "hop=1"}))
    found = answer(rss(item(1, server.url("/1"))), headers={"Set-Cookie": "feed=1; Path=/"})
    server.on("/on", found)
    server.on("/1", answer(page("Report 1", "NATO sent ships."), headers=html))
    chosen = settings(
        store,
        Feed(url=server.url("/feed")),
        fetch={"contact": "desk@monitor.example", "user_agent_url": "https://monitor.example/"},
    )
    async with app.open_parts(chosen, clock=clock, store=store) as parts:
        for _ in range(2):
            await live(parts, clock, MINUTE)
            await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
            clock.advance(DAY)
    assert {seen.path for seen in server.requests} == {"/feed", "/on", "/robots.txt", "/1"}
    (name,) = {seen.header("user-agent") for seen in server.requests}
    assert name == chosen.client.user_agent.encode()
    assert name.startswith(f"{ROBOTS_TOKEN}/".encode())
    assert name.endswith(b"(+https://monitor.example/; desk@monitor.example)")
    names = {key.lower() for seen in server.requests for key, _ in seen.headers}
    assert names <= {b"host", b"user-agent", b"accept", b"accept-encoding"}


WALL = "Sign in to continue reading. Forgot your password? Subscribe to read this article."


async def test_p85_a_login_page_gives_way_to_the_feeds_summary(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The wall answers 200: the feed's words are the article, and the page is requested once."""
    server.on(
        "/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships to the north.")))
    )
    wall = f"<!doctype html><title>Sign in</title><h1>Welcome</h1><p>{WALL}</p>".encode()
    server.on("/1", answer(wall, headers={"Content-Type": "text/html"}))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        await poll_once(parts, clock)
        (one,) = await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
        for _ in range(5):
            clock.advance(DAY)
            await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
    assert one.watchlists == ("nato",)
    kept = store.read_now(articles.get, one.article_id or 0)
    assert kept is not None
    assert kept.text == "NATO sends ships to the north."
    assert len(server.asked("/1")) == 1
    assert {seen.header("user-agent") for seen in server.asked("/1")} == {
        server.requests[0].header("user-agent")
    }


@pytest.mark.parametrize("status", [203, 206, 226])
async def test_p94_a_page_that_a_proxy_changed_is_a_page_and_a_part_is_none(
    store: Store, clock: FakeClock, server: Server, status: int
) -> None:
    server.on("/feed", answer(rss(item(1, server.url("/1"), text="Ships are sent."))))
    html = {"Content-Type": "text/html"}
    told = answer(page("Report 1", "NATO sent ships to the north on Monday."), status, html)
    server.on("/1", told)
    async with world(store, clock, [Feed(url=server.url("/feed"))], articles="all") as parts:
        await poll_once(parts, clock)
        await read_for(parts, clock, HOUR)
    whole = status == 203
    assert (len(server.asked("/1")) == 1) == whole
    texts = store.read_now(lambda c: [one["text"] for one in export.article_lines(c, None)])
    assert whole == any("NATO" in text for text in texts)


async def read_for(
    parts: Parts, clock: FakeClock, span: timedelta, step: timedelta = 10 * MINUTE
) -> None:
    """Read what waits again and again until the span is over, as the daemon does."""
    end = clock.now() + span
    while clock.now() < end:
        clock.advance(step)
        await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())


@pytest.mark.parametrize("status", [503, 502])
async def test_p28_p47_a_page_is_asked_again_when_its_server_says_and_no_sooner(
    store: Store, clock: FakeClock, server: Server, status: int
) -> None:
    """Ten hours are kept, and 400 days are cut to a week."""
    server.on("/feed", answer(rss(item(1, server.url("/1")), item(2, server.url("/2")))))
    html = {"Content-Type": "text/html"}
    for path, asked in (("/1", 36_000), ("/2", 400 * 86_400)):
        busy = answer(status=status, headers={"Retry-After": str(asked)})
        server.on(path, busy, answer(page("Report", "NATO sent ships."), headers=html))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        await poll_once(parts, clock)
        await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
        await read_for(parts, clock, 12 * HOUR)
        assert [len(server.asked(path)) for path in ("/1", "/2")] == [2, 1]
        await read_for(parts, clock, 7 * DAY, HOUR)
    assert gaps(server.asked("/1"))[0] >= 10 * HOUR
    assert 7 * DAY <= gaps(server.asked("/2"))[0] <= 7 * DAY + HOUR


async def test_p31_p47_while_a_host_wants_quiet_no_page_of_it_counts_as_tried(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A host that bears two pages an hour gives all ten: none is given up unasked."""
    numbers = range(1, 11)
    server.on("/feed", answer(rss(*(item(n, server.url(f"/{n}")) for n in numbers))))
    left = 2

    def scarce(_seen: Seen) -> Script:
        nonlocal left
        if not left:
            left = 2
            return answer(status=429, headers={"Retry-After": "3600"})
        left -= 1
        return answer(page("Report", "NATO sent ships."), headers={"Content-Type": "text/html"})

    for number in numbers:
        server.on(f"/{number}", scarce)
    fetch = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=0)
    async with world(store, clock, [Feed(url=server.url("/feed"))], fetch=fetch) as parts:
        await poll_once(parts, clock)
        done = await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
        await read_for(parts, clock, DAY)
        kept = [store.read_now(articles.get, one.article_id or 0) for one in done]
    assert all(one is not None and one.method.startswith("page") for one in kept)
    pages = [seen for seen in server.requests if seen.path not in ("/feed", "/robots.txt")]
    assert len(pages) == 10 + 4
    assert sum(gap >= HOUR for gap in gaps(pages)) == 4
