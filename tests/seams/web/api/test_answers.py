"""The API answers in the shapes of its document, and tells what the commands tell."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator
from sqlalchemy import Connection
from support.api import SHOWN, TOKEN, WEB, Client, api, hold_against, operation_of, texts
from support.cli import monitor
from support.server import Server, answer
from support.site import asking
from support.values import DESK, article, match
from support.world import item, page, rss, world

from monitor.config.sections import WebSection
from monitor.model import Access, Assignment, Digest, Feed, Recipient
from monitor.pipeline.parts import Parts
from monitor.runners import inline
from monitor.store import Store, articles, stories
from monitor.testing import FakeClock
from monitor.web.api import operations
from monitor.web.api.document import BASE
from monitor.web.api.operations import OPERATIONS

pytestmark = pytest.mark.anyio
DOCS = Path(__file__).parents[4] / "docs"
SECRETS = ("pw-of-feed", "key-of-feed", "header-of-feed")


@asynccontextmanager
async def told(store: Store, clock: FakeClock) -> AsyncIterator[Parts]:
    """Yield the parts of a desk whose feeds have brought something and whose digest was sent."""
    digests: list[Digest] = [replace(DESK, recipients=(Recipient("console"),))]
    async with Server() as server:
        locked = server.url("/locked?key=key-of-feed").replace("//", "//desk:pw-of-feed@")
        wanted = [
            Feed(url=server.url("/one"), name="One", articles="off"),
            Feed(url=server.url("/two"), name="Two", source="Two", enabled=True),
            Feed(url=server.url("/gone"), name="Gone"),
            Feed(url=locked, name="Locked"),
            Feed(url=server.url("/off"), name="Off", enabled=False),
        ]
        first = [
            item(1, server.url("/1"), title="NATO drills at sea", text="Ships of NATO drilled."),
            item(2, server.url("/2"), title="A fair", text="Bakers met in the old town hall."),
        ]
        again = item(3, server.url("/3"), title="NATO drills at sea", text="Ships drilled.")
        server.on("/one", answer(rss()), answer(rss(*first)))
        server.on("/two", answer(rss()), answer(rss(again)))
        server.on("/3", answer(page("NATO drills at sea", "A drone was seen with NATO ships.")))
        server.on("/gone", answer(status=410))
        server.on("/locked", answer(status=500))
        access = {locked: Access(headers=(("X-Api-Key", "header-of-feed"),))}
        async with world(store, clock, wanted, digests=digests, access=access) as parts:
            for _ in range(2):
                await inline.journey(parts)
                await inline.tell(parts)
                clock.advance(timedelta(hours=1))
            yield parts


async def paths(client: Client) -> list[str]:
    """Return, for every operation, a path that has an answer."""
    article = (await client.get("/articles"))["articles"][0]["id"]
    story = (await client.get("/stories"))["stories"][0]["story"]
    edition = (await client.get("/editions"))["editions"][0]
    of_path = {
        "/feeds/{feed}": "/feeds/1",
        "/articles/{article}": f"/articles/{article}",
        "/watchlists/{watchlist}": "/watchlists/nato",
        "/stories/{story}": f"/stories/{story}",
        "/editions/{digest}/{number}": f"/editions/{edition['digest']}/{edition['number']}",
        "/search": "/search?q=drills",
        "/trace": f"/trace?of=article:{article}",
    }
    return [of_path.get(one.path, one.path) for one in OPERATIONS]


async def test_every_answer_is_as_the_document_says(store: Store, clock: FakeClock) -> None:
    """Each operation is called once, and every key of its answer is described."""
    async with told(store, clock) as parts, api(parts) as client:
        answers = {path: await client.get(path) for path in await paths(client)}
    assert len(answers) == len(OPERATIONS)
    for path, one in answers.items():
        for rows in one.values() if len(one) < 3 else ():
            assert rows != [], path
    assert [row["condition"] for row in answers["/feeds"]["feeds"][:2]] == ["gone", "faltering"]
    assert answers["/audit"]["adds_up"]
    assert {row["fate"] for row in answers["/entries"]["entries"]} == {"matched", "unmatched"}


async def test_the_document_is_valid_and_has_every_route(store: Store, clock: FakeClock) -> None:
    async with told(store, clock) as parts, api(parts) as client:
        document = (await client.http.get(f"{BASE}/openapi.json")).json()
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
    assert list(document["paths"]) == [one.path for one in OPERATIONS]
    names = [one["get"]["operationId"] for one in document["paths"].values()]
    assert len(set(names)) == len(names)
    for shape in document["components"]["schemas"].values():
        assert shape["description"]
    for one in OPERATIONS:
        told_of = document["paths"][one.path]["get"]["parameters"]
        parts_of_path = re.findall(r"{(\w+)}", one.path)
        assert [told["name"] for told in told_of] == [
            *parts_of_path,
            *(parameter.name for parameter in one.parameters),
        ]


async def test_s63_s45_no_answer_holds_a_secret(store: Store, clock: FakeClock) -> None:
    """A refusal of a question that contains the token does not repeat it."""
    async with told(store, clock) as parts, api(parts) as client:
        answers = [await client.get(path) for path in await paths(client)]
        answers.append(await client.refused(400, f"/entries?{TOKEN}=1"))
    whole = [text for one in answers for text in texts(one)]
    assert "X-Api-Key" in whole  # the header's name may be shown
    assert any("***" in text for text in whole)
    for secret in (*SECRETS, TOKEN):
        assert not any(secret in text for text in whole)


async def test_what_the_commands_say_the_api_says(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """The shape is the same, whichever way is asked."""
    async with told(store, clock) as parts, api(parts) as client:
        story = (await client.get("/stories"))["stories"][0]["story"]
        pairs: dict[tuple[Any, ...], Any] = {
            ("deliveries", "list"): (await client.get("/deliveries"))["deliveries"],
            ("search", "drills"): (await client.get("/search?q=drills"))["articles"],
            ("stories", "why", story): await client.get(f"/stories/{story}"),
            ("digests", "show", "desk", 1): await client.get("/editions/desk/1"),
            ("status",): await client.get("/status"),
        }
        entries = await client.rows("/entries?order=oldest&limit=1")
        matches = await client.rows("/matches?order=oldest&limit=1")
    (tmp_path / "feeds.toml").touch()  # without it the shipped feeds count
    where = ("--config", tmp_path, "--db", store.url)
    for words, said in pairs.items():
        ended = await asyncio.to_thread(monitor, *words, "--json", *where, clock=clock)
        assert ended.json == said, words
    exported = await asyncio.to_thread(monitor, "export", "entries", *where)
    assert exported.lines == entries
    exported = await asyncio.to_thread(monitor, "export", "matches", *where)
    assert exported.lines == matches


async def test_spans_name_the_words_of_the_article(store: Store, clock: FakeClock) -> None:
    """Offsets count code points of the field."""
    async with told(store, clock) as parts, api(parts) as client:
        for match in await client.rows("/matches"):
            article = await client.get(f"/articles/{match['article']}")
            fields = {"title": article["title"], "body": article["text"]}
            assert match["spans"]
            for span in match["spans"]:
                assert fields[span["field"]][span["start"] : span["end"]] == span["text"]
            assert match in article["matches"]


# ------------------------------------------------------------------------------ who may ask


@pytest.mark.parametrize("web", [WebSection(port=0), WEB])
async def test_s56_without_a_token_in_the_settings_it_is_not_there(
    store: Store, clock: FakeClock, web: WebSection
) -> None:
    """Without a token in the settings all paths are 404; with one, a request lacking it is 401."""
    wanted = web is WEB
    async with world(store, clock) as parts, asking(parts, web) as client:
        for path in ("/openapi.json", "/feeds", "/nothing", "/"):
            got = await client.get(BASE + path)
            assert got.status_code == (401 if wanted else 404)
            assert got.headers["cache-control"] == "no-store"
            if wanted:
                assert got.headers["www-authenticate"] == "Bearer"
                assert got.json()["error"]["code"] == "unauthorized"
            else:
                assert got.text == "not found"


@pytest.mark.parametrize(
    "shown",
    ["", "Bearer", "Bearer ", TOKEN, f"Basic {TOKEN}", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}"],
)
async def test_s59_only_the_whole_token_opens(store: Store, clock: FakeClock, shown: str) -> None:
    """The comparison takes constant time; in an address the token opens nothing."""
    async with world(store, clock) as parts, api(parts) as client:
        right = {"Authorization": f"bearer  {TOKEN}"}  # the scheme has no case (RFC 9110 §11.1)
        assert (await client.http.get(f"{BASE}/feeds", headers=right)).status_code == 200
        headers = {"Authorization": shown}
        for path in ("/feeds", f"/feeds?token={TOKEN}", "/openapi.json"):
            assert (await client.http.get(BASE + path, headers=headers)).status_code == 401


async def test_s57_s53_names_and_headers(store: Store, clock: FakeClock) -> None:
    """A page that rebinds its name gets nothing, and the public name shows nothing of the API."""
    web = WEB.model_copy(update={"public_url": "http://monitor.test"})
    async with world(store, clock) as parts, api(parts, web) as client:
        for host, status in (("evil.test", 400), ("monitor.test", 404), ("localhost:1", 200)):
            got = await client.http.get(f"{BASE}/feeds", headers={"Host": host})
            assert got.status_code == status
            assert got.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in got.headers["content-security-policy"]
            assert not any(name.startswith("access-control") for name in got.headers)


async def test_s57_a_wrong_name_is_refused_like_all_that_is_wrong(
    store: Store, clock: FakeClock
) -> None:
    """With or without a token the refusal is JSON with a hint; outside the API it is text."""
    async with world(store, clock) as parts, api(parts) as client:
        client.http.headers["Host"] = "evil.test"
        error = await client.refused(400, "/feeds")
        assert (error["code"], error["where"]) == ("usage", "Host")
        assert "[web] hosts" in error["hint"]
        del client.http.headers["Authorization"]
        assert await client.refused(400, "/feeds") == error
        page = await client.http.get("/feeds")
    assert (page.status_code, page.text) == (
        400,
        "we are not asked by this name ([web] hosts names others)",
    )


async def test_of_a_long_story_the_first_articles_are_told_and_the_others_counted(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Number, outlets and times include all; the rest is counted, and `stories why` has it."""
    async with world(store, clock) as parts, api(parts) as client:
        await store.write(_one_story, 5, clock)
        whole = await client.get("/stories/1")
        monkeypatch.setattr(operations, "REASONS", 2)
        cut = await client.get("/stories/1")
    assert (whole["left_out"], cut["left_out"]) == (0, 3)
    assert [one["article"] for one in cut["why"]] == [1, 2]
    assert cut["why"] == whole["why"][:2]
    for name in ("story", "state", "articles", "outlets", "first", "last"):
        assert cut[name] == whole[name]
    assert cut["articles"] == cut["outlets"] == 5


def _one_story(connection: Connection, count: int, clock: FakeClock) -> None:
    for number in range(1, count + 1):
        at = clock.now() + timedelta(minutes=number)
        one = article(number, source=f"Outlet {number}", first_seen=at, published=at)
        (added,) = articles.insert(connection, [articles.New(one, [match()], False, at)])
        assert added is not None
        assignment = Assignment(article_id=added, story_id=None if number == 1 else 1)
        stories.assign(connection, replace(one, id=added), assignment, at)


async def test_s55_nothing_is_changed_by_any_method(store: Store, clock: FakeClock) -> None:
    async with told(store, clock) as parts, api(parts) as client:
        before = await client.get("/status")
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            for path in await paths(client):
                got = await client.http.request(method, BASE + path)
                assert got.status_code == 405
                assert got.json()["error"]["hint"] == "GET"
        assert await client.get("/status") == before


async def test_the_same_answer_is_not_sent_twice(store: Store, clock: FakeClock) -> None:
    """A client that shows the current ETag gets a 304 (RFC 9110 §13.1.2)."""
    async with told(store, clock) as parts, api(parts) as client:
        first = await client.http.get(f"{BASE}/entries")
        tag = first.headers["etag"]
        for shown in (tag, f"W/{tag}", f'"x", {tag}', "*"):
            got = await client.http.get(f"{BASE}/entries", headers={"If-None-Match": shown})
            assert (got.status_code, got.content) == (304, b"")
            assert got.headers["etag"] == tag
        for shown in ('"x"', "", tag.strip('"')):
            got = await client.http.get(f"{BASE}/entries", headers={"If-None-Match": shown})
            assert (got.status_code, got.text) == (200, first.text)
        assert first.headers["cache-control"] == "private, no-cache"


# -------------------------------------------------------------------------------- documents


def examples() -> dict[str, str]:
    """Return the examples of docs/api.md: the path behind /api/v1 and the answer below it."""
    text = (DOCS / "api.md").read_text("utf-8")
    found = re.findall(r"^curl .*?/api/v1(\S*?)\"?\n```\n\n```json\n(.*?)\n```", text, re.M | re.S)
    return dict(found)


def test_docs_tell_every_operation_and_its_parameters() -> None:
    """An operation that is added or removed must change docs/api.md."""
    text = (DOCS / "api.md").read_text("utf-8")
    rows = re.findall(r"^\| `(/\S+)` \|([^|]*)\|", text, re.M)
    written = {path: set(re.findall(r"`(\w+)`", cell)) for path, cell in rows}
    paged = {"since", "until", "order", "limit", "cursor"}
    for path, names in written.items():
        if "pages" in names:
            written[path] = names - {"pages"} | paged
    assert written == {
        one.path: {parameter.name for parameter in one.parameters} for one in OPERATIONS
    }


def test_the_examples_of_the_docs_are_as_the_document_says() -> None:
    shown = examples()
    assert len(shown) >= 6
    for path, said in shown.items():
        hold_against(json.loads(said), path)


async def test_the_questions_of_the_docs_can_be_asked(store: Store, clock: FakeClock) -> None:
    """The docs' questions work on other data: what they name is found or said to be missing."""
    async with told(store, clock) as parts, api(parts) as client:
        for path in examples():
            got = await client.http.get(BASE + path)
            named = "{" in operation_of(path).path or path.startswith("/trace")
            assert got.status_code == 200 or (named and got.status_code == 404), got.text


async def test_the_site_serves_it_over_a_real_connection(store: Store, clock: FakeClock) -> None:
    async with told(store, clock) as parts, asking(parts, WEB) as client:
        got = await client.get(f"{BASE}/feeds", headers=SHOWN)
        assert got.status_code == 200
        hold_against(got.json(), "/feeds")
        assert isinstance(got, httpx.Response)
