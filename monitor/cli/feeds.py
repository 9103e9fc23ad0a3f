"""`monitor feeds`: what is polled, how it is doing, and how to change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import output, sources
from monitor.cli.fetch import REST, address, holds_password
from monitor.cli.news import News
from monitor.cli.state import command, group, looking, parts, settings, state, usable
from monitor.errors import (
    InputError,
    MonitorError,
    TryLaterError,
    UnavailableError,
    UsageError,
)
from monitor.redact import shareable

if TYPE_CHECKING:
    from datetime import datetime

    from monitor.model import Feed, Outcome
    from monitor.pipeline.parts import Parts
    from monitor.pipeline.poll import Polled
    from monitor.shapes.feeds import FeedRow
    from monitor.store.feeds import FeedStatus

Urls = Annotated[list[str] | None, typer.Argument(metavar="URL...", help="Only these feeds.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    noun = group(app, "feeds", "What is polled, and how it is doing.")
    command(noun, "list")(show)
    command(noun, "status")(status)
    command(noun, "poll")(poll)
    command(noun, "add")(add)
    command(noun, "remove")(remove)
    command(noun, "resume")(resume)
    command(noun, "release")(release)
    command(noun, "discover")(discover)
    command(noun, "import")(take_in)
    command(noun, "export")(write_out)


# -------------------------------------------------------------------------------- looking


async def show() -> None:
    """List the feeds, those in the settings and those added."""
    from monitor.shapes.feeds import feed_row
    from monitor.store import feeds

    async with looking() as world:
        found = await world.store.read(feeds.statuses, world.clock.now())
        rows = [feed_row(one, world.access_to(one.polling.feed)) for one in found]
    columns: dict[str, output.Column] = {
        "name": "name",
        "source": "source",
        "lang": "lang",
        "on": _on,
        "url": "url",
    }
    if any(row["tls"] != "verified" for row in rows):
        columns["tls"] = "tls"
    output.listing(rows, columns, empty="there is no feed", as_lines=state.json)


def _on(row: FeedRow) -> bool | str:
    """Return whether a feed is polled; one that was only polled by hand is not polled again."""
    return row["origin"] if row["enabled"] and row["origin"] == "once" else row["enabled"]


async def status(
    worrying: Annotated[
        bool, typer.Option("--worrying", help="Only those with something wrong.")
    ] = False,
    failing: Annotated[
        bool, typer.Option("--failing", help="Only those whose last polls failed.")
    ] = False,
) -> None:
    """Show the condition of each feed, its last answer, and when and why it is polled next."""
    from monitor.cli import feeds_status
    from monitor.pipeline.feeds_judged import judged
    from monitor.shapes.feeds import feed_state
    from monitor.store import feeds

    async with looking(usable()) as world:
        now = world.clock.now()
        accounts = await world.store.read(feeds.statuses, now)
        access = {one.polling.feed.id: world.access_to(one.polling.feed) for one in accounts}
    told = [
        one
        for one in judged(accounts, now)
        if (one.findings or not worrying) and (one.account.polling.failures or not failing)
    ]
    if state.json:
        output.emit([feed_state(one, access[one.account.polling.feed.id], now) for one in told])
    elif told:
        feeds_status.show(told, now, output.console().width)
        for one in told:
            if access[one.account.polling.feed.id].unverified:
                output.say(f"tls unverified: {shareable(one.account.polling.feed.url)}")
    else:
        chosen = "no feed fails" if failing else "nothing is wrong with any feed"
        output.say(chosen if accounts else "there is no feed")


# -------------------------------------------------------------------------------- polling


async def poll(
    url: Urls = None,
    force: Annotated[
        bool, typer.Option("--force", help="Get whole documents, even if polled a moment ago.")
    ] = False,
) -> None:
    """Poll feeds now, due or not (except those that asked us to wait)."""
    from monitor.pipeline import poll as step
    from monitor.store import feeds

    async with parts() as world:
        now = world.clock.now()
        wanted = await _meant(world, url) if url else None
        rested = timedelta() if force else REST
        keys = await world.store.read(
            feeds.askable, now, wanted, rested=rested, lasting=wanted is None
        )
        if not keys:
            raise await _not_now(world, url or (), rested)
        done = []
        with output.progress() as tell:
            async for polled in step.each(replace(world, force=force), keys, now):
                done.append(polled)
                tell("poll", len(done), len(keys))
    _polled(done)


async def _meant(world: Parts, urls: Sequence[str]) -> set[str]:
    """Return the addresses as they are asked, of feeds that may be named as lists show them.

    Raises UsageError for an address that no feed has.
    """
    from monitor.store import feeds

    found = await world.store.read(feeds.statuses)
    known = {name: one.polling.feed.url for one in found for name in _names(one)}
    if unknown := next((url for url in urls if url not in known), ""):
        raise _no_feed(unknown)
    return {known[url] for url in urls}


async def _not_now(world: Parts, urls: Sequence[str], rested: timedelta) -> MonitorError:
    """Say why these feeds are not asked now, for one feed with what was agreed with its server."""
    if len(urls) != 1:
        hint = "monitor feeds status says why; for one asked within a minute: --force"
        return TryLaterError("none of these feeds may be asked now", hint=hint)
    one = await _known(world, urls[0])
    what = f"{shareable(urls[0])} is not asked now"
    if not one.polling.feed.enabled:
        return UsageError(what, "it is switched off", "set enabled = true in feeds.toml")
    if one.due is None:
        return UsageError(what, one.due_why, f"monitor feeds resume {shareable(urls[0])}")
    asked = one.polling.last_polled
    if asked and world.clock.now() - asked < rested:
        return TryLaterError(
            what, "it was asked less than a minute ago", "--force asks all the same"
        )
    return TryLaterError(what, one.due_why, f"next at {output.moment(one.due)} UTC")


def _polled(done: Sequence[Polled]) -> None:
    rows = [
        {
            "name": one.feed.name or shareable(one.feed.url),
            "url": shareable(one.feed.url),
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
    output.listing(rows, columns, empty="nothing was polled", as_lines=state.json, right=right)
    if all(one.failed for one in done):
        reasons = [f"{row['url']}: {row['why']}" for row in rows]
        none = ["another process is asking"]
        raise output.failed("no feed has answered", reasons or none, "monitor feeds status")


# ------------------------------------------------------------------------------- changing


async def add(
    url: Annotated[str, typer.Argument(help="The address of the feed.")],
    name: Annotated[
        str, typer.Option(metavar="NAME", help="Its name; its own title by default.")
    ] = "",
    source: Annotated[str, typer.Option(metavar="NAME", help="The publisher.")] = "",
    lang: Annotated[str, typer.Option(metavar="CODE", help="Its language, such as en.")] = "",
    tag: Annotated[
        list[str] | None, typer.Option(metavar="TAG", help="A tag (repeatable).")
    ] = None,
    unchecked: Annotated[
        bool, typer.Option("--unchecked", help="Do not check that it is a feed.")
    ] = False,
) -> None:
    """Add a feed after polling it once; the entries it brings are kept."""
    from monitor.model import Feed
    from monitor.store import feeds

    feed = Feed(url=_public(url), name=name, source=source, lang=lang, tags=tuple(tag or ()))
    chosen = settings()
    if any(one.url == feed.url and not one.enabled for one in chosen.feeds):
        what = f"{shareable(url)} is in feeds.toml, switched off"
        raise UsageError(what, hint="set enabled = true there")
    async with parts(chosen) as world:
        known = await _found(world, feed.url)
        if known is None or not known.lasting:
            known = None
            now = world.clock.now()
            due = now
            if not unchecked:
                feed, due = await _checked(world, feed)
            number = await world.store.write(feeds.add, feed, now, due)
        else:
            feed, number = known.polling.feed, known.polling.feed.id
    if state.json:
        shown = {"id": number, "url": shareable(feed.url), "name": feed.name}
        output.emit({**shown, "added": known is None})
    else:
        output.say(f"{'known already' if known else 'added'}: {feed.name or shareable(feed.url)}")


def _public(url: str) -> str:
    """Return an address that may be stored; raise UsageError for one with a password."""
    url = address(url)
    if holds_password(url):
        hint = "passwords belong in the settings, not in the database: put it into feeds.toml"
        raise UsageError(f"{shareable(url)} holds a password", hint=hint)
    return url


async def _checked(world: Parts, feed: Feed) -> tuple[Feed, datetime]:
    """Return the feed with its own title, polled once, and when to poll it next (P21).

    Raises UnavailableError if nobody answers, InputError if the answer is not a feed,
    TryLaterError or UsageError if it may not be asked now.
    """
    from monitor.pipeline import poll
    from monitor.store import feeds

    now = world.clock.now()
    number = await world.store.write(feeds.add_once, feed, now)
    await world.store.write(feeds.revive, number)
    if number not in await world.store.read(feeds.askable, now):
        raise await _may_not_be_added(world, feed.url)
    polled = next(iter(await poll.run(world, [number], now)), None)
    polling = await world.store.read(feeds.polling, number)
    if polled is None or polled.due is None or polled.failed:
        await world.store.write(feeds.forget, number)
        raise _not_added(feed.url, polled.outcome if polled else None)
    # It may have moved during the poll: it is added at its new address.
    added = replace(feed, url=polling.feed.url, name=feed.name or polling.title)
    return added, polled.due


async def _may_not_be_added(world: Parts, url: str) -> MonitorError:
    """Say why an address that was asked before may not be asked now."""
    from monitor.model import FeedState

    one = await _known(world, url)
    what = f"{shareable(url)} was not added"
    if one.polling.state is FeedState.GONE:
        return UsageError(what, one.due_why, f"monitor feeds resume {shareable(url)}")
    if waits := _waits(one, world.clock.now()):
        return TryLaterError(what, waits, "try again then; --unchecked adds it now, polled then")
    return TryLaterError(what, "another process is asking it")


def _waits(one: FeedStatus, now: datetime) -> str:
    """Say that its server asked us to wait; "" if it did not, or the wait is over."""
    if one.not_before is None or one.not_before <= now:
        return ""
    return f"its server asked us to wait until {output.moment(one.not_before)} UTC"


def _not_added(url: str, outcome: Outcome | None) -> MonitorError:
    """Say why an address did not become a feed: nobody answered, or the answer is not a feed."""
    from monitor.model import WHOLE, FailureKind

    what = f"{shareable(url)} was not added"
    if outcome is None:
        return UnavailableError(what, "another process is asking it")
    if outcome.status in WHOLE:
        lost = outcome.why.startswith("not a feed") and "it links these feeds" not in outcome.why
        hint = f"monitor feeds discover {shareable(url)} looks further" if lost else ""
        return InputError(what, outcome.why, hint)
    hint = sources.ALLOWED if outcome.why.startswith(FailureKind.REFUSED.value) else ""
    return UnavailableError(what, outcome.why, hint)


async def _found(world: Parts, url: str) -> FeedStatus | None:
    from monitor.store import feeds

    known = await world.store.read(feeds.statuses)
    return next((one for one in known if url in _names(one)), None)


def _names(one: FeedStatus) -> set[str]:
    """Return the addresses by which a person may mean a feed: as it is asked, as the settings have
    it, and both as lists show them.
    """
    own = {one.polling.feed.url, one.settings_url}
    return own | {shareable(url) for url in own}


async def _known(world: Parts, url: str) -> FeedStatus:
    found = await _found(world, url)
    if found is None:
        raise _no_feed(url)
    return found


def _no_feed(url: str) -> UsageError:
    return UsageError(f"there is no feed {shareable(url)}", hint="monitor feeds list")


async def remove(url: Annotated[str, typer.Argument(help="The address of the feed.")]) -> None:
    """Stop polling a feed that was added; what it brought is kept."""
    from monitor.store import feeds

    async with parts() as world:
        found = await _known(world, url)
        if found.origin == "settings":
            hint = "remove it there, or set enabled = false"
            raise UsageError(f"{shareable(url)} is in feeds.toml", hint=hint)
        if not found.polling.feed.enabled:
            raise UsageError(f"{shareable(url)} was removed already", "it is not polled any more")
        await world.store.write(feeds.remove, found.polling.feed.url)
    _done("removed", url)


async def resume(url: Annotated[str, typer.Argument(help="The address of the feed.")]) -> None:
    """Poll a feed again although its server said that it is gone."""
    from monitor.store import feeds

    async with parts() as world:
        found = await _known(world, url)
        if found.due is not None:
            hint = "monitor feeds status says when"
            raise UsageError(f"{shareable(url)} is not gone", "it is asked as usual", hint)
        await world.store.write(feeds.resume, found.polling.feed.id, world.clock.now())
    _done("asked again from now on", url)


async def release(
    url: Annotated[str, typer.Argument(help="The address of the feed.")],
    news: Annotated[
        News | None,
        typer.Option(help="Report them in the next editions, or skip them as reported before."),
    ] = None,
) -> None:
    """Decide about entries withheld as a suspected re-issue; without an option, show them."""
    from monitor.store import reissues

    async with parts() as world:
        found = await _known(world, url)
        if not found.withheld:
            raise UsageError(
                f"nothing of {shareable(url)} is withheld", hint="monitor feeds status"
            )
        if news is None:
            await _show_withheld(world, found)
            raise UsageError("decide what becomes of them", hint="--news tell|skip")
        feed_id, now = found.polling.feed.id, world.clock.now()
        done = await world.store.write_durably(reissues.release, feed_id, news.value, now)
    if state.json:
        told = {"entries": done.entries, "matched": done.matched}
        output.emit({"url": shareable(url), "news": news.value, **told})
        return
    entries, matched = output.count(done.entries, "entry", "entries"), done.matched
    if news is News.TELL:
        output.say(f"{entries} released: the {matched} that match go into the next editions")
    else:
        output.say(f"{entries} skipped: {matched} match, and no digest reports them")


SHOWN = 10
"""How many withheld entries are shown."""


async def _show_withheld(world: Parts, one: FeedStatus) -> None:
    """Show people what they need in order to decide."""
    from monitor.store import reissues

    if state.json:
        return
    for reissue in one.withheld:
        output.say(f"withheld since {output.moment(reissue.at)} UTC: {reissue.why}")
        for entry in await world.store.read(reissues.titles, reissue.id, SHOWN):
            dated = f"{output.moment(entry.published)} UTC" if entry.published else "undated"
            output.say(f"  {dated}  {output.one_line(entry.title)}")
            output.say(f"    {output.one_line(shareable(entry.link))}")
        if reissue.entries > SHOWN:
            output.say(f"  and {output.count(reissue.entries - SHOWN, 'more', 'more')}")


def _done(what: str, url: str) -> None:
    if state.json:
        output.emit({"url": shareable(url), "done": True})
    else:
        output.say(f"{what}: {shareable(url)}")


async def discover(url: Annotated[str, typer.Argument(help="The address of a page.")]) -> None:
    """Find the feeds of a site: those that the page names, else those in the usual places."""
    from monitor.cli import feeds_found

    async with parts() as world:
        known = await _found(world, address(url))
        if known and (waits := _waits(known, world.clock.now())):
            raise TryLaterError(f"{shareable(url)} is not asked now", waits)
        found, looked_at = await feeds_found.look(world, url)
    if state.json:
        output.emit([one._asdict() for one in found])
    elif found:
        for one in found:
            output.say(
                f"{one.url}\n  {'; '.join(filter(None, (output.one_line(one.title), one.how)))}"
            )
        output.say(f"\nmonitor feeds add {found[0].url}")
    if not found:
        for place in looked_at:
            output.note(f"looked at {output.one_line(place)}")
        hint = 'a page without a feed can be one itself: kind = "page" in feeds.toml'
        raise output.failed(f"{shareable(url)} has no feed that can be found", looked_at, hint)


async def take_in(
    file: Annotated[str, typer.Argument(help="An OPML file, or - for standard input.")],
) -> None:
    """Add the feeds of an OPML file."""
    from monitor.feeds import opml
    from monitor.feeds.pace import first_poll
    from monitor.store import feeds

    wanted, no_feeds, repeated = opml.read(sources.read(file).body)
    async with parts() as world:
        now = world.clock.now()
        stored = [
            one
            for one in await world.store.read(feeds.statuses)
            if one.lasting or one.origin == "settings"
        ]
        known = {name for one in stored for name in _names(one)}
        fresh = [feed for feed in wanted if feed.url not in known]
        secret = [feed for feed in fresh if holds_password(feed.url)]
        added = [feed for feed in fresh if not holds_password(feed.url)]
        due = [(feed, first_poll(feed.url, now)) for feed in added]
        await world.store.write(feeds.add_each, due, now)
    why = "it holds a password: write it into feeds.toml"
    left_out = [*no_feeds, *((opml.called(feed.name, feed.url), why) for feed in secret)]
    for name, why in left_out:
        output.note(f"left out: {output.one_line(name)}: {why}")
    told = {"added": len(added), "known": len(wanted) - len(fresh)}
    told |= {"repeated": repeated, "left_out": len(left_out)}
    if state.json:
        output.emit(told)
        return
    more = f", {repeated} repeated in the list" if repeated else ""
    more += f", {len(left_out)} left out" if left_out else ""
    output.say(f"{output.count(told['added'], 'feed')} added, {told['known']} known already{more}")


async def write_out(
    out: Annotated[Path | None, typer.Option(metavar="FILE", help="The file to write.")] = None,
) -> None:
    """Write the feeds as OPML."""
    from monitor.feeds import opml
    from monitor.store import feeds

    async with looking() as world:
        found = await world.store.read(feeds.statuses)
    known = [one.polling.feed for one in found if one.lasting]
    if hidden := sum(feed.url != shareable(feed.url) for feed in known):
        output.note(f"{output.count(hidden, 'feed')} written without the secrets in the address")
    text = opml.write(known, "monitor")
    if out is not None:
        with output.written(out) as stream:
            stream.write(text)
    if state.json:
        output.emit([{"url": shareable(feed.url), "name": feed.name} for feed in known])
    elif out is None:
        output.raw(text)
