"""How fast entries are matched and stored with the text index: `inserts.py FOLDER COUNT`.

The folder is one in which `ours.py` has polled: its entries wait there. They are cleaned
beforehand, which is not measured. Then one part is matched (`Matcher.match`) and inserted
(`store.articles.insert`), another goes through the whole step `pipeline.ingest`, which also looks
for the address and writes the entry's fate. The watchlists are the shipped ones. Printed as JSON:
entries a second, and CPU ms of one entry.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from sqlalchemy import Connection, update

from bench.pollers.ours import settings
from monitor import app
from monitor.articles import clean
from monitor.model import Article, Cleaned
from monitor.pipeline import ingest
from monitor.pipeline.parts import Parts
from monitor.runners import loop
from monitor.store import articles, entries, schema
from monitor.store.entries import Job
from monitor.store.leases import FREE

P = ParamSpec("P")
T = TypeVar("T")
HANDS = 300
"""Entries on their way at once: while those of one commit are written, the next are matched."""


Ready = tuple[Job, Cleaned]
"""An entry as it is taken for ingesting, and its clean text."""


async def cleaned(parts: Parts, keys: list[int]) -> list[Ready]:
    """Clean entries; they stay due."""
    now = parts.clock.now()
    jobs = await parts.store.write(entries.claim, keys, now, parts.lease(now))
    await parts.store.write(_release, jobs)
    return [(job, clean.clean_entry(job.entry)) for job in jobs]


def _release(connection: Connection, jobs: list[Job]) -> None:
    ids = [job.id for job in jobs]
    connection.execute(update(schema.entries).where(schema.entries.c.id.in_(ids)).values(**FREE))


def article(job: Job, text: Cleaned) -> Article:
    """What is matched and stored of an entry."""
    return Article(
        url=job.entry.link,
        link=job.entry.link,
        title=text.title,
        text=text.text,
        published=text.published,
        first_seen=job.first_seen,
        language=text.language,
    )


async def match(parts: Parts, some: list[Ready]) -> None:
    """Match the texts, and no more."""
    for one in some:
        parts.matcher().match(article(*one))


async def match_and_insert(parts: Parts, some: list[Ready]) -> None:
    """Match the texts and store them as articles, from many hands at once."""

    async def hand(mine: list[Ready]) -> None:
        for one in mine:
            text, now = article(*one), parts.clock.now()
            found = parts.matcher().match(text)
            await parts.store.write_to(articles.insert, articles.New(text, found, False, now))

    await asyncio.gather(*(hand(some[number::HANDS]) for number in range(HANDS)))


async def ingest_all(parts: Parts, some: list[Ready]) -> None:
    """The step as it is, but for the cleaning, which gives what is ready."""
    texts: dict[str, Any] = {job.entry.key: text for job, text in some}

    class Cleaner:
        async def __call__(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
            entry: Any = args[0]
            text: T = texts[entry.key]
            return text

    beside = replace(parts, compute=Cleaner())
    for start in range(0, len(some), HANDS):
        batch = [job.id for job, _ in some[start : start + HANDS]]
        await ingest.run(beside, batch, parts.clock.now())


async def measured(work: Awaitable[None], count: int) -> dict[str, float]:
    """The rate of some work on so many entries."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"per_s": count / wall, "cpu_ms": cpu * 1000 / count}


async def main(folder: Path, count: int) -> None:
    """Measure, and print."""
    async with app.open_parts(settings(folder)) as parts:
        keys = await parts.store.read(entries.due, parts.clock.now(), 2 * count, 2 * count)
        some = await cleaned(parts, keys)
        loop.collect_seldom()  # as `monitor run` does
        one, other = some[::2], some[1::2]
        await match(parts, other[:HANDS])  # what is built at the first text is no text's cost
        told = {
            "match": await measured(match(parts, one), len(one)),
            "insert": await measured(match_and_insert(parts, one), len(one)),
            "ingest": await measured(ingest_all(parts, other), len(other)),
        }
        print(json.dumps(told))


if __name__ == "__main__":
    loop.run(main(Path(sys.argv[1]), int(sys.argv[2])))
