"""The weight of a story in its edition: a function of a few numbers and nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import log2

from monitor.model import Window

STEP = 0.25
"""The share that each further watchlist, each doubling of the outlets and the fastest growth add,
and that the greatest age takes away."""
LEAST_SPAN = timedelta(hours=1)
MOST_SPAN = timedelta(days=1)
"""Growth is looked for in the last quarter of a window, within these bounds."""
DOUBT = 2
"""Added to the number of reports in the divisor of growth: one or two more prove little."""


def weight(score: float, watchlists: int, outlets: int, growth: float, age: float) -> float:
    """How much a story weighs in its edition.

    `score`: the boosted score of its strongest watchlist; it counts by its logarithm, because a
    text that has the words ten times more often is not ten times as important. Each further
    watchlist adds a quarter, and so does each doubling of the independent outlets; `growth` (0 to
    1) adds up to a quarter; `age` (0: new, 1: as old as the window) takes up to a quarter away.
    """
    breadth = 1 + STEP * (watchlists - 1)
    echo = 1 + STEP * log2(max(outlets, 1))
    return log2(1 + max(score, 0.0)) * breadth * echo * (1 + STEP * growth) * (1 - STEP * age)


def growth(joined: Sequence[datetime], window: Window) -> float:
    """How fast independent outlets join a story at the end of a window, from 0 up to below 1.

    `joined`: when each publisher first told it in its own words; the first opens the story, the
    others follow. The number that follows in the last part of the window is compared with what the
    rate since the opening leads to expect. A story that goes on as before, or slower, does not
    grow.
    """
    told = sorted(at for at in joined if at <= window.end)
    span = min(max((window.end - window.start) / 4, LEAST_SPAN), MOST_SPAN)
    since = window.end - span
    recent = sum(at > since for at in told[1:])
    before = len(told[1:]) - recent
    usual = before * (span / max(since - told[0], span)) if before else 0.0
    return max(0.0, (recent - usual) / (recent + usual + DOUBT))


def age(told: Sequence[datetime], window: Window) -> float:
    """Age of the newest report: 0 at the end of the window, 1 at its start or before."""
    length = (window.end - window.start).total_seconds()
    if not told or length <= 0:
        return 1.0
    return min(max((window.end - max(told)).total_seconds() / length, 0.0), 1.0)
