"""Rematch: after a watchlist has changed, match the articles of the last days again.

New matches are marked as such, and enter a digest only if the article came after the digest's last
edition (docs/watchlists.md). Being killed half-way loses nothing: the progress is stored together
with the matches, and matching an article twice gives the same result.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from monitor.failpoints import reach
from monitor.model import Match, Watchlist
from monitor.pipeline.parts import Parts
from monitor.store import articles, rematches
from monitor.watchlists.matcher import Matcher, compile_one
from monitor.watchlists.sieve import Sieve

log = logging.getLogger("monitor.rematch")

BATCH = 20
"""Articles matched within one write: other writes have to wait that long."""


@dataclass(frozen=True, slots=True)
class Rematched:
    """The result of a rematch for one watchlist."""

    watchlist: str
    version: str
    tried: int
    new: int


async def due(parts: Parts, now: datetime) -> list[str]:
    """Names of the watchlists that have changed since the archive was last matched."""
    known = await parts.store.read(rematches.versions)
    return [name for name, one in parts.watchlists.items() if known.get(name) != one.version]


async def begin(parts: Parts) -> None:
    """Forget watchlists that no longer exist; run first by a process that is the only one."""
    await parts.store.write(rematches.forget_others, list(parts.watchlists))


async def run(parts: Parts, keys: Sequence[str], now: datetime) -> list[Rematched]:
    """Rematch these watchlists one after the other; do nothing while another process does so."""
    async with parts.store.alone("rematch") as alone:
        if not alone:
            return []
        return [await _rematch(parts, parts.watchlists[name], now) for name in keys]


async def _rematch(parts: Parts, watchlist: Watchlist, now: datetime) -> Rematched:
    done = await parts.store.write(rematches.begin, watchlist.name, watchlist.version)
    start, tried, new = now - parts.rematch, 0, 0
    # Building the matcher takes a tenth of a second; at the first start there are no articles.
    if await parts.store.read(articles.count_between, start, now):
        tried, new = await _again(parts, watchlist, start, now, done)
    await parts.store.write(rematches.end, watchlist.name, watchlist.version, now)
    if tried:
        told = "watchlist %s has changed: %d articles matched again, %d new matches"
        log.info(told, watchlist.name, tried, new)
    return Rematched(watchlist.name, watchlist.version, tried, new)


async def _again(
    parts: Parts, watchlist: Watchlist, start: datetime, now: datetime, done: int
) -> tuple[int, int]:
    """Match articles above number `done`; return how many were tried and how many newly match."""
    compiled = compile_one(watchlist)
    matcher, sieve = Matcher([compiled]), Sieve([compiled])
    wanted = await parts.store.read(_likely, watchlist.name, sieve, start, now, done)
    new = 0
    for at in range(0, len(wanted), BATCH):
        batch = wanted[at : at + BATCH]
        # Each batch has its own time, so that a client that reads matches in time order misses
        # none.
        new += await parts.store.write(_match, watchlist.name, matcher, batch, parts.clock.now())
        await reach("rematch.mid")
    return len(wanted), new


def _likely(
    connection: Connection, name: str, sieve: Sieve, start: datetime, end: datetime, done: int
) -> list[int]:
    """Numbers above `done` of the articles that may match now, or matched before the change."""
    found = articles.matched_between(connection, name, start, end)
    for number, texts in articles.texts_between(connection, start, end, sieve.fields):
        if number > done and number not in found and sieve.passes(texts):
            found.add(number)
    return sorted(number for number in found if number > done)


def _match(
    connection: Connection, name: str, matcher: Matcher, batch: Sequence[int], now: datetime
) -> int:
    """Read, decide and write in one transaction; the articles are locked, so no text changes."""
    found: dict[int, Match | None] = {
        past.article.id: next(iter(matcher.match(past.article)), None)
        for past in articles.past(connection, batch, hold=True)
    }
    return rematches.record(connection, name, found, now)
