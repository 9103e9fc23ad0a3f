"""TLS certificates are checked for chain, date and name; an own authority can be added."""

from __future__ import annotations

import asyncio
import ssl
from pathlib import Path

import pytest
from support.answers import failed, good
from support.server import Server, answer

from monitor.fetch.transport import trust
from monitor.model import FailureKind, Request

pytestmark = pytest.mark.anyio

CERTS = Path(__file__).parent / "certs"
AUTHORITY = str(CERTS / "authority.pem")


def serving(name: str) -> Server:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTS / f"{name}.pem")
    return Server(tls=context)


async def test_p73_a_good_certificate_is_accepted_for_its_name(make_client) -> None:
    """The certificate must have the URL's name, which Host says too, not the address."""
    async with serving("good") as server:
        server.on("/f", answer(b"x"))
        client = await make_client(server.resolver("feed.test"), ca_file=AUTHORITY)
        assert good(await client.get(Request(url="https://feed.test/f"))).body == b"x"
        assert good(await client.get(Request(url="https://feed.test/f"))).body == b"x"
        assert server.requests[0].header("host") == b"feed.test"
        assert server.connections == 1


@pytest.mark.parametrize(
    ("name", "ca_file", "why"),
    [
        ("expired", AUTHORITY, "certificate: certificate has expired"),
        ("other-name", AUTHORITY, "certificate: Hostname mismatch"),
        ("self-signed", AUTHORITY, "certificate: self-signed certificate"),
        ("good", "", "certificate: unable to get local issuer certificate"),
    ],
)
async def test_p73_what_does_not_hold_is_an_error_and_nothing_is_sent(
    make_client, name: str, ca_file: str, why: str
) -> None:
    async with serving(name) as server:
        client = await make_client(server.resolver("feed.test"), ca_file=ca_file)
        failure = failed(await client.get(Request(url="https://feed.test/f")), FailureKind.TLS)
        assert failure.why.startswith(why)
        assert server.requests == []


@pytest.mark.parametrize("name", ["expired", "other-name", "self-signed"])
async def test_p73_an_exception_takes_the_certificate_as_it_comes_for_one_request(
    make_client, name: str
) -> None:
    """Before and after the exception the address gets full checks, on other connections."""
    async with serving(name) as server:
        server.on("/f", answer(b"x"))
        client = await make_client(server.resolver("feed.test"), ca_file=AUTHORITY)
        excepted = Request(url="https://feed.test/f", unverified=True)
        usual = Request(url="https://feed.test/f")
        failed(await client.get(usual), FailureKind.TLS)
        for _ in range(2):
            assert good(await client.get(excepted)).body == b"x"
            failed(await client.get(usual), FailureKind.TLS)
            failed(await client.article("https://feed.test/f"), FailureKind.ROBOTS)
        assert [seen.path for seen in server.requests] == ["/f", "/f"]


async def test_p73_an_exception_is_for_the_origin_it_was_made_for(make_client) -> None:
    """A feed that has moved gets full checks, and so does the target of a redirect."""
    async with serving("expired") as server:
        server.on("/r", answer(status=302, headers={"Location": "https://b.test/f"}))
        client = await make_client(server.resolver("feed.test", "b.test"), ca_file=AUTHORITY)
        moved = Request(url="https://b.test/f", home="https://feed.test/f", unverified=True)
        failed(await client.get(moved), FailureKind.TLS)
        leaves = Request(url="https://feed.test/r", home="https://feed.test/f", unverified=True)
        failure = failed(await client.get(leaves), FailureKind.TLS)
        assert [hop.url for hop in failure.hops] == ["https://b.test/f"]
        assert [seen.path for seen in server.requests] == ["/r"]


async def test_p73_plain_text_behind_https_is_an_error(make_client) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(greet, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        client = await make_client()
        answered = await client.get(Request(url=f"https://127.0.0.1:{port}/"))
        failed(answered, FailureKind.TLS)


async def test_p59_https_to_http_is_refused_and_http_to_https_followed(make_client) -> None:
    async with serving("good") as safe, Server() as plain:

        async def resolve(_host: str, port: int) -> list[tuple[str, int]]:
            return [("127.0.0.1", safe.port if port == 443 else plain.port)]

        client = await make_client(resolve, ca_file=AUTHORITY)
        safe.on("/down", answer(status=301, headers={"Location": "http://feed.test/f"}))
        safe.on("/f", answer(b"safe"))
        plain.on("/up", answer(status=301, headers={"Location": "https://feed.test/f"}))
        down = failed(await client.get(Request(url="https://feed.test/down")), FailureKind.REFUSED)
        assert down.why == "redirect refused: it leads from https to http"
        assert plain.requests == []
        assert good(await client.get(Request(url="http://feed.test/up"))).body == b"safe"


async def test_p73_names_and_chains_are_checked_by_default() -> None:
    context = trust()
    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
