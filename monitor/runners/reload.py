"""Changing settings while the daemon runs: checked at once, applied when a person says so.

Nothing is applied automatically: what is on disk during an edit is not what anybody means. But a
mistake in it is reported now, not at the next start, which would fail because of it (F110).
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from monitor import config
from monitor.config import Settings
from monitor.errors import SettingsError
from monitor.failpoints import reach

log = logging.getLogger("monitor.reload")

LOOK_S = 10.0
"""How often the files are checked for changes."""


class Watch:
    """The settings in force, and those on disk."""

    def __init__(
        self,
        chosen: Settings,
        load: Callable[[], Settings],
        refusing: Callable[[], Awaitable[Exception | None]],
    ) -> None:
        """`load` reads those on disk; `refusing` says why the store takes no writes now."""
        self.chosen = chosen
        """The settings in force."""
        self._load = load
        self._refusing = refusing
        self._stamp = config.stamp(chosen.directory)
        self._broken = False
        self.wanted = False
        """Whether the settings on disk were asked for and are neither applied nor refused yet."""

    def broken(self) -> bool:
        """Whether the settings on disk cannot be used."""
        return self._broken

    async def run(self, asked: asyncio.Event) -> Settings:
        """Watch until the settings on disk are asked for and usable; return them.

        While the store takes no writes, a request for them waits: nothing could start then, and the
        work under way would have been stopped for nothing.
        """
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), LOOK_S)
            if just_asked := asked.is_set():
                self.wanted = True
                asked.clear()
            if self.wanted and (why := await self._refusing()) is not None:
                if just_asked:
                    log.warning("the settings on disk cannot be applied yet: %s", why)
                continue
            found = await self.look(wanted=self.wanted)
            if found is not None and self.wanted:
                return found
            self.wanted = False

    async def look(self, *, wanted: bool = False) -> Settings | None:
        """Return the settings on disk if they changed (or are wanted) and are usable.

        Mistakes are logged, each with its place; nothing else changes.
        """
        stamp = await asyncio.to_thread(config.stamp, self.chosen.directory)
        if stamp == self._stamp and not wanted:
            return None
        self._stamp = stamp
        try:
            found = await asyncio.to_thread(self._load)
        except Exception as error:  # whatever it is, work goes on
            self.refuse(error)
            return None
        if self._broken:
            log.info("the settings on disk can be used again")
        self._broken = False
        if found != self.chosen and not wanted:
            log.info("the settings on disk have changed: SIGHUP applies them")
        return found

    def take(self, found: Settings) -> None:
        """Put them in force."""
        if found.store.url != self.chosen.store.url:
            log.warning("[store] url has changed: restart to use the other database")
        log.info("the settings on disk are in force now")
        self.chosen, self.wanted = found, False

    def refuse(self, error: Exception) -> None:
        """Note that they cannot be read, or cannot be worked with."""
        self._broken = True
        for mistake in error.mistakes if isinstance(error, SettingsError) else (error,):
            log.error("%s", mistake)
        log.error("the settings on disk cannot be used; the previous ones stay in force")


Work = Callable[[Settings, asyncio.Event, asyncio.Event], Awaitable[None]]
"""`work(settings, begun, ends)` runs until `ends` is set, then finishes what is in hand; it sets
`begun` once it has everything it needs."""


async def by_turns(watch: Watch, work: Work, stop: asyncio.Event, asked: asyncio.Event) -> None:
    """Work with the settings in force until `stop` is set.

    When others are `asked` for and usable, the work is ended and started again with them, so that
    everything is done under a single set of settings (F111). If it cannot start with them, it
    continues with the previous ones.
    """
    before: Settings | None = None
    while not stop.is_set():
        begun, ends = asyncio.Event(), asyncio.Event()
        looking = asyncio.create_task(watch.run(asked))
        stopping = asyncio.create_task(stop.wait())
        for one in (looking, stopping):
            one.add_done_callback(functools.partial(_is_over, ends))
        try:
            if before is not None:
                await reach("reload.mid")
            await work(watch.chosen, begun, ends)
            found = looking.result() if looking.done() else None
        except Exception as error:
            if before is None or begun.is_set():
                raise
            watch.refuse(error)
            watch.chosen, before = before, None
            if watch.wanted:  # the request came meanwhile, and for other settings than these
                asked.set()
        else:
            if found is not None and not stop.is_set():
                before = watch.chosen
                watch.take(found)
        finally:
            looking.cancel()
            stopping.cancel()


def _is_over(ends: asyncio.Event, _task: asyncio.Task[Any]) -> None:
    ends.set()
