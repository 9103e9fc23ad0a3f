"""The simulated week of `make manners` finds nothing in our client, and all faults in rude ones."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import httpx
import pytest

HOME = Path(__file__).resolve().parents[3] / "bench" / "manners.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("manners_bench", HOME)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


manners = _load()
KINDS = list(manners.KINDS)
POLITE = {"User-Agent": manners.NAMED.user_agent}
HOUR = 3600.0


def test_p106_three_days_among_publishers_of_all_kinds_without_a_breach() -> None:
    """One feed of each kind is polled; `make manners` takes 200 feeds, and a week."""
    seen = manners.week(len(KINDS), 3.0)
    assert dict(seen.breaches) == {}
    assert {side.kind for side in seen.sides if side.asked > 1} == set(KINDS)
    assert {"200", "304", "404", "410", "429", "500", "503", "no answer"} <= seen.answers.keys()
    assert seen.conditional > seen.requests / 2


Step = tuple[float, str, dict[str, str]]


def asked_by(kind: str, *steps: Step, number: int | None = None) -> dict[str, int]:
    """Return the breaches that publishers count for steps (second, address or "", headers)."""
    side = manners.Side(KINDS.index(kind) if number is None else number, kind, "http://h.test/feed")
    publishers = manners.Publishers([side])

    async def ask(at: float, url: str, headers: dict[str, str]) -> None:
        await asyncio.sleep(at)
        asked = httpx.URL(url or side.url)
        more = {"target": asked.raw_path}
        request = httpx.Request("GET", asked, headers=POLITE | headers, extensions=more)
        await publishers.handle_async_request(request)

    async def all_of_them() -> None:
        await asyncio.gather(*(ask(*step) for step in steps))

    with asyncio.Runner(loop_factory=manners.SimulatedLoop) as runner:
        runner.run(all_of_them())
    return dict(publishers.breaches)


def first(kind: str) -> bytes:
    """Return the ETag that a feed of this kind gives first."""
    side = manners.Side(KINDS.index(kind), kind, "http://h.test/feed")
    side.asked = 1
    return dict(manners.KINDS[kind](side, 0.0, (None, None)).headers)["ETag"]


START: Step = (0.0, "", {})
TAG = {"If-None-Match": first("strong").decode()}
RUDE = [
    ("unconditional repeats", "strong", (START, (HOUR, "", {}))),
    ("made-up or outdated validators", "silent", ((0.0, "", {"If-Modified-Since": "now"}),)),
    ("made-up or outdated validators", "strong", (START, (HOUR, "", {"If-None-Match": '"x"'}))),
    ("early requests", "strong", (START, (HOUR / 3, "", TAG))),
    ("early requests", "ttl", (START, (2 * HOUR, "", {"If-None-Match": first("ttl").decode()}))),
    ("early requests", "max-age", (START, (2 * HOUR, "", TAG))),
    ("requests in skipped hours or days", "skips", (START, (HOUR, "", {}))),
    ("addresses nobody named", "strong", ((0.0, "http://h.test/feed?", {}),)),
    ("addresses nobody named", "hub", (START, (5.0, "http://hub.test/", {}))),
    ("addresses nobody named", "detour", (START, (5.0, "http://h.test/to/0", {}))),
    ("cookies", "cookies", ((0.0, "", {"Cookie": "who=you"}),)),
    ("referers and other tell-tale headers", "strong", ((0.0, "", {"Referer": "http://x/"}),)),
    ("other names than ours", "strong", ((0.0, "", {"User-Agent": "Mozilla/5.0"}),)),
    ("more than one in flight at a host", "strong", (START, (0.1, "", {}))),
    ("starts closer than the spacing", "strong", (START, (1.9, "", {}))),
]


@pytest.mark.parametrize(("breach", "kind", "steps"), RUDE)
def test_p106_every_kind_of_bad_manners_is_counted(
    breach: str, kind: str, steps: tuple[Step, ...]
) -> None:
    """A count of zero means something only if a rude client would not get it."""
    assert breach in asked_by(kind, *steps)


def test_p106_requests_after_410_are_counted() -> None:
    late = 50 * HOUR
    assert asked_by("ending", (late, "", {}), (late + HOUR, "", {})) == {"requests after 410": 1}


def test_p106_requests_in_the_pause_of_a_host_are_counted() -> None:
    """A request within the two hours that a 429, the fourth answer, names is counted."""
    tag = {"If-None-Match": first("429 seconds").decode()}
    polls: list[Step] = [START, *((n * HOUR, "", tag) for n in (1, 2, 3, 4))]
    counted = asked_by("429 seconds", *polls)
    assert counted["requests in a host's pause"] == counted["early requests"] == 1


def test_p106_old_addresses_asked_after_a_move_are_counted() -> None:
    """On the same site one sighting of a move is enough for later requests to count."""
    day, to = 25 * HOUR, "http://h.test/to/0"
    steps: tuple[Step, ...] = ((day, "", {}), (day + 5, to, {}), (day + HOUR, "", TAG))
    assert "old addresses asked after a move" in asked_by("moved", *steps, number=0)


def test_p106_the_breaches_that_are_printed_are_those_that_are_counted() -> None:
    """No breach is counted under a name that nobody prints."""
    source = HOME.read_text("utf-8")
    counted = {line.split('"')[1] for line in source.splitlines() if "self._count(" in line}
    assert counted == set(manners.BREACHES)
