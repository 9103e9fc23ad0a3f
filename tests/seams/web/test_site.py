"""What strangers, hubs and probes get to see of us, over a real connection."""

from __future__ import annotations

import asyncio
import random
import re
import secrets
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from hashlib import sha256
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from bs4 import BeautifulSoup
from justhtml import JustHTML
from sqlalchemy import text
from support.databases import fill_up
from support.hub import CALLBACK, PUBLIC, Hub
from support.server import Server, answer
from support.site import MAX_BYTES, WEB, Failing, asking
from support.values import NOW, article
from support.world import rss, world

from monitor.config.sections import WebSection
from monitor.errors import TryLaterError, UnavailableError
from monitor.model import Feed, Push, Recipient
from monitor.model import Hub as Named
from monitor.pipeline import poll, push
from monitor.pipeline.parts import Callback, Parts
from monitor.store import Store, articles, feeds, pushes, recipients
from monitor.testing import FakeClock
from monitor.web import serve, site
from monitor.web.serve import serving
from monitor.web.stop import stop_page

pytestmark = pytest.mark.anyio
SECURE = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}


@asynccontextmanager
async def agreed(store: Store, clock: FakeClock) -> AsyncIterator[tuple[Parts, Hub]]:
    """Yield parts with a feed that a hub pushes, and the hub."""
    words = iter(f"chance{number}" for number in range(1, 99))
    callback = Callback(CALLBACK, lambda: next(words))
    async with Server(clock=clock.monotonic) as server:
        hub = Hub(server)
        links = {"Link": f'<{hub.url}>; rel="hub"'}
        server.on("/feed", answer(rss(), headers=links))
        wanted = [Feed(url=server.url("/feed"))]
        async with (
            world(store, clock, wanted, callback=callback) as parts,
            serving(parts, WEB, MAX_BYTES) as hub.reach,
        ):
            await poll.run(parts, await poll.due(parts, clock.now()), clock.now())
            await push.run(parts, await push.due(parts, clock.now()), clock.now())
            assert (await hub.verify())[0] == 200
            yield parts, hub


async def test_without_enabled_the_site_alone_knows_no_hub(store: Store, clock: FakeClock) -> None:
    """With `[web] enabled`, `monitor web` answers the hubs that the daemon agreed with.

    Without it no hub is asked (P101), and none is answered.
    """
    async with agreed(store, clock) as (parts, hub):
        for callback, status in ((parts.callback, 202), (None, 404)):
            async with serving(replace(parts, callback=callback), WEB, MAX_BYTES) as hub.reach:
                assert await hub.push(rss()) == status


def secure(got: httpx.Response) -> bool:
    """Return whether all security headers are there once, and assert that no server is named."""
    names = [name.lower() for name, _ in got.headers.multi_items()]
    assert "server" not in names
    (rules,) = got.headers.get_list("content-security-policy")
    if not (rules.startswith("default-src 'none'; ") and "frame-ancestors 'none'" in rules):
        return False
    return all(got.headers.get_list(name) == [value] for name, value in SECURE.items())


# ------------------------------------------------------------------- what is answered


async def test_F106_alive_and_ready_are_two_questions(store: Store, clock: FakeClock) -> None:
    """Ready means a database and running timers; alive means able to answer."""
    turning = [True]
    async with world(store, clock) as parts, asking(parts, turning=lambda: turning[0]) as client:
        assert (await client.get("/healthz")).status_code == 200
        assert (await client.get("/readyz")).status_code == 200
        turning[0] = False
        assert (await client.get("/readyz")).status_code == 503
        assert (await client.get("/healthz")).status_code == 200


async def test_the_site_waits_for_the_word_to_stop_and_does_not_look_for_it(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The only timed pause is uvicorn's own, in which connections may end."""
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    async with world(store, clock) as parts:
        monkeypatch.setattr(asyncio, "sleep", noted)
        async with asking(parts) as client:
            assert (await client.get("/healthz")).headers["date"]
    assert [seconds for seconds in slept if seconds] == [0.1]


@pytest.mark.parametrize("reason", [UnavailableError("gone"), TimeoutError()])
async def test_F106_without_a_database_it_is_not_ready(
    store: Store, clock: FakeClock, reason: Exception
) -> None:
    """The answer does not say where the database should be (S62)."""
    async with world(store, clock) as parts:
        broken = replace(parts, store=Failing(reason))
        async with asking(broken) as client:
            got = await client.get("/readyz")
            assert (got.status_code, got.text) == (503, "the database does not answer")
            assert (await client.get("/healthz")).status_code == 200


@pytest.mark.parametrize("kind", ["sqlite"])
async def test_F20_F23_F24_I6_a_disk_that_takes_no_writes_is_seen_and_so_is_its_end(
    store: Store, clock: FakeClock
) -> None:
    """Reading goes on; probes and metrics report it, even if nobody else writes."""

    def make_room() -> None:
        with store._writing.connect() as connection:  # not by one of the store's own writes
            connection.execute(text("PRAGMA max_page_count = 1000000"))

    large = [articles.New(article(text="w" * 1_000_000), [], False, NOW)]
    async with world(store, clock) as parts, asking(parts) as client:
        await store.write(fill_up)
        with pytest.raises(TryLaterError):
            await store.write(articles.insert, large)
        ready = await client.get("/readyz")
        assert (ready.status_code, ready.text) == (503, "the database takes no writes")
        assert "\nmonitor_writes_refused 1\n" in (await client.get("/metrics")).text
        make_room()
        assert (await client.get("/readyz")).text == "ready"
        assert "\nmonitor_writes_refused 0\n" in (await client.get("/metrics")).text


async def test_F30_the_size_of_the_log_is_a_metric(store: Store, clock: FakeClock) -> None:
    """A PostgreSQL server reports its own."""
    async with world(store, clock) as parts, asking(parts) as client:
        await store.write(articles.insert, [articles.New(article(), [], False, NOW)])
        told = (await client.get("/metrics")).text
    found = re.search(r"^monitor_database_log_bytes (\d+)$", told, re.MULTILINE)
    assert bool(found) is not store.shared
    assert found is None or int(found[1]) > 4_096


async def test_s53_every_answer_has_the_headers_and_none_names_the_server(
    store: Store, clock: FakeClock
) -> None:
    """Good answers, refusals, wrong methods and wrong hosts are covered."""
    async with agreed(store, clock) as (_parts, hub):
        callback = hub.forms[0]["hub.callback"]
        answers = [
            await hub.call("GET", callback),
            await hub.call("DELETE", callback),
            await hub.call("POST", callback, content=b"x" * (MAX_BYTES + 1)),
            await hub.call("POST", callback, content=b"x"),
            await hub.call("GET", f"{PUBLIC}/healthz", headers={"Host": "localhost"}),
            await hub.call("POST", f"{PUBLIC}/healthz", headers={"Host": "localhost"}),
            await hub.call("GET", f"{PUBLIC}/readyz", headers={"Host": "localhost"}),
            await hub.call("GET", f"{PUBLIC}/metrics", headers={"Host": "localhost"}),
            await hub.call("GET", f"{PUBLIC}/x", headers={"Host": "localhost"}),
            await hub.call("GET", f"{PUBLIC}/stories/1", headers={"Host": "localhost"}),
            await hub.call("GET", f"{PUBLIC}/", headers={"Host": "evil.test"}),
            await hub.call("GET", f"{PUBLIC}/metrics"),
        ]
    assert [got.status_code for got in answers] == [
        *(404, 405, 413, 202, 200, 405, 200, 200, 404, 404, 400, 404)
    ]
    assert all(secure(got) for got in answers)


@pytest.mark.parametrize("fault", [RuntimeError("secret path /etc"), KeyError("x")])
async def test_s62_a_fault_of_ours_shows_nothing_of_itself(
    store: Store, clock: FakeClock, fault: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    """The fault is in the log and not in the answer."""
    async with world(store, clock) as parts:
        broken = replace(parts, store=Failing(fault), callback=Callback(CALLBACK, str))
        async with asking(broken) as client:
            for path in ("/metrics", "/websub/x"):
                got = await client.get(path)
                assert (got.status_code, got.text) == (500, "internal error")
                assert secure(got)
    assert type(fault).__name__ in caplog.text


async def test_a_database_that_waits_makes_the_hub_try_again(
    store: Store, clock: FakeClock
) -> None:
    """A 503 keeps the push from being lost, and the hub's next try is taken."""
    async with agreed(store, clock) as (parts, hub):
        busy = replace(parts, store=Failing(TryLaterError("the database is locked")))
        async with serving(busy, WEB, MAX_BYTES) as there:
            here, hub.reach = hub.reach, there
            assert await hub.push(rss()) == 503
        hub.reach = here
        assert await hub.push(rss()) == 202


@pytest.mark.parametrize(
    ("host", "path", "status"),
    [
        ("localhost", "/metrics", 200),
        ("LOCALHOST:1", "/metrics", 200),
        ("[::1]:8400", "/metrics", 200),
        ("127.0.0.1", "/metrics", 200),
        ("inner.test.", "/metrics", 200),
        ("monitor.test", "/metrics", 404),
        ("monitor.test", "/healthz", 404),
        ("monitor.test", "/websub", 404),
        ("evil.test", "/metrics", 400),
        ("evil.test", "/websub/x", 400),
        ("localhost.evil.test", "/metrics", 400),
        ("127.0.0.1.evil.test", "/metrics", 400),
        ("localhost@evil.test", "/metrics", 400),
        ("", "/metrics", 400),
        (":8400", "/metrics", 400),
    ],
)
async def test_s57_only_our_own_names_are_answered(
    store: Store, clock: FakeClock, host: str, path: str, status: int
) -> None:
    """A page that rebinds its name to loopback gets nothing; the public name serves only hubs."""
    web = WEB.model_copy(update={"hosts": ("inner.test",)})
    async with world(store, clock) as parts, asking(parts, web) as client:
        got = await client.get(path, headers={"Host": host})
    assert got.status_code == status


async def test_s57_without_a_public_address_no_empty_name_is_public(
    store: Store, clock: FakeClock
) -> None:
    async with world(store, clock) as parts, asking(parts, WebSection(port=0)) as client:
        got = await client.get("/websub/x", headers={"Host": ""})
    assert got.status_code == 400


LEAD_AWAY = (
    *("/healthz/", "//evil.test/", "//evil.test/healthz/", "/\\evil.test/", "/stop/x/", "/search/"),
    *("/../healthz", "/%2e%2e/healthz", "/pages/../../etc/passwd", "/%2e%2e%2f%2e%2e%2fetc/passwd"),
    *("/feeds/..%2f..%2fm.sqlite3", "/feeds/%2e%2e", "/style.css/../../site.py", "/..%5csite.py"),
    *("/http://evil.test/", "/?next=//evil.test", "/search?next=//evil.test&q=x", "/api/v1/"),
)


async def test_s60_no_path_leads_out_of_the_site(store: Store, clock: FakeClock) -> None:
    """No answer redirects, not even from a path with a stroke too many, and none holds a file."""
    async with world(store, clock) as parts, serving(parts, WEB, MAX_BYTES) as where:
        host, _, port = where[7:].partition(":")
        for path in LEAD_AWAY:  # as written: httpx would tidy it
            reader, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            got = (await reader.read()).decode()
            writer.close()
            assert got.split()[1] in (("200",) if "?next=" in path else ("400", "404")), path
            assert "\r\nlocation:" not in got.lower(), path
            assert "evil.test" not in got.partition("\r\n\r\n")[0], path
            assert "root:" not in got, path


# ------------------------------------------------------------------- what hubs may do


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_s59_s60_all_tokens_that_are_none_are_answered_alike(
    store: Store, clock: FakeClock, method: str
) -> None:
    """Near misses, long or odd tokens, and none at all get one answer, byte for byte."""
    async with agreed(store, clock) as (_parts, hub):
        token = hub.forms[0]["hub.callback"].removeprefix(CALLBACK)
        guesses = [
            *(token[:-1], token + "x", token.upper(), "x", "x" * 5000, quote("é\x00\n"), "%00"),
            *("..%2f..%2fetc", "%2e%2e", "a/b", "", " ", "%", "%ff%fe", "'--"),
        ]
        seen = set()
        for guess in guesses:
            got = await hub.call(method, CALLBACK + guess, content=b"x" * 100)
            told = {name: value for name, value in got.headers.items() if name != "date"}
            seen.add((got.status_code, got.content, tuple(sorted(told.items()))))
    assert len(seen) == 1
    assert seen.pop()[0] == 404


async def test_S76_only_a_click_with_a_token_of_ours_stops_a_digest(
    store: Store, clock: FakeClock
) -> None:
    """Only a POST with the exact token changes anything, for its reader's one digest alone.

    Scanners that follow every link, guesses, and altered or foreign tokens change nothing.
    """
    ann, ben = (Recipient("email", f"{name}@desk.example") for name in ("ann", "ben"))
    words = iter(secrets.token_urlsafe(32) for _ in range(9))
    for digest in ("morning", "evening"):
        store.write_now(recipients.tokens, digest, [ann, ben], lambda: next(words))
    known = store.read_now(recipients.known_tokens, "morning")
    token, others = known[ann], known[ben]
    altered = (token[:-1], token + "x", token.swapcase(), f"{token}/", f"{token}%00", others[::-1])

    def stopped() -> list[set[Recipient]]:
        return [store.read_now(recipients.stopped, name) for name in ("morning", "evening")]

    async with world(store, clock) as parts, asking(parts) as client:
        client.headers["Host"] = "monitor.test"
        for method in ("GET", "HEAD"):
            assert (await client.request(method, f"/stop/{token}")).status_code == 200
        for method in ("PUT", "DELETE", "OPTIONS", "PATCH"):
            assert (await client.request(method, f"/stop/{token}")).status_code == 405
        for guess in altered:
            assert (await client.post(f"/stop/{guess}")).status_code == 404
        assert stopped() == [set(), set()]
        body = {"List-Unsubscribe": "One-Click"}
        assert (await client.post(f"/stop/{token}", data=body)).status_code == 200
        assert stopped() == [{ann}, set()]
        store.write_now(recipients.resume, ann)
        assert (await client.get(f"/stop/{token}")).status_code == 200
        assert stopped() == [set(), set()]
    assert len(token) == 43  # 256 bits of chance


@pytest.mark.parametrize(("name", "done"), [("Deš<k>", False), ("Desk", True), (None, False)])
async def test_D07_the_page_that_stops_a_digest_is_one_to_read(
    name: str | None, done: bool
) -> None:
    """It has a language, one heading, a main part, both modes and a width for phones; nothing runs.

    Its style sheet stands in it, and is the only one that a browser will apply.
    """
    got = stop_page(name, done=done)
    page = bytes(got.body).decode()
    JustHTML(page, strict=True)
    soup = BeautifulSoup(page, "lxml")
    assert soup.html["lang"] == "en"
    assert len(soup.find_all("h1")) == len(soup.find_all("main")) == 1
    assert soup.find("meta", attrs={"name": "viewport"})
    assert soup.find("meta", attrs={"name": "color-scheme"})["content"] == "light dark"
    sheet = soup.style.string
    assert "prefers-color-scheme: dark" in sheet
    hashed = b64encode(sha256(sheet.encode()).digest()).decode()
    assert f"style-src 'sha256-{hashed}'" in got.headers["content-security-policy"]
    assert bool(soup.form) is (name is not None and not done)
    assert got.status_code == (404 if name is None else 200)
    assert soup.find("bdi") is None or soup.bdi.get_text() == name


async def test_s59_a_token_is_found_by_its_hash(store: Store, clock: FakeClock) -> None:
    """The search's duration depends on a hash of the guess, which nobody can steer."""
    async with agreed(store, clock) as (parts, hub):
        token = hub.forms[0]["hub.callback"].removeprefix(CALLBACK)
        assert store.read_now(pushes.of_key, token) is None
        found = await push.find(parts, token)
    assert found is not None
    assert found.hub == Named(hub.url, found.hub.topic)


async def test_s55_a_look_at_the_callback_changes_nothing(store: Store, clock: FakeClock) -> None:
    """HEAD does not count as verification, even at an address that asks for one."""
    async with agreed(store, clock) as (parts, hub):
        before = await held(parts)
        form = hub.forms[0]
        query = {"hub.mode": "denied", "hub.topic": form["hub.topic"]}
        got = await hub.call("HEAD", form["hub.callback"], params=query)
        assert got.status_code == 404
        assert await held(parts) == before


async def held(parts: Parts) -> Push | None:
    return await parts.store.read(pushes.get, 1)


async def test_a_challenge_is_echoed_as_no_page(store: Store, clock: FakeClock) -> None:
    """W3C WebSub, 8.2: the echo has a media type that no browser runs, and nosniff."""
    async with agreed(store, clock) as (_parts, hub):
        form = hub.forms[0]
        query = {
            "hub.mode": "subscribe",
            "hub.topic": form["hub.topic"],
            "hub.challenge": "<script>alert(1)</script>",
        }
        got = await hub.call("GET", form["hub.callback"], params=query)
    assert got.text == "<script>alert(1)</script>"
    assert got.headers["content-type"] == "application/octet-stream"
    assert secure(got)


async def test_a_body_over_the_limit_is_413_whether_announced_or_not(
    store: Store, clock: FakeClock
) -> None:
    """A body at the limit is read; none over it is kept or counted, and the hub is told."""
    async with agreed(store, clock) as (_parts, hub):

        async def endless() -> AsyncIterator[bytes]:
            for _ in range(1000):
                yield b"x" * 1000

        callback = hub.forms[0]["hub.callback"]
        announced = await hub.call("POST", callback, content=b"x" * (MAX_BYTES + 1))
        lying = await hub.call("POST", callback, content=endless())
        just = await hub.call("POST", callback, content=b"x" * MAX_BYTES)
    assert [got.status_code for got in (announced, lying, just)] == [413, 413, 202]
    (status,) = store.read_now(feeds.statuses)
    assert status.push_ignored == 1


async def test_a_body_that_is_announced_too_large_is_not_waited_for(
    store: Store, clock: FakeClock
) -> None:
    """A Content-Length that is too large is answered before any of the body comes."""
    async with agreed(store, clock) as (_parts, hub):
        reader, writer = await asyncio.open_connection(*hub.reach[7:].split(":"))
        path = hub.forms[0]["hub.callback"].removeprefix(PUBLIC)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: monitor.test\r\n".encode())
        writer.write(f"Content-Length: {MAX_BYTES + 1}\r\n\r\n".encode())
        assert (await reader.readline()).startswith(b"HTTP/1.1 413 ")
        writer.close()


async def test_a_body_that_does_not_come_is_given_up(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body may occupy one of the few places only as long as is allowed."""
    monkeypatch.setattr(site, "BODY_S", 0.1)
    async with agreed(store, clock) as (_parts, hub):
        reader, writer = await asyncio.open_connection(*hub.reach[7:].split(":"))
        path = hub.forms[0]["hub.callback"].removeprefix(PUBLIC)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: monitor.test\r\n".encode())
        writer.write(b"Content-Length: 100\r\n\r\nx")
        assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        await reader.read()  # the end of the connection
        writer.close()


async def test_a_connection_that_says_nothing_is_cut(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection that is silent from its start, or stops within its head, is closed."""
    monkeypatch.setattr(serve, "LONGEST_S", 0.1)
    async with world(store, clock) as parts, serving(parts, WEB, MAX_BYTES) as where:
        for said in (b"", b"GET /healthz HTTP/1.1\r\nHost:"):
            reader, writer = await asyncio.open_connection(*where[7:].split(":"))
            writer.write(said)
            assert await reader.read() == b""
            writer.close()


async def test_no_answer_waits_for_the_acknowledgement_of_its_head(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Holding back small pieces would cost 40 ms for each page."""
    prompt: list[int] = []
    made = serve._Connection.connection_made

    def noted(connection: Any, transport: asyncio.Transport) -> None:
        peer = transport.get_extra_info("socket")
        prompt.append(peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))
        made(connection, transport)

    monkeypatch.setattr(serve._Connection, "connection_made", noted)
    async with world(store, clock) as parts, asking(parts) as client:
        await client.get("/healthz")
    assert prompt == [1]


async def test_a_port_that_is_taken_is_told_with_its_setting(
    store: Store, clock: FakeClock
) -> None:
    """The error is our own, and the process does not end."""
    async with world(store, clock) as parts, serving(parts, WEB, MAX_BYTES) as where:
        port = int(where.rpartition(":")[2])
        with pytest.raises(UnavailableError, match=r"cannot listen on 127.0.0.1.*\[web\]"):
            async with serving(parts, WebSection(port=port), MAX_BYTES):
                raise AssertionError("it listens twice")


async def test_s64_nothing_that_is_asked_makes_it_fail(store: Store, clock: FakeClock) -> None:
    """A thousand requests with odd methods, paths, hosts, queries and bodies cause no 5xx."""
    chance = random.Random(1)
    words = ["", "websub", "metrics", "readyz", "%00", "..", "é", "chance1", "?", "hub.mode", "="]
    hosts = ["localhost", "monitor.test", "[", "a b", ":", "é".encode()]
    methods = ["GET", "POST", "HEAD", "PUT", "OPTIONS", "TRACE", "QUERY"]
    async with agreed(store, clock) as (parts, _hub):
        transport = httpx.ASGITransport(site.site(parts, WEB, MAX_BYTES))
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as client:
            for _ in range(1000):
                path = "/".join(["", *chance.choices(words, k=chance.randint(1, 4))])
                got = await client.request(
                    chance.choice(methods),
                    f"{path}?{'&'.join(chance.choices(words, k=3))}",
                    headers={
                        "Host": chance.choice(hosts),
                        "Content-Length": chance.choice(["5", "x", "9" * 30, "-1"]),
                        "Authorization": chance.choice(["", "Bearer é".encode(), "Bearer x"]),
                        "X-Hub-Signature": chance.choice(["", "sha1=x", "é".encode()]),
                    },
                    content=chance.randbytes(5),
                )
                assert got.status_code < 500, (got.status_code, path)
                assert secure(got)
