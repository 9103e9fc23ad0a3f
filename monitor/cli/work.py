"""`monitor work`: a worker on PostgreSQL, beside `monitor run`."""

from __future__ import annotations

import logging
import secrets
from dataclasses import replace

import typer

from monitor.cli import output
from monitor.cli.run import Stop
from monitor.cli.state import command, parts, settings, state

log = logging.getLogger("monitor.work")


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "work")(work)


async def work() -> int:
    """Read and match entries for `monitor run`, on this or another machine, until stopped."""
    from monitor.runners import loop, queue

    chosen = settings()
    queue.check(chosen.store.url)
    stop = Stop()
    async with parts(chosen, owner="worker", sync=False) as world:
        worker = queue.Worker(replace(world, owner=queue.owner(world, secrets.token_hex(4))))
        log.info("at work: jobs come from monitor run, settings in %s", chosen.directory)
        world.matcher()
        loop.collect_seldom()
        await worker.run(stop.told)
    log.info("stopped: %d entries read", worker.entries)
    if state.json:
        output.emit({"jobs": worker.jobs, "entries": worker.entries})
    return 0
