"""Visiting the places where messages go, without giving them any."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.server import Server
from support.slack import Slack
from support.smtp import Sink

from monitor.channels import discord, email, feed, slack, teams, webhook
from monitor.fetch.client import Client, FetchSettings
from monitor.model import Barred, Visited
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
Certificate = Callable[[str], ssl.SSLContext]
HERE = ("127.0.0.0/8",)


@pytest.fixture
async def http(clock: FakeClock) -> AsyncIterator[Client]:
    quick = FetchSettings(allow_private=HERE, timeout_s=1, connect_timeout_s=1, spacing_s=0)
    async with Client(quick, clock) as client:
        yield client


async def visit_mail(sink: Sink, http: Client, **more: Any) -> Visited:
    table = {"host": sink.host, "port": sink.port, "hostname": "us.test", "timeout_s": 1, **more}
    chosen = email.Settings.model_validate({"from": "digest@desk.example", **table})
    return await email.visit(chosen, http)


async def test_a_mail_server_is_entered_and_left_and_given_nothing(
    certificate: Certificate, authority: Path, http: Client
) -> None:
    async with Sink(tls=certificate("good"), login=("desk", "open sesame")) as sink:
        found = await visit_mail(sink, http, ca_file=authority, user="desk", password="open sesame")
    assert found == Visited("250 OK")
    assert sink.logins == [("desk", "PLAIN", True)]
    assert (sink.commands, sink.mails) == (["QUIT"], [])


async def test_a_refused_login_is_told_in_the_server_s_words_without_the_password(
    certificate: Certificate, authority: Path, http: Client
) -> None:
    async with Sink(tls=certificate("good"), login=("desk", "open sesame")) as sink:
        found = await visit_mail(sink, http, ca_file=authority, user="desk", password="bad")
    assert found == Visited("login refused: 535 5.7.8 [secret] credentials", Barred.LOGIN)


async def test_S72_a_mail_server_without_good_tls_is_told(
    certificate: Certificate, authority: Path, http: Client
) -> None:
    """STARTTLS is missing, or the certificate has another name, has expired or is not trusted."""
    async with Sink() as sink:
        assert (await visit_mail(sink, http)).barred is Barred.TLS
    for name, trusted in (("other-name", authority), ("expired", authority), ("good", None)):
        async with Sink(tls=certificate(name)) as sink:
            found = await visit_mail(sink, http, ca_file=trusted)
        assert found.barred is Barred.TLS, name
        assert "certificate" in found.words, name


async def test_a_mail_server_that_is_not_there_is_told(http: Client) -> None:
    async with Sink() as sink:
        pass
    assert (await visit_mail(sink, http, tls="none")).barred is Barred.REACH
    assert (await visit_mail(sink, http, host="a..b", tls="none")).barred is Barred.NAME


async def test_slack_tells_whose_token_it_is_and_the_time(http: Client, clock: FakeClock) -> None:
    async with Server() as server:
        api = Slack(server)
        api.date = "Fri, 18 Oct 2024 06:02:00 GMT"
        table = {"token": "xoxb-made-up", "channel": "C1", "api_base": server.url("")}
        found = await slack.visit(slack.Settings.model_validate(table), http)
        assert found == Visited("watch-bot in Harbour News", None, timedelta(minutes=2))
        other = slack.Settings.model_validate(table | {"token": "xoxb-revoked"})
        found = await slack.visit(other, http)
        assert (found.words, found.barred) == ("invalid_auth", Barred.LOGIN)
        assert api.messages == []


@pytest.mark.parametrize("channel", [webhook, teams, discord, slack])
async def test_a_webhook_s_host_is_reached_and_nothing_is_posted(
    channel: Any, http: Client
) -> None:
    async with Server() as server:
        url = server.url("/services/T0/B0/made-up-token")
        key = "webhook" if channel is slack else "url"
        chosen = channel.Settings.model_validate({key: url})
        assert await channel.visit(chosen, http) == Visited("reached, without TLS")
        assert server.connections == 1
        assert server.requests == []
    assert (await channel.visit(chosen, http)).barred is Barred.REACH


async def test_S08_S85_a_webhook_is_visited_through_the_guard_and_its_path_not_told(
    certificate: Certificate, authority: Path, clock: FakeClock
) -> None:
    chosen = webhook.Settings.model_validate({"url": "https://localhost:1/hook/made-up-token"})
    async with Server(tls=certificate("good")) as server:
        names = server.resolver("localhost")
        async with Client(FetchSettings(), clock, names) as strict:
            inside = await webhook.visit(chosen, strict)
        async with Client(FetchSettings(allow_private=HERE), clock, names) as distrusting:
            unknown = await webhook.visit(chosen, distrusting)
        own = FetchSettings(allow_private=HERE, ca_file=str(authority))
        async with Client(own, clock, names) as trusting:
            assert await webhook.visit(chosen, trusting) == Visited("TLS, good certificate")
    async with Client(FetchSettings(), clock, Server().resolver()) as lost:
        nowhere = await webhook.visit(chosen, lost)
    assert (inside.barred, unknown.barred, nowhere.barred) == (
        Barred.GUARD,
        Barred.TLS,
        Barred.NAME,
    )
    assert "localhost" in inside.words
    assert not any("made-up-token" in one.words for one in (inside, unknown, nowhere))


async def test_a_feed_s_folder_is_looked_at_and_not_made(tmp_path: Path, http: Client) -> None:
    free = tmp_path / "deep" / "folder"
    found = await feed.visit(feed.Settings(path=free), http)
    assert found == Visited(f"{free}, to be made")
    assert not free.parent.exists()
    (tmp_path / "file").touch()
    found = await feed.visit(feed.Settings(path=tmp_path / "file" / "folder"), http)
    assert found.barred is Barred.FOLDER
