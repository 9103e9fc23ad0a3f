"""Signed JSON for programs: one id for all tries, and a signature that can be checked."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from hashlib import sha256
from hmac import HMAC

import pytest
from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError
from support.api import described
from support.editions import END, edition, many_fail
from support.server import HANG, Server, answer

from monitor.channels import MENDING, World, webhook
from monitor.digests.render import as_json, bodies
from monitor.fetch.client import Client, FetchSettings
from monitor.model import Answer, Edition, Message, NotSent, Recipient, Refused, Sent
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
KEY = b"a made-up key of some length"
SECRET = "whsec_" + b64encode(KEY).decode()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(END)


@pytest.fixture
async def world(clock: FakeClock) -> AsyncIterator[World]:
    settings = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=0.5)
    async with Client(settings, clock) as client:
        yield World(client.post, clock.now)


def target(server: Server, secret: str = SECRET) -> webhook.Settings:
    return webhook.Settings.model_validate({"url": server.url("/in/token"), "secret": secret})


def message(settings: webhook.Settings) -> Message:
    shown = edition(3)
    (made,) = webhook.render(shown, Recipient("webhook", "desk"), settings, bodies(shown), END)
    return made


async def send(server: Server, world: World) -> Answer:
    return await webhook.send(message(target(server)), target(server), world)


async def test_D60_the_same_id_and_a_fresh_stamp_on_every_try(
    server: Server, world: World, clock: FakeClock
) -> None:
    """The receiver can drop repeats and refuse old messages; id, stamp and body are signed."""
    server.on("/in/token", answer(b"", 503), answer(b"thanks", 202))
    assert await send(server, world) == NotSent("503")
    clock.advance(timedelta(minutes=1))
    assert await send(server, world) == Sent("202 thanks")
    first, second = server.requests
    assert first.body == second.body
    assert first.header("webhook-id") == second.header("webhook-id")
    assert int(second.header("webhook-timestamp") or 0) == END.timestamp() + 60
    for seen in (first, second):
        named = [seen.header(name) or b"" for name in ("webhook-id", "webhook-timestamp")]
        wanted = HMAC(KEY, b".".join([*named, seen.body]), sha256).digest()
        version, _, signature = (seen.header("webhook-signature") or b"").partition(b",")
        assert (version, b64decode(signature)) == (b"v1", wanted)


async def test_D60_the_body_is_the_whole_edition(server: Server) -> None:
    """The body has type, id, time stamp and data, as documented."""
    body = json.loads(message(target(server)).body)
    assert body["type"] == "edition.published"
    assert body["id"] == message(target(server)).id
    assert body["data"] == json.loads(json.dumps(as_json(edition(3))))


@pytest.mark.parametrize(
    "shown", [edition(3, cut=2, late=True), edition(0, failed=9), many_fail("x")]
)
def test_D60_the_edition_has_the_published_form(shown: Edition) -> None:
    """`data` is described in the API's own document, and has no key that is not."""
    settings = webhook.Settings.model_validate({"url": "https://x.example/y"})
    (made,) = webhook.render(shown, Recipient("webhook", "desk"), settings, bodies(shown), END)
    whole = {"$ref": "#/components/schemas/EditionBody", "components": described()["components"]}
    judge = Draft202012Validator(whole, format_checker=FormatChecker())
    data = json.loads(made.body)["data"]
    judge.validate(data)
    assert not judge.is_valid(data | {"number": "one"})


def test_D60_all_times_have_the_form_of_the_other_commands() -> None:
    """2024-10-18T06:00:00Z, as the API and `--json` write it."""
    made = message(webhook.Settings.model_validate({"url": "https://hooks.example/"}))
    times = re.findall(rb'"(\d{4}-\d\d-\d\dT[^"]*)"', made.body)
    assert len(times) > 5
    assert [one for one in times if not one.endswith(b"Z")] == []


async def test_S84_no_chat_finds_a_text_in_it_to_show(server: Server) -> None:
    """Words stand as they were written in JSON values, for a program that knows what they are, and
    under no key that a chat's own webhook would show, where they could notify somebody."""
    hostile = "@everyone <!channel> <b>x</b> [x](http://evil.example)\u202e"
    shown = edition(1, title=hostile)
    recipient = Recipient("webhook", "desk")
    (made,) = webhook.render(shown, recipient, target(server), bodies(shown), END)
    body = json.loads(made.body)
    assert set(body) == {"type", "id", "timestamp", "data"}
    assert body["data"]["sections"][0]["stories"][0]["lead"]["title"] == hostile
    assert made.content_type == "application/json"


async def test_an_unsigned_target_gets_no_signature(server: Server, world: World) -> None:
    """Without a secret there is nothing to sign with."""
    server.on("/in/token", answer(b"ok"))
    settings = target(server, "")
    assert await webhook.send(message(settings), settings, world) == Sent("200 ok")
    assert server.requests[0].header("webhook-signature") is None


@pytest.mark.parametrize(
    ("status", "wanted"),
    [(400, Refused("400 no")), (410, NotSent("410 no", MENDING)), (500, NotSent("500 no"))],
)
async def test_D60_answers(server: Server, world: World, status: int, wanted: Answer) -> None:
    """400 refuses the message, 410 waits for a person to fix the target, 500 is tried again."""
    server.on("/in/token", answer(b"no", status))
    assert await send(server, world) == wanted


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><p>log in</p>", b"\n <html>log in</html>"])
async def test_F85_a_page_in_place_of_an_answer_is_no_success(
    server: Server, world: World, page: bytes
) -> None:
    """A portal in between answers 200 to everything; a program's own words may be any."""
    server.on("/in/token", answer(page))
    got = await send(server, world)
    assert isinstance(got, NotSent)
    assert got.retry_after == MENDING
    server.on("/in/token", answer(b"<ok/>", 200, {"Content-Type": "text/html"}))
    assert await send(server, world) == Sent("200 <ok/>")


async def test_D60_in_doubt_it_is_sent_again(server: Server, world: World) -> None:
    """A silent target counts as not sent, because the id makes a repeat harmless."""
    server.on("/in/token", (HANG,))
    assert isinstance(await send(server, world), NotSent)


@pytest.mark.parametrize("wrong", [{"url": "ftp://x/y"}, {"url": "x"}, {"secret": "whsec_!"}])
def test_settings_that_are_refused(wrong: dict[str, str]) -> None:
    """The mistake is found before any edition is due."""
    with pytest.raises(ValidationError):
        webhook.Settings.model_validate({"url": "https://x.example/y"} | wrong)


def test_S45_address_and_key_are_not_shown() -> None:
    """Neither the key nor the address, which may contain a token, is shown."""
    made = webhook.Settings.model_validate({"url": "https://x.example/to-ken", "secret": SECRET})
    assert "to-ken" not in repr(made)
    assert SECRET not in repr(made)
