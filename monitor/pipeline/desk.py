"""The desk: what is new in stories, in the order of a digest, and what we could not see.

Of a window's reports only outlines are read to rank its stories; the texts, spans and lineages are
read of those alone that are shown. So a million articles cost no more than a day's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.digests import compose
from monitor.feeds.condition import Condition
from monitor.model import Accounting, Digest, Edition, Reported, Watchlist, Window
from monitor.pipeline.feeds_judged import Told, judged
from monitor.pipeline.publish import official
from monitor.store import articles, editions, entries, feeds, holds, outbox, recipients
from monitor.store.holds import Hold
from monitor.store.outbox import Listed
from monitor.stories.lineage import lineage

RANKED = 5_000
"""Reports of a window that are ranked: the newest."""
READ = 30
"""Reports of a story that are read whole; of a longer story the lineage is not looked into."""
OVERDUE = timedelta(minutes=15)
"""A poll that is due for so long says that nobody polls."""
NAMED = 20
"""Entries and messages that are named; the rest is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The stories of a window, from one place in their order to another."""

    edition: Edition
    """As a digest would tell them; `cut` are those that come after."""
    before: int
    """Stories that come before."""
    whole: bool
    """Whether all reports of the window were ranked."""


def look(
    connection: Connection,
    watchlists: Sequence[Watchlist],
    window: Window,
    *,
    before: int = 0,
    most: int = 30,
) -> Desk:
    """At most `most` stories of a window that these watchlists matched, after the first `before`.

    A story counts with all its reports, also those of before the window.
    """
    digest = Digest(name="", title="Desk", watchlists=tuple(one.name for one in watchlists))
    outlines = editions.outlined(connection, digest, window, RANKED)
    ranked = _composed(digest, watchlists, window, outlines, before + most)
    earlier = _composed(digest, watchlists, window, outlines, before) if before else None
    passed = {story.id for story in earlier.stories} if earlier else set()
    ids = [story.id for story in ranked.stories if story.id not in passed]
    shown = _composed(digest, watchlists, window, _members(connection, ids, digest), len(ids))
    books = editions.sums(connection, window)
    return Desk(
        edition=replace(shown, cut=ranked.cut, accounting=books),
        before=len(passed),
        whole=len(outlines) < RANKED,
    )


def _composed(
    digest: Digest,
    watchlists: Sequence[Watchlist],
    window: Window,
    reported: Sequence[Reported],
    most: int,
) -> Edition:
    told: dict[int, list[Reported]] = {}
    for one in reported:
        told.setdefault(one.story_id, []).append(one)
    spreads = {
        story_id: lineage(whole, official(whole))
        for story_id, some in told.items()
        if len(some) > 1 and (whole := [one.article for one in some if one.article.text])
        if len(whole) == len(some)
    }
    return compose.compose(
        replace(digest, max_stories=most),
        0,
        window,
        reported,
        Accounting(),
        {one.name: one.title or one.name for one in watchlists},
        {one.name: one.boost for one in watchlists},
        {story_id: one.independent for story_id, one in spreads.items()},
        joined={story_id: one.joined for story_id, one in spreads.items()},
    )


def _members(connection: Connection, ids: Sequence[int], digest: Digest) -> list[Reported]:
    """All reports of these stories, the first that tell most of each read whole."""
    outlines = editions.outlined_stories(connection, ids, digest.watchlists)
    told: dict[int, list[Reported]] = {}
    for one in sorted(outlines, key=lambda one: (one.duplicate_of is not None, not one.matches)):
        told.setdefault(one.story_id, []).append(one)
    chosen = [one.article.id for some in told.values() for one in some[:READ]]
    texts = {one.article.id: one.article for one in articles.past(connection, chosen)}
    found = articles.matches_of(connection, chosen, digest.watchlists)
    also = articles.also_in(connection, chosen)
    return [
        replace(
            one,
            article=texts[one.article.id],
            matches=found.get(one.article.id, ()),
            also=also.get(one.article.id, ()),
        )
        if one.article.id in texts
        else one
        for one in outlines
    ]


# ------------------------------------------------------------------- what we could not see


@dataclass(frozen=True, slots=True, kw_only=True)
class Unseen:
    """What is known to be missing."""

    feeds: int
    """How many are polled."""
    worrying: tuple[Told, ...]
    """Those of them that are not sound, the worst first."""
    asked: datetime | None
    """When a feed was asked last."""
    overdue: datetime | None
    """Since when a poll is due that nobody makes."""
    unreadable: int
    unread: tuple[tuple[str, str], ...]
    """(title, why) of the latest of them."""
    waiting: int
    """Entries that have not been read yet."""
    ended: Sequence[Listed]
    """Messages of the window that were refused or expired."""
    stuck: Sequence[tuple[str, datetime, str]]
    """(recipient, since, why) of messages that wait to be tried again."""
    suspended: Mapping[str, str]
    """Recipient -> why nothing is sent to it."""
    held: Hold | None


def unseen(connection: Connection, window: Window, now: datetime, unreadable: int) -> Unseen:
    """What is missing of a window, as far as is known; `unreadable`: how many entries of it are."""
    number, asked = feeds.polled(connection)
    addresses = feeds.addresses(connection, but=0)
    told = judged(feeds.doubtful(connection, now), now, addresses)
    due = feeds.next_due(connection)
    unread = entries.unread(connection, window.start, window.end, NAMED) if unreadable else ()
    waits = outbox.stuck(connection, now, now)
    return Unseen(
        feeds=number,
        worrying=tuple(one for one in told if one.condition is not Condition.SOUND),
        asked=asked,
        overdue=due if due and due < now - OVERDUE else None,
        unreadable=unreadable,
        unread=tuple(unread),
        waiting=entries.waiting(connection),
        ended=outbox.ended_unsent(connection, window.start, NAMED),
        stuck=[(str(whom), since, why) for whom, since, why in waits],
        suspended={str(one.recipient): one.why for one in recipients.suspended(connection)},
        held=holds.current(connection),
    )
