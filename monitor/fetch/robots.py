"""What a site's robots.txt allows us (RFC 9309). It is fetched before the first article of an
origin, and before its feeds if the settings say so (P84).

It is kept for a day at most and refreshed conditionally (P80). Protego reads the rules: longest
match, wildcards, our own group before `*` (P82). A 4xx answer means that there are no rules; 5xx,
429 (which says nothing about rules) or no answer means that everything is forbidden for now (P81).
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from protego import Protego

from monitor.feeds.waits import retry_after
from monitor.fetch.address import Address
from monitor.fetch.settings import ROBOTS_TOKEN
from monitor.model import Clock, FailureKind, FetchFailed, Request, Response
from monitor.redact import redact

KEEP = timedelta(hours=24)
KEEP_CLOSED = timedelta(hours=1)
"""How soon to retry a site whose robots.txt was unavailable."""
READ_BYTES = 500 * 1024
LONGEST_DELAY_S = 60.0
_ROOM = 4 * 2**20
"""Room for rules in memory, in characters of text; an origin counts as at least 2,000."""
_BUSY, _STILL_BUSY = "it answers 429", "it answers 429 again"
"""Why a robots.txt is closed whose site wants quiet: who waits for it has not been refused.

One that says so again after the wait refuses us: else feeds and pages would wait for ever, unseen.
"""
_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*:?\s*(\*|[a-z_-]*)", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Robots:
    """What one origin said: a value that can be stored."""

    origin: str
    text: str = ""
    """The rules; empty: none."""
    closed: str = ""
    """Why everything is forbidden for now; empty if it is not."""
    closed_until: datetime | None = None
    """When it is asked again, if it is closed and asked for a wait."""
    etag: bytes | None = None
    last_modified: bytes | None = None
    fetched: datetime


class RobotsMemory(Protocol):
    """Where robots.txt files outlive the process: implemented by the store, if there is one."""

    async def load(self, origin: str) -> Robots | None:
        """What was saved last for an origin."""
        ...

    async def save(self, robots: Robots) -> None:
        """Save it, replacing what there was."""
        ...


def fresh(robots: Robots, now: datetime) -> bool:
    """Whether it need not be fetched again; a clock set back does not extend its life."""
    return robots.fetched <= now < _keep_until(robots)


def _keep_until(robots: Robots) -> datetime:
    """Until when it is believed; one that is closed at least as long as its server asked (P28)."""
    if not robots.closed:
        return robots.fetched + KEEP
    usual = robots.fetched + KEEP_CLOSED
    return max(usual, robots.closed_until or usual)


def request(origin: str, known: Robots | None) -> Request:
    """The request for robots.txt, conditional if its rules are known."""
    headers: list[tuple[str, bytes]] = [("Accept", b"text/plain, */*;q=0.1")]
    if known and known.etag is not None:
        headers.append(("If-None-Match", known.etag))
    if known and known.last_modified is not None:
        headers.append(("If-Modified-Since", known.last_modified))
    return Request(url=f"{origin}/robots.txt", headers=tuple(headers), max_bytes=READ_BYTES)


def learn(
    origin: str,
    answer: Response | FetchFailed,
    known: Robots | None,
    now: datetime,
    longest_wait: timedelta,
) -> Robots:
    """What an answer means, by status (RFC 9309 §2.3.1); rules are kept on failure, unused.

    `longest_wait`: the longest that its server is left alone at its own request.
    """
    before = known or Robots(origin=origin, fetched=now)
    before = replace(before, closed="", closed_until=None, fetched=now)
    if isinstance(answer, FetchFailed):
        # Too many redirects count as "there is no robots.txt" (RFC 9309 §2.3.1.2).
        if answer.kind is FailureKind.REDIRECTS:
            return Robots(origin=origin, fetched=now)
        return replace(before, closed=answer.why, closed_until=answer.retry_at)
    if answer.status >= 500 or answer.status == 429:
        asked = min(retry_after(answer, now) or timedelta(), longest_wait)
        said = f"it answers {answer.status}"
        if answer.status == 429:
            waited = known is not None and known.closed in (_BUSY, _STILL_BUSY)
            said = _STILL_BUSY if waited else _BUSY
        return replace(before, closed=said, closed_until=now + asked)
    if answer.status == 304:
        etag, last_modified = answer.header("etag"), answer.header("last-modified")
        return replace(
            before,
            etag=before.etag if etag is None else etag,
            last_modified=before.last_modified if last_modified is None else last_modified,
        )
    if not 200 <= answer.status < 300:
        return Robots(origin=origin, fetched=now)
    return Robots(
        origin=origin,
        # Files are joined of others, each of which may begin with a mark (U+FEFF).
        text=answer.body.decode("utf-8", "replace").replace("\ufeff", ""),
        etag=answer.header("etag"),
        last_modified=answer.header("last-modified"),
        fetched=now,
    )


def ours_only(text: str) -> str:
    """The same rules with all groups that are neither ours nor `*` put under one name.

    Protego stores each rule for each name of its group: ten thousand names over ten thousand rules
    would fill the memory. Names are compared as product tokens, so `monitor/1.0` is ours.
    """
    lines = text.splitlines()
    for number, line in enumerate(lines):
        if found := _AGENT_LINE.match(line):
            name = found.group(1).lower()
            lines[number] = f"User-agent: {name if name in (ROBOTS_TOKEN, '*') else 'another'}"
    return "\n".join(lines)


@dataclass(slots=True)
class _Known:
    """One origin in memory, with its parsed rules."""

    asking: asyncio.Lock
    robots: Robots | None = None
    rules: Protego | None = None

    def put(self, robots: Robots) -> None:
        """Adopt a new state; the rules are parsed again only if they changed."""
        if self.rules is None or self.robots is None or self.robots.text != robots.text:
            self.rules = Protego.parse(ours_only(robots.text))
        self.robots = robots

    @property
    def weight(self) -> int:
        """How much room it takes."""
        return 2000 + (len(self.robots.text) if self.robots else 0)


class RobotsCheck:
    """Says whether a page may be fetched, and how far apart requests must be."""

    def __init__(
        self,
        clock: Clock,
        ask: Callable[[Request], Awaitable[Response | FetchFailed]],
        memory: RobotsMemory | None = None,
        longest_wait: timedelta = timedelta(days=7),
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._memory = memory
        self._longest_wait = longest_wait
        self._known: OrderedDict[str, _Known] = OrderedDict()

    async def permit(self, address: Address) -> float | FetchFailed:
        """Seconds to keep between two starts at this host (0: not stated), or a refusal."""
        known = self._entry(address.origin)
        async with known.asking:
            failed = await self._refresh(known, address.origin)
        robots, rules = known.robots, known.rules
        if failed or not robots or not rules:
            return failed or _closed(address, "robots.txt was not read", None)
        if robots.closed == _BUSY:
            why = "the site asked us to wait before it tells its robots.txt"
            until = _keep_until(robots)
            return FetchFailed(kind=FailureKind.PAUSED, why=why, url=address.url, retry_at=until)
        if robots.closed:
            why = f"robots.txt cannot be read ({robots.closed}): nothing is fetched until it can"
            return _closed(address, why, _keep_until(robots))
        if not rules.can_fetch(address.url, ROBOTS_TOKEN):
            why = f"robots.txt forbids {redact(address.url)}"
            return replace(_closed(address, why, _keep_until(robots)), forbidden=True)
        return min(float(rules.crawl_delay(ROBOTS_TOKEN) or 0.0), LONGEST_DELAY_S)

    async def _refresh(self, known: _Known, origin: str) -> FetchFailed | None:
        """Ask the site if what is known is stale; returns a failure if we could not even ask."""
        now = self._clock.now()
        if known.robots is None and self._memory and (saved := await self._memory.load(origin)):
            known.put(saved)
        if known.robots and fresh(known.robots, now):
            return None
        answer = await self._ask(request(origin, known.robots))
        if isinstance(answer, FetchFailed) and _not_sent(answer):
            return answer
        now = self._clock.now()
        known.put(learn(origin, answer, known.robots, now, self._longest_wait))
        if self._memory and known.robots:
            await self._memory.save(known.robots)
        return None

    def _entry(self, origin: str) -> _Known:
        """What is known about an origin; a new one gets room."""
        if origin not in self._known:
            self._make_room()
            self._known[origin] = _Known(asyncio.Lock())
        self._known.move_to_end(origin)
        return self._known[origin]

    def _make_room(self) -> None:
        """Forget the least recently used beyond `_ROOM`, but none that is being asked."""
        weight = sum(one.weight for one in self._known.values())
        for origin, one in list(self._known.items()):
            if weight <= _ROOM:
                break
            if not one.asking.locked():
                weight -= one.weight
                del self._known[origin]


def _not_sent(failure: FetchFailed) -> bool:
    """Whether nothing was sent, so that it says nothing about the site's rules."""
    return failure.kind in (FailureKind.PAUSED, FailureKind.REFUSED) and not failure.wire_bytes


def _closed(address: Address, why: str, until: datetime | None) -> FetchFailed:
    return FetchFailed(kind=FailureKind.ROBOTS, why=why, url=address.url, retry_at=until)
