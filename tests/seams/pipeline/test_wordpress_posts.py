"""The post behind a page is requested only if the page gave hardly any text."""

from __future__ import annotations

import json

import pytest
from support.server import Server, answer
from support.world import SENTENCE, item, read_next, rss, world

from monitor.model import Feed
from monitor.store import Store
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
HTML, JSON = {"Content-Type": "text/html"}, {"Content-Type": "application/json"}
LINK = '<link rel="alternate" type="application/json" href="{}">'
TEXT = f"<p>NATO sent ships. {SENTENCE}</p><p>{SENTENCE} And so it went.</p>"
LONG = "".join(
    f"<p>NATO sent ships. Convoy {n} left the harbour with {n * 3} trucks on board at dawn.</p>"
    for n in range(12)
)
POST = "/wp-json/wp/v2/posts/7"


def page(body: str, href: str = POST) -> bytes:
    return f"<html><head>{LINK.format(href)}</head><body>{body}</body></html>".encode()


def post(**content: object) -> bytes:
    return json.dumps(
        {"id": 7, "content": {"rendered": TEXT, "protected": False} | content}
    ).encode()


@pytest.mark.parametrize(
    ("body", "told", "asked", "method"),
    [
        ("<div id='app'></div>", post(), 1, "page:wordpress"),
        (f"<article>{LONG}</article>", post(), 0, "page:article"),
        ("<div id='app'></div>", post(protected=True), 1, "summary"),
        ("<div id='app'></div>", b"{'not': 'json'", 1, "summary"),
        ("<div id='app'></div>", b'{"content": []}', 1, "summary"),
        ("<p>Subscribe now to continue reading this article.</p>", post(), 0, "summary"),
    ],
    ids=["script only", "the page has it", "locked", "no JSON", "no post", "a wall"],
)
async def test_the_post_is_asked_for_where_the_page_is_empty(
    store: Store, clock: FakeClock, server: Server, body: str, told: bytes, asked: int, method: str
) -> None:
    """What a publisher locks, on the page or in the post, is not obtained by another way."""
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    server.on("/1", answer(page(body), headers=HTML))
    server.on(POST, answer(told, headers=JSON))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        kept = await read_next(parts)
    assert sum(seen.path == POST for seen in server.requests) == asked
    assert kept.method.split(":")[0] == method.split(":")[0]
    assert (kept.method == "page:wordpress") == (method == "page:wordpress")
    assert ("NATO sent ships." in kept.text) == method.startswith("page")


async def test_p80_a_post_that_robots_txt_forbids_is_not_asked_for(
    store: Store, clock: FakeClock, server: Server
) -> None:
    """robots.txt applies to a post's address as to any page's."""
    server.on("/robots.txt", answer(b"User-agent: *\nDisallow: /wp-json/\n"))
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    server.on("/1", answer(page("<div id='app'></div>"), headers=HTML))
    server.on(POST, answer(post(), headers=JSON))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        kept = await read_next(parts)
    assert POST not in [seen.path for seen in server.requests]
    assert kept.method == "summary"


@pytest.mark.parametrize(
    "href", ["https://other.example/wp-json/wp/v2/posts/7", "/wp-json/", "/wp-json/oembed/1.0/x"]
)
async def test_only_a_post_on_the_pages_own_host_is_asked_for(
    store: Store, clock: FakeClock, server: Server, href: str
) -> None:
    """A page must not be able to send us to another host or resource."""
    server.on("/feed", answer(rss(item(1, server.url("/1")))))
    server.on("/1", answer(page("<div id='app'></div>", href), headers=HTML))
    async with world(store, clock, [Feed(url=server.url("/feed"))]) as parts:
        await read_next(parts)
    assert {seen.path for seen in server.requests} == {"/robots.txt", "/feed", "/1"}
