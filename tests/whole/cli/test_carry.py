"""Commands say the same before and after a move from SQLite to PostgreSQL."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from support import seeds
from support.cli import Ended, monitor

from monitor import store as stores
from monitor.model import Recipient
from monitor.runners import loop
from monitor.runners.demo import demo
from monitor.store import recipients
from monitor.testing import FakeClock

pytestmark = pytest.mark.postgres

DESK = "email:desk@newsroom.example"
DIGESTS = f"""
[[digests]]
name = "demo"
title = "Defence desk, the week in review"
watchlists = ["nato", "indo-pacific", "drones"]
schedule = "0 14 * * 1"
zone = "Europe/Brussels"
recipients = ["console", "{DESK}"]
"""
CHANNELS = '[channels.email]\nhost = "localhost"\nfrom = "monitor@newsroom.example"\n'
KINDS = ("entries", "articles", "matches", "stories", "deliveries")
ASKED = (
    "audit",
    *(f"export {kind}" for kind in KINDS),
    "stories list",
    "digests list",
    "digests show demo",
    "deliveries list",
    "deliveries suspended",
    "feeds list",
    "feeds status",
    "search frigate",
    "search defence ministers",
    "search indo*",
    "trace 1",
    "watchlists coverage nato",
)

SENDING = ("--news", "tell", "--messages", "send")


class Desk:
    """A folder of settings, and commands at one moment on either database."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        shutil.copytree(seeds.ROOT.parent / "config", folder)
        (folder / "digests.toml").write_text(DIGESTS)
        (folder / "monitor.toml").write_text(CHANNELS)
        tables = [
            "\n".join(
                ["[[feeds]]", *(f"{name} = {json.dumps(value)}" for name, value in row.items())]
            )
            for row in seeds.settings()["feeds"]
        ]
        (folder / "feeds.toml").write_text("\n".join(tables))
        self.clock = FakeClock(seeds.now() + timedelta(hours=1))

    def run(self, url: str, *words: object) -> Ended:
        return monitor(*words, "--config", self.folder, "--db", url, clock=self.clock)

    def said(self, url: str) -> dict[str, object]:
        """Each command of ASKED -> its exit code and its lines of JSON."""
        ended = {asked: self.run(url, *asked.split(), "--json") for asked in ASKED}
        return {asked: (one.code, one.lines) for asked, one in ended.items()}


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "settings")


@pytest.fixture
def old(desk: Desk, tmp_path: Path) -> str:
    """The demo's week, read and reported, with a correction and two recipients who get no more."""
    loop.run(demo(tmp_path / "demo", str))
    url = f"sqlite:///{tmp_path / 'demo' / 'monitor.sqlite3'}"
    stories = desk.run(url, "stories", "list", "--json").json
    largest = max(stories, key=lambda one: one["articles"])["story"]
    [*_, last] = desk.run(url, "stories", "why", largest, "--json").json["why"]
    assert desk.run(url, "stories", "split", last["article"]).code == 0
    assert desk.run(url, "deliveries", "suspend", "console", "--why", "away").code == 0
    with stores.open(url) as store:
        reader = Recipient("email", "desk@newsroom.example")
        token = store.write_now(recipients.tokens, "demo", [reader], lambda: "secret")[reader]
        store.write_now(recipients.stop, token, desk.clock.now())
    return url


def test_all_that_commands_say_is_the_same_after_a_move(
    desk: Desk, old: str, shared_url: str, tmp_path: Path
) -> None:
    before = desk.said(old)
    assert desk.run(old, "backup", tmp_path / "copy").code == 0
    done = desk.run(shared_url, "restore", tmp_path / "copy", "--json").json
    assert (done["held"], done["kept"], done["rows"]["rulings"]) == (True, None, 1)
    after = desk.said(shared_url)
    assert {one: (before[one], after[one]) for one in ASKED if after[one] != before[one]} == {}
    again = desk.run(shared_url, "restore", tmp_path / "copy")
    assert (again.code, again.out) == (2, "")
    assert again.err.startswith("monitor: the database is not empty: ")
    assert desk.said(shared_url) == after
    assert desk.run(shared_url, "digests", "publish", "demo").code == 75
    assert desk.run(shared_url, "deliveries", "release", *SENDING).code == 0
    told = desk.run(shared_url, "digests", "publish", "demo")
    assert (told.code, "console: has been suspended since" in told.err) == (1, True)
    assert desk.run(shared_url, "audit").code == 0
