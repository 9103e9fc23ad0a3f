"""`monitor run` and `monitor demo`: the daemon, and the whole journey on recordings."""

from __future__ import annotations

import logging
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from monitor.cli import deliveries, logs, output
from monitor.cli.state import command, parts, settings, state
from monitor.redact import shareable

if TYPE_CHECKING:
    from monitor.config import Settings
    from monitor.pipeline.parts import Memory, Parts
    from monitor.runners.daemon import Daemon
    from monitor.store import Store

log = logging.getLogger("monitor.run")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    command(app, "run")(run)
    command(app, "demo")(demo)


async def run(
    once: Annotated[bool, typer.Option("--once", help="Do one tick, then end.")] = False,
) -> int:
    """Run until stopped: poll feeds, publish digests, send them."""
    chosen = settings()
    for warning in chosen.warnings:
        output.note(f"monitor: warning: {warning}")
    if not once:
        return await _work(chosen)
    async with parts(chosen) as world:
        deliveries.tell_hold(world.store)
        await _tick(world)
    return 0


async def _tick(world: Parts) -> None:
    from monitor.model import Sent
    from monitor.runners import inline

    with output.progress() as tell:
        brought = await inline.tell(world, await inline.journey(world, progress=tell))
    failed = [one for one in brought.polled if one.failed]
    sent = sum(isinstance(one.answer, Sent) for one in brought.delivered)
    counts = {
        "polled": len(brought.polled),
        "failed": len(failed),
        "ingested": len(brought.ingested),
        "grouped": len(brought.grouped),
        "published": len(brought.published),
        "delivered": sent,
        "undelivered": len(brought.delivered) - sent,
    }
    if state.json:
        output.emit(counts)
    else:
        output.say(", ".join(f"{count} {name}" for name, count in counts.items()))
    deliveries.check_recorded(world)
    if failed and len(failed) == len(brought.polled):
        reasons = [f"{shareable(one.feed.url)}: {one.outcome.why}" for one in failed]
        raise output.failed("no feed has answered", reasons, "monitor feeds status")
    output.all_read(brought.waiting)


async def _work(chosen: Settings) -> int:
    import asyncio

    from monitor import failpoints
    from monitor import store as stores
    from monitor.pipeline.parts import Memory
    from monitor.runners import daemon, reload

    failpoints.arm(os.environ)
    with stores.open(chosen.store.url) as store, daemon.alone(store) as lock:
        deliveries.tell_hold(store)
        stop = Stop()
        asked = asyncio.Event()
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, asked.set)
        watch = reload.Watch(chosen, settings, store.refuses)
        memory = Memory()  # survives a change of settings

        async def work(chosen: Settings, begun: asyncio.Event, ends: asyncio.Event) -> None:
            lasting = memory.under_other_settings()
            async with _at_work(chosen, store, watch.broken, lasting) as ready:
                begun.set()
                await ready.run(ends, lock)

        await reload.by_turns(watch, work, stop.told, asked)
    log.info("stopped")
    return 0


@asynccontextmanager
async def _at_work(
    chosen: Settings, store: Store, broken: Callable[[], bool], memory: Memory
) -> AsyncIterator[Daemon]:
    """Start a daemon with these settings, and its site."""
    from monitor.runners import daemon, loop, queue
    from monitor.store import feeds

    keep = daemon.Keep(
        articles=_days(chosen.retention.articles_days), polls=_days(chosen.retention.polls_days)
    )
    async with AsyncExitStack() as stack:
        opened = parts(chosen, owner=daemon.OWNER, store=store, memory=memory)
        world = await stack.enter_async_context(opened)
        world.matcher()
        loop.collect_seldom()
        number, _ = await store.read(feeds.polled)  # including those that were added
        log.info("at work: %s, settings in %s", output.count(number, "feed"), chosen.directory)
        jobs = await stack.enter_async_context(queue.handing_out(world))
        work = daemon.Daemon(world, keep, jobs)
        if chosen.web.enabled:
            from monitor.web.serve import serving

            site = serving(world, chosen.web, chosen.fetch.max_bytes, work.turning, broken)
            log.info("listening on %s", await stack.enter_async_context(site))
        yield work


class Stop:
    """Runs until SIGTERM or SIGINT (F12), and is logged as soon as it is created."""

    def __init__(self) -> None:
        import asyncio

        if not (state.debug or state.verbose):
            logs.start("INFO")
        self.told = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.told.set)


def _days(count: int) -> timedelta | None:
    """0 days: for ever."""
    return timedelta(days=count) if count else None


async def demo(
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Where the previews and the database go.")
    ] = Path("monitor-demo"),
) -> None:
    """Run the whole journey on recorded feeds of made-up outlets."""
    from monitor.runners.demo import demo as show

    quiet = state.json
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output.unwritable(out, error) from error
    with output.progress() as tell:
        shown = await show(out, (lambda _text: None) if quiet else sys.stdout.write, tell)
    output.all_read(shown.journey.waiting)
    files = [str(file) for file in shown.files]
    if state.json:
        output.emit({"edition": shown.draft.bodies.data, "files": files})
    else:
        output.say("written, as a reader would receive it:")
        output.say("\n".join(f"  {file}" for file in files))
        output.say("\nnow your own feeds: monitor init, then monitor feeds add URL or edit")
        output.say("config/feeds.toml, monitor check, monitor fetch; monitor run keeps going")
