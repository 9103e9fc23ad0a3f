"""What processes on one database tell each other of hosts: the store behind the client's interface.

On PostgreSQL they share their turns; on SQLite each leaves word for the next
(docs/design/queue.md).
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor.errors import MonitorError
from monitor.fetch.hosts import EVERY, Record, Starts, Wait, Wish, begin, end, granted
from monitor.fetch.settings import LONGEST_SPACING_S
from monitor.model import Clock
from monitor.store import Store, hosts
from monitor.store.lock import Presence

log = logging.getLogger("monitor.hosts")

LEAVING_S = 0.05
"""Between two looks whether a process that was the last one to ask has left its word."""


class StoredHosts:
    """Turns at hosts, shared by all processes on one database.

    `time` is the current time as the database sees it; `owner` marks our requests.
    """

    def __init__(
        self, store: Store, owner: str, time: Callable[[Connection], datetime] = hosts.now
    ) -> None:
        self._store = store
        self._owner = owner
        self._time = time

    def mark(self) -> str:
        """Return a name for a request from which a dead owner's requests can be recognised."""
        return f"{self._owner}/{secrets.token_hex(6)}"

    async def begin(self, host: str, wish: Wish) -> Wait | None:
        """Record a start if it is allowed; a caller that is cancelled meanwhile undoes it."""
        asked = asyncio.ensure_future(self._store.apart(_begin, host, wish, self._time))
        try:
            return await asyncio.shield(asked)
        except asyncio.CancelledError:
            with suppress(MonitorError):
                if await asked is None:
                    await self.end(host, wish.mark, 0.0)
            raise

    async def end(self, host: str, mark: str, pause_s: float) -> None:
        """Record an end. If the database is unavailable, the turn expires by itself."""
        try:
            await self._store.apart(_end, host, mark, pause_s, self._time)
        except MonitorError as error:
            log.warning("the end of a request to %s was not noted: %s", host, error)


def _begin(
    connection: Connection, host: str, wish: Wish, time: Callable[[Connection], datetime]
) -> Wait | None:
    before, now = _known(hosts.hold(connection, host)), time(connection)
    known = granted(before, wish, now)
    after = begin(known, wish, now)
    kept = known if isinstance(after, Wait) else after
    if kept != before:
        hosts.save(connection, host, _row(kept))
    return after if isinstance(after, Wait) else None


def _end(
    connection: Connection,
    host: str,
    mark: str,
    pause_s: float,
    time: Callable[[Connection], datetime],
) -> None:
    known = _known(hosts.hold(connection, host))
    hosts.save(connection, host, _row(end(known, mark, pause_s, time(connection))))


def _known(row: Mapping[str, Any]) -> Record:
    turns = {mark: datetime.fromisoformat(until) for mark, until in row["turns"].items()}
    return Record(row["started"], row["paused_until"], turns)


def _row(record: Record) -> dict[str, Any]:
    turns = {mark: until.isoformat() for mark, until in record.turns.items()}
    return {"started": record.started, "paused_until": record.paused_until, "turns": turns}


class NotedHosts:
    """What a process leaves for the next one, where they take no turns in the database.

    A pause is recorded when it is heard. When hosts were asked last is recorded at the end. A
    process that asks leaves that open meanwhile: if it is killed, the next one takes every host
    for one that was asked just before.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._door = asyncio.Lock()
        self._presence: Presence | None = None
        """Since the first request."""

    async def recall(self, starts: Starts) -> dict[str, float]:
        """Add to `starts` when hosts were asked last; return host -> seconds of its pause left."""
        now, here = self._clock.now(), self._clock.monotonic()
        since = now - _MATTERS
        found = await self._store.read(hosts.left, since, now)
        if any(one.started and one.started > now for one in found):
            await self._store.write(hosts.heed_clock, now)
            found = await self._store.read(hosts.left, since, now)
        for one in found:
            at = here - (now - one.started).total_seconds() if one.started else here
            starts[one.host] = max(at, starts.get(one.host, at))
        return {
            one.host: (one.paused_until - now).total_seconds()
            for one in found
            if one.paused_until is not None
        }

    def mark(self) -> str:
        """Return no name: requests are not recorded one by one."""
        return ""

    async def begin(self, host: str, wish: Wish) -> Wait | None:
        """Before the first request, record that it is open when hosts were asked last."""
        async with self._door:
            if self._presence is None:
                while (presence := self._store.present("asking")) is None:
                    await self._clock.sleep(LEAVING_S)
                try:
                    await self._store.write(hosts.leave_open, EVERY)
                except BaseException:
                    presence.end()
                    raise
                self._presence = presence
        return None

    async def end(self, host: str, mark: str, pause_s: float) -> None:
        """Record a pause. If that fails, it holds for this process and the feed that heard it."""
        if pause_s <= 0:
            return
        now = self._clock.now()
        try:
            await self._store.write(hosts.pause, host, now + timedelta(seconds=pause_s), now)
        except MonitorError as error:
            log.warning("that %s wants to be left alone was not noted: %s", host, error)

    async def note(self, lately: Callable[[], Mapping[str, float]]) -> None:
        """Record at the end which hosts the next process may not ask at once.

        `lately` returns the seconds since each was asked. While other processes are asking, it
        stays open what they have asked.
        """
        if self._presence is None:
            return
        now = self._clock.now()
        ago = {EVERY: _MATTERS.total_seconds(), **lately()}
        try:
            if not self._presence.last():
                del ago[EVERY]
            asked = {host: now - timedelta(seconds=seconds) for host, seconds in ago.items()}
            await self._store.write(hosts.note, asked, now - timedelta(days=1))
        except (MonitorError, OSError) as error:
            log.warning("when hosts were asked last was not noted: %s", error)
        finally:
            self._presence.end()


_MATTERS = timedelta(seconds=LONGEST_SPACING_S)
"""After this long, it does not matter any more when a host was asked."""
