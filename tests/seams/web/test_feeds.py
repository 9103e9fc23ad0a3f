"""Our own feeds are conditional, compressed, and private where a token is set."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from support.databases import KINDS
from support.desk import stocked, told
from support.site import WEB, asking
from support.world import world

from monitor.channels import console, feed
from monitor.errors import Mistake, SettingsError
from monitor.feeds import read
from monitor.model import Entry, Recipient
from monitor.store import Store
from monitor.testing import FakeClock
from monitor.web.site import site

pytestmark = pytest.mark.anyio
PUBLIC = WEB.model_copy(update={"enabled": True, "public_url": "https://news.example"})
LONG = b"<feed>" + b"words " * 500 + b"</feed>"


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a client of the site over a folder with one open feed and one with a token."""
    tables: dict[str, Any] = {
        "open": feed.Settings(path=tmp_path),
        "own": feed.Settings.model_validate({"path": tmp_path, "token": "made-up"}),
        "odd": console.Settings(),
    }
    for name in tables:
        (tmp_path / f"{name}.atom").write_bytes(LONG)
    (tmp_path / "monitor.toml").write_text("secret")
    (tmp_path / "open.json").write_text("{}")

    def channel(recipient: Recipient) -> Any:
        if recipient.channel != "feed" or recipient.address not in tables:
            raise SettingsError([Mistake("monitor.toml", "no such feed")])
        return tables[recipient.address]

    store = SimpleNamespace(read=None)  # no feed is looked up there
    parts: Any = SimpleNamespace(channel=channel, store=store, clock=FakeClock(), watchlists={})
    transport = httpx.ASGITransport(site(parts, PUBLIC, 1_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as asking:
        yield asking


async def test_D62_who_has_this_very_state_is_told_so(client: httpx.AsyncClient) -> None:
    """If the client sends an ETag it decides, and a date decides only without one."""
    first = await client.get("/feeds/open.atom")
    assert (first.status_code, first.content) == (200, LONG)
    assert first.headers["content-type"].startswith("application/atom+xml")
    assert first.headers["cache-control"] == "public, max-age=300"
    etag, date = first.headers["etag"], first.headers["last-modified"]
    for headers, status in (
        ({"If-None-Match": etag}, 304),
        ({"If-None-Match": f'"other", {etag}'}, 304),
        ({"If-None-Match": etag.removeprefix("W/")}, 304),
        ({"If-None-Match": '"other*"'}, 200),
        ({"If-None-Match": '"other"', "If-Modified-Since": date}, 200),
        ({"If-Modified-Since": date}, 304),
        ({"If-Modified-Since": "Thu, 01 Jan 1998 00:00:00 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
    ):
        got = await client.get("/feeds/open.atom", headers=headers)
        assert got.status_code == status, headers
        assert got.content == (LONG if status == 200 else b"")
        assert got.headers["etag"] == etag


async def test_D62_a_long_feed_is_compressed_for_those_who_take_it(
    client: httpx.AsyncClient,
) -> None:
    """Caches on the way are told that there are two forms."""
    plain = await client.get("/feeds/open.atom", headers={"Accept-Encoding": "gzip;q=0"})
    packed = await client.get("/feeds/open.atom", headers={"Accept-Encoding": "br, gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert int(packed.headers["content-length"]) < len(LONG) / 10
    assert plain.content == packed.content == LONG
    assert packed.headers["vary"] == "Accept-Encoding"
    short = await client.get("/feeds/open.json", headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in short.headers


async def test_D62_a_feed_with_a_token_is_not_there_without_it(client: httpx.AsyncClient) -> None:
    """Without its token a feed looks missing; with it, shared caches keep none of the feed."""
    shown = await client.get("/feeds/own.atom", params={"token": "made-up"})
    assert shown.content == LONG
    assert shown.headers["cache-control"] == "private, max-age=300"
    nowhere = await client.get("/feeds/none.atom")
    for params in ({}, {"token": ""}, {"token": "guess"}):
        got = await client.get("/feeds/own.atom", params=params)
        assert (got.status_code, got.content) == (404, nowhere.content)


@pytest.mark.parametrize(
    "path",
    [
        "monitor.toml",
        "open.txt",
        "..%2Fopen.atom",
        "odd.atom",
        "open.rss",
        "%2e%2e/open.atom",
        ".atom",
    ],
)
async def test_D62_nothing_else_of_the_folder_is_served(
    client: httpx.AsyncClient, path: str
) -> None:
    """Only the name of a feed in the settings is served, and only if its file exists."""
    assert (await client.get(f"/feeds/{path}")).status_code == 404


async def test_D62_the_public_name_is_for_hubs_alone(client: httpx.AsyncClient) -> None:
    """Being reachable for hubs publishes no feed."""
    got = await client.get("/feeds/open.atom", headers={"Host": "news.example"})
    assert got.status_code == 404


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> str:
    """Return each of the two databases, since a watchlist's feed is read from them."""
    found: str = request.param
    return found


def entries(got: httpx.Response) -> list[Entry]:
    """Return the entries of one of our feeds, read like anyone else's."""
    assert got.status_code == 200, got.text
    document = read.read(got.content, got.headers["content-type"], str(got.url))
    return list(document.entries)


async def test_a_watchlist_is_a_feed_of_its_newest_stories(store: Store, clock: FakeClock) -> None:
    """A story is one entry in all three forms, however many report it, and keeps its id."""
    async with world(store, clock) as parts, asking(parts) as client:
        assert entries(await client.get("/feeds/nato.atom")) == []
        await stocked(parts)
        for form in ("atom", "json", "rss"):
            found = entries(await client.get(f"/feeds/nato.{form}"))
            titles = [one.title for one in found]
            assert len(titles) == 2, form
            assert titles[0].startswith("NATO ministers in Brussels agree")
            assert titles[1].startswith("Frigate Aurelia of NATO leaves the yard")
        first = await client.get("/feeds/nato.atom")
        known = {"If-None-Match": first.headers["etag"]}
        assert first.headers["cache-control"] == "private, max-age=300"
        await clock.sleep(60)
        assert (await client.get("/feeds/nato.atom", headers=known)).status_code == 304
        await told(parts, 8, 0, title="Aurelia </title> sails & <b>again</b>")
        anew = entries(await client.get("/feeds/nato.atom", headers=known))
        before = {one.id: one for one in entries(first)}
        assert [one.id in before for one in anew] == [True, True]
        was, now = before[anew[0].id].updated, anew[0].updated  # the frigate's story, told last
        assert was and now and now > was
        assert "Aurelia" in anew[0].title
        for unknown in ("nowhere.atom", "nato.txt", "nato"):
            assert (await client.get(f"/feeds/{unknown}")).status_code == 404


async def test_D62_a_feed_of_the_settings_goes_before_the_watchlist_of_its_name(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """The feed of the settings has its own token, and is not found without it."""
    own = feed.Settings.model_validate({"path": tmp_path, "token": "made-up"})
    (tmp_path / "nato.atom").write_bytes(LONG)
    async with (
        world(store, clock, channel=lambda _recipient: own) as parts,
        asking(parts) as client,
    ):
        assert (await client.get("/feeds/nato.atom?token=made-up")).content == LONG
        assert (await client.get("/feeds/nato.atom")).status_code == 404
