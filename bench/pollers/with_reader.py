"""lemon24/reader as a poller, in an environment of its own; the orders are those of `ours.py`.

Its threads are as many as ours may have requests in flight. Each poll asks all feeds: the schedule
that it keeps by itself is passed over, as ours is.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import feedparser  # reader imports it at its first document: that is starting, not polling
from reader import make_reader

WORKERS = 50


def main(folder: Path) -> None:
    """Obey until there are no more orders."""
    reader = make_reader(str(folder / "reader.sqlite3"))
    for url in (folder / "urls").read_text().split():
        reader.add_feed(url, exist_ok=True, allow_invalid_url=True)
    feedparser.parse("<rss version='2.0'><channel><title>x</title></channel></rss>")
    feeds = reader.get_feed_counts().total
    print("ready", flush=True)
    for order in sys.stdin:
        if order.strip() == "poll":
            start = time.perf_counter()
            reader.update_feeds(workers=WORKERS, scheduled=False)
            answer = {"seconds": time.perf_counter() - start, "polls": feeds}
        else:
            broken = reader.get_feed_counts().broken
            answer = {"stored": reader.get_entry_counts().total, "failed": broken}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
