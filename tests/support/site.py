"""The site of some parts, on a free port, and a client for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from support import plain
from support.hub import PUBLIC

from monitor.config.sections import WebSection
from monitor.pipeline.parts import Parts
from monitor.web.serve import serving

WEB = WebSection(enabled=True, port=0, public_url=PUBLIC)
MAX_BYTES = 10_000


class Failing:
    """A store that cannot be used, for a given reason."""

    url = "sqlite:///secret/place"

    def __init__(self, reason: Exception) -> None:
        self.reason = reason

    async def read(self, *_: Any) -> Any:
        raise self.reason

    write = read


@asynccontextmanager
async def asking(
    parts: Parts, web: WebSection = WEB, turning: Callable[[], bool] | None = None
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve the site of these parts, and yield a client for it."""
    async with (
        serving(parts, web, MAX_BYTES, turning) as where,
        plain.client(base_url=where) as client,
    ):
        yield client
