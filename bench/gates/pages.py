"""Gate: what others say of the page, shown with the demo's news.

The Nu validator, html-validate and axe in Chromium, each when it is here (`bench/gates/mail.py`
says how they get here), on every kind of page, light and dark, wide and narrow; no page may ask
for anything of others, nor be wider than the screen.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from bench.gates.mail import axe, html_validate, nu
from monitor import app
from monitor.config import shipped
from monitor.config.sections import WebSection
from monitor.model import Recipient, Window
from monitor.pipeline import publish
from monitor.runners import demo, inline
from monitor.store import editions
from monitor.web.serve import serving

PATHS = {
    "desk": "/?window=7d",
    "quiet": "/?window=1h",
    "story": "/stories/1",
    "article": "/articles/1",
    "found": "/search?q=NATO",
    "tried": "/search?by=query&q=NATO+AND+drone*",
    "wrong": "/search?by=query&q=NATO+AND+(drone",
    "feeds": "/feeds",
    "feed": "/feeds/1",
    "watchlists": "/watchlists",
    "watchlist": "/watchlists/nato",
    "digests": "/digests",
    "edition": "/editions/1",
    "message": "/deliveries/2",
    "none": "/stories/999999",
}


@asynccontextmanager
async def demo_site(folder: Path) -> AsyncIterator[str]:
    """The site of the demo, its week told to a reader by mail and to the console; the address."""
    recordings = demo.Recordings.read(shipped("seeds"))
    clock = demo.ShiftedClock(recordings.now - demo.LEAD_IN)
    digest = replace(demo.DIGEST, recipients=(demo.READER, Recipient("console")))
    settings = replace(demo.settings_for(recordings, folder), digests=(digest,))
    with demo.serving(recordings) as port:

        async def resolve(_host: str, _port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", port)]

        async with app.open_parts(
            settings, clock=clock, resolver=resolve, write=lambda _text: None
        ) as parts:
            start = recordings.now - demo.WEEK
            await parts.store.write(editions.register, digest.name, start)
            await inline.journey(parts)
            clock.to(recordings.now)
            await publish.publish(parts, digest, Window(start, recordings.now))
            async with serving(parts, WebSection(port=0), 10_000) as where:
                yield where


async def judged() -> int:
    """What each judge says of each page."""
    with tempfile.TemporaryDirectory(prefix="pages-") as name:
        folder = Path(name)
        async with demo_site(folder) as where, httpx.AsyncClient(trust_env=False) as client:
            files = []
            for page, path in PATHS.items():
                files.append(folder / f"{page}.html")
                files[-1].write_bytes((await client.get(where + path, timeout=60)).content)
            missed = nu(files) + html_validate(files)
            urls = [where + path for path in PATHS.values()]
            return missed + await asyncio.to_thread(axe, urls, where, folder)


def main() -> int:
    """Print what each judge says; 1 when one finds a fault."""
    return 1 if asyncio.run(judged()) else 0


if __name__ == "__main__":
    sys.exit(main())
