"""Several writes that share one commit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection

from monitor.store import Store

V = TypeVar("V")


def in_one_commit(
    store: Store, write: Callable[[Connection, Sequence[V]], Sequence[Any]], values: Sequence[V]
) -> list[Any]:
    """Let the values wait together for the writer; return what each brought, or its error."""

    async def together() -> list[Any]:
        all_wait = threading.Event()
        busy = asyncio.create_task(store.write(lambda _: all_wait.wait()))
        jobs = [asyncio.create_task(store.write_to(write, value)) for value in values]
        await asyncio.sleep(0)  # each begins
        all_wait.set()
        await busy
        return await asyncio.gather(*jobs, return_exceptions=True)

    return asyncio.run(together())
