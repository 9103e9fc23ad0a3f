"""Release: end a hold, and treat what fell into its gap as a person says.

The order makes it safe to be interrupted anywhere and repeated: first the messages that the backup
knows as open are settled, then each digest tells or skips its gap once (its pointer moves), and
last the hold ends. Nothing is sent before that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.digests import schedule
from monitor.model import Digest, Window
from monitor.pipeline import publish
from monitor.pipeline.parts import Parts
from monitor.pipeline.publish import Published
from monitor.store import editions, feeds, holds
from monitor.store.holds import Hold


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a hold is holding back."""

    hold: Hold
    messages: int
    """Messages that were waiting or being sent when the backup was made."""
    unasked: int
    """Feeds that have not answered since."""
    stories: Sequence[tuple[str, int]]
    """(digest, stories that it has not told as far as this database knows)."""


async def waiting(parts: Parts, now: datetime) -> Waiting | None:
    """What is held; None if nothing is."""
    hold = await parts.store.read(holds.current)
    if hold is None:
        return None
    stories = []
    for digest in parts.digests:
        window = await _untold(parts, digest, now)
        made = await publish.draft(parts, digest, window, 0) if window else None
        stories.append((digest.name, len(made.edition.stories) + made.edition.cut if made else 0))
    return Waiting(
        hold=hold,
        messages=await parts.store.read(holds.open_messages, hold),
        unasked=await parts.store.read(feeds.unasked, hold.taken),
        stories=stories,
    )


async def release(
    parts: Parts, hold: Hold, *, tell: bool, send: bool, now: datetime
) -> list[Published]:
    """End a hold; return the editions made of its gap.

    `tell`: what came in the gap is news, told in one edition per digest; alerts publish theirs when
    they next may. Otherwise it goes into an edition that is not sent, and the digest begins anew
    after the gap. What came since the restore is told in either case. `send`: messages that may
    have been sent during the gap are sent; otherwise they are given up.
    """
    await parts.store.write_durably(holds.settle, hold, send, now)
    if not tell:
        await parts.store.write(holds.file_away, hold)
    made = []
    for digest in parts.digests:
        window = await _untold(parts, digest, now if tell else hold.began)
        if window and (not tell or _missed(digest, window)):
            skipped = None if tell else hold
            made.append(await publish.publish(parts, digest, window, skipped=skipped))
    news, messages = "tell" if tell else "skip", "send" if send else "skip"
    await parts.store.write_durably(holds.end, hold, news=news, messages=messages, now=now)
    return [one for one in made if one is not None]


def _missed(digest: Digest, window: Window) -> bool:
    """Whether a scheduled time lies in the gap; otherwise the next edition tells it in time."""
    if digest.schedule == schedule.AT_ONCE:
        return False
    return bool(schedule.windows(digest, window.start, window.end))


async def _untold(parts: Parts, digest: Digest, end: datetime) -> Window | None:
    """The window of everything that a digest has not told by `end`.

    It does not end at a scheduled time, so that its messages have no ids already used in the gap.
    """
    pointer = await parts.store.read(editions.pointer, digest.name)
    if pointer is None or pointer.covered_until >= end:
        return None
    return Window(pointer.covered_until, end, late=True)
