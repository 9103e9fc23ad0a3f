"""The one place where parts are built and joined; only here is the real clock.

async with app.open_parts(settings) as parts:
    await inline.journey(parts)
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

import anyio
import anyio.to_process
from sqlalchemy import Connection

from monitor import store as stores
from monitor.channels import World
from monitor.config import Settings
from monitor.errors import TryLaterError
from monitor.feeds.pace import PaceSettings, first_poll
from monitor.fetch.client import Client
from monitor.fetch.guard import Resolver
from monitor.fetch.robots import Robots
from monitor.model import Clock, Feed
from monitor.pipeline import failpoints
from monitor.pipeline.parts import Callback, ComputeFailedError, Parts
from monitor.store import Store, feeds, robots
from monitor.watchlists.matcher import compile_watchlists

P = ParamSpec("P")
T = TypeVar("T")

COMPUTE_S = 20.0
"""Pure work on one document that takes longer is given up."""


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """The time of day, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that never jump."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


class Workers:
    """Pure work in worker processes: it uses the other cores, and may hang or die alone.

    Started when first used; one that takes too long is killed and replaced.
    """

    def __init__(self, processes: int | None = None) -> None:
        self._limiter = anyio.CapacityLimiter(processes or max(1, (os.cpu_count() or 2) - 1))

    async def __call__(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The value of `fn(*args)`; raises ComputeFailedError when it does not come.

        Raises TryLaterError when no worker could be started: that is no fault of the document.
        """
        async with self._limiter:  # waiting for a worker is not working
            try:
                with anyio.fail_after(COMPUTE_S):
                    return await anyio.to_process.run_sync(
                        _call, fn, args, kwargs, cancellable=True, limiter=_UNBOUNDED
                    )
            except TimeoutError:
                raise ComputeFailedError(f"it took longer than {COMPUTE_S:.0f} s") from None
            except anyio.BrokenWorkerProcess as error:
                if error.args:  # anyio gives a reason only when the worker never began
                    raise TryLaterError("no worker process", str(error)) from error
                raise ComputeFailedError("it killed the process that read it") from None
            except OSError as error:
                raise TryLaterError("no worker process", str(error)) from error


_UNBOUNDED = anyio.CapacityLimiter(float("inf"))


def _call(fn: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> T:
    """Runs in a worker. A terminal's Ctrl-C and a supervisor's stop reach it as they reach us, but
    when it ends is our decision: what it reads must not be recorded as what killed it.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    return fn(*args, **kwargs)


class StoredRobots:
    """robots.txt files in the store, as the client wants them."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def load(self, origin: str) -> Robots | None:
        """What was saved last for an origin."""
        row = await self._store.read(robots.load, origin)
        return None if row is None else Robots(**row)

    async def save(self, kept: Robots) -> None:
        """Keep it, in place of what there was."""
        values = {name: getattr(kept, name) for name in Robots.__slots__}
        await self._store.write(robots.save, values)


@asynccontextmanager
async def open_parts(
    settings: Settings,
    *,
    clock: Clock | None = None,
    resolver: Resolver | None = None,
    store: Store | None = None,
    write: Callable[[str], object] = sys.stdout.write,
) -> AsyncIterator[Parts]:
    """Everything a runner needs, built from the settings and closed at the end.

    Raises SettingsError, UnavailableError or InputError before anything has been done.
    """
    failpoints.arm(os.environ)
    clock = clock or SystemClock()
    matcher = compile_watchlists(list(settings.watchlists))
    async with AsyncExitStack() as stack:
        if store is None:
            store = stack.enter_context(stores.open(settings.store.url))
        client = await stack.enter_async_context(
            Client(settings.fetch.client, clock, resolver, StoredRobots(store))
        )
        for url, until in await store.read(feeds.pauses, clock.now()):
            client.leave(url, until)
        await store.write(_sync, settings, clock.now())
        yield Parts(
            store=store,
            fetch=client,
            clock=clock,
            world=World(client.post, clock.now, write),
            pace=pace_of(settings),
            matcher=matcher,
            compute=Workers(),
            watchlists={watchlist.name: watchlist for watchlist in settings.watchlists},
            digests=settings.digests,
            channel=settings.channel,
            sites=settings.sites,
            articles=settings.fetch.articles,
            callback=callback_of(settings),
        )


def pace_of(settings: Settings) -> PaceSettings:
    """The bounds of polling."""
    poll = settings.poll
    return PaceSettings(interval=poll.interval, floor=poll.floor, ceiling=poll.ceiling)


def callback_of(settings: Settings) -> Callback | None:
    """How hubs reach us, where the settings name a public address (P100, P101)."""
    web = settings.web
    if not (web.enabled and web.public_url):
        return None
    return Callback(f"{web.public_url}/websub/", lambda: secrets.token_urlsafe(32))


def _sync(connection: Connection, settings: Settings, now: datetime) -> None:
    """Tell the store which feeds the settings name; new ones get their place in the spread."""

    def first_due(feed: Feed) -> datetime:
        return first_poll(feed.url, now, settings.poll.spread)

    feeds.heed_clock(connection, now)
    feeds.sync(connection, settings.feeds, now, first_due)
