"""Publish: freeze an edition over a window, rendered for each recipient, and move the pointer.

The edition, its messages and "covered until" are written in one transaction: either all of them or
none, whichever process dies at whatever moment.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from sqlalchemy import Connection

from monitor import channels
from monitor.digests import compose, render, schedule
from monitor.digests.standing import standing
from monitor.errors import TryLaterError, UnavailableError
from monitor.failpoints import reach
from monitor.model import (
    Article,
    Development,
    Digest,
    Edition,
    Message,
    Recipient,
    Reported,
    Window,
)
from monitor.pipeline import bursts
from monitor.pipeline.parts import Parts
from monitor.store import editions, holds, recipients, stories
from monitor.store.holds import Hold
from monitor.stories.development import development
from monitor.stories.lineage import Lineage, lineage

log = logging.getLogger("monitor.publish")


@dataclass(frozen=True, slots=True)
class Published:
    """An edition and its messages (none if it was empty and by policy not sent)."""

    edition: Edition
    messages: tuple[Message, ...]
    id: int | None
    """None for an alert with nothing to tell, of which only the moved pointer was stored."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An edition as it would be published, with the bodies that its messages are made from."""

    edition: Edition
    bodies: render.Bodies
    reported: tuple[Reported, ...]
    developments: Mapping[int, Development]
    """Story told before -> what is new in it; one without an item is not told again."""


async def due(parts: Parts, now: datetime) -> list[str]:
    """Names of the digests with a window to tell; none while sending is held."""
    if await parts.store.read(holds.current) is not None:
        return []
    return [digest.name for digest in parts.digests if await windows(parts, digest, now)]


async def run(parts: Parts, keys: Sequence[str], now: datetime) -> list[Published]:
    """Publish what these digests have to tell, window by window, oldest first."""
    published = []
    for digest in parts.digests:
        if digest.name in keys:
            published += await _publish_digest(parts, digest, now)
    return published


async def _publish_digest(parts: Parts, digest: Digest, now: datetime) -> list[Published]:
    done = []
    try:
        for window in await windows(parts, digest, now):
            one = await publish(parts, digest, window)
            if one is None:
                break  # another process was faster: what is left is due again
            done.append(one)
    except (TryLaterError, UnavailableError) as error:
        log.warning("digest %s waits: %s", digest.name, error)
    except Exception:  # one digest's failure must not hold up the others
        log.exception("digest %s could not be published; it stays due", digest.name)
    return done


async def windows(parts: Parts, digest: Digest, now: datetime) -> list[Window]:
    """The windows of a digest that are due; a new digest starts with its last scheduled time."""
    pointer = await pointer_at(parts, digest.name, now)
    if pointer is None:
        start = schedule.first_covered_until(digest, now)
        pointer = await parts.store.write(editions.register, digest.name, start)
    if digest.schedule == schedule.AT_ONCE:
        alerts = await parts.store.read(editions.last_alerts, digest.name, digest.flood_alerts)
        if schedule.held(digest, now, alerts):
            return []
    return schedule.windows(digest, pointer.covered_until, now)


async def pointer_at(parts: Parts, digest: str, now: datetime) -> editions.Pointer | None:
    """A digest's pointer, moved back to `now` if a clock that ran ahead had set it (F35)."""
    pointer = await parts.store.read(editions.pointer, digest)
    if pointer is None or pointer.covered_until <= now + editions.AHEAD:
        return pointer
    if await parts.store.write(editions.put_back, digest, now):
        log.warning(
            "digest %s had covered the time until %s: the clock ran ahead; it continues from now",
            digest,
            f"{pointer.covered_until:%Y-%m-%d %H:%M} UTC",
        )
    return await parts.store.read(editions.pointer, digest)


async def draft(
    parts: Parts, digest: Digest, window: Window, number: int, skipped: Hold | None = None
) -> Draft:
    """What an edition over this window would contain; nothing is written.

    Texts are compared in a thread: those of 200 reports take 0.2 s, and others wait meanwhile.

    `skipped`: use everything that has come by now and may have been told in the gap of that hold.
    """
    if skipped is None:
        reported = await parts.store.read(editions.reported, digest, window)
    else:
        reported = await parts.store.read(_in_gap, digest, window, skipped, parts.clock.now())
    accounting = await parts.store.read(editions.accounting, window, digest.watchlists)
    again = list({one.story_id: None for one in reported if one.reported_before})
    told = await parts.store.read(editions.told, digest.name, again)
    new = await asyncio.to_thread(developments, reported, told)
    shown = [one.story_id for one in reported if not one.reported_before or one.story_id in new]
    whole = await parts.store.read(stories.members, list(dict.fromkeys(shown)))
    edition = compose.compose(
        digest,
        number,
        window,
        reported,
        accounting,
        parts.watchlists,
        await asyncio.to_thread(independent, reported),
        new,
        await asyncio.to_thread(joined, whole),
    )
    restored = await parts.store.read(holds.within, window.start, window.end)
    edition = replace(edition, restored=restored.taken if restored else None)
    if digest.schedule != schedule.AT_ONCE:  # an alert is about one story, not about the day
        found = await parts.store.read(bursts.look, digest.watchlists, window.end)
        edition = replace(edition, bursts=tuple(one for one in found if one.burst))
    made = render.bodies(edition, parts.templates)
    for warning in made.warnings:
        log.warning("digest %s: %s", digest.name, warning)
    return Draft(edition, made, tuple(reported), new)


def _in_gap(
    connection: Connection, digest: Digest, window: Window, hold: Hold, now: datetime
) -> list[Reported]:
    found = editions.reported(connection, digest, replace(window, end=now))
    of_gap = holds.in_gap(connection, hold, [one.article.id for one in found])
    return [one for one in found if one.article.id in of_gap]


OFFICIAL = "official"
"""The tag of feeds whose sources issue statements that others copy."""


def official(articles: Iterable[Article]) -> set[str]:
    """The sources among these articles that issue statements."""
    return {article.source for article in articles if OFFICIAL in article.tags}


def lineage_of(members: Iterable[Reported | stories.Assigned]) -> Lineage:
    """Who copied whom among the articles of a story."""
    articles = [one.article for one in members]
    return lineage(articles, official(articles))


def independent(reported: Sequence[Reported]) -> dict[int, int]:
    """Story of several reports -> how many outlets report it from their own knowledge."""
    return {
        story_id: lineage_of(some).independent
        for story_id, some in compose.by_story(reported).items()
        if len(some) > 1
    }


def joined(members: Mapping[int, Sequence[stories.Assigned]]) -> dict[int, tuple[datetime, ...]]:
    """Story of several reports -> when each outlet first told it in its own words.

    All reports count, also those from earlier windows, and those that no watchlist of the digest
    matched.
    """
    return {
        story_id: lineage_of(some).joined for story_id, some in members.items() if len(some) > 1
    }


def developments(
    reported: Sequence[Reported], told: Mapping[int, Sequence[Article]]
) -> dict[int, Development]:
    """Story -> what its new articles add to those already `told`, if that is substantial."""
    found: dict[int, Development] = {}
    for story_id, before in told.items():
        news = [one for one in reported if one.story_id == story_id]
        articles = [one.article for one in news]
        copies = {one.article.id for one in news if one.duplicate_of is not None}
        new = development(before, articles, official((*before, *articles)), copies)
        if new is not None:
            found[story_id] = new
    return found


async def publish(
    parts: Parts,
    digest: Digest,
    window: Window,
    *,
    skipped: Hold | None = None,
    besides: bool = False,
) -> Published | None:
    """Freeze one window; None if it is not the digest's next one.

    That is so if another process has moved the digest's pointer, or the clock is behind it.
    `skipped`: record what may have been told in the gap of that hold, without messages. `besides`:
    a window that a person has named; if it has nothing to tell, the pointer stays.
    """
    pointer = await parts.store.read(editions.pointer, digest.name)
    if pointer is None or pointer.covered_until != window.start or window.end <= window.start:
        return None
    made = await draft(parts, digest, window, pointer.number + 1, skipped)
    await reach("digest.claimed")
    last = await parts.store.read(editions.last_sent, digest.name)
    blind = bool(standing(made.edition).blind)
    goes_out = skipped is None and compose.goes_out(digest, made.edition, last, blind=blind)
    now = parts.clock.now()
    told = made.edition.stories or made.edition.repeated
    if digest.schedule == schedule.AT_ONCE and not goes_out and not told:
        if not besides:
            await parts.store.write(editions.move_on, digest.name, window)
        return Published(made.edition, (), None)  # an alert with nothing to say or to count
    digest = await _for_those_who_want_it(parts, digest)
    stops = await _stops(parts, digest) if goes_out else {}
    messages = messages_of(parts, digest, made, now, stops) if goes_out else []
    edition_id = await parts.store.write_durably(_freeze, made, messages, now)
    await reach("digest.after_commit")
    return None if edition_id is None else Published(made.edition, tuple(messages), edition_id)


async def publish_besides(parts: Parts, digest: Digest, window: Window) -> Published | None:
    """Freeze a window outside the digest's regular ones, even one that these have told already.

    It is stored under the digest's name with the window appended, so that the digest's own pointer
    stays and the same window is published only once; None if it was before. Feeds, which keep what
    they were told, get nothing.
    """
    name = name_besides(digest, window)
    readers = tuple(one for one in digest.recipients if one.channel != "feed")
    await parts.store.write(editions.register, name, window.start)
    named = replace(digest, name=name, recipients=readers)
    return await publish(parts, named, window, besides=True)


def name_besides(digest: Digest, window: Window) -> str:
    """The name under which `publish_besides` stores an edition."""
    times = (f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}" for at in (window.start, window.end))
    return "+".join((digest.name, *times))


@dataclass(frozen=True, slots=True)
class Preview:
    """An edition as it would go out now, message by message; none of it is stored."""

    draft: Draft
    messages: tuple[Message, ...]


async def preview(parts: Parts, digest: Digest, now: datetime) -> Preview:
    """The edition that this digest would publish now: what is due, or what has come so far."""
    pointer = await parts.store.read(editions.pointer, digest.name)
    start = pointer.covered_until if pointer else schedule.first_covered_until(digest, now)
    number = (pointer.number if pointer else 0) + 1
    waiting = schedule.windows(digest, start, now)
    window = waiting[0] if waiting else Window(start, max(now, start))
    made = await draft(parts, digest, window, number)
    digest = await _for_those_who_want_it(parts, digest)
    known = await parts.store.read(recipients.known_tokens, digest.name)
    address = parts.callback.stop if parts.callback else ""
    stops = {one: address + token for one, token in known.items() if address}
    return Preview(made, tuple(messages_of(parts, digest, made, now, stops)))


def write_preview(made: Preview, folder: Path) -> list[Path]:
    """Write a preview to files: the page, the data, and each mail as its recipient would get it."""
    name = made.draft.edition.digest
    files = {
        f"{name}.html": made.draft.bodies.html.encode(),
        f"{name}.json": json.dumps(made.draft.bodies.data, ensure_ascii=False, indent=1).encode(),
    }
    mails = [one for one in made.messages if one.is_mail]
    for place, message in enumerate(mails):
        files[f"{name}.eml" if place == 0 else f"{name}-{place + 1}.eml"] = message.body
    folder.mkdir(parents=True, exist_ok=True)
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return [folder / file for file in files]


async def _for_those_who_want_it(parts: Parts, digest: Digest) -> Digest:
    """The digest without the readers who have stopped it."""
    gone = await parts.store.read(recipients.stopped, recipients.plain(digest.name))
    return replace(digest, recipients=tuple(one for one in digest.recipients if one not in gone))


async def _stops(parts: Parts, digest: Digest) -> dict[Recipient, str]:
    """Each email recipient's address for stopping the digest (RFC 8058)."""
    if not (parts.callback and parts.callback.stop):
        return {}
    mail = [one for one in digest.recipients if one.channel == "email"]
    random = parts.callback.random
    found = await parts.store.write(recipients.tokens, recipients.plain(digest.name), mail, random)
    return {one: parts.callback.stop + token for one, token in found.items()}


_NO_STOPS: Mapping[Recipient, str] = MappingProxyType({})


def messages_of(
    parts: Parts,
    digest: Digest,
    made: Draft,
    now: datetime,
    stops: Mapping[Recipient, str] = _NO_STOPS,
) -> list[Message]:
    """The edition rendered for each recipient of the digest; `stops`: where each can stop it."""
    return [
        message
        for recipient in digest.recipients
        for message in channels.rendered(
            made.edition,
            recipient,
            parts.channel(recipient),
            render.for_reader(made.bodies, stops.get(recipient, "")),
            now,
        )
    ]


def _freeze(
    connection: Connection, made: Draft, messages: Sequence[Message], now: datetime
) -> int | None:
    edition = made.edition
    shown = {story.id for story in edition.stories}
    fates: dict[str, dict[int, int]] = {"carried": {}, "cut": {}, "repeated": {}}
    before = {one.story_id for one in made.reported if one.reported_before}
    for one in made.reported:
        if one.story_id in shown:
            fate = "carried"
        else:
            again = one.story_id in before and one.story_id not in made.developments
            fate = "repeated" if again else "cut"
        fates[fate][one.article.id] = one.story_id
    return editions.publish(
        connection,
        edition,
        made.bodies.data,
        messages,
        subject=made.bodies.subject,
        fates=fates,
        now=now,
    )
