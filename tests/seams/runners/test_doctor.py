"""The doctor's whole visit, from settings in files to checks."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.cli import monitor
from support.server import Server
from support.slack import Slack
from support.smtp import Sink

from monitor import config
from monitor.insight.doctor import Check, Verdict
from monitor.model import Records
from monitor.runners.doctor import visit
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio


def folder(tmp_path: Path, text: str) -> Path:
    (tmp_path / "config" / "watchlists").mkdir(parents=True)
    (tmp_path / "config" / "feeds.toml").write_text("")
    (tmp_path / "config" / "digests.toml").write_text("")
    store = f"[store]\nurl = 'sqlite:///{tmp_path / 'db.sqlite3'}'\n"
    (tmp_path / "config" / "monitor.toml").write_text(store + text)
    return tmp_path / "config"


async def published(name: str) -> Records:
    """Return the TXT records of the domain that these settings send from."""
    return Records(("v=spf1 mx -all",)) if name == "harbour-news.eu" else Records(exists=False)


async def test_every_place_is_visited_and_the_clocks_are_compared(
    tmp_path: Path, clock: FakeClock
) -> None:
    """Two webhooks at one host cost one connection; whatever cannot be tried says so."""
    async with Server() as server, Sink() as sink:
        Slack(server).date = "Fri, 18 Oct 2024 06:10:00 GMT"
        where = folder(
            tmp_path,
            f"""
[fetch]
allow_private = ["127.0.0.0/8"]
spacing_s = 0
[web]
public_url = "https://watch.harbour-news.eu"
[channels.email]
host = "{sink.host}"
port = {sink.port}
tls = "none"
from = "digest@harbour-news.eu"
[channels.slack.desk]
token = "xoxb-made-up"
channel = "C1"
api_base = "{server.url("")}"
[channels.webhook.one]
url = "{server.url("/one")}"
[channels.webhook.two]
url = "{server.url("/two")}"
[channels.apprise.phone]
url = "ntfy://localhost/news"
""",
        )
        # Names of tests resolve to the server; "localhost" (the mail server) is resolved by the
        # system.
        names = server.resolver("harbour-news.eu")
        checks = await visit(config.load(where, environ={}), clock, names, published)
        told = {one.name: one.verdict for one in checks}
        assert told == {
            "database": Verdict.DOUBTFUL,
            "disk": Verdict.FINE,
            "email": Verdict.FINE,
            "slack:desk": Verdict.FINE,
            "webhook:one": Verdict.FINE,
            "webhook:two": Verdict.FINE,
            "apprise:phone": Verdict.FINE,
            "sender": Verdict.FINE,
            "spf": Verdict.FINE,
            "dkim": Verdict.DOUBTFUL,
            "dmarc": Verdict.DOUBTFUL,
            "public_url": Verdict.WRONG,
            "clock": Verdict.DOUBTFUL,
        }
        assert checks[-1] == Check(
            "clock",
            Verdict.DOUBTFUL,
            "600 s behind that of slack:desk",
            "set it by NTP: digests are sent by it",
        )
        assert [seen.path for seen in server.requests] == ["/api/auth.test"]
        assert server.connections == 2
        assert not (tmp_path / "db.sqlite3").exists()


def test_the_command_tells_what_is_wrong_and_ends_with_69(tmp_path: Path) -> None:
    where = folder(
        tmp_path,
        '[fetch]\nallow_private = ["127.0.0.1"]\n'
        '[channels.webhook.desk]\nurl = "http://127.0.0.1:9/hook/made-up-token"\n',
    )
    (where / "watchlists" / "nato.toml").write_text(
        'title = "NATO"\nquery = "NATO"\ntests = [{ text = "The alliance", match = true }]\n'
    )
    ended = monitor("doctor", "--config", where, "--json")
    assert (ended.code, ended.error["code"]) == (69, "unavailable")
    assert ended.err.startswith("monitor: not all is well: settings: watchlists/nato.toml")
    checks = {one["check"]: one for one in ended.json["checks"]}
    assert ended.json["ok"] is False
    assert list(checks) == ["settings", "database", "disk", "webhook:desk", "clock"]
    assert checks["settings"]["verdict"] == "wrong"
    assert checks["webhook:desk"]["found"] == "connection refused"
    shown = monitor("doctor", "--config", where).out.splitlines()
    assert shown[3].startswith("wrong     webhook:desk  connection refused (is it running,")
    assert "made-up-token" not in ended.out + "".join(shown)


def test_settings_that_cannot_be_read_are_all_that_is_found(tmp_path: Path) -> None:
    where = folder(tmp_path, "[fetch]\nper_hots = 2\n")
    ended = monitor("doctor", "--config", where, "--json")
    [check] = ended.json["checks"]
    assert (ended.code, check["verdict"]) == (78, "wrong")
    assert check["found"] == "monitor.toml:4: unknown key 'per_hots'"
