"""Feeds that a page names."""

from __future__ import annotations

import pytest

from monitor.feeds.discover import feeds_of

URL = "https://site.test/news/start.html"


def test_declared_feeds_in_the_pages_order_each_once() -> None:
    """RSS, Atom and JSON alternates, relative ones joined, the API's left out."""
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


@pytest.mark.parametrize("href", ["/feed/", "feed", "/rss", "/news/index.xml", "/a.rss", "/x.rdf"])
def test_links_that_look_like_feeds_when_none_is_declared(href: str) -> None:
    """Only then."""
    assert len(feeds_of(f'<p><a href="/feedback">no</a><a href="{href}">yes</a>', URL)) == 1


def test_the_pages_base_counts() -> None:
    """HTML's own base element."""
    page = '<base href="https://cdn.test/x/"><link rel=alternate type=application/rss+xml href=f>'
    assert feeds_of(page, URL) == ("https://cdn.test/x/f",)


@pytest.mark.parametrize(
    "page",
    ["", "words", "<", "<!doctype html>", "<div>" * 100_000, "\x00<a href='/feed'",
     '<?xml version="1.0" encoding="utf-16"?><html><a href="javascript:/feed">x</a></html>'],
)  # fmt: skip
def test_pages_without_feeds_name_none(page: str) -> None:
    """Whatever they are made of."""
    assert feeds_of(page, URL) in ((), ("https://site.test/feed",))
