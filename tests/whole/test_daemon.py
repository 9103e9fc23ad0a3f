"""The daemon as a process: feeds over HTTP, mail over SMTP with TLS, Slack over its webhook."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import signal
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from support.server import Server, answer
from support.smtp import Sink
from support.world import item, rss
from whole.conftest import LOCAL, Program, until

from monitor import store as stores
from monitor.store import editions, export, feeds, outbox

pytestmark = [pytest.mark.anyio, pytest.mark.whole, pytest.mark.timeout(180)]
CERTS = Path(__file__).parents[1] / "seams" / "channels" / "certs"

SETTINGS = (
    LOCAL
    + """articles = "off"
[channels.email]
host = "localhost"
port = {smtp}
tls = "starttls"
ca_file = "{authority}"
from = "monitor@example.org"
[channels.slack.desk]
webhook = "{slack}"
"""
)
DIGESTS = """
[[digests]]
name = "desk"
watchlists = ["ships"]
schedule = "at once"
recipients = ["email:desk@example.org", "slack:desk"]
"""


REPORTS = (
    ("Frigate Alder rescues fishermen off Iceland", "Nine men were lifted from a burning trawler."),
    ("Budget row delays sonar for frigate Birch", "Auditors in Oslo doubt the price of new gear."),
    (
        "Band plays as frigate Cedar retires",
        "After forty years the hull goes to a museum in Perth.",
    ),
)


class Newsroom:
    """The world around one daemon: a feed that grows, a mail server and a Slack webhook."""

    def __init__(self, feed: Server, slack: Server, sink: Sink) -> None:
        self.feed, self.slack, self.sink = feed, slack, sink
        self.items: list[str] = []
        feed.on("/feed", lambda _seen: answer(rss(*self.items)))
        slack.on("/services/T0/B0/secret", answer(b"ok"))

    def report(self, number: int) -> None:
        """Add a report to the feed; each number is about an event of its own."""
        title, text = REPORTS[number - 1]
        link = self.feed.url(f"/report/{number}")
        self.items.append(item(number, link, title=title, text=text))

    def write_settings(self, folder: Path) -> None:
        (folder / "watchlists").mkdir()
        (folder / "watchlists" / "ships.toml").write_text('title = "Ships"\nquery = "frigate"\n')
        (folder / "digests.toml").write_text(DIGESTS)
        (folder / "feeds.toml").write_text(
            f'[[feeds]]\nurl = "{self.feed.url("/feed")}"\nname = "Northwatch"\n'
        )
        (folder / "monitor.toml").write_text(
            SETTINGS.format(
                smtp=self.sink.port,
                authority=CERTS / "authority.pem",
                slack=self.slack.url("/services/T0/B0/secret"),
            )
        )

    def mailed(self) -> Counter[str]:
        """How often each report was mailed."""
        return self._count(
            message_from_bytes(mail.content, policy=policy.default)
            .get_body(("plain",))
            .get_content()
            for mail in self.sink.mails
        )

    def posted(self) -> Counter[str]:
        """How often each report was posted to Slack."""
        return self._count(
            json.dumps(json.loads(seen.body)["blocks"]) for seen in self.slack.requests
        )

    @staticmethod
    def _count(texts: object) -> Counter[str]:
        found: Counter[str] = Counter()
        for text in texts:
            found.update(set(re.findall("Alder|Birch|Cedar", text)))
        return found


def server_side() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / "good.pem")
    return context


def outcomes(program: Program) -> dict[str, int]:
    """The number of deliveries in each state, according to the store."""
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        return store.read_now(outbox.counts)


@pytest.fixture
async def room(program: Program) -> AsyncIterator[Newsroom]:
    """The world around the program, whose settings name it."""
    async with Server() as feed, Server() as slack, Sink(tls=server_side()) as sink:
        made = Newsroom(feed, slack, sink)
        made.write_settings(program.folder)
        yield made


async def test_F06_F11_killed_between_two_editions_it_goes_on_from_where_it_was(
    program: Program, room: Newsroom
) -> None:
    """I1, I3: editions join without gap or overlap after a SIGKILL; each report is sent once."""
    daemon = await program.start("run")
    await until(lambda: room.feed.requests, log=program.log)
    room.report(1)
    await until(lambda: room.mailed() and room.posted(), log=program.log)
    # A kill between accepting and recording may repeat a message; another test is about that.
    await until(lambda: outcomes(program) == {"sent": 2}, log=program.log)
    room.report(2)
    daemon.send_signal(signal.SIGKILL)
    await daemon.wait()
    room.report(3)
    daemon = await program.start("run")
    everything = {"Alder": 1, "Birch": 1, "Cedar": 1}
    await until(
        lambda: room.mailed() == everything and room.posted() == everything, log=program.log
    )
    daemon.send_signal(signal.SIGTERM)
    assert await daemon.wait() == 0
    assert room.mailed() == room.posted() == everything
    assert all(mail.encrypted for mail in room.sink.mails)
    ids = [message_from_bytes(mail.content)["Message-ID"] for mail in room.sink.mails]
    assert len(set(ids)) == len(ids)
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        kept = list(reversed(store.read_now(editions.listing)))
        assert all(one.window.end <= two.window.start for one, two in pairwise(kept))
        assert store.read_now(outbox.counts).keys() == {"sent"}
        lines = store.read_now(lambda connection: list(export.entry_lines(connection, None)))
        assert [line["fate"] for line in lines] == ["matched"] * 3
    assert "secret" not in program.log.read_text()


async def test_F103_a_second_daemon_refuses_and_a_kill_frees_the_place(
    program: Program, room: Newsroom
) -> None:
    """The kernel or the database server holds the lock, so it ends with the process."""
    first = await program.start("run")
    await until(lambda: room.feed.requests, log=program.log)
    second = await program.start("run")
    assert await second.wait() == 75
    assert program.log.read_text().count("at work") == 1  # the second never got to work
    first.send_signal(signal.SIGKILL)
    await first.wait()
    asked = len(room.feed.requests)
    third = await program.start("run")
    await until(lambda: len(room.feed.requests) > asked, log=program.log)
    third.send_signal(signal.SIGINT)
    assert await third.wait() == 0  # F12


async def test_F12_told_to_stop_while_a_feed_hangs_it_ends_soon(
    program: Program, room: Newsroom
) -> None:
    """A daemon told to stop during a poll ends with 0 in 30 s; the feed is due as before."""
    room.feed.on("/feed", ("hang",))
    daemon = await program.start("run")
    await until(lambda: room.feed.requests, log=program.log)
    daemon.send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        assert await daemon.wait() == 0
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        lines = store.read_now(lambda connection: list(export.entry_lines(connection, None)))
        assert lines == []
        (status,) = store.read_now(feeds.statuses)
        assert status.polls == 0
        assert len(store.read_now(feeds.due, datetime.now(UTC))) == 1


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_F22_F110_F111_settings_change_under_a_daemon_whose_log_is_on_a_full_disk(
    program: Program, room: Newsroom
) -> None:
    """A mistake only degrades the daemon's health; the next change works, and it ends with 0."""
    settings, watchlist = program.folder / "monitor.toml", program.folder / "watchlists"
    port = free_port()
    settings.write_text(settings.read_text() + f"[web]\nenabled = true\nport = {port}\n")
    daemon = await program.start("run", log=Path("/dev/full"))
    await until(lambda: room.feed.requests, log=program.log)

    async def told(words: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            for _ in range(600):
                with contextlib.suppress(httpx.TransportError):  # while the daemon reloads
                    answer = await client.get(f"http://127.0.0.1:{port}/readyz")
                    if (answer.status_code, answer.text) == (200, words):
                        return
                await asyncio.sleep(0.05)
        raise AssertionError(f"never {words!r}")

    await told("ready")
    (watchlist / "ships.toml").write_text('query = "(trawler"\n')
    daemon.send_signal(signal.SIGHUP)
    await told("ready, but the settings on disk cannot be used")
    room.report(1)
    await until(room.mailed, log=program.log)
    (watchlist / "ships.toml").write_text('query = "museum"\n')
    daemon.send_signal(signal.SIGHUP)
    await told("ready")
    room.report(2)
    room.report(3)
    await until(lambda: room.mailed()["Cedar"] and room.posted()["Cedar"], log=program.log)
    daemon.send_signal(signal.SIGTERM)
    assert await daemon.wait() == 0
    assert room.mailed() == room.posted() == {"Alder": 1, "Cedar": 1}


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_F21_F111_answers_that_could_not_be_recorded_outlast_a_reload(
    program: Program, room: Newsroom
) -> None:
    """After a reload the daemon still knows them: no delivery becomes unknown or is sent again."""
    daemon = await program.start("run", MONITOR_FAILPOINTS="send.accepted=enospc")
    await until(lambda: room.feed.requests, log=program.log)
    room.report(1)
    await until(lambda: program.log.read_text().count("is not recorded") == 2, log=program.log)
    daemon.send_signal(signal.SIGHUP)

    def told() -> bool:
        _, _, since = program.log.read_text().partition("are in force now")
        return "2 answers are not recorded" in since

    await until(told, log=program.log)
    daemon.send_signal(signal.SIGTERM)
    assert await daemon.wait() == 0
    assert room.mailed() == room.posted() == {"Alder": 1}
    assert outcomes(program) == {"sending": 2}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])
