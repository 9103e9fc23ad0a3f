"""Settings that change under a daemon are checked, announced, and taken whole or not at all."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from support.logs import heard

from monitor import app, config, failpoints
from monitor.config import Settings
from monitor.errors import TryLaterError, UnavailableError
from monitor.pipeline import publish
from monitor.runners import reload
from monitor.runners.reload import Watch, by_turns
from monitor.store import Store, editions
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
DIGEST = """
[[digests]]
name = "desk"
title = "{title}"
watchlists = ["ships"]
schedule = "0 * * * *"
recipients = ["console:"]
empty = "send"
"""
MISTAKES = {
    "monitor.toml": ('[fetch]\n\nspacing = 3\n', "monitor.toml:3", "unknown key 'spacing'"),
    "feeds.toml": ("[[feeds]]\nurl = \n", "feeds.toml:2", ""),
    "watchlists/ships.toml": ('title = "Ships"\nquery = "(frigate"\n', "ships.toml:2", ""),
    "digests.toml": (DIGEST.format(title="X") + 'zone = "Mars/Base"\n', "digests.toml:9", "Mars"),
    "secret": (
        '[channels.slack.desk]\nwebhook = "file:secret"\n', "monitor.toml:2", "secret",
    ),
}  # fmt: skip
"""A file, the text written into it, and the words that report it."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a settings folder."""
    (tmp_path / "watchlists").mkdir()
    (tmp_path / "watchlists" / "ships.toml").write_text('title = "Ships"\nquery = "frigate"\n')
    (tmp_path / "feeds.toml").write_text('[[feeds]]\nurl = "http://northwatch.example/feed"\n')
    (tmp_path / "digests.toml").write_text(DIGEST.format(title="As it was"))
    (tmp_path / "monitor.toml").write_text("")
    return tmp_path


def loader(folder: Path) -> Callable[[], Settings]:
    return lambda: config.load(folder, environ={})


async def takes_writes() -> None:
    """Answer as a store does that takes writes."""


@pytest.fixture
def watch(folder: Path) -> Watch:
    load = loader(folder)
    return Watch(load(), load, takes_writes)


@pytest.mark.parametrize("file", MISTAKES)
async def test_F110_a_mistake_is_told_with_its_place_and_nothing_changes(
    folder: Path, watch: Watch, caplog: pytest.LogCaptureFixture, file: str
) -> None:
    """A mistake is told once, and again on request, as is its end; the earlier settings stay."""
    text, place, words = MISTAKES[file]
    path = folder / ("monitor.toml" if file == "secret" else file)
    before, chosen = path.read_text(), watch.chosen
    path.write_text(text)
    assert await watch.look() is None
    assert watch.broken()
    assert place in caplog.text
    assert words in caplog.text
    assert "stay in force" in caplog.text
    caplog.clear()
    assert await watch.look() is None
    assert caplog.text == ""
    assert await watch.look(wanted=True) is None
    assert place in caplog.text
    path.write_text(before)
    caplog.set_level("INFO", "monitor")
    assert await watch.look() == chosen
    assert not watch.broken()
    assert "can be used again" in caplog.text
    assert watch.chosen is chosen


async def test_F110_a_change_is_told_and_waits_for_a_persons_word(
    folder: Path, watch: Watch, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The change is noticed at the next look, and taken when asked for."""
    monkeypatch.setattr(reload, "LOOK_S", 0.01)
    caplog.set_level("INFO", "monitor")
    asked = asyncio.Event()
    with heard("SIGHUP applies them") as told:
        looking = asyncio.create_task(watch.run(asked))
        (folder / "watchlists" / "ships.toml").write_text('query = "corvette"\n')
        await told.wait()
    assert not looking.done()
    asked.set()
    found = await looking
    assert found.watchlists[0].queries == ("corvette",)


async def test_F20_F111_what_asks_for_the_settings_waits_while_the_store_takes_no_writes(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A daemon that took the settings would end, since its next turn begins with writes."""
    monkeypatch.setattr(reload, "LOOK_S", 0.01)
    refused: list[Exception] = [TryLaterError("the disk is full")]
    load = loader(folder)

    async def refuses() -> Exception | None:
        return refused[0] if refused else None

    watch = Watch(load(), load, refuses)
    asked = asyncio.Event()
    with heard("the disk is full") as told:
        looking = asyncio.create_task(watch.run(asked))
        asked.set()
        await told.wait()
    assert not (await asyncio.wait([looking], timeout=0.05))[0]
    refused.clear()
    assert await looking == watch.chosen
    assert caplog.text.count("the disk is full") == 1


class Turns:
    """Work as `monitor run` does it: each turn opens parts and makes one edition."""

    def __init__(self, folder: Path, store: Store, clock: FakeClock) -> None:
        self.store, self.clock, self.folder = store, clock, folder
        self.stop, self.asked = asyncio.Event(), asyncio.Event()
        self.titles: list[str] = []
        self.fault: Exception | None = None
        """What the second turn meets before it can begin."""

    async def __call__(self, chosen: Settings, begun: asyncio.Event, ends: asyncio.Event) -> None:
        self.titles.append(chosen.digests[0].title)
        if self.fault and len(self.titles) == 2:
            raise self.fault
        async with app.open_parts(chosen, store=self.store, clock=self.clock, write=len) as parts:
            begun.set()
            now = self.clock.now()
            await publish.due(parts, now)
            self.clock.advance(3600)
            await publish.run(parts, ["desk"], self.clock.now())
        if len(self.titles) == 1:
            await ends.wait()
        else:
            self.stop.set()

    def edit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Change the title and ask for it once the first edition has been claimed."""

        async def reach(point: str) -> None:
            if point == "digest.claimed" and len(self.titles) == 1:
                (self.folder / "digests.toml").write_text(DIGEST.format(title="As it is"))
                self.asked.set()
                await asyncio.sleep(0.01)  # the watch looks

        monkeypatch.setattr(publish, "reach", reach)


async def test_F111_a_reload_amid_a_digest_has_it_end_as_it_began(
    folder: Path, watch: Watch, store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each edition is made with one set of settings, and their windows join."""
    turns = Turns(folder, store, clock)
    turns.edit(monkeypatch)
    await by_turns(watch, turns, turns.stop, turns.asked)
    later, first = await store.read(editions.listing)
    assert (first.body["title"], later.body["title"]) == ("As it was", "As it is")
    assert first.window.end == later.window.start


@pytest.mark.parametrize("fault", ["reload.mid=raise", "cannot listen"])
async def test_F111_a_reload_that_fails_half_way_goes_on_with_what_was(
    folder: Path,
    watch: Watch,
    store: Store,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    fault: str,
) -> None:
    """Settings with which the work cannot begin are refused like those that cannot be read."""
    turns = Turns(folder, store, clock)
    turns.edit(monkeypatch)
    if fault == "cannot listen":
        turns.fault = UnavailableError("cannot listen")
    else:
        failpoints.arm({"MONITOR_FAILPOINTS": fault})
        monkeypatch.setattr(failpoints, "arm", lambda _environ: None)
    await by_turns(watch, turns, turns.stop, turns.asked)
    failpoints._armed.clear()
    assert turns.titles[-1] == "As it was"
    assert watch.broken()
    later, first = await store.read(editions.listing)
    assert later.body["title"] == first.body["title"] == "As it was"


@pytest.mark.parametrize("moment", ["being read", "found"])
async def test_F111_what_is_asked_for_while_a_turn_fails_to_begin_is_not_forgotten(
    folder: Path, moment: str
) -> None:
    """The failed turn's watch heard the request and ended; the next turn takes it up."""
    stop, asked, titles = asyncio.Event(), asyncio.Event(), list[str]()
    reading, failed = asyncio.Event(), threading.Event()
    loop, load = asyncio.get_running_loop(), loader(folder)

    def loads() -> Settings:
        if len(titles) == 2:
            loop.call_soon_threadsafe(reading.set)
            if moment == "being read":
                failed.wait()
        return load()

    def ask_for(title: str) -> None:
        (folder / "digests.toml").write_text(DIGEST.format(title=title))
        asked.set()

    async def work(chosen: Settings, begun: asyncio.Event, ends: asyncio.Event) -> None:
        titles.append(chosen.digests[0].title)
        if len(titles) == 2:
            ask_for("Third")
            await (reading.wait() if moment == "being read" else ends.wait())
            failed.set()
            raise UnavailableError("cannot listen")
        begun.set()
        if len(titles) == 1:
            ask_for("Second")
        if titles[-1] == "Third":
            stop.set()
        await ends.wait()

    async with asyncio.timeout(20):
        await by_turns(Watch(load(), loads, takes_writes), work, stop, asked)
    assert titles == ["As it was", "Second", "As it was", "Third"]
