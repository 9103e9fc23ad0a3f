"""Poll: ask each due feed once, and keep what it said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.errors import (
    ComputeFailedError,
    InputError,
    MonitorError,
    TryLaterError,
    UnavailableError,
)
from monitor.feeds import condition, decide, read, request, sitemap
from monitor.fetch.hosts import Hold
from monitor.model import (
    Document,
    Entry,
    FailureKind,
    Feed,
    FetchFailed,
    Outcome,
    OutcomeKind,
    Polling,
    Response,
)
from monitor.pipeline.failpoints import hit
from monitor.pipeline.parts import Parts
from monitor.redact import shareable
from monitor.store import entries, feeds, pushes

log = logging.getLogger("monitor.poll")


@dataclass(frozen=True, slots=True)
class Polled:
    """A feed, and how asking it ended."""

    feed: Feed
    outcome: Outcome
    not_before: datetime | None = None
    """The server asked us to wait until then."""


async def due(parts: Parts, now: datetime) -> list[int]:
    """The feeds whose time has come, by a clock that may have been put back meanwhile."""
    before, parts.memory.looked = parts.memory.looked, now
    if before is not None and now < before:
        await parts.store.write(feeds.heed_clock, now)
    return await parts.store.read(feeds.due, now)


async def run(parts: Parts, keys: Sequence[int], now: datetime) -> list[Polled]:
    """Ask feeds, all at once as far as their hosts allow; each ends in a stored outcome."""
    return [polled async for polled in each(parts, keys, now)]


async def each(parts: Parts, keys: Sequence[int], now: datetime) -> AsyncIterator[Polled]:
    """As `run`, giving each outcome as soon as it is stored."""
    claimed = await parts.store.write(feeds.claim, keys, now, parts.lease(now))
    polls = [asyncio.create_task(poll(parts, polling)) for polling in claimed]
    try:
        for polled in asyncio.as_completed(polls):
            yield await polled
    finally:  # whoever stops listening stops the asking: none goes on behind a closed store
        for one in polls:
            one.cancel()
        await asyncio.gather(*polls, return_exceptions=True)


async def poll(parts: Parts, polling: Polling) -> Polled:
    """Ask one feed. Never raises for what a feed does: its failure is an outcome."""
    try:
        return await _poll(parts, polling)
    except (TryLaterError, UnavailableError) as error:
        return _waits(polling, error)
    except Exception as error:
        log.exception("polling %s failed inside monitor", _named(polling.feed))
        why = f"internal error: {type(error).__name__}"
        failed = FetchFailed(kind=FailureKind.PROTOCOL, why=why, url=polling.feed.url)
        try:
            return await _settle(parts, polling, failed, None, decide.Known())
        except MonitorError as unwritten:
            return _waits(polling, unwritten)


def _waits(polling: Polling, error: MonitorError) -> Polled:
    """Nothing was written; the claim runs out and the feed is asked again, as before."""
    log.warning("%s: %s", _named(polling.feed), error)
    return Polled(polling.feed, Outcome(kind=OutcomeKind.FAILED, why=str(error)))


def _named(feed: Feed) -> str:
    return feed.name or shareable(feed.url)


async def _poll(parts: Parts, polling: Polling) -> Polled:
    hit("poll.sent")
    asked = request.build(polling, parts.access_to(polling.feed), force=parts.force)
    with Hold() as hold:
        answer = await parts.fetch.get(asked, hold)
        hit("poll.got")
        document = await _read(parts, polling, answer)
    if isinstance(document, Document) and document.follow:
        document = await _followed(parts, polling.feed, document)
    first = polling.last_success is None  # nothing was ever taken from this feed
    known = decide.Known() if first else await known_of(parts, polling.feed.id, document)
    hit("parse.done")
    return await _settle(parts, polling, answer, document, known)


async def _read(
    parts: Parts, polling: Polling, answer: Response | FetchFailed
) -> Document | InputError | None:
    """The answer as a document; None when there is nothing to read that we have not read."""
    if not isinstance(answer, Response) or answer.status not in (200, 203):
        return None
    if decide.body_hash(answer.body) == polling.body_hash:
        return None
    known_pieces = decide.known_pieces(polling, parts.clock.now())
    return await parsed(parts, polling.feed, answer, known_pieces)


async def parsed(
    parts: Parts, feed: Feed, answer: Response, known_pieces: frozenset[str] = frozenset()
) -> Document | InputError:
    """The document in a body, read where it may hang or die; or why there is none."""
    content_type = (answer.header("content-type") or b"").decode("latin-1")
    try:
        return await parts.compute(
            read.read,
            answer.body,
            content_type,
            answer.url,
            feed.kind,
            known_pieces=known_pieces,
            selectors=feed.selectors,
        )
    except InputError as error:
        return error
    except ComputeFailedError as error:
        return InputError("the document could not be read", str(error))


async def _followed(parts: Parts, feed: Feed, index: Document) -> Document:
    """A sitemap index with what its sitemaps hold, asked one after the other."""
    found: list[Document] = []
    for url in index.follow:
        with Hold() as hold:
            asked = request.follow(url, feed, parts.access_to(feed))
            answer = await parts.fetch.get(asked, hold)
            if not isinstance(answer, Response) or answer.status not in (200, 203):
                continue
            document = await parsed(parts, replace(feed, kind=index.kind), answer)
        if isinstance(document, Document) and not document.follow:
            found.append(document)
    return sitemap.joined(index, found)


async def known_of(
    parts: Parts, feed_id: int, document: Document | InputError | None
) -> decide.Known:
    """What the store holds of a feed, among the entries of a document."""
    if not isinstance(document, Document) or not document.entries:
        return decide.Known()
    keys = [entry.key for entry in document.entries]
    links = [entry.link for entry in document.entries if entry.link]
    return decide.Known.of(await parts.store.read(entries.known, feed_id, keys, links))


async def _settle(
    parts: Parts,
    polling: Polling,
    answer: Response | FetchFailed,
    document: Document | InputError | None,
    known: decide.Known,
) -> Polled:
    now = parts.clock.now()
    # Only a feed that moves may turn out to be another one.
    others = await parts.store.read(feeds.addresses, polling.feed.id) if answer.hops else ()
    feed_id = polling.feed.id
    pushed = bool(parts.callback) and await parts.store.read(pushes.is_live, feed_id, now)
    decision = decide.decide(
        polling, answer, document, known, now, parts.pace, subscribed=others, pushed=pushed
    )
    if parts.force:
        decision = replace(decision, outcome=replace(decision.outcome, conditional=False))
    ended = feeds.Ended(polling, decision, hashed(decision.new), hashed(decision.revised), now)
    recorded = await parts.store.write_to(_record, ended)
    hit("store.after_commit")
    for finding in condition.news(polling, decision, now):
        log.warning("%s: %s", _named(polling.feed), finding.why)
    outcome = replace(decision.outcome, new=recorded.new, revised=recorded.revised)
    return Polled(decision.polling.feed, outcome, decision.not_before)


def _record(connection: Connection, ended: Sequence[feeds.Ended]) -> list[entries.Recorded]:
    recorded = feeds.record(connection, ended)
    told = [(one.before.feed.id, hub, one.at) for one in ended if (hub := one.decision.hub)]
    had_one = pushes.having(connection, [feed_id for feed_id, _, _ in told])
    for feed_id, hub, at in told:
        if hub.url or feed_id in had_one:
            pushes.note(connection, feed_id, hub, at)
    hit("store.before_commit")
    return recorded


def hashed(some: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Entries as the store wants them: each with the hash of what it says."""
    return [(entry, decide.content_hash(entry)) for entry in some]
