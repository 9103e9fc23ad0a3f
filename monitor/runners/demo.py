"""The demo: recorded feeds and pages of made-up outlets, served on loopback, and the real journey.

Nothing is faked but the outlets and the date: the recordings come over HTTP through the same
client, guard and store as the world would, and the clock starts at the moment that they name.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from monitor import app
from monitor.channels import email
from monitor.config import Settings, load, shipped
from monitor.model import Digest, Feed, Recipient
from monitor.pipeline import publish
from monitor.pipeline.publish import Draft
from monitor.runners import inline
from monitor.runners.inline import Journey, Progress
from monitor.store import editions

LEAD_IN = timedelta(minutes=30)
"""How long before the digest's hour the demo begins to read."""
WEEK = timedelta(days=7)
DIGEST = Digest(
    name="demo",
    title="Defence desk, the week in review",
    watchlists=("nato", "indo-pacific", "drones"),
    schedule="0 14 * * 1",
    zone="Europe/Brussels",
    recipients=(Recipient("console"),),
)
READER = Recipient("email", "desk@newsroom.example")


class ShiftedClock(app.SystemClock):
    """The real clock, set to another date; `to` sets it again."""

    def __init__(self, start: datetime) -> None:
        self.to(start)

    def to(self, start: datetime) -> None:
        """Let it be this time now."""
        self._start, self._since = start, time.monotonic()

    def now(self) -> datetime:
        """The date it was set to, and what has passed since."""
        return self._start + timedelta(seconds=time.monotonic() - self._since)


@dataclass(frozen=True, slots=True)
class Recordings:
    """What the made-up outlets answer."""

    folder: Path
    now: datetime
    feeds: tuple[Feed, ...]
    answers: Mapping[tuple[str, str], Mapping[str, Any]]
    """(host, path with query) -> a `[[recordings]]` table of seeds.toml."""

    @classmethod
    def read(cls, folder: Path) -> Recordings:
        """The recordings of a folder (seeds/)."""
        table = tomllib.loads((folder / "seeds.toml").read_text("utf-8"))
        return cls(
            folder=folder,
            now=table["now"],
            feeds=tuple(Feed(**{**feed, "tags": tuple(feed["tags"])}) for feed in table["feeds"]),
            answers={_address(one["url"]): one for one in table["recordings"]},
        )


def _address(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.netloc, parts.path + (f"?{parts.query}" if parts.query else "")


@asynccontextmanager
async def serving(recordings: Recordings) -> AsyncIterator[int]:
    """A server on loopback that answers for all the outlets; gives its port."""

    async def answer(request: web.Request) -> web.Response:
        known = recordings.answers.get((request.host, request.raw_path))
        if known is None:
            return web.Response(status=404, text="not recorded")
        headers = {"Content-Type": known["content_type"], **known.get("headers", {})}
        if request.headers.get("If-None-Match") == headers.get("ETag", ""):
            return web.Response(status=304)
        body = (recordings.folder / known["file"]).read_bytes() if "file" in known else b""
        return web.Response(status=known.get("status", 200), body=body, headers=headers)

    server = web.Application()
    server.router.add_route("GET", "/{path:.*}", answer)
    runner = web.AppRunner(server, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def settings_for(recordings: Recordings, folder: Path) -> Settings:
    """The shipped settings, with the made-up outlets as feeds and a digest for the week."""
    overrides = {
        "store.url": f"sqlite:///{folder / 'monitor.sqlite3'}",
        "fetch.allow_private": "127.0.0.0/8",
        "fetch.spacing_s": "0",
        "fetch.per_host": "4",
    }
    settings = load(shipped("config"), environ={}, overrides=overrides)
    sender = email.Settings.model_validate(
        {"host": "localhost", "from": "monitor@newsroom.example"}
    )
    return replace(
        settings,
        feeds=recordings.feeds,
        digests=(DIGEST,),
        channels={**settings.channels, "email": {"": sender}},
    )


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demo did, and the files that it left for the reader."""

    journey: Journey
    draft: Draft
    files: tuple[Path, ...]


async def demo(
    folder: Path, write: Callable[[str], object], progress: Progress = inline.silent
) -> Shown:
    """Run the whole journey on the recordings; the database and the previews go to `folder`."""
    _begin_anew(folder)
    recordings = Recordings.read(shipped("seeds"))
    clock = ShiftedClock(recordings.now - LEAD_IN)
    async with serving(recordings) as port:

        async def resolve(_host: str, _port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", port)]

        settings = settings_for(recordings, folder)
        async with app.open_parts(settings, clock=clock, resolver=resolve, write=write) as parts:
            start = recordings.now - WEEK
            await parts.store.write(editions.register, DIGEST.name, start)
            brought = await inline.journey(parts, progress=progress)
            clock.to(recordings.now)
            made = await publish.preview(parts, replace(DIGEST, recipients=(READER,)), clock.now())
            files = publish.write_preview(made, folder)
            await inline.tell(parts, brought)
    return Shown(brought, made.draft, tuple(files))


def _begin_anew(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("monitor.sqlite3*"):
        old.unlink()
