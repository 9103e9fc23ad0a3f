"""The alarm: which places get none of their messages, and when there is something new to say of it.

An alarm is an edition of a digest of its own: it is kept, rendered and sent like any other, and
what it said is known from it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from monitor.model import Edition, Failing, Window

DIGEST = "_alarms"
"""Its name; no digest of the settings can be called so."""
AFTER = timedelta(hours=1)
"""A place that has got nothing for so long is one that somebody must look after (F83)."""


def news(
    failing: Sequence[Failing],
    told: Sequence[Failing],
    reached: Collection[str],
    known: Collection[str],
) -> tuple[tuple[Failing, ...], tuple[str, ...]] | None:
    """What the next alarm says: all that fails, and what gets messages again. None: nothing new.

    `failing`: what fails now; `told`: what failed by the last alarm; `reached`: places that have
    got a message since; `known`: those of the settings. A place that has no message left to wait
    for has not got one by that, but nobody need hear of it when the settings name it no more.
    """
    now = {one.place for one in failing}
    mended = tuple(one.place for one in told if one.place in reached and one.place not in now)
    left = [one for one in told if one.place not in now and one.place not in mended]
    still = [one for one in left if one.place in known]
    if not mended and now <= {one.place for one in told}:
        return None
    return (*failing, *still), mended


def edition(
    failing: tuple[Failing, ...], mended: tuple[str, ...], number: int, window: Window
) -> Edition:
    """The alarm as an edition."""
    return Edition(
        digest=DIGEST,
        title="Alarm",
        number=number,
        window=window,
        zone="UTC",
        failing=failing,
        mended=mended,
    )


def told_by(body: Mapping[str, Any]) -> list[Failing]:
    """What failed by an earlier alarm, from its JSON form."""
    return [
        Failing(place=one["place"], since=datetime.fromisoformat(one["since"]), why=one["why"])
        for one in body["failing"]
    ]
