"""Push: ask hubs to push, answer when they verify it, and accept what they push.

`due` and `run` are the step; `find`, `confirm` and `take` serve requests to our public address.
Every change of an agreement is one transaction: read, decide (`feeds.websub`), write.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from monitor.errors import InputError
from monitor.feeds import condition, decide, websub
from monitor.model import FetchFailed, Push, PushState, Response
from monitor.pipeline import poll
from monitor.pipeline.parts import Callback, Parts, all_ended
from monitor.store import feeds, holds, pushes

log = logging.getLogger("monitor.push")

T = TypeVar("T")
FORM = (("Content-Type", b"application/x-www-form-urlencoded"),)
NO_HUB = "its hub no longer pushes it"
NOT_HEARD = "pushes may have been missed for a while"
DIFFERS = "its hub pushed a change"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to a hub, and its answer."""

    push: Push
    mode: str
    answer: Response | FetchFailed


async def begin(parts: Parts, now: datetime) -> None:
    """Run before a process's first step: pushes may have been missed while nothing was listening.

    Without a callback all agreements are dropped without telling the hubs (P101).
    """
    if parts.callback is None:
        await parts.store.write(pushes.forget, now)
    await parts.store.write(feeds.rely_on_polls, NOT_HEARD)


async def due(parts: Parts, now: datetime) -> list[int]:
    """The agreements about which a hub must be asked something; none without a callback.

    None while sending is held: the database may be a copy of one in use elsewhere, whose agreements
    it would take over (F116).
    """
    if parts.callback is None or await parts.store.read(holds.current) is not None:
        return []
    return await parts.store.read(pushes.due, parts.callback.address, now)


async def run(parts: Parts, keys: Sequence[int], now: datetime) -> list[Asked]:
    """Ask the hubs, all at once as far as their hosts allow."""
    if parts.callback is None:
        return []
    done = await all_ended(_ask(parts, parts.callback, key) for key in keys)
    return [asked for asked in done if asked is not None]


async def _ask(parts: Parts, callback: Callback, key: int) -> Asked | None:
    now = parts.clock.now()
    token, secret = callback.random(), callback.random()

    def next_request(push: Push) -> tuple[Push, str]:
        return websub.ask(push, callback.address, token, secret, now)

    changed = await parts.store.write(_change, key, next_request)
    if changed is None or not changed[1]:
        return None
    push, mode = changed
    answer = await _post(parts, push, mode)
    later = parts.clock.now()

    def settled(push: Push) -> tuple[Push, None]:
        return websub.answered(push, mode, answer, later), None

    await parts.store.write(_change, key, settled)
    if not isinstance(answer, Response) or answer.status >= 300:
        told = answer.why if isinstance(answer, FetchFailed) else answer.status
        log.warning("hub of feed %d, %s: %s", push.feed_id, mode, told)
    return Asked(push, mode, answer)


async def _post(parts: Parts, push: Push, mode: str) -> Response | FetchFailed:
    """Send a request to the hub, following its redirects."""
    url = push.hub.url
    for _ in range(websub.HOPS):
        answer = await parts.world.post(url, websub.form(push, mode), FORM)
        there = websub.onward(url, answer)
        if not there:
            break
        url = there
    return answer


def _change(
    connection: Connection, key: int, decided: Callable[[Push], tuple[Push, T]]
) -> tuple[Push, T] | None:
    """Read an agreement, decide, and write it; None if it no longer exists."""
    before = pushes.get(connection, key)
    if before is None:
        return None
    after, said = decided(before)
    if after != before:
        pushes.save(connection, after, websub.key_of(after.token) if after.token else "")
    if before.state is PushState.LIVE and after.state is not PushState.LIVE:
        feeds.rely_on_polls(connection, NO_HUB, after.feed_id)
    return after, said


# ------------------------------------------------------------------------- who calls us


async def find(parts: Parts, token: str) -> Push | None:
    """The agreement that a token belongs to."""
    if parts.callback is None:
        return None
    return await parts.store.read(pushes.of_key, websub.key_of(token))


async def confirm(parts: Parts, push: Push, query: Mapping[str, str]) -> str | None:
    """The body of our answer to a hub that verifies a request; None if we did not make it."""
    now = parts.clock.now()

    def believed(push: Push) -> tuple[Push, str | None]:
        return websub.confirm(push, query, now)

    changed = await parts.store.write(_change, push.id, believed)
    return changed[1] if changed else None


async def take(parts: Parts, push: Push, body: bytes, content_type: str, signature: str) -> bool:
    """Accept a pushed document; False if its hub did not sign it, or it is no feed.

    The hub need not be told which (WebSub 7.1): an unsigned document is counted, logged and
    ignored.
    """
    now = parts.clock.now()
    if not websub.is_genuine(push, body, signature):
        log.warning("feed %d: a pushed document is ignored: its hub did not sign it", push.feed_id)
        await parts.store.write(pushes.received, push.id, now, ignored=True)
        return False
    polling = await parts.store.read(feeds.polling, push.feed_id)
    headers = ((b"content-type", content_type.encode("latin-1", "replace")),)
    answer = Response(url=polling.feed.url, status=200, headers=headers, body=body)
    document = await poll.parsed(parts, polling.feed, answer)
    if isinstance(document, InputError):
        log.warning("feed %d: a pushed document is ignored: %s", push.feed_id, document)
        await parts.store.write(pushes.received, push.id, now, ignored=True)
        return False

    def record(connection: Connection) -> tuple[int, str]:
        known = poll.known_of(connection, [(push.feed_id, document)])
        held = known.get(push.feed_id, decide.Known())
        decision = decide.of_push(polling, document, held, now)
        new = poll.hashed(decision.new)
        first = feeds.is_archive(polling.last_success, holds.skipped(connection))
        added = feeds.record_pushed(connection, push.feed_id, decision, new, first=first, now=now)
        pushes.received(connection, push.id, now, ignored=False)
        if decision.differs:
            feeds.rely_on_polls(connection, DIFFERS, push.feed_id)
        return added, "" if first else decision.withheld

    added, withheld = await parts.store.write(record)
    log.info("feed %d: %d new entries pushed", push.feed_id, added)
    if withheld:
        log.warning("feed %d: %s", push.feed_id, condition.archive_back(now, withheld))
    return True
