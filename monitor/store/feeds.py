"""Feeds: what is polled, when next, and how it went."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)

from monitor.feeds.condition import SHORTEST_SILENCE
from monitor.feeds.pace import CUT, DIED, Pace
from monitor.feeds.wavering import RETURNS
from monitor.model import (
    Feed,
    FeedState,
    OutcomeKind,
    PollDecision,
    Polling,
    PushDecision,
    PushState,
)
from monitor.store import entries, holds, reissues, rows
from monitor.store.leases import FREE, Lease, free
from monitor.store.reissues import Reissue
from monitor.store.schema import entries as held_entries
from monitor.store.schema import feeds, polls, pushes

SETTINGS = ("name", "source", "owner", "kind", "lang", "region", "interval", "articles", "enabled")
LISTS = ("tags", "selectors")
"""Columns that the settings own, besides the url."""


def sync(
    connection: Connection,
    wanted: Sequence[Feed],
    now: datetime,
    first_due: Callable[[Feed], datetime],
) -> None:
    """Make `feeds` say what the settings say; feeds they no longer name are kept, but not polled.

    A feed that moved keeps its new address: it is recognised by the one in the settings.
    """
    known = {
        row.settings_url: row
        for row in connection.execute(select(feeds).where(feeds.c.origin == "settings"))
    }
    named = set()
    for feed in wanted:
        values = _settings(feed)
        row = known.pop(feed.url, None)
        if row is None:
            # It may be there by its address: a feed that moved, and whose settings followed.
            named.add(_add(connection, feed, values, "settings", now, first_due(feed)))
        elif any(getattr(row, name) != value for name, value in values.items()):
            connection.execute(update(feeds).where(feeds.c.id == row.id).values(**values))
    for row in known.values():
        if row.enabled and row.id not in named:
            connection.execute(update(feeds).where(feeds.c.id == row.id).values(enabled=False))


ONCE = "once"
"""Origin of a feed that a person had asked by its address, without adding it: never due."""


def add(connection: Connection, feed: Feed, now: datetime, due: datetime) -> int:
    """Add a feed by command; returns its number, also when it was there already."""
    values = _settings(feed)
    return _add(connection, feed, values, "added", now, due)


def add_once(connection: Connection, feed: Feed, now: datetime) -> int:
    """The number of a feed to be asked now and not again; a feed that is known stays as it is."""
    known = connection.scalar(
        select(feeds.c.id).where(or_(feeds.c.url == feed.url, feeds.c.settings_url == feed.url))
    )
    if known is not None:
        return int(known)
    values = _settings(feed)
    return _add(connection, feed, values, ONCE, now, None)


def revive(connection: Connection, feed_id: int) -> None:
    """Make a feed that was removed one that may be asked once."""
    removed = (feeds.c.id == feed_id, ~feeds.c.enabled)
    values = {"enabled": True, "origin": ONCE, "due": None}
    connection.execute(update(feeds).where(*removed).values(**values))


def told_to_wait(
    connection: Connection, feed: Feed, status: int, until: datetime, now: datetime
) -> None:
    """Keep that a server answered with this status, and asked to be left alone until then."""
    heard = {
        "not_before": until,
        "last_polled": now,
        "last_status": status,
        "last_outcome": OutcomeKind.FAILED.value,
        "last_why": f"{status}: its server asked us to wait",
    }
    feed_id = add_once(connection, feed, now)
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**heard))


def forget(connection: Connection, feed_id: int) -> None:
    """Drop a feed that was asked once by command and brought nothing, not even a word to wait."""
    brought = exists().where(held_entries.c.feed_id == feeds.c.id)
    nothing = (feeds.c.origin == ONCE, feeds.c.not_before.is_(None), ~brought)
    connection.execute(delete(feeds).where(feeds.c.id == feed_id, *nothing))


def _settings(feed: Feed) -> dict[str, Any]:
    """The columns that hold what the settings say of a feed, besides its address."""
    lists = {"tags": list(feed.tags), "selectors": dict(feed.selectors)}
    return {name: getattr(feed, name) for name in SETTINGS} | lists


def _add(
    connection: Connection,
    feed: Feed,
    values: Mapping[str, Any],
    origin: str,
    now: datetime,
    due: datetime | None,
) -> int:
    row = {
        "url": feed.url,
        "settings_url": feed.url,
        "origin": origin,
        "created": now,
        "due": due,
        "due_why": "never polled",
        **values,
    }
    return int(connection.execute(_insert(connection.dialect.name), row).scalar_one())


@functools.cache
def _insert(dialect: str) -> Any:
    """An INSERT of a feed that updates the one there is, and gives its number."""
    statement = rows.insert(dialect, feeds)
    said = statement.excluded
    changed = {name: said[name] for name in (*SETTINGS, *LISTS, "origin", "settings_url")}
    # A feed that was asked once by command has no due time: now it gets one, none before its
    # server wants it (P26).
    told = and_(said.due.is_not(None), feeds.c.not_before > said.due)
    changed["due"] = func.coalesce(feeds.c.due, case((told, feeds.c.not_before), else_=said.due))
    return statement.on_conflict_do_update(index_elements=["url"], set_=changed).returning(
        feeds.c.id
    )


def remove(connection: Connection, url: str) -> bool:
    """Stop polling a feed for good; its entries and articles stay. False: there is none."""
    result = connection.execute(
        update(feeds).where(feeds.c.url == url, feeds.c.enabled).values(enabled=False)
    )
    return result.rowcount > 0


def resume(connection: Connection, feed_id: int, now: datetime) -> None:
    """Poll again a feed that was gone."""
    values = {"state": FeedState.ACTIVE.value, "due": now, "due_why": "resumed by command"}
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


POLLED = and_(feeds.c.enabled, feeds.c.state == FeedState.ACTIVE.value)
"""The condition under which a feed is polled at all, written once."""


def due(connection: Connection, now: datetime, limit: int = 500) -> list[int]:
    """Numbers of the feeds whose time has come, longest due first."""
    statement = (
        select(feeds.c.id)
        .where(feeds.c.due <= now, POLLED, free(feeds, now))
        .order_by(feeds.c.due, feeds.c.id)
        .limit(limit)
    )
    return list(connection.scalars(statement))


def next_due(connection: Connection) -> datetime | None:
    """When the next feed is due."""
    statement = select(func.min(feeds.c.due)).where(POLLED)
    found: datetime | None = connection.scalar(statement)
    return found


def askable(
    connection: Connection,
    now: datetime,
    urls: Collection[str] | None = None,
    *,
    rested: timedelta = timedelta(),
) -> list[int]:
    """Numbers of the feeds a person may have polled at once: all but those that told us to wait,
    and those that were asked less than `rested` ago.
    """
    last = feeds.c.last_polled
    statement = select(feeds.c.id, feeds.c.url, feeds.c.settings_url).where(
        POLLED,
        free(feeds, now),
        or_(feeds.c.not_before.is_(None), feeds.c.not_before <= now),
        or_(last.is_(None), last <= now - rested),
    )
    found = connection.execute(statement.order_by(feeds.c.id))
    return [row.id for row in found if urls is None or row.url in urls or row.settings_url in urls]


def pauses(connection: Connection, now: datetime) -> list[tuple[str, datetime, int]]:
    """(address, until, status) of the feeds that were answered 429 or 503 and told to wait.

    Such an answer may speak for the whole host, also to a process that was not there to hear it.
    """
    told = (feeds.c.last_status.in_((429, 503)), feeds.c.not_before > now)
    found = connection.execute(
        select(feeds.c.url, feeds.c.not_before, feeds.c.last_status).where(*told)
    )
    return [(row.url, row.not_before, row.last_status) for row in found]


def heed_clock(connection: Connection, now: datetime) -> None:
    """Set right what was noted by a clock that has been put back since (F35, P41).

    A feed polled "later than now" would be left alone until the clock has caught up. It keeps the
    waits that were decided then, counted from now: none gets shorter. So does a hub.
    """
    for table, noted, waits in _NOTED:
        columns = [table.c[name] for name in ("id", noted, *waits)]
        ahead = select(*columns).where(table.c[noted] > now + _STEP)
        for row in connection.execute(ahead).mappings().all():
            by = row[noted] - now
            values = {name: row[name] and row[name] - by for name in waits}
            statement = update(table).where(table.c.id == row["id"])
            connection.execute(statement.values({noted: now, **values}))


_NOTED = (
    (feeds, "last_polled", ("due", "own_due", "not_before")),
    (pushes, "asked", ("verified", "until", "due")),
)
"""What was done, and the moments that were decided then."""
_STEP = timedelta(minutes=1)
"""A clock that is put back by less is being kept exact; nothing needs to be done."""


def never_polled(connection: Connection) -> list[int]:
    """Numbers of the feeds that were never asked."""
    fresh = (feeds.c.last_polled.is_(None), feeds.c.origin != ONCE)
    statement = select(feeds.c.id).where(POLLED, *fresh)
    return list(connection.scalars(statement.order_by(feeds.c.id)))


def claim(connection: Connection, ids: Sequence[int], now: datetime, lease: Lease) -> list[Polling]:
    """Take feeds for polling; those that somebody else has taken meanwhile are left out."""
    taken: list[Polling] = []
    for chunk in rows.chunks(ids):
        statement = (
            update(feeds)
            .where(feeds.c.id.in_(chunk), POLLED, free(feeds, now))
            .values(**lease.columns)
            .returning(*(feeds.c[name] for name in rows.POLLING))
        )
        taken += [rows.polling(row) for row in connection.execute(statement).mappings()]
    order = {feed_id: place for place, feed_id in enumerate(ids)}
    return sorted(taken, key=lambda polling: order[polling.feed.id])


def bury(
    connection: Connection,
    owner: str,
    now: datetime,
    after_deaths: Callable[[Polling, datetime], Pace],
) -> None:
    """Note at the feeds that a dead owner was polling that it died then.

    One death says nothing of a feed, which stays as due as it was; of those at which the owner
    before had died too, `after_deaths` says when they are due.
    """
    held = select(feeds).where(feeds.c.lease_owner == owner)
    for row in connection.execute(held).mappings().all():
        polling = rows.polling(row)
        died = replace(
            polling,
            failures=polling.failures + 1,
            failing_since=polling.failing_since or now,
        )
        values = rows.changed_polling(polling, died) | {
            "last_outcome": OutcomeKind.FAILED.value,
            "last_why": DIED,
        }
        if row["last_why"] == DIED and row["due"] is not None:
            pace = after_deaths(died, now)
            values |= {"due": pace.due, "due_why": pace.why}
        connection.execute(update(feeds).where(feeds.c.id == row["id"]).values(**values))


def unasked(connection: Connection, since: datetime) -> int:
    """How many feeds have not answered since then."""
    old = or_(feeds.c.last_success.is_(None), feeds.c.last_success <= since)
    return connection.scalar(select(func.count()).select_from(feeds).where(POLLED, old)) or 0


def addresses(connection: Connection, but: int) -> set[str]:
    """The addresses of all feeds that are polled, but one."""
    return set(connection.scalars(select(feeds.c.url).where(POLLED, feeds.c.id != but)))


def release(connection: Connection, feed_id: int) -> None:
    """Give a claim back without having polled."""
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**FREE))


@dataclass(frozen=True, slots=True)
class Ended:
    """A poll that has ended: what was known before, what was decided, and when."""

    before: Polling
    decision: PollDecision
    new: entries.Hashed
    """The decision's new entries, each with its content hash."""
    revised: entries.Hashed
    at: datetime


def record(connection: Connection, ended: Sequence[Ended]) -> list[entries.Recorded]:
    """Write what polls brought: entries, validators, the next poll and why, all or nothing.

    The entries of a feed's first success are its baseline, also those of the first one after a
    backup whose gap was skipped. Of the feeds' columns only those are
    written that the polls have changed.
    """
    skipped = holds.skipped(connection)
    recorded = entries.record(connection, [_arrived(connection, poll, skipped) for poll in ended])
    together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for poll, brought in zip(ended, recorded, strict=True):
        values = _columns(poll) | _moved(connection, poll) | {"_new": brought.new}
        together.setdefault(tuple(values), []).append(values | {"_id": poll.before.feed.id})
    for names, some in together.items():
        connection.execute(_update(names), some)
    connection.execute(polls.insert(), [_poll(*pair) for pair in zip(ended, recorded, strict=True)])
    return recorded


def _arrived(connection: Connection, poll: Ended, skipped: datetime | None) -> entries.Arrived:
    baseline = is_archive(poll.before.last_success, skipped)
    feed_id, withheld = poll.before.feed.id, poll.decision.withheld
    reissue_id = _withhold(connection, feed_id, poll.new, "" if baseline else withheld, poll.at)
    return entries.Arrived(feed_id, poll.new, poll.revised, baseline, poll.at, reissue_id)


def _withhold(
    connection: Connection, feed_id: int, new: entries.Hashed, why: str, now: datetime
) -> int | None:
    """The suspected re-issue that these entries are; None: they are none."""
    return reissues.suspect(connection, feed_id, len(new), why, now) if why else None


def is_archive(last_success: datetime | None, skipped: datetime | None) -> bool:
    """Whether what a feed brings now stood there before we could know: no news by itself."""
    return last_success is None or (skipped is not None and last_success <= skipped)


def _columns(poll: Ended) -> dict[str, Any]:
    """The columns of the feed that a poll writes."""
    decision, outcome = poll.decision, poll.decision.outcome
    return rows.changed_polling(poll.before, decision.polling) | {
        "last_outcome": outcome.kind.value,
        "last_why": outcome.why,
        "last_status": outcome.status,
        "_due": decision.due,
        # A host that wants to be left alone was not asked: that is no poll.
        "_sent": int(decision.polling.last_polled != poll.before.last_polled),
        "_not_modified": int(outcome.kind is OutcomeKind.NOT_MODIFIED),
        "_bytes": outcome.bytes,
        "due_why": decision.due_why,
        "own_due": decision.own_due,
        "not_before": decision.not_before,
    }


@functools.cache
def _update(names: tuple[str, ...]) -> Update:
    """The statement that writes these columns (there are few such sets of them)."""
    due = bindparam("_due", type_=feeds.c.due.type)
    values: dict[str, Any] = {name: bindparam(name) for name in names if not name.startswith("_")}
    sums = {
        "polls": feeds.c.polls + bindparam("_sent"),
        "not_modified": feeds.c.not_modified + bindparam("_not_modified"),
        "bytes": feeds.c.bytes + bindparam("_bytes"),
        "entries": feeds.c.entries + bindparam("_new"),
    }
    return (
        update(feeds)
        .where(feeds.c.id == bindparam("_id"))
        .values(values | sums | FREE | {"due": case((feeds.c.origin == ONCE, None), else_=due)})
    )


def _poll(poll: Ended, recorded: entries.Recorded) -> dict[str, Any]:
    outcome = poll.decision.outcome
    return {
        "feed_id": poll.before.feed.id,
        "at": poll.at,
        "outcome": outcome.kind.value,
        "why": outcome.why,
        "status": outcome.status,
        "seen": outcome.seen,
        "new": recorded.new,
        "revised": recorded.revised,
        "bytes": outcome.bytes,
        "conditional": outcome.conditional,
    }


def record_pushed(
    connection: Connection,
    feed_id: int,
    decision: PushDecision,
    new: entries.Hashed,
    *,
    first: bool,
    now: datetime,
) -> int:
    """Write what a hub pushed; returns how many entries that really added.

    Nothing that polling asks with is touched: a poll may be under way.
    """
    reissue_id = _withhold(connection, feed_id, new, "" if first else decision.withheld, now)
    arrived = entries.Arrived(feed_id, new, (), first, now, reissue_id)
    [recorded] = entries.record(connection, [arrived])
    if recorded.new:
        heard = {
            "newest": decision.newest,
            "calm": 0,
            "entries": feeds.c.entries + recorded.new,
        }
        connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**heard))
    return recorded.new


def rely_on_polls(connection: Connection, why: str, feed_id: int | None = None) -> None:
    """Make a feed due (None: all feeds) as if no hub pushed it, and say why."""
    statement = update(feeds).where(feeds.c.own_due < feeds.c.due)
    if feed_id is not None:
        statement = statement.where(feeds.c.id == feed_id)
    connection.execute(statement.values(due=feeds.c.own_due, own_due=None, due_why=why))


def polling(connection: Connection, feed_id: int) -> Polling:
    """What is known of the polling of one feed, without a claim on it."""
    statement = select(feeds).where(feeds.c.id == feed_id)
    return rows.polling(connection.execute(statement).mappings().one())


def _moved(connection: Connection, poll: Ended) -> dict[str, Any]:
    """A new address for the feed, unless another feed has it: then both are left as they are."""
    feed = poll.decision.polling.feed
    if feed.url == poll.before.feed.url:
        return {}
    old = connection.execute(
        select(feeds.c.url, feeds.c.previous_urls).where(feeds.c.id == feed.id)
    ).one()
    taken = connection.scalar(select(feeds.c.id).where(feeds.c.url == feed.url))
    if taken is not None:
        return {}
    return {"url": feed.url, "previous_urls": [*old.previous_urls, old.url]}


@dataclass(frozen=True, slots=True)
class FeedStatus:
    """The account of a feed: how it is doing, what it cost its publisher, what it brought."""

    polling: Polling
    origin: str
    settings_url: str
    """Its address as the settings have it, or as it was added: it may have moved since."""
    due: datetime | None
    due_why: str
    last_outcome: str
    last_why: str
    last_status: int
    polls: int
    """In all, as are the next three."""
    not_modified: int
    bytes: int
    entries: int
    not_before: datetime | None = None
    """Its server asked us to wait until then."""
    bytes_day: int | None = None
    """Of the last 24 hours; None: nobody said what time it is."""
    pushed_until: datetime | None = None
    """A hub has said that it pushes the feed until then."""
    pushed: int = 0
    """Documents that hubs pushed, and signed."""
    push_ignored: int = 0
    """Documents pushed that nobody signed, or that could not be read."""
    withheld: Sequence[Reissue] = ()
    """Its suspected re-issues of which a person has yet to say what becomes of them."""


def statuses(
    connection: Connection, now: datetime | None = None, *, only: ColumnElement[bool] | None = None
) -> list[FeedStatus]:
    """All feeds, in the order they were added: the one account that all who tell of it take.

    `only`: those of which this holds.
    """
    withheld = reissues.waiting(connection)
    since = {"since": now - _DAY} if now else None
    found = connection.execute(_BYTES_SINCE, since) if since else ()
    lately = {row.feed_id: int(row.bytes) for row in found}
    of_feed = pushes.c.feed_id == feeds.c.id
    live = pushes.c.state == PushState.LIVE.value
    pushed = (
        select(func.max(pushes.c.until)).where(of_feed, live).label("pushed_until"),
        select(func.sum(pushes.c.received)).where(of_feed).label("pushed"),
        select(func.sum(pushes.c.ignored)).where(of_feed).label("push_ignored"),
    )
    statement = select(feeds, *pushed).order_by(feeds.c.id)
    if only is not None:
        statement = statement.where(only)
    return [
        FeedStatus(
            polling=rows.polling(row),
            origin=row["origin"],
            settings_url=row["settings_url"],
            due=row["due"],
            due_why=row["due_why"],
            last_outcome=row["last_outcome"],
            last_why=row["last_why"],
            last_status=row["last_status"],
            polls=row["polls"],
            not_modified=row["not_modified"],
            bytes=row["bytes"],
            entries=row["entries"],
            not_before=row["not_before"],
            bytes_day=lately.get(row["id"], 0) if now else None,
            pushed_until=row["pushed_until"],
            pushed=int(row["pushed"] or 0),
            push_ignored=int(row["push_ignored"] or 0),
            withheld=withheld.get(row["id"], ()),
        )
        for row in connection.execute(statement).mappings()
    ]


def numbered(connection: Connection, feed_id: int, now: datetime) -> FeedStatus | None:
    """One feed."""
    return next(iter(statuses(connection, now, only=feeds.c.id == feed_id)), None)


def doubtful(connection: Connection, now: datetime) -> list[FeedStatus]:
    """The polled feeds in which `feeds.condition` may find anything: others are sound at a glance.

    A glance is a tenth of the work, where there are thousands.
    """
    spoke = func.coalesce(feeds.c.newest, feeds.c.last_news)
    doubts = or_(
        feeds.c.state != FeedState.ACTIVE.value,
        feeds.c.failing_since.is_not(None),
        feeds.c.last_polled.is_(None),
        feeds.c.title_was != "",
        feeds.c.moved_to != "",
        feeds.c.due_why.contains(CUT),
        feeds.c.returns >= RETURNS,
        feeds.c.redated.is_not(None),
        feeds.c.id.in_(reissues.feeds_waiting()),
        spoke <= now - SHORTEST_SILENCE,
    )
    return statuses(connection, only=and_(feeds.c.enabled, doubts))


def spoke(connection: Connection, ids: Collection[int]) -> dict[int, datetime | None]:
    """When feeds spoke last, of those among these that are polled."""
    at = func.coalesce(feeds.c.newest, feeds.c.last_news)
    found: dict[int, datetime | None] = {}
    for chunk in rows.chunks(list(ids)):
        wanted = select(feeds.c.id, at).where(feeds.c.id.in_(chunk), feeds.c.enabled)
        found |= {row[0]: row[1] for row in connection.execute(wanted)}
    return found


def polled(connection: Connection) -> tuple[int, datetime | None]:
    """How many feeds are polled, and when one was last."""
    wanted = select(func.count(), func.max(feeds.c.last_polled)).where(feeds.c.enabled)
    number, last = connection.execute(wanted).one()
    return int(number), last


@dataclass(frozen=True, slots=True)
class Polled:
    """One poll of a feed, as it is on record."""

    at: datetime
    outcome: str
    why: str
    status: int
    seen: int
    new: int
    bytes: int


def polls_of(connection: Connection, feed_id: int, limit: int) -> list[Polled]:
    """The latest polls of a feed, newest first."""
    names = ("at", "outcome", "why", "status", "seen", "new", "bytes")
    statement = (
        select(*(polls.c[name] for name in names))
        .where(polls.c.feed_id == feed_id)
        .order_by(polls.c.at.desc())
        .limit(limit)
    )
    return [Polled(*row) for row in connection.execute(statement)]


_DAY = timedelta(days=1)
# Grouped by a sum and not by the column: SQLite would go through the whole index of that column.
_FEED = (polls.c.feed_id + 0).label("feed_id")
_BYTES_SINCE = (
    select(_FEED, func.sum(polls.c.bytes).label("bytes"))
    .where(polls.c.at > bindparam("since", type_=polls.c.at.type))
    .group_by(_FEED)
)
