"""Whether a document tells as new what its feed has told before, under other ids, links and dates.

No identity can show it; that it is far too much for the feed can. Why these numbers:
docs/design/feeds.md, "What comes again".
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from monitor.model import Entry, Polling

MOST: Final = 50
"""New entries beyond those explained that are told unasked: more than nearly every document holds,
and no more than one edition can bear."""
TIMES: Final = 5
"""So many times its usual number a feed may bring of the hours that it tells of."""
OWED: Final = 2
"""So many times what was due since its newest entry it may bring at once..."""
WEEK: Final = timedelta(days=7)
"""...of a week at most: some publishers tell a week at once."""
_HOUR: Final = timedelta(hours=1)


def suspected(new: Sequence[Entry], polling: Polling, now: datetime) -> str:
    """What makes new entries a suspected re-issue, in words; "": they are news.

    `new`: those of one document, without those whose link is known; `polling`: the feed's state
    before it. The first document of a feed is its archive, and never suspected.
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
    """When an entry says it was written; now, where it does not say, or says later."""
    stated = entry.published or entry.updated
    return min(stated, now) if stated else now


def _explained(
    fresh: Sequence[datetime],
    begun: datetime,
    answered: datetime,
    gap: timedelta | None,
    now: datetime,
) -> float:
    """How many entries written since the newest one of before may well have come."""
    if not gap:
        return 0
    hours = {moment.replace(minute=0, second=0, microsecond=0) for moment in fresh}
    told_of = max(len(hours) * _HOUR, now - answered)
    owed = min(now - begun, WEEK)
    return max(TIMES * told_of, OWED * owed) / gap


def _expected(number: float) -> str:
    whole = max(round(number), 0)
    return f"where {whole} {'was' if whole == 1 else 'were'} to be expected"
