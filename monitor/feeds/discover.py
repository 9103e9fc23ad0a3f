"""The feeds of a web page: those it names, and where to look if it names none."""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from lxml import etree
from lxml import html as lxml_html

from monitor.errors import NotAFeed
from monitor.feeds.moves import same_site
from monitor.feeds.text import absolute, from_feed_scheme, plain

_TYPES: Final = frozenset({
    "application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json",
    "application/x.atom+xml", "application/x-atom+xml", "text/xml", "application/xml",
})  # fmt: skip
_JSON_TYPE: Final = "application/json"
_MAX_PAGE: Final = 2_000_000
_MAX_FEEDS: Final = 20
_MAX_SITEMAPS: Final = 3
_COMMENTS: Final = re.compile(r"comment", re.IGNORECASE)
_SITEMAP_LINE: Final = re.compile(r"^[ \t]*sitemap[ \t]*:[ \t]*(\S+)", re.IGNORECASE | re.MULTILINE)
_FEED_PATH: Final = re.compile(
    r"(?:(?:^|/)(?:feed|rss|atom)/?|\.(?:rss|atom|rdf)|(?:^|/)(?:feed|rss|atom)\.(?:php|aspx?|jsp)"
    r"|(?:^|/)(?:index|feed|rss|atom)\.xml|(?:^|/)feed\.json)$",
    re.IGNORECASE,
)
_FEED_QUERY: Final = re.compile(
    r"(?:^|&)(?:feed|format|type|alt)=(?:rss2?|atom|rdf|feed)(?:&|$)", re.IGNORECASE
)
_XML: Final = ".xml"
_FEED_FOLDER: Final = re.compile(r"(?:^|/)(?:feeds?|rss|atom)[/._-]", re.IGNORECASE)
_SAYS_FEED: Final = re.compile(r"\b(?:RSS|Atom)\b")


class Found(NamedTuple):
    """A feed that was found, and how."""

    url: str
    title: str
    how: str
    kind: str = ""
    """The feed kind, if the feed was read."""


def named(html: str, url: str) -> tuple[Found, ...]:
    """The feeds a page names: absolute addresses, each once, in page order, comment feeds last.

    `<link rel="alternate">` with a feed's media type (the convention of RFC 4287's authors, HTML
    Living Standard §4.6.7.1); when there is none, links whose address looks like a feed's.
    """
    tree = _tree(html)
    if tree is None:
        return ()
    base = absolute(tree.xpath("string(//base/@href)") or url, url) or url
    found: dict[str, Found] = {}
    declared = [link for link in tree.iter("link") if _declares_feed(link)]
    for link in declared or _links_like_feeds(tree):
        address = absolute(from_feed_scheme(link.get("href", "")), base)
        words = link.get("title") or ("" if declared else link.text_content())
        if address and address not in found:
            how = "named by the page" if declared else "linked by the page"
            found[address] = Found(address, plain(words, 200), how)
    ranked = sorted(found.values(), key=lambda one: bool(_COMMENTS.search(one.url + one.title)))
    return tuple(ranked)[:_MAX_FEEDS]


def feeds_of(html: str, url: str) -> tuple[str, ...]:
    """The addresses of the feeds that a page names, as `named` finds them."""
    return tuple(one.url for one in named(html, url))


def usual_places(url: str) -> tuple[str, ...]:
    """Where to look for a feed that the page at `url` does not name: a few places, likeliest first.

    Below the page itself if it is a section, and at the top of its site.
    """
    parts = urlsplit(url)
    folder = parts.path if parts.path.endswith("/") else f"{parts.path}/"
    is_section = folder != "/" and "." not in folder.rstrip("/").rpartition("/")[2]
    paths = [f"{folder}feed/"] * is_section + ["/feed/", "/rss.xml", "/feed.xml", "/atom.xml"]
    return tuple(f"{parts.scheme}://{parts.netloc}{path}" for path in paths)


def sitemaps(robots: str, url: str) -> tuple[str, ...]:
    """Sitemaps that may list the news of the site of `url`, at most `_MAX_SITEMAPS`.

    Those its robots.txt names (sitemaps.org/protocol.html#submit_robots), news first; if none is
    for news, the usual place is tried too. Only those of the same site.
    """
    stated = (absolute(address, url) for address in _SITEMAP_LINE.findall(robots))
    own = dict.fromkeys(address for address in stated if address and same_site(address, url))
    ranked = sorted(own, key=lambda address: "news" not in address.lower())
    if not any("news" in address.lower() for address in own):
        ranked.insert(0, absolute("/news-sitemap.xml", url))
    return tuple(ranked)[:_MAX_SITEMAPS]


def not_a_feed(text: str, url: str, what: str) -> NotAFeed:
    """The error for a document that is something else, with its title and the feeds it names."""
    title = re.search(r"<title[^<>]{0,200}>([^<]{1,300})", text[:100_000], re.IGNORECASE)
    why = f'it is {what}: "{plain(title[1])}"' if title else f"it is {what}"
    return NotAFeed("not a feed", why, feeds_of(text, url))


def _tree(html: str) -> lxml_html.HtmlElement | None:
    text = html[:_MAX_PAGE]
    if "<" not in text:
        return None
    # lxml refuses a str with an encoding declaration, and libxml2 works on bytes anyway.
    parser = lxml_html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        return lxml_html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _links_like_feeds(tree: lxml_html.HtmlElement) -> list[lxml_html.HtmlElement]:
    return [link for link in tree.iter("a") if _looks_like_feed(link)]


def _looks_like_feed(link: lxml_html.HtmlElement) -> bool:
    path, _, query = link.get("href", "").strip().partition("#")[0].partition("?")
    if _media_type(link) in _TYPES or _FEED_PATH.search(path) or _FEED_QUERY.search(query):
        return True
    if not path.lower().endswith(_XML):
        return False
    return bool(_FEED_FOLDER.search(path) or _SAYS_FEED.search(link.text_content()))


def _media_type(link: lxml_html.HtmlElement) -> str:
    return str(link.get("type", "")).lower().split(";")[0].strip()


def _declares_feed(link: lxml_html.HtmlElement) -> bool:
    relations = link.get("rel", "").lower().split()
    kind = _media_type(link)
    if "alternate" not in relations and "feed" not in relations:
        return False
    # JSON alternates mostly belong to an API (WordPress links one on every page).
    return kind in _TYPES or (kind == _JSON_TYPE and "wp-json" not in link.get("href", ""))
