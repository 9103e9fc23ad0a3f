"""Run a daemon among hostile feeds in real time: what it kept, its manners, whom it kept waiting.

Run as `.venv/bin/python bench/hostile.py [--minutes N] [--feeds N] [--seed N] [--workers N]`.

The feed farm serves feeds of all its kinds (listed in its `--help`) on 50 hosts, with new entries
appearing all the time. `monitor run` polls them by its settings: often, but with all its manners.
With `--workers`, so many `monitor work` read pages beside it and all share one PostgreSQL database.
Then it is stopped and compared with what the farm knows:

*Nothing lost.* Every entry that a polite reader could have seen is in the store exactly once, under
its own title. An entry could have been seen when its feed is of a kind whose document can be read
at all (`UNREADABLE` names the others and why), when it was in the document before the last
successful poll was sent, and when it had not left the document's window before the first such poll
ended; later polls leave no gap, since fewer entries appear than a document holds. The store records
when a poll's outcome was stored, not when it was sent, so entries of the preceding `MARGIN_S` are
counted separately. Of a document that is cut off, the first half is expected.

*Nothing rude.* The farm counts requests before a Retry-After ran out, after a 410, at an address
that had moved permanently, and two for one feed at once: there must be none. One host gets one
request at a time.

*Nobody waits for others.* Every feed ends in stored outcomes, failures with a reason. Once a second
it is checked how long after its due time a sound feed's answer was stored: at a host with slow
feeds no longer than their deadlines more than elsewhere, since they share its one place.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, NullPool, create_engine, select

from bench.databases import database
from bench.pollers.farm import SCRIPT, ask, served
from monitor.store import engine
from monitor.store.schema import entries, feeds, polls

HOSTS: Final = 50
ITEMS: Final = 30
NEW_PER_MIN: Final = 0.5
DEADLINE_S: Final = 20
SPACING_S: Final = 2
MARGIN_S: Final = 2 * DEADLINE_S
"""How long before its outcome was stored a poll may have been sent, at most: the deadline of the
request plus that of reading a document.
"""
LOOK_S: Final = 1.0
TRUTH_EVERY: Final = 5
"""Looks at the database between two queries for what has been published."""
STOP_S: Final = 35.0

UNREADABLE: Final = {
    "404": "no such address",
    "410": "gone",
    "403": "refused",
    "500": "always an error",
    "hang": "never answers",
    "reset": "cut in the middle, and said to be longer",
    "html": "a web page",
    "empty": "nothing in it",
    "chain": "six hops, and we follow five (P50)",
    "loop": "leads back to itself",
    "huge": "30 MB, and we read 15 (P90)",
    "bomb": "grows to 256 MB (P91)",
    "entities": "one made-up entry, of entities",
    "xxe": "one made-up entry, of a local file",
}
MADE_UP: Final = frozenset({"entities", "xxe", "huge"})
"""Kinds whose documents contain other entries than the farm lists."""
SETTINGS: Final = f"""
[fetch]
allow_private = ["127.0.0.0/8"]
contact = "desk@example.org"
spacing_s = {SPACING_S}
timeout_s = {DEADLINE_S}
articles = "matched"
[poll]
interval = "20s"
floor = "10s"
ceiling = "60s"
spread = "30s"
"""
WATCHLIST: Final = 'title = "Frigates"\nquery = "frigate AND arctic"\n'

Json = dict[str, Any]


@dataclass(slots=True)
class Seen:
    """What was observed while the daemon worked."""

    published: dict[tuple[int, int], tuple[float, float]] = field(default_factory=dict)
    """(feed, item) -> the two looks between which the item appeared."""
    looked: float = 0.0
    """When the published items were last looked at."""
    late: dict[tuple[int, str], float] = field(default_factory=dict)
    """(feed, its due time) -> seconds after it at which the outcome was still not stored."""

    def between(self, feed: int, item: int) -> tuple[float, float]:
        """The two times between which an entry appeared; the first ones were always there."""
        unseen = (0.0, 0.0) if item < ITEMS else (float("inf"), float("inf"))
        return self.published.get((feed, item), unseen)


@dataclass(frozen=True, slots=True)
class Kept:
    """What the store holds at the end, by the farm's feed numbers."""

    entries: Mapping[int, Sequence[tuple[str, str]]]
    """(link, title) of each entry."""
    polls: Mapping[int, Sequence[Any]]
    """Rows of `polls`, oldest first."""


def main() -> int:
    """Run the farm and the daemon, compare and print; return 1 when something does not hold."""
    words = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    words.add_argument("--minutes", type=float, default=2.0)
    words.add_argument("--feeds", type=int, default=400)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--workers", type=int, default=0, help="on PostgreSQL, beside the daemon")
    options = words.parse_args()
    if not SCRIPT.exists():
        print(f"feed farm not found: {SCRIPT}")
        return 0
    if options.minutes < 2:
        words.error("at least 2 minutes: so long take six hops among the neighbours at a host")
    if options.minutes * NEW_PER_MIN >= ITEMS:
        words.error(f"entries would leave the window: at most {ITEMS / NEW_PER_MIN:.0f} minutes")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(database("postgresql" if options.workers else "sqlite", folder))
        address = stack.enter_context(farm(options))
        listed = json.loads(ask(f"{address}/_feeds"))
        write_settings(folder, listed)
        seen = Seen()
        with programs(folder, url, options.workers) as running:
            watch(folder, url, address, seen, options.minutes * 60, running)
        stats = json.loads(ask(f"{address}/_stats?feeds=1"))
        truth = [json.loads(line) for line in ask(f"{address}/_truth").splitlines()]
        kept = read_store(url)
        said = (folder / "log.txt").read_text("utf-8", "replace")
    faults = [
        *losses(listed, truth, kept, seen),
        *manners(stats),
        *ends(listed, kept),
        *delays(listed, seen),
        *(["the daemon fell over something: see its log"] if "Traceback" in said else []),
    ]
    if "Traceback" in said:
        print(said[-4000:])
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"memory of the largest process: {peak:.0f} MB")
    for fault in faults:
        print(f"FAULT {fault}")
    return int(bool(faults))


# ------------------------------------------------------------------------ processes


def farm(options: argparse.Namespace) -> AbstractContextManager[str]:
    """A running farm of hostile feeds; yields its address."""
    words = {
        "feeds": options.feeds,
        "hosts": HOSTS,
        "items": ITEMS,
        "profile": "hostile",
        "new-per-min": NEW_PER_MIN,
        "seed": options.seed,
    }
    return served(words, "--warm")


def write_settings(folder: Path, listed: Sequence[Json]) -> None:
    """Write settings with the farm's feeds, each named after its number."""
    (folder / "monitor.toml").write_text(SETTINGS)
    (folder / "watchlists").mkdir()
    (folder / "watchlists" / "frigates.toml").write_text(WATCHLIST)
    tables = (f'[[feeds]]\nurl = "{one["url"]}"\nname = "{one["id"]}"\n' for one in listed)
    (folder / "feeds.toml").write_text("".join(tables))


@contextmanager
def programs(folder: Path, url: str, workers: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """`monitor run` and so many `monitor work`, stopped in an orderly way at the end."""
    words = (("run",), *(("work",) for _ in range(workers)))
    running: list[subprocess.Popen[bytes]] = []
    with (folder / "log.txt").open("ab") as log:
        try:
            for word in words:
                command = [sys.executable, "-m", "monitor", *word]
                command += ["--config", str(folder), "--db", url]
                running.append(subprocess.Popen(command, stdout=log, stderr=log, cwd=folder))
            yield running
            for process in running:
                process.send_signal(signal.SIGTERM)
            for process in running:
                process.wait(STOP_S)
        finally:
            for process in running:
                process.kill()
                process.wait()


def watch(
    folder: Path,
    url: str,
    address: str,
    seen: Seen,
    seconds: float,
    running: Sequence[subprocess.Popen[bytes]],
) -> None:
    """Look at the daemon's database and at what is published, until the time is over."""
    start = time.monotonic()
    seen.looked = time.time()
    looks = 0
    while (passed := time.monotonic() - start) < seconds:
        if any(process.poll() is not None for process in running):
            raise SystemExit((folder / "log.txt").read_text())
        if looks % TRUTH_EVERY == 0:
            look_at_truth(address, seen)
            tell(f"{passed / 60:.1f} of {seconds / 60:g} min")
        look_at_due(url, seen)
        looks += 1
        time.sleep(max(0.0, start + looks * LOOK_S - time.monotonic()))
    look_at_truth(address, seen)
    tell("")


def look_at_truth(address: str, seen: Seen) -> None:
    """Note the entries that have appeared since the last look."""
    before, seen.looked = seen.looked, time.time()
    for line in ask(f"{address}/_truth?since={ITEMS}").splitlines():
        row = json.loads(line)
        seen.published.setdefault((row["feed"], row["item"]), (before, time.time()))


def tell(text: str) -> None:
    """Show progress, if a person is watching."""
    if sys.stderr.isatty():
        print(f"\r{text:<20}", end="", file=sys.stderr, flush=True)


def look_at_due(url: str, seen: Seen) -> None:
    """Note the feeds that are due and not yet answered."""
    path = engine.sqlite_path(engine.parse(url))
    if path is not None and not path.exists():
        return
    now = datetime.now(UTC)
    with connected(url) as connection:
        try:
            waiting = connection.execute(
                select(feeds.c.name, feeds.c.due).where(feeds.c.due <= now)
            ).all()
        except Exception:  # the tables are just being created
            return
    for row in waiting:
        seen.late[int(row.name), row.due.isoformat()] = (now - row.due).total_seconds()


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    """A connection for reading the daemon's database."""
    to = create_engine(engine.parse(url), poolclass=NullPool)
    with to.connect() as connection:
        yield connection
    to.dispose()


def read_store(url: str) -> Kept:
    """What the daemon kept."""
    held, asked = defaultdict(list), defaultdict(list)
    with connected(url) as connection:
        columns = (feeds.c.name, entries.c.link, entries.c.title)
        for name, link, title in connection.execute(select(*columns).join_from(entries, feeds)):
            held[int(name)].append((link, title))
        rows = select(feeds.c.name, polls).join_from(polls, feeds).order_by(polls.c.id)
        for row in connection.execute(rows):
            asked[int(row.name)].append(row)
    return Kept(held, asked)


# ---------------------------------------------------------------------- comparisons


@dataclass(slots=True)
class Tally:
    """How many entries could have been seen, and how many of them were."""

    sure: Counter[bool] = field(default_factory=Counter)
    doubtful: Counter[bool] = field(default_factory=Counter)
    never: int = 0


def losses(listed: Sequence[Json], truth: Sequence[Json], kept: Kept, seen: Seen) -> Iterator[str]:
    """Yield entries that could have been seen and are missing, duplicated, or invented."""
    tally = Tally()
    of_feed: dict[int, list[Json]] = defaultdict(list)
    for row in truth:
        of_feed[row["feed"]].append(row)
    for number, rows in of_feed.items():
        who = f"feed {number} ({listed[number]['kind']})"
        kind, held = listed[number]["kind"], kept.entries.get(number, ())
        times = Counter(link for link, _ in held)
        yield from (f"{who}: {link} is there {n} times" for link, n in times.items() if n > 1)
        if kind not in MADE_UP and (strange := times.keys() - {row["link"] for row in rows}):
            yield f"{who}: never published: {sorted(strange)[:3]}"
        if leaked := [title for _, title in held if socket.gethostname() in title]:
            yield f"{who}: a local file came in: {leaked[0]!r}"
        if kind not in UNREADABLE:
            one_feed = compared(kind, rows, dict(held), kept.polls.get(number, ()), seen, tally)
            yield from (f"{who}: {fault}" for fault in one_feed)
    print(f"entries: {tally.sure.total()} could have been seen, {tally.sure[True]} of them stored")
    print(
        f"  {tally.doubtful.total()} appeared while the last poll may have been under way, "
        f"{tally.doubtful[True]} of them stored; {tally.never} came too late or left too early"
    )


def compared(
    kind: str,
    rows: Sequence[Json],
    titles: Mapping[str, str],
    asked: Sequence[Any],
    seen: Seen,
    tally: Tally,
) -> Iterator[str]:
    """Yield the faults of one readable feed: entries that are missing or misread."""
    good = [row.at.timestamp() for row in asked if row.outcome != "failed"]
    for row in rows:
        link, item = row["link"], row["item"]
        appeared = seen.between(row["feed"], item)
        left = seen.between(row["feed"], item + shown(kind, row["feed"]))
        if not good or appeared[0] > good[-1] or left[0] < good[0]:
            tally.never += 1
        elif appeared[1] > good[-1] - MARGIN_S:
            tally.doubtful[link in titles] += 1
        else:
            tally.sure[link in titles] += 1
            if link not in titles:
                yield f"lost {link}"
            elif kind != "broken" and titles[link] != row["title"]:
                yield f"{row['title']!r} is {titles[link]!r}"


def shown(kind: str, number: int) -> int:
    """How many entries a document certainly shows; if it is cut off, the first half."""
    return ITEMS // 2 if kind == "broken" and number % 4 == 3 else ITEMS


def manners(stats: Json) -> Iterator[str]:
    """Yield what the farm counted against us."""
    counted = {name: stats[name] for name in ("early", "after_gone", "after_moved", "overlap")}
    counted["at once at a host, at most"] = stats["peak_in_flight_per_host"]
    share = stats["n304"] / max(1, stats["requests"])
    asked = stats["if_none_match"] + stats["if_modified_since"]
    print(
        f"manners: {stats['requests']} requests for feeds, {stats['articles']} for pages, "
        f"{share:.0%} answered 304; " + ", ".join(f"{key} {n}" for key, n in counted.items())
    )
    counted["at once at a host, at most"] -= 1
    for name, count in counted.items():
        who = [f"{one['id']} ({one['kind']})" for one in stats["feeds"] if one.get(name)]
        if count > 0:
            yield f"manners: {name} {count}: {', '.join(who)}"
    if not asked:
        yield "nothing was asked conditionally"


def ends(listed: Sequence[Json], kept: Kept) -> Iterator[str]:
    """Print how each kind ended and why; yield feeds without outcome, failures without reason."""
    of_kind: dict[str, list[Any]] = defaultdict(list)
    feeds_of_kind = Counter(one["kind"] for one in listed)
    for one in listed:
        rows = kept.polls.get(one["id"], ())
        of_kind[one["kind"]] += rows
        if not rows:
            yield f"feed {one['id']} ({one['kind']}) has no outcome"
        read = any(row.outcome != "failed" for row in rows)
        if read and one["kind"] in UNREADABLE.keys() - MADE_UP:
            yield f"feed {one['id']} ({one['kind']}) was read, though {UNREADABLE[one['kind']]}"
    for kind, rows in sorted(of_kind.items()):
        outcomes = Counter(row.outcome for row in rows)
        told = ", ".join(f"{count} {name}" for name, count in outcomes.most_common())
        print(f"{kind:>12}: {feeds_of_kind[kind]} feeds, {told}")
        failed = Counter(in_general(row.why) for row in rows if row.outcome == "failed")
        for why, count in failed.most_common(4):
            print(f"{'':>14}{count} x {why}")
        if "" in failed:
            yield f"{kind}: a failure without a reason"


def in_general(why: str) -> str:
    """A reason without the details that differ from feed to feed."""
    why = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d", "TIME", why)
    why = re.sub(r"127\.\d+\.\d+\.\d+(:\d+)?", "HOST", why)
    return re.sub(r"\b(received|expected) \d+", r"\1 N", why)


SLOW: Final = frozenset({"hang", "slow", "drip"})
"""Kinds that occupy their host for seconds."""


def delays(listed: Sequence[Json], seen: Seen) -> Iterator[str]:
    """Compare how late sound feeds were answered: on their own, and at a host with slow ones."""
    slow = Counter(one["host"] for one in listed if one["kind"] in SLOW)
    late: dict[int, list[float]] = defaultdict(list)
    for (number, _), seconds in seen.late.items():
        if listed[number]["kind"] == "ok":
            late[slow[listed[number]["host"]]].append(seconds)
    usual = max(late[0], default=0.0)
    for count, found in sorted(late.items()):
        found.sort()
        middle, high, most = found[len(found) // 2], found[len(found) * 99 // 100], found[-1]
        print(
            f"sound feeds at a host with {count} slow ones: answered after their due time by "
            f"{middle:.0f} s (median), {high:.0f} s (99 %), {most:.0f} s (worst)"
        )
        if most > usual + count * DEADLINE_S:
            yield f"beside {count} slow feeds one waited {most:.0f} s, elsewhere {usual:.0f} s"


if __name__ == "__main__":
    sys.exit(main())
