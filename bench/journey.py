"""Compare the journey without pages with a loop of `feedparser.parse(url)` over the same feeds.

Both poll the same feed farm, alternately; ours also stores, matches and groups. Printed: CPU
seconds per 1,000 polls of each (children included), and our share of feedparser's, for a first
round, an unchanged round, and a round with one new entry in each feed.
"""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.pollers.farm import ROOT, SCRIPT, ask, served
from bench.pollers.ours import SETTINGS

FEEDS = 100
LOOP = "import feedparser, sys\nfor url in sys.argv[1:]: feedparser.parse(url)"


def cpu(command: Sequence[str]) -> float:
    """CPU seconds of a command and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> int:
    """Run and print the three rounds."""
    if not SCRIPT.exists():
        print(f"feed farm not found: {SCRIPT}")
        return 0
    options = {"feeds": FEEDS, "hosts": 20, "items": 30}
    with served(options) as address, tempfile.TemporaryDirectory() as folder:
        urls = ask(f"{address}/_urls").split()
        config = Path(folder)
        (config / "monitor.toml").write_text(SETTINGS)
        (config / "watchlists").mkdir()
        for name in ("nato", "indo-pacific", "drones"):
            shutil.copy(ROOT / "config" / "watchlists" / f"{name}.toml", config / "watchlists")
        (config / "feeds.toml").write_text(
            "".join(f"[[feeds]]\nurl = {json.dumps(url)}\n" for url in urls)
        )
        database = f"sqlite:///{config / 'bench.sqlite3'}"
        monitor = [sys.executable, "-m", "monitor", "fetch", "--all", "--json"]
        ours = [*monitor, "--config", folder, "--db", database]
        loop = [sys.executable, "-c", LOOP, *urls]
        start = {
            "ours": cpu([sys.executable, "-m", "monitor", "--version"]),
            "loop": cpu([sys.executable, "-c", "import feedparser"]),
        }
        print(f"{FEEDS} feeds of 30 entries; CPU-s per 1,000 polls, start of the process taken off")
        for name in ("first", "unchanged", "one new entry each"):
            if name != "first":
                time.sleep(61)  # no feed is polled again within a minute
            if name.startswith("one"):
                ask(f"{address}/_publish?n=1")
            one, other = cpu(ours) - start["ours"], cpu(loop) - start["loop"]
            per = 1000 / FEEDS
            told = f"monitor {one * per:6.1f}   feedparser loop {other * per:6.1f}"
            print(f"{name:>20}: {told}   ratio {one / other:5.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
