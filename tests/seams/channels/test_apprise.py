"""Apprise: one target per call, its answer is recorded, and retrying is left to our outbox."""

from __future__ import annotations

import asyncio
import json
import logging
import re

import pytest
from pydantic import ValidationError
from support.editions import END, edition
from support.server import HANG, Server, answer

from monitor.channels import World, apprise
from monitor.digests.render import bodies
from monitor.model import (
    Answer,
    FetchFailed,
    Message,
    NotSent,
    Recipient,
    Response,
    Sent,
    Unknown,
)

pytestmark = pytest.mark.anyio


async def no_post(*_: object, **__: object) -> Response | FetchFailed:
    raise AssertionError("Apprise speaks for itself")


WORLD = World(no_post, lambda: END)


def settings(
    server: Server, path: str = "hook-0123456789", scheme: str = "json"
) -> apprise.Settings:
    return apprise.Settings.model_validate({"url": f"{scheme}://127.0.0.1:{server.port}/{path}"})


def message(chosen: apprise.Settings, stories: int = 2) -> Message:
    shown = edition(stories)
    (made,) = apprise.render(shown, Recipient("apprise", "desk"), chosen, bodies(shown), END)
    return made


async def send(server: Server) -> Answer:
    chosen = settings(server)
    return await apprise.send(message(chosen), chosen, WORLD)


async def test_D67_the_text_goes_out_and_the_answer_is_kept(server: Server) -> None:
    """The message goes out as plain text, with the subject as its title."""
    server.on("*", answer(b"ok"))
    got = await send(server)
    assert isinstance(got, Sent)
    assert "Sent JSON POST notification" in got.receipt
    (seen,) = server.requests
    said = json.loads(seen.body)
    assert said["title"].startswith("Defence morning: 2 stories")
    assert "1. Alliance ministers agree" in said["message"]


HOSTILE = "@all @everyone <!channel> <@U1> <#C1> &lt;!here&gt; @here."


async def test_S84_a_title_calls_nobody_whatever_chat_it_goes_to(server: Server) -> None:
    """Words on which Mattermost would notify everybody are broken up, yet look the same."""
    server.on("*", answer(b"ok"))
    chosen = settings(server, "abcdefghijklmnopqrstuvwxyz", "mmost")
    shown = edition(1, title=HOSTILE, snippet=f"{HOSTILE} Write to desk@news.example.")
    (made,) = apprise.render(shown, Recipient("apprise", "desk"), chosen, bodies(shown), END)
    assert isinstance(await apprise.send(made, chosen, WORLD), Sent)
    (seen,) = server.requests
    said = json.loads(seen.body)["text"]
    assert not re.search(r"@(all|everyone|here)\b|<[!@#]", said + made.subject)
    assert HOSTILE in " ".join(said.replace("\u200b", "").split())
    assert "desk@news.example" in said


async def test_D67_a_failure_is_tried_again_by_our_outbox(server: Server) -> None:
    """The reason has the target's own words; Apprise's log, which names addresses, goes nowhere."""
    server.on("*", answer(b"no", 500))
    got = await send(server)
    assert isinstance(got, NotSent)
    assert "error=500" in got.why
    assert logging.getLogger("apprise").propagate is False
    assert "hook-0123456789" not in got.why


@pytest.mark.parametrize("limit", ["READ_S", "LONGEST_S"])
async def test_D67_a_target_that_never_answers_ends_in_time(
    server: Server, monkeypatch: pytest.MonkeyPatch, limit: str
) -> None:
    """Each answer has a limit, and so has the whole; the message may have been taken."""
    monkeypatch.setattr(apprise, limit, 0.2)
    server.on("*", (HANG,))
    async with asyncio.timeout(10):
        assert isinstance(await send(server), Unknown)
    assert len(server.requests) == 1


async def test_D67_targets_at_the_same_time_hear_their_own_answers(server: Server) -> None:
    """Targets served at the same time get their own answers, though Apprise keeps one log."""
    server.on("/good", answer(b"ok"))
    server.on("/bad", answer(b"no", 404))
    chosen = [settings(server, path) for path in ("good", "bad") * 3]
    answers = await asyncio.gather(*(apprise.send(message(one), one, WORLD) for one in chosen))
    assert [type(one) for one in answers] == [Sent, NotSent] * 3
    assert all("404" in one.why for one in answers if isinstance(one, NotSent))
    assert all("404" not in one.receipt for one in answers if isinstance(one, Sent))


def test_D67_an_address_that_apprise_does_not_know_is_refused_unseen() -> None:
    """`monitor check` refuses such an address without repeating what was written."""
    for url in ("nosuch://made-up-secret", "made-up-secret", "tgram://"):
        with pytest.raises(ValidationError) as caught:
            apprise.Settings.model_validate({"url": url})
        assert "no address that Apprise knows" in str(caught.value.errors()[0]["msg"])
    assert "made-up" not in repr(apprise.Settings.model_validate({"url": "json://made-up.example"}))


def test_D67_without_apprise_check_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apprise is an extra: settings that need it are refused with the command that installs it."""
    monkeypatch.setattr(apprise, "_library", lambda: None)
    with pytest.raises(ValidationError, match=r"monitor\[apprise\]"):
        apprise.Settings.model_validate({"url": "json://localhost"})


def test_D66_telegram_gets_a_long_text_in_pieces_that_it_takes() -> None:
    """Telegram gets pieces of at most 4,096 characters, which together hold every word."""
    library = apprise._library()
    target = apprise._target(library, "tgram://123456789:abcdefg_hijklmnop/-1001234/")
    text = bodies(edition(60)).text
    body_format = library.NotifyFormat.TEXT
    pieces = target._apply_overflow(body=text, title="Digest", body_format=body_format)
    assert len(pieces) > 1
    assert all(len(piece["body"]) <= 4_096 for piece in pieces)
    whole = "".join("".join(piece["body"].split()) for piece in pieces)
    assert "".join(text.split()) in whole
