"""The program with its site: a hub pushes to the daemon, probes ask, all ends in order."""

from __future__ import annotations

import re
import signal

import httpx
import pytest
from support.hub import PUBLIC, Hub
from support.server import Server, answer
from support.world import item, rss
from whole.conftest import Program, until

from monitor import store as stores
from monitor.store import export

pytestmark = [pytest.mark.anyio, pytest.mark.whole, pytest.mark.timeout(180)]

SETTINGS = f"""
[fetch]
allow_private = ["127.0.0.0/8"]
spacing_s = 0
articles = "off"
[poll]
spread = "0s"
[web]
enabled = true
port = 0
public_url = "{PUBLIC}"
"""


def write_settings(program: Program, feed: str, settings: str = SETTINGS) -> None:
    (program.folder / "monitor.toml").write_text(settings)
    (program.folder / "feeds.toml").write_text(f'[[feeds]]\nurl = "{feed}"\nname = "Northwatch"\n')
    (program.folder / "digests.toml").write_text("")


async def listening(program: Program, times: int = 1) -> str:
    """The address on which the program says it listens, once it was started this many times."""
    found: list[str] = []

    def told() -> bool:
        found[:] = re.findall(r"listening on (\S+)", program.log.read_text())
        return len(found) == times

    await until(told, log=program.log)
    return found[-1]


async def test_p100_p102_the_daemon_is_pushed_to_and_takes_leave_after_a_restart(
    program: Program,
) -> None:
    """The daemon asks the hub, is verified and is pushed to.

    Restarted without the feed, it unsubscribes once. It ends with 0 both times.
    """
    async with Server() as server, httpx.AsyncClient(trust_env=False) as probe:
        hub = Hub(server)
        links = {"Link": f'<{hub.url}>; rel="hub"'}
        server.on("/feed", answer(rss(item(1, server.url("/1"))), headers=links))
        write_settings(program, server.url("/feed"))
        daemon = await program.start("run")
        hub.reach = await listening(program)
        await until(lambda: hub.forms, log=program.log)
        assert (await hub.verify())[0] == 200
        assert await hub.push(rss(item(2, server.url("/2")))) == 202
        assert (await probe.get(f"{hub.reach}/readyz")).status_code == 200
        told = (await probe.get(f"{hub.reach}/metrics")).text
        assert 'monitor_feed_pushed{feed="1"} 1' in told
        assert len(server.asked("/feed")) == 1
        daemon.send_signal(signal.SIGTERM)
        assert await daemon.wait() == 0
        write_settings(program, server.url("/other"))
        daemon = await program.start("run")
        hub.reach = await listening(program, 2)
        await until(lambda: len(hub.forms) == 2, log=program.log)
        assert (await hub.verify())[0] == 200
        daemon.send_signal(signal.SIGTERM)
        assert await daemon.wait() == 0
    assert hub.modes == ["subscribe", "unsubscribe"]
    with stores.open(program.environ["MONITOR_STORE__URL"]) as store:
        lines = store.read_now(lambda connection: list(export.entry_lines(connection, None)))
    assert sorted(line["title"] for line in lines) == ["Report 1", "Report 2"]
    said = program.log.read_text()
    assert "Traceback" not in said
    assert hub.forms[0]["hub.secret"] not in said
    assert hub.forms[0]["hub.callback"].rpartition("/")[2] not in said


async def test_the_site_alone_answers_until_it_is_stopped(program: Program) -> None:
    """`monitor web` serves the site whatever `[web] enabled` says, and polls no feed."""
    async with Server() as server, httpx.AsyncClient(trust_env=False) as probe:
        token = "of-the-whole-program-0123456789"
        settings = f'[web]\nport = 0\napi_token = "{token}"\n'
        write_settings(program, server.url("/feed"), settings)
        site = await program.start("web")
        where = await listening(program)
        for path in ("/", "/feeds", "/healthz", "/readyz", "/metrics"):
            assert (await probe.get(where + path)).status_code == 200
        assert (await probe.get(f"{where}/websub/x")).status_code == 404
        shown = {"Authorization": f"Bearer {token}"}
        told = (await probe.get(f"{where}/api/v1/watchlists", headers=shown)).json()
        assert {"nato"} < {one["name"] for one in told["watchlists"]}
        linted = await probe.get(f"{where}/api/v1/watchlists/arctic", headers=shown)
        assert linted.json()["lint"]["ok"]
        assert (await probe.get(f"{where}/api/v1/watchlists")).status_code == 401
        site.send_signal(signal.SIGINT)
        assert await site.wait() == 0  # F12
        assert server.requests == []


async def test_a_port_that_is_taken_ends_the_daemon_with_a_line(program: Program) -> None:
    """The daemon ends with 69 and one line that names the address, and requests no feed."""
    async with Server() as server:
        taken = f"[web]\nenabled = true\nport = {server.port}\n"
        write_settings(program, server.url("/feed"), taken)
        daemon = await program.start("run")
        assert await daemon.wait() == 69
        (line,) = [one for one in program.log.read_text().splitlines() if "cannot listen" in one]
        assert line.startswith(f"monitor: cannot listen on 127.0.0.1:{server.port}: ")
        assert server.requests == []
