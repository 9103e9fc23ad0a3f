"""A loop of `feedparser.parse(url)`, as is often written; the orders are those of `ours.py`.

It keeps the validators of each feed in memory and which ids it has seen, and stores nothing.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import feedparser


def poll(feeds: dict[str, Any], seen: set[str]) -> int:
    """Ask all feeds, one after the other; how many failed."""
    failed = 0
    for url, before in feeds.items():
        found = feedparser.parse(url, etag=before.get("etag"), modified=before.get("modified"))
        failed += found.get("status") not in (200, 304)
        if found.get("status") == 200:
            feeds[url] = {"etag": found.get("etag"), "modified": found.get("modified")}
        seen |= {entry.get("id", entry.get("link", "")) for entry in found.entries}
    return failed


def main(folder: Path) -> None:
    """Obey until there are no more orders."""
    feeds: dict[str, Any] = {url: {} for url in (folder / "urls").read_text().split()}
    seen: set[str] = set()
    failed = 0
    print("ready", flush=True)
    for order in sys.stdin:
        if order.strip() == "poll":
            start = time.perf_counter()
            failed += poll(feeds, seen)
            answer = {"seconds": time.perf_counter() - start, "polls": len(feeds)}
        else:
            answer = {"stored": len(seen), "failed": failed}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
