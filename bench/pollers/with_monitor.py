"""monitor as a poller: `with_monitor.py FOLDER` polls the feeds named in FOLDER/urls.

Each line on standard input is an order: "poll" asks all feeds once and stores what is new, as
`monitor feeds poll` does; "count" counts the entries stored. Each is answered with a line of JSON.
Pages are off, and no pause is made between the requests to a host.
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
    """The settings of a folder that is made here: the feeds, and nothing to watch for."""
    (folder / "watchlists").mkdir(exist_ok=True)
    (folder / "monitor.toml").write_text(SETTINGS)
    (folder / "digests.toml").write_text("")
    urls = (folder / "urls").read_text().split()
    (folder / "feeds.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in urls))
    database = {"store.url": f"sqlite:///{folder / 'monitor.sqlite3'}"}
    return config.load(folder, environ={}, overrides=database)


async def warm(parts: Parts) -> None:
    """Start the workers: a daemon does it once."""
    some = (
        parts.compute(read.read, SMALL, "", "http://x.test/") for _ in range(os.cpu_count() or 2)
    )
    await asyncio.gather(*some)


async def poll_all(parts: Parts) -> dict[str, float]:
    """Ask all feeds once."""
    now = parts.clock.now()
    start = time.perf_counter()
    keys = await parts.store.read(feeds.askable, now)
    done = [polled.outcome async for polled in poll.each(parts, keys, now)]
    return {
        "seconds": time.perf_counter() - start,
        "polls": len(done),
        "failed": sum(outcome.kind.value == "failed" for outcome in done),
    }


async def main(folder: Path) -> None:
    """Obey until there are no more orders."""
    async with app.open_parts(settings(folder)) as parts:
        await warm(parts)
        print("ready", flush=True)
        while order := (await asyncio.to_thread(sys.stdin.readline)).strip():
            if order == "poll":
                answer = await poll_all(parts)
            else:
                answer = {"stored": sum((await parts.store.read(entries.fates)).values())}
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
