"""Bursts: compare the 24 hours up to a moment with the same hours of the week in earlier weeks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from monitor.model import Burst
from monitor.store import sightings
from monitor.stories.bursts import WEEKS, Sighting, bursts

DAY = timedelta(days=1)


def look(connection: Connection, watchlists: Sequence[str], end: datetime) -> list[Burst]:
    """Each term of these watchlists that was seen, and each watchlist as a whole; bursts first.

    A day is the 24 hours ending at the time of day of `end`; with calendar days, a part of today
    would be compared with whole days.
    """
    oldest = sightings.oldest(connection)
    if oldest is None:
        return []
    seen: list[Sighting] = []
    blank = []
    for week in range(WEEKS + 1):
        until = end - timedelta(weeks=week)
        day = until.date()
        if not sightings.anything(connection, until - DAY, until):
            blank.append(day)
            continue
        for watchlist, story, article, terms in sightings.seen(
            connection, watchlists, until - DAY, until
        ):
            seen += [
                Sighting(
                    day=day, watchlist=watchlist, term=term, story_id=story, article_id=article
                )
                for term in ("", *terms)
            ]
    whole_days = (end - DAY - oldest) // DAY
    return bursts(seen, end.date(), end.date() - timedelta(days=whole_days), blank)
