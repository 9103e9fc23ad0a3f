"""Sitemaps and news sitemaps, and the index over several of them."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from support.polls import document as feed_document
from support.polls import entry

from monitor.errors import InputError, NotAFeed
from monitor.feeds import follow, limits, sitemap
from monitor.feeds.read import document_as_json, read, recognise
from monitor.model import Document, Followed, Validators

DATA = Path(__file__).parent / "data"
URL = "https://harbour.test/sitemap.xml"
NEWS = (DATA / "news-sitemap.xml").read_bytes()
INDEX = (DATA / "sitemap-index.xml").read_bytes()


def urls(*lines: str) -> bytes:
    """A sitemap with these `url` elements."""
    return f"<urlset>{''.join(f'<url>{line}</url>' for line in lines)}</urlset>".encode()


def links(found: Document) -> list[str]:
    """The links of a document's entries, in their order."""
    return [one.link for one in found.entries]


def test_a_news_sitemap_is_read_as_expected() -> None:
    """The sitemap in data/, known by its root element, gives the JSON beside it."""
    expected = json.loads((DATA / "news-sitemap.expected.json").read_text("utf-8"))
    assert document_as_json(read(NEWS, "application/xml", URL)) == expected


def test_a_sitemap_without_news_gives_its_pages() -> None:
    """An entry has an address and a date of change; the title comes with the page."""
    found = read(urls("<loc>/a</loc><lastmod>2025-10-08</lastmod>", "<loc>/b</loc>"), "", URL)
    assert (found.format, links(found)) == (
        "sitemap", ["https://harbour.test/a", "https://harbour.test/b"],
    )  # fmt: skip
    assert [one.title for one in found.entries] == ["", ""]
    assert found.entries[0].updated is not None


@pytest.mark.parametrize(("others", "kept"), [(limits.MAX_ENTRIES, 3), (0, 5)])
def test_a_sitemap_lacks_what_was_left_out_only_while_all_hold_too_many(
    others: int, kept: int
) -> None:
    """Its newest entries are those kept; one that has begun anew is read whole."""
    pages = [f"<loc>/{day}</loc><lastmod>2025-10-0{day}</lastmod>" for day in (1, 2, 5, 4, 3)]
    found = read(urls(*pages), "", URL)
    mine = Followed(validators=Validators(URL), entries=5, left=2)
    known = [mine, Followed(validators=Validators("https://harbour.test/b.xml"), entries=others)]
    (short,) = follow.shortened(known, {URL: found})
    assert links(short) == [one for one in links(found) if kept == 5 or one[-1] in "345"]
    assert [one.left for one in follow.counted(known, {URL: found}, short)] == [5 - kept, 0]


def test_a_sitemap_of_many_elements_is_not_said_to_be_read_in_part() -> None:
    """Unlike those of the entries of a feed, they are all read."""
    pictures = "<image/>" * limits.MAX_READ_ELEMENTS
    body = urls(f"<loc>/a</loc>{pictures}", "<loc>/b</loc><lastmod>2025-10-08</lastmod>")
    found = read(body, "", URL)
    assert (len(found.entries), found.problems) == (2, ())
    assert found.entries[1].updated is not None


@pytest.mark.parametrize("root", ["urlset", "sitemapindex", "s:urlset"])
def test_sitemaps_are_recognised(root: str) -> None:
    """A sitemap is known by its root element, whatever its prefix and the content type."""
    assert recognise(f"<?xml version='1.0'?><{root}/>".encode(), "text/html", URL) == "sitemap"


def test_a_page_with_a_video_has_its_title_if_no_news_names_it() -> None:
    """Google's extension for videos has the same elements; the title of the news comes first."""
    names = " xmlns:video='v' xmlns:news='n'"
    video = "<video:video><video:title>Seen</video:title></video:video>"
    news = "<news:news><news:title>Told</news:title></news:news>"
    body = urls(f"<loc>/a</loc>{video}", f"<loc>/b</loc>{video}{news}")
    found = read(body.replace(b"<urlset", b"<urlset" + names.encode()), "", URL)
    assert [one.title for one in found.entries] == ["Seen", "Told"]


def test_a_gzip_file_is_unpacked() -> None:
    """Gzipped sitemaps and feeds, known by their bytes, are unpacked; broken ones are errors."""
    assert links(read(gzip.compress(NEWS), "", URL, "sitemap")) == links(read(NEWS, "", URL))
    assert read(gzip.compress(NEWS), "application/gzip", URL) == read(NEWS, "", URL)
    with pytest.raises(InputError, match="gzip"):
        read(gzip.compress(gzip.compress(NEWS)), "", URL)
    with pytest.raises(InputError, match="broken gzip"):
        read(b"\x1f\x8bbroken", "", URL, "sitemap")


def test_s40_a_gzip_bomb_is_read_to_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing beyond the limit is unpacked, and the document is not complete."""
    monkeypatch.setattr("monitor.feeds.read.MAX_UNPACKED", 1_000)
    bomb = gzip.compress(urls("<loc>/a</loc>", *["<loc>/b</loc>"] * 100_000))
    found = read(bomb, "", URL, "sitemap")
    assert not found.complete
    assert 0 < len(found.entries) < 50


def test_p08_a_cut_sitemap_gives_what_was_whole() -> None:
    """No half an address is taken for an entry: the last one must be closed."""
    whole, body = links(read(NEWS, "", URL)), NEWS.strip()
    for length in range(400, len(body)):
        found = read(body[:length], "", URL)
        assert not found.complete
        assert set(links(found)) <= set(whole)


def test_s22_entities_of_the_document_are_not_looked_up() -> None:
    """An entity opens neither files nor addresses."""
    trap = b'<!DOCTYPE urlset [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    found = read(trap + urls("<loc>https://harbour.test/&x;</loc>"), "", URL)
    assert "root:" not in repr(found)


def test_s28_too_many_pages_leave_the_newest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest pages are read, and the problems say so."""
    monkeypatch.setattr(sitemap, "MAX_ENTRIES", 2)
    days = [f"<loc>/{day}</loc><lastmod>2025-10-{day}</lastmod>" for day in ("07", "09", "08")]
    found = read(urls(*days, "<loc>/undated</loc>"), "", URL)
    assert links(found) == ["https://harbour.test/09", "https://harbour.test/08"]
    assert found.problems == ("4 entries: the newest 2 are read",)


def test_other_xml_is_no_sitemap() -> None:
    """XML with another root element is an error."""
    with pytest.raises(NotAFeed, match="no sitemap"):
        read(b"<rss version='2.0'><channel/></rss>", "", URL, "sitemap")


# ------------------------------------------------------------------------------- index


def test_an_index_names_the_sitemaps_of_its_own_site() -> None:
    """Sitemaps for news come first, then those changed last; other hosts are left out."""
    found = read(INDEX, "", URL)
    assert (found.format, found.entries) == ("sitemapindex", ())
    assert found.follow == (
        "https://harbour.test/maps/news.xml",
        "https://harbour.test/maps/2025.xml.gz",
        "https://www.harbour.test/maps/2024.xml",
        "https://harbour.test/maps/2023.xml",
    )


def test_an_index_of_other_sites_is_a_failure() -> None:
    """An index of other sites alone would never bring anything, and look alive."""
    with pytest.raises(InputError, match="none that is on its own site"):
        read(INDEX, "", "https://third.test/sitemap.xml")


def test_an_index_that_names_itself_is_not_asked_again_for_it() -> None:
    def index(*addresses: str) -> Document:
        named = "".join(f"<sitemap><loc>{one}</loc></sitemap>" for one in addresses)
        return read(f"<sitemapindex>{named}</sitemapindex>".encode(), "", URL)

    assert index(URL, "/other.xml").follow == index("/other.xml").follow
    with pytest.raises(InputError, match="names no sitemap"):
        index(URL)


def test_an_index_is_followed_within_bounds() -> None:
    """One poll reads a few sitemaps, and the document says how many there are."""
    dated = "<lastmod>2025-10-08</lastmod>"
    names = "".join(f"<sitemap><loc>/maps/{n}.xml</loc>{dated}</sitemap>" for n in range(100))
    found = read(f"<sitemapindex>{names}</sitemapindex>".encode(), "", URL)
    assert len(found.follow) == limits.MAX_FOLLOWED
    assert found.problems == (f"100 sitemaps: {limits.MAX_FOLLOWED} are read",)


POSTS = [f"/wp-sitemap-posts-post-{n}.xml" for n in range(1, 13)]
MONTHS = [f"/map.xml?yyyy={year}&amp;mm={month}" for year in (2023, 2024) for month in range(1, 13)]


@pytest.mark.parametrize("date", ["", "<lastmod>2025-10-08</lastmod>"])
@pytest.mark.parametrize(
    ("stated", "newest"),
    [
        ([*POSTS, "/wp-sitemap-posts-page-1.xml", "/wp-sitemap-users-1.xml"], POSTS[-1]),
        (MONTHS, MONTHS[-1]),
        (MONTHS[::-1], MONTHS[-1]),
        ([f"/sitemap/{n}" for n in range(40)], "/sitemap/0"),
    ],
)
def test_without_dates_the_numbers_of_sitemaps_tell_where_the_news_is(
    stated: list[str], newest: str, date: str
) -> None:
    """WordPress dates no sitemap and fills them from the oldest post on; others count the pages."""
    named = "".join(
        f"<sitemap><loc>https://harbour.test{one}</loc>{date}</sitemap>" for one in stated
    )
    found = read(f"<sitemapindex>{named}</sitemapindex>".encode(), "", URL)
    wanted = "https://harbour.test" + newest.replace("&amp;", "&")
    assert wanted in found.follow[:2]
    assert len(found.follow) == limits.MAX_FOLLOWED


def test_an_index_joins_what_its_sitemaps_hold() -> None:
    """Each entry is kept once, as the sitemap for news has it; the title is a publication's."""
    index = replace(read(INDEX, "", URL), follow=("news", "pages"), complete=True, problems=())
    news = feed_document(entry("a", title="Told"), title="Harbour")
    pages = feed_document(entry("a", title=""), entry("b"), problems=("odd",))
    found = sitemap.joined(index, [news, pages])
    assert [(one.id, one.title) for one in found.entries] == [("a", "Told"), ("b", "Title b")]
    assert (found.title, found.problems, found.complete) == ("Harbour", ("odd",), True)


def test_a_page_that_is_named_twice_has_the_title_that_one_of_them_states() -> None:
    """Sitemaps of all pages name those of the news sitemap without their titles."""
    title = b"<news:news><news:title>Fleet sails</news:title></news:news>"

    def pages(*inside: bytes) -> Document:
        urls = b"".join(b"<url><loc>https://port.test/a</loc>%b</url>" % one for one in inside)
        space = b'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
        return read(b"<urlset %b>%b</urlset>" % (space, urls), "", URL)

    index = read(b"<sitemapindex><sitemap><loc>/x</loc></sitemap></sitemapindex>", "", URL)
    for found in (pages(b"", title), sitemap.joined(index, [pages(b""), pages(title)])):
        (entry,) = found.entries
        assert (entry.key, entry.title) == ("https://port.test/a", "Fleet sails")


def test_p08_an_index_with_a_missing_or_cut_sitemap_is_not_complete() -> None:
    """What is missing is told, and asked again though the index is unchanged."""
    index = replace(read(INDEX, "", URL), follow=("one", "two"))
    whole, cut = feed_document(entry("a")), feed_document(entry("b"), complete=False)
    index = replace(index, complete=True)
    assert sitemap.joined(index, [whole, whole]).complete
    assert "1 of 2 sitemaps could not be read" in sitemap.joined(index, [whole]).problems
    assert not sitemap.joined(index, [whole]).complete
    assert not sitemap.joined(index, [whole, cut]).complete


def test_p08_an_index_that_does_not_show_changes_is_not_complete() -> None:
    """An index without dates keeps its bytes while its sitemaps change, so it is not complete.

    Its own list is, so that it may be asked conditionally.
    """
    found = read(INDEX, "", URL)
    assert not found.complete
    assert found.listed
    assert found.problems == ("sitemaps without a date of change: read at every poll",)
    dated = INDEX.replace(b"news.xml</loc>", b"news.xml</loc><lastmod>2025-10-08</lastmod>")
    assert read(dated, "", URL).complete
