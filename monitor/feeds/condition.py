"""The condition of a feed: sound, or what is wrong with it, in words for the operator.

A server that answers 200 may still serve a feed abandoned for years, or somebody else's feed.
The findings are shown by `feeds status` and logged once.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, NamedTuple

from monitor.feeds.pace import CUT, DAY, words
from monitor.feeds.titles import unlike
from monitor.feeds.wavering import is_redated, is_wavering
from monitor.model import FeedState, PollDecision, Polling

LONG_SILENCE: Final = 5
"""A feed silent for this many times its usual gap is stale (F58)..."""
SHORTEST_SILENCE: Final = timedelta(days=4)
"""...but not before this: publishers have weekends and holidays."""
UNKNOWN_SILENCE: Final = timedelta(days=90)
"""...and after this, when its usual gap is not known yet."""
DEATH: Final = timedelta(days=365)
"""A feed silent for this long is dead, whatever its usual gap."""


class Condition(StrEnum):
    """The condition of a feed; the worst first."""

    GONE = "gone"
    FAILING = "failing"
    """For a day or longer (P32)."""
    WITHHELD = "withheld"
    """It seems to tell its archive as new: a person must decide what becomes of it (F53)."""
    CHANGED = "changed"
    """Its title has nothing in common with the earlier one: it may be another feed now."""
    REPEATS = "repeats"
    """It leads to another feed of ours (P60)."""
    DEAD = "dead"
    STALE = "stale"
    WAVERING = "wavering"
    """Its documents go back and forth (F48)."""
    REDATED = "re-dated"
    """It gives known entries new dates, so its dates mean nothing (F52)."""
    CUT = "wait cut"
    """It asked for a longer wait than we grant (P30)."""
    FALTERING = "faltering"
    """It failed lately, for less than a day."""
    NEW = "new"
    """It was never polled."""
    SOUND = "sound"


_ORDER: Final = tuple(Condition)


class Finding(NamedTuple):
    """One thing that is wrong with a feed, and what a person should know about it."""

    condition: Condition
    why: str


def findings(
    polling: Polling,
    now: datetime,
    *,
    last_why: str = "",
    due_why: str = "",
    repeats: str = "",
    withheld: str = "",
) -> tuple[Finding, ...]:
    """What is wrong with a feed, the worst first; nothing for a sound one.

    `last_why`: how its last poll ended; `due_why`: why the next one is due when it is; `repeats`:
    the address of another feed of ours to which it moved; `withheld`: what is withheld, and why.
    """
    found = [*_failing(polling, now, last_why), *_foreign(polling, repeats)]
    if withheld:
        found.append(Finding(Condition.WITHHELD, f"{withheld} (monitor feeds release)"))
    found += _unsteady(polling, now)
    # A feed with withheld entries has not been silent.
    loud = (Condition.GONE, Condition.FAILING, Condition.WITHHELD)
    if CUT in due_why:
        found.append(Finding(Condition.CUT, f"it asks for more than is granted: {due_why}"))
    if not any(one.condition in loud for one in found):
        found += _silent(polling, now)
    return tuple(sorted(found, key=lambda one: _ORDER.index(one.condition)))


def news(before: Polling, decision: PollDecision, now: datetime) -> tuple[Finding, ...]:
    """What is wrong with a feed after this poll and was not after the one before.

    A wait that was cut is reported every time.
    """
    told = decision.duplicate_of_url
    found = findings(
        decision.polling,
        now,
        last_why=decision.outcome.why,
        due_why=decision.due_why,
        repeats=told,
        withheld=decision.withheld and archive_back(now, decision.withheld),
    )
    if not found:
        return found  # most feeds are sound: nothing to compare
    already = findings(before, before.last_polled or now, repeats=told and before.moved_to)
    known = {one.condition for one in already} | {Condition.FALTERING}
    return tuple(one for one in found if one.condition not in known)


def _failing(polling: Polling, now: datetime, last_why: str) -> Iterator[Finding]:
    since = polling.failing_since
    if polling.state is FeedState.GONE:
        on = f" on {since:%Y-%m-%d}" if since else ""
        yield Finding(Condition.GONE, f"its server said 410 Gone{on}: not polled until resumed")
    elif since is not None:
        told = f"{_polls(polling.failures)} since {moment(since)}"
        if now - since >= DAY:
            yield Finding(Condition.FAILING, f"{told}: {last_why}")
        else:
            yield Finding(Condition.FALTERING, f"{told}: {last_why}")


def _polls(count: int) -> str:
    return f"{count} poll{'s' * (count != 1)} failed"


def _foreign(polling: Polling, repeats: str) -> Iterator[Finding]:
    """A finding if the titles suggest another publisher; a matching name clears it."""
    was, now_called = polling.title_was, polling.title
    if (
        was
        and unlike(was, now_called)
        and (not (name := polling.feed.name) or unlike(name, now_called))
    ):
        yield Finding(
            Condition.CHANGED,
            f"its title was “{was}” and is now “{now_called}”: it may be another feed; "
            "if it is the right one, give it that name",
        )
    if repeats:
        yield Finding(Condition.REPEATS, f"it has moved to {repeats}, which is another feed here")


def _silent(polling: Polling, now: datetime) -> Iterator[Finding]:
    """A status of 200 does not mean alive: what counts is when the feed last had news."""
    spoke, answered = polling.newest or polling.last_news, polling.last_success
    if spoke is None or answered is None:
        return
    # While it was not polled, it cannot be called silent (F101).
    silence, gap = min(answered, now) - spoke, polling.gap
    if silence >= DEATH:
        yield Finding(Condition.DEAD, f"its newest entry is from {spoke:%Y-%m-%d}")
        return
    usual = f"usually one every {words(gap)}" if gap else "how often it has one is not known yet"
    longest = max(gap * LONG_SILENCE, SHORTEST_SILENCE) if gap else UNKNOWN_SILENCE
    if silence >= longest:
        yield Finding(Condition.STALE, f"no new entry for {words(silence)}, {usual}")


def _unsteady(polling: Polling, now: datetime) -> Iterator[Finding]:
    """What is unreliable in it: which of its documents is the latest, or its dates."""
    since, dated = polling.returns_since, polling.redated
    if since is not None and is_wavering(polling, now):
        told = f"it went back to older documents {polling.returns} times since {moment(since)}"
        yield Finding(Condition.WAVERING, f"{told}: nothing is reported twice, news may be late")
    if dated is not None and is_redated(polling, now):
        told = f"it gave known entries new dates, last on {moment(dated)}"
        yield Finding(
            Condition.REDATED, f"{told}: nothing is reported twice, its dates mean little"
        )


def archive_back(at: datetime, why: str) -> str:
    """What has been withheld from a feed since that moment, in words."""
    return f"it may have re-issued its archive on {moment(at)}; this is withheld: {why}"


def moment(at: datetime) -> str:
    """A moment in words, with its zone."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
