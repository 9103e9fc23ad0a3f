"""Settings that change while the daemon runs: judged at once, and taken when a person says so.

Nothing is taken by itself: what stands on the disk while somebody edits is what nobody means. But a
mistake in it is told now, not at the next start, which would fail for it (F110).
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
"""How often it is looked whether a file has changed."""


class Watch:
    """The settings in force, and those that stand on the disk."""

    def __init__(
        self,
        chosen: Settings,
        load: Callable[[], Settings],
        refusing: Callable[[], Awaitable[Exception | None]],
    ) -> None:
        """`load` gives those on the disk; `refusing`: why the store takes no writes now."""
        self.chosen = chosen
        """In force."""
        self._load = load
        self._refusing = refusing
        self._stamp = config.stamp(chosen.directory)
        self._broken = False
        self.wanted = False
        """Whether what stands on the disk was asked for, and is neither taken nor refused."""

    def broken(self) -> bool:
        """Whether what stands on the disk cannot be used."""
        return self._broken

    async def run(self, asked: asyncio.Event) -> Settings:
        """Look until the settings on the disk are asked for and can be used; they are returned.

        What asks for them waits while the store takes no writes: nothing could begin then, and
        what goes on would end for it.
        """
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asked.wait(), LOOK_S)
            if just_asked := asked.is_set():
                self.wanted = True
                asked.clear()
            if self.wanted and (why := await self._refusing()) is not None:
                if just_asked:
                    log.warning("the settings on the disk wait to be taken: %s", why)
                continue
            found = await self.look(wanted=self.wanted)
            if found is not None and self.wanted:
                return found
            self.wanted = False

    async def look(self, *, wanted: bool = False) -> Settings | None:
        """What stands on the disk, where it was changed (or is wanted) and can be used.

        What is wrong is logged, each mistake with its place; all stays as it is.
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
            log.info("the settings on the disk can be used again")
        self._broken = False
        if found != self.chosen and not wanted:
            log.info("the settings on the disk have changed: SIGHUP has them taken")
        return found

    def take(self, found: Settings) -> None:
        """They are in force now."""
        if found.store.url != self.chosen.store.url:
            log.warning("[store] url has changed: only a new start changes the database")
        log.info("the settings on the disk are in force now")
        self.chosen, self.wanted = found, False

    def refuse(self, error: Exception) -> None:
        """They cannot be read, or not be worked with."""
        self._broken = True
        for mistake in error.mistakes if isinstance(error, SettingsError) else (error,):
            log.error("%s", mistake)
        log.error("the settings on the disk cannot be used; those from before stay in force")


Work = Callable[[Settings, asyncio.Event, asyncio.Event], Awaitable[None]]
"""`work(settings, begun, ends)` goes on until `ends` is set, and finishes what is in hand; it sets
`begun` when it has all that it needs."""


async def by_turns(watch: Watch, work: Work, stop: asyncio.Event, asked: asyncio.Event) -> None:
    """Work with the settings in force until `stop` is set.

    When others are `asked` for and can be used, the work is brought to its end and begun anew with
    these, so that all that is done is done by one set of them (F111). If it cannot begin, it goes
    on with those from before.
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
            if watch.wanted:  # it came meanwhile, and was for others than these
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
