"""monitor as a poller of the feeds named in FOLDER/urls; `with_monitor.py` starts it.

Each line on standard input is an order, answered with a line of JSON. "poll" asks all feeds once
and stores what is new, as `monitor feeds poll` does: {"seconds", "polls"}. "count" counts what is
stored so far, and the polls that failed: {"stored", "failed"}.

Pages are off, and no pause is made between the requests to a host. The workers have started before
"ready" is written: a daemon starts them once.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path

from monitor import app, config
from monitor.feeds import read
from monitor.pipeline import poll
from monitor.pipeline.parts import Parts
from monitor.runners import loop
from monitor.store import entries, feeds

SETTINGS = """
[fetch]
allow_private = ["127.0.0.0/8"]
spacing_s = 0
per_host = 4
articles = "off"
[poll]
interval = "1s"
floor = "1s"
"""
SMALL = b"<rss version='2.0'><channel><title>x</title><item><title>y</title></item></channel></rss>"


def settings(folder: Path) -> config.Settings:
    """The settings of a folder, which are written here: its feeds, and the shipped watchlists."""
    (folder / "monitor.toml").write_text(SETTINGS)
    (folder / "digests.toml").write_text("")
    urls = (folder / "urls").read_text().split()
    (folder / "feeds.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls))
    database = {"store.url": f"sqlite:///{folder / 'monitor.sqlite3'}"}
    return config.load(folder, environ={}, overrides=database)


async def start_workers(parts: Parts) -> None:
    """One small document for each core at once, so that as many workers begin as may."""
    count = os.cpu_count() or 1
    await asyncio.gather(
        *(parts.compute(read.read, SMALL, "", "http://feed.test/") for _ in range(count))
    )


async def poll_all(parts: Parts) -> tuple[dict[str, float], int]:
    """Ask all feeds once: the answer, and how many polls failed."""
    start = time.perf_counter()
    now = parts.clock.now()
    keys = await parts.store.read(feeds.askable, now)
    kinds = [polled.outcome.kind.value async for polled in poll.each(parts, keys, now)]
    answer = {"seconds": time.perf_counter() - start, "polls": len(kinds)}
    return answer, kinds.count("failed")


async def main(folder: Path) -> None:
    """Obey until there are no more orders."""
    failed = 0
    async with app.open_parts(settings(folder)) as parts:
        await start_workers(parts)
        loop.collect_seldom()  # as `monitor run` does
        print("ready", flush=True)
        while order := await asyncio.to_thread(sys.stdin.readline):
            if order.strip() == "poll":
                answer, amiss = await poll_all(parts)
                failed += amiss
            else:
                stored = sum((await parts.store.read(entries.fates)).values())
                answer = {"stored": stored, "failed": failed}
            print(json.dumps(answer), flush=True)
