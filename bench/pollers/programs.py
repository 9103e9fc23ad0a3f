"""The programs that poll, each with a database of its own, behind one face.

What is compared is the same work: every entry fetched, parsed and stored. Starting does not count.
"""

from __future__ import annotations

import json
import resource
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from bench.pollers.measure import Peak, cpu_s

HERE = Path(__file__).parent
THREADS = 50
"""Feeds that newsboat asks at once; as many as the others."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a round took."""

    polls: int
    wall_s: float
    cpu_s: float
    peak_mb: float

    @property
    def speed(self) -> float:
        """Feeds in a second."""
        return self.polls / self.wall_s

    @property
    def cost(self) -> float:
        """CPU seconds of 1,000 polls."""
        return self.cpu_s * 1000 / self.polls


@dataclass(frozen=True, slots=True)
class Held:
    """What a program has in the end: entries, and polls that it knows to have failed."""

    stored: int
    failed: int = 0


class Program(Protocol):
    """A program that polls."""

    def poll(self) -> Figures:
        """Poll all its feeds once."""
        ...

    def held(self) -> Held:
        """Count what it has."""
        ...

    def close(self) -> None:
        """End it."""
        ...


class Driven:
    """A program that lives as long as its driver, as a daemon does; it takes orders by a pipe."""

    def __init__(self, script: str, python: str, folder: Path) -> None:
        self._errors = folder / "errors"
        with self._errors.open("w") as errors:
            self._process = subprocess.Popen(
                [python, str(HERE / script), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._answer()  # it is ready

    def poll(self) -> Figures:
        """Poll; the driver tells the time, /proc the CPU and the memory."""
        pid = self._process.pid
        before = cpu_s(pid)
        with Peak(pid) as peak:
            told = json.loads(self._order("poll"))
        return Figures(told["polls"], told["seconds"], cpu_s(pid) - before, peak.mb)

    def held(self) -> Held:
        """Ask the driver."""
        told: dict[str, Any] = json.loads(self._order("count"))
        return Held(**told)

    def close(self) -> None:
        """No more orders: it ends."""
        self._process.communicate()

    def _order(self, word: str) -> str:
        assert self._process.stdin
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} broke: {self._errors.read_text()[-2000:]}")
        return line


class Run:
    """A program that is started for each round: what an empty start takes is taken off.

    `start` is a command that asks no feed; it is measured once, before anything is stored. To read
    what is stored is part of each later poll.
    """

    def __init__(
        self,
        start: Sequence[str],
        poll: Sequence[str],
        feeds: int,
        folder: Path,
        held: Counting,
    ) -> None:
        self._command = poll
        self._feeds = feeds
        self._folder = folder
        self._held = held
        self._start = self._took(start)

    def poll(self) -> Figures:
        """Start it and let it poll."""
        whole = self._took(self._command)
        wall, cpu = whole.wall_s - self._start.wall_s, whole.cpu_s - self._start.cpu_s
        return Figures(self._feeds, wall, cpu, whole.peak_mb)

    def held(self) -> Held:
        """Count in its files."""
        return Held(self._held(self._folder))

    def close(self) -> None:
        """It has ended already."""

    def _took(self, command: Sequence[str]) -> Figures:
        used, since = _children_s(), time.perf_counter()
        with (self._folder / "errors").open("w") as errors:
            process = subprocess.Popen(
                command,
                cwd=self._folder,
                env={"HOME": str(self._folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )
        with Peak(process.pid) as peak:
            ended = process.wait()
            wall = time.perf_counter() - since
        if ended:
            why = (self._folder / "errors").read_text()[-2000:]
            raise RuntimeError(f"{command!r} ended with {ended}: {why}")
        return Figures(self._feeds, wall, _children_s() - used, peak.mb)


Counting = Callable[[Path], int]
"""How many entries are stored in a folder."""


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


# -------------------------------------------------------------------------------- each of them


@dataclass(frozen=True, slots=True)
class Kind:
    """A program that can be measured. `start(folder, urls)` sets it up in a folder with `urls`."""

    name: str
    start: Callable[[Path, Sequence[str]], Program]
    missing: Callable[[], str] = str
    """Why it cannot be measured here; "" when it can."""
    slow: bool = False
    """It asks one feed after the other: a few of them tell as much as all."""


def _monitor(folder: Path, urls: Sequence[str]) -> Program:
    return Driven("with_monitor.py", sys.executable, folder)


def _loop(folder: Path, urls: Sequence[str]) -> Program:
    return Driven("with_feedparser.py", sys.executable, folder)


def _newsboat(folder: Path, urls: Sequence[str]) -> Program:
    (folder / "config").write_text(f"reload-threads {THREADS}\n")
    words = ["newsboat", "-q", "-C", "config", "-u", "urls", "-c", "cache.db", "-x"]
    start, poll = [*words, "print-unread"], [*words, "reload"]
    return Run(start, poll, len(urls), folder, _in_newsboat)


def _in_newsboat(folder: Path) -> int:
    with closing(sqlite3.connect(folder / "cache.db")) as database:
        return int(database.execute("SELECT count(*) FROM rss_item").fetchone()[0])


def _rss2email(folder: Path, urls: Sequence[str]) -> Program:
    """It stores what it sends; here a Maildir takes it, which asks no mail server."""
    for part in ("cur", "new", "tmp"):
        (folder / "mail" / "in" / part).mkdir(parents=True)
    lines = ["[DEFAULT]", "to = desk@example.org", "email-protocol = maildir"]
    lines += [f"maildir-path = {folder / 'mail'}", "maildir-mailbox = in"]
    for number, url in enumerate(urls):
        lines += [f"[feed.f{number}]", f"url = {url}"]
    (folder / "r2e.cfg").write_text("\n".join(lines))
    words = ["r2e", "-c", "r2e.cfg", "-d", "r2e.json"]
    return Run([*words, "list"], [*words, "run"], len(urls), folder, _in_maildir)


def _in_maildir(folder: Path) -> int:
    return sum(1 for _ in (folder / "mail" / "in" / "new").iterdir())


def _lacks(command: str, package: str) -> Callable[[], str]:
    return lambda: "" if shutil.which(command) else f"not installed (Debian: {package})"


MONITOR = Kind("monitor", _monitor)
NEWSBOAT = Kind("newsboat", _newsboat, _lacks("newsboat", "newsboat"))
RSS2EMAIL = Kind("rss2email", _rss2email, _lacks("r2e", "rss2email"), slow=True)
LOOP = Kind("feedparser", _loop, slow=True)


def reader(python: str) -> Kind:
    """lemon24/reader, in the environment of that interpreter ("" when there is none)."""

    def start(folder: Path, urls: Sequence[str]) -> Program:
        return Driven("with_reader.py", python, folder)

    return Kind("reader", start, lambda: "" if python else "could not be installed")
