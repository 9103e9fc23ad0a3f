"""Values for tests of polling: a feed, an answer, a moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.errors import InputError
from monitor.feeds.decide import Known, content_hash, decide
from monitor.feeds.pace import PaceSettings
from monitor.model import (
    Document,
    Entry,
    Feed,
    FetchFailed,
    Hop,
    PollDecision,
    Polling,
    Response,
)

URL = "https://feed.test/rss"
NOW = datetime(2025, 10, 8, 12, 0, tzinfo=UTC)
"""A Wednesday, noon."""
HOUR = timedelta(hours=1)
SETTINGS = PaceSettings(
    interval=timedelta(hours=1), floor=timedelta(minutes=15), ceiling=timedelta(hours=24)
)


def polling(**changes: object) -> Polling:
    """A feed that was never polled, with changes."""
    return replace(Polling(feed=Feed(url=URL)), **changes)


def response(status: int = 200, body: bytes = b"<rss/>", **headers: str) -> Response:
    """An answer; underscores in header names stand for hyphens."""
    pairs = tuple(
        (name.replace("_", "-").lower().encode(), value.encode("latin-1"))
        for name, value in headers.items()
    )
    return Response(url=URL, status=status, headers=pairs, body=body, at=NOW)


def redirected(*hops: tuple[int, str], status: int = 200) -> Response:
    """An answer after redirects."""
    steps = tuple(Hop(code, url) for code, url in hops)
    return Response(url=steps[-1].url, status=status, body=b"<rss/>", hops=steps, at=NOW)


def entry(name: str, **changes: object) -> Entry:
    """An entry with id, link, title and text of its own."""
    stated = Entry(
        key=name, id=name, link=f"https://feed.test/{name}", title=f"Title {name}",
        summary_html=f"Text {name}",
    )  # fmt: skip
    return replace(stated, **changes)


def document(*entries: Entry, **changes: object) -> Document:
    """A document with these entries."""
    return replace(Document(kind="rss", format="rss20", entries=entries), **changes)


def known(*entries: Entry) -> Known:
    """What the store knows if it holds these entries."""
    return Known.of((one.key, one.link, content_hash(one)) for one in entries)


def after(
    state: Polling,
    answer: Response | FetchFailed,
    found: Document | InputError | None = None,
    known: Known | None = None,
    now: datetime = NOW,
    settings: PaceSettings = SETTINGS,
) -> PollDecision:
    """The decision on one answer."""
    return decide(state, answer, found, known or Known(), now, settings)
