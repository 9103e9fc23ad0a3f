"""Feeds: how each is doing, and what is wrong with it."""

from __future__ import annotations

from datetime import datetime

from typing_extensions import TypedDict

from monitor.model import Access
from monitor.pipeline.feeds_judged import Told
from monitor.redact import shareable
from monitor.store.feeds import FeedStatus


class FeedRow(TypedDict):
    """A feed, how it is doing, what it cost its publisher, what it brought."""

    id: int
    name: str
    """The name from the settings or from the feed itself."""
    url: str
    """Its address, with secret parts hidden."""
    source: str
    """The publisher."""
    kind: str
    lang: str
    region: str
    tags: list[str]
    enabled: bool
    """False: not polled."""
    origin: str
    """settings, added (by a command) or once (asked once by its address)."""
    state: str
    """active or gone."""
    outcome: str
    """How its last poll ended: new, not-modified, unchanged, failed, gone; empty: never polled."""
    why: str
    http_status: int | None
    """HTTP status of the last answer; null: there was none."""
    failures: int
    """Failed polls in a row."""
    failing_since: datetime | None
    last_polled: datetime | None
    last_success: datetime | None
    newest: datetime | None
    """The date of its newest entry."""
    due: datetime | None
    """When it is polled next; null: never."""
    due_why: str
    """Why it is polled then."""
    polls: int
    not_modified: int
    bytes: int
    bytes_day: int | None
    """Bytes received in the last 24 hours."""
    entries: int
    headers: list[str]
    """Names of the secret headers sent to it."""
    tls: str
    """verified or unverified."""
    robots: bool
    """Whether robots.txt is asked before the feed."""
    pushed_until: datetime | None
    """The time until which its hub pushes it."""
    pushed: int
    push_ignored: int
    withheld: int
    """How many of its entries are withheld as a suspected re-issue until a person decides."""


class FeedFinding(TypedDict):
    """One thing that is wrong with a feed."""

    condition: str
    why: str


class FeedState(FeedRow):
    """A feed, how it is doing, and what is wrong with it."""

    condition: str
    """sound, or the worst of what is wrong."""
    findings: list[FeedFinding]
    title: str
    """The title that the feed gives itself."""
    silent_s: int | None
    """Seconds since it last brought news."""
    usual_gap_s: int | None
    """Seconds that usually pass between two pieces of news."""


def feed_row(one: FeedStatus, access: Access) -> FeedRow:
    """Return a feed as `monitor feeds list --json` shows it."""
    polling, feed = one.polling, one.polling.feed
    return FeedRow(
        id=feed.id,
        name=feed.name or polling.title or shareable(feed.url),
        url=shareable(feed.url),
        source=feed.source,
        kind=feed.kind,
        lang=feed.lang,
        region=feed.region,
        tags=list(feed.tags),
        enabled=feed.enabled,
        origin=one.origin,
        state=polling.state.value,
        outcome="gone" if polling.state.value == "gone" else one.last_outcome,
        why=one.last_why,
        http_status=one.last_status or None,
        failures=polling.failures,
        failing_since=polling.failing_since,
        last_polled=polling.last_polled,
        last_success=polling.last_success,
        newest=polling.newest,
        due=one.due,
        due_why=one.due_why,
        polls=one.polls,
        not_modified=one.not_modified,
        bytes=one.bytes,
        bytes_day=one.bytes_day,
        entries=one.entries,
        headers=[name for name, _ in access.headers],
        tls="unverified" if access.unverified else "verified",
        robots=access.robots,
        pushed_until=one.pushed_until,
        pushed=one.pushed,
        push_ignored=one.push_ignored,
        withheld=sum(reissue.entries for reissue in one.withheld),
    )


def feed_state(one: Told, access: Access, now: datetime) -> FeedState:
    """Return a feed as `monitor feeds status --json` shows it."""
    polling = one.account.polling
    spoke = polling.newest or polling.last_news
    return FeedState(
        **feed_row(one.account, access),
        condition=one.condition.value,
        findings=[FeedFinding(condition=f.condition.value, why=f.why) for f in one.findings],
        title=polling.title,
        silent_s=int((now - spoke).total_seconds()) if spoke else None,
        usual_gap_s=int(polling.gap.total_seconds()) if polling.gap else None,
    )
