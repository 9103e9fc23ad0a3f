"""The whole journey once, here and now: for commands and tests."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from monitor.errors import MonitorError
from monitor.pipeline import alarm, deliver, group, ingest, poll, publish, rematch
from monitor.pipeline.archive import Progress, silent
from monitor.pipeline.deliver import Delivered
from monitor.pipeline.group import Grouped
from monitor.pipeline.ingest import Ingested
from monitor.pipeline.parts import Parts
from monitor.pipeline.poll import Polled
from monitor.pipeline.publish import Published
from monitor.store import feeds

PAGES_S = 180.0
"""Seconds that a journey spends on pages in total; the next journey fetches the rest."""

SHORT_WAIT = timedelta(minutes=2)
"""The longest wait asked for by a server that a journey waits out."""
ROUNDS = 4
"""The most times that one journey asks a feed whose server asks for a short wait."""


@dataclass(slots=True)
class Journey:
    """What one run of the steps produced."""

    polled: list[Polled] = field(default_factory=list)
    ingested: list[Ingested] = field(default_factory=list)
    waiting: list[MonitorError] = field(default_factory=list)
    """Why entries could not be written, one for each: they are due again later."""
    grouped: list[Grouped] = field(default_factory=list)
    published: list[Published] = field(default_factory=list)
    delivered: list[Delivered] = field(default_factory=list)


async def journey(
    parts: Parts, keys: Sequence[int] | None = None, progress: Progress = silent
) -> Journey:
    """Poll, ingest and group until nothing is due; `keys`: these feeds instead of the due ones.

    Changed watchlists are rematched first, unless a daemon is running: it may have started with
    other settings and would undo the rematch. It rematches when it is restarted.
    """
    brought = Journey()
    async with parts.store.alone("daemon") as alone:
        pass
    if alone:
        await rematch.run(parts, await rematch.due(parts, parts.clock.now()), parts.clock.now())
    wanted = list(keys) if keys is not None else await _all_due(parts)
    brought.polled = await _poll(parts, wanted, progress)
    await _ingest(parts, brought, progress)
    brought.grouped = await _group(parts)
    return brought


async def tell(parts: Parts, brought: Journey | None = None) -> Journey:
    """Publish the digests that are due, and send what is in the outbox."""
    brought = brought or Journey()
    now = parts.clock.now()
    brought.published = await publish.run(parts, await publish.due(parts, now), now)
    brought.delivered += await send(parts)
    now = parts.clock.now()
    if await alarm.run(parts, await alarm.due(parts, now), now):
        brought.delivered += await send(parts)
    return brought


async def send(parts: Parts, only: Collection[int] | None = None) -> list[Delivered]:
    """Send what is due now, each recipient's messages in order; what fails stays in the outbox.

    Each is tried once, however long the others take. `only`: only the deliveries with these
    numbers.
    """
    done: list[Delivered] = []
    now, tried = parts.clock.now(), set[int]()
    while keys := [key for key in await deliver.due(parts, now, only) if key not in tried]:
        done += await deliver.run(parts, keys, now)
        tried.update(keys)
    return done


async def _all_due(parts: Parts) -> list[int]:
    """Return what is due or was never asked: by hand, nobody should wait for a feed's turn."""
    now = parts.clock.now()
    due = await parts.store.read(feeds.due, now, 1_000_000)
    fresh = await parts.store.read(feeds.never_polled)
    return list(dict.fromkeys((*due, *fresh)))


async def _poll(parts: Parts, keys: Sequence[int], progress: Progress) -> list[Polled]:
    """Poll feeds; if a server asks for a short wait, ask its feeds again afterwards."""
    done: dict[int, Polled] = {}
    wanted = list(keys)
    for _ in range(ROUNDS):
        progress("poll", len(done), len(keys))
        async for polled in poll.each(parts, wanted, parts.clock.now()):
            done[polled.feed.id] = polled
            progress("poll", len(done), len(keys))
        now = parts.clock.now()
        soon = {
            key: one.not_before
            for key, one in done.items()
            if one.failed and one.not_before and one.not_before <= now + SHORT_WAIT
        }
        if not soon:
            break
        wanted = list(soon)
        await parts.clock.sleep(max(0.0, (max(soon.values()) - now).total_seconds()) + 0.1)
    return list(done.values())


async def _ingest(parts: Parts, brought: Journey, progress: Progress) -> None:
    done = brought.ingested
    until = parts.clock.monotonic() + PAGES_S
    while keys := await ingest.due(parts, parts.clock.now()):
        progress("ingest", len(done), len(done) + len(keys))
        patience = max(0.0, until - parts.clock.monotonic())
        ended = await ingest.each(parts, keys, parts.clock.now(), patience)
        read = [one for one in ended if isinstance(one, Ingested)]
        done += read
        brought.waiting += [one for one in ended if isinstance(one, MonitorError)]
        if not read:
            break  # others hold the rest, or it cannot be written now
    progress("ingest", len(done), len(done))


async def _group(parts: Parts) -> list[Grouped]:
    done: list[Grouped] = []
    while keys := await group.due(parts, parts.clock.now()):
        brought = await group.run(parts, keys, parts.clock.now())
        done += brought
        if not brought:
            break
    return done
