"""The meaning of Slack's answers, over the real HTTP client and a recording server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise

import pytest
from support.editions import END, edition
from support.server import HANG, Server, answer, redirect

from monitor.channels import MENDING, World, slack
from monitor.digests.render import bodies
from monitor.digests.retry import retry_at
from monitor.fetch.client import Client, FetchSettings
from monitor.model import Answer, Message, NotSent, Recipient, Refused, Sent, Unknown
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
HOOK = "/services/T0/B0/made-up-secret"
API = "/api/chat.postMessage"
DESK = Recipient("slack", "watch-desk")
SOON = "Fri, 18 Oct 2024 05:10:00 GMT"


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = FakeClock(END)
    settings = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=0.5)
    async with Client(settings, clock) as client:
        yield World(client.post, clock.now)


def by_webhook(server: Server) -> slack.Settings:
    return slack.Settings.model_validate({"webhook": server.url(HOOK)})


def by_token(server: Server) -> slack.Settings:
    return slack.Settings.model_validate(
        {"token": "xoxb-made-up", "channel": "C0123", "api_base": server.url("/")}
    )


def message(settings: slack.Settings, stories: int = 2) -> Message:
    shown = edition(stories)
    return slack.render(shown, DESK, settings, bodies(shown), END)[0]


async def send(server: Server, world: World) -> Answer:
    settings = by_webhook(server)
    return await slack.send(message(settings), settings, world)


async def test_D51_ok_is_sent(server: Server, world: World) -> None:
    """Status 200 and the word "ok" mean success; the bytes sent are those that were rendered."""
    server.on(HOOK, answer(b"ok"))
    assert await send(server, world) == Sent("ok")
    (seen,) = server.requests
    assert seen.body == message(by_webhook(server)).body
    assert (seen.header("content-type") or b"").startswith(b"application/json")


@pytest.mark.parametrize(
    ("headers", "least"),
    [
        ({"Retry-After": "30"}, 30),
        ({"Retry-After": "0"}, None),
        ({"Retry-After": "Fri, 18 Oct 2024 07:00:00 GMT"}, 3600),
        ({"Retry-After": "Fri, 18 Oct 2024 05:00:00 GMT"}, None),
        ({"Retry-After": SOON, "Date": "Fri, 18 Oct 2024 05:00:00 GMT"}, 600),  # by their clock
        ({"Retry-After": "9" * 9}, 86_400),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
async def test_F80_too_many_requests(
    server: Server, world: World, headers: dict[str, str], least: int | None
) -> None:
    """Retry-After is obeyed, as seconds or as a date; without it, our own waits apply.

    The shortest of these is a minute, longer than what is asked with 0.
    """
    server.on(HOOK, answer(b"rate_limited", 429, headers))
    got = await send(server, world)
    assert isinstance(got, NotSent)
    if least is None:
        assert got.retry_after is None
        assert (retry_at(1, got, END) or END) >= END + timedelta(minutes=1)
    else:
        assert got.retry_after is not None
        assert least <= got.retry_after.total_seconds() <= least + 1


@pytest.mark.parametrize("status", [500, 502, 503])
async def test_F81_trouble_on_their_side(server: Server, world: World, status: int) -> None:
    """After a server error the message is tried again, with growing waits of our own."""
    server.on(HOOK, answer(b"server_error", status))
    assert await send(server, world) == NotSent(f"{status} server_error")


async def test_F81_a_silence_after_the_post_is_unknown(server: Server, world: World) -> None:
    """Slack may have taken the message, so it is repeated at most once."""
    server.on(HOOK, (HANG,))
    assert isinstance(await send(server, world), Unknown)


async def test_F81_a_closed_port_is_surely_not_sent(world: World) -> None:
    """Nothing went out, so the message is surely not sent."""
    async with Server() as gone:
        settings = by_webhook(gone)
    got = await slack.send(message(settings), settings, world)
    assert isinstance(got, NotSent)
    assert "made-up-secret" not in got.why


@pytest.mark.parametrize("error", [b"invalid_payload", b"invalid_blocks"])
async def test_F82_blocks_that_slack_cannot_read(
    server: Server, world: World, error: bytes
) -> None:
    """The message is tried once more at once, as plain text, and not again as it was."""
    server.on(HOOK, answer(error, 400), answer(b"ok"))
    got = await send(server, world)
    assert got == Sent(f"ok (as plain text: 400 {error.decode()})")
    first, second = (json.loads(seen.body) for seen in server.requests)
    assert "blocks" in first
    assert "blocks" not in second
    for block in first["blocks"]:
        if block["type"] == "section":
            assert block["text"]["text"] in second["text"]
    assert second["unfurl_links"] is False


async def test_F82_what_plain_text_does_not_mend_is_refused(server: Server, world: World) -> None:
    """The message is refused for good, with Slack's own words."""
    server.on(HOOK, answer(b"invalid_payload", 400))
    assert await send(server, world) == Refused("400 invalid_payload")
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "action_prohibited"),
        (404, "no_service"),
        (404, "channel_not_found"),
        (410, "channel_is_archived"),
    ],
)
async def test_F83_a_target_that_must_be_mended(
    server: Server, world: World, status: int, words: str
) -> None:
    """The message is kept and retried hourly until a person fixes the target or it expires."""
    server.on(HOOK, answer(words.encode(), status))
    assert await send(server, world) == NotSent(f"{status} {words}", MENDING)


async def test_F84_a_failing_part_repeats_no_other(server: Server, world: World) -> None:
    """Each part is a message with an answer of its own."""
    settings = by_webhook(server)
    shown = edition(100)
    parts = slack.render(shown, DESK, settings, bodies(shown), END)
    assert len(parts) >= 5
    server.on(HOOK, answer(b"ok"), answer(b"ok"), answer(b"x", 503), answer(b"ok"))
    answers = [type(await slack.send(part, settings, world)) for part in parts[:3]]
    assert answers == [Sent, Sent, NotSent]
    assert [type(await slack.send(part, settings, world)) for part in parts[2:4]] == [Sent, Sent]
    assert [seen.body for seen in server.requests[2:4]] == [parts[2].body, parts[2].body]


@pytest.mark.parametrize("spacing_s", [FetchSettings().spacing_s, 0.0])
async def test_D46_messages_keep_a_second_between_them(spacing_s: float) -> None:
    """Slack takes one a second, also when the settings let feeds be asked faster than that."""
    clock = FakeClock(END)
    async with Server(clock=clock.monotonic) as server:
        server.on(HOOK, answer(b"ok"))
        server.on(API, answer(b'{"ok":true,"ts":"1.2"}'))
        quick = FetchSettings(allow_private=("127.0.0.0/8",), spacing_s=spacing_s)
        async with Client(quick, clock) as client:
            there = World(client.post, clock.now)
            assert [type(await send(server, there)) for _ in range(3)] == [Sent] * 3
            bot = by_token(server)
            assert isinstance(await slack.send(message(bot), bot, there), Sent)
        times = [seen.at for seen in server.requests]
    assert all(after - before >= 1 for before, after in pairwise(times))


@pytest.mark.parametrize(
    "script",
    [
        answer(b"<html>log in</html>"),
        answer(b""),
        answer(b"fine"),
        answer(b'{"ok":false}'),
        redirect("/login"),
    ],
    ids=["page", "empty", "other", "not-ok", "redirect"],
)
async def test_F85_an_unexpected_answer_is_no_success(
    server: Server, world: World, script: tuple[bytes]
) -> None:
    """Only "ok" is success."""
    server.on(HOOK, script)
    assert not isinstance(await send(server, world), Sent)


async def test_S45_the_webhook_is_in_no_answer(server: Server, world: World) -> None:
    """The address stays secret even when the other side repeats it."""
    server.on(HOOK, answer(f"no such hook {server.url(HOOK)}".encode(), 404))
    got = await send(server, world)
    assert isinstance(got, NotSent)
    assert "made-up-secret" not in got.why


async def test_S85_an_inner_address_is_refused_by_the_guard(server: Server) -> None:
    """A loopback target is reached only when the settings allow it."""
    clock = FakeClock(END)
    async with Client(FetchSettings(), clock) as client:
        got = await send(server, World(client.post, clock.now))
    assert isinstance(got, NotSent)
    assert got.retry_after == MENDING
    assert server.requests == []


async def test_D51_a_token_posts_through_the_web_api(server: Server, world: World) -> None:
    """The token stands only in the header, and the channel in the message."""
    server.on(API, answer(b'{"ok":true,"ts":"1729231200.0001"}'))
    settings = by_token(server)
    assert await slack.send(message(settings), settings, world) == Sent("1729231200.0001")
    (seen,) = server.requests
    assert seen.header("authorization") == b"Bearer xoxb-made-up"
    assert json.loads(seen.body)["channel"] == "C0123"
    assert b"xoxb" not in seen.body


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        ("invalid_auth", NotSent("invalid_auth", MENDING)),
        ("channel_not_found", NotSent("channel_not_found", MENDING)),
        ("internal_error", NotSent("internal_error")),
        ("invalid_blocks", Refused("invalid_blocks")),
    ],
)
async def test_D51_status_200_with_ok_false(
    server: Server, world: World, error: str, wanted: Answer
) -> None:
    """The error's name decides, not the status."""
    server.on(API, answer(json.dumps({"ok": False, "error": error}).encode()))
    settings = by_token(server)
    assert await slack.send(message(settings), settings, world) == wanted
