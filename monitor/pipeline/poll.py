"""Poll: ask each due feed once, and record what it answered."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
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
from monitor.failpoints import hit, reach
from monitor.feeds import condition, decide, follow, read, readdressed, request, sitemap
from monitor.fetch.hosts import Hold
from monitor.model import (
    Document,
    Entry,
    FailureKind,
    Feed,
    FetchFailed,
    Followed,
    Outcome,
    OutcomeKind,
    PollDecision,
    Polling,
    Response,
)
from monitor.pipeline.parts import Parts
from monitor.redact import shareable
from monitor.store import entries, feeds, pushes

log = logging.getLogger("monitor.poll")

_NOTHING = decide.Known()


@dataclass(frozen=True, slots=True)
class Polled:
    """A feed and the outcome of its poll."""

    feed: Feed
    outcome: Outcome
    not_before: datetime | None = None
    """The server asked us to wait until then."""
    due: datetime | None = None
    """When it is next polled by itself; None if never, or if nothing was recorded."""

    @property
    def failed(self) -> bool:
        """Whether the feed gave no answer that could be read."""
        return self.outcome.kind is OutcomeKind.FAILED


async def due(parts: Parts, now: datetime) -> list[int]:
    """The feeds that are due, even if the clock has been put back."""
    before, parts.memory.looked = parts.memory.looked, now
    if before is not None and now < before:
        await parts.store.write(feeds.heed_clock, now)
    return await parts.store.read(feeds.due, now)


async def run(parts: Parts, keys: Sequence[int], now: datetime) -> list[Polled]:
    """Poll feeds, all at once as far as their hosts allow; each poll ends in a recorded outcome."""
    return [polled async for polled in each(parts, keys, now)]


async def each(parts: Parts, keys: Sequence[int], now: datetime) -> AsyncIterator[Polled]:
    """Like `run`, but yield each outcome as soon as it is recorded."""
    claimed = await parts.store.write(feeds.claim, keys, now, parts.lease(now))
    polls = [asyncio.create_task(poll(parts, polling)) for polling in claimed]
    try:
        for polled in asyncio.as_completed(polls):
            yield await polled
    finally:  # if the caller stops early, no poll may outlive the store
        for one in polls:
            one.cancel()
        await asyncio.gather(*polls, return_exceptions=True)


async def poll(parts: Parts, polling: Polling) -> Polled:
    """Poll one feed. Never raises for anything a feed does: its failure is an outcome.

    Whatever hangs, the poll ends no later than its claim, to make room for others (F94).
    """
    limit = asyncio.timeout(parts.patience.total_seconds())
    try:
        async with limit:
            return await _poll(parts, polling)
    except (TryLaterError, UnavailableError) as error:
        return _waits(polling, error)
    except Exception as error:
        if limit.expired():
            why = "its turn did not come, or it hangs"
            return _waits(polling, TryLaterError(f"given up after {parts.patience}", why))
        log.exception("polling %s failed inside monitor", _named(polling))
        why = f"internal error: {type(error).__name__}"
        failed = FetchFailed(kind=FailureKind.PROTOCOL, why=why, url=polling.feed.url)
        try:
            return await _settle(parts, polling, failed, None, "")
        except MonitorError as unwritten:
            return _waits(polling, unwritten)


def _waits(polling: Polling, error: MonitorError) -> Polled:
    """Nothing was written; the claim runs out and the feed is due again, as before."""
    log.warning("%s: %s", _named(polling), error)
    return Polled(polling.feed, Outcome(kind=OutcomeKind.FAILED, why=str(error)))


def _named(polling: Polling) -> str:
    return polling.feed.name or polling.title or shareable(polling.feed.url)


async def _poll(parts: Parts, polling: Polling) -> Polled:
    await reach("poll.sent")
    asked = request.build(polling, parts.access_to(polling.feed), force=parts.force)
    with Hold() as hold:
        answer = await parts.fetch.get(asked, hold)
        await reach("poll.got")
        hashed, document = "", None
        if isinstance(answer, Response) and answer.whole:
            hashed = decide.body_hash(answer.body)
            if hashed != polling.body_hash:  # otherwise we have read all of it
                known_pieces = decide.known_pieces(polling, parts.clock.now())
                document = await parsed(parts, polling.feed, answer, known_pieces)
            answer = replace(answer, body=b"")  # it is read: free it before the store
    if isinstance(answer, Response):
        unchanged = answer.status == 304 or (hashed != "" and document is None)
        index = follow.remembered(polling) if unchanged else document
        if isinstance(index, Document) and index.follow:
            document, received = await _followed(parts, polling, index, unchanged=unchanged)
            answer = replace(answer, wire_bytes=answer.wire_bytes + received)
    await reach("parse.done")
    return await _settle(parts, polling, answer, document, hashed)


async def parsed(
    parts: Parts, feed: Feed, answer: Response, known_pieces: frozenset[str] = frozenset()
) -> Document | InputError:
    """Parse a response where it may hang or die; an InputError says why there is no document."""
    content_type = answer.header_text("content-type")
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


async def _followed(
    parts: Parts, polling: Polling, index: Document, *, unchanged: bool
) -> tuple[Document, int]:
    """A sitemap index with what its sitemaps hold, and how many bytes that took.

    They are requested one after the other. `unchanged`: the index is as it was.
    """
    found: dict[str, Document] = {}
    known: list[Followed] = []
    held: list[Followed] = []
    received = 0
    places = follow.places(polling, index, parts.clock.now(), parts.pace, unchanged=unchanged)
    for one, asked in list(places):
        after, document = one, None
        if asked:
            after, document, size = await _asked(parts, polling.feed, one, index.kind)
            received += size
        known.append(after)
        if document is not None:
            found[one.validators.url] = document
        elif after.whole:
            held.append(after)
    joined = sitemap.joined(index, follow.shortened(known, found), held)
    return replace(joined, followed=follow.counted(known, found, joined)), received


async def _asked(
    parts: Parts, feed: Feed, one: Followed, kind: str
) -> tuple[Followed, Document | None, int]:
    """What is known of a document after asking for it, what was read of it, and its bytes."""
    with Hold() as hold:
        asked = request.follow(one.validators, feed, parts.access_to(feed), force=parts.force)
        answer = await parts.fetch.get(asked, hold)
        document: Document | InputError | None = None
        if isinstance(answer, Response) and answer.whole:
            document = await parsed(parts, replace(feed, kind=kind), answer)
    if not isinstance(document, Document) or document.follow:
        document = None
    after = follow.learned(one, answer, document, parts.clock.now(), parts.pace)
    return after, document, answer.wire_bytes


@dataclass(frozen=True, slots=True)
class _Answered:
    """An answered poll, whose meaning is still to be decided and written."""

    parts: Parts
    polling: Polling
    answer: Response | FetchFailed
    document: Document | InputError | None
    hashed: str
    """The hash of the body."""
    at: datetime


async def _settle(
    parts: Parts,
    polling: Polling,
    answer: Response | FetchFailed,
    document: Document | InputError | None,
    hashed: str,
) -> Polled:
    now = parts.clock.now()
    answered = _Answered(parts, polling, answer, document, hashed, now)
    decision = await parts.store.write_to(_record, answered)
    await reach("store.after_commit")
    for finding in condition.news(polling, decision, now):
        log.warning("%s: %s", _named(polling), finding.why)
    return Polled(decision.polling.feed, decision.outcome, decision.not_before, decision.due)


def _record(connection: Connection, answered: Sequence[_Answered]) -> list[PollDecision]:
    """Read what is known, decide, and write, in one transaction for all polls that end together.

    So no poll queries the store by itself, and nothing comes between the query and the write that
    depends on it. Decisions are returned as written: some entries may not have been new.
    """
    # Nothing was ever stored from a feed without a successful poll.
    known = known_of(
        connection,
        [(one.polling.feed.id, one.document) for one in answered if one.polling.last_success],
    )
    decisions = [_decided(connection, one, known) for one in answered]
    pairs = list(zip(answered, decisions, strict=True))
    ended = [
        feeds.Ended(one.polling, made, hashed(made.new), hashed(made.revised), one.at)
        for one, made in pairs
    ]
    recorded = feeds.record(connection, ended)
    told = [(one.polling.feed.id, hub, one.at) for one, made in pairs if (hub := made.hub)]
    had_one = pushes.having(connection, [feed_id for feed_id, _, _ in told])
    for feed_id, hub, at in told:
        if hub.url or feed_id in had_one:
            pushes.note(connection, feed_id, hub, at)
    hit("store.before_commit")
    return [_as_written(*pair) for pair in zip(decisions, recorded, strict=True)]


def _decided(
    connection: Connection, answered: _Answered, known: Mapping[int, decide.Known]
) -> PollDecision:
    parts, polling, answer = answered.parts, answered.polling, answered.answer
    feed_id = polling.feed.id
    decision = decide.decide(
        polling,
        answer,
        answered.document,
        _by_words(connection, answered, known.get(feed_id, _NOTHING)),
        answered.at,
        parts.pace,
        # Only a feed that moves may turn out to be another one.
        subscribed=feeds.addresses(connection, feed_id) if answer.hops else (),
        pushed=bool(parts.callback) and pushes.is_live(connection, feed_id, answered.at),
        hashed=answered.hashed,
    )
    if parts.force:
        decision = replace(decision, outcome=replace(decision.outcome, conditional=False))
    return decision


def _by_words(connection: Connection, answered: _Answered, known: decide.Known) -> decide.Known:
    """What is known, with the entries that only their words and dates show to be known."""
    polling, document = answered.polling, answered.document
    newest = polling.newest
    if not isinstance(document, Document) or newest is None:
        return known
    some = readdressed.doubtful(document, known.by_key, known.by_link, newest)
    if not some:
        return known
    moments = {at for entry in some if (at := readdressed.moment(entry))}
    stored = entries.of_moments(connection, polling.feed.id, moments)
    return replace(known, readdressed=readdressed.recognised(document, some, stored, newest))


def known_of(
    connection: Connection, documents: Iterable[tuple[int, Document | InputError | None]]
) -> dict[int, decide.Known]:
    """By feed number, the entries of these documents that the store already holds."""
    stated = [
        (
            feed_id,
            [entry.key for entry in document.entries],
            [entry.link for entry in document.entries if entry.link],
        )
        for feed_id, document in documents
        if isinstance(document, Document)
    ]
    held = entries.known(connection, stated)
    return {feed_id: decide.Known.of(rows) for feed_id, rows in held.items()}


def _as_written(decision: PollDecision, recorded: entries.Recorded) -> PollDecision:
    outcome = decision.outcome
    if (outcome.new, outcome.revised) == (recorded.new, recorded.revised):
        return decision
    said = replace(outcome, new=recorded.new, revised=recorded.revised)
    return replace(decision, outcome=said)


def hashed(some: Sequence[Entry]) -> list[tuple[Entry, str]]:
    """Entries as the store wants them: each with its content hash."""
    return [(entry, decide.content_hash(entry)) for entry in some]
