"""Every failpoint exists, and the daemon survives a fault at each."""

from __future__ import annotations

import errno
import os
import re
import signal
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.doomed import doomed
from support.faults import armed
from support.server import Server, answer
from support.values import DESK
from support.world import item, rss, world

import monitor
from monitor import failpoints
from monitor.channels import console
from monitor.model import Feed, Message, Sent
from monitor.pipeline import deliver, group, ingest, poll, publish
from monitor.pipeline.parts import Parts
from monitor.runners.daemon import Daemon, Keep
from monitor.store import Store, editions, export, outbox
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
CALLED = re.compile(r"\b(?:hit|reach)\(\"([a-z_.]+)\"\)")
STEPS = (poll, ingest, group, publish, deliver)
ON_THE_WAY = sorted(
    failpoints.NAMES
    - {"rematch.mid", "migrate.step", "cleanup.mid", "reload.mid"}  # each has a test of its own
    - {"send.data_sent"}  # in the SMTP client
)
ALERT = replace(DESK, schedule="at once")


def test_each_place_stands_once_in_the_program_and_no_other_does() -> None:
    """A fault ordered at a point that does not exist would look like a passed test."""
    folder = Path(monitor.__file__).parent
    found = Counter(
        name for file in folder.rglob("*.py") for name in CALLED.findall(file.read_text())
    )
    assert found == dict.fromkeys(failpoints.NAMES, 1)


def ordered(deed: str) -> None:
    failpoints.arm({"MONITOR_FAILPOINTS": f" poll.got={deed},send.before=raise"})
    failpoints.hit("poll.got")


async def test_a_place_does_what_is_ordered_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """An armed failpoint kills, raises, sleeps or fills the disk; others do nothing."""
    slept: list[float] = []
    monkeypatch.setattr(failpoints.time, "sleep", slept.append)
    assert doomed(ordered, "kill") == -signal.SIGKILL
    with pytest.raises(failpoints.FailpointError, match=r"poll\.got"):
        ordered("raise")
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        ordered("enospc")
    ordered("sleep:2.5")
    assert slept == [2.5]
    failpoints.hit("parse.done")
    with pytest.raises(failpoints.FailpointError):
        await failpoints.reach("send.before")
    failpoints.arm({})
    failpoints.hit("send.before")


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_F95_a_fault_anywhere_is_recorded_or_tried_again_and_the_daemon_goes_on(
    store: Store, clock: FakeClock, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """I1, I2: for each failpoint, all steps run with a report and the fault, then twice without."""
    sent: list[str] = []
    items: list[str] = []
    titles: dict[str, str] = {}

    async def send(message: Message, *_: object) -> Sent:
        sent.append(message.id)
        return Sent("printed")

    monkeypatch.setattr(console, "send", send)
    server.on("/feed", lambda _seen: answer(rss(*items)))
    wanted = [Feed(url=server.url("/feed"))]
    more = {"digests": [ALERT], "articles": "off", "owner": "daemon"}
    async with world(store, clock, wanted, **more) as parts:
        await turned(parts)
        for number, point in enumerate(ON_THE_WAY):
            words = [f"{a}{b}{number}" for a in "brst" for b in "aeiou"]
            text = f"NATO {' '.join(words)}."
            titles[f"{words[0]} {words[-1]}".title()] = point
            items.append(item(number, server.url(f"/{number}"), title=[*titles][-1], text=text))
            clock.advance(timedelta(hours=6))
            with armed(f"{point}=raise"):
                await turned(parts)
            for _ in range(2):
                clock.advance(timedelta(hours=1))
                await turned(parts)
    lines = store.read_now(lambda connection: list(export.entry_lines(connection, None)))
    fates = {titles[line["title"]]: line["fate"] for line in lines}
    failed = {"match.before_commit", "match.after_commit"}
    assert fates.keys() == set(ON_THE_WAY)
    assert {fate for point, fate in fates.items() if point not in failed} == {"matched"}
    assert {fates[point] for point in failed} <= {"matched", "unreadable"}
    kept = store.read_now(editions.listing)
    told = Counter(
        titles[story["title"]]
        for edition in kept
        for section in edition.body["sections"]
        for story in section["stories"]
    )
    assert told == {point: 1 for point, fate in fates.items() if fate == "matched"}
    assert store.read_now(outbox.counts) == {"sent": len(kept)}
    assert sorted(Counter(sent).values()) == [1] * (len(kept) - 1) + [2]  # after `send.accepted`


async def turned(parts: Parts) -> None:
    """Fire each of the daemon's timers once."""
    daemon = Daemon(parts, Keep())
    for step in STEPS:
        await daemon._guarded(step.__name__, step)
