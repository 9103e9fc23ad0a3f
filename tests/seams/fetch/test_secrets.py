"""No log, no reason and no failure's address contains a secret."""

from __future__ import annotations

import logging

import pytest
from support.answers import failed
from support.server import CLOSE, Server, answer, redirect

from monitor.fetch.client import Client
from monitor.model import FailureKind, Request
from monitor.redact import redact


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://news.example/feed.xml", "https://news.example/feed.xml"),
        ("https://u:p@news.example/feed", "https://***@news.example/feed"),
        ("https://news.example/f?page=2&lang=en", "https://news.example/f?page=2&lang=en"),
        ("https://news.example/f?token=abc&x=1", "https://news.example/f?token=***&x=1"),
        ("https://news.example/f?api_key=abc", "https://news.example/f?api_key=***"),
        ("https://news.example/f?apikey=abc;sig=1", "https://news.example/f?apikey=***;sig=***"),
        ("https://n.example/f?q=a9f8e7d6c5b4a3f2e1d0c9b8", "https://n.example/f?q=***"),
        ("https://n.example/f?keyword=navy&author=x", "https://n.example/f?keyword=navy&author=x"),
        ("https://n.example/f?X-Amz-Signature=1", "https://n.example/f?X-Amz-Signature=***"),
        ("https://n.example/f?x=#token=abc", "https://n.example/f?x="),
        ("https://hooks.slack.example/services/T0/B0/xyz", "https://hooks.slack.example/***"),
        ("https://chat.example/api/webhooks/1/tok", "https://chat.example/***"),
        ("https://chat.example/hooks/abc?wait=1", "https://chat.example/***"),
        ("https://n.example/private/0123456789abcdef0123456789abcdef/rss", "https://n.example/private/***/rss"),
        ("https://n.example/2024/10/navy-orders-4-frigates-from-2-shipyards", "https://n.example/2024/10/navy-orders-4-frigates-from-2-shipyards"),
        ("https://n.example", "https://n.example"),
        ("https://n.example?key=v", "https://n.example?key=***"),
        ("not an address with p@ss", "***"),
        ("", "***"),
        ("http://a\r\nb/", "http://ab/"),
        ("https://u:p/w@n.example/feed", "https://***@n.example/feed"),
        ("https://u:p?w@n.example/feed?x=1", "https://***@n.example/feed?x=1"),
        ("https://u:p/w@[2001:db8::1]:443/@feed", "https://***@feed"),
        ("https://[2001:db8::1]:8443/@feed", "https://[2001:db8::1]:8443/@feed"),
        ("https://n.example:443/@feed", "https://n.example:443/@feed"),
    ],
)  # fmt: skip
def test_s45_addresses_are_shown_without_secrets(url: str, shown: str) -> None:
    assert redact(url) == shown


@pytest.mark.anyio
async def test_s45_secrets_reach_no_log_and_no_reason(
    client: Client, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Secrets stay out at every log level, for good answers, redirects, refusals and failures."""
    caplog.set_level(logging.NOTSET)
    secret = "s3cr3tw0rd"
    server.on(f"/ok?token={secret}", answer(b"x"))
    server.on(f"/r?token={secret}", redirect(f"/ok?token={secret}"))
    server.on(f"/down?token={secret}", redirect(f"file:///{secret}"))
    server.on(f"/cut?token={secret}", [CLOSE])
    server.on(f"/echo?token={secret}", [b"HTTP/1.1 200 OK\r\n" + secret.encode() + b"\r\n\r\n"])
    told = ""
    for path in ("ok", "r", "down", "cut", "echo"):
        url = server.url(f"/{path}?token={secret}").replace("://", f"://desk:{secret}@")
        answered = await client.get(
            Request(url=url, secret_headers=(("X-Api-Key", secret.encode()),))
        )
        told += (
            getattr(answered, "why", "")
            + " "
            + (answered.url if path in ("down", "cut", "echo") else "")
        )
    hook = await client.post(server.url(f"/any/{secret}?{secret}"), b"x")
    refused = await client.post(f"http://u:{secret}@10.0.0.1/any/{secret}", b"x")
    broken = await client.post(f"http://a b/any/{secret}", b"x")
    told += failed(broken, FailureKind.REFUSED).url + failed(broken, FailureKind.REFUSED).why
    told += (
        hook.url
        + failed(refused, FailureKind.REFUSED).url
        + failed(refused, FailureKind.REFUSED).why
    )
    assert secret not in told
    assert secret not in caplog.text
    assert "/***" in told


@pytest.mark.anyio
async def test_s45_robots_refusals_hide_tokens(client: Client, server: Server) -> None:
    server.on("/robots.txt", answer(b"User-agent: *\nDisallow: /"))
    refused = await client.article(server.url("/page?token=s3cr3t"))
    assert "s3cr3t" not in failed(refused, FailureKind.ROBOTS).why
