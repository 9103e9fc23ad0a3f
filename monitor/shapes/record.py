"""The record as a whole: what is kept, whether it adds up, and the way of one thing through it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, NotRequired

from sqlalchemy import Connection
from typing_extensions import TypedDict

from monitor.feeds.condition import Condition
from monitor.insight import trace as ways
from monitor.insight.balance import Sum
from monitor.model import Article, Feed, Watchlist
from monitor.pipeline.feeds_judged import judged
from monitor.redact import shareable
from monitor.store import (
    articles,
    editions,
    engine,
    entries,
    feeds,
    holds,
    jobs,
    outbox,
    pushes,
    recipients,
    stories,
)
from monitor.store import trace as stored
from monitor.watchlists.why import Explanation

# ------------------------------------------------------------------------------------ status


class FeedCounts(TypedDict):
    """How many feeds there are, and their conditions, in the words of `feeds status`."""

    all: int
    off: int
    """Of these, those that are polled no longer: switched off, removed, or asked just once."""
    polled: int
    """Polled at least once."""
    failing: int
    """Failing for a day or longer."""
    faltering: int
    """Failing for less than a day."""
    gone: int


class ArticleCounts(TypedDict):
    """How many articles there are, how many match, and how many are in a story."""

    articles: int
    matched: int
    in_story: int


class QueueCounts(TypedDict):
    """The workers of a database on PostgreSQL, and their jobs."""

    workers: int
    """Workers that recently gave a sign of life."""
    waiting: int
    doing: int


class Held(TypedDict):
    """Nothing is sent, because the database was restored."""

    backup_of: datetime
    messages: int
    """Messages that were waiting when the backup was made."""


class Status(TypedDict):
    """What is kept, what is due, and what went wrong."""

    database: str
    """Its address without the password."""
    feeds: FeedCounts
    next_poll: datetime | None
    pushes: dict[str, int]
    """State of an agreement with a hub -> how many."""
    entries: dict[str, int]
    """The total, and how many have each fate."""
    queue: NotRequired[QueueCounts]
    """Present if there has ever been a worker."""
    articles: ArticleCounts
    stories: int
    deliveries: dict[str, int]
    """State -> how many."""
    suspended: list[str]
    """Recipients to whom nothing is sent."""
    held: Held | None
    withheld: dict[str, int]
    """Feed -> how many of its entries are withheld as a suspected re-issue, until decided on."""
    last_edition: str | None
    """Digest and number."""


def status(connection: Connection, url: str, now: datetime, named: Sequence[Feed] = ()) -> Status:
    """Return all counts at one moment. `url`: of the database; `named`: the feeds of the settings,
    which count even before the database knows them."""
    polled = feeds.statuses(connection)
    wrong = Counter(found.condition for one in judged(polled, now) for found in one.findings)
    known = {url for one in polled for url in (one.polling.feed.url, one.settings_url)}
    fates = entries.fates(connection)
    latest = editions.listing(connection, limit=1)
    kept = articles.counts(connection)
    told = Status(
        database=engine.shown(url),
        feeds=FeedCounts(
            all=len(polled) + sum(feed.url not in known for feed in named),
            off=sum(not one.lasting for one in polled)
            + sum(feed.url not in known and not feed.enabled for feed in named),
            polled=sum(one.polling.last_polled is not None for one in polled),
            failing=wrong[Condition.FAILING],
            faltering=wrong[Condition.FALTERING],
            gone=wrong[Condition.GONE],
        ),
        next_poll=feeds.next_due(connection),
        pushes=dict(pushes.counts(connection)),
        entries={"all": sum(fates.values()), **fates},
        articles=ArticleCounts(
            articles=kept["articles"], matched=kept["matched"], in_story=kept["in_story"]
        ),
        stories=stories.count(connection),
        deliveries=outbox.counts(connection),
        suspended=[str(one.recipient) for one in recipients.suspended(connection)],
        held=_held(connection),
        withheld={
            shareable(one.polling.feed.url): sum(reissue.entries for reissue in one.withheld)
            for one in polled
            if one.withheld
        },
        last_edition=f"{latest[0].digest} {latest[0].number}" if latest else None,
    )
    if queue := jobs.counts(connection):
        told["queue"] = QueueCounts(workers=queue.workers, waiting=queue.waiting, doing=queue.doing)
    return told


def _held(connection: Connection) -> Held | None:
    held = holds.current(connection)
    if held is None:
        return None
    return Held(backup_of=held.taken, messages=holds.open_messages(connection, held))


# ------------------------------------------------------------------------------------- audit


class AuditSum(TypedDict):
    """Things of one kind, divided by what became of them."""

    what: str
    all: int
    parts: dict[str, int]
    adds_up: bool
    wrong: list[str]
    """What cannot be explained, item by item."""


class Audit(TypedDict):
    """Whether the record adds up, from the feeds to the readers."""

    adds_up: bool
    sums: list[AuditSum]


def audit(sums: Iterable[Sum]) -> Audit:
    """Return the sums as `monitor audit --json` shows them."""
    told = [
        AuditSum(
            what=one.what,
            all=one.all,
            parts=dict(one.parts),
            adds_up=one.adds_up,
            wrong=list(one.wrong),
        )
        for one in sums
    ]
    return Audit(adds_up=all(one["adds_up"] for one in told), sums=told)


# ------------------------------------------------------------------------------------- trace


class Step(TypedDict):
    """One thing that happened on the way."""

    at: datetime | None
    step: str
    """poll, entry, revision, article, match, story, ruling, edition, delivery or attempt."""
    what: str
    why: str
    facts: dict[str, Any]
    """The same for programs; the keys depend on the step."""


class Unmatched(TypedDict):
    """A watchlist that did not match."""

    watchlist: str
    clause: str
    """The part of the query that failed."""
    why: str


class Trace(TypedDict):
    """All that happened to one thing, and why."""

    kind: str
    """article, or entry if it became no article."""
    id: int
    title: str
    steps: list[Step]
    unmatched: list[Unmatched]
    """The watchlists that did not match, as they are worded now."""


class Traced(NamedTuple):
    """What is kept of a thing, before it is known why watchlists did not match."""

    told: Trace
    article: Article | None
    matched: frozenset[str]
    """The watchlists that matched."""

    def unmatched(self, watchlists: Iterable[Watchlist]) -> list[Watchlist]:
        """Return the watchlists that did not match; none for what is not an article."""
        return [one for one in watchlists if self.article and one.name not in self.matched]

    def whole(self, explained: Iterable[Explanation]) -> Trace:
        """Return the whole trace, with the reasons of those that did not match."""
        return {**self.told, "unmatched": [_unmatched(one) for one in explained]}


def trace(connection: Connection, meant: stored.Meaning) -> Traced:
    """Return the way of a thing, as `monitor trace --json` shows it."""
    held = stored.kept(connection, meant.kind, meant.number)
    told = Trace(
        kind=meant.kind,
        id=meant.number,
        title=ways.title(held),
        steps=[
            Step(at=one.at, step=one.step, what=one.what, why=one.why, facts=dict(one.facts))
            for one in ways.steps(held)
        ],
        unmatched=[],
    )
    article = articles.get(connection, meant.number) if meant.kind == "article" else None
    return Traced(told, article, frozenset(row["watchlist"] for row in held.matches))


def _unmatched(one: Explanation) -> Unmatched:
    why = f"it would match now: {one.reason}" if one.matched else one.reason
    return Unmatched(watchlist=one.watchlist, clause=one.clause, why=why)
