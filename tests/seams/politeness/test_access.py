"""What one feed needs to be polled (secrets, a TLS exception, robots.txt) is for it alone."""

from __future__ import annotations

import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.answers import failed, good
from support.days import gaps, live, moment, settings
from support.server import Seen, Server, answer, redirect
from support.world import item, page, rss

from monitor import app
from monitor.model import Access, FailureKind, Feed, Request
from monitor.pipeline import ingest
from monitor.pipeline.parts import Parts, at_once
from monitor.store import Store, export, feeds
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CERTS = Path(__file__).parents[1] / "fetch" / "certs"
SECRET = b"s3cr3t-of-the-desk"
SECRETS = (
    ("Authorization", b"Bearer " + SECRET),
    ("X-Api-Key", SECRET),
    ("Cookie", b"s=" + SECRET),
)


@asynccontextmanager
async def desk(
    store: Store, clock: FakeClock, *wanted: Feed, resolver: Any = None, **more: Any
) -> AsyncIterator[Parts]:
    """Yield the parts of a program with these feeds, joined as `app` joins them."""
    chosen = settings(store, *wanted, **more)
    async with app.open_parts(chosen, clock=clock, store=store, resolver=resolver) as parts:
        yield replace(parts, compute=at_once)


def secrets_of(seen: Seen) -> set[str]:
    return {name for name, _ in SECRETS if seen.header(name) is not None}


# -------------------------------------------------------------------------------- secrets


@pytest.mark.parametrize("how", ["host", "port", "scheme"])
async def test_p61_p74_the_secrets_of_a_feed_reach_its_own_origin_only(
    store: Store, clock: FakeClock, server: Server, how: str
) -> None:
    """Bearer token, key and cookie follow a redirect that stays, and not one that leaves."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTS / "good.pem")
    async with Server() as other, Server(tls=tls) as safe:
        aims = {
            "host": (server, "b.test"),
            "port": (other, "feed.test"),
            "scheme": (safe, "feed.test"),
        }
        there, name = aims[how]
        there.on("/there", answer(rss()))
        server.on("/feed", redirect("/on", 302))
        server.on("/on", redirect(there.url("/there", name), 302))

        async def resolve(host: str, port: int) -> list[tuple[str, int]]:
            assert host in ("feed.test", "b.test")
            return [("127.0.0.1", port)]

        feed = Feed(url=server.url("/feed", "feed.test"))
        own = {feed.url: Access(headers=SECRETS)}
        trusting = {"ca_file": str(CERTS / "authority.pem")}
        async with desk(store, clock, feed, access=own, resolver=resolve, fetch=trusting) as parts:
            await live(parts, clock, HOUR)
        (status,) = store.read_now(feeds.statuses)
        assert status.last_outcome in ("new", "unchanged"), status.last_why
        came = there.asked("/there")
        assert came
        assert all(secrets_of(seen) == set() for seen in came)
        assert all(SECRET not in seen.raw for seen in came)
        for path in ("/feed", "/on"):
            assert all(
                secrets_of(seen) == {name for name, _ in SECRETS} for seen in server.asked(path)
            )


async def test_p61_p74_a_feed_that_moves_takes_its_secrets_only_inside_its_origin(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A feed that moved on its own server keeps its access; moved elsewhere, it has no secrets."""
    async with Server() as other:
        server.on("/old", redirect("/new", 301))
        server.on("/new", answer(rss()))
        server.on("/leaves", redirect(other.url("/there"), 301))
        other.on("/there", answer(rss()))
        wanted = [Feed(url=server.url(path)) for path in ("/old", "/leaves")]
        own = {feed.url: Access(headers=SECRETS) for feed in wanted}
        async with desk(store, clock, *wanted, access=own) as parts:
            await live(parts, clock, DAY)
        kept = [one.polling.feed.url for one in store.read_now(feeds.statuses)]
        assert kept == [server.url("/new"), other.url("/there")]
        assert len(server.asked("/new")) > 2
        assert all(secrets_of(seen) for seen in server.asked("/new"))
        assert len(other.requests) > 2
        assert not any(secrets_of(seen) for seen in other.requests)


async def test_p74_secrets_stand_in_no_log_no_reason_and_not_in_the_store(
    store: Store, clock: FakeClock, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """No answer, good or failing, leaks a secret; the database files are searched byte by byte."""
    caplog.set_level(logging.NOTSET)
    server.on(
        "/feed", answer(rss(item(1, server.url("/1")))), answer(status=401), redirect("ftp://x")
    )
    server.on("/cut", [b"HTTP/1.1 200 OK\r\n" + SECRET + b"\r\n\r\n"])
    wanted = [Feed(url=server.url("/feed")), Feed(url=server.url("/cut"))]
    own = {feed.url: Access(headers=SECRETS) for feed in wanted}
    async with desk(store, clock, *wanted, access=own) as parts:
        await live(parts, clock, DAY)
        told = repr(parts.access) + repr(settings(store, access=own))
        told += repr(Request(url="http://h.test/", secret_headers=SECRETS))
    assert len(server.asked("/feed")) >= 3
    assert all(secrets_of(seen) for seen in server.requests)
    told += repr(store.read_now(feeds.statuses))
    told += repr(store.read_now(lambda connection: list(export.entry_lines(connection, None))))
    word = SECRET.decode()
    assert word not in told
    assert word not in caplog.text
    files = list(Path(store.url.removeprefix("sqlite:///")).parent.glob("monitor.sqlite3*"))
    assert files
    assert not any(SECRET in path.read_bytes() for path in files)


async def test_p74_an_index_hands_its_secrets_on_to_the_sitemaps_of_its_site(
    store: Store, clock: FakeClock, server: Server
) -> None:
    index = (
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap>'
        f"<loc>{server.url('/news.xml')}</loc></sitemap></sitemapindex>"
    )
    news = (
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url>'
        f"<loc>{server.url('/1')}</loc></url></urlset>"
    )
    server.on("/index.xml", answer(index.encode()))
    server.on("/news.xml", answer(news.encode()))
    feed = Feed(url=server.url("/index.xml"), kind="sitemap")
    async with desk(store, clock, feed, access={feed.url: Access(headers=SECRETS)}) as parts:
        await live(parts, clock, timedelta(minutes=1))
    assert [seen.path for seen in server.requests] == ["/index.xml", "/news.xml"]
    assert all(secrets_of(seen) for seen in server.requests)
    assert server.requests[1].header("accept") == server.requests[0].header("accept")


# ------------------------------------------------------------------------------ exception


async def test_p73_an_exception_holds_for_one_feed_and_its_own_origin(
    store: Store, clock: FakeClock
) -> None:
    """The exception does not cover another feed, the feed's pages, or a redirect's target."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTS / "expired.pem")
    async with Server(tls=tls, clock=clock.monotonic) as server, Server(tls=tls) as other:

        async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", port)]

        paths = ("/feed", "/beside", "/leaves")
        wanted = [Feed(url=server.url(path, "feed.test")) for path in paths]
        link = server.url("/1", "feed.test")
        server.on("/feed", answer(rss(item(1, link))))
        server.on("/beside", answer(rss()))
        server.on("/leaves", redirect(other.url("/there", "feed.test")))
        server.on("/1", answer(page("Report 1", "NATO sent ships.")))
        own = {feed.url: Access(unverified=True) for feed in (wanted[0], wanted[2])}
        trusting = {"ca_file": str(CERTS / "authority.pem")}
        async with desk(
            store, clock, *wanted, access=own, resolver=resolve, fetch=trusting
        ) as parts:
            await live(parts, clock, timedelta(minutes=1))
            await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
        exception, beside, leaves = store.read_now(feeds.statuses)
        assert exception.last_outcome == "new"
        for held in (beside, leaves):
            assert held.last_outcome == "failed"
            assert "certificate has expired" in held.last_why
        assert {seen.path for seen in server.requests} == {"/feed", "/leaves"}
        assert other.requests == []


# -------------------------------------------------------------------------------- robots

FORBID = b"User-agent: *\nDisallow: /\nCrawl-delay: 10\n"


@pytest.mark.parametrize("how", ["for all", "for one"])
async def test_p84_robots_is_for_articles_and_an_option_extends_it_to_feeds(
    store: Store, clock: FakeClock, server: Server, how: str
) -> None:
    """Under "disallow all" the feed is polled, but no article; with the option, neither is."""
    server.on("/robots.txt", answer(FORBID, headers={"ETag": '"1"'}), answer(status=304))
    server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships."))))
    feed = Feed(url=server.url("/feed"))
    asking = Access(robots=True)
    option: dict[str, Any] = (
        {"usual_access": asking} if how == "for all" else {"access": {feed.url: asking}}
    )

    async with desk(store, clock, feed) as parts:
        await live(parts, clock, timedelta(minutes=1))
        (one,) = await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
    assert one.watchlists == ()
    assert len(server.asked("/feed")) == 1
    assert len(server.asked("/robots.txt")) == 1
    assert server.asked("/1") == []

    async with desk(store, clock, feed, **option) as parts:
        await live(parts, clock, 7 * DAY)
        await ingest.run(parts, await ingest.due(parts, clock.now()), clock.now())
    assert len(server.asked("/feed")) == 1
    assert server.asked("/1") == []
    assert len(server.asked("/robots.txt")) <= 1 + 8
    (status,) = store.read_now(feeds.statuses)
    assert status.last_outcome == "failed"
    assert status.last_why == f"robots.txt forbids {feed.url}"
    assert status.polling.failures > 2
    assert status.polling.failing_since is not None
    assert status.due is not None
    assert status.due <= clock.now() + timedelta(hours=25)
    assert status.due_why
    assert store.read_now(feeds.askable, clock.now()) == [feed.id or 1], "a person may ask at once"

    async with desk(store, clock, feed) as parts:
        await live(parts, clock, 26 * HOUR)
    assert len(server.asked("/feed")) >= 2
    (status,) = store.read_now(feeds.statuses)
    assert status.polling.failures == 0


async def test_p84_p81_p83_with_the_option_a_feed_waits_for_robots_and_keeps_its_delay(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """An unreadable robots.txt forbids for now; what it then allows keeps its crawl delay."""
    allow = answer(b"User-agent: *\nDisallow: /no\nCrawl-delay: 30\n")
    server.on("/robots.txt", answer(status=503), allow)
    server.on("*", answer(rss()))
    wanted = [Feed(url=server.url(f"/{n}")) for n in range(3)]
    async with desk(store, clock, *wanted, usual_access=Access(robots=True)) as parts:
        await live(parts, clock, timedelta(minutes=1))
        assert [seen.path for seen in server.requests] == ["/robots.txt"]
        whys = {one.last_why for one in store.read_now(feeds.statuses)}
        assert whys == {
            "robots.txt cannot be read (it answers 503): nothing is fetched until it can"
        }
        await live(parts, clock, 2 * HOUR)
    polled = [seen for seen in server.requests if seen.path != "/robots.txt"]
    assert {seen.path for seen in polled} == {"/0", "/1", "/2"}
    assert min(gaps(polled)) >= timedelta(seconds=30)
    assert moment(polled[0], clock) >= moment(server.requests[0], clock) + HOUR


async def test_p84_with_the_option_every_hop_is_asked_for(
    store: Store, clock: FakeClock, server: Server
) -> None:
    async with Server() as other:
        other.on("/robots.txt", answer(FORBID))
        other.on("/feed", answer(rss()))
        server.on("/feed", redirect(other.url("/feed")))
        feed = Feed(url=server.url("/feed"))
        async with desk(store, clock, feed, access={feed.url: Access(robots=True)}) as parts:
            refused = await parts.fetch.get(Request(url=feed.url, robots=True))
            assert failed(refused, FailureKind.ROBOTS).hops[0].url == other.url("/feed")
            assert good(await parts.fetch.get(Request(url=feed.url))).status == 200
        assert len(other.asked("/feed")) == 1
