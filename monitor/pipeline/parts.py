"""What a step is given from the world. `app.py` joins the real parts; tests join fakes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ParamSpec, Protocol, TypeVar

from monitor.channels import World
from monitor.feeds.pace import PaceSettings
from monitor.fetch.hosts import Hold, Starts
from monitor.model import (
    Access,
    Answer,
    Clock,
    Delivery,
    Digest,
    Feed,
    FetchFailed,
    Override,
    Recipient,
    Request,
    Response,
    Watchlist,
)
from monitor.store import Store
from monitor.store.leases import Lease
from monitor.stories.grouper import Encode, Grouper
from monitor.watchlists.matcher import Matcher, compile_watchlists

P = ParamSpec("P")
T = TypeVar("T")


class Fetcher(Protocol):
    """The polite client (`fetch.client.Client`) as the steps see it."""

    async def get(self, request: Request, hold: Hold | None = None) -> Response | FetchFailed:
        """Request a feed."""
        ...

    async def article(self, url: str, hold: Hold | None = None) -> Response | FetchFailed:
        """Request a page, if robots.txt permits."""
        ...


class Compute(Protocol):
    """Where long pure work runs: at once, or in a worker process."""

    async def __call__(self, fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Return `fn(*args, **kwargs)`. Raises ComputeFailedError."""
        ...


async def at_once(fn: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The simplest Compute: run it here and now."""
    return fn(*args, **kwargs)


async def all_ended(work: Iterable[Awaitable[T]]) -> list[T]:
    """Await all and return their values in order; an error is raised only when all have ended.

    So no work continues unnoticed after its step is over.
    """
    done = await asyncio.gather(*work, return_exceptions=True)
    for one in done:
        if isinstance(one, BaseException):
            raise one
    return [one for one in done if not isinstance(one, BaseException)]


@dataclass(frozen=True, slots=True)
class Callback:
    """How hubs reach us, and readers who want to stop a digest."""

    address: str
    """Our public address, to which the token is appended: "https://monitor.example.org/websub/"."""
    random: Callable[[], str]
    """Returns an unguessable text, a new one at each call."""
    stop: str = ""
    """Like `address`, but for readers: "https://monitor.example.org/stop/"."""


Unrecorded = deque[tuple[Delivery, Answer]]
"""Channels' answers that the store could not record."""


@dataclass(slots=True)
class Memory:
    """What a process remembers; matcher and grouper only for speed: they can be rebuilt."""

    matcher: Matcher | None = None
    grouper: Grouper | None = None
    mark: Any = None
    """The mark of grouping when `grouper` was up to date."""
    looked: datetime | None = None
    """When the due feeds were last asked for."""
    unrecorded: Unrecorded = field(default_factory=deque)
    """Lost with the process; then these answers count as unknown."""
    starts: Starts = field(default_factory=dict)
    """When each host was last asked."""
    shut: dict[str, datetime] = field(default_factory=dict)
    """Channel that takes nothing until a person mends it -> when it is asked again."""
    catching_up: asyncio.Lock = field(default_factory=asyncio.Lock)

    def under_other_settings(self) -> Memory:
        """The part that holds whatever the settings are."""
        return Memory(unrecorded=self.unrecorded, starts=self.starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The world and the settings, as values."""

    store: Store
    fetch: Fetcher
    clock: Clock
    world: World
    pace: PaceSettings
    compute: Compute = at_once
    watchlists: Mapping[str, Watchlist] = field(default_factory=dict)
    digests: Sequence[Digest] = ()
    templates: Mapping[str, str] = field(default_factory=dict)
    """Name of one of our templates -> the user's replacement for it."""
    channel: Callable[[Recipient], Any]
    """The settings for reaching a recipient; raises SettingsError if there are none."""
    alarms: Sequence[Recipient] = ()
    """Who is told when messages do not get through."""
    sites: Mapping[str, Override] = field(default_factory=dict)
    """Host -> how its pages are read, where the user has specified it."""
    encode: Encode | None = None
    """Text to vector, if an encoder assists grouping."""
    articles: str = "all"
    """Whether pages are fetched, if the feed's settings do not say."""
    access: Mapping[str, Access] = field(default_factory=dict)
    """Address of a feed in the settings -> what it takes to ask it."""
    usual_access: Access = field(default_factory=Access)
    """What it takes to ask any other feed."""
    force: bool = False
    """Request whole documents regardless of what is known: only if a person asks for it (P16)."""
    owner: str = "command"
    """The owner of claims; the daemon, being the only one, may end its predecessor's claims."""
    patience: timedelta = timedelta(minutes=15)
    """After this long without an answer, a claim is free again."""
    rematch: timedelta = timedelta(days=7)
    """After a watchlist changes, articles first seen within this time are matched again."""
    callback: Callback | None = None
    """None if we cannot be reached; then no hub is asked to push (P101)."""
    memory: Memory = field(default_factory=Memory)

    def matcher(self) -> Matcher:
        """All watchlists as one machine.

        It is built on first use, which takes half a second of a core: a command that matches
        nothing need not wait for it.
        """
        if self.memory.matcher is None:
            self.memory.matcher = compile_watchlists(self.watchlists.values())
        return self.memory.matcher

    def access_to(self, feed: Feed) -> Access:
        """What it takes to ask a feed."""
        return self.access.get(feed.settings_url or feed.url, self.usual_access)

    def lease(self, now: datetime) -> Lease:
        """A claim made now."""
        return Lease(self.owner, now + self.patience)
