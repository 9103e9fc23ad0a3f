"""The desk: what is new in stories, ordered as in a digest, and what we could not see.

To rank a window's stories only outlines of its reports are read; texts, spans and lineages are read
only for the stories shown. So a million articles cost no more than those of a day.
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
from monitor.pipeline.publish import lineage_of
from monitor.store import articles, editions, entries, feeds, holds, outbox, recipients
from monitor.store.holds import Hold
from monitor.store.outbox import Listed

RANKED = 5_000
"""How many of a window's reports are ranked: the newest."""
READ = 30
"""How many of a story's reports are read in full; longer stories get no lineage."""
OVERDUE = timedelta(minutes=15)
"""A poll overdue by this much means that nothing is polling."""
NAMED = 20
"""How many entries and messages are named; the rest are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A slice of the ordered stories of a window."""

    edition: Edition
    """The stories as a digest would tell them; `cut` counts those that come after."""
    before: int
    """How many stories come before."""
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

    A story counts with all its reports, including those from before the window.
    """
    digest = Digest(name="", title="Desk", watchlists=tuple(one.name for one in watchlists))
    outlines = editions.outlined(connection, digest, window, RANKED)
    ranked = _composed(digest, watchlists, window, outlines, before + most)
    earlier = _composed(digest, watchlists, window, outlines, before) if before else None
    passed = {story.id for story in earlier.stories} if earlier else set()
    ids = [story.id for story in ranked.stories if story.id not in passed]
    shown = _composed(digest, watchlists, window, _members(connection, ids, digest), len(ids))
    books = editions.sums(connection, window, digest.watchlists)
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
    spreads = {
        story_id: lineage_of(some)
        for story_id, some in compose.by_story(reported).items()
        if len(some) > 1 and all(one.article.text for one in some)
    }
    return compose.compose(
        replace(digest, max_stories=most),
        0,
        window,
        reported,
        Accounting(),
        {one.name: one for one in watchlists},
        {story_id: one.independent for story_id, one in spreads.items()},
        joined={story_id: one.joined for story_id, one in spreads.items()},
    )


def _members(connection: Connection, ids: Sequence[int], digest: Digest) -> list[Reported]:
    """All reports of these stories; of each, READ in full, originals and matches first."""
    outlines = editions.outlined_stories(connection, ids, digest.watchlists)
    best = sorted(outlines, key=lambda one: (one.duplicate_of is not None, not one.matches))
    told = compose.by_story(best)
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
    """The polled feeds that are not sound, worst first."""
    asked: datetime | None
    """When any feed was last polled."""
    overdue: datetime | None
    """Since when a poll is overdue."""
    unreadable: int
    unread: tuple[tuple[str, str], ...]
    """(title, why) of the latest unreadable entries."""
    waiting: int
    """Entries not read yet."""
    ended: Sequence[Listed]
    """Messages of the window that were refused or expired."""
    stuck: Sequence[tuple[str, datetime, str]]
    """(recipient, since, why) of messages that wait for another try."""
    suspended: Mapping[str, str]
    """Recipient -> why it is sent nothing."""
    held: Hold | None


def unseen(connection: Connection, window: Window, now: datetime, unreadable: int) -> Unseen:
    """What is known to be missing from a window; `unreadable`: its number of unreadable entries."""
    number, asked = feeds.polled(connection)
    addresses = feeds.addresses(connection)
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
