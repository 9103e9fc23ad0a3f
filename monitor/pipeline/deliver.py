"""Deliver: send the messages in the outbox, and record what the receiving side answered.

A message is claimed with a lease and sent as the stored bytes; its answer is then recorded on disk.
A sender that dies leaves a claim that runs out: whether its message was accepted is unknown, so the
attempt counts as `Died` and the same bytes are sent once more (I2). While an answer cannot be
recorded, for example because the disk is full, it is kept in memory and nothing else is sent (F21).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from monitor import channels
from monitor.digests.retry import retry_at, suspends
from monitor.errors import SettingsError, TryLaterError, UnavailableError
from monitor.failpoints import hit, reach
from monitor.model import (
    Answer,
    Delivery,
    DeliveryState,
    Died,
    NotSent,
    Refused,
    Sent,
    Unknown,
)
from monitor.pipeline.parts import Parts, all_ended
from monitor.store import editions, outbox, recipients

log = logging.getLogger("monitor.deliver")


@dataclass(frozen=True, slots=True)
class Delivered:
    """One attempt: the delivery and the answer."""

    delivery: Delivery
    answer: Answer


async def due(parts: Parts, now: datetime, only: Collection[int] | None = None) -> list[int]:
    """The messages to try now: a few per channel at a time.

    `only`: only these numbers. Nothing is due while an answer waits to be recorded.
    """
    if not await catch_up(parts):
        return []
    return await parts.store.read(outbox.due, now, only, parts.memory.shut)


async def run(parts: Parts, keys: Sequence[int], now: datetime) -> list[Delivered]:
    """Try these messages, all at once."""
    done = await all_ended(_deliver(parts, key) for key in keys)
    return [delivered for delivered in done if delivered is not None]


async def catch_up(parts: Parts) -> bool:
    """Record the answers that could not be recorded on arrival; False if some still wait."""
    async with parts.memory.catching_up:  # ticks run concurrently
        waiting = parts.memory.unrecorded
        try:
            while waiting:
                await _answered(parts, *waiting[0])
                waiting.popleft()
        except _UNWRITTEN as error:
            log.warning("%d answers are not recorded yet; nothing is sent: %s", len(waiting), error)
            return False
    return True


_UNWRITTEN = (TryLaterError, UnavailableError, OSError)
"""Errors that prevent an answer from being recorded at present."""


async def _deliver(parts: Parts, key: int) -> Delivered | None:
    if parts.memory.unrecorded:
        return None
    now = parts.clock.now()
    delivery = await parts.store.write_durably(outbox.claim, key, now, parts.lease(now))
    if delivery is None:
        return None
    if delivery.state is DeliveryState.SENDING:
        # It was claimed but never recorded: its sender died, and the answer is lost.
        return await _record(parts, delivery, Died("the sender died before it could record"))
    whom = delivery.message.recipient
    held = await parts.store.read(recipients.holding, whom, delivery.edition_id)
    if held is not None:
        why = f"{held.recipient} has been suspended since {held.since:%Y-%m-%d}: {held.why}"
        return await _record(parts, delivery, Refused(why))
    if why := await _no_more_named(parts, delivery):
        return await _record(parts, delivery, Refused(why))
    if delivery.message.content_type == channels.UNRENDERED:
        return await _record(parts, delivery, Refused(delivery.message.body.decode()))
    await reach("send.before")
    answer = await _send(parts, delivery)
    _heed(parts, whom.channel, answer)
    try:
        delivered = await _answered(parts, delivery, answer)
    except _UNWRITTEN as error:
        parts.memory.unrecorded.append((delivery, answer))
        log.warning("delivery %d was tried, but is not recorded: %s", delivery.id, error)
        return Delivered(delivery, answer)
    await reach("send.recorded")
    return delivered


def _heed(parts: Parts, channel: str, answer: Answer) -> None:
    """Remember a channel that lets nobody in: to try each message would lock the account (F69)."""
    if isinstance(answer, NotSent) and answer.channel:
        parts.memory.shut[channel] = parts.clock.now() + (answer.retry_after or channels.MENDING)
    else:
        parts.memory.shut.pop(channel, None)


async def _no_more_named(parts: Parts, delivery: Delivery) -> str:
    """Why a recipient that its digest no longer names is sent nothing; "" if it is named (F112).

    If the digest itself has left the settings, what it published is still sent.
    """
    name = recipients.plain(await parts.store.read(editions.digest_of, delivery.edition_id))
    named = {digest.name: digest.recipients for digest in parts.digests}
    whom = delivery.message.recipient
    if name not in named or whom in named[name]:
        return ""
    return f"the digest {name} no longer names {whom}"


async def _answered(parts: Parts, delivery: Delivery, answer: Answer) -> Delivered:
    await reach("send.accepted")
    return await _record(parts, delivery, answer)


async def _send(parts: Parts, delivery: Delivery) -> Answer:
    recipient = delivery.message.recipient
    try:
        settings = parts.channel(recipient)
    except SettingsError as error:
        return Refused(f"the settings no longer reach {recipient}: {error}")
    try:
        world = replace(
            parts.world,
            hit=hit,
            doubted_since=delivery.doubted_since,
            first_receipt=delivery.first_receipt,
        )
        return await channels.load(recipient.channel).send(delivery.message, settings, world)
    except Exception as error:
        log.exception("channel %s failed inside monitor", recipient.channel)
        return Unknown(f"internal error: {type(error).__name__}")


async def _record(parts: Parts, delivery: Delivery, answer: Answer) -> Delivered:
    now = parts.clock.now()
    state, again = verdict(delivery, answer, now)
    suspended = await parts.store.write_durably(_write, delivery, answer, state, again, now)
    if not isinstance(answer, Sent):
        log.warning("delivery %d (%s): %s", delivery.id, state, answer.why)
    if suspended:
        log.warning("%s is suspended: nothing is sent to it", delivery.message.recipient)
    return Delivered(delivery, answer)


def _write(
    connection: Connection,
    delivery: Delivery,
    answer: Answer,
    state: DeliveryState,
    due: datetime | None,
    now: datetime,
) -> bool:
    """Record an attempt and its meaning for the recipient; return whether that is now suspended."""
    outbox.record(connection, delivery.id, answer, state=state, due=due, now=now)
    recipient = delivery.message.recipient
    if isinstance(answer, Sent):
        recipients.taken(connection, recipient)
    if isinstance(answer, NotSent) and answer.channel:
        outbox.wait_alike(connection, recipient.channel, answer.why)
    if not (isinstance(answer, Refused) and answer.recipient):
        return False
    refusals, since = recipients.refused(connection, recipient, answer.why, now)
    if not suspends(refusals, since, now):
        return False
    recipients.suspend(connection, recipient, answer.why, now)
    return True


def verdict(
    delivery: Delivery, answer: Answer, now: datetime
) -> tuple[DeliveryState, datetime | None]:
    """The new state of a delivery after an answer, and when it is tried again."""
    if isinstance(answer, Sent):
        return DeliveryState.SENT, None
    again = retry_at(
        delivery.attempts,
        answer,
        now,
        key=str(delivery.id),
        created=delivery.created,
        doubted=delivery.doubted,
        deaths=delivery.deaths,
    )
    if again is not None:
        return DeliveryState.PENDING, again
    ended = DeliveryState.EXPIRED if isinstance(answer, NotSent) else DeliveryState.REFUSED
    return ended, None
