"""The only place where parts are built and wired together.

async with app.open_parts(settings) as parts:
    await inline.journey(parts)
"""

from __future__ import annotations

import asyncio
import importlib
import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from monitor import failpoints
from monitor import store as stores
from monitor.channels import World
from monitor.clock import SystemClock
from monitor.config import Settings
from monitor.config.entries import recipients
from monitor.errors import Mistake, MonitorError, SettingsError
from monitor.feeds.pace import PaceSettings, first_poll
from monitor.fetch.client import Client
from monitor.fetch.guard import Resolver
from monitor.fetch.hosts import Record, Wait, Wish, begin, end
from monitor.fetch.robots import Robots
from monitor.fetch.settings import LONGEST_SPACING_S
from monitor.model import Clock, Feed
from monitor.pipeline.parts import Callback, Memory, Parts
from monitor.store import Store, feeds, holds, hosts, robots
from monitor.stories.grouper import Encode
from monitor.workers import Workers

log = logging.getLogger("monitor.app")


class StoredRobots:
    """robots.txt files in the store, behind the interface that the client expects."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, origin: str) -> Robots | None:
        """Return what was last saved for an origin."""
        row = await self._store.read(robots.load, origin)
        return None if row is None else Robots(**row)

    async def save(self, kept: Robots) -> None:
        """Store it in place of the previous copy."""
        values = {name: getattr(kept, name) for name in Robots.__slots__}
        await self._store.write(robots.save, values)


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
    known = _known(hosts.hold(connection, host))
    after = begin(known, wish, time(connection))
    if isinstance(after, Wait):
        return after
    hosts.save(connection, host, _row(after))
    return None


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


async def _recall(store: Store, memory: Memory, clock: Clock) -> None:
    """Restore when the previous process asked each host, where turns are not in the database."""
    now, here = clock.now(), clock.monotonic()
    since = now - timedelta(seconds=LONGEST_SPACING_S)
    for host, started in (await store.read(hosts.asked, since)).items():
        at = here - max(0.0, (now - started).total_seconds())
        memory.starts[host] = max(at, memory.starts.get(host, at))


async def _note(store: Store, client: Client, clock: Clock) -> None:
    """Record for the next process which hosts it may not ask at once."""
    now = clock.now()
    asked = {host: now - timedelta(seconds=ago) for host, ago in client.asked_lately().items()}
    if not asked:
        return
    try:
        await store.write(hosts.note, asked, now - timedelta(days=1))
    except MonitorError as error:
        log.warning("when hosts were asked last was not noted: %s", error)


@asynccontextmanager
async def open_parts(
    settings: Settings,
    *,
    owner: str = "command",
    sync: bool = True,
    clock: Clock | None = None,
    resolver: Resolver | None = None,
    store: Store | None = None,
    memory: Memory | None = None,
    write: Callable[[str], object] = sys.stdout.write,
) -> AsyncIterator[Parts]:
    """Build everything a runner needs from the settings, and close it at the end.

    `owner` is the name under which claims are made. Unless `sync`, the store is not told which
    feeds the settings name. `memory` is what this process remembers from before.

    Raises SettingsError, UnavailableError or InputError before anything has been done.
    """
    failpoints.arm(os.environ)
    clock = clock or SystemClock()
    memory = memory or Memory()
    async with AsyncExitStack() as stack:
        if store is None:
            store = stack.enter_context(stores.open(settings.store.url))
        if not store.shared:
            await _recall(store, memory, clock)
        client = await stack.enter_async_context(
            Client(
                settings.client,
                clock,
                resolver,
                StoredRobots(store),
                StoredHosts(store, owner) if store.shared else None,
                memory.starts,
            )
        )
        if not store.shared:
            stack.push_async_callback(_note, store, client, clock)
        for url, until, status in await store.read(feeds.pauses, clock.now()):
            client.leave(url, until, status)
        if sync:
            await store.write(_sync, settings, clock.now())
        yield Parts(
            store=store,
            fetch=client,
            clock=clock,
            owner=owner,
            world=World(client.post, clock.now, write),
            pace=pace_of(settings),
            compute=Workers(),
            watchlists={watchlist.name: watchlist for watchlist in settings.watchlists},
            digests=settings.digests,
            templates=settings.templates,
            channel=settings.channel,
            alarms=recipients(settings.alarms.to),
            sites=settings.sites,
            encode=encoder_of(settings),
            articles=settings.fetch.articles,
            access=settings.access,
            usual_access=settings.usual_access,
            rematch=settings.match.again,
            callback=callback_of(settings),
            memory=memory,
        )


def pace_of(settings: Settings) -> PaceSettings:
    """Return the limits of the polling interval."""
    poll = settings.poll
    return PaceSettings(
        interval=poll.interval,
        floor=poll.floor,
        ceiling=poll.ceiling,
        longest_wait=poll.longest_wait,
    )


def encoder_of(settings: Settings) -> Encode | None:
    """Return the encoder that the settings name as MODULE:NAME; raise SettingsError without one.

    It is looked up only where Python finds modules: an encoder is the operator's own program.
    """
    named = settings.stories.encoder
    if not named:
        return None
    module, _, name = named.partition(":")
    try:
        encode: Encode = getattr(importlib.import_module(module), name)
    except Exception as error:
        what = f"[stories] encoder {named!r} cannot be loaded: {type(error).__name__}: {error}"
        hint = "is it installed here, or its folder in PYTHONPATH?"
        raise SettingsError([Mistake("monitor.toml", what, hint)]) from error
    return encode


def callback_of(settings: Settings) -> Callback | None:
    """Return how hubs reach us, if the settings name a public address (P100, P101)."""
    web = settings.web
    if not (web.enabled and web.public_url):
        return None
    return Callback(
        f"{web.public_url}/websub/",
        lambda: secrets.token_urlsafe(32),
        f"{web.public_url}/stop/",
    )


def _sync(connection: Connection, settings: Settings, now: datetime) -> None:
    """Tell the store which feeds the settings name; new ones are spread over the interval."""

    def first_due(feed: Feed) -> datetime:
        return first_poll(feed.url, now, settings.poll.spread)

    holds.enter(connection, now)
    feeds.heed_clock(connection, now)
    feeds.sync(connection, settings.feeds, now, first_due)
