"""A backup while the daemon runs, its restore later, and what reaches the inbox."""

from __future__ import annotations

import re
import signal
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from support.server import Server, answer
from support.smtp import Sink
from support.world import item, rss
from whole.conftest import AT_ONCE, LOCAL, Program, until

from monitor import store as stores
from monitor.store import articles, editions, outbox

pytestmark = [pytest.mark.anyio, pytest.mark.whole, pytest.mark.timeout(180)]

SETTINGS = (
    LOCAL
    + """articles = "off"
[channels.email]
host = "localhost"
port = {smtp}
tls = "none"
from = "monitor@example.org"
"""
)
REPORTS = {
    "Alder": "Nine men were lifted from a burning trawler off Iceland by the frigate Alder.",
    "Birch": "Auditors in Oslo doubt the price of new sonar gear for the frigate Birch.",
    "Cedar": "After forty years the frigate Cedar goes to a museum in Perth.",
    "Elder": "Three cooks were unhurt when a drill aboard the frigate Elder became a blaze.",
}


class Newsroom:
    """A feed that grows, and a mail server."""

    def __init__(self, feed: Server, sink: Sink, folder: Path) -> None:
        self.feed, self.sink = feed, sink
        self.items: list[str] = []
        feed.on("/feed", lambda _seen: answer(rss(*self.items)))
        (folder / "watchlists").mkdir()
        (folder / "watchlists" / "ships.toml").write_text('title = "Ships"\nquery = "frigate"\n')
        (folder / "digests.toml").write_text(AT_ONCE)
        (folder / "feeds.toml").write_text(f'[[feeds]]\nurl = "{feed.url("/feed")}"\n')
        (folder / "monitor.toml").write_text(SETTINGS.format(smtp=sink.port))

    def report(self, name: str) -> None:
        """Add a report to the feed."""
        number = len(self.items) + 1
        link = self.feed.url(f"/{name}")
        self.items.append(item(number, link, title=REPORTS[name], text=REPORTS[name]))

    def inbox(self) -> list[str]:
        """The names of the reports that were mailed, in order."""
        mails = [message_from_bytes(one.content, policy=policy.default) for one in self.sink.mails]
        texts = [mail.get_body(("plain",)).get_content() for mail in mails]
        return [name for text in texts for name in REPORTS if re.search(name, text)]


def recorded(program: Program) -> dict[str, int]:
    """The number of deliveries in each state."""
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        return store.read_now(outbox.counts)


def read(program: Program) -> int:
    """The number of articles that were read and matched and are in a story."""
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        return store.read_now(articles.counts)["in_story"]


async def command(program: Program, *words: str) -> int:
    return await (await program.start(*words)).wait()


async def test_F116_F117_an_old_copy_of_a_running_monitor_is_restored_and_nothing_comes_twice(
    tmp_path: Path,
) -> None:
    """Reports of the gap come again because the release asks for it; a new one comes once."""
    program = Program(tmp_path, f"sqlite:///{tmp_path / 'm.sqlite3'}")
    async with Server() as feed, Sink() as sink:
        room = Newsroom(feed, sink, tmp_path)
        daemon = await program.start("run")
        await until(lambda: feed.requests, log=program.log)
        room.report("Alder")
        await until(lambda: recorded(program) == {"sent": 1}, log=program.log)
        assert await command(program, "backup", "copy") == 0
        room.report("Birch")
        await until(lambda: recorded(program) == {"sent": 2}, log=program.log)
        room.report("Cedar")
        await until(lambda: recorded(program) == {"sent": 3}, log=program.log)
        assert await command(program, "restore", "copy") == 75  # the daemon is running
        daemon.send_signal(signal.SIGTERM)
        assert await daemon.wait() == 0
        assert room.inbox() == ["Alder", "Birch", "Cedar"]

        assert await command(program, "restore", "copy") == 0
        daemon = await program.start("run")
        await until(lambda: read(program) == 3, log=program.log)
        assert await command(program, "deliveries", "release") == 2
        assert await command(program, "digests", "resend", "desk") == 75
        assert room.inbox() == ["Alder", "Birch", "Cedar"]
        assert await command(program, "deliveries", "release", "--news", "tell") == 0
        await until(lambda: len(room.inbox()) == 5, log=program.log)
        room.report("Elder")
        await until(lambda: "Elder" in room.inbox(), log=program.log)
        daemon.send_signal(signal.SIGTERM)
        assert await daemon.wait() == 0
        assert room.inbox() == ["Alder", "Birch", "Cedar", "Birch", "Cedar", "Elder"]
        ids = [message_from_bytes(mail.content)["Message-ID"] for mail in sink.mails]
        assert len(set(ids)) == len(ids)
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        numbers = [one.number for one in store.read_now(editions.listing)]
    assert numbers == sorted(numbers, reverse=True)
    said = program.log.read_text()
    assert "sending is held: the database was restored from a backup of" in said
    assert "Traceback" not in said
