"""The sitemaps that an index names are asked as politely as any feed, each by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Connection, select, update
from support.days import conditional, gaps, live
from support.server import Script, Seen, Server, answer
from support.world import PACE, world

from monitor.model import Feed
from monitor.store import Store, feeds, schema
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def index(server: Server, *paths: str, dated: bool = False) -> bytes:
    date = "<lastmod>2024-10-18</lastmod>" if dated else ""
    named = "".join(f"<sitemap><loc>{server.url(one)}</loc>{date}</sitemap>" for one in paths)
    return f"<sitemapindex>{named}</sitemapindex>".encode()


def sitemap(server: Server, *numbers: int) -> bytes:
    urls = "".join(f"<url><loc>{server.url(f'/{n}')}</loc></url>" for n in numbers)
    return f"<urlset>{urls}</urlset>".encode()


def tagged(body: bytes, tag: str) -> Script:
    """An answer with an ETag, or 304 to whoever has it."""

    def told(seen: Seen) -> Script:
        headers = {"ETag": tag}
        if seen.header("if-none-match") == tag.encode():
            return answer(status=304, headers=headers)
        return answer(body, headers=headers)

    return told


@pytest.mark.parametrize("dated", [False, True])
async def test_p15_an_index_and_its_sitemaps_are_asked_conditionally(
    store: Store, clock: FakeClock, server: Server, dated: bool
) -> None:
    """After the first request of each none is unconditional, over restarts too.

    Sitemaps without dates are asked though the index is as it was, dated ones are not. What a
    sitemap adds is found all the same.
    """
    server.on("/map", tagged(index(server, "/news.xml", "/old.xml", dated=dated), '"map"'))
    server.on("/news.xml", tagged(sitemap(server, 1), 'W/"news"'))
    server.on("/old.xml", tagged(sitemap(server, 2), '"old"'))
    wanted = [Feed(url=server.url("/map"))]
    for _ in range(2):
        async with world(store, clock, wanted, articles="off") as parts:
            await live(parts, clock, DAY)
    (before,) = store.read_now(feeds.statuses)
    assert (before.entries, before.polling.failures) == (2, 0)
    assert before.last_outcome == "not-modified"
    for path in ("/map", "/news.xml", "/old.xml"):
        first, *later = [conditional(seen)[0] for seen in server.asked(path)]
        assert first is None
        assert None not in later
        assert len(later) > 6 or (dated and path != "/map")
    assert dated == (len(server.asked("/news.xml")) == 1)
    again = index(server, "/news.xml", "/old.xml", dated=dated).replace(b"10-18", b"10-20")
    server.on("/map", tagged(again, '"map2"' if dated else '"map"'))
    server.on("/news.xml", tagged(sitemap(server, 1, 3), '"news2"'))
    async with world(store, clock, wanted, articles="off") as parts:
        await live(parts, clock, 7 * HOUR)
    (after,) = store.read_now(feeds.statuses)
    assert after.entries == 3
    assert conditional(server.asked("/news.xml")[-1])[0] in (b'"news2"', b'W/"news"')


WAITS = [
    ("p28", answer(status=503, headers={"Retry-After": "36000"}), 10 * HOUR),
    ("p28", answer(status=403, headers={"Retry-After": "36000"}), 10 * HOUR),
    ("p23", "max-age", 10 * HOUR),
    ("p32", answer(status=404), HOUR),
    ("p35", answer(status=500), HOUR),
]


@pytest.mark.parametrize(("rule", "said", "wait"), WAITS)
async def test_p23_p28_p32_p35_a_sitemap_that_asks_for_a_wait_gets_it(
    store: Store, clock: FakeClock, server: Server, rule: str, said: Script, wait: timedelta
) -> None:
    """The others are read meanwhile; the one that failed is asked again when its time has come."""
    if said == "max-age":
        said = answer(sitemap(server, 2), headers={"Cache-Control": "max-age=36000"})
    server.on("/map", tagged(index(server, "/news.xml", "/slow.xml"), '"map"'))
    server.on("/news.xml", answer(sitemap(server, 1)))
    server.on("/slow.xml", said, answer(sitemap(server, 2)))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, wait + 7 * HOUR)
    assert len(server.asked("/news.xml")) > 3
    assert len(server.asked("/slow.xml")) >= 2
    assert wait <= gaps(server.asked("/slow.xml"))[0] <= wait + 6.5 * HOUR, rule
    assert store.read_now(feeds.statuses)[0].entries == 2


async def test_p32_p33_a_sitemap_that_is_missing_or_gone_is_asked_less_or_never(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """A week of 404 costs some ten requests, one 410 costs one; both are told in the status."""
    server.on("/map", tagged(index(server, "/news.xml", "/lost.xml", "/gone.xml"), '"map"'))
    server.on("/news.xml", answer(sitemap(server, 1)))
    server.on("/lost.xml", answer(status=404))
    server.on("/gone.xml", answer(status=410))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, 7 * DAY)
    assert len(server.asked("/gone.xml")) == 1
    assert 8 <= len(server.asked("/lost.xml")) <= 12
    assert gaps(server.asked("/lost.xml"))[-1] >= DAY
    (status,) = store.read_now(feeds.statuses)
    assert status.last_outcome == "not-modified"
    assert "2 of 3 sitemaps could not be read" in status.last_why


@pytest.mark.parametrize("longest", [7 * DAY, DAY])
async def test_p32_a_sitemap_that_is_missing_for_a_month_is_asked_once_a_week(
    store: Store, clock: FakeClock, server: Server, longest: timedelta
) -> None:
    """As a feed is. One answer ends that: when it fails again, it is new that it fails.

    `longest`: the longest wait granted to a server, which a wait of our own may exceed.
    """
    pace = replace(PACE, longest_wait=longest)
    server.on("/map", tagged(index(server, "/news.xml", "/lost.xml"), '"map"'))
    server.on("/news.xml", answer(sitemap(server, 1)))
    server.on("/lost.xml", answer(status=404))
    wanted = [Feed(url=server.url("/map"))]
    async with world(store, clock, wanted, articles="off", pace=pace) as parts:
        await live(parts, clock, 53 * DAY)
        weekly = gaps(server.asked("/lost.xml"))
        server.on("/lost.xml", answer(sitemap(server, 2)), answer(status=404))
        await live(parts, clock, 9 * DAY)
    assert [gap // DAY for gap in weekly[-2:]] == [7, 7]
    assert all(gap < 2 * DAY for gap in weekly[:20])
    assert store.read_now(feeds.statuses)[0].entries == 2
    assert min(gaps(server.asked("/lost.xml"))[len(weekly) + 1 :]) < DAY


async def test_p33_a_sitemap_that_was_gone_is_asked_again_after_a_month(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The index still names it, so the 410 may have been a mistake; nobody could resume it."""
    server.on("/map", tagged(index(server, "/news.xml", "/gone.xml"), '"map"'))
    server.on("/news.xml", answer(sitemap(server, 1)))
    server.on("/gone.xml", answer(status=410), answer(status=410), answer(sitemap(server, 2)))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, 30 * DAY)
        assert len(server.asked("/gone.xml")) == 1
        await live(parts, clock, 34 * DAY)
    assert [gap // DAY for gap in gaps(server.asked("/gone.xml"))[:2]] == [31, 31]
    (status,) = store.read_now(feeds.statuses)
    assert status.entries == 2
    assert "could not be read" not in status.last_why


async def test_p33_a_sitemap_whose_410_an_older_version_noted_without_its_time_is_left_alone(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """It may have come a moment before the upgrade."""
    server.on("/map", answer(index(server, "/gone.xml")))
    server.on("/gone.xml", answer(status=410))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, MINUTE)
        store.write_now(noted_by_an_older_version)
        await live(parts, clock, 30 * DAY)
        assert len(server.asked("/gone.xml")) == 1
        await live(parts, clock, 2 * DAY)
    assert len(server.asked("/gone.xml")) == 2


def noted_by_an_older_version(connection: Connection) -> None:
    (followed,) = connection.scalars(select(schema.feeds.c.followed))
    for one in followed:
        del one["failing_since"], one["changed"]
        one["not_before"] = None
    connection.execute(update(schema.feeds).values(followed=followed))


@pytest.mark.parametrize(("after", "wait"), [(2, 7), (10, 10)])
async def test_p33_a_sitemap_that_was_gone_is_asked_again_once_the_index_dates_it_anew(
    store: Store, clock: FakeClock, server: Server, after: int, wait: int
) -> None:
    """That it is back is believed a week after the 410, at once if the week is over."""
    first = index(server, "/gone.xml", dated=True)
    server.on("/map", tagged(first, '"map"'))
    server.on("/gone.xml", answer(status=410), answer(sitemap(server, 2)))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, after * DAY)
        server.on("/map", tagged(first.replace(b"10-18", b"10-20"), '"map2"'))
        await live(parts, clock, 10 * DAY)
    (gap,) = gaps(server.asked("/gone.xml"))
    assert wait * DAY <= gap <= (wait + 1) * DAY
    assert store.read_now(feeds.statuses)[0].entries == 1


async def test_p08_a_sitemap_is_asked_conditionally_only_once_it_was_read_to_its_end(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """One that was cut is requested again in full, even if the index shows no change."""
    whole = sitemap(server, 1, 2, 3)
    server.on("/map", tagged(index(server, "/news.xml", dated=True), '"map"'))
    cut = answer(whole[: whole.index(b"/3")], headers={"ETag": '"news"'})
    server.on("/news.xml", cut, answer(whole, headers={"ETag": '"news"'}))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, DAY)
    assert [conditional(seen)[0] for seen in server.asked("/news.xml")] == [None, None]
    assert store.read_now(feeds.statuses)[0].entries == 3


async def test_p41_a_clock_put_back_keeps_no_sitemap_waiting(
    store: Store, clock: FakeClock, server: Server
) -> None:
    server.on("/map", answer(index(server, "/news.xml", "/slow.xml")))
    server.on("/news.xml", answer(sitemap(server, 1)))
    server.on("/slow.xml", answer(status=500), answer(sitemap(server, 2)))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, MINUTE)
        clock.jump(clock.now() - 300 * DAY)
        await live(parts, clock, 7 * HOUR)
    assert store.read_now(feeds.statuses)[0].entries == 2


async def test_p105_what_the_sitemaps_cost_is_in_the_account_of_their_feed(
    store: Store, clock: FakeClock, server: Server
) -> None:
    server.on("/map", tagged(index(server, "/news.xml"), '"map"'))
    server.on("/news.xml", answer(sitemap(server, 1) + b" " * 50_000))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, DAY)
    (status,) = store.read_now(feeds.statuses)
    assert status.bytes >= 50_000 * len(server.asked("/news.xml"))


async def test_p23_a_sitemap_whose_change_the_index_showed_is_asked_once_its_wait_is_over(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """The index does not change again: that it did must not be forgotten meanwhile."""
    fresh = {"Cache-Control": "max-age=36000"}
    first = index(server, "/news.xml", dated=True)
    server.on("/map", tagged(first, '"map"'))
    server.on("/news.xml", answer(sitemap(server, 1), headers=fresh))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, MINUTE)
        server.on("/map", tagged(first.replace(b"10-18", b"10-20"), '"map2"'))
        server.on("/news.xml", answer(sitemap(server, 1, 2), headers=fresh))
        await live(parts, clock, 2 * DAY)
    assert gaps(server.asked("/news.xml"))[0] >= 10 * HOUR
    assert store.read_now(feeds.statuses)[0].entries == 2


@pytest.mark.parametrize("lastmod", ["", "<lastmod>2024-10-{day}</lastmod>"])
async def test_F56_what_was_left_out_of_a_large_archive_is_no_news_when_one_sitemap_changes(
    store: Store, clock: FakeClock, server: Server, lastmod: str
) -> None:
    """Of 6,000 addresses 5,000 are read; those left out of a sitemap stay so while it grows."""

    def large(*numbers: int) -> bytes:
        urls = (
            f"<url><loc>{server.url(f'/{n}')}</loc>{lastmod.format(day=1 + n // 1000)}</url>"
            for n in numbers
        )
        return f"<urlset>{''.join(urls)}</urlset>".encode()

    paths = [f"/{name}.xml" for name in "abcde"]
    for place, path in enumerate(paths):
        server.on(path, tagged(large(*range(place, 6000, 5)), '"old"'))
    server.on("/map", answer(index(server, *paths)))
    async with world(store, clock, [Feed(url=server.url("/map"))], articles="off") as parts:
        await live(parts, clock, MINUTE)
        assert store.read_now(feeds.statuses)[0].entries == 5000
        server.on("/a.xml", tagged(large(16999, *range(0, 6000, 5)), '"new"'))
        await live(parts, clock, DAY)
    assert store.read_now(feeds.statuses)[0].entries == 5001
