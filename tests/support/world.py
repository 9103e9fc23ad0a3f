"""Real parts joined for a test: the fixture's store, the real client, a recording server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from monitor.channels import World, console
from monitor.feeds.pace import PaceSettings
from monitor.fetch.client import Client, FetchSettings
from monitor.model import Article, Clock, Digest, Feed, Recipient, Watchlist
from monitor.pipeline import ingest, poll
from monitor.pipeline.parts import Parts
from monitor.store import Store, articles, feeds

WATCHLISTS = (
    Watchlist(name="nato", title="NATO", queries=("NATO",), version="1"),
    Watchlist(name="drones", title="Drones", queries=("drone*",), version="1"),
)
PACE = PaceSettings(
    interval=timedelta(minutes=30), floor=timedelta(minutes=15), ceiling=timedelta(hours=6)
)


@asynccontextmanager
async def world(
    store: Store,
    clock: Clock,
    wanted: Sequence[Feed] = (),
    *,
    printed: list[str] | None = None,
    watchlists: Sequence[Watchlist] = WATCHLISTS,
    digests: Sequence[Digest] = (),
    fetch: FetchSettings | None = None,
    **more: Any,
) -> AsyncIterator[Parts]:
    """Yield parts over a store, with these feeds due at once; the console prints into `printed`."""
    lines = printed if printed is not None else []
    settings = fetch or FetchSettings(
        allow_private=("127.0.0.0/8",), spacing_s=0, per_host=4, timeout_s=2
    )

    def due_now(_feed: Feed) -> datetime:
        return clock.now()

    def channel(_recipient: Recipient) -> object:
        return console.Settings()

    await store.write(feeds.sync, wanted, clock.now(), due_now)
    async with Client(settings, clock) as client:
        yield Parts(
            **{
                "store": store,
                "fetch": client,
                "clock": clock,
                "world": World(client.post, clock.now, lines.append),
                "pace": PACE,
                "watchlists": {one.name: one for one in watchlists},
                "digests": digests,
                "channel": channel,
                **more,
            }
        )


async def read_next(parts: Parts) -> Article:
    """Poll, and return the article of the one new entry."""
    now = parts.clock.now()
    await poll.run(parts, await parts.store.read(feeds.askable, now), now)
    (one,) = await ingest.run(parts, await ingest.due(parts, now), now)
    kept = await parts.store.read(articles.get, one.article_id or 0)
    assert kept is not None
    return kept


def rss(*items: str, title: str = "Northwatch") -> bytes:
    """An RSS 2.0 document of items (see `item`)."""
    body = "".join(items)
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>{title}</title>'
        f"<link>http://127.0.0.1/</link>{body}</channel></rss>"
    ).encode()


def item(number: int, link: str, *, title: str = "", text: str = "", guid: str = "") -> str:
    """An item of a feed, dated shortly before the tests' clock begins."""
    return (
        f"<item><title>{title or f'Report {number}'}</title><link>{link}</link>"
        f"<guid isPermaLink='false'>{guid or f'guid-{number}'}</guid>"
        f"<pubDate>Fri, 18 Oct 2024 05:{number % 60:02d}:00 GMT</pubDate>"
        f"<description>{text or f'Words of report {number}.'}</description></item>"
    )


SENTENCE = (
    "The ships left the harbour before dawn, and the harbour master said that nobody had told "
    "him where they were bound or when they would be back. "
)


def page(title: str, *paragraphs: str) -> bytes:
    """An article page, with the furniture that pages have."""
    text = "".join(f"<p>{one}</p>" for one in (*paragraphs, SENTENCE * 2, SENTENCE))
    return (
        f"<!doctype html><html lang=en><head><title>{title} | Northwatch</title></head><body>"
        "<nav><a href=/>Home</a> <a href=/about>About</a></nav>"
        f"<article><h1>{title}</h1><div class=entry-content>{text}</div></article>"
        "<footer>Copyright Northwatch</footer></body></html>"
    ).encode()
