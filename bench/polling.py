"""Compare polling speed with other feed readers on one feed farm.

Run as `.venv/bin/python bench/polling.py`; Linux. Programs: monitor, lemon24/reader (installed only
for this, into .venv-peers/), newsboat and rss2email if installed, and a loop of
`feedparser.parse(url)`. Three rounds: the first (everything is new), one in which nothing changed
(every feed can answer 304), and one with a new entry in each feed. All programs run each round, in
rotating order, on the same state of the farm; each has its own database.

Printed: feeds per second, CPU seconds per 1,000 polls, and peak memory, each for all processes of a
program together (memory as PSS, sampled ten times a second), without the program's start; then the
goals, and whether they are met. What the farm itself uses is reported separately. The two programs
that poll one feed after the other are given only the first few feeds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.pollers import farm as farms
from bench.pollers.farm import ROOT, Farm, farm
from bench.pollers.programs import (
    LOOP,
    MONITOR,
    NEWSBOAT,
    RSS2EMAIL,
    Figures,
    Held,
    Kind,
    Program,
    reader,
)

ROUNDS = ("first", "unchanged", "one new each")
PEERS = ROOT / ".venv-peers"
PACKAGES = ("reader>=3.26,<4", "sgmllib3k", "uvloop")
"""reader; what its feedparser needs but does not require; what makes the farm faster."""
FEW, MANY = 200, 5000
FEW_TIMES = 3
"""A round of few feeds is short, so it is measured this often, both before and after many feeds."""
INSERTS = 9000
"""Entries to insert: so many that the wait for company of the last few hardly counts."""
INSERTED = {
    "match": "matched alone",
    "insert": "matched and stored with the text index",
    "ingest": "the same by the whole step of ingest",
}


@dataclass(slots=True)
class Measured:
    """All results."""

    rounds: dict[str, dict[str, Figures]] = field(default_factory=dict)
    """Round -> program -> medians."""
    held: dict[str, tuple[Held, int]] = field(default_factory=dict)
    """Program -> what it holds in the end, and how many entries its feeds have published."""
    farm_cpu_s: float = 0.0
    """CPU seconds of the farm in all rounds together."""
    growth: dict[str, float] = field(default_factory=dict)
    """Round -> CPU per poll among many feeds, as a multiple of that among few."""
    inserts: dict[str, dict[str, float]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    """Program -> why it was not measured."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A bound, and the figure that should meet it; None if something was not measured."""

    what: str
    figure: float | None
    bound: float
    least: bool = False
    """Whether the bound is a minimum; otherwise it is a maximum."""

    @property
    def met(self) -> bool | None:
        """None if not measured."""
        if self.figure is None:
            return None
        return self.figure >= self.bound if self.least else self.figure <= self.bound


# ------------------------------------------------------------------------------------ measuring


def peers_python() -> str:
    """The interpreter of the peers' environment, created if needed; "" if that fails."""
    python = PEERS / "bin" / "python"
    made = [sys.executable, "-m", "venv", str(PEERS)]
    filled = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    works = [str(python), "-c", "import reader, sgmllib, uvloop"]
    if not python.exists() or _fails(works):
        print(f"installing {', '.join(PACKAGES)} into {PEERS.name}/", file=sys.stderr)
        if _fails(made) or _fails([*filled, *PACKAGES]):
            return ""
    return str(python)


def _fails(command: Sequence[str]) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode != 0


def rounds(
    running: Farm, kinds: Sequence[Kind], options: argparse.Namespace, folder: Path
) -> Iterator[tuple[str, str, Figures | tuple[Held, int]]]:
    """Yield (round, program, figures) of the three rounds; at the end ("", program, what it holds).

    What it holds comes with the number of entries that were available: those in its feeds at the
    beginning, and those published since.
    """
    before = running.published(len(running.urls)) // len(running.urls)
    with ExitStack() as stack:
        programs: list[tuple[Kind, Sequence[str], Program]] = []
        for kind in kinds:
            urls: Sequence[str] = running.urls[: options.few] if kind.slow else running.urls
            place = folder / kind.name
            place.mkdir()
            (place / "urls").write_text("\n".join(urls) + "\n")
            program = kind.start(place, urls)
            stack.callback(program.close)
            programs.append((kind, urls, program))
        for number, name in enumerate(ROUNDS):
            if number == 2:
                running.publish()
            turn = number % len(programs)  # who goes first rotates
            for kind, _, program in programs[turn:] + programs[:turn]:
                if number == 1:
                    # Not measured: newsboat keeps a feed's validators only from the second poll on,
                    # and while a daemon waits for the others for minutes the system swaps out its
                    # memory.
                    program.poll()
                yield name, kind.name, program.poll()
        for kind, urls, program in programs:
            gone = (before - options.items) * len(urls)  # out of the feeds at its first poll
            yield "", kind.name, (program.held(), running.published(len(urls)) - gone)


def compare(options: argparse.Namespace, kinds: Sequence[Kind], python: str) -> Measured:
    """Run the three rounds as often as requested, each time from empty databases."""
    found = Measured()
    figures: dict[str, dict[str, list[Figures]]] = {name: defaultdict(list) for name in ROUNDS}
    with farm(options.feeds, options.items, options.latency_ms, python) as running:
        for last in range(options.rounds - 1, -1, -1):
            with tempfile.TemporaryDirectory() as folder:
                before = running.cpu_s()
                for name, program, told in rounds(running, kinds, options, Path(folder)):
                    if isinstance(told, Figures):
                        figures[name][program].append(told)
                        show(program, name, told)
                    else:
                        found.held[program] = told
                found.farm_cpu_s = running.cpu_s() - before
                if not last:
                    found.inserts = inserts(Path(folder) / MONITOR.name)
    found.rounds = {
        name: {kind.name: middle(by_program[kind.name]) for kind in kinds}
        for name, by_program in figures.items()
    }
    return found


def inserts(folder: Path) -> dict[str, dict[str, float]]:
    """The results of `inserts.py` in a folder in which monitor has polled."""
    script = ROOT / "bench" / "pollers" / "inserts.py"
    command = [sys.executable, str(script), str(folder), str(INSERTS)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    told: dict[str, dict[str, float]] = json.loads(done.stdout)
    return told


def growth(options: argparse.Namespace, python: str) -> dict[str, float]:
    """Round -> our CPU per poll among many feeds, as a multiple of that among few."""
    costs: dict[int, dict[str, list[float]]] = {FEW: defaultdict(list), MANY: defaultdict(list)}
    for feeds in (*[FEW] * FEW_TIMES, MANY, *[FEW] * FEW_TIMES):  # the machine may change meanwhile
        with ExitStack() as stack:
            running = stack.enter_context(farm(feeds, options.items, options.latency_ms, python))
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            for name, program, told in rounds(running, [MONITOR], options, Path(folder)):
                if isinstance(told, Figures):
                    show(f"{program}, {feeds} feeds", name, told)
                    costs[feeds][name].append(told.cost)
    return {name: median(costs[MANY][name]) / median(costs[FEW][name]) for name in ROUNDS}


def middle(some: Sequence[Figures]) -> Figures:
    """The median of each figure."""
    names = ("wall_s", "cpu_s", "peak_mb")
    return Figures(some[0].polls, *(median(getattr(one, name) for one in some) for name in names))


# ---------------------------------------------------------------------------------------- goals


def goals(found: Measured) -> Iterator[Goal]:
    """Yield what must hold, each with what was measured."""
    first, unchanged, fresh = (found.rounds[name] for name in ROUNDS)
    yield Goal("first poll, CPU, x reader", _times(first, "cost", "reader"), 0.45)
    yield Goal("first poll, time, x reader", _times(first, "pace", "reader"), 1 / 3)
    yield Goal("first poll, CPU, x newsboat", _times(first, "cost", "newsboat"), 1.0)
    yield Goal("first poll, time, x newsboat", _times(first, "pace", "newsboat"), 1.0)
    yield Goal("unchanged, CPU-s per 1,000 polls", unchanged[MONITOR.name].cost, 1.0)
    yield Goal("unchanged, CPU, x reader", _times(unchanged, "cost", "reader"), 1 / 3)
    yield Goal("one new each, CPU-s per 1,000 polls", fresh[MONITOR.name].cost, 4.0)
    yield Goal("one new each, CPU, x feedparser", _times(fresh, "cost", LOOP.name), 1 / 6)
    peak = max(by_program[MONITOR.name].peak_mb for by_program in found.rounds.values())
    yield Goal("peak memory, MB", peak, 200.0)
    grown = max(found.growth.values()) if found.growth else None
    yield Goal(f"CPU of a poll, {MANY} feeds, x {FEW} feeds", grown, 1.1)
    yield Goal(
        "matched and stored, entries/s", found.inserts["insert"]["per_s"], 1500.0, least=True
    )
    held, published = found.held[MONITOR.name]
    yield Goal("entries not stored, polls failed", published - held.stored + held.failed, 0.0)


def _times(by_program: dict[str, Figures], key: str, other: str) -> float | None:
    """Ours as a multiple of another program's; None if it was not measured."""
    if other not in by_program:
        return None
    ours, theirs = by_program[MONITOR.name], by_program[other]
    return ours.cost / theirs.cost if key == "cost" else theirs.speed / ours.speed


# --------------------------------------------------------------------------------------- telling


def show(program: str, name: str, figures: Figures) -> None:
    """Print one line as the work proceeds."""
    print(f"  {program:<22} {name:<13} {_figures(figures)}", file=sys.stderr, flush=True)


def _figures(one: Figures) -> str:
    return f"{one.speed:8.1f} feeds/s {one.cost:8.2f} CPU-s/1,000 polls {one.peak_mb:6.0f} MB"


def table(found: Measured) -> Iterator[str]:
    """The rounds, with ours as multiples of the others."""
    for name, by_program in found.rounds.items():
        yield f"\n{name}"
        for program, figures in by_program.items():
            ratio = ""
            if program != MONITOR.name:
                cost = _times(by_program, "cost", program) or 0
                pace = _times(by_program, "pace", program) or 0
                ratio = f"   monitor: CPU x {cost:.2f}, time x {pace:.2f}"
            yield f"  {program:<11}{_figures(figures)}{ratio}"


def report(found: Measured) -> Iterator[str]:
    """All results in words."""
    yield from table(found)
    yield f"\nfarm: {found.farm_cpu_s:.1f} CPU-s in one pass of all programs, in no figure above"
    for program, (held, published) in found.held.items():
        failed = f", {held.failed} polls failed" if held.failed else ""
        yield f"{program}: {held.stored} of {published} entries stored{failed}"
    for program, why in found.missing.items():
        yield f"{program}: {why}"
    for what, told in found.inserts.items():
        yield f"{INSERTED[what]}: {told['per_s']:.0f} entries/s, {told['cpu_ms']:.2f} CPU ms each"
    for name, grown in found.growth.items():
        yield f"{name}: CPU of a poll among {MANY} feeds x {grown:.2f} of one among {FEW}"
    yield "\ngoals"
    for goal in goals(found):
        word = {True: "met", False: "MISSED", None: "not measured"}[goal.met]
        figure = "" if goal.figure is None else f"{goal.figure:.2f}"
        bound = f"{'at least' if goal.least else 'at most'} {goal.bound:.2f}"
        yield f"  {goal.what:<38} {figure:>9}  {bound:<17} {word}"


def as_json(found: Measured) -> dict[str, Any]:
    """All results as data."""
    told = asdict(found)
    told["goals"] = [asdict(goal) | {"met": goal.met} for goal in goals(found)]
    for by_program in told["rounds"].values():
        for figures in by_program.values():
            polls = figures["polls"]
            figures["feeds_per_s"] = polls / figures["wall_s"]
            figures["cpu_per_1000"] = figures["cpu_s"] * 1000 / polls
    return told


def arguments(known: Iterable[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--feeds", type=int, default=1000)
    parser.add_argument("--items", type=int, default=30, help="entries that a feed shows")
    parser.add_argument("--latency-ms", default="50-200", help="how long the farm waits")
    parser.add_argument("--peers", default=",".join(known), help="programs beside ours, or none")
    parser.add_argument("--few", type=int, default=40, help="feeds of those that ask one by one")
    parser.add_argument("--rounds", type=int, default=1, help="how often all is repeated; medians")
    parser.add_argument("--scale", action="store_true", help=f"also {FEW} against {MANY} feeds")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--goals", action="store_true", help="exit with 1 when a goal is missed")
    return parser.parse_args()


def main() -> int:
    """Measure and print."""
    python = peers_python() if farms.SCRIPT.exists() else ""
    peers = {kind.name: kind for kind in (reader(python), NEWSBOAT, RSS2EMAIL, LOOP)}
    options = arguments(peers)
    if not farms.SCRIPT.exists():
        print(f"feed farm not found: {farms.SCRIPT}")
        return 0
    wanted = [peers[name] for name in options.peers.split(",") if name != "none"]
    missing = {kind.name: why for kind in wanted if (why := kind.missing())}
    kinds = [MONITOR, *(kind for kind in wanted if kind.name not in missing)]
    found = compare(options, kinds, python or sys.executable)
    found.missing = missing
    if options.scale:
        found.growth = growth(options, python or sys.executable)
    print(json.dumps(as_json(found)) if options.json else "\n".join(report(found)))
    missed = any(goal.met is False for goal in goals(found))
    return 1 if options.goals and missed else 0


if __name__ == "__main__":
    sys.exit(main())
