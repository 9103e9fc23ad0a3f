"""Visit everything the settings name besides feeds: in parallel, quickly, sending nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterator
from contextlib import AsyncExitStack
from dataclasses import replace
from urllib.parse import urlsplit

from monitor import channels
from monitor.channels import VISIT_S, Http, email
from monitor.config import Settings
from monitor.fetch.client import Client
from monitor.fetch.guard import Resolver, SystemResolver
from monitor.fetch.records import AskRecords, TxtResolver
from monitor.insight import doctor, published
from monitor.insight.doctor import Check
from monitor.model import Barred, Clock, FetchFailed, Visited
from monitor.store.examine import examine

LONGEST_S = 4 * VISIT_S
"""Seconds for one place in total."""


class OncePerHost:
    """The HTTP client, reaching each host only once, however many webhooks it has."""

    def __init__(self, client: Client) -> None:
        self.post = client.post
        self._client = client
        self._reached: dict[tuple[str, str], asyncio.Task[FetchFailed | None]] = {}

    async def reach(self, url: str) -> FetchFailed | None:
        """As the client's `reach`; a second caller for a host gets the answer of the first."""
        scheme, host = urlsplit(url)[:2]
        if (scheme, host) not in self._reached:
            self._reached[scheme, host] = asyncio.create_task(self._client.reach(url))
        return await asyncio.shield(self._reached[scheme, host])


async def visit(
    settings: Settings,
    clock: Clock,
    resolver: Resolver | None = None,
    records: AskRecords | None = None,
) -> list[Check]:
    """Visit the database and every place where messages go; checks are in a fixed order."""
    system = SystemResolver(4)
    resolve = resolver or system
    hasty = replace(
        settings.client,
        timeout_s=min(settings.client.timeout_s, 2 * VISIT_S),
        connect_timeout_s=min(settings.client.connect_timeout_s, VISIT_S),
    )
    async with AsyncExitStack() as stack:
        stack.callback(system.close)
        client = await stack.enter_async_context(Client(hasty, clock, resolver))
        base = asyncio.create_task(asyncio.to_thread(examine, settings.store.url, clock.now))
        places = [
            (name, section, asyncio.create_task(_bounded(visited)))
            for name, section, visited in _places(settings, OncePerHost(client))
        ]
        names = asyncio.create_task(_names(settings, resolve, records or TxtResolver(VISIT_S)))
        database = await base
        ahead = {} if database.ahead is None else {"the database": database.ahead}
        checks = doctor.database(database)
        for name, section, task in places:
            found = await task
            if found is None:
                checks.append(doctor.unvisited(name))
                continue
            checks.append(doctor.service(name, section, found))
            if found.ahead is not None:
                ahead[name] = found.ahead
        return [*checks, *await names, doctor.clock(ahead)]


def _places(settings: Settings, http: Http) -> Iterator[tuple[str, str, Awaitable[Visited] | None]]:
    """(name, table of the settings, visit) of each place where messages go."""
    for kind, tables in settings.channels.items():
        channel = channels.load(kind)
        visit_one = channels.visit_of(channel)
        for name, table in tables.items():
            section = ".".join(part for part in ("channels", kind, name) if part)
            shown = f"{kind}:{name}" if name else kind
            yield shown, f"[{section}]", visit_one(table, http) if visit_one else None


async def _bounded(visited: Awaitable[Visited] | None) -> Visited | None:
    if visited is None:
        return None
    try:
        async with asyncio.timeout(LONGEST_S):
            return await visited
    except TimeoutError:
        return Visited(f"no end in {LONGEST_S:g} s", Barred.REACH)


async def _names(settings: Settings, resolve: Resolver, records: AskRecords) -> list[Check]:
    """Check the names by which others know us."""
    checks = []
    for table in settings.channels.get("email", {}).values():
        if isinstance(table, email.Settings):
            checks += await _sender(table.domain, resolve, records)
    if url := settings.web.public_url:
        host = urlsplit(url).hostname or ""
        checks.append(doctor.public_url(url, await _resolves(host, resolve)))
    return checks


async def _sender(domain: str, resolve: Resolver, records: AskRecords) -> list[Check]:
    if doctor.reserved(domain):
        return [doctor.sender(domain, False)]
    asked = published.names(domain)
    known = asyncio.create_task(_resolves(domain, resolve))
    answers = await asyncio.gather(*map(records, asked))
    return [
        doctor.sender(domain, await known),
        *published.checks(domain, dict(zip(asked, answers, strict=True))),
    ]


async def _resolves(host: str, resolve: Resolver) -> bool:
    try:
        async with asyncio.timeout(VISIT_S):
            return bool(await resolve(host, 443))
    except (OSError, UnicodeError):  # TimeoutError is an OSError
        return False
