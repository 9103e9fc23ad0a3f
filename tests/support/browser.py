"""A browser that shows a page at some width and says what it measures there.

It is spoken to over two pipes (`--remote-debugging-pipe`): JSON texts, each ended by a zero byte.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
_PIPES = 'exec 3<&"$0" 4>&"$1"; shift 1; exec "$@"'
"""The browser reads from 3 and writes to 4, whatever numbers our ends have."""


HANGS_S = 30
"""A browser that needs longer to end hangs; most need a tenth of a second."""


class Browser:
    """One tab."""

    def __init__(self, words: int, answers: asyncio.StreamReader) -> None:
        self._words, self._answers = words, answers
        self._number = 0
        self._tab = ""
        self._loaded = False

    async def _ask(self, method: str, **values: Any) -> Any:
        self._number += 1
        asked = {"id": self._number, "method": method, "params": values}
        if self._tab:
            asked["sessionId"] = self._tab
        os.write(self._words, json.dumps(asked).encode() + b"\0")
        while True:
            said = await self._next()
            if said.get("id") == self._number:
                assert "error" not in said, (method, said)
                return said["result"]

    async def _next(self) -> Any:
        said = json.loads((await self._answers.readuntil(b"\0"))[:-1])
        self._loaded |= said.get("method") == "Page.loadEventFired"
        return said

    async def begin(self) -> None:
        """Open the tab."""
        tab = await self._ask("Target.createTarget", url="about:blank")
        held = await self._ask("Target.attachToTarget", targetId=tab["targetId"], flatten=True)
        self._tab = held["sessionId"]
        await self._ask("Page.enable")

    async def show(self, url: str, width: int) -> None:
        """Load a page into a window of this many CSS pixels across."""
        size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": False}
        await self._ask("Emulation.setDeviceMetricsOverride", **size)
        self._loaded = False
        gone = await self._ask("Page.navigate", url=url)
        assert "errorText" not in gone, (url, gone)  # else the browser's own page is measured
        while not self._loaded:  # asked of the page itself, it would say nothing in a sandbox
            await self._next()

    async def measure(self, expression: str) -> Any:
        """The value of an expression in the page, as JSON carries it."""
        said = await self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in said, said
        return said["result"].get("value")


@asynccontextmanager
async def browsing(folder: Path) -> AsyncIterator[Browser]:
    """Start a browser with its profile in `folder`; end it with the block."""
    assert CHROMIUM is not None
    theirs_in, ours_out = os.pipe()
    ours_in, theirs_out = os.pipe()
    process = await asyncio.create_subprocess_exec(
        *("bash", "-c", _PIPES, str(theirs_in), str(theirs_out)),
        *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"),
        *("--disable-dev-shm-usage", "--disable-background-networking"),
        *(f"--user-data-dir={folder}", "--remote-debugging-pipe"),
        pass_fds=(theirs_in, theirs_out),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    answers = asyncio.StreamReader(limit=2**24)
    loop = asyncio.get_running_loop()
    pipe = os.fdopen(ours_in, "rb", buffering=0)
    reader, _ = await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(answers), pipe)
    try:
        browser = Browser(ours_out, answers)
        await browser.begin()
        yield browser
    finally:
        reader.close()
        os.close(ours_out)
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Wait until a browser whose pipes are closed has ended; one that hangs is ended."""
    try:
        await asyncio.wait_for(process.wait(), HANGS_S)
    except TimeoutError:
        process.kill()
        await process.wait()
