"""Feeds that a page names, and where else they may be."""

from __future__ import annotations

import pytest

from monitor.feeds.discover import feeds_of, named, sitemaps, usual_places

URL = "https://site.test/news/start.html"


def test_declared_feeds_in_the_pages_order_each_once() -> None:
    """RSS, Atom and JSON alternates count, relative ones are joined, the API's is left out."""
    page = """<html><head>
    <link rel="alternate" type="application/rss+xml" href="/feed">
    <LINK REL="feed alternate" TYPE="application/atom+xml; charset=utf-8" HREF="atom.xml">
    <link rel="alternate" type="application/feed+json" href="https://site.test/feed.json">
    <link rel="alternate" type="application/json" href="/wp-json/wp/v2/posts/1">
    <link rel="alternate" type="application/rss+xml" href="/feed">
    <link rel="alternate" hreflang="de" href="/de">
    <link rel="stylesheet" type="text/css" href="/x.css"></head><a href="/rss">other</a></html>"""
    assert feeds_of(page, URL) == (
        "https://site.test/feed",
        "https://site.test/news/atom.xml",
        "https://site.test/feed.json",
    )


def test_feeds_are_declared_in_other_words_too() -> None:
    """`rel=feed`, plain XML, the scheme that a click subscribes to; but nothing for embedding."""
    page = """<link rel="feed" type="application/atom+xml" href="/a">
    <link rel="alternate" type="text/xml" title="RSS" href="/b.xml">
    <link rel="alternate" type="application/rss+xml" href="feed://site.test/c">
    <link rel="alternate" type="text/xml+oembed" href="/oembed">"""
    assert feeds_of(page, URL) == (
        "https://site.test/a", "https://site.test/b.xml", "http://site.test/c",
    )  # fmt: skip


@pytest.mark.parametrize(
    "href",
    ["/feed/", "feed", "/rss", "/news/index.xml", "/a.rss", "/x.rdf", "/rss/world.xml", "/rss?x=1",
     "/rss.php?cat=5", "/?feed=rss2", "/list?a=1&format=atom", "/feeds/world-news.xml"],
)  # fmt: skip
def test_links_that_look_like_feeds_when_none_is_declared(href: str) -> None:
    """If no feed is declared, a link that looks like a feed is taken, and no other link."""
    assert len(feeds_of(f'<p><a href="/feedback">no</a><a href="{href}">yes</a>', URL)) == 1


def test_what_a_link_says_makes_it_a_feed() -> None:
    """Its media type, or the word RSS on an XML document."""
    page = """<a href="/x.xml">RSS: world</a><a href="/y.xml">Prices</a><a href="/z">RSS readers</a>
    <a href="/press" type="application/rss+xml">Press</a>"""
    assert feeds_of(page, URL) == ("https://site.test/x.xml", "https://site.test/press")


@pytest.mark.parametrize("href", ["/rss-" * 400, "/rss/" * 400 + ".xml?", "?feed=" * 400])
def test_s26_addresses_without_end_are_looked_at_in_linear_time(href: str) -> None:
    """The suite's time limit is the bound on time."""
    assert len(feeds_of(f"<a href='{href}'>x</a>" * 900, URL)) <= 1


def test_the_pages_base_counts() -> None:
    """Relative addresses are joined with HTML's base element."""
    page = '<base href="https://cdn.test/x/"><link rel=alternate type=application/rss+xml href=f>'
    assert feeds_of(page, URL) == ("https://cdn.test/x/f",)


@pytest.mark.parametrize(
    "page",
    ["", "words", "<", "<!doctype html>", "<div>" * 100_000, "\x00<a href='/feed'",
     '<?xml version="1.0" encoding="utf-16"?><html><a href="javascript:/feed">x</a></html>'],
)  # fmt: skip
def test_pages_without_feeds_name_none(page: str) -> None:
    """No page raises, whatever it is made of."""
    assert feeds_of(page, URL) == ()


def test_feeds_come_with_their_titles_those_of_comments_last() -> None:
    """The feed of comments, which every blog names beside its own, comes last."""
    page = """
    <link rel=alternate type=application/rss+xml title="Site &raquo; Comments Feed" href=/c>
    <link rel=alternate type=application/rss+xml title="Site &raquo; Feed" href=/feed/>"""
    assert [(one.url, one.title, one.how) for one in named(page, URL)] == [
        ("https://site.test/feed/", "Site » Feed", "named by the page"),
        ("https://site.test/c", "Site » Comments Feed", "named by the page"),
    ]
    linked = named("<a href='/rss'>Our <b>RSS</b> feed</a>", URL)
    assert [(one.title, one.how) for one in linked] == [("Our RSS feed", "linked by the page")]


@pytest.mark.parametrize(
    ("url", "first"),
    [
        ("https://site.test", "https://site.test/feed/"),
        ("https://site.test/navy/", "https://site.test/navy/feed/"),
        ("https://site.test:8443/navy?page=2", "https://site.test:8443/navy/feed/"),
        ("https://site.test/news/start.html", "https://site.test/feed/"),
    ],
)
def test_the_usual_places_are_few(url: str, first: str) -> None:
    """Usual places are below a section, then at the top of the site, on the same port."""
    places = usual_places(url)
    assert places[0] == first
    assert 4 <= len(places) <= 5
    assert {"/rss.xml", "/feed.xml", "/atom.xml"} <= {
        f"/{place.rpartition('/')[2]}" for place in places
    }


def test_s26_a_robots_txt_of_empty_lines_is_read_at_once() -> None:
    """A robots.txt of empty lines, of the greatest length that is read, is read at once."""
    robots = "\n" * 250_000 + " " * 250_000 + "\n \tSitemap : /news.xml"
    assert sitemaps(robots, URL) == ("https://site.test/news.xml",)


def test_sitemaps_are_those_of_robots_txt_the_news_first() -> None:
    """A few sitemaps of the same site are taken; if none is for news, one guess precedes them."""
    robots = """User-agent: *
Disallow: /x
Sitemap: https://site.test/sitemap.xml
 sitemap : /sitemap-news.xml
Sitemap: https://elsewhere.test/news.xml
Sitemap: https://site.test/a.xml
Sitemap: https://site.test/b.xml"""
    assert sitemaps(robots, URL) == (
        "https://site.test/sitemap-news.xml",
        "https://site.test/sitemap.xml",
        "https://site.test/a.xml",
    )
    guess = "https://site.test/news-sitemap.xml"
    assert sitemaps("", URL) == (guess,)
    assert sitemaps("Sitemap: https://www.site.test/s.xml", URL) == (
        guess,
        "https://www.site.test/s.xml",
    )
