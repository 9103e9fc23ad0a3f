"""How `monitor feeds discover` looks for a site's feeds: few requests, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from monitor.cli import sources
from monitor.config import without_credentials
from monitor.errors import ComputeFailedError, InputError
from monitor.feeds.discover import Found, named, sitemaps, usual_places
from monitor.feeds.encoding import decode
from monitor.feeds.waits import retry_after
from monitor.model import Feed, FetchFailed, Request, Response
from monitor.redact import shareable
from monitor.store import feeds

if TYPE_CHECKING:
    from monitor.model import Document
    from monitor.pipeline.parts import Parts


class Looked(NamedTuple):
    """What the search brought."""

    found: Sequence[Found]
    at: Sequence[str] = ()
    """If nothing was found: each place that was tried, and what is there."""


async def look(world: Parts, url: str) -> Looked:
    """Return the feeds that the page at an address names; if none, those in the usual places.

    The page itself is asked at the user's request; places that nobody named only if robots.txt
    permits, at the host's pace, and only up to the first feed. Raises UnavailableError if the
    page cannot be had, InputError if reading it takes too much.
    """
    answer = await world.fetch.get(Request(url=url))
    if isinstance(answer, Response):
        await _heed(world, url, answer)
    page = sources.answered(url, answer)
    try:
        if (document := await _read(world, page.body, page.content_type, page.url)) is not None:
            return Looked([Found(page.url, document.title, "it is a feed itself", document.kind)])
        text = decode(page.body, page.content_type).text
        if found := await world.compute(named, text, page.url):
            return Looked(found)
    except ComputeFailedError as error:
        raise InputError(f"{shareable(page.url)} cannot be read", str(error)) from error
    at = [f"{shareable(page.url)}: a page that names no feed"]
    places = [(place, "in a usual place") for place in usual_places(page.url)]
    first = await _first(world, places, at)
    first = first or await _first(world, await _sitemaps(world, page.url), at)
    return Looked([first]) if first else Looked([], at)


async def _heed(world: Parts, url: str, answer: Response) -> None:
    """Store how long the server wants to be left alone: the next command is another process."""
    now = world.clock.now()
    if answer.status >= 400 and (wait := retry_after(answer, now)):
        page = Feed(url=without_credentials(url)[0])
        until = now + min(wait, world.pace.longest_wait)
        await world.store.write(feeds.told_to_wait, page, answer.status, until, now)


async def _first(world: Parts, places: Iterable[tuple[str, str]], at: list[str]) -> Found | None:
    """Return the first of these places that has a feed; append to `at` what the earlier ones have.

    A host that cannot be reached or wants us to wait ends the search.
    """
    for place, how in places:
        answer = await world.fetch.article(place)
        if isinstance(answer, FetchFailed):
            if answer.forbidden:
                at.append(f"{shareable(place)}: robots.txt forbids it")
                continue
            at.append(f"{shareable(place)}: {answer.why}")
            return None
        found, is_there = await _standing(world, answer, how)
        if found:
            return found
        at.append(f"{shareable(place)}: {is_there}")
    return None


async def _standing(world: Parts, answer: Response, how: str) -> tuple[Found | None, str]:
    """Return the feed that an answer holds, or what it is instead."""
    if not answer.whole:
        return None, f"the server answered {answer.status}"
    kind = answer.header_text("content-type")
    try:
        document = await _read(world, answer.body, kind, answer.url)
    except ComputeFailedError as error:
        return None, f"it cannot be read: {error}"
    if document is None:
        return None, "not a feed"
    if not document.entries and not document.follow:
        return None, "a feed without entries"
    return Found(answer.url, document.title, how, document.kind), ""


async def _sitemaps(world: Parts, url: str) -> list[tuple[str, str]]:
    """Return the sitemaps in the robots.txt that was fetched before the first page."""
    from monitor.fetch.address import parse
    from monitor.store import robots

    kept = await world.store.read(robots.load, parse(url).origin)
    return [(place, "a sitemap") for place in sitemaps(kept["text"] if kept else "", url)]


async def _read(world: Parts, body: bytes, content_type: str, url: str) -> Document | None:
    """Return the document if it is a feed."""
    from monitor.feeds import read

    try:
        return await world.compute(read.read, body, content_type, url)
    except InputError:
        return None
