"""Whether a document tells as new what its feed has told before, under other ids, links and dates.

Ids, links and dates cannot show it; a number of entries far too large for the feed can. Why these
numbers: docs/design/feeds.md, "What comes again".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from monitor.model import Entry, Polling

MOST: Final = 50
"""Most unexplained new entries that are told without a person's release: more than nearly every
document holds, and no more than fits one edition."""
TIMES: Final = 5
"""Times its usual number that a feed may bring for the hours its new entries were written in."""
OWED: Final = 2
"""Times its usual number that it may bring for the time since its newest known entry..."""
WEEK: Final = timedelta(days=7)
"""...up to a week: some publishers bring a week's entries at once."""
_HOUR: Final = timedelta(hours=1)


def suspected(new: Sequence[Entry], polling: Polling, now: datetime) -> str:
    """What makes new entries a suspected re-issue, in words; "" if they are news.

    `new`: the new entries of one document, except those that end as duplicates because their page
    is known; `polling`: the feed's state before it. The first document of a feed is its archive,
    and is never suspected.
    """
    answered = polling.last_success
    if answered is None or len(new) <= MOST:
        return ""
    begun = polling.newest or polling.last_news or answered
    stated = [_told(entry, now) for entry in new]
    fresh = [moment for moment in stated if moment > begun]
    explained = min(len(fresh), _explained(fresh, begun, answered, polling.gap, now))
    if len(new) - explained <= MOST:
        return ""
    expected = (now - begun) / polling.gap if polling.gap else None
    usual = "how many are usual is not known" if expected is None else _expected(expected)
    return f"{len(new)} new entries at once, {usual}"


def _told(entry: Entry, now: datetime) -> datetime:
    """When an entry says that it was written; `now` if it does not say, or states a later time."""
    stated = entry.published or entry.updated
    return min(stated, now) if stated else now


def _explained(
    fresh: Sequence[datetime],
    begun: datetime,
    answered: datetime,
    gap: timedelta | None,
    now: datetime,
) -> float:
    """How many entries written since the newest known one are plausible for this feed.

    `fresh`: the moments of those that came; `begun`: when the newest known one was written;
    `answered`: the last successful poll; `gap`: the usual time between two entries.
    """
    if not gap:
        return 0
    hours = {moment.replace(minute=0, second=0, microsecond=0) for moment in fresh}
    told_of = max(len(hours) * _HOUR, now - answered)
    owed = min(now - begun, WEEK)
    return max(TIMES * told_of, OWED * owed) / gap


def _expected(number: float) -> str:
    whole = max(round(number), 0)
    return f"where {whole} {'was' if whole == 1 else 'were'} to be expected"
