"""Poll: ask each due feed once, and keep what it said."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from monitor.errors import InputError, MonitorError, TryLaterError, UnavailableError
from monitor.feeds import decide, read, request, sitemap
from monitor.model import (
    Document,
    Entry,
    FailureKind,
    Feed,
    FetchFailed,
    Outcome,
    OutcomeKind,
    PollDecision,
    Polling,
    Request,
    Response,
)
from monitor.pipeline.failpoints import hit
from monitor.pipeline.parts import ComputeFailedError, Parts
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
        log.exception("polling %s failed inside monitor", polling.feed.name)
        why = f"internal error: {type(error).__name__}"
        failed = FetchFailed(kind=FailureKind.PROTOCOL, why=why, url=polling.feed.url)
        try:
            return await _settle(parts, polling, failed, None, decide.Known())
        except MonitorError as unwritten:
            return _waits(polling, unwritten)


def _waits(polling: Polling, error: MonitorError) -> Polled:
    """Nothing was written; the claim runs out and the feed is asked again, as before."""
    log.warning("%s: %s", polling.feed.name or polling.feed.url, error)
    return Polled(polling.feed, Outcome(kind=OutcomeKind.FAILED, why=str(error)))


async def _poll(parts: Parts, polling: Polling) -> Polled:
    hit("poll.sent")
    answer = await parts.fetch.get(request.build(polling))
    hit("poll.got")
    document = await _read(parts, polling, answer)
    known = await known_of(parts, polling.feed.id, document)
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
    document = await parsed(parts, polling.feed, answer, known_pieces)
    if isinstance(document, Document) and document.follow:
        return await _followed(parts, polling.feed, document)
    return document


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
        answer = await parts.fetch.get(Request(url=url))
        if isinstance(answer, Response) and answer.status in (200, 203):
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
    recorded = await parts.store.write(_record, polling, decision, now)
    hit("store.after_commit")
    outcome = replace(decision.outcome, new=recorded.new, revised=recorded.revised)
    return Polled(decision.polling.feed, outcome, decision.not_before)


def _record(
    connection: Connection, polling: Polling, decision: PollDecision, now: datetime
) -> entries.Recorded:
    recorded = feeds.record(
        connection,
        decision,
        hashed(decision.new),
        hashed(decision.revised),
        first=polling.last_success is None,
        now=now,
    )
    if decision.hub is not None:
        pushes.note(connection, polling.feed.id, decision.hub, now)
    hit("store.before_commit")
    return recorded


def hashed(some: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Entries as the store wants them: each with the hash of what it says."""
    return [(entry, decide.content_hash(entry)) for entry in some]
