"""We follow redirects ourselves: only a few, each hop checked and recorded."""

from __future__ import annotations

import pytest
from support.answers import failed, good
from support.server import Server, answer, redirect

from monitor.fetch.client import Client
from monitor.model import FailureKind, Hop, Request

pytestmark = pytest.mark.anyio


async def test_p55_p56_p57_hops_are_recorded_with_status_and_absolute_url(
    client: Client, server: Server
) -> None:
    server.on("/1", redirect("2?x", 301))
    server.on("/2?x", redirect(f"//127.0.0.1:{server.port}/3", 302))
    server.on("/3", redirect(server.url("/end#part"), 308))
    server.on("/end", answer(b"here"))
    answered = good(await client.get(Request(url=server.url("/1"))))
    assert answered.hops == (
        Hop(301, server.url("/2?x")),
        Hop(302, server.url("/3")),
        Hop(308, server.url("/end")),
    )
    assert (answered.url, answered.body) == (server.url("/end"), b"here")


async def test_p50_five_hops_and_no_more(client: Client, server: Server) -> None:
    for number in range(1, 7):
        server.on(f"/{number}", redirect(f"/{number - 1}"))
    server.on("/0", answer(b"end"))
    assert len(good(await client.get(Request(url=server.url("/5")))).hops) == 5
    failure = failed(await client.get(Request(url=server.url("/6"))), FailureKind.REDIRECTS)
    assert [hop.url for hop in failure.hops] == [server.url(f"/{n}") for n in (5, 4, 3, 2, 1)]
    assert failure.why.endswith(" -> ".join(hop.url for hop in failure.hops))


async def test_p50_a_loop_ends(client: Client, server: Server) -> None:
    """No address in it is asked twice, since we bring no cookies that could change the answer."""
    server.on("/a", redirect("/b"))
    server.on("/b", redirect("/a"))
    failure = failed(await client.get(Request(url=server.url("/a"))), FailureKind.REDIRECTS)
    chain = f"{server.url('/b')} -> {server.url('/a')}"
    assert failure.why == f"redirects in a circle: {chain}"
    assert len(server.requests) == 2
    server.on("/self", redirect("/self#again"))
    failed(await client.get(Request(url=server.url("/self"))), FailureKind.REDIRECTS)
    assert len(server.asked("/self")) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "target", ["http://10.0.0.1/", "http://[::1]/", "http://inner.test/", "http://127.1.1.1:22/"]
)
async def test_s06_a_redirect_inward_is_refused(
    make_client, server: Server, status: int, target: str
) -> None:
    """Redirects inward are refused for every status, to an address, a name or another port."""

    async def resolve(host: str, port: int) -> list[tuple[str, int]]:
        return [("127.0.0.1", server.port) if host == "feed.test" else ("192.168.1.1", port)]

    client = await make_client(resolve, allow_private=("feed.test",))
    server.on("/r", redirect("/second"))
    server.on("/second", redirect(target, status))
    failure = failed(await client.get(Request(url="http://feed.test/r")), FailureKind.REFUSED)
    assert [hop.url for hop in failure.hops] == ["http://feed.test/second", target]


@pytest.mark.parametrize(
    "location",
    [
        *("file:///etc/passwd", "ftp://h/x", "gopher://h/", "data:text/html,x", "javascript:1"),
        *("http://", "http:///x", "http://a@b@127.0.0.1/", "http://127.0.0.1\\@x/", "//[::1"),
    ],
)
async def test_s06_s07_a_redirect_out_of_http_is_refused(
    client: Client, server: Server, location: str
) -> None:
    server.on("/r", redirect(location))
    failed(await client.get(Request(url=server.url("/r"))), FailureKind.REFUSED)
    assert len(server.requests) == 1


async def test_a_location_of_raw_bytes_is_followed(client: Client, server: Server) -> None:
    """UTF-8 and Latin-1 are common in Location; they are sent on percent-encoded."""
    server.on("/utf8", redirect("/caf\u00e9".encode()))
    server.on("/latin1", redirect(b"/caf\xe9 noir"))
    await client.get(Request(url=server.url("/utf8")))
    await client.get(Request(url=server.url("/latin1")))
    assert [seen.path for seen in server.requests[1::2]] == ["/caf%C3%A9", "/caf%C3%A9%20noir"]


async def test_credentials_chosen_by_a_redirect_are_not_sent(
    client: Client, server: Server
) -> None:
    server.on("/r", redirect(server.url("/f").replace("://", "://them:pw@")))
    await client.get(Request(url=server.url("/r")))
    assert server.requests[1].header("authorization") is None


async def test_a_redirect_without_location_is_an_answer(client: Client, server: Server) -> None:
    server.on("/r", answer(b"where?", 302))
    assert good(await client.get(Request(url=server.url("/r")))).status == 302
