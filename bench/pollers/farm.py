"""The feed farm: made-up feeds on loopback, the same for every program."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = Path(os.environ.get("MONITOR_BENCH", ROOT.parent / "shared" / "bench")) / "feedfarm.py"
HOSTS = 40
_PATIENCE_S = 180.0
"""A farm that has to write all its feeds first answers by then."""


class Farm:
    """A running farm, by its address."""

    def __init__(self, address: str, latency_ms: str) -> None:
        self._address = address
        self._latency_ms = latency_ms
        self.urls = tuple(self.ask("/_urls").split())
        self.settle()

    def ask(self, path: str) -> str:
        """What the farm answers."""
        return ask(self._address + path)

    def publish(self) -> None:
        """One new entry in each feed."""
        self.ask("/_publish?n=1")
        self.settle()

    def settle(self) -> None:
        """Let it write its feeds now: it does at the first request, and someone would pay it."""
        self.ask("/_latency?ms=0")
        asyncio.run(_touch(self.urls))
        self.ask(f"/_latency?ms={self._latency_ms}")

    def cpu_s(self) -> float:
        """CPU seconds that it has used."""
        return float(json.loads(self.ask("/_stats"))["cpu_s"])

    def published(self, feeds: int) -> int:
        """How many entries the first so many feeds have published."""
        counts = Counter(json.loads(line)["feed"] for line in self.ask("/_truth").splitlines())
        return sum(counts[feed] for feed in range(feeds))


async def _touch(urls: tuple[str, ...]) -> None:
    """Ask every feed once, each on a connection of its own."""
    places = asyncio.Semaphore(20)

    async def touch(url: str) -> None:
        parts = urlsplit(url)
        async with places:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
            lines = (
                f"GET {parts.path} HTTP/1.1",
                f"Host: {parts.netloc}",
                "Accept-Encoding: gzip",
                "Connection: close",
            )
            writer.write("\r\n".join((*lines, "", "")).encode())
            await reader.read()
            writer.close()

    await asyncio.gather(*(touch(url) for url in urls))


@contextmanager
def farm(feeds: int, items: int, latency_ms: str, python: str = sys.executable) -> Iterator[Farm]:
    """A farm on a free port; every feed is sound and answers 304 when nothing changed."""
    options = {"feeds": feeds, "items": items, "hosts": HOSTS, "conditional": 1}
    with served(options, python=python) as address:
        yield Farm(address, latency_ms)


@contextmanager
def served(
    options: Mapping[str, object], *flags: str, python: str = sys.executable
) -> Iterator[str]:
    """The farm's program with these options, on a free port; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    command = [python, str(SCRIPT), "--port", str(port), *words, *flags]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield _answering(process, f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        process.wait()


def ask(url: str) -> str:
    """What a farm answers."""
    with urllib.request.urlopen(url, timeout=_PATIENCE_S) as answer:
        return str(answer.read().decode())


def _answering(process: subprocess.Popen[bytes], address: str) -> str:
    """The address, once somebody answers there."""
    until = time.monotonic() + _PATIENCE_S
    while process.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(f"{address}/_config", timeout=5).close()
            return address
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the feed farm does not answer")
