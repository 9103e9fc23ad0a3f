"""Feeds: what is polled, when next, and how it went."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
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
    true,
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
"""Columns that the settings determine, besides the URL."""
READ_BY = ("kind", "selectors")
"""Those that say how a document is read."""
UNREAD: Mapping[str, Any] = {
    "etag": None,
    "last_modified": None,
    "body_hash": "",
    "pieces": [],
    "followed": [],
}
"""The columns of a feed whose document must be read again, even if it is as it was."""


def sync(
    connection: Connection,
    wanted: Sequence[Feed],
    now: datetime,
    first_due: Callable[[Feed], datetime],
) -> None:
    """Make the table `feeds` match the settings; feeds no longer named there are kept, not polled.

    A feed that moved keeps its new address: it is recognised by the one in the settings.
    """
    stored = select(*_AS_SET).where(feeds.c.origin == "settings")
    known = {row.settings_url: row for row in connection.execute(stored)}
    named = set()
    for feed in wanted:
        values = _settings(feed)
        row = known.pop(feed.url, None)
        if row is None:
            # It may exist under this address: a feed that moved, with the settings updated since.
            named.add(_add(connection, feed, values, "settings", now, first_due(feed)))
        elif changed := {name for name, value in values.items() if getattr(row, name) != value}:
            unread = {} if changed.isdisjoint(READ_BY) else UNREAD
            mine = update(feeds).where(feeds.c.id == row.id)
            connection.execute(mine.values(**values, **unread))
    for row in known.values():
        if row.enabled and row.id not in named:
            connection.execute(update(feeds).where(feeds.c.id == row.id).values(enabled=False))


_AS_SET = [feeds.c[name] for name in ("id", "settings_url", *SETTINGS, *LISTS)]
"""The columns that the settings are compared with; the others may be a hundred times as long."""
ONCE = "once"
"""Origin of a feed polled once by its address, at a person's request, and not added: never due."""


def add(connection: Connection, feed: Feed, now: datetime, due: datetime) -> int:
    """Add a feed by command; return its number, even if it already existed."""
    values = _settings(feed)
    return _add(connection, feed, values, "added", now, due)


def add_each(
    connection: Connection, wanted: Iterable[tuple[Feed, datetime]], now: datetime
) -> None:
    """Add feeds by command, each with its due time: all of them or none."""
    for feed, due in wanted:
        add(connection, feed, now, due)


def add_once(connection: Connection, feed: Feed, now: datetime) -> int:
    """Add a feed to be polled once, now; return its number. A known feed is left unchanged."""
    known = connection.scalar(
        select(feeds.c.id).where(or_(feeds.c.url == feed.url, feeds.c.settings_url == feed.url))
    )
    if known is not None:
        return int(known)
    values = _settings(feed)
    return _add(connection, feed, values, ONCE, now, None)


def revive(connection: Connection, feed_id: int) -> None:
    """Turn a removed feed into one that may be polled once."""
    removed = (feeds.c.id == feed_id, ~feeds.c.enabled)
    values = {"enabled": True, "origin": ONCE, "due": None}
    connection.execute(update(feeds).where(*removed).values(**values))


def told_to_wait(
    connection: Connection, feed: Feed, status: int, until: datetime, now: datetime
) -> None:
    """Record that a server answered with this status and asked us to wait until `until`."""
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
    """Drop a feed that was polled once by command and brought no entry and no request to wait."""
    brought = exists().where(held_entries.c.feed_id == feeds.c.id)
    nothing = (feeds.c.origin == ONCE, feeds.c.not_before.is_(None), ~brought)
    connection.execute(delete(feeds).where(feeds.c.id == feed_id, *nothing))


def _settings(feed: Feed) -> dict[str, Any]:
    """The columns that hold what the settings say about a feed, besides its address."""
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
    if due and feed.interval:  # it may have been tried before, without this interval (P20)
        polled = connection.scalar(select(feeds.c.last_polled).where(feeds.c.url == feed.url))
        due = max(due, polled + feed.interval) if polled else due
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
    """An INSERT of a feed that updates an existing one and returns its number."""
    statement = rows.insert(dialect, feeds)
    said = statement.excluded
    changed = {name: said[name] for name in (*SETTINGS, *LISTS, "origin", "settings_url")}
    # A feed that was polled once by command has no due time. It gets one now, but not before its
    # server allows it (P26), nor before it would be due if it had been added then (P21).
    due = said.due
    for wait in (feeds.c.not_before, feeds.c.own_due):
        due = case((and_(due.is_not(None), wait > due), wait), else_=due)
    changed["due"] = func.coalesce(feeds.c.due, due)
    changed["own_due"] = case((feeds.c.due.is_not(None), feeds.c.own_due))  # it knows no hub yet
    return statement.on_conflict_do_update(index_elements=["url"], set_=changed).returning(
        feeds.c.id
    )


def remove(connection: Connection, url: str) -> bool:
    """Stop polling a feed permanently; its entries and articles stay. False if there is none."""
    result = connection.execute(
        update(feeds).where(feeds.c.url == url, feeds.c.enabled).values(enabled=False)
    )
    return result.rowcount > 0


def resume(connection: Connection, feed_id: int, now: datetime) -> None:
    """Poll a feed again that was gone."""
    values = {"state": FeedState.ACTIVE.value, "due": now, "due_why": "resumed by command"}
    connection.execute(update(feeds).where(feeds.c.id == feed_id).values(**values))


POLLED = and_(feeds.c.enabled, feeds.c.state == FeedState.ACTIVE.value)
"""The condition under which a feed is polled at all, defined once."""
LASTING = feeds.c.origin != ONCE
"""Whether it is then polled again and again; `FeedStatus.lasting` joins both for values."""


def due(connection: Connection, now: datetime, limit: int = 500) -> list[int]:
    """Numbers of the feeds that are due, longest due first."""
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
    lasting: bool = False,
) -> list[int]:
    """Numbers of the feeds that a person may have polled at once.

    Left out are those whose server asked us to wait, and those polled less than `rested` ago;
    with `lasting` also those that a person had polled once, and nobody asked for again.
    """
    last = feeds.c.last_polled
    statement = select(feeds.c.id, feeds.c.url, feeds.c.settings_url).where(
        POLLED,
        LASTING if lasting else true(),
        free(feeds, now),
        or_(feeds.c.not_before.is_(None), feeds.c.not_before <= now),
        or_(last.is_(None), last <= now - rested),
    )
    found = connection.execute(statement.order_by(feeds.c.id))
    return [row.id for row in found if urls is None or row.url in urls or row.settings_url in urls]


def heed_clock(connection: Connection, now: datetime) -> None:
    """Correct what was recorded by a clock that has been put back since (F35, P41).

    A feed polled "later than now" would not be polled until the clock has caught up. It keeps the
    waits that were decided then, counted from now, so none gets shorter. The same holds for hubs.
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
"""Per table: the column of what was done, and the times that were decided then."""
_STEP = timedelta(minutes=1)
"""A clock put back by less than this is merely being adjusted; nothing needs to be done."""


def never_polled(connection: Connection) -> list[int]:
    """Numbers of the feeds that have never been polled."""
    statement = select(feeds.c.id).where(POLLED, LASTING, feeds.c.last_polled.is_(None))
    return list(connection.scalars(statement.order_by(feeds.c.id)))


def claim(connection: Connection, ids: Sequence[int], now: datetime, lease: Lease) -> list[Polling]:
    """Claim feeds for polling, leaving out those claimed by others meanwhile."""
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
    """Record on the feeds that a dead owner was polling that it died then.

    One death says nothing about a feed, which stays as due as it was. If the previous owner died
    while polling the feed too, `after_deaths` decides when it is due.
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
    """How many feeds have not answered since then, of those that are polled again and again."""
    old = or_(feeds.c.last_success.is_(None), feeds.c.last_success <= since)
    return rows.how_many(connection, feeds, POLLED, LASTING, old)


def addresses(connection: Connection, but: int = 0) -> set[str]:
    """The addresses of all polled feeds, except that of feed `but`."""
    return set(connection.scalars(select(feeds.c.url).where(POLLED, feeds.c.id != but)))


@dataclass(frozen=True, slots=True)
class Ended:
    """A finished poll: what was known before, what was decided, and when."""

    before: Polling
    decision: PollDecision
    new: entries.Hashed
    """The decision's new entries, each with its content hash."""
    revised: entries.Hashed
    at: datetime


def record(connection: Connection, ended: Sequence[Ended]) -> list[entries.Recorded]:
    """Write what polls brought (entries, validators, next poll and why), all or nothing.

    The entries of a feed's first successful poll are its baseline, as are those of its first one
    after a backup whose gap was skipped. Only the columns that the polls changed are written.
    """
    skipped = holds.skipped(connection)
    recorded = entries.record(connection, [_arrived(connection, poll, skipped) for poll in ended])
    together: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    changed = [_columns(poll) for poll in ended]
    read = [one for one, some in zip(ended, changed, strict=True) if UNREAD.keys() & some.keys()]
    outdated = _outdated(connection, [poll.before.feed for poll in read])
    for poll, columns, brought in zip(ended, changed, recorded, strict=True):
        feed_id = poll.before.feed.id
        left_out = UNREAD if feed_id in outdated else ()
        values = {name: value for name, value in columns.items() if name not in left_out}
        values |= _moved(connection, poll) | {"_new": brought.new}
        together.setdefault(tuple(values), []).append(values | {"_id": feed_id})
    for names, some in together.items():
        connection.execute(_update(names), some)
    connection.execute(polls.insert(), [_poll(*pair) for pair in zip(ended, recorded, strict=True)])
    return recorded


def _outdated(connection: Connection, polled: Iterable[Feed]) -> set[int]:
    """Feeds whose settings have changed since they were polled, and with them how they are read.

    Their documents must be read again, so nothing is kept by which one counts as unchanged.
    """
    before = {feed.id: _settings(feed) for feed in polled}
    now = select(feeds.c.id, *(feeds.c[name] for name in READ_BY))
    return {
        row["id"]
        for row in rows.of_many(connection, now, feeds.c.id, before)
        if any(before[row["id"]][name] != row[name] for name in READ_BY)
    }


def _arrived(connection: Connection, poll: Ended, skipped: datetime | None) -> entries.Arrived:
    baseline = is_archive(poll.before.last_success, skipped)
    feed_id, withheld = poll.before.feed.id, poll.decision.withheld
    reissue_id = _withhold(connection, feed_id, poll.new, "" if baseline else withheld, poll.at)
    return entries.Arrived(feed_id, poll.new, poll.revised, baseline, poll.at, reissue_id)


def _withhold(
    connection: Connection, feed_id: int, new: entries.Hashed, why: str, now: datetime
) -> int | None:
    """Record these entries as a suspected re-issue; None if there is no reason (`why`) to."""
    return reissues.suspect(connection, feed_id, len(new), why, now) if why else None


def is_archive(last_success: datetime | None, skipped: datetime | None) -> bool:
    """Whether a feed's entries may be older than our knowledge of it, so not news in themselves."""
    return last_success is None or (skipped is not None and last_success <= skipped)


def _columns(poll: Ended) -> dict[str, Any]:
    """The columns of the feed that a poll writes."""
    decision, outcome = poll.decision, poll.decision.outcome
    return rows.changed_polling(poll.before, decision.polling) | {
        "last_outcome": outcome.kind.value,
        "last_why": outcome.why,
        "last_status": outcome.status,
        "_due": decision.due,
        # If the host wanted to be left alone, nothing was requested: that is no poll.
        "_sent": int(decision.polling.last_polled != poll.before.last_polled),
        "_not_modified": int(outcome.kind is OutcomeKind.NOT_MODIFIED),
        "_bytes": outcome.bytes,
        "due_why": decision.due_why,
        "own_due": decision.own_due,
        "not_before": decision.not_before,
    }


@functools.cache
def _update(names: tuple[str, ...]) -> Update:
    """The statement that writes these columns (there are few distinct sets of them)."""
    due = bindparam("_due", type_=feeds.c.due.type)
    values: dict[str, Any] = {name: bindparam(name) for name in names if not name.startswith("_")}
    once = feeds.c.origin == ONCE
    dues = {
        "due": case((once, None), else_=due),
        "own_due": case((once, due), else_=bindparam("own_due", type_=feeds.c.due.type)),
    }
    sums = {
        "polls": feeds.c.polls + bindparam("_sent"),
        "not_modified": feeds.c.not_modified + bindparam("_not_modified"),
        "bytes": feeds.c.bytes + bindparam("_bytes"),
        "entries": feeds.c.entries + bindparam("_new"),
    }
    return update(feeds).where(feeds.c.id == bindparam("_id")).values(values | sums | FREE | dues)


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
    """Write what a hub pushed; return how many entries were actually added.

    Nothing that polling depends on is touched: a poll may be in progress.
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
    """Reset a feed (None: all feeds) to the due time it has without a hub, and say why."""
    statement = update(feeds).where(feeds.c.own_due < feeds.c.due)
    if feed_id is not None:
        statement = statement.where(feeds.c.id == feed_id)
    connection.execute(statement.values(due=feeds.c.own_due, own_due=None, due_why=why))


def polling(connection: Connection, feed_id: int) -> Polling:
    """What is known about polling a feed, without claiming it."""
    statement = select(feeds).where(feeds.c.id == feed_id)
    return rows.polling(connection.execute(statement).mappings().one())


def _moved(connection: Connection, poll: Ended) -> dict[str, Any]:
    """The feed's new address, unless another feed has it: then both are left as they are."""
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
    """A feed's account: how it is doing, what it cost its publisher, and what it brought."""

    polling: Polling
    origin: str
    settings_url: str
    """Its address as in the settings, or as it was added: it may have moved since."""
    due: datetime | None
    due_why: str
    last_outcome: str
    last_why: str
    last_status: int
    polls: int
    """In total, as are the next three."""
    not_modified: int
    bytes: int
    entries: int
    not_before: datetime | None = None
    """Its server asked us to wait until then."""
    bytes_day: int | None = None
    """In the last 24 hours; None if the time was not given."""
    pushed_until: datetime | None = None
    """A hub has confirmed that it pushes the feed until then."""
    pushed: int = 0
    """Documents that hubs pushed and signed."""
    push_ignored: int = 0
    """Pushed documents that were not signed or could not be read."""
    withheld: Sequence[Reissue] = ()
    """Its suspected re-issues that no person has released yet."""

    @property
    def lasting(self) -> bool:
        """Whether it is polled again and again: not switched off, nor just asked once by hand."""
        return self.polling.feed.enabled and self.origin != ONCE


def statuses(
    connection: Connection, now: datetime | None = None, *, only: ColumnElement[bool] | None = None
) -> list[FeedStatus]:
    """All feeds, in the order they were added: the single source for every report about them.

    `only`: restrict to the feeds that meet this condition.
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
            bytes_day=lately.get(row["id"], 0) if now else None,
            pushed=int(row["pushed"] or 0),
            push_ignored=int(row["push_ignored"] or 0),
            withheld=withheld.get(row["id"], ()),
            **{name: row[name] for name in _PLAIN},
        )
        for row in connection.execute(statement).mappings()
    ]


_PLAIN = (
    *("origin", "settings_url", "due", "due_why", "not_before", "last_outcome", "last_why"),
    *("last_status", "polls", "not_modified", "bytes", "entries", "pushed_until"),
)
"""Fields of `FeedStatus` that are columns of the same name."""


def numbered(connection: Connection, feed_id: int, now: datetime) -> FeedStatus | None:
    """One feed."""
    return next(iter(statuses(connection, now, only=feeds.c.id == feed_id)), None)


def doubtful(connection: Connection, now: datetime) -> list[FeedStatus]:
    """The polled feeds in which `feeds.condition` may find anything: the rest are plainly sound.

    This costs a tenth of the work when there are thousands of feeds.
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
    """When these feeds last had news, for those among them that are polled."""
    at = func.coalesce(feeds.c.newest, feeds.c.last_news)
    wanted = select(feeds.c.id, at.label("at")).where(feeds.c.enabled)
    return {row["id"]: row["at"] for row in rows.of_many(connection, wanted, feeds.c.id, ids)}


def polled(connection: Connection) -> tuple[int, datetime | None]:
    """How many feeds are polled again and again, and when one of these was last polled."""
    wanted = select(func.count(), func.max(feeds.c.last_polled))
    number, last = connection.execute(wanted.where(feeds.c.enabled, LASTING)).one()
    return int(number), last


@dataclass(frozen=True, slots=True)
class Polled:
    """One recorded poll of a feed."""

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
        .order_by(polls.c.at.desc(), polls.c.id.desc())
        .limit(limit)
    )
    return [Polled(*row) for row in connection.execute(statement)]


_DAY = timedelta(days=1)
# Grouped by an expression and not the column: SQLite would scan that column's whole index.
_FEED = (polls.c.feed_id + 0).label("feed_id")
_BYTES_SINCE = (
    select(_FEED, func.sum(polls.c.bytes).label("bytes"))
    .where(polls.c.at > bindparam("since", type_=polls.c.at.type))
    .group_by(_FEED)
)
