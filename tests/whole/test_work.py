"""Workers as processes beside the daemon: how they share entries, and what if one dies."""

from __future__ import annotations

import asyncio
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from support.cli import monitor
from support.server import HANG, Server, answer
from support.smtp import Sink
from support.world import SENTENCE, item, page, rss
from whole.conftest import AT_ONCE, LOCAL, Program, until

from monitor import store as stores
from monitor.store import Store, entries, jobs, outbox

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.whole,
    pytest.mark.postgres,
    pytest.mark.timeout(240),
]
HOSTS, EACH = 8, 25
SETTINGS = (
    LOCAL
    + """timeout_s = {timeout}
articles = "{articles}"
[channels.email]
host = "127.0.0.1"
port = {smtp}
tls = "none"
from = "monitor@example.org"
"""
)
HTML = {"Content-Type": "text/html; charset=utf-8"}
REPORTS = (
    (
        "Alder",
        "Frigate Alder rescues fishermen off Iceland",
        "Nine men were lifted from a trawler.",
    ),
    ("Birch", "Budget row delays sonar for frigate Birch", "Auditors doubt the price of new gear."),
    ("Cedar", "Band plays as frigate Cedar retires", "The hull goes to a museum in Perth."),
)


@pytest.fixture
async def program(tmp_path: Path, shared_url: str) -> AsyncIterator[Program]:
    """The program on PostgreSQL.

    It is killed at the end: a worker would wait for a server that is gone.
    """
    started = Program(tmp_path, shared_url)
    yield started
    for process in started.processes:
        if process.returncode is None:
            process.kill()
            await process.wait()


@pytest.fixture
async def outlets() -> AsyncIterator[list[Server]]:
    """Servers on loopback addresses of their own, each with a feed of summaries and its pages."""
    async with AsyncExitStack() as stack:
        servers = []
        for number in range(HOSTS):
            server = await stack.enter_async_context(Server(host=f"127.0.3.{number + 1}"))
            items = [item(n, server.url(f"/{n}")) for n in range(EACH)]
            server.on("/feed", answer(rss(*items)))
            for n in range(EACH):
                body = page(f"Report {n}", f"Frigate {n} left. " + SENTENCE)
                server.on(f"/{n}", [0.02, *answer(body, headers=HTML)])
            servers.append(server)
        yield servers


def write_settings(
    program: Program,
    feeds: list[str],
    *,
    smtp: int = 1,
    digests: str = "",
    timeout: int = 60,
    articles: str = "all",
) -> None:
    folder = program.folder
    (folder / "watchlists").mkdir()
    (folder / "watchlists" / "ships.toml").write_text('title = "Ships"\nquery = "frigate"\n')
    (folder / "digests.toml").write_text(digests)
    (folder / "feeds.toml").write_text("".join(f'[[feeds]]\nurl = "{url}"\n' for url in feeds))
    (folder / "monitor.toml").write_text(
        SETTINGS.format(smtp=smtp, timeout=timeout, articles=articles)
    )


class Record:
    """Counts that the database has while the program runs."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def workers(self) -> int:
        counts = self._store.read_now(jobs.counts)
        return counts.workers if counts else 0

    def articles(self) -> int:
        fates = self._store.read_now(entries.fates)
        return fates.get("matched", 0) + fates.get("unmatched", 0)

    def deliveries(self) -> dict[str, int]:
        return self._store.read_now(outbox.counts)


@pytest.fixture
def record(program: Program) -> Iterator[Record]:
    """The counts of the program's database, which stays open.

    Opening it for each look would take a core from the processes.
    """
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        yield Record(store)


def audited(program: Program) -> str:
    """Run `monitor audit` on this database and return its output, asserting that it succeeds."""
    ended = monitor(
        "audit", "--config", program.folder, "--db", program.environ["MONITOR_STORE__URL"]
    )
    assert ended.code == 0, ended.out
    return ended.out


async def stopped(process: asyncio.subprocess.Process, number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    async with asyncio.timeout(40):
        return await process.wait()


def read(log: Path) -> list[int]:
    """How many entries each worker says it has read."""
    return [int(found) for found in re.findall(r"stopped: (\d+) entries read", log.read_text())]


async def test_F12_p45_two_workers_share_the_entries_and_each_is_read_once(
    program: Program, record: Record, outlets: list[Server]
) -> None:
    """No page is asked for twice, and no host ever has two requests in flight."""
    write_settings(program, [one.url("/feed") for one in outlets])
    pair = [await program.start("work") for _ in range(2)]
    await until(lambda: record.workers() == 2, log=program.log)
    daemon = await program.start("run")
    await until(lambda: record.articles() == HOSTS * EACH, 120, log=program.log)
    assert await stopped(pair[0]) == 0
    assert await stopped(pair[1], signal.SIGINT) == 0
    assert await stopped(daemon) == 0
    shares = read(program.log)
    assert sum(shares) == HOSTS * EACH
    assert min(shares) > 0
    for one in outlets:
        assert one.most_in_flight == 1
        asked = Counter(seen.path for seen in one.requests if seen.path != "/feed")
        assert asked.pop("/robots.txt") <= 2
        assert asked == {f"/{n}": 1 for n in range(EACH)}
    assert "Everything adds up" in audited(program)


async def test_F11_F105_a_killed_workers_entries_are_read_by_another(
    program: Program, record: Record, outlets: list[Server]
) -> None:
    """A worker dies with a request in flight at each host, and the audit finds every entry."""
    last = f"/{EACH - 1}"
    for one in outlets:
        body = page("The last report", "Frigate 24 left. " + SENTENCE)
        one.on(last, (HANG,), answer(body, headers=HTML))
    write_settings(program, [one.url("/feed") for one in outlets], timeout=20)
    doomed = await program.start("work")
    await until(lambda: record.workers() == 1, log=program.log)
    daemon = await program.start("run")
    await until(lambda: all(one.asked(last) for one in outlets), log=program.log)
    other = await program.start("work")
    await until(lambda: record.workers() == 2, log=program.log)
    doomed.kill()
    await doomed.wait()
    await until(lambda: record.articles() == HOSTS * EACH, 150, log=program.log)
    assert await stopped(other) == 0
    assert await stopped(daemon) == 0
    assert "a worker died" in program.log.read_text()
    for one in outlets:
        asked = Counter(seen.path for seen in one.requests if seen.path != "/feed")
        assert asked.pop("/robots.txt") <= 2
        assert asked == {f"/{n}": 1 for n in range(EACH)} | {last: 2}
        assert one.most_in_flight == 1
    assert "Everything adds up" in audited(program)


async def test_digests_are_sent_once_while_two_workers_and_the_daemon_run(
    program: Program, record: Record
) -> None:
    """I2: whichever process reads an entry, only the daemon reports it."""
    items: list[str] = []

    def mailed(sink: Sink) -> Counter[str]:
        texts = [
            message_from_bytes(mail.content, policy=policy.default)
            .get_body(("plain",))
            .get_content()
            for mail in sink.mails
        ]
        return Counter(name for text in texts for name, *_ in REPORTS if name in text)

    async with Server() as feed, Sink() as sink:
        feed.on("/feed", lambda _seen: answer(rss(*items)))
        write_settings(
            program, [feed.url("/feed")], smtp=sink.port, digests=AT_ONCE, articles="off"
        )
        processes = [await program.start("work") for _ in range(2)]
        await until(lambda: record.workers() == 2, log=program.log)
        processes.append(await program.start("run"))
        await until(lambda: feed.requests, log=program.log)
        for number, (name, title, text) in enumerate(REPORTS):
            link = feed.url(f"/{name}")
            items.append(item(number, link, title=title, text=text))
            await until(lambda number=number: len(mailed(sink)) > number, log=program.log)
        await until(lambda: record.deliveries() == {"sent": len(sink.mails)}, log=program.log)
        for process in processes:
            assert await stopped(process) == 0
    assert mailed(sink) == {name: 1 for name, *_ in REPORTS}
    assert sum(read(program.log)) == len(REPORTS)
    assert "Everything adds up" in audited(program)


async def test_a_worker_does_not_tell_the_database_which_feeds_there_are(
    program: Program, record: Record, outlets: list[Server]
) -> None:
    """A worker with an older feeds.toml does not switch off what the daemon polls."""
    write_settings(program, [one.url("/feed") for one in outlets[:1]])
    daemon = await program.start("run")
    await until(lambda: record.articles(), log=program.log)
    (program.folder / "feeds.toml").write_text("")
    worker = await program.start("work")
    await until(record.workers, log=program.log)
    polled = len(outlets[0].asked("/feed"))
    await until(lambda: len(outlets[0].asked("/feed")) > polled + 1, log=program.log)
    assert await stopped(worker) == 0
    assert await stopped(daemon) == 0


def test_on_sqlite_it_says_what_to_do(tmp_path: Path) -> None:
    ended = monitor("work", "--db", f"sqlite:///{tmp_path / 'db.sqlite3'}", "--json")
    assert ended.code == 78
    assert "monitor work needs PostgreSQL" in ended.err
    assert ended.error["code"] == "settings"
    assert not list(tmp_path.iterdir())
