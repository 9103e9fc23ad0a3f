"""Of more entries than are read, those at the newer end are, and the document says which."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from monitor.feeds import newest, page, sitemap
from monitor.feeds.limits import MAX_ENTRIES
from monitor.feeds.read import read
from monitor.feeds.reduce import ids
from monitor.model import Document

pytestmark = pytest.mark.timeout(60)
BEGIN = datetime(2020, 1, 1, tzinfo=UTC)
COUNT = MAX_ENTRIES + 1_000


def moment(number: int) -> datetime:
    return BEGIN + timedelta(hours=number)


def rss(numbers: list[int], *, after: str = "", dated: bool = True) -> bytes:
    """Return a feed with an entry of each of these hours, in that order."""
    items = "".join(
        f"<item><guid>{n}</guid><title>Ünits {n}</title>"
        + (f"<pubDate>{moment(n):%a, %d %b %Y %H:%M:%S} GMT</pubDate>" if dated else "")
        + "<description><![CDATA[not the </item> of it]]></description></item>"
        for n in numbers
    )
    return f'<rss version="2.0"><channel>{items}<title>x</title>{after}</channel></rss>'.encode()


def parsed(body: bytes, kind: str = "application/xml") -> Document:
    return read(body, kind, "http://feed.test/rss")


def numbers(document: Document) -> list[int]:
    return [int(entry.id) for entry in document.entries]


RISING = list(range(COUNT))


@pytest.mark.parametrize("after", ["", "<b>"], ids=["sound", "broken"])
def test_s28_of_a_feed_that_lists_the_oldest_first_the_last_entries_are_read(after: str) -> None:
    """Otherwise no new entry of it would ever be seen; one that is pinned at the top is no sign."""
    document = parsed(rss([COUNT, *RISING[1:]], after=after))
    assert numbers(document) == RISING[-MAX_ENTRIES:]
    told = f"{COUNT} entries: the last {MAX_ENTRIES} are read (the newest by their dates)"
    assert told in document.problems
    assert document.complete is not bool(after)
    assert document.title == "x"


@pytest.mark.parametrize("after", ["", "<b>"], ids=["sound", "broken"])
def test_s28_of_a_feed_that_lists_the_newest_first_the_first_entries_are_read(after: str) -> None:
    document = parsed(rss(RISING[::-1], after=after))
    assert numbers(document) == RISING[::-1][:MAX_ENTRIES]
    told = f"{COUNT} entries: the first {MAX_ENTRIES} are read (the newest by their dates)"
    assert told in document.problems


def test_s28_without_dates_the_first_entries_are_read_and_the_reason_is_told() -> None:
    document = parsed(rss(RISING, dated=False))
    assert numbers(document) == RISING[:MAX_ENTRIES]
    [told] = document.problems
    assert told.endswith(f"the first {MAX_ENTRIES} are read (no dates tell which are the newest)")


def test_what_was_left_out_never_enters_when_the_feed_grows() -> None:
    """The next poll reads the new entries alone; what it remembers are those that were read."""
    before = parsed(rss(RISING))
    after = read(
        rss([*RISING, COUNT, COUNT + 1]),
        "application/xml",
        "http://feed.test/rss",
        known_pieces=frozenset(before.pieces),
    )
    assert numbers(after) == [COUNT, COUNT + 1]
    assert after.reduced == MAX_ENTRIES - 2
    assert len(ids(after.pieces)) == MAX_ENTRIES


def test_s28_items_under_two_parents_are_bounded_too() -> None:
    """Their places do not tell them apart: the tags that begin them count, and it is said."""
    numbered = range(COUNT // 2)
    half = "".join(f"<item><guid>{n}</guid><title>t{n}</title></item>" for n in numbered)
    other = half.replace("<guid>", "<guid>9")
    body = f'<rss version="2.0"><channel>{half}</channel><channel>{other}</channel></rss>'
    document = parsed(body.encode())
    assert len(document.entries) == MAX_ENTRIES
    assert any(f"{COUNT} entries: the first" in one for one in document.problems)


@pytest.mark.parametrize("rising", [True, False])
def test_of_a_long_json_feed_the_newer_end_is_read(rising: bool) -> None:
    listed = RISING if rising else RISING[::-1]
    items = [{"id": str(n), "title": "t", "date_published": moment(n).isoformat()} for n in listed]
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": items}
    document = parsed(json.dumps(feed).encode(), "application/feed+json")
    assert sorted(numbers(document)) == RISING[-MAX_ENTRIES:]
    which = "last" if rising else "first"
    assert any(f"the {which} {MAX_ENTRIES} are read" in one for one in document.problems)


def test_of_a_sitemap_without_dates_the_first_are_read_and_not_called_the_newest() -> None:
    urls = "".join(f"<url><loc>http://feed.test/{n}</loc></url>" for n in RISING)
    document = sitemap.parse(f"<urlset>{urls}</urlset>".encode(), "", "http://feed.test/s.xml")
    assert len(document.entries) == MAX_ENTRIES
    assert any("the first" in one and "no dates" in one for one in document.problems)


@pytest.mark.parametrize("dated", [True, False])
def test_long_sitemaps_of_one_index_share_what_is_read(dated: bool) -> None:
    """By date, or else by turns: the sitemap with the news may be the last of them."""
    index = sitemap.parse(
        b"<sitemapindex>"
        b"<sitemap><loc>http://feed.test/1.xml</loc></sitemap>"
        b"<sitemap><loc>http://feed.test/2.xml</loc></sitemap>"
        b"</sitemapindex>",
        "",
        "http://feed.test/s.xml",
    )
    parts = []
    for year in (2020, 2024):
        date = f"<lastmod>{year}-05-01</lastmod>" if dated else ""
        urls = "".join(
            f"<url><loc>http://feed.test/{year}/{n}</loc>{date}</url>" for n in range(MAX_ENTRIES)
        )
        body = f"<urlset>{urls}</urlset>".encode()
        parts.append(sitemap.parse(body, "", f"http://feed.test/{year}.xml"))
    document = sitemap.joined(index, parts)
    late = sum("/2024/" in entry.link for entry in document.entries)
    assert (len(document.entries), late) == (MAX_ENTRIES, MAX_ENTRIES if dated else MAX_ENTRIES / 2)
    which = "the newest" if dated else "as many of each sitemap"
    assert any(f"{2 * MAX_ENTRIES} entries: {which}" in one for one in document.problems)


def test_what_of_an_index_page_is_not_read_is_told() -> None:
    items = "".join(f'<li><a href="/{n}">t{n}</a></li>' for n in RISING)
    document = page.parse(
        f"<ul>{items}</ul>".encode(), "text/html", "http://feed.test/", selectors={"item": "li"}
    )
    assert len(document.entries) == MAX_ENTRIES
    assert f"{COUNT} entries: the first {MAX_ENTRIES} are read" in document.problems


def test_dates_at_one_end_alone_decide_nothing() -> None:
    def stated(number: int) -> datetime | None:
        return moment(number) if number < newest.SAMPLE else None

    kept, told = newest.kept(COUNT, stated)
    assert (kept, "no dates" in told) == (slice(0, MAX_ENTRIES), True)
