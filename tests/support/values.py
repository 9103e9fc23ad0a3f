"""Values that tests of the store and the pipeline start from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model import Article, Digest, Entry, Feed, Match, Recipient, Span

NOW = datetime(2024, 10, 18, 6, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
DESK = Digest(
    name="desk",
    title="Desk",
    watchlists=("nato",),
    schedule="0 * * * *",
    recipients=(Recipient("console"),),
)


def feed(url: str = "http://northwatch.example/feed/", **more: Any) -> Feed:
    """A feed as in the settings."""
    return Feed(**{"url": url, "name": "Northwatch", "source": "Northwatch", "tags": ("a",)} | more)


def entry(number: int = 1, **more: Any) -> Entry:
    """An entry of a feed, identified by its number."""
    values = {
        "key": f"key-{number}",
        "id": f"id-{number}",
        "link": f"http://northwatch.example/{number}",
        "title": f"Title {number}",
        "published": NOW - HOUR,
        "summary_html": f"<p>Words of {number}</p>",
    }
    return Entry(**values | more)


def article(number: int = 1, **more: Any) -> Article:
    """An article, identified by its number."""
    values = {
        "url": f"http://northwatch.example/{number}",
        "title": f"Title {number}",
        "text": f"Text of article {number} about frigates.",
        "published": NOW - HOUR,
        "first_seen": NOW,
        "source": "Northwatch",
        "language": "en",
    }
    return Article(**values | more)


def match(watchlist: str = "nato", score: float = 2.0) -> Match:
    """A match in the title."""
    return Match(watchlist, score, (Span("title", 0, 5, "Title", "title"),), 0, "v1")
