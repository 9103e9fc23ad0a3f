"""Questions that are wrong, too large or too long, and faults of our own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError
from sqlalchemy import Connection, text
from support.api import WEB, api, hold_against
from support.site import Failing
from support.values import feed
from support.world import world

from monitor.config.sections import WebSection
from monitor.errors import ComputeFailedError, TryLaterError, UnavailableError
from monitor.pipeline.parts import Parts
from monitor.shapes.plain import LARGEST
from monitor.store import Store
from monitor.store.bounded import TookTooLongError, bounded
from monitor.testing import FakeClock
from monitor.web.api import door, operations
from monitor.web.api.asked import cursor
from monitor.web.api.document import BASE
from monitor.web.api.operations import OPERATIONS

pytestmark = pytest.mark.anyio

WRONG = [
    ("/entries?wacthlist=nato", 400, "wacthlist", "known: cursor"),
    ("/articles?wacthlist=nato", 400, "wacthlist", "did you mean 'watchlist'?"),
    ("/feeds?limit=1", 400, "limit", "there is none"),
    ("/articles?watchlist=nto", 400, "watchlist", "did you mean 'nato'?"),
    ("/entries?limit=1&limit=2", 400, "limit", ""),
    ("/entries?limit=0", 400, "limit", "1 to 200"),
    ("/entries?limit=201", 400, "limit", "1 to 200"),
    ("/entries?limit=-1", 400, "limit", ""),
    ("/entries?limit=1e3", 400, "limit", ""),
    ("/entries?limit=%D9%A1", 400, "limit", ""),
    (f"/entries?feed={LARGEST + 1}", 400, "feed", ""),
    ("/entries?since=yesterday", 400, "since", 'write "24h"'),
    (f"/entries?since={'9' * 900}d", 400, "since", ""),
    ("/entries?order=up", 400, "order", "known: newest, oldest"),
    ("/entries?fate=matchd", 400, "fate", "did you mean 'matched'?"),
    ("/deliveries?state=lost", 400, "state", "known: "),
    ("/articles?text=yes", 400, "text", "known: false, true"),
    (f"/entries?cursor={'x' * 1001}", 400, "cursor", ""),
    ("/entries?cursor=%00", 400, "cursor", ""),
    ("/search", 400, "q", "What to look for"),
    ("/search?q=%22%28%2A", 400, "q", ""),
    ("/trace", 400, "of", "An address"),
    ("/trace?of=nothing-of-the-kind", 404, "of", ""),
    ("/feeds/99", 404, "feed", ""),
    ("/feeds/x", 404, "feed", ""),
    (f"/articles/{LARGEST}", 404, "article", ""),
    (f"/articles/{LARGEST + 1}", 404, "article", ""),
    ("/stories/1", 404, "story", ""),
    ("/watchlists/dron", 404, "watchlist", "did you mean 'drones'?"),
    ("/editions/desk/1", 404, "number", ""),
    (f"/editions/desk/{LARGEST}", 404, "number", ""),
    ("/editions/%00/1", 404, "", ""),
    ("/watchlists/%00", 404, "", ""),
]


@pytest.mark.parametrize(("path", "status", "where", "hint"), WRONG)
async def test_a_wrong_question_is_told_what_is_wrong(
    store: Store, clock: FakeClock, path: str, status: int, where: str, hint: str
) -> None:
    async with world(store, clock) as parts, api(parts) as client:
        error = await client.refused(status, path)
    assert error["where"] == where
    assert error["hint"].startswith(hint)
    assert error["message"]
    assert error["code"] == ("usage" if status == 400 else "not-found")


async def test_an_unknown_path_names_the_nearest(store: Store, clock: FakeClock) -> None:
    async with world(store, clock) as parts, api(parts) as client:
        for path, hint in (("/storys", "did you mean '/stories'?"), ("/", "known: /articles")):
            got = await client.http.get(BASE + path)
            assert (got.status_code, got.json()["error"]["code"]) == (404, "not-found")
            assert got.json()["error"]["hint"].startswith(hint)


@pytest.mark.parametrize("path", ["", "/"])
async def test_s59_the_address_of_the_api_itself_is_told_in_json_too(
    store: Store, clock: FakeClock, path: str
) -> None:
    """Without a stroke it was answered as a page of the site would be, token or not."""
    async with world(store, clock) as parts, api(parts) as client:
        known = await client.http.get(BASE + path)
        unknown = await client.http.get(BASE + path, headers={"Authorization": ""})
    assert (known.status_code, known.json()["error"]["message"]) == (404, "there is no '/' here")
    assert "/openapi.json" in known.json()["error"]["hint"]
    assert (unknown.status_code, unknown.json()["error"]["code"]) == (401, "unauthorized")


async def test_s93_a_word_of_any_length_is_only_not_found(store: Store, clock: FakeClock) -> None:
    """PostgreSQL itself accepts no word of more than 2,046 bytes."""
    async with world(store, clock) as parts, api(parts) as client:
        for word in ("x" * 1000, "字" * 1000, "я" * 500 + "*"):
            assert (await client.get(f"/search?q={quote(word)}"))["articles"] == []


async def test_times_as_they_arrive(store: Store, clock: FakeClock) -> None:
    """A plus may be unescaped, and a time may be older than anything stored."""
    async with world(store, clock) as parts, api(parts) as client:
        for time in ("2024-10-18T06:00+02:00", "2024-10-18T06:00%2B02:00", "2024-10-18 06:00"):
            await client.get(f"/entries?since={time}")
        told = await client.get("/entries?since=700000d&order=oldest")
        await client.get(told["next"].removeprefix(BASE))


@pytest.mark.parametrize(
    "made",
    [
        cursor("entries newest", (1,)),
        cursor("articles oldest", (1,)),
        cursor("articles newest", ()),
        cursor("articles newest", (1, 2)),
        cursor("articles newest", ("1",)),
        cursor("articles newest", (True,)),
        cursor("articles newest", (-1,)),
        cursor("articles newest", (LARGEST + 1,)),
        cursor("articles newest", (None,)),
        "x",
        "é",
        "e30",
        "W10",
        "",
    ],
)
async def test_s94_a_cursor_is_ours_or_none(store: Store, clock: FakeClock, made: str) -> None:
    async with world(store, clock) as parts, api(parts) as client:
        error = await client.refused(400, f"/articles?cursor={quote(made)}")
    assert error["where"] == "cursor"


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
async def test_s64_a_cursor_outside_of_the_calendar_is_none(
    store: Store, clock: FakeClock, time: str
) -> None:
    """A time that does not exist in UTC makes a cursor invalid."""
    made = cursor("matches newest", (time, 1, "tanks"))
    async with world(store, clock) as parts, api(parts) as client:
        error = await client.refused(400, f"/matches?cursor={made}")
    assert error["where"] == "cursor"


# ------------------------------------------------------------------------------- faults of ours


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        (RuntimeError("secret"), 500, "error"),
        (KeyError("secret"), 500, "error"),
        (TryLaterError("locked", "another process writes to /secret"), 503, "try-later"),
        (UnavailableError("away", "postgresql://u:secret@h/n"), 503, "unavailable"),
    ],
)
async def test_s62_no_fault_shows_anything_of_itself(
    store: Store, clock: FakeClock, reason: Exception, status: int, code: str
) -> None:
    """No route's answer shows the fault; only the log has it."""
    async with world(store, clock) as parts:
        broken = replace(parts, store=Failing(reason))
        async with api(broken) as client:
            for one in OPERATIONS:
                path = one.path.replace("{watchlist}", "nato").replace("{digest}", "desk")
                for name in ("feed", "article", "story", "number"):
                    path = path.replace(f"{{{name}}}", "1")
                asked = {"/search": "?q=x", "/trace": "?of=1"}.get(path, "")
                got = await client.http.get(BASE + path + asked)
                assert got.status_code == status
                assert "secret" not in got.text
                assert got.json()["error"]["code"] == code
                hold_against(got.json(), path, status)
                assert ("retry-after" in got.headers) == (status == 503)


def forever(connection: Connection) -> int:
    """Ask a question that a database never finishes."""
    if connection.dialect.name == "postgresql":
        return int(connection.scalar(text("SELECT count(pg_sleep(3600))")) or 0)
    endless = (
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n"
    )
    return int(connection.scalar(text(endless)) or 0)


async def test_s95_a_question_that_takes_too_long_is_ended(store: Store) -> None:
    """The database ends the question itself; the connection serves the next with full time."""
    for _ in range(6):  # more than there are readers
        with pytest.raises(TookTooLongError, match="the request was cancelled"):
            await store.read(bounded, 0.05, forever)
    counted = "SELECT count(*) FROM articles"
    assert await store.read(lambda c: c.scalar(text(counted))) == 0
    assert await store.read(bounded, 60.0, lambda c: c.scalar(text(counted))) == 0


async def test_s95_and_its_asker_is_told(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(connection: Connection, *_: Any, **__: Any) -> int:
        return forever(connection)

    monkeypatch.setattr(operations.pages, "entries_of", endless)
    [of_entries] = [one for one in OPERATIONS if one.path == "/entries"]
    quick = [replace(one, longest_s=0.05) if one is of_entries else one for one in OPERATIONS]
    monkeypatch.setattr(door, "OPERATIONS", quick)
    async with world(store, clock) as parts, api(parts) as client:
        error = await client.refused(503, "/entries")
    assert error["code"] == "try-later"
    assert error["hint"].startswith("ask for less")


async def test_s90_thought_that_does_not_end_is_told(
    store: Store, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Endless work runs in a process that can be ended, not in the one that polls and sends."""

    monkeypatch.setattr(operations, "_doubts", {})

    async def ended(*_: Any, **__: Any) -> Any:
        raise ComputeFailedError("it took a core for longer than 20 s")

    async with world(store, clock, compute=ended) as parts, api(parts) as client:
        error = await client.refused(503, "/watchlists/nato")
    assert "took a core" in error["message"]


async def test_questions_take_turns(store: Store, clock: FakeClock) -> None:
    """However many clients ask, readers are left for the daemon."""
    now, most = 0, 0
    lock = threading.Lock()

    class Watched:
        url = store.url

        async def read(self, fn: Any, *args: Any) -> Any:
            nonlocal now, most
            with lock:
                now += 1
                most = max(most, now)
            await asyncio.sleep(0)
            try:
                return await store.read(fn, *args)
            finally:
                with lock:
                    now -= 1

    async with world(store, clock) as parts, api(replace(parts, store=Watched())) as client:
        await asyncio.gather(*(client.get("/feeds") for _ in range(20)))
    assert most == door.AT_ONCE


@pytest.mark.parametrize("token", ["short", "x" * 19, "ü" * 30, "with\nline" * 5])
def test_s59_a_token_that_can_be_guessed_is_refused(token: str) -> None:
    """The error shows how to make a better token, and does not show this one."""
    with pytest.raises(ValidationError, match="openssl rand") as told:
        WebSection(api_token=SecretStr(token))
    assert token not in str(told.value)
    assert WEB.api_token.get_secret_value() not in repr(WEB)


# ------------------------------------------------------------------------------------- fuzzing

_NAMES = sorted({one.name for operation in OPERATIONS for one in operation.parameters})
_WAYS = ("newest", "oldest")
_WORDS = st.one_of(
    st.text(max_size=30),
    st.integers(-5, 2**70).map(str),
    st.sampled_from(
        ["nato", "24h", "oldest", "newest", "true", "sent", "matched", "article:1", "1", "50"]
    ),
    st.builds(
        cursor,
        st.sampled_from(
            [f"{o.path[1:]} {way}" for o in OPERATIONS for way in ("newest", "oldest")]
        ),
        st.lists(st.one_of(st.integers(), st.text(max_size=5), st.none()), max_size=3).map(tuple),
    ),
)
_QUESTIONS = st.builds(
    lambda path, words, given: (
        "".join(
            f"/{quote(w, safe='')}" if p.startswith("{") else f"/{p}"
            for p, w in zip(path.strip("/").split("/"), words, strict=False)
        )
        + (f"?{urlencode(given)}" if given else "")
    ),
    st.sampled_from([one.path for one in OPERATIONS]),
    st.lists(_WORDS.filter(bool), min_size=3, max_size=3),
    st.lists(st.tuples(st.sampled_from([*_NAMES, "x"]), _WORDS), max_size=3),
)


@pytest.fixture
def running(store: Store, clock: FakeClock) -> Iterator[Any]:
    """Yield a function that requests a path and returns the response, on the test's own loop."""
    loop = asyncio.new_event_loop()
    held: list[Any] = []

    async def begin() -> Any:
        made = world(store, clock, [feed()])
        parts: Parts = await made.__aenter__()
        client = api(parts)
        held.extend([client, made])
        return await client.__aenter__()

    async def end() -> None:
        for one in held:
            await one.__aexit__(None, None, None)

    client = loop.run_until_complete(begin())

    def ask(path: str) -> httpx.Response:
        got: httpx.Response = loop.run_until_complete(client.http.get(BASE + path))
        return got

    yield ask
    loop.run_until_complete(end())
    loop.close()


def test_s64_no_question_is_a_fault(running: Any) -> None:
    """Whatever is asked is answered as the document says, or refused in its form."""

    @settings(max_examples=400, suppress_health_check=list(HealthCheck), database=None)
    @given(_QUESTIONS)
    @example("/feeds/%0A0")
    @example("/%0A")
    @example("/editions/nato/1%2F")
    def ask(path: str) -> None:
        got = running(path)
        assert got.status_code in (200, 400, 404), (path, got.text)
        if got.status_code == 200:
            hold_against(got.json(), path)
        else:
            assert set(got.json()["error"]) == {"code", "message", "where", "hint"}

    ask()
