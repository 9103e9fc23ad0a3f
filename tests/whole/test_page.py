"""The site in a real browser: what others wrote neither runs nor loads, in a page or in a frame."""

from __future__ import annotations

import asyncio
import shutil
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.server import Server, answer
from support.values import DESK, article
from whole.conftest import Program
from whole.test_web import listening, write_settings

from monitor import store as stores
from monitor.model import Edition, Match, Message, Recipient, Span, Window
from monitor.store import Store, articles, editions

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.anyio,
    pytest.mark.whole,
    pytest.mark.browser,
    pytest.mark.timeout(300),
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed"),
]
OUTSIDE = "http://outside.test"
HTML = {"Content-Type": "text/html; charset=utf-8"}
HOSTILE = (
    f'<script src="{OUTSIDE}/a.js"></script><script>document.title = "it ran"</script>'
    f'<img src="{OUTSIDE}/b.png" onerror="document.title = \'it ran\'">'
    f'<link rel="stylesheet" href="{OUTSIDE}/c.css"><link rel="preconnect" href="{OUTSIDE}">'
    f'<iframe src="{OUTSIDE}/d"></iframe><svg onload="document.title = \'it ran\'"></svg>'
    f'<style>@import "{OUTSIDE}/e.css"; body {{ background: url({OUTSIDE}/f.png) }}</style>'
    f'<video src="{OUTSIDE}/h"></video><object data="{OUTSIDE}/i"></object>'
)
AWAY = f'<base href="{OUTSIDE}/"><meta http-equiv="refresh" content="0; url={OUTSIDE}/g">'
"""Leads the browser away from its page, so it is left out of the page where the rest must run."""


@pytest.fixture
def kind() -> str:
    """SQLite only: a browser sees no difference."""
    return "sqlite"


def fill(store: Store, now: datetime) -> None:
    """Store an article, an edition and a mail, all of them hostile."""
    title = f"NATO {HOSTILE}{AWAY}"
    told = article(1, title=title, text=f"{title}\n\n{title}", source=HOSTILE, first_seen=now)
    match = Match("nato", 2.0, (Span("title", 0, 4, "NATO", "NATO"),), 0, "1")
    store.write_now(articles.insert, [articles.New(told, [match], False, now)])
    mail = (
        "Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        f"<html><body><p>The mail</p>{HOSTILE}{AWAY}</body></html>"
    )
    message = Message(
        recipient=Recipient("email", "desk@example.org"),
        id="<1@localhost>",
        subject=HOSTILE,
        content_type="message/rfc822",
        body=mail.encode(),
    )
    pointer = store.write_now(editions.register, DESK.name, now)
    window = Window(pointer.covered_until, now.replace(year=now.year + 1))
    edition = Edition(digest=DESK.name, title=HOSTILE, number=1, window=window, zone="UTC")
    made = store.write_now(
        editions.publish,
        edition,
        {"sections": []},
        [message, replace(message, recipient=Recipient("console"), content_type="text/plain")],
        subject=HOSTILE,
        fates={"carried": {1: 1}},
        now=now,
    )
    assert made == 1


async def opened(url: str, server: Server, folder: Path) -> str:
    """The DOM after the browser has run the page; `outside.test` resolves to `server`."""
    assert CHROMIUM is not None
    words = [
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *(f"--user-data-dir={folder}", "--virtual-time-budget=5000", "--dump-dom"),
        f"--host-resolver-rules=MAP outside.test 127.0.0.1:{server.port}",
        url,
    ]
    pipe = asyncio.subprocess.PIPE
    browser = await asyncio.create_subprocess_exec(*words, stdout=pipe, stderr=pipe)
    out, _ = await browser.communicate()
    return out.decode()


@pytest.fixture
async def outside() -> AsyncIterator[Server]:
    """A server for every address outside the site."""
    async with Server() as server:
        for path in ("/a.js", "/b.png", "/c.css", "/d", "/e.css", "/f.png", "/g", "/h", "/i"):
            server.on(path, answer(b"", headers=HTML))
        page = f"<!doctype html><title>x</title><body>{HOSTILE}</body>"
        server.on("/hostile", answer(page.encode(), headers=HTML))
        yield server


PATHS: Sequence[str] = (
    *("/articles/1", "/search?q=NATO", "/search?q=NATO&by=query", "/digests", "/editions/1"),
    *("/deliveries/1", "/deliveries/1/message", "/deliveries/2"),
)


async def test_S50_S54_nothing_runs_in_a_browser(program: Program, outside: Server) -> None:
    """Content that runs and loads in a page of its own does neither in our pages."""
    profile = program.folder / "browser"
    alone = await opened(f"{OUTSIDE}/hostile", outside, profile)
    assert "<title>it ran</title>" in alone
    assert {one.path for one in outside.requests} >= {"/hostile", "/a.js", "/b.png", "/c.css"}
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        fill(store, datetime.now(UTC).replace(microsecond=0))
    write_settings(program, f"{OUTSIDE}/feed", "[web]\nport = 0\n")
    site = await program.start("web")
    where = await listening(program)
    before = len(outside.requests)
    for path in PATHS:
        page = await opened(where + path, outside, profile)
        assert "NATO" in page or "The mail" in page or "desk@example.org" in page, path
        assert "<title>it ran" not in page, path
        assert [one.path for one in outside.requests[before:]] == [], path
    site.send_signal(signal.SIGTERM)
    assert await site.wait() in (0, 143)
