"""The alarm: which places get no messages, which feeds need a person's attention, and when there
is something new to say about them.

An alarm is an edition of a digest of its own: it is kept, rendered and sent like any other, and the
next alarm reads back from it what was said.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Edition, Failing, Window, Worry

DIGEST = "_alarms"
"""Name of the alarms' digest; the settings allow no digest of this name."""
AFTER = timedelta(hours=1)
"""A place that has received nothing for this long needs somebody's attention (F83)."""
SELDOM = timedelta(days=1)
"""Least time between alarms about silent feeds: on a holiday they fall silent one after another
(F58)."""
SILENT, WITHHELD = "silent", "withheld"


@dataclass(frozen=True, slots=True)
class Places:
    """What an alarm says about places."""

    failing: tuple[Failing, ...] = ()
    mended: tuple[str, ...] = ()
    is_news: bool = False
    """Whether this is worth an alarm."""


def places(
    failing: Sequence[Failing],
    told: Sequence[Failing],
    reached: Collection[str],
    known: Collection[str],
) -> Places:
    """All places that fail, and those that get messages again.

    `failing`: what fails now; `told`: what failed according to the last alarm; `reached`: places
    that have got a message since; `known`: those in the settings. A place of the last alarm that is
    missing from `failing` only because no message waits for it any more still counts as failing,
    unless the settings no longer name it.
    """
    now = {one.place for one in failing}
    mended = tuple(one.place for one in told if one.place in reached and one.place not in now)
    left = [one for one in told if one.place not in now and one.place not in mended]
    still = [one for one in left if one.place in known]
    is_news = bool(mended) or not now <= {one.place for one in told}
    return Places((*failing, *still), mended, is_news)


@dataclass(frozen=True, slots=True)
class Feeds:
    """What an alarm says about feeds."""

    worries: tuple[Worry, ...] = ()
    speaking: tuple[str, ...] = ()
    is_news: bool = False


def feeds(
    worries: Sequence[Worry],
    told: Sequence[Worry],
    spoke: Mapping[int, datetime | None],
    *,
    lately: bool,
) -> Feeds:
    """All feeds that need attention, and those that speak again.

    `worries`: those of now; `told`: those of the last alarm; `lately`: whether that was within
    `SELDOM`; `spoke`: when each polled feed last spoke. A silent feed that meanwhile fails still
    counts as silent; what is no longer withheld was released by a person, who need not be told.
    """
    now = {one.feed for one in worries if one.condition == SILENT}
    quiet = [one for one in told if one.condition == SILENT and one.feed not in now]
    heard = [one for one in quiet if (at := spoke.get(one.feed)) and at > one.since]
    still = [one for one in quiet if one.feed in spoke and one not in heard]
    known = {(one.feed, one.condition, _which(one)) for one in told}
    new = [one for one in worries if (one.feed, one.condition, _which(one)) not in known]
    urgent = any(one.condition == WITHHELD for one in new)
    is_news = urgent or (not lately and bool(new or heard))
    return Feeds((*worries, *still), tuple(one.name for one in heard), is_news)


def _which(worry: Worry) -> datetime | None:
    """What tells a feed's worries apart: it is silent once, but may re-issue its archive twice."""
    return worry.since if worry.condition == WITHHELD else None


def edition(places: Places, feeds: Feeds, number: int, window: Window) -> Edition:
    """The alarm as an edition."""
    return Edition(
        digest=DIGEST,
        title="Alarm",
        number=number,
        window=window,
        zone="UTC",
        failing=places.failing,
        mended=places.mended,
        worries=feeds.worries,
        speaking=feeds.speaking,
    )


def told_by(body: Mapping[str, Any]) -> list[Failing]:
    """The places that failed according to an earlier alarm, read from its JSON form."""
    return [
        Failing(place=one["place"], since=datetime.fromisoformat(one["since"]), why=one["why"])
        for one in body["failing"]
    ]


def worries_of(body: Mapping[str, Any]) -> list[Worry]:
    """The worries of an earlier alarm, read from its JSON form; the oldest alarms have none."""
    told = body.get("worries", ())
    return [Worry(**{**one, "since": datetime.fromisoformat(one["since"])}) for one in told]
