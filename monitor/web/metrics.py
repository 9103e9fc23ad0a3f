"""How we are doing, in Prometheus' text format 0.0.4: the account of `feeds status`.

Anyone who asks sees numbers, with feeds identified by number; names of feeds and reasons are only
for those who show the token (S63). All values are gauges: the record of polls is cut off in time
(`[retention] polls_days`), so sums over it may fall.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from monitor.pipeline.feeds_judged import judged
from monitor.store import editions, entries, feeds, holds, jobs, outbox, pushes, recipients
from monitor.store.feeds import FeedStatus

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"

Labels = Mapping[str, str]
Value = float | int | None
"""None: there is no such value, and no line for it."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the metrics tell: read at one moment, in one snapshot."""

    feeds: tuple[FeedStatus, ...]
    entries: Mapping[str, int]
    """Fate -> how many."""
    deliveries: Mapping[str, int]
    pushes: Mapping[str, int]
    lags: Mapping[str, float]
    """Digest -> seconds from news to message, in its newest edition."""
    suspended: int
    """Number of recipients."""
    conditions: Mapping[str, int]
    """The worst condition of a feed -> how many feeds have it."""
    held: bool
    """Nothing is sent: the database was restored, and nobody has decided about the gap."""
    queue: jobs.Counts | None
    """None: there has never been a worker."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One name with all its values."""

    name: str
    help: str
    values: tuple[tuple[Labels, Value], ...]


def account(connection: Connection, now: datetime) -> Account:
    """Read the account; of the feeds, only those that are polled."""
    found = [one for one in feeds.statuses(connection, now) if one.polling.feed.enabled]
    return Account(
        feeds=tuple(found),
        entries=entries.fates(connection),
        deliveries=outbox.counts(connection),
        pushes=pushes.counts(connection),
        lags=editions.lags(connection),
        suspended=len(recipients.suspended(connection)),
        conditions=Counter(one.condition.value for one in judged(found, now)),
        held=holds.current(connection) is not None,
        queue=jobs.counts(connection),
    )


_OF_FEED: Final[tuple[tuple[str, str, Callable[[FeedStatus], Value]], ...]] = (
    ("polls", "Polls on record.", lambda one: one.polls),
    ("polls_not_modified", "Polls answered 304.", lambda one: one.not_modified),
    ("bytes", "Bytes received in polls on record.", lambda one: one.bytes),
    ("bytes_day", "Bytes received in polls of the last 24 hours.", lambda one: one.bytes_day),
    (
        "last_status",
        "HTTP status of the last answer; 0: there was none.",
        lambda one: one.last_status,
    ),
    ("failures", "Failed polls in a row.", lambda one: one.polling.failures),
    ("entries", "Entries that the feed brought.", lambda one: one.entries),
    (
        "withheld",
        "Entries withheld as a suspected re-issue until a person decides.",
        lambda one: sum(reissue.entries for reissue in one.withheld),
    ),
    ("due_timestamp_seconds", "Time of the next poll.", lambda one: _seconds(one.due)),
    ("pushed", "Documents pushed by the feed's hub.", lambda one: one.pushed),
    ("push_ignored", "Pushed documents that were ignored.", lambda one: one.push_ignored),
    (
        "pushed_until_timestamp_seconds",
        "Time until which the feed's hub has agreed to push.",
        lambda one: _seconds(one.pushed_until),
    ),
)


def metrics(told: Account, *, named: bool) -> list[Metric]:
    """Return all metrics; `named`: also the words that go with the feeds' numbers."""
    found = [
        Metric(
            f"monitor_feed_{name}",
            about,
            tuple(({"feed": str(one.polling.feed.id)}, value(one)) for one in told.feeds),
        )
        for name, about, value in _OF_FEED
    ]
    found += [
        _by("monitor_feeds", "Feeds by their worst condition.", "condition", told.conditions),
        _by("monitor_entries", "Entries by fate.", "fate", told.entries),
        _by("monitor_deliveries", "Deliveries by state.", "state", told.deliveries),
        Metric(
            "monitor_edition_lag_seconds",
            "Seconds from the latest article in a digest's newest edition until it was sent.",
            tuple(({"digest": name}, lag) for name, lag in told.lags.items()),
        ),
        Metric(
            "monitor_recipients_suspended",
            "Suspended recipients: nothing is sent to them.",
            (({}, told.suspended),),
        ),
        Metric(
            "monitor_sending_held",
            "1: nothing is sent, because the database was restored.",
            (({}, int(told.held)),),
        ),
        _by("monitor_pushes", "Agreements with hubs by state.", "state", told.pushes),
    ]
    if told.queue:
        by_state = {"waiting": told.queue.waiting, "doing": told.queue.doing}
        found += [
            Metric("monitor_workers", "Workers that are alive.", (({}, told.queue.workers),)),
            _by("monitor_jobs", "Jobs of workers by state.", "state", by_state),
        ]
    return found + (_words(told.feeds) if named else [])


def settings_broken(broken: bool) -> Metric:
    """What only the daemon knows about itself: whether the settings on disk cannot be used."""
    about = "1: the settings on disk cannot be used; the previous ones stay in force."
    return Metric("monitor_settings_broken", about, (({}, int(broken)),))


def writes_refused(refused: bool) -> Metric:
    """What only the daemon knows about itself: whether the database takes no writes."""
    about = "1: the last write failed: disk full or failing, database locked or unreachable."
    return Metric("monitor_writes_refused", about, (({}, int(refused)),))


def log_bytes(size: int | None) -> Metric:
    """How large SQLite's log is: a reader that does not end keeps it growing (F30)."""
    about = "Size of the write-ahead log of an SQLite database."
    return Metric("monitor_database_log_bytes", about, (({}, size),))


def _words(told: Iterable[FeedStatus]) -> list[Metric]:
    names = [(one.polling.feed, one.polling.title, one.due_why) for one in told]
    return [
        Metric(
            "monitor_feed_info",
            "The name of a feed.",
            tuple(
                ({"feed": str(feed.id), "name": feed.name or title}, 1) for feed, title, _ in names
            ),
        ),
        Metric(
            "monitor_feed_due_info",
            "Why a feed is next polled when it is.",
            tuple(({"feed": str(feed.id), "why": why}, 1) for feed, _, why in names),
        ),
    ]


def _by(name: str, about: str, label: str, counts: Mapping[str, int]) -> Metric:
    return Metric(name, about, tuple(({label: one}, count) for one, count in counts.items()))


def _seconds(moment: datetime | None) -> float | None:
    return moment.timestamp() if moment else None


def text(found: Iterable[Metric]) -> str:
    """Return the metrics as they are sent."""
    lines: list[str] = []
    for metric in found:
        lines += [f"# HELP {metric.name} {metric.help}", f"# TYPE {metric.name} gauge"]
        for labels, value in metric.values:
            if value is not None:
                inside = ",".join(f'{key}="{_escaped(word)}"' for key, word in labels.items())
                name = f"{metric.name}{{{inside}}}" if inside else metric.name
                lines.append(f"{name} {value}")
    return "\n".join(lines) + "\n"


def _escaped(word: str) -> str:
    return word.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
