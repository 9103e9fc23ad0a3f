"""The polling benchmark measures what it says: our driver's work, and its goals."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.server import Server, answer

from bench import polling
from bench.pollers import measure
from bench.pollers.programs import MONITOR, Figures, Held

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.whole
FEED = b"""<rss version="2.0"><channel><title>News</title>
<item><title>One</title><link>https://news.test/1</link></item>
<item><title>Two</title><link>https://news.test/2</link></item></channel></rss>"""


def test_our_driver_polls_stores_and_is_measured(tmp_path: Path) -> None:
    """Two polls of two feeds store each entry once, and report the time and memory they took."""

    def drive(urls: list[str]) -> tuple[list[Figures], Held]:
        (tmp_path / "urls").write_text("\n".join(urls))
        program = MONITOR.start(tmp_path, urls)
        try:
            return [program.poll(), program.poll()], program.held()
        finally:
            program.close()

    async def served() -> tuple[list[Figures], Held]:
        async with Server() as server:
            server.on("/a.xml", answer(FEED))
            server.on("/b.xml", answer(FEED.replace(b"news.test", b"other.test")))
            urls = [server.url("/a.xml"), server.url("/b.xml")]
            return await asyncio.to_thread(drive, urls)

    figures, held = asyncio.run(served())
    assert held == Held(stored=4, failed=0)
    assert [one.polls for one in figures] == [2, 2]
    assert all(one.wall_s > 0 and one.peak_mb > 10 for one in figures)


def test_the_cpu_of_a_child_counts() -> None:
    """A child's CPU time counts while it runs and after it has been waited for."""
    work = "sum(range(20_000_000))"
    inner = f"import sys; {work}; print(1, flush=True); sys.stdin.read()"
    outer = (
        "import subprocess, sys\n"
        f"child = subprocess.Popen([sys.executable, '-c', {inner!r}], stdin=subprocess.PIPE)\n"
        "sys.stdin.readline()\n"
        "child.communicate()\n"
        "print(2, flush=True)\n"
        "sys.stdin.read()\n"
    )
    command = [sys.executable, "-c", outer]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline() == "1\n"
        alive = measure.cpu_s(process.pid)
        assert len(measure.tree(process.pid)) == 2
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "2\n"
        assert len(measure.tree(process.pid)) == 1
        assert 0 < alive <= measure.cpu_s(process.pid)
        process.stdin.close()


def found(**programs: tuple[float, float]) -> polling.Measured:
    """Measurements whose rounds are alike: program -> (wall, CPU) seconds of 1,000 polls."""
    figures = {name: Figures(1000, wall, cpu, 100.0) for name, (wall, cpu) in programs.items()}
    return polling.Measured(
        rounds=dict.fromkeys(polling.ROUNDS, figures),
        held={"monitor": (Held(30_000), 30_000)},
        inserts={"insert": {"per_s": 1500.0, "cpu_ms": 0.5}},
    )


def test_goals_tell_ours_as_a_multiple_of_the_others() -> None:
    """A goal's figure is ours divided by the other program's; less is better, CPU or time."""
    measured = found(monitor=(10, 1.0), reader=(40, 2.0), newsboat=(5, 4.0))
    goals = {goal.what: goal for goal in polling.goals(measured)}
    assert goals["first poll, CPU, x reader"].figure == 0.5
    assert goals["first poll, CPU, x reader"].met is False
    assert goals["first poll, time, x reader"].figure == 0.25
    assert goals["first poll, time, x reader"].met is True
    assert goals["first poll, time, x newsboat"].figure == 2.0
    assert goals["first poll, time, x newsboat"].met is False
    assert goals["unchanged, CPU-s per 1,000 polls"].met is True
    assert goals["matched and stored, entries/s"].met is True


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    """Goals on a peer that is not installed, or a scale nobody asked for, are "not measured"."""
    told = list(polling.report(found(monitor=(10, 1.0))))
    unknown = [line for line in told if line.endswith("not measured")]
    assert len(unknown) == 7
    assert any("x newsboat" in line for line in unknown)
    assert any("5000 feeds" in line for line in unknown)


def test_entries_that_are_not_stored_are_a_goal_missed() -> None:
    """Two entries that are not stored and one failure miss the goal, however fast the polls are."""
    measured = found(monitor=(10, 1.0))
    measured.held["monitor"] = (Held(29_998, failed=1), 30_000)
    (stored,) = [goal for goal in polling.goals(measured) if goal.what.startswith("entries")]
    assert (stored.figure, stored.met) == (3, False)


def test_without_the_farm_there_is_nothing_to_measure(tmp_path: Path) -> None:
    """The benchmark says that the feed farm, not in the repository, is absent, and succeeds."""
    done = subprocess.run(
        [sys.executable, "bench/polling.py", "--goals"],
        cwd=ROOT,
        env=os.environ | {"MONITOR_BENCH": str(tmp_path), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == f"feed farm not found: {tmp_path / 'feedfarm.py'}\n"
