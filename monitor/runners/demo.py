"""The demo: recorded feeds and pages of made-up outlets, served on loopback, and the real journey.

Only the outlets and the date are fake: the recordings come over HTTP through the same client, guard
and store as real feeds would, and the clock starts at the moment that the recordings name.
"""

from __future__ import annotations

import time
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

from monitor import app
from monitor.channels import email
from monitor.clock import SystemClock
from monitor.config import Settings, load, shipped
from monitor.model import Digest, Feed, Recipient
from monitor.pipeline import publish
from monitor.pipeline.archive import Progress, silent
from monitor.pipeline.publish import Draft
from monitor.runners import inline
from monitor.runners.inline import Journey
from monitor.store import editions

LEAD_IN = timedelta(minutes=30)
"""How long before the digest's hour the demo starts reading."""
WEEK = timedelta(days=7)
DIGEST = Digest(
    name="demo",
    title="Defence desk, the week in review",
    watchlists=("nato", "indo-pacific", "drones"),
    schedule="0 14 * * 1",
    zone="Europe/Brussels",
    recipients=(Recipient("console"),),
)
NOT_RECORDED = {"status": 404, "content_type": "text/plain"}
READER = Recipient("email", "desk@newsroom.example")


class ShiftedClock(SystemClock):
    """The real clock, set to another date; `to` sets it again."""

    def __init__(self, start: datetime) -> None:
        self.to(start)

    def to(self, start: datetime) -> None:
        """Set the clock to `start`."""
        self._start, self._since = start, time.monotonic()

    def now(self) -> datetime:
        """The date it was set to, plus what has passed since."""
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
        """Read the recordings of a folder (seeds/)."""
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


@contextmanager
def serving(recordings: Recordings) -> Iterator[int]:
    """Serve all the outlets from one server on loopback; yield its port."""

    class Outlets(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:  # the base class requires this name
            known = recordings.answers.get((self.headers.get("Host", ""), self.path), NOT_RECORDED)
            headers = known.get("headers", {})
            same = "ETag" in headers and self.headers.get("If-None-Match") == headers["ETag"]
            body = (recordings.folder / known["file"]).read_bytes() if "file" in known else b""
            self.send_response(304 if same else known.get("status", 200))
            for name, value in headers.items():
                self.send_header(name, value)
            if not same:
                self.send_header("Content-Type", known["content_type"])
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if same else body)

        def log_message(self, *_args: object) -> None:
            """Log nothing: the demo shows what monitor does, not what the outlets do."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Outlets) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def settings_for(recordings: Recordings, folder: Path) -> Settings:
    """Return the shipped settings, with the made-up outlets as feeds and a digest for the week."""
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


async def demo(folder: Path, write: Callable[[str], object], progress: Progress = silent) -> Shown:
    """Run the whole journey on the recordings; the database and the previews go to `folder`."""
    _begin_anew(folder)
    recordings = Recordings.read(shipped("seeds"))
    clock = ShiftedClock(recordings.now - LEAD_IN)
    with serving(recordings) as port:

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
