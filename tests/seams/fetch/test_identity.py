"""Requests say who we are, and are sent as configured, as their raw bytes show."""

from __future__ import annotations

from contextlib import AsyncExitStack

import httpx
import pytest
from support.answers import good
from support.server import Server, answer, redirect

from monitor.fetch.client import Client, FetchSettings
from monitor.fetch.guard import Guard, RefusedError, Rules
from monitor.fetch.transport import Transport
from monitor.model import Request

pytestmark = pytest.mark.anyio


async def test_p02_p03_p04_p05_header_bytes_survive_both_ways(
    client: Client, server: Server
) -> None:
    """Validators come in and go out byte for byte, whatever they look like."""
    etags = [b'"abc-gzip"', b'""', rb'"a,b\c"', b'W/"x"', b"unquoted", b'"caf\xe9"']
    dates = [b"Tue, 5 Mar 2024 1:02:03 +0000", b"Mon, 05 Mar 2024 01:02:03 GMT", b"yesterday"]
    for number, value in enumerate([*etags, *dates]):
        server.on("/f", answer(headers=[("X-Before", "1"), ("ETag", value)]))
        received = good(await client.get(Request(url=server.url("/f")))).header("etag")
        assert received == value, number
        await client.get(Request(url=server.url("/f"), headers=(("If-None-Match", received),)))
        assert b"\r\nIf-None-Match: " + value + b"\r\n" in server.requests[-1].raw


async def test_p06_no_conditional_header_is_invented(client: Client, server: Server) -> None:
    server.on("/f", answer(headers={"ETag": '"x"', "Last-Modified": "yesterday"}))
    await client.get(Request(url=server.url("/f")))
    await client.get(Request(url=server.url("/f")))
    assert all(b"If-" not in seen.raw for seen in server.requests)


async def test_p65_p67_the_whole_request_is_known(make_client, server: Server) -> None:
    """A request has product, version, URL and contact, and no cookie, Referer, From or others."""
    client = await make_client(
        version="1.2", user_agent_url="https://monitor.example/", contact="desk@monitor.example"
    )
    await client.get(Request(url=server.url("/f")))
    assert server.requests[0].raw.split(b"\r\n") == [
        b"GET /f HTTP/1.1",
        f"Host: 127.0.0.1:{server.port}".encode(),
        b"User-Agent: monitor/1.2 (+https://monitor.example/; desk@monitor.example)",
        b"Accept: */*",
        b"Accept-Encoding: gzip, deflate, br",
        b"",
        b"",
    ]


def test_p65_a_contact_cannot_break_the_header() -> None:
    settings = FetchSettings(version="1", contact="Büro\r\nX: y")
    assert settings.user_agent == "monitor/1 (B?ro??X: y)"


async def test_p65_identity_cannot_be_overridden(client: Client, server: Server) -> None:
    headers = (("User-Agent", b"Mozilla/5.0"), ("Referer", b"http://x/"), ("From", b"a@b"))
    await client.get(Request(url=server.url("/f"), headers=headers))
    assert b"Mozilla" not in server.requests[0].raw
    assert server.requests[0].header("referer") is server.requests[0].header("from") is None


async def test_p66_no_cookie_comes_back(client: Client, server: Server) -> None:
    cookie = ("Set-Cookie", "id=1; Path=/")
    server.on("/f", answer(headers=[cookie]))
    server.on("/r", answer(status=302, headers=[cookie, ("Location", "/f")]))
    for path in ("/f", "/r", "/f"):
        await client.get(Request(url=server.url(path)))
    assert len(server.requests) == 4
    assert all(seen.header("cookie") is None for seen in server.requests)


@pytest.mark.parametrize(
    ("configured", "sent"),
    [
        ("/a%2Fb%2fc", "/a%2Fb%2fc"),
        ("/feed?", "/feed?"),
        ("//double//slash/../up/./", "//double//slash/../up/./"),
        ("/q?a=1&&b=%zz&c=[x]|{y}^`'\"<>", "/q?a=1&&b=%zz&c=[x]|{y}^`'\"<>"),
        ("/f#part", "/f"),
        ("/f?x#part?y", "/f?x"),
        ("?only=query", "/?only=query"),
        ("", "/"),
        ("/über?q=é", "/%C3%BCber?q=%C3%A9"),
        ("/with space", "/with%20space"),
        ("/a;b=1,2:3@4", "/a;b=1,2:3@4"),
        ("/a%E9", "/a%E9"),
        ("/back\\slash", "/back\\slash"),
    ],
)
async def test_p68_the_url_is_asked_as_configured(
    client: Client, server: Server, configured: str, sent: str
) -> None:
    url = server.url(configured)
    answered = good(await client.get(Request(url=url)))
    assert server.requests[0].target == sent.encode()
    assert answered.url == url


async def test_p71_only_get_and_no_range(client: Client, server: Server) -> None:
    server.on("/r", redirect("/f"))
    await client.get(Request(url=server.url("/r")))
    await client.article(server.url("/page"))
    assert {seen.method for seen in server.requests} == {"GET"}
    assert all(seen.header("range") is None for seen in server.requests)


async def test_p74_credentials_in_the_url_become_basic_auth(client: Client, server: Server) -> None:
    url = server.url("/f").replace("://", "://desk:p%40ss@")
    assert good(await client.get(Request(url=url))).url == url
    assert server.requests[0].header("authorization") == b"Basic ZGVzazpwQHNz"
    assert server.requests[0].header("host") == f"127.0.0.1:{server.port}".encode()


@pytest.mark.parametrize("how", ["host", "port", "scheme"])
async def test_p61_secrets_stay_with_their_origin(make_client, server: Server, how: str) -> None:
    """Basic auth, a key and a cookie that are given for one origin reach no other."""
    async with Server() as other:
        target = {
            "host": server.url("/there", "b.test"),
            "port": other.url("/there", "a.test"),
            "scheme": server.url("/there", "a.test").replace("http:", "https:"),
        }[how]

        async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", port)]

        # TLS to a server that speaks none ends with the deadline.
        client = await make_client(resolve, timeout_s=0.5)
        server.on("/r", redirect(target))
        server.on("/same", redirect("/r"))
        secrets = (("X-Api-Key", b"k3y"), ("Cookie", b"s=1"))
        url = server.url("/same", "a.test").replace("://", "://u:pw@")
        await client.get(Request(url=url, secret_headers=secrets))
        first, second, *rest = [*server.requests, *other.requests]
        for seen in (first, second):
            assert seen.header("x-api-key") == b"k3y"
            assert seen.header("authorization") and seen.header("cookie")
        for seen in rest:
            assert b"k3y" not in seen.raw and b"Authorization" not in seen.raw
            assert seen.header("cookie") is None
        assert bool(rest) == (how != "scheme")


@pytest.mark.parametrize(
    "status", [200, 203, 204, 205, 206, 226, 300, 304, 404, 410, 418, 500, 999]
)
async def test_p94_every_status_is_an_answer(client: Client, server: Server, status: int) -> None:
    server.on("/f", answer(b"" if status in (204, 304) else b"text", status))
    answered = good(await client.get(Request(url=server.url("/f"))))
    assert answered.status == status


async def test_a_post_carries_its_body_and_follows_no_redirect(
    client: Client, server: Server
) -> None:
    server.on("/hook", redirect("/elsewhere", 307))
    headers = [("Content-Type", b"application/json")]
    answered = good(await client.post(server.url("/hook"), b'{"text":"x"}', headers))
    assert answered.status == 307
    assert [(seen.method, seen.body) for seen in server.requests] == [("POST", b'{"text":"x"}')]
    assert server.requests[0].header("content-length") == b"12"


async def test_any_httpx_client_can_use_the_transport(server: Server) -> None:
    """The httpx API is the boundary, and the guard holds behind it too."""
    server.on("/f", answer(b"x"))
    here = Transport(Guard(Rules.of(("127.0.0.1",), ()), server.resolver()))
    async with httpx.AsyncClient(transport=here) as client:
        assert (await client.get(server.url("/f"))).content == b"x"
    outside = Transport(Guard(Rules.of((), (server.port,)), server.resolver()))
    async with httpx.AsyncClient(transport=outside) as client:
        with pytest.raises(RefusedError):
            await client.get(server.url("/f"))
    assert server.connections == 1


async def test_an_ipv6_server_is_asked_by_its_address(make_client) -> None:
    client = await make_client(allow_private=("::1",))
    async with AsyncExitStack() as stack:
        try:
            server = await stack.enter_async_context(Server(host="::1"))
        except OSError:
            pytest.skip("this machine has no IPv6")
        url = f"http://[::1]:{server.port}/f"
        assert good(await client.get(Request(url=url))).url == url
        assert server.requests[0].header("host") == f"[::1]:{server.port}".encode()
