"""The feeds that a web page names, and what a document is that is no feed."""

from __future__ import annotations

import re
from typing import Final

from lxml import etree
from lxml import html as lxml_html

from monitor.errors import NotAFeed
from monitor.feeds.text import absolute, plain

_TYPES: Final = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "application/x.atom+xml", "application/x-atom+xml",
})  # fmt: skip
_JSON_TYPE: Final = "application/json"
_MAX_PAGE: Final = 2_000_000
_MAX_FEEDS: Final = 20
_LOOKS_LIKE_FEED: Final = re.compile(
    r"(?:(?:^|/)(?:feed|rss|atom)/?|\.(?:rss|atom|rdf)"
    r"|(?:^|/)(?:feed|rss|atom|index)\.xml|(?:^|/)feed\.json)$",
    re.IGNORECASE,
)


def feeds_of(html: str, url: str) -> tuple[str, ...]:
    """Addresses of the feeds that a page names, in its order, absolute, each once.

    `<link rel="alternate">` with a feed's media type first (the convention of RFC 4287's authors,
    HTML Living Standard §4.6.7.1); when there is none, links whose address looks like a feed's.
    """
    tree = _tree(html)
    if tree is None:
        return ()
    base = absolute(tree.xpath("string(//base/@href)") or url, url) or url
    declared = [link.get("href", "") for link in tree.iter("link") if _declares_feed(link)]
    named = declared or [
        link.get("href", "")
        for link in tree.iter("a")
        if _LOOKS_LIKE_FEED.search(link.get("href", ""))
    ]
    found = dict.fromkeys(absolute(href, base) for href in named)
    return tuple(address for address in found if address)[:_MAX_FEEDS]


def not_a_feed(text: str, url: str, what: str) -> NotAFeed:
    """The error for a document that is something else, with its title and the feeds it names."""
    title = re.search(r"<title[^<>]{0,200}>([^<]{1,300})", text[:100_000], re.IGNORECASE)
    why = f'it is {what}: "{plain(title[1])}"' if title else f"it is {what}"
    return NotAFeed("not a feed", why, feeds_of(text, url))


def _tree(html: str) -> lxml_html.HtmlElement | None:
    text = html[:_MAX_PAGE]
    if "<" not in text:
        return None
    # A str with an encoding declaration is refused by lxml, and bytes are what libxml2 wants.
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _declares_feed(link: lxml_html.HtmlElement) -> bool:
    relations = link.get("rel", "").lower().split()
    kind = link.get("type", "").lower().split(";")[0].strip()
    if "alternate" not in relations:
        return False
    # JSON alternates are mostly an API's (WordPress links one on every page).
    return kind in _TYPES or (kind == _JSON_TYPE and "wp-json" not in link.get("href", ""))
