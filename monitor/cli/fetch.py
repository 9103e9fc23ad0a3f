"""`monitor fetch`: one run of the whole journey, and what it brought."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output, times
from monitor.cli.chosen import check_known
from monitor.cli.state import command, parts, settings, state
from monitor.errors import UsageError
from monitor.redact import shareable

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.model import Reported
    from monitor.pipeline.parts import Parts
    from monitor.runners.inline import Journey


REST = timedelta(minutes=1)
"""A feed asked more recently than this has nothing new: running twice asks it once."""


class Format(StrEnum):
    """How the answer is printed."""

    TABLE = "table"
    JSON = "json"
    JSONL = "jsonl"
    MD = "md"
    CSV = "csv"


@dataclass(frozen=True, slots=True)
class Brought:
    """One run: the journey, the feeds that could not even be asked, and the stories to print."""

    journey: Journey
    waiting: Sequence[tuple[str, str]]
    """(feed, why it was not asked)."""
    stories: Sequence[Sequence[Reported]]
    """Best first."""
    at: datetime
    """The time of the answer."""
    next_due: datetime | None = None
    """When a feed is next asked by itself; None: never."""
    resting: int = 0
    """How many of the requested feeds were asked a moment ago, and so are not asked again."""
    unread: int = 0
    """How many stored entries still wait to be read for the first time."""

    @property
    def failures(self) -> list[tuple[str, str]]:
        """(feed, why) for each that gave no answer."""
        failed = [one for one in self.journey.polled if one.failed]
        return [*((shareable(one.feed.url), one.outcome.why) for one in failed), *self.waiting]

    @property
    def nothing_worked(self) -> bool:
        """Whether feeds were to be asked and not one has answered."""
        return bool(self.failures) and all(one.failed for one in self.journey.polled)


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "fetch")(fetch)


async def fetch(
    feed_url: Annotated[
        list[str] | None, typer.Argument(help="Only these feeds, listed or not.")
    ] = None,
    watchlist: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Print only what matched these (repeatable)."),
    ] = None,
    since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="Print everything reported since: 24h, 7d, 2024-10-18."),
    ] = None,
    format: Annotated[Format, typer.Option(help="The output format.")] = Format.TABLE,  # noqa: A002  # the contract's word
    all_feeds: Annotated[bool, typer.Option("--all", help="Poll all feeds, due or not.")] = False,
    no_store: Annotated[bool, typer.Option("--no-store", help="Keep nothing afterwards.")] = False,
) -> None:
    """Poll the feeds that are due, and print what is new."""
    from monitor.cli import stories_found as found

    chosen, start = settings(), times.since(since)
    names = _known(watchlist or (), chosen)
    urls, chosen = _passwords_aside([address(url) for url in feed_url or ()], chosen)
    with ExitStack() as stack:
        if no_store:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="monitor-"))
            chosen = _stored_in(Path(folder), chosen)
        async with parts(chosen) as world:
            brought = await _bring(world, urls, all_feeds, names, start)
    found.show(brought, Format.JSON if state.json and format is Format.TABLE else format)
    if brought.nothing_worked:
        reasons = [f"{feed}: {why}" for feed, why in brought.failures]
        raise output.failed("no feed has answered", reasons, "monitor feeds status")
    output.all_read(brought.journey.waiting)
    if brought.unread:  # their pages could not be fetched yet, or another command holds them
        wait = output.count(brought.unread, "entry waits", "entries wait")
        output.note(f"monitor: {wait} to be read (a later fetch, or monitor run, reads them)")


def _known(names: Sequence[str], chosen: Settings) -> tuple[str, ...]:
    known = [watchlist.name for watchlist in chosen.watchlists]
    check_known("watchlist", names, known)
    return tuple(names or known)


def _passwords_aside(urls: Sequence[str], chosen: Settings) -> tuple[list[str], Settings]:
    """Return the addresses as they may be stored, and settings that keep their passwords."""
    from monitor.config import without_credentials

    bare: list[str] = []
    access = dict(chosen.access)
    for url in urls:
        there, basic = without_credentials(url)
        bare.append(there)
        if basic:
            known = access.get(there, chosen.usual_access)
            access[there] = replace(known, headers=(("Authorization", basic),))
    return bare, replace(chosen, access=access)


def _stored_in(folder: Path, chosen: Settings) -> Settings:
    url = f"sqlite:///{folder / 'monitor.sqlite3'}"
    return replace(chosen, store=chosen.store.model_copy(update={"url": url}))


async def _bring(
    world: Parts, urls: Sequence[str], all_feeds: bool, names: Sequence[str], start: datetime | None
) -> Brought:
    from monitor.cli import stories_found as found
    from monitor.runners import inline
    from monitor.store import entries, feeds

    keys, waiting, resting = await _keys(world, urls, all_feeds)
    if resting:
        told = f"{output.count(resting, 'feed')} asked less than a minute ago: not asked again"
        output.note(f"monitor: {told} (monitor feeds poll --force asks all the same)")
    with output.progress() as tell:
        journey = await inline.journey(world, keys, tell)
    stories = await found.stories(world, journey, names, start)
    next_due = await world.store.read(feeds.next_due)
    unread = await world.store.read(entries.waiting)
    return Brought(journey, waiting, stories, world.clock.now(), next_due, resting, unread)


async def _keys(
    world: Parts, urls: Sequence[str], all_feeds: bool
) -> tuple[list[int] | None, list[tuple[str, str]], int]:
    """Return which feeds to ask (None: those that are due), which of the requested ones may not be
    asked, and how many were asked a moment ago (P16).
    """
    from monitor.model import Feed
    from monitor.store import feeds

    now = world.clock.now()
    if not (urls or all_feeds):
        return None, [], 0
    wished = {
        await world.store.write(feeds.add_once, Feed(url=url), now): url
        for url in dict.fromkeys(urls)
    }
    may_be = await world.store.read(feeds.askable, now, lasting=not wished)
    askable = dict.fromkeys(may_be)  # looked up by each feed
    rested = set(await world.store.read(feeds.askable, now, rested=REST))
    wanted = [key for key in (wished or askable) if key in askable]
    why = "it told us to wait, is gone or is switched off: feeds status"
    waiting = [(shareable(url), why) for key, url in wished.items() if key not in askable]
    keys = [key for key in wanted if key in rested]
    return keys, waiting, len(wanted) - len(keys)


def address(url: str) -> str:
    """Return a feed's address from the command line; raise UsageError if it is not one."""
    from monitor.config import web_address

    try:
        return web_address(url)
    except ValueError as error:
        raise UsageError(str(error)) from None


def holds_password(url: str) -> bool:
    """Whether an address holds a name and a password."""
    from monitor.config import without_credentials

    return without_credentials(url)[1] is not None
