"""The pace of each host: one request at a time, spaced, and none while it asks for a pause.

Feeds, articles, robots.txt and redirect hops all take their turn here (P45, P46). The plain
functions at the top decide what may start when; the class below only waits. Where several
processes work on one database, they share their turns (docs/design/queue.md).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol, Self

from monitor.fetch.address import PORTS, Address
from monitor.fetch.settings import LONGEST_PAUSE_S, LONGEST_SPACING_S, HostSettings
from monitor.model import Clock

Starts = dict[str, float]
"""Host, or EVERY -> when the last request to it began (monotonic seconds)."""
EVERY = "*"
"""Stands for every host, where it is not known which ones a process asked before it was killed."""
_FORGET_ABOVE = 1000
"""How many hosts are remembered before idle ones are looked for and forgotten."""
_AS_ALL = HostSettings()


def host_key(address: Address) -> str:
    """The key of a host: http and https of one name share it, other ports have their own."""
    usual = address.port in PORTS.values()
    host = address.host.rstrip(".")
    return host if usual else f"{host}:{address.port}"


def start_at(now: float, last_start: float | None, spacing_s: float) -> float:
    """When the next request may start (monotonic seconds): not before the spacing has passed."""
    return now if last_start is None else max(now, last_start + spacing_s)


def _is_over(start: float, now: float) -> bool:
    """Whether even the longest spacing allowed has passed since that start."""
    return start_at(now, start, LONGEST_SPACING_S) <= now


@dataclass(frozen=True, slots=True)
class Record:
    """What all processes together know about one host: a value that can be stored."""

    started: datetime | None = None
    """When the last request began."""
    paused_until: datetime | None = None
    turns: Mapping[str, datetime] = field(default_factory=dict)
    """Mark of each request in flight -> when it is over at the latest, even if its process died."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A request that wants its turn."""

    mark: str
    spacing_s: float
    places: int
    """How many may be in flight at this host."""
    lasting_s: float
    """The longest it may take."""
    longest_pause_s: float = LONGEST_PAUSE_S
    """The longest pause that the settings grant this host; 0: none."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It is not this request's turn yet: ask again after `seconds`."""

    seconds: float
    paused: bool = False
    """Whether the host itself asked for it."""


BUSY_S = 0.25
"""How long to wait before checking again whether another process's request has ended."""
_AHEAD = timedelta(days=1)
"""A time further ahead was recorded by a clock that has since been set back (F35)."""


def granted(record: Record, wish: Wish, now: datetime) -> Record:
    """The host's record with a pause no longer than the settings grant, which may have changed."""
    longest = now + timedelta(seconds=wish.longest_pause_s)
    if record.paused_until is None or record.paused_until <= longest:
        return record
    return replace(record, paused_until=longest)


def begin(record: Record, wish: Wish, now: datetime) -> Record | Wait:
    """The host's record once the wished request has begun, or how long the request must wait."""
    paused_until = record.paused_until
    if paused_until is not None and paused_until > now:
        return Wait((paused_until - now).total_seconds(), paused=True)
    turns = {mark: until for mark, until in record.turns.items() if now < until < now + _AHEAD}
    if len(turns) >= wish.places:
        return Wait(BUSY_S)
    if record.started is not None:
        since = (now - record.started).total_seconds()
        left = wish.spacing_s - max(0.0, since)
        if left > 0:
            return Wait(left)
    until = now + timedelta(seconds=wish.lasting_s)
    return Record(now, None, turns | {wish.mark: until})


def end(record: Record, mark: str, pause_s: float, now: datetime) -> Record:
    """The host's record once that request is over; `pause_s`: how long to leave it alone."""
    turns = {one: until for one, until in record.turns.items() if one != mark}
    paused_until = record.paused_until
    if pause_s > 0:
        until = now + timedelta(seconds=pause_s)
        paused_until = max(until, paused_until or until)
    return replace(record, turns=turns, paused_until=paused_until)


class SharedHosts(Protocol):
    """What processes on one database tell each other of hosts, at once or when they begin."""

    def mark(self) -> str:
        """A unique name for a request."""
        ...

    async def begin(self, host: str, wish: Wish) -> Wait | None:
        """None: it may start, and this is recorded. Raises what the store raises."""
        ...

    async def end(self, host: str, mark: str, pause_s: float) -> None:
        """Record that it is over. Never raises: what cannot be recorded expires."""
        ...


class PausedError(Exception):
    """The host asked us to wait, so nothing was sent. `seconds`: how much longer."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"paused for {seconds:.0f} s")
        self.seconds = seconds


class Place:
    """One of the places for requests in flight, counted over all hosts."""

    def __init__(self, all_places: asyncio.Semaphore) -> None:
        self._all = all_places
        self.kept = False
        """Whether it is kept beyond its turn and given back later."""

    def give_back(self) -> None:
        """Let the next request have it."""
        self._all.release()


class Hold:
    """Keeps the place of a request until its answer has been read: `with Hold() as hold`.

    There are thus never more answers in memory than requests are allowed in flight, however slowly
    they are read: otherwise bodies of 15 MB would pile up behind a busy reader.
    """

    def __init__(self) -> None:
        self._place: Place | None = None

    def keep(self, place: Place) -> None:
        """Keep a place whose turn is over."""
        place.kept = True
        self._place = place

    def end(self) -> None:
        """Give back what is kept."""
        if self._place:
            self._place.give_back()
            self._place = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.end()


@dataclass(slots=True)
class _Host:
    """What is remembered of one host."""

    key: str
    count: int
    """How many requests may be in flight."""
    places: asyncio.Semaphore
    articles: asyncio.Semaphore
    """Held by an article besides its place: articles queue here, so no feed waits for them all."""
    door: asyncio.Lock
    """Held by whoever starts next, so that two never pick the same moment."""
    least_s: float
    """The spacing the settings ask for at this host."""
    longest_pause_s: float
    users: int = 0
    paused_until: float = 0.0
    spacing_s: float = 0.0
    """The longest spacing asked for lately, which is how long its last start matters."""

    def idle(self, now: float, started: float | None) -> bool:
        """Whether it can be forgotten, together with its last start, without any effect."""
        spaced = start_at(now, started, self.spacing_s) <= now
        return not self.users and spaced and self.paused_until <= now


class Turn:
    """A request's turn at a host; see `Hosts.turn`."""

    def __init__(
        self, hosts: Hosts, host: _Host, spacing_s: float, article: bool, lasting_s: float
    ) -> None:
        self._hosts = hosts
        self._host = host
        self._wish = hosts.wish(host, spacing_s, lasting_s)
        self._wanted = (host.articles, host.places) if article else (host.places,)
        self._taken: list[asyncio.Semaphore] = []
        self._place: Place | None = None

    async def __aenter__(self) -> Place:
        self._host.users += 1
        try:
            self._hosts.heed(self._host)
            for one in self._wanted:
                await one.acquire()
                self._taken.append(one)
            self._place = await self._hosts.start(self._host, self._wish)
        except BaseException:
            self._leave()
            raise
        return self._place

    async def __aexit__(self, *_error: object) -> None:
        if self._place and not self._place.kept:
            self._place.give_back()
        try:
            await self._hosts.end(self._host, self._wish)
        finally:
            self._leave()

    def _leave(self) -> None:
        for one in reversed(self._taken):
            one.release()
        self._host.users -= 1


class Hosts:
    """Hands out turns: first come, first served at each host. No more of its articles stand in the
    queue than it has places, so a feed that is due waits for only a few of them.

    `own` maps a host's name to what replaces `per_host` and `spacing_s` there; `shared` coordinates
    with other processes; `starts` may outlast this object, so that its successor keeps the spacing
    too. `longest_pause_s` tells for a host's name how long its pauses may be.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        per_host: int,
        spacing_s: float,
        concurrency: int,
        own: Mapping[str, HostSettings] = MappingProxyType({}),
        shared: SharedHosts | None = None,
        starts: Starts | None = None,
        longest_pause_s: Callable[[str], float] = lambda _host: LONGEST_PAUSE_S,
    ) -> None:
        self._shared = shared
        self._longest_pause_s = longest_pause_s
        self._starts: Starts = {} if starts is None else starts
        for key in [key for key, at in self._starts.items() if _is_over(at, clock.monotonic())]:
            del self._starts[key]
        self._clock = clock
        self._per_host = per_host
        self._spacing_s = spacing_s
        self._own = own
        self._all = asyncio.Semaphore(concurrency)
        self._hosts: dict[str, _Host] = {}
        self._forget_above = _FORGET_ABOVE

    def turn(
        self, key: str, spacing_s: float = 0.0, *, article: bool = False, lasting_s: float = 60.0
    ) -> Turn:
        """Wait until a request to this host may start; the body of the `async with` is the request.

        `spacing_s` (a crawl delay) competes with that of the settings; the longer one counts.
        `lasting_s`: the longest the request may take.
        Entering raises PausedError if the host wants to be left alone, and what the store raises
        if the turns of other processes cannot be learnt.
        """
        return Turn(self, self._host(key), spacing_s, article, lasting_s)

    def pause(self, key: str, wait: timedelta) -> None:
        """Leave a host alone for that long; a longer pause already known remains."""
        host = self._host(key)
        until = self._clock.monotonic() + wait.total_seconds()
        host.paused_until = max(host.paused_until, until)

    def wish(self, host: _Host, spacing_s: float, lasting_s: float) -> Wish:
        """What a request wishes, the settings included."""
        mark = self._shared.mark() if self._shared else ""
        spacing_s = max(spacing_s, host.least_s)
        return Wish(mark, spacing_s, host.count, lasting_s, host.longest_pause_s)

    async def start(self, host: _Host, wish: Wish) -> Place:
        """Wait for the right moment, then take one of the places of all hosts.

        In this order, because a request waiting for a slow host must not occupy a place.
        """
        host.spacing_s = max(host.spacing_s, wish.spacing_s)
        async with host.door:
            self.heed(host)
            while True:
                while (wait := self._wait(host, wish.spacing_s)) > 0:
                    await self._clock.sleep(wait)
                if not (wait := await self._try(host, wish)):
                    break
                await self._clock.sleep(wait)
            self._starts[host.key] = self._clock.monotonic()
        return Place(self._all)

    async def _try(self, host: _Host, wish: Wish) -> float:
        """Take a place and record the start for all processes; else the seconds to wait first."""
        await self._all.acquire()
        try:
            self.heed(host)
            wait = await self._shared.begin(host.key, wish) if self._shared else None
            if wait is None:
                return 0.0
            if wait.paused:
                host.paused_until = self._clock.monotonic() + wait.seconds
                raise PausedError(wait.seconds)
        except BaseException:
            self._all.release()
            raise
        self._all.release()
        return wait.seconds

    async def end(self, host: _Host, wish: Wish) -> None:
        """Record that the request is over; a pause it was asked for applies to all processes."""
        if self._shared:
            pause_s = host.paused_until - self._clock.monotonic()
            await self._shared.end(host.key, wish.mark, pause_s)

    def _last(self, key: str) -> float | None:
        """When a host was last asked, as far as that is known."""
        known = [self._starts[one] for one in (key, EVERY) if one in self._starts]
        return max(known, default=None)

    def _wait(self, host: _Host, spacing_s: float) -> float:
        now = self._clock.monotonic()
        return start_at(now, self._last(host.key), spacing_s) - now

    def asked_lately(self) -> dict[str, float]:
        """Host, or EVERY -> seconds since its last request began, where the next must be spaced."""
        now = self._clock.monotonic()
        lately = {
            key: now - self._starts[key]
            for key, host in self._hosts.items()
            if key in self._starts and self._wait(host, host.spacing_s) > 0
        }
        if EVERY in self._starts and not _is_over(self._starts[EVERY], now):
            lately[EVERY] = now - self._starts[EVERY]
        return lately

    def heed(self, host: _Host) -> None:
        """Raise PausedError if the host wants to be left alone."""
        left = host.paused_until - self._clock.monotonic()
        if left > 0:
            raise PausedError(left)

    def _host(self, key: str) -> _Host:
        if key not in self._hosts:
            self._forget()
            self._hosts[key] = self._new(key, self._own.get(key.partition(":")[0], _AS_ALL))
        return self._hosts[key]

    def _new(self, key: str, own: HostSettings) -> _Host:
        places = self._per_host if own.per_host is None else own.per_host
        least_s = self._spacing_s if own.spacing_s is None else own.spacing_s
        return _Host(
            key,
            places,
            asyncio.Semaphore(places),
            asyncio.Semaphore(places),
            asyncio.Lock(),
            least_s,
            self._longest_pause_s(key.partition(":")[0]),
        )

    def _forget(self) -> None:
        """Drop what no longer matters; checked rarely, so that it costs next to nothing."""
        if len(self._hosts) < self._forget_above:
            return
        now, starts = self._clock.monotonic(), self._starts
        for key in [key for key, host in self._hosts.items() if host.idle(now, self._last(key))]:
            del self._hosts[key]
            starts.pop(key, None)
        self._forget_above = max(_FORGET_ABOVE, 2 * len(self._hosts))
