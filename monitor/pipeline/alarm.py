"""Alarm: report places that messages do not reach, silent feeds and withheld re-issues.

It goes to the recipients that the settings name, and also says when a place is reached again or a
feed speaks again. News about one place is sent only to the other places (F83).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor import channels
from monitor.digests import alarm, render
from monitor.errors import SettingsError
from monitor.feeds.condition import Condition
from monitor.model import Edition, Failing, Message, Recipient, Window, Worry
from monitor.pipeline.feeds_judged import Told, judged
from monitor.pipeline.parts import Parts
from monitor.pipeline.publish import Published, pointer_at
from monitor.redact import shareable
from monitor.store import editions, feeds, holds, outbox

log = logging.getLogger("monitor.alarm")


async def due(parts: Parts, now: datetime) -> list[str]:
    """The alarm's name, if it has something new to say; nothing while sending is held."""
    if not parts.alarms or await parts.store.read(holds.current) is not None:
        return []
    await pointer_at(parts, alarm.DIGEST, now)
    made = await parts.store.read(_edition, _known(parts), now)
    return [alarm.DIGEST] if made else []


async def run(parts: Parts, keys: Sequence[str], now: datetime) -> list[Published]:
    """Publish the alarm for those of its recipients that can be reached."""
    made = await parts.store.read(_edition, _known(parts), now) if keys else None
    if made is None:
        return []
    failing = {one.place for one in made.failing}
    whom = [one for one in parts.alarms if place(one) not in failing]
    if not whom:
        return []  # it stays news until somebody can be told
    bodies = render.bodies(made)
    messages = [
        message
        for one in whom
        for message in channels.rendered(made, one, parts.channel(one), bodies, now)
    ]
    edition_id = await parts.store.write_durably(_freeze, made, bodies, messages, now)
    if edition_id is None:
        return []  # another process was faster
    log.warning("alarm %d: %s", made.number, bodies.subject)
    return [Published(made, tuple(messages), edition_id)]


def place(recipient: Recipient) -> str:
    """The place that fails when a recipient is not reached: its table in the settings."""
    try:
        named = channels.load(recipient.channel).NAMED
    except SettingsError:  # an unknown channel, for which a message waits
        named = True
    return str(recipient) if named else recipient.channel


def _known(parts: Parts) -> set[str]:
    """The places where anybody should be reached."""
    whom = {one for digest in parts.digests for one in digest.recipients}
    return {place(one) for one in whom | {*parts.alarms}}


def _edition(connection: Connection, known: Collection[str], now: datetime) -> Edition | None:
    """What the alarm would say now; None if nothing is new."""
    last = editions.get(connection, alarm.DIGEST)
    told = alarm.told_by(last.body) if last else []
    # An alarm published by a clock that ran ahead says nothing about the time since (F35).
    said = last.published if last and last.published <= now else None
    reached = {one.place for one in told if _taken(connection, one.place, said or one.since)}
    places = alarm.places(_failing(connection, now), told, reached, known)
    of_feeds = _feeds(connection, last, now)
    if not (places.is_news or of_feeds.is_news):
        return None
    pointer = editions.pointer(connection, alarm.DIGEST)
    since = (*(o.since for o in places.failing), *(o.since for o in of_feeds.worries))
    start = pointer.covered_until if pointer else min(since)
    number = pointer.number + 1 if pointer else 1
    return alarm.edition(places, of_feeds, number, Window(start, now))


def _feeds(connection: Connection, last: editions.Published | None, now: datetime) -> alarm.Feeds:
    """What there is to say about feeds that are polled on schedule."""
    told = alarm.worries_of(last.body) if last else []
    lately = last is not None and timedelta() <= now - last.published < alarm.SELDOM
    polled = [one for one in feeds.doubtful(connection, now) if one.lasting]
    worries = [worry for one in judged(polled, now) for worry in _worries(one)]
    spoke = feeds.spoke(connection, [one.feed for one in told])
    return alarm.feeds(worries, told, spoke, lately=lately)


def _worries(one: Told) -> Iterator[Worry]:
    """What a person should be told about a feed without asking."""
    polling = one.account.polling
    for reissue in one.account.withheld:
        what_helps = f"monitor feeds release {shareable(polling.feed.url)}"
        yield _worry(one, alarm.WITHHELD, reissue.at, f"{reissue.why} ({what_helps})")
    for finding in one.findings:
        spoke = polling.newest or polling.last_news
        if finding.condition in (Condition.STALE, Condition.DEAD) and spoke:
            yield _worry(one, alarm.SILENT, spoke, finding.why)


def _worry(one: Told, condition: str, since: datetime, why: str) -> Worry:
    feed_id = one.account.polling.feed.id
    return Worry(feed=feed_id, name=one.name, condition=condition, since=since, why=why)


def _failing(connection: Connection, now: datetime) -> list[Failing]:
    """The places that have received nothing since a message was made that still waits for them.

    A message that has waited since before the place last received one, as one for a full mailbox
    may, says nothing about the place.
    """
    waiting: dict[str, list[Failing]] = {}
    for recipient, since, why in outbox.stuck(connection, now - alarm.AFTER, now):
        name = place(recipient)
        waiting.setdefault(name, []).append(Failing(place=name, since=since, why=why))
    failing: list[Failing] = []
    for name, some in waiting.items():
        taken = _taken(connection, name, some[0].since)
        failing += [one for one in some if taken is None or one.since >= taken][:1]
    return failing


def _taken(connection: Connection, name: str, after: datetime) -> datetime | None:
    """When a place last received a message, if later than `after`."""
    channel, _, address = name.partition(":")
    return outbox.last_taken(connection, channel, address, after)


def _freeze(
    connection: Connection,
    made: Edition,
    bodies: render.Bodies,
    messages: Sequence[Message],
    now: datetime,
) -> int | None:
    editions.register(connection, made.digest, made.window.start)  # the first has no pointer
    return editions.publish(
        connection, made, bodies.data, messages, subject=bodies.subject, fates={}, now=now
    )
