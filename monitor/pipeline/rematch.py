"""Rematch: after a watchlist was changed, the articles of the last days are matched again.

What newly matches is marked so, and enters a digest only where the article came after the digest's
last edition (docs/watchlists.md). A kill half-way loses nothing: how far it was stands in the
store, written with the matches themselves; an article that is tried twice comes out the same.
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
"""Articles that are matched within one write: others wait that long for their turn."""


@dataclass(frozen=True, slots=True)
class Rematched:
    """What matching again has brought to one watchlist."""

    watchlist: str
    version: str
    tried: int
    new: int


async def due(parts: Parts, now: datetime) -> list[str]:
    """Names of the watchlists that are not as they were when the archive was matched last."""
    known = await parts.store.read(rematches.versions)
    return [name for name, one in parts.watchlists.items() if known.get(name) != one.version]


async def begin(parts: Parts) -> None:
    """What a process that is alone does first: forget the watchlists that are no more."""
    await parts.store.write(rematches.forget_others, list(parts.watchlists))


async def run(parts: Parts, keys: Sequence[str], now: datetime) -> list[Rematched]:
    """Match again for these watchlists, one after the other; nothing while another process does."""
    lock = parts.store.lock("rematch")
    if lock is None:
        return []
    try:
        return [await _rematch(parts, parts.watchlists[name], now) for name in keys]
    finally:
        lock.release()


async def _rematch(parts: Parts, watchlist: Watchlist, now: datetime) -> Rematched:
    done = await parts.store.write(rematches.begin, watchlist.name, watchlist.version)
    start, tried, new = now - parts.rematch, 0, 0
    # What reads them takes a tenth of a second to build: at the first start there are none.
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
    """Match the articles of that time above number `done`: how many, and how many newly match."""
    compiled = compile_one(watchlist)
    matcher, sieve = Matcher([compiled]), Sieve([compiled])
    wanted = await parts.store.read(_likely, watchlist.name, sieve, start, now, done)
    new = 0
    for at in range(0, len(wanted), BATCH):
        batch = wanted[at : at + BATCH]
        # Each batch has its own time: who reads matches in the order of theirs misses none.
        new += await parts.store.write(_match, watchlist.name, matcher, batch, parts.clock.now())
        await reach("rematch.mid")
    return len(wanted), new


def _likely(
    connection: Connection, name: str, sieve: Sieve, start: datetime, end: datetime, done: int
) -> list[int]:
    """Numbers above `done` of the articles that may match now, or match as it was before."""
    found = articles.matched_between(connection, name, start, end)
    for number, texts in articles.texts_between(connection, start, end, sieve.fields):
        if number > done and number not in found and sieve.passes(texts):
            found.add(number)
    return sorted(number for number in found if number > done)


def _match(
    connection: Connection, name: str, matcher: Matcher, batch: Sequence[int], now: datetime
) -> int:
    """Read, decide and write in one transaction, which holds the articles: no newer text of one
    comes between."""
    found: dict[int, Match | None] = {
        past.article.id: next(iter(matcher.match(past.article)), None)
        for past in articles.past(connection, batch, hold=True)
    }
    return rematches.record(connection, name, found, now)
