"""Measure how long a backtest over a large archive takes, and a search besides.

Run as `.venv/bin/python bench/backtest.py [--articles N] [--watchlist FILE]... [--db URL]`. The
articles are made up: 450 words drawn by Zipf's law, with the commonest English words among them,
and curly quotes in every second one. One in twenty has a sentence of news that some shipped
watchlist wants, one in five a word that resembles such a word (a senator, a signatory, an air
base). The database is filled first (not measured), on SQLite in a temporary folder, or at --db.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from time import perf_counter, process_time

from monitor import store as stores
from monitor.model import Article
from monitor.store import Store, rows
from monitor.store.schema import articles
from monitor.stories.common_words import EMPTY_WORDS

ROOT = Path(__file__).resolve().parents[1]
SHIPPED = ROOT / "config" / "watchlists"
DAYS = 90
PARAGRAPHS = 4_000
WORDS = 75
GOALS_S = {100_000: 10.0, 1_000_000: 60.0}
SEARCH_MS = 200.0
NEWS = (
    "NATO allies agreed on Tuesday to send a brigade to the Baltic states.",
    "The Ukrainian drone hit an oil depot far behind the front line.",
    "A Chinese destroyer sailed through the Taiwan Strait, the navy said.",
    "North Korea fired a ballistic missile into the sea, Seoul reported.",
    "The Patriot battery shot down two cruise missiles over Kyiv.",
    "The Pentagon awarded a contract for 40 fighter jets worth $3 billion.",
)
LOOKALIKES = (
    "The senator said that the signatory would not attend.",
    "He drives past the air base on his way to work in a town nearby.",
    "The space between the two houses has been for sale since March.",
)
SEARCHES = ('"Taiwan Strait"', "ballistic missile", "brigad* Baltic", "Pentagon", "would")


def made_up(count: int, chance: Random) -> Iterator[Article]:
    """Yield the archive's articles, oldest first."""
    syllables = [a + b for a in "bdfgklmnprstvz" for b in "aeiou"]
    vocabulary = ["".join(chance.choices(syllables, k=3)) for _ in range(30_000)]
    weights = list(accumulate(1 / (rank + 25) for rank in range(len(vocabulary))))
    empty = sorted(EMPTY_WORDS)
    drawn = [
        [chance.choice(empty) if chance.random() < 0.45 else word for word in words]
        for words in (
            chance.choices(vocabulary, cum_weights=weights, k=WORDS) for _ in range(PARAGRAPHS)
        )
    ]
    paragraphs = [" ".join(words).capitalize() + "." for words in drawn]
    quoted = [f"“{text}” it’s said – {text[:40]}" for text in paragraphs[: PARAGRAPHS // 4]]
    end = datetime.now(UTC)
    for number in range(count):
        body = chance.choices(paragraphs, k=5) + chance.choices(quoted, k=number % 2)
        if chance.random() < 0.05:
            body[1] = f"{chance.choice(NEWS)} {body[1]}"
        if chance.random() < 0.2:
            body[2] = f"{chance.choice(LOOKALIKES)} {body[2]}"
        seen = end - timedelta(days=DAYS) * (1 - (number + 1) / (count + 1))
        yield Article(
            url=f"https://news{number % 40}.example.org/{number}",
            title=body[0][:70],
            text="\n\n".join(body),
            source=f"Paper {number % 40}",
            language="en",
            published=seen,
            first_seen=seen,
        )


def fill(store: Store, count: int) -> None:
    """Write the archive to the store."""
    waiting: list[dict[str, object]] = []

    def write() -> None:
        store.write_now(lambda connection: connection.execute(articles.insert(), waiting))
        waiting.clear()

    for article in made_up(count, Random(5)):  # noqa: S311 - made-up words, no secret
        waiting.append(rows.article_columns(article))
        if len(waiting) == 5_000:
            write()
    if waiting:
        write()


def backtest(url: str, watchlist: Path) -> tuple[float, float, int]:
    """Run the whole command; return wall-clock seconds, CPU seconds and number of matches."""
    command = [sys.executable, "-m", "monitor", "watchlists", "backtest", str(watchlist)]
    command += ["--since", f"{DAYS + 1}d", "--json", "--db", url]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), perf_counter()
    answered = subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
    wall, after = perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, int(json.loads(answered.stdout)["matches"])


def searches(store: Store) -> float:
    """Milliseconds of the slowest search."""
    from monitor.store.search import search

    slowest = 0.0
    for words in SEARCHES:
        start = perf_counter()
        store.read_now(search, words, limit=50)
        slowest = max(slowest, perf_counter() - start)
    return slowest * 1000


def main() -> int:
    """Fill, measure and print; return 1 when a goal is missed."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--articles", type=int, default=100_000)
    asked.add_argument("--watchlist", type=Path, action="append")
    asked.add_argument("--db")
    asked.add_argument("--filled", action="store_true", help="the database holds the archive")
    options = asked.parse_args()
    watchlists = options.watchlist or [SHIPPED / f"{name}.toml" for name in ("nato", "drones")]
    goal = GOALS_S.get(options.articles)
    missed = False
    with tempfile.TemporaryDirectory() as folder:
        url = options.db or f"sqlite:///{folder}/bench.sqlite3"
        with stores.open(url) as store:
            start = process_time()
            if not options.filled:
                fill(store, options.articles)
                print(f"{options.articles} articles written, {process_time() - start:.0f} CPU-s")
            slowest = searches(store)
            missed = missed or slowest > SEARCH_MS
            print(f"search, the slowest of {len(SEARCHES)}: {slowest:.0f} ms")
        for watchlist in watchlists:
            wall, cpu, matches = backtest(url, watchlist)
            missed = missed or (goal is not None and wall > goal)
            print(f"{watchlist.stem}: {wall:.1f} s ({cpu:.1f} CPU-s), {matches} matches")
    told = "missed" if missed else "met"
    print(f"goals: backtest {goal or '-'} s, search {SEARCH_MS:.0f} ms: {told}")
    print(f"load when it ended: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
