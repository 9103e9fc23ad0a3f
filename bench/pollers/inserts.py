"""How fast entries are matched and stored with the text index: `inserts.py FOLDER COUNT`.

The folder is one in which `with_monitor.py` has polled: its entries wait there. They are cleaned
beforehand, which is not measured. Then one part goes through `Matcher.match` and
`store.articles.insert`, another through the whole step `pipeline.ingest`, which also looks for the
address and writes the entry's fate. Printed as JSON: entries a second, and CPU ms of one entry.
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

from bench.pollers.with_monitor import settings
from monitor import app
from monitor.articles import clean
from monitor.model import Article, Cleaned
from monitor.pipeline import ingest
from monitor.pipeline.parts import Parts
from monitor.store import articles, entries
from monitor.store.entries import Job

P = ParamSpec("P")
T = TypeVar("T")
BATCH = 100
"""Entries on their way at once."""


async def cleaned(parts: Parts, keys: list[int]) -> dict[str, tuple[Job, Cleaned]]:
    """Entry key -> the entry and its text."""
    now = parts.clock.now()
    jobs = await parts.store.write(entries.claim, keys, now, parts.lease(now))
    for job in jobs:
        await parts.store.write(entries.release, job.id)
    return {job.entry.key: (job, clean.clean_entry(job.entry)) for job in jobs}


async def match_and_insert(parts: Parts, some: list[tuple[Job, Cleaned]]) -> None:
    """Match the texts and store them as articles."""
    now = parts.clock.now()
    for job, text in some:
        article = Article(
            url=job.entry.link,
            link=job.entry.link,
            title=text.title,
            text=text.text,
            published=text.published,
            first_seen=job.first_seen,
            language=text.language,
        )
        found = parts.matcher.match(article)
        await parts.store.write(articles.insert, article, found, baseline=False, now=now)


async def ingest_all(parts: Parts, texts: dict[str, tuple[Job, Cleaned]]) -> None:
    """The step as it is, but for the cleaning."""

    async def compute(_fn: Callable[P, T], *args: P.args, **_options: P.kwargs) -> T:
        entry: Any = args[0]
        ready: Any = texts[entry.key][1]
        return ready  # type: ignore[no-any-return]

    keys = [job.id for job, _ in texts.values()]
    for start in range(0, len(keys), BATCH):
        batch = keys[start : start + BATCH]
        await ingest.run(replace(parts, compute=compute), batch, parts.clock.now())


async def measured(work: Awaitable[Any], count: int) -> dict[str, float]:
    """The rate of some work on so many entries."""
    cpu, wall = time.process_time(), time.perf_counter()
    await work
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    return {"per_s": count / wall, "cpu_ms": cpu * 1000 / count}


async def main(folder: Path, count: int) -> None:
    """Measure both, and print them."""
    async with app.open_parts(settings(folder)) as parts:
        keys = await parts.store.read(entries.due, parts.clock.now(), 2 * count)
        one = await cleaned(parts, keys[::2])
        other = await cleaned(parts, keys[1::2])
        # Several hands, so that writes share a commit as they do in the daemon.
        some = list(one.values())
        hands = (match_and_insert(parts, some[hand::BATCH]) for hand in range(BATCH))
        told = {
            "insert": await measured(asyncio.gather(*hands), len(one)),
            "ingest": await measured(ingest_all(parts, other), len(other)),
        }
        print(json.dumps(told))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
