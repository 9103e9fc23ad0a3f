"""The container: what its file asks for, and the program when it can write only its data."""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import tempfile
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from support.server import Server, answer
from support.world import item, rss

ROOT = Path(__file__).resolve().parents[2]
USER = "65532"
pytestmark = pytest.mark.whole

REFUSES = """
import errno, os, sys
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
MAKES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate"}

def refuse(event, given):
    if event in MAKES or event == "sqlite3.connect" or event == "open" and given[2] & WRITES:
        if not isinstance(given[0], int):
            path = os.path.abspath(os.fsdecode(given[0]))
            if path != os.devnull and not path.startswith(os.environ["HOME"] + os.sep):
                raise OSError(errno.EROFS, "outside of the data", path)

sys.addaudithook(refuse)
"""
"""Each of our processes starts with this code (as `sitecustomize`), which needs no privileges:
every write outside the data folder fails, below /dev too: a test's own folder may be in /dev/shm.
`bench/gates/container.py` uses a real read-only root.
"""


def test_S115_the_image_asks_for_no_more_than_it_needs() -> None:
    """The image has a user other than root, no shell and one volume, and installs by hash.

    The user is a number, which needs no file of users.
    """
    text = (ROOT / "Containerfile").read_text("utf-8").replace("\\\n", " ")
    last = text.rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (.*)$", last, re.M)
    assert user == f"{USER}:{USER}"
    assert not re.findall(r"^(RUN|ADD|EXPOSE) ", last, re.M)
    (entry,) = re.findall(r"^ENTRYPOINT (.*)$", last, re.M)
    assert json.loads(entry) == ["/opt/monitor/bin/monitor"]
    (command,) = re.findall(r"^CMD (.*)$", last, re.M)
    assert json.loads(command) == ["run"]
    (volume,) = re.findall(r"^VOLUME (.*)$", last, re.M)
    assert json.loads(volume) == ["/data"]
    (settings,) = re.findall(r"^ENV (.*)$", last, re.M)
    places = dict(one.split("=", 1) for one in settings.split())
    assert {places["HOME"], places["TMPDIR"]} == {"/data"}
    assert places["MONITOR_STORE__URL"].startswith("sqlite:////data/")
    installs = re.findall(r"pip install (.*)", text)
    assert all("--require-hashes" in one or "--no-deps --no-index" in one for one in installs)
    assert (ROOT / ".dockerignore").read_text().split() == ["*", "!requirements/base.txt", "!dist"]


async def run(folder: Path, *words: str) -> tuple[int | None, str, str]:
    """Run Python with the image's environment; only `data` can be written."""
    data = folder / "data"
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(folder / "start"),
        "MONITOR_CONFIG": str(folder / "config"),
        "MONITOR_STORE__URL": f"sqlite:///{data / 'monitor.sqlite3'}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(data),
        "TMPDIR": str(data),
    }
    ended = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=environ, cwd=data, stdout=PIPE, stderr=PIPE
    )
    out, err = await ended.communicate()
    return ended.returncode, out.decode(), err.decode()


@pytest.mark.anyio
async def test_S115_it_works_where_nothing_but_its_data_can_be_written(tmp_path: Path) -> None:
    """One run reads the settings and stores the news; a write anywhere else would fail."""
    for name in ("data", "start", "config/watchlists"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "start" / "sitecustomize.py").write_text(REFUSES)
    for place in (tmp_path / "config" / "x", Path(tempfile.gettempdir()) / "x"):
        code, _, err = await run(tmp_path, "-c", f"open({str(place)!r}, 'w')")
        assert (code, "outside of the data" in err) == (1, True)
    async with Server() as server:
        server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships."))))
        settings = {
            "monitor.toml": '[fetch]\nallow_private = ["127.0.0.0/8"]\nspacing_s = 0\n'
            'articles = "off"\n[poll]\nspread = "0s"\n',
            "feeds.toml": f'[[feeds]]\nurl = "{server.url("/feed")}"\n',
            "digests.toml": "",
            "watchlists/nato.toml": 'title = "NATO"\nquery = "NATO"\n',
        }
        for name, text in settings.items():
            (tmp_path / "config" / name).write_text(text)
        code, out, err = await run(tmp_path, "-m", "monitor", "run", "--once", "--json")
    assert code == 0, err
    told = json.loads(out)
    assert (told["polled"], told["failed"], told["ingested"]) == (1, 0, 1)
    assert all(one.name.startswith("monitor.sqlite3") for one in (tmp_path / "data").iterdir())
