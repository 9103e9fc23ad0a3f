"""The only place where parts are built and wired together.

async with app.open_parts(settings) as parts:
    await inline.journey(parts)
"""

from __future__ import annotations

import importlib
import os
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime

from sqlalchemy import Connection

from monitor import failpoints
from monitor import store as stores
from monitor.channels import World, print_out
from monitor.clock import SystemClock
from monitor.config import Settings
from monitor.config.entries import recipients
from monitor.errors import Mistake, SettingsError
from monitor.feeds.pace import first_poll
from monitor.fetch.client import Client
from monitor.fetch.guard import Resolver
from monitor.fetch.robots import Robots
from monitor.model import Clock, Feed
from monitor.pipeline.hosts import NotedHosts, StoredHosts
from monitor.pipeline.parts import Callback, Memory, Parts
from monitor.store import Store, feeds, holds, robots
from monitor.stories.grouper import Encode
from monitor.workers import Workers


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
    write: Callable[[str], object] = print_out,
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
        noted = None if store.shared else NotedHosts(store, clock)
        client = Client(
            settings.client,
            clock,
            resolver,
            StoredRobots(store),
            noted or StoredHosts(store, owner),
            memory.starts,
        )
        await stack.enter_async_context(_remembering(client, noted, memory))
        if sync:
            await store.write(_sync, settings, clock.now())
        yield Parts(
            store=store,
            fetch=client,
            clock=clock,
            owner=owner,
            world=World(client.post, clock.now, write),
            pace=settings.poll.pace,
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


@asynccontextmanager
async def _remembering(
    client: Client, noted: NotedHosts | None, memory: Memory
) -> AsyncIterator[None]:
    """Open a client; hosts that were asked lately by a process before this one are left alone."""
    pauses = await noted.recall(memory.starts) if noted else {}
    async with client:
        for host, seconds in pauses.items():
            client.leave(host, seconds)
        try:
            yield
        finally:
            if noted:
                await noted.note(client.asked_lately)


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
