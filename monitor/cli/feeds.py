"""`monitor feeds`: what is polled, how it is doing, and how to change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output, sources
from monitor.cli.fetch import address
from monitor.cli.state import command, group, parts, state
from monitor.errors import InputError, MonitorError, UnavailableError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.model import Feed, Outcome
    from monitor.pipeline.parts import Parts
    from monitor.store.feeds import FeedStatus

Urls = Annotated[list[str] | None, typer.Argument(metavar="URL...", help="These feeds only.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = group(app, "feeds", "What is polled, and how it is doing.")
    command(noun, "list")(show)
    command(noun, "status")(status)
    command(noun, "poll")(poll)
    command(noun, "add")(add)
    command(noun, "remove")(remove)
    command(noun, "resume")(resume)
    command(noun, "discover")(discover)
    command(noun, "import")(take_in)
    command(noun, "export")(write_out)


# -------------------------------------------------------------------------------- looking


async def show() -> None:
    """List the feeds, those of the settings and those added."""
    rows = [_row(one) for one in await _statuses()]
    columns = {"name": "name", "source": "source", "lang": "lang", "on": "enabled", "url": "url"}
    output.listing(rows, columns, empty="there is no feed", as_lines=state.json)


async def status(
    failing: Annotated[bool, typer.Option("--failing", help="Only those that fail.")] = False,
) -> None:
    """Show how each feed answered last, why, and when it is asked next."""
    rows = [_row(one) for one in await _statuses()]
    rows = [row for row in rows if row["enabled"] and (row["failures"] or not failing)]
    columns = {
        "name": "name",
        "last": "outcome",
        "why": "why",
        "entries": "entries",
        "next": "due",
        "because": "due_why",
    }
    empty = "no feed fails" if failing else "there is no feed"
    output.listing(rows, columns, empty=empty, as_lines=state.json, right=("entries",))


async def _statuses() -> list[FeedStatus]:
    from monitor.store import feeds

    async with parts() as world:
        return await world.store.read(feeds.statuses, world.clock.now())


def _row(one: FeedStatus) -> dict[str, Any]:
    polling, feed = one.polling, one.polling.feed
    return {
        "id": feed.id,
        "name": feed.name or polling.title or feed.url,
        "url": feed.url,
        "source": feed.source,
        "kind": feed.kind,
        "lang": feed.lang,
        "region": feed.region,
        "tags": list(feed.tags),
        "enabled": feed.enabled,
        "origin": one.origin,
        "state": polling.state.value,
        "outcome": "gone" if polling.state.value == "gone" else one.last_outcome,
        "why": one.last_why,
        "http_status": one.last_status or None,
        "failures": polling.failures,
        "failing_since": polling.failing_since,
        "last_polled": polling.last_polled,
        "last_success": polling.last_success,
        "newest": polling.newest,
        "due": one.due,
        "due_why": one.due_why,
        "polls": one.polls,
        "not_modified": one.not_modified,
        "bytes": one.bytes,
        "bytes_day": one.bytes_day,
        "entries": one.entries,
        "pushed_until": one.pushed_until,
        "pushed": one.pushed,
        "push_ignored": one.push_ignored,
    }


# -------------------------------------------------------------------------------- polling


async def poll(url: Urls = None) -> int:
    """Ask feeds now, due or not (but none that told us to wait)."""
    from monitor.pipeline import poll as step
    from monitor.store import feeds

    async with parts() as world:
        now = world.clock.now()
        wanted = set(url) if url else None
        keys = await world.store.read(feeds.askable, now, wanted)
        if not keys:
            hint = "monitor feeds status tells why"
            raise UsageError("none of these feeds may be asked now", hint=hint)
        done = []
        with output.progress() as tell:
            async for polled in step.each(world, keys, now):
                done.append(polled)
                tell("poll", len(done), len(keys))
    return _polled(done)


def _polled(done: Sequence[Any]) -> int:
    rows = [
        {
            "name": one.feed.name or one.feed.url,
            "url": one.feed.url,
            "outcome": one.outcome.kind.value,
            "why": one.outcome.why,
            "seen": one.outcome.seen,
            "new": one.outcome.new,
            "revised": one.outcome.revised,
            "bytes": one.outcome.bytes,
        }
        for one in done
    ]
    columns = {name: name for name in ("name", "outcome", "seen", "new", "why")}
    right = ("seen", "new")
    output.listing(rows, columns, empty="nothing was asked", as_lines=state.json, right=right)
    return 0 if any(row["outcome"] != "failed" for row in rows) else 1


# ------------------------------------------------------------------------------- changing


async def add(
    url: Annotated[str, typer.Argument(help="The address of the feed.")],
    name: Annotated[str, typer.Option(help="Its name; by default its own title.")] = "",
    source: Annotated[str, typer.Option(help="The publisher.")] = "",
    lang: Annotated[str, typer.Option(help="Its language, such as en.")] = "",
    tag: Annotated[list[str] | None, typer.Option(help="A tag (repeatable).")] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Do not ask whether it is a feed.")
    ] = False,
) -> None:
    """Add a feed, after asking it once; what it answers is taken in."""
    from monitor.model import Feed
    from monitor.store import feeds

    feed = Feed(url=address(url), name=name, source=source, lang=lang, tags=tuple(tag or ()))
    async with parts() as world:
        known = await _found(world, feed.url)
        if known is None or known.origin == "once" or not known.polling.feed.enabled:
            known = None
            now = world.clock.now()
            due = now
            if not unchecked:
                feed, due = await _checked(world, feed)
            number = await world.store.write(feeds.add, feed, now, due)
        else:
            feed, number = known.polling.feed, known.polling.feed.id
    if state.json:
        output.emit({"id": number, "url": feed.url, "name": feed.name, "added": known is None})
    else:
        output.say(f"{'known already' if known else 'added'}: {feed.name or feed.url}")


async def _checked(world: Parts, feed: Feed) -> tuple[Feed, datetime]:
    """The feed with its own title, polled once, and when to poll it next (P21).

    Raises UnavailableError when nobody answers, InputError when the answer is no feed.
    """
    from monitor.feeds import pace
    from monitor.pipeline import poll
    from monitor.store import feeds

    now = world.clock.now()
    number = await world.store.write(feeds.add_once, feed, now)
    outcomes = [one.outcome for one in await poll.run(world, [number], now)]
    known = await world.store.read(feeds.statuses)
    polling = next(one.polling for one in known if one.polling.feed.id == number)
    if not outcomes or outcomes[0].kind.value == "failed":
        await world.store.write(feeds.forget, number)
        raise _not_added(feed.url, outcomes[0] if outcomes else None)
    # It may have moved already: it is added where it stands now.
    added = replace(feed, url=polling.feed.url, name=feed.name or polling.title)
    return added, now + pace.base(polling, world.pace)


def _not_added(url: str, outcome: Outcome | None) -> MonitorError:
    """Why an address did not become a feed: nobody answered, or what came is no feed."""
    from monitor.model import FailureKind

    what = f"{url} was not added"
    if outcome is None:
        return UnavailableError(what, "another process is asking it")
    if outcome.status == 200:
        return InputError(what, outcome.why)
    hint = sources.ALLOWED if outcome.why.startswith(FailureKind.REFUSED.value) else ""
    return UnavailableError(what, outcome.why, hint)


async def _found(world: Parts, url: str) -> FeedStatus | None:
    from monitor.store import feeds

    known = await world.store.read(feeds.statuses)
    return next((one for one in known if one.polling.feed.url == url), None)


async def _known(world: Parts, url: str) -> FeedStatus:
    found = await _found(world, url)
    if found is None:
        raise UsageError(f"there is no feed {url}", hint="monitor feeds list")
    return found


async def remove(url: Annotated[str, typer.Argument(help="Its address.")]) -> None:
    """Stop polling a feed that was added; what it brought stays."""
    from monitor.store import feeds

    async with parts() as world:
        found = await _known(world, url)
        if found.origin == "settings":
            hint = "take it out there, or set enabled = false"
            raise UsageError(f"{url} stands in feeds.toml", hint=hint)
        await world.store.write(feeds.remove, url)
    _done(f"removed: {url}", url)


async def resume(url: Annotated[str, typer.Argument(help="Its address.")]) -> None:
    """Ask again a feed whose server said that it is gone."""
    from monitor.store import feeds

    async with parts() as world:
        found = await _known(world, url)
        await world.store.write(feeds.resume, found.polling.feed.id, world.clock.now())
    _done(f"asked again from now on: {url}", url)


def _done(told: str, url: str) -> None:
    if state.json:
        output.emit({"url": url, "done": True})
    else:
        output.say(told)


async def discover(url: Annotated[str, typer.Argument(help="The address of a page.")]) -> None:
    """Find the feeds that a page names."""
    from monitor.feeds.discover import feeds_of

    async with parts() as world:
        page = await sources.ask(world.fetch, address(url))
        found = await world.compute(feeds_of, page.body.decode("utf-8", "replace"), page.url)
    if state.json:
        output.emit(list(found))
    else:
        output.say("\n".join(found) or "the page names no feed")


async def take_in(
    file: Annotated[str, typer.Argument(help="An OPML file, or - for standard input.")],
) -> None:
    """Add the feeds of an OPML file."""
    from monitor.feeds import opml
    from monitor.store import feeds

    wanted = opml.read(sources.read(file).body.decode("utf-8-sig", "replace"))
    async with parts() as world:
        now = world.clock.now()
        known = {one.polling.feed.url for one in await world.store.read(feeds.statuses)}
        fresh = [feed for feed in wanted if feed.url not in known]
        for feed in fresh:
            await world.store.write(feeds.add, feed, now, now)
    told = {"added": len(fresh), "known": len(wanted) - len(fresh)}
    if state.json:
        output.emit(told)
    else:
        output.say(f"{output.count(told['added'], 'feed')} added, {told['known']} known already")


async def write_out(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="Where to.")] = None,
) -> None:
    """Write the feeds as OPML."""
    from monitor.feeds import opml

    kept = [one for one in await _statuses() if one.origin != "once"]  # asked by `fetch URL`
    known = [one.polling.feed for one in kept if one.polling.feed.enabled]
    if state.json:
        output.emit([{"url": feed.url, "name": feed.name} for feed in known])
        return
    text = opml.write(known, "monitor")
    if out is None:
        output.raw(text)
        return
    try:
        out.write_text(text, "utf-8")
    except OSError as error:
        raise InputError(f"cannot write {out}", error.strerror or "") from error
