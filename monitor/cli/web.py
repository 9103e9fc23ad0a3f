"""`monitor web`: what the daemon answers over HTTP, without the daemon."""

from __future__ import annotations

import logging

import typer

from monitor.cli.run import Stop
from monitor.cli.state import command, parts, settings

log = logging.getLogger("monitor.run")


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "web")(web)


async def web() -> None:
    """Serve the pages and the API until stopped, beside a daemon that does not."""
    from monitor.web.serve import serving

    chosen = settings()
    async with parts(chosen) as world:
        stop = Stop()
        async with serving(world, chosen.web, chosen.fetch.max_bytes) as where:
            log.info("listening on %s", where)
            await stop.told.wait()
    log.info("stopped")
