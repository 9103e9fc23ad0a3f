"""A week among publishers: 200 feeds on 40 hosts, seven simulated days, a hostile mix (P106).

Run as `make manners`, or `.venv/bin/python bench/manners.py [FEEDS] [DAYS]`. The poll step, the
decisions, the store and the client are the real ones; only the sockets are replaced, by publishers
who keep their own account of what each request should have been. A simulated event loop lets time
pass whenever nothing is left to do, so that a week takes a minute or two. The program is stopped
and started again several times a day. Printed: every kind of bad manners and how often it occurred;
returns 1 if any did, or if the week was too quiet to prove anything.
"""

from __future__ import annotations

import asyncio
import gzip
import selectors
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit
from zlib import crc32

import httpx
from sqlalchemy import Connection

from monitor import store as stores
from monitor.channels import World
from monitor.feeds.pace import PaceSettings, first_poll
from monitor.fetch.client import Client, FetchSettings
from monitor.fetch.hosts import Starts
from monitor.model import Feed
from monitor.pipeline import poll
from monitor.pipeline.hosts import NotedHosts
from monitor.pipeline.parts import Parts
from monitor.store import Store, feeds
from monitor.store.lock import Presence

T = TypeVar("T")
V = TypeVar("V")

START = datetime(2024, 10, 14, tzinfo=UTC)
"""A Monday, midnight."""
HOSTS = 40
HOUR = 3600.0
DAY = 24 * HOUR
PACE = PaceSettings()
RUN_S = 5.7 * HOUR
"""Seconds that the program runs before it is stopped and started again."""
SPACING_S = 2.0
LATENCY_S = 0.3
TICK_S = 10.0
"""How often the running program looks for what is due."""
HAIR_S = 1e-3
"""Tolerance for rounding of times."""

# ------------------------------------------------------------------------- simulated time


class _Leap(selectors.SelectSelector):
    """A selector that does not wait: when nothing is ready, it skips the time to be waited."""

    passed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0 if timeout is None or timeout > 0 else timeout)
        if not ready and timeout:
            self.passed += timeout
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose timers fire one after the other without waiting."""

    def __init__(self) -> None:
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self) -> float:
        """Seconds since the beginning of the simulation."""
        return self._leap.passed


class SimulatedClock:
    """The program's clock, driven by the simulated loop."""

    def now(self) -> datetime:
        """The simulated time."""
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """Let other tasks run."""
        await asyncio.sleep(seconds)


class StoreAtOnce:
    """The store without its threads: simulated time must not pass while one of them works."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def read(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Like Store.read."""
        return self._store.read_now(fn, *args, **kwargs)

    async def write(self, fn: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """Like Store.write."""
        return self._store.write_now(fn, *args, **kwargs)

    async def write_to(self, fn: Callable[[Connection, Sequence[V]], Sequence[T]], value: V) -> T:
        """Like Store.write_to, one value at a time."""
        return self._store.write_now(fn, [value])[0]

    def present(self, name: str) -> Presence | None:
        """Like Store.present."""
        return self._store.present(name)


# ------------------------------------------------------------------------------ publishers

Lines = Sequence[tuple[str, bytes]]


@dataclass(slots=True)
class Side:
    """One feed as its publisher sees it: what it served, what it asked for, what may come next."""

    number: int
    kind: str
    url: str
    validators: tuple[bytes | None, bytes | None] = (None, None)
    """ETag and Last-Modified of the last sound answer, which the next request must carry."""
    not_before: float = 0.0
    asked: int = 0
    refusals: int = 0
    read: bool = False
    """Whether a whole document was delivered: from then on its hints are known."""
    gone: bool = False
    sightings: int = 0
    """How often a permanent redirect was followed to its end."""
    moved: bool = False

    @property
    def target(self) -> str:
        """Where its redirects lead: every other feed's to another host."""
        parts = urlsplit(self.url)
        far = self.kind == "moved" and self.number % 2
        host = f"new-{parts.hostname}" if far else parts.hostname
        return f"{parts.scheme}://{host}/to/{self.number}"

    @property
    def believed_after(self) -> int:
        """Sightings of a permanent redirect after which the old address must not be asked (P55)."""
        return 1 if urlsplit(self.target).hostname == urlsplit(self.url).hostname else 2


@dataclass(frozen=True, slots=True)
class Reply:
    """A publisher's answer, and what it means by it."""

    status: int = 200
    body: bytes = b""
    headers: Lines = ()
    wait_s: float = 0.0
    """Seconds for which it asks to be left alone."""
    sound: bool = True
    """Whether a 200 is a whole feed: only then may its validators come back."""


def document(side: Side, now: float, every_s: float = 11 * HOUR, inside: str = "") -> bytes:
    """A feed of six items, one more every `every_s`; `inside`: additional channel elements."""
    newest = int((now + side.number * 97) / every_s) + 6
    items = "".join(
        f"<item><title>Report {n} of {side.number}</title><guid>{side.number}-{n}</guid>"
        f"<link>http://site.test/{side.number}/{n}</link></item>"
        for n in range(newest, newest - 6, -1)
    )
    text = f"<rss version='2.0'><channel><title>Feed {side.number}</title>{inside}{items}"
    return f"{text}</channel></rss>".encode()


def tagged(side: Side, now: float, sent: tuple[bytes | None, bytes | None], **more: Any) -> Reply:
    """Answer with validators; 304 when the right ones came back.

    `etag` and `modified` are patterns into which the document's version is put.
    """
    body = more.pop("body", None) or document(side, now)
    version = b"%x" % crc32(body)
    patterns = (
        ("ETag", more.pop("etag", b'"%b-gzip"')),
        ("Last-Modified", more.pop("modified", b"")),
    )
    given = [(name, one.replace(b"%b", version)) for name, one in patterns if one]
    lines = [*given, *more.pop("headers", ())]
    known = any(value in sent for _, value in given)
    if known:
        return Reply(304, headers=lines, **more)
    return Reply(200, body, lines, **more)


def in_time(now: float, seconds: float) -> bytes:
    """A time `seconds` after `now`, in HTTP's format."""
    moment = (START + timedelta(seconds=int(now + seconds))).replace(microsecond=0)
    return format_datetime(moment, usegmt=True).encode()


Sent = tuple[bytes | None, bytes | None]
Kind = Callable[[Side, float, Sent], Reply]


def _busy(status: int, wait_s: float, dated: bool = False) -> Kind:
    """Refuse every fourth request, and say for how long."""

    def reply(side: Side, now: float, sent: Sent) -> Reply:
        if side.asked % 4:
            return tagged(side, now, sent)
        value = in_time(now, wait_s) if dated else b"%d" % wait_s
        return Reply(status, b"later", [("Retry-After", value)], wait_s=wait_s - dated)

    return reply


def _failing(status: int, of: int = 1) -> Kind:
    """Give every `of`-th request that status."""

    def reply(side: Side, now: float, sent: Sent) -> Reply:
        return tagged(side, now, sent) if side.asked % of else Reply(status, b"no")

    return reply


def _plain(inside: str = "", wait_s: float = 0.0, **more: Any) -> Kind:
    """Validators and, inside the document, hints."""

    def reply(side: Side, now: float, sent: Sent) -> Reply:
        body = document(side, now, inside=inside) if inside else None
        return tagged(side, now, sent, body=body, wait_s=wait_s, **more)

    return reply


def _ending(side: Side, now: float, sent: Sent) -> Reply:
    return Reply(410, b"gone") if now > 2 * DAY else tagged(side, now, sent)


def _moved(side: Side, now: float, sent: Sent) -> Reply:
    if now < DAY:
        return tagged(side, now, sent)
    return Reply(301 if side.number % 3 else 308, b"", [("Location", side.target.encode())])


def _detour(side: Side, _now: float, _sent: Sent) -> Reply:
    status = (302, 303, 307)[side.number % 3]
    return Reply(status, b"", [("Location", side.target.encode())])


def _fickle(side: Side, now: float, _sent: Sent) -> Reply:
    """The same bytes each time under a new ETag."""
    return Reply(200, document(side, now, DAY), [("ETag", b'"%d"' % side.asked)])


def _forgetful(side: Side, now: float, _sent: Sent) -> Reply:
    """Validators in every other answer only (P09)."""
    lines = [("ETag", b'"%d"' % side.asked)] if side.asked % 2 else []
    return Reply(200, document(side, now), lines)


def _renewing(side: Side, now: float, sent: Sent) -> Reply:
    """304 with a new ETag (P10)."""
    line = [("ETag", b'W/"%d"' % side.asked)]
    return Reply(304, b"", line) if sent[0] else Reply(200, document(side, now), line)


def _terse(side: Side, now: float, sent: Sent) -> Reply:
    """Both validators; a 304 repeats neither of them (P10)."""
    reply = tagged(side, now, sent, modified=b"yesterday %b")
    return Reply(304) if reply.status == 304 else reply


def _broken(side: Side, now: float, sent: Sent) -> Reply:
    """Every third document is cut off, under an ETag that must not be kept (P08)."""
    if side.asked % 3:
        return tagged(side, now, sent)
    return Reply(200, document(side, now)[:-40], [("ETag", b'"cut"')], sound=False)


def _expiring(side: Side, now: float, sent: Sent) -> Reply:
    lines = [("Date", in_time(now, 0)), ("Expires", in_time(now, 5 * HOUR))]
    return tagged(side, now, sent, headers=lines, wait_s=5 * HOUR)


def _cookies(side: Side, now: float, sent: Sent) -> Reply:
    reply = tagged(side, now, sent, headers=[("Set-Cookie", b"who=you; Path=/")])
    if reply.status != 200:
        return reply
    lines = [*reply.headers, ("Content-Encoding", b"gzip")]
    return Reply(200, gzip.compress(reply.body), lines)


def _refusing(side: Side, _now: float, _sent: Sent) -> Reply:
    return Reply(403, b"no", wait_s=DAY if side.asked >= 3 else 0.0)


def _page(_side: Side, _now: float, _sent: Sent) -> Reply:
    return Reply(200, b"<html><body>News</body></html>", [("ETag", b'"page"')], sound=False)


def _lively(side: Side, now: float, _sent: Sent) -> Reply:
    return Reply(200, document(side, now, 5 * 60), ())


SKIPS = "<skipHours>" + "".join(f"<hour>{n}</hour>" for n in range(6)) + "</skipHours>"
SKIPS += "<skipDays><day>Sunday</day></skipDays>"
HUB = "<link xmlns='http://www.w3.org/2005/Atom' rel='hub' href='http://hub.test/'/>"
PERIOD = "<sy:updatePeriod>\n daily </sy:updatePeriod><sy:updateFrequency>6</sy:updateFrequency>"
KINDS: Mapping[str, Kind] = {
    "strong": _plain(),
    "weak": _plain(etag=b'W/"%b,\\"'),
    "bare": _plain(etag=b"%b\xe9"),
    "dated": _plain(etag=b"", modified=b"Tue, 5 Mar 2024 1:02:%b +0000"),
    "both": _terse,
    "silent": lambda side, now, _sent: Reply(200, document(side, now, DAY)),
    "deaf": lambda side, now, _sent: tagged(side, now, (None, None)),
    "fickle": _fickle,
    "forgetful": _forgetful,
    "renewing": _renewing,
    "429 seconds": _busy(429, 7200),
    "429 short": _busy(429, 45),
    "429 date": _busy(429, 3 * HOUR, dated=True),
    "503": _busy(503, 5400),
    "404": _failing(404),
    "flapping": _failing(500, of=2),
    "ending": _ending,
    "moved": _moved,
    "detour": _detour,
    "max-age": _plain(
        headers=[("Cache-Control", b"public, max-age=14400"), ("Age", b"3600")], wait_s=3 * HOUR
    ),
    "expires": _expiring,
    "ttl": _plain("<ttl>180</ttl>", wait_s=3 * HOUR),
    "skips": _plain(SKIPS),
    "period": _plain(PERIOD, wait_s=4 * HOUR),
    "hub": _plain(HUB),
    "cookies": _cookies,
    "403": _refusing,
    "broken": _broken,
    "page": _page,
    "hanging": lambda _side, _now, _sent: Reply(0),
    "lively": _lively,
}
PATHS = ("/feed/{}", "/a%2Fb/{}?", "//feed//{}", "/{}?q=b&&c=%7e", "/{}/feed.xml?utm_source=x#top")

# ---------------------------------------------------------------------------- the account

BREACHES = (
    "unconditional repeats",
    "made-up or outdated validators",
    "early requests",
    "requests in a host's pause",
    "requests in skipped hours or days",
    "requests after 410",
    "old addresses asked after a move",
    "addresses nobody named",
    "cookies",
    "referers and other tell-tale headers",
    "other names than ours",
    "more than one in flight at a host",
    "starts closer than the spacing",
)
PLAIN = {b"host", b"user-agent", b"accept", b"accept-encoding"}
PLAIN |= {b"if-none-match", b"if-modified-since"}
"""All the headers that a request for a feed needs."""


@dataclass(slots=True)
class Host:
    """One host as its operator sees it."""

    flying: int = 0
    started: float = -DAY
    paused_until: float = 0.0


@dataclass(slots=True)
class Publishers(httpx.AsyncBaseTransport):
    """All hosts: they answer, and count what they should not have seen."""

    sides: Sequence[Side]
    breaches: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    """The first breach of each kind, for whoever has to fix it."""
    answers: Counter[str] = field(default_factory=Counter)
    """Number of answers by status."""
    requests: int = 0
    conditional: int = 0
    _hosts: dict[str, Host] = field(default_factory=dict)
    _at: dict[str, Side] = field(default_factory=dict)
    _on_the_way: set[str] = field(default_factory=set)
    """Targets of redirects that were served and not yet followed."""

    def __post_init__(self) -> None:
        for side in self.sides:
            self._at[side.url.partition("#")[0]] = side
            self._at[side.target] = side

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Check a request, then answer it."""
        now = asyncio.get_running_loop().time()
        name = request.url.host
        url = f"{request.url.scheme}://{name}{request.extensions['target'].decode()}"
        host = self._hosts.setdefault(name, Host())
        self._look_at_host(host, url, now)
        headers = {key.lower(): value for key, value in request.headers.raw}
        self._look_at_headers(headers, request.method, url)
        side = self._at.get(url)
        if side is None:
            self._count("addresses nobody named", url)
            return httpx.Response(404, stream=httpx.ByteStream(b""))
        host.flying += 1
        try:
            return await self._answer(side, host, url, headers)
        finally:
            host.flying -= 1

    # --------------------------------------------------------------------- looking

    def _count(self, breach: str, what: str) -> None:
        self.breaches[breach] += 1
        self.examples.setdefault(breach, what)

    def _look_at_host(self, host: Host, url: str, now: float) -> None:
        self.requests += 1
        if host.flying:
            self._count("more than one in flight at a host", url)
        if now - host.started < SPACING_S - HAIR_S:
            self._count("starts closer than the spacing", url)
        if now < host.paused_until - HAIR_S:
            self._count("requests in a host's pause", f"{url} at {now:.0f}")
        host.started = now

    def _look_at_headers(self, headers: Mapping[bytes, bytes], method: str, url: str) -> None:
        if b"cookie" in headers:
            self._count("cookies", url)
        if method != "GET" or headers.keys() - PLAIN - {b"cookie"}:
            self._count("referers and other tell-tale headers", url)
        if headers.get(b"user-agent") != NAMED.user_agent.encode():
            self._count("other names than ours", url)

    def _look_at_time(self, side: Side, now: float) -> None:
        """Check whether a poll may begin now."""
        told = f"{side.kind} {side.url} at {now:.0f}, not before {side.not_before:.0f}"
        if now < side.not_before - HAIR_S:
            self._count("early requests", told)
        if side.gone:
            self._count("requests after 410", told)
        moment = START + timedelta(seconds=now)
        if side.kind == "skips" and side.read and (moment.hour < 6 or moment.weekday() == 6):
            self._count("requests in skipped hours or days", told)

    def _look_at_validators(self, side: Side, sent: Sent) -> None:
        self.conditional += sent != (None, None)
        told = f"{side.kind} {side.url}: {sent}, not {side.validators}"
        pairs = list(zip(sent, side.validators, strict=True))
        if any(one is None and given is not None for one, given in pairs):
            self._count("unconditional repeats", told)
        if any(one is not None and one != given for one, given in pairs):
            self._count("made-up or outdated validators", told)

    def _look_at_address(self, side: Side, url: str) -> None:
        """Check whether this is the address at which a poll may begin."""
        at_target = url == side.target
        if at_target and not (side.kind == "moved" and side.sightings >= side.believed_after):
            self._count("addresses nobody named", url)
        elif at_target and not side.moved:
            # A new address is first requested without anything the old one gave (P07).
            side.moved, side.validators = True, (None, None)
        elif not at_target and side.sightings >= side.believed_after:
            self._count("old addresses asked after a move", url)

    # -------------------------------------------------------------------- answering

    async def _answer(
        self, side: Side, host: Host, url: str, headers: Mapping[bytes, bytes]
    ) -> httpx.Response:
        now = asyncio.get_running_loop().time()
        sent = headers.get(b"if-none-match"), headers.get(b"if-modified-since")
        hop = url in self._on_the_way
        if hop:
            self._on_the_way.discard(url)
        else:
            self._look_at_address(side, url)
            self._look_at_time(side, now)
            least = PACE.floor if side.kind == "lively" else PACE.interval
            side.not_before = now + least.total_seconds()
            side.asked += 1
        self._look_at_validators(side, sent)
        reply = self._reply(side, url, sent, now)
        self.answers[str(reply.status or "no answer")] += 1
        await asyncio.sleep(LATENCY_S if reply.status else DAY)
        self._heed(side, host, reply, hop)
        lines = [(key.encode(), value) for key, value in reply.headers]
        return httpx.Response(reply.status, headers=lines, stream=httpx.ByteStream(reply.body))

    def _reply(self, side: Side, url: str, sent: Sent, now: float) -> Reply:
        return tagged(side, now, sent) if url == side.target else KINDS[side.kind](side, now, sent)

    def _heed(self, side: Side, host: Host, reply: Reply, hop: bool) -> None:
        """Note what the answer asks for and permits."""
        now = asyncio.get_running_loop().time()
        side.not_before = max(side.not_before, now + reply.wait_s)
        if reply.status == 429:
            host.paused_until = max(host.paused_until, now + reply.wait_s)
        elif reply.status == 410:
            side.gone = True
        elif 300 < reply.status < 309 and reply.status != 304:
            self._on_the_way.add(side.target)
        elif reply.status in (200, 304) and reply.sound:
            self._note_sound(side, reply)
            side.sightings += hop and side.kind == "moved"

    def _note_sound(self, side: Side, reply: Reply) -> None:
        side.read = True
        stated = dict(reply.headers)
        given = stated.get("ETag"), stated.get("Last-Modified")
        if reply.status == 304:
            given = given[0] or side.validators[0], given[1] or side.validators[1]
        side.validators = given


# -------------------------------------------------------------------------------- the week

NAMED = FetchSettings(contact="press@desk.example", spacing_s=SPACING_S)


class Indoors(Client):
    """The real client, with publishers in place of sockets."""

    def __init__(
        self, clock: SimulatedClock, publishers: Publishers, noted: NotedHosts, starts: Starts
    ) -> None:
        super().__init__(NAMED, clock, shared=noted, starts=starts)
        self._transport = publishers


def made_up(count: int) -> list[Side]:
    """Feeds of all kinds, spread over the hosts, with addresses that tempt clients to tidy them."""
    kinds = list(KINDS)
    return [
        Side(
            n,
            kinds[n % len(kinds)],
            f"{('http', 'https')[n % 2]}://host-{n % HOSTS}.test{PATHS[n % 5].format(n)}",
        )
        for n in range(count)
    ]


async def live(store: Store, publishers: Publishers, days: float) -> None:
    """Poll for that many days; several times a day the program ends and begins again."""
    clock = SimulatedClock()
    at_once = cast(Store, StoreAtOnce(store))
    wanted = [Feed(url=side.url) for side in publishers.sides]

    await at_once.write(feeds.sync, wanted, START, lambda feed: first_poll(feed.url, START))
    while clock.monotonic() < days * DAY:
        until = min(days * DAY, clock.monotonic() + RUN_S)
        noted, starts = NotedHosts(at_once, clock), Starts()
        pauses = await noted.recall(starts)
        async with Indoors(clock, publishers, noted, starts) as client:
            for host, seconds in pauses.items():
                client.leave(host, seconds)
            await _poll(_parts(at_once, client, clock), clock, until)
            await noted.note(client.asked_lately)


def _parts(store: Store, client: Client, clock: SimulatedClock) -> Parts:
    return Parts(
        store=store,
        fetch=client,
        clock=clock,
        world=World(client.post, clock.now, print),
        pace=PACE,
        channel=lambda _recipient: None,
    )


async def _poll(parts: Parts, clock: SimulatedClock, until: float) -> None:
    """Poll what is due beside polls still in progress, as the daemon does."""
    working: set[asyncio.Task[Any]] = set()
    while clock.monotonic() < until:
        now = clock.now()
        if keys := await poll.due(parts, now):
            task = asyncio.create_task(poll.run(parts, keys, now))
            working.add(task)
            task.add_done_callback(working.discard)
        due = await parts.store.read(feeds.next_due)
        wait = (due - now).total_seconds() if due else DAY
        await clock.sleep(min(max(wait, TICK_S), max(until - clock.monotonic(), HAIR_S)))
    await asyncio.gather(*working)


def week(count: int = 200, days: float = 7.0) -> Publishers:
    """Run the simulation and return its publishers."""
    publishers = Publishers(made_up(count))
    with (
        tempfile.TemporaryDirectory(prefix="monitor-manners-") as folder,
        stores.open(f"sqlite:///{Path(folder) / 'monitor.sqlite3'}") as store,
        asyncio.Runner(loop_factory=SimulatedLoop) as runner,
    ):
        runner.run(live(store, publishers, days))
    return publishers


def main(words: Sequence[str] = ()) -> int:
    """Print the counts; return 1 when one of them is not zero."""
    count, days = int(words[0]) if words else 200, float(words[1]) if words[1:] else 7.0
    seen = week(count, days)
    print(f"{count} feeds on {min(count, HOSTS)} hosts, {days:g} simulated days")
    share = seen.conditional / max(seen.requests, 1)
    print(f"{seen.requests} requests, {share:.0%} of them conditional; answers:")
    print("  " + ", ".join(f"{status}: {n}" for status, n in sorted(seen.answers.items())))
    for breach in BREACHES:
        print(f"{seen.breaches[breach]:6}  {breach}")
        if breach in seen.examples:
            print(f"        first: {seen.examples[breach]}")
    never = sorted({side.kind for side in seen.sides} - {s.kind for s in seen.sides if s.asked > 1})
    if never:
        print(f"too quiet: never asked twice: {', '.join(never)}")
    return 1 if seen.breaches.total() or never else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
