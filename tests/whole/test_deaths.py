"""SIGKILL while news comes in: what was stored is kept, what was not is requested again."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text
from support.doomed import doomed
from support.server import Script, Seen, Server, answer
from support.world import item, rss
from whole.conftest import AT_ONCE, LOCAL

from monitor import app, config
from monitor import store as stores
from monitor.pipeline.parts import at_once
from monitor.runners import daemon, inline
from monitor.store import articles, editions, export, feeds, leases
from monitor.testing import FakeClock

pytestmark = [pytest.mark.anyio, pytest.mark.whole]
SETTINGS = LOCAL + 'articles = "off"\n'
DIGEST = AT_ONCE.replace("email:desk@example.org", "console:")


async def lives(folder: Path, url: str, minutes: int) -> None:
    """Do what the daemon does in one tick, this many minutes after the first tick."""
    settings = config.load(folder, environ={}, overrides={"store.url": url})
    clock = FakeClock()
    clock.advance(timedelta(minutes=minutes))
    async with app.open_parts(settings, clock=clock, write=len) as opened:
        parts = replace(opened, owner=daemon.OWNER, compute=at_once)
        await parts.store.write(leases.drop, daemon.OWNER, clock.now())
        await inline.tell(parts, await inline.journey(parts))


def dies(folder: Path, url: str, minutes: int, order: str) -> None:
    """Do the same in this process, which the failpoint of `order` kills."""
    os.environ["MONITOR_FAILPOINTS"] = order
    asyncio.run(lives(folder, url, minutes))


class Gazette:
    """A feed with validators: it answers 304 to a request that names its newest state."""

    def __init__(self, server: Server) -> None:
        self.items: list[str] = []
        self.server = server
        server.on("/feed", self._answer)

    def report(self) -> None:
        number = len(self.items) + 1
        self.items.append(item(number, self.server.url(f"/{number}"), title=f"Frigate {number}"))

    def asked_with(self) -> list[bytes | None]:
        return [seen.header("if-none-match") for seen in self.server.requests]

    def _answer(self, seen: Seen) -> Script:
        etag = f'"{len(self.items)}"'
        if seen.header("if-none-match") == etag.encode():
            return answer(status=304, headers={"ETag": etag})
        return answer(rss(*self.items), headers={"ETag": etag})


def kept(connection: Connection) -> dict[str, Any]:
    """Fates, numbers of matches and editions, the feed's ETag, and whether the file is sound."""
    sound = connection.dialect.name != "sqlite" or (
        connection.scalar(text("PRAGMA integrity_check")) == "ok"
        and not connection.execute(text("PRAGMA foreign_key_check")).all()
    )
    return {
        "fates": [line["fate"] for line in export.entry_lines(connection, None)],
        "matched": articles.counts(connection)["matched"],
        "editions": len(editions.listing(connection)),
        "sound": sound,
        "etag": feeds.statuses(connection)[0].polling.validators.etag,
    }


STORED = {
    "poll.got": False,
    "store.before_commit": False,
    "store.after_commit": True,
    "match.before_commit": True,
}
"""Failpoint at which it is killed -> whether the news is in the store by then."""
CASES = [
    *(pytest.param("sqlite", point) for point in STORED),
    *(
        pytest.param("postgres", point, marks=pytest.mark.postgres)
        for point in ("store.before_commit", "match.before_commit")  # inside a transaction
    ),
]


@pytest.mark.parametrize(("kind", "point"), CASES)
async def test_F01_F02_F03_F04_killed_while_news_comes_in_each_report_is_told_once(
    tmp_path: Path, store_url: str, point: str
) -> None:
    """News that was not committed is requested again with the old validators; other news is not."""
    stored = STORED[point]
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "ships.toml").write_text('title = "Ships"\nquery = "frigate"\n')
    (tmp_path / "digests.toml").write_text(DIGEST)
    (tmp_path / "monitor.toml").write_text(SETTINGS)

    async with Server() as server:
        gazette = Gazette(server)
        (tmp_path / "feeds.toml").write_text(f'[[feeds]]\nurl = "{server.url("/feed")}"\n')
        gazette.report()
        await lives(tmp_path, store_url, 0)
        gazette.report()
        ended = await asyncio.to_thread(doomed, dies, tmp_path, store_url, 60, f"{point}=kill")
        assert ended == -signal.SIGKILL
        with stores.open(store_url) as store:
            dead = store.read_now(kept)
        assert dead["sound"]
        assert dead["fates"][1:] == (["new"] if stored else [])
        assert gazette.asked_with() == [None, b'"1"']
        assert dead["etag"] == (b'"2"' if stored else b'"1"')
        await lives(tmp_path, store_url, 60)
    assert gazette.asked_with()[2:] == ([] if stored else [b'"1"'])
    with stores.open(store_url) as store:
        alive = store.read_now(kept)
    told = {"fates": ["matched"] * 2, "matched": 2, "editions": 1, "sound": True}
    assert alive == {**told, "etag": b'"2"'}
