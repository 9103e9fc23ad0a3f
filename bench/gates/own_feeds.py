"""Gate: what feed readers make of the feeds that we write: newsboat, sfeed, feedsmith, rss-parser.

Each is asked when it is here: the first two are packages of most systems, the others come by
`npm install --prefix DIR feedsmith rss-parser` and `MONITOR_JUDGES=DIR` (they need node). A reader
passes when it sees every title and address that we wrote, and no more. What is not here is named as
not installed, and passes; feedparser and our own reader judge in the tests.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bench.gates.mail import SIZES, judge, sized
from monitor.channels import World, feed
from monitor.digests.render import bodies
from monitor.model import FetchFailed, Recipient, Response

NOW = datetime(2024, 10, 18, 6, tzinfo=UTC)
Seen = Iterable[tuple[str, str]]
"""Title and address of each entry, in any order."""

FEEDSMITH = """
import {parseFeed} from '%s';
import {readFileSync} from 'node:fs';
const {format, feed} = parseFeed(readFileSync(0, 'utf8'));
const address = one => one.url ?? one.link ?? one.links?.[0]?.href ?? '';
const entries = feed.entries ?? feed.items;
console.log(JSON.stringify(entries.map(one => [one.title.value ?? one.title, address(one)])));
"""
RSS_PARSER = """
import Parser from '%s';
import {readFileSync} from 'node:fs';
const {items} = await new Parser().parseString(readFileSync(0, 'utf8'));
console.log(JSON.stringify(items.map(one => [one.title, one.link ?? ''])));
"""


def main() -> int:
    """Print what each reader sees; 1 when one misses something."""
    node = shutil.which("node")
    readers: dict[str, tuple[bool, Callable[[Path], Seen], set[str]]] = {
        "newsboat": (bool(shutil.which("newsboat")), _newsboat, {".atom", ".rss"}),
        "sfeed": (bool(shutil.which("sfeed")), _sfeed, {".atom", ".rss"}),
    }
    for name, file, script, kinds in (
        ("feedsmith", "feedsmith/dist/index.mjs", FEEDSMITH, {".atom", ".rss", ".json"}),
        ("rss-parser", "rss-parser/index.js", RSS_PARSER, {".atom", ".rss"}),
    ):
        at = judge(file)
        readers[name] = (bool(node and at), _script(script % at), kinds)
    missed = 0
    with tempfile.TemporaryDirectory(prefix="feeds-") as folder:
        asyncio.run(_write(Path(folder)))
        for name, (here, read, kinds) in readers.items():
            if not here:
                print(f"{name}: not installed")
                continue
            faults = [
                fault for file in _files(Path(folder), kinds) for fault in _faults(read, file)
            ]
            print(f"{name:12} {len(faults)} faults in {', '.join(sorted(kinds))}", *faults[:5])
            missed += len(faults)
    return 1 if missed else 0


async def _write(folder: Path) -> None:
    """Feeds of 0, 1, 30 and 500 stories in all forms, through the channel itself."""
    world = World(_no_post, lambda: NOW)
    for size in SIZES:
        settings = feed.Settings(
            path=folder, link="https://desk.example/feeds", max_entries=1_000, rss=True
        )
        edition = replace(sized(size), cut=2)
        recipient = Recipient("feed", f"stories-{size}")
        for message in feed.render(edition, recipient, settings, bodies(edition), NOW):
            await feed.send(message, settings, world)


async def _no_post(*_: object, **__: object) -> Response | FetchFailed:
    raise AssertionError("a feed is written to files")


def _files(folder: Path, kinds: set[str]) -> list[Path]:
    return sorted(file for file in folder.iterdir() if file.suffix in kinds)


def _faults(read: Callable[[Path], Seen], file: Path) -> list[str]:
    items = json.loads(file.with_suffix(".json").read_bytes())["items"]
    wanted = sorted((item["title"], item.get("url", "")) for item in items)
    try:
        found = sorted((title, address) for title, address in read(file))
    except (ValueError, sqlite3.Error) as error:
        return [f"{file.name}: {error}"]
    return [] if found == wanted else [f"{file.name}: {len(found)} entries seen of {len(wanted)}"]


def _newsboat(file: Path) -> Seen:
    """What stands in its cache afterwards; a cache for each file, since ids are one for all."""
    with tempfile.TemporaryDirectory(prefix="newsboat-") as name:
        own = Path(name)
        (own / "urls").write_text(file.as_uri() + "\n")
        (own / "config").touch()
        words = ["-u", own / "urls", "-c", own / "cache", "-C", own / "config", "-x", "reload"]
        _said("newsboat", *map(str, words))
        with sqlite3.connect(own / "cache") as cache:
            return cache.execute("SELECT title, url FROM rss_item").fetchall()


def _sfeed(file: Path) -> Seen:
    """Lines of fields divided by tabs: time, title, address, and more."""
    said = _said("sfeed", given=file.read_text())
    return [
        (title, address) for _, title, address, *_ in (x.split("\t") for x in said.splitlines())
    ]


def _script(script: str) -> Callable[[Path], Seen]:
    def read(file: Path) -> Seen:
        said = _said("node", "--input-type=module", "--eval", script, given=file.read_text())
        return [(title, address) for title, address in json.loads(said)]

    return read


def _said(*words: str, given: str = "") -> str:
    done = subprocess.run(
        words, input=given, capture_output=True, text=True, check=False, timeout=60
    )
    if done.returncode:
        raise ValueError(f"{words[0]}: {done.stderr.strip()[-200:]}")
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
