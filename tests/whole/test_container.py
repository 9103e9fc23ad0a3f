"""The container: what its file asks for, and the program where only its data can be written."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest
from support.server import Server, answer
from support.world import item, rss

ROOT = Path(__file__).resolve().parents[2]
USER = "65532"
pytestmark = pytest.mark.whole

BARE = """
set -eu
mount --make-rprivate /
mount --rbind / "$1"
awk '{print $2}' /proc/self/mounts | while read -r place; do
  case "$place" in "$1"*) mount -o remount,bind,ro "$place" 2>/dev/null || true ;; esac
done
mount -t tmpfs -o mode=0755 none "$1/srv"
cp -r "$2"/*.toml "$2/watchlists" "$1/srv/"
mount -o remount,ro "$1/srv"
mount -t tmpfs -o mode=0700,uid=$3,gid=$3 none "$1/mnt"
shift 1
exec chroot "$ROOT" setpriv --reuid "$2" --regid "$2" --clear-groups --no-new-privs \\
  --inh-caps="$READS" --ambient-caps="$READS" --bounding-set="$READS" sh -c "$COMMAND"
"""
"""The file system once more, to be read only; settings at /srv, data at /mnt. As root, in a mount
namespace of its own: nothing of it is left behind."""


def test_S115_the_image_asks_for_no_more_than_it_needs() -> None:
    """Not root, by a number, which needs no file of users; no shell; one volume; hashes."""
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


async def _may_make_a_namespace() -> bool:
    tried = await asyncio.create_subprocess_exec("unshare", "--mount", "true", stderr=PIPE)
    await tried.communicate()
    return tried.returncode == 0


@pytest.mark.anyio
async def test_S115_it_works_where_nothing_but_its_data_can_be_written(tmp_path: Path) -> None:
    """As a user without rights, with what the image sets: settings are read, news is stored."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("unshare", "chroot", "setpriv"))):
        pytest.skip("needs root, unshare and setpriv to take rights away")
    if not await _may_make_a_namespace():
        pytest.skip("no mount namespace can be made here")
    async with Server() as server:
        server.on("/feed", answer(rss(item(1, server.url("/1"), text="NATO sends ships."))))
        (tmp_path / "monitor.toml").write_text(
            '[fetch]\nallow_private = ["127.0.0.0/8"]\nspacing_s = 0\narticles = "off"\n'
            '[poll]\nspread = "0s"\n'
        )
        (tmp_path / "feeds.toml").write_text(f'[[feeds]]\nurl = "{server.url("/feed")}"\n')
        (tmp_path / "digests.toml").write_text("")
        (tmp_path / "watchlists").mkdir()
        (tmp_path / "watchlists" / "nato.toml").write_text('title = "NATO"\nquery = "NATO"\n')
        (tmp_path / "root").mkdir()
        program = f"{sys.executable} -m monitor"
        wrong = "for place in / /srv /tmp /var/tmp /usr; do ! touch $place/x 2>/dev/null; done"
        command = f"cd /mnt; {wrong}; {program} run --once --json; ls -A"
        environ = {
            "PATH": os.environ["PATH"],
            "ROOT": str(tmp_path / "root"),
            "COMMAND": f"set -e; {command}",
            "READS": "-all,+dac_read_search",  # the interpreter may lie in somebody's home
            "MONITOR_CONFIG": "/srv",
            "MONITOR_STORE__URL": "sqlite:////mnt/monitor.sqlite3",
            "PYTHONDONTWRITEBYTECODE": "1",
            "HOME": "/mnt",
            "TMPDIR": "/mnt",
        }
        ended = await asyncio.create_subprocess_exec(
            *("unshare", "--mount", "sh", "-c", BARE, "sh"),
            *(str(tmp_path / "root"), str(tmp_path), USER),
            env=environ,
            stdout=PIPE,
            stderr=PIPE,
        )
        out, err = await ended.communicate()
    assert ended.returncode == 0, err.decode()
    ran, *files = out.decode().splitlines()
    told = json.loads(ran)
    assert (told["polled"], told["failed"], told["ingested"]) == (1, 0, 1)
    assert all(name.startswith("monitor.sqlite3") for name in files)
