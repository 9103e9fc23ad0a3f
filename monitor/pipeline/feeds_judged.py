"""The condition of each feed, judged by its account: shared by the command and the page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.feeds.condition import Condition, Finding, archive_back, findings
from monitor.feeds.pace import words
from monitor.redact import shareable
from monitor.store.feeds import ONCE, FeedStatus

ASKED_LATELY = timedelta(days=1)
"""How long a feed that was asked once by hand is told among those that are polled."""
HOUR = timedelta(hours=1)
MOMENT = timedelta(seconds=30)
"""A span up to this rounds to no minute, and is "now"."""


@dataclass(frozen=True, slots=True)
class Told:
    """A feed's account, and what is wrong with the feed."""

    account: FeedStatus
    findings: tuple[Finding, ...]

    @property
    def condition(self) -> Condition:
        """The worst condition found."""
        if self.findings:
            return self.findings[0].condition
        return Condition.SOUND if self.account.polling.last_polled else Condition.NEW

    @property
    def name(self) -> str:
        """Its name in the settings, else its own title, else its address."""
        feed = self.account.polling.feed
        return feed.name or self.account.polling.title or shareable(feed.url)


def judged(
    accounts: Sequence[FeedStatus], now: datetime, addresses: Collection[str] | None = None
) -> list[Told]:
    """The feeds that are polled, worst first; one asked once by hand, for as long as ASKED_LATELY.

    `addresses`: of all polled feeds; required if `accounts` covers only some of them.
    """
    polled = [one for one in accounts if one.polling.feed.enabled and not _left(one, now)]
    if addresses is None:
        addresses = {one.polling.feed.url for one in polled}
    worst = list(Condition)
    found = [told(one, addresses, now) for one in polled]
    return sorted(found, key=lambda one: (worst.index(one.condition), one.name.casefold()))


def _left(one: FeedStatus, now: datetime) -> bool:
    """Whether a feed was asked once by hand, some time ago: what it answered then stays so."""
    asked = one.polling.last_polled
    long_ago = asked is not None and asked < now - ASKED_LATELY
    return one.origin == ONCE and long_ago and not one.withheld


def told(one: FeedStatus, addresses: Collection[str], now: datetime) -> Told:
    """Judge one feed; `addresses`: of all polled feeds."""
    return Told(one, _findings(one, addresses, now))


def _findings(one: FeedStatus, addresses: Collection[str], now: datetime) -> tuple[Finding, ...]:
    polling = one.polling
    moved = polling.moved_to
    repeats = moved if moved in addresses and moved != polling.feed.url else ""
    return findings(
        polling,
        now,
        last_why=one.last_why,
        due_why=one.due_why if one.due else "",
        repeats=shareable(repeats) if repeats else "",
        withheld="; ".join(archive_back(one.at, one.why) for one in one.withheld),
    )


def share(accounts: Iterable[FeedStatus]) -> str:
    """The share of polls answered "not modified": "83%"; "-" if there were none."""
    some = list(accounts)
    polls = sum(one.polls for one in some)
    return f"{sum(one.not_modified for one in some) / polls:.0%}" if polls else "-"


def answer(account: FeedStatus, now: datetime) -> str:
    """What a feed last answered, and how long ago: "304, 12 min ago"."""
    asked = account.polling.last_polled
    if asked is None:
        return "never asked"
    ago = "just now" if now - asked <= MOMENT else f"{span(asked, now)} ago"
    return f"{account.last_status or 'none'}, {ago}"


def next_poll(account: FeedStatus, now: datetime) -> str:
    """When a feed is polled next: "in 18 min", "now", "not again"."""
    if account.due is None:
        return "not again"
    return "now" if account.due - now <= MOMENT else f"in {span(now, account.due)}"


def span(start: datetime, end: datetime) -> str:
    """The duration, to the minute; from one hour on, to a tenth of an hour."""
    span = max(end, start) - start
    return words(span if span < HOUR else round(span / HOUR, 1) * HOUR)
