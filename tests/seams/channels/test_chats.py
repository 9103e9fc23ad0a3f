"""Teams and Discord: limits, escaping of formatting marks, and the meaning of answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from support.editions import END, edition, feeds, many_fail
from support.server import HANG, Script, Server, answer, redirect

from monitor.channels import MENDING, World, discord, teams
from monitor.channels._chat import footing, heading
from monitor.digests.render import bodies
from monitor.digests.view import view
from monitor.fetch.client import Client, FetchSettings
from monitor.model import Answer, Message, NotSent, Recipient, Refused, Sent, Unknown
from monitor.testing import FakeClock

pytestmark = pytest.mark.anyio
BODIES = bodies(edition(1))  # the chats use only its subject
DESK = Recipient("discord", "desk")
HOOK = discord.Settings.model_validate({"url": "https://discord.example/x"})
PLACE = "/hooks/0123456789/made-up-secret"
LONG = ["", "x" * 5_000, "&<*_`[x](http://e.example)" * 200, "国防部长" * 1_000, "👩‍✈️" * 500]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    clock = FakeClock(END)
    settings = FetchSettings(allow_private=("127.0.0.0/8",), timeout_s=0.5, spacing_s=0)
    async with Client(settings, clock) as client:
        yield World(client.post, clock.now)


def made(channel: Any, url: str, stories: int = 2, **more: Any) -> list[Message]:
    shown = edition(stories, **more)
    settings = channel.Settings(url=url)
    name = channel.__name__.rpartition(".")[2]
    found: list[Message] = channel.render(shown, Recipient(name, "desk"), settings, BODIES, END)
    return found


async def sent(channel: Any, server: Server, world: World) -> Answer:
    url = server.url(PLACE)
    answered: Answer = await channel.send(made(channel, url)[0], channel.Settings(url=url), world)
    return answered


def texts(value: Any) -> list[str]:
    """Return every text of a payload, in order."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


# ------------------------------------------------------------------------------ teams


@pytest.mark.parametrize("stories", [0, 1, 30, 120])
@pytest.mark.parametrize("title", LONG)
def test_D64_a_card_stays_under_20_KB_and_no_story_is_lost(stories: int, title: str) -> None:
    """A message that is too large is divided between stories, and each part carries its number."""
    parts = made(teams, "https://teams.example/x", stories, title=title, snippet=title)
    assert all(len(part.body) <= teams.LIMIT for part in parts)
    assert len({part.id for part in parts}) == len(parts) == parts[0].parts
    whole = "\n".join(part.body.decode() for part in parts)
    assert all(f'/story-{number}"' in whole for number in range(stories))
    if len(parts) > 1:
        assert f"part 2 of {len(parts)}" in parts[1].body.decode()


def test_D64_S84_the_card_has_the_form_that_workflows_take() -> None:
    """The message has one Adaptive Card; its texts are runs, in which Teams reads no markup."""
    hostile = "<at>everyone</at> [x](http://evil.example) **b**"
    (part,) = made(teams, "https://teams.example/x", 1, title=hostile, snippet=hostile)
    said = json.loads(part.body)
    (attached,) = said["attachments"]
    card = attached["content"]
    assert (said["type"], card["type"], card["version"]) == ("message", "AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
    assert {run["type"] for block in card["body"] for run in block["inlines"]} == {"TextRun"}
    assert "entities" not in card["msteams"]
    assert hostile in texts(card)


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (answer(b"", 202), Sent("202")),
        (answer(b"1"), Sent("200 1")),
        (answer(b"too big", 413), Refused("413 too big")),
        (answer(b"slow down", 429), NotSent("429 slow down")),
        (
            answer(b"failed: Teams endpoint returned HTTP error 429"),
            NotSent("failed: Teams endpoint returned HTTP error 429"),
        ),
        (
            answer(b"failed: Teams endpoint returned HTTP error 413"),
            Refused("failed: Teams endpoint returned HTTP error 413"),
        ),
        (answer(b"<html>log in</html>"), NotSent("200, but a page: <html>log in</html>", MENDING)),
        (redirect("/login"), NotSent("302, a redirect where none belongs", MENDING)),
    ],
)
async def test_D64_what_answers_mean(
    server: Server, world: World, got: Any, wanted: Answer
) -> None:
    """A failure is recognised also when the status is 200 and only the words tell of it."""
    server.on(PLACE, got)
    assert await sent(teams, server, world) == wanted


@pytest.mark.parametrize("refusal", [answer(b"", 413), answer(b"returned HTTP error 413")])
async def test_D64_a_card_that_is_too_large_is_posted_once_more_with_titles_only(
    server: Server, world: World, refusal: Script
) -> None:
    """The reader is told what is missing; head, foot and links are still there."""
    server.on(PLACE, refusal, answer(b"", 202))
    got = await sent(teams, server, world)
    assert isinstance(got, Sent)
    assert got.receipt.startswith("202 (titles only: ")
    whole, short = (json.loads(seen.body) for seen in server.asked(PLACE))
    lines = [texts(one["attachments"][0]["content"]) for one in (whole, short)]
    left_out = set(lines[0]) - set(lines[1])
    assert set(lines[1]) - set(lines[0]) == {teams.SHORTENED}
    assert left_out
    shown = view(edition(2))
    stories = [story for section in shown.sections for story in section.stories]
    assert {*heading(shown), *footing(shown), *(story.title for story in stories)} <= set(lines[1])
    assert {story.link.url for story in stories if story.link} <= set(lines[1])
    assert {story.about for story in stories} <= left_out


async def test_D64_an_alarm_has_nothing_that_could_be_left_out(
    server: Server, world: World
) -> None:
    server.on(PLACE, answer(b"", 413))
    settings = teams.Settings.model_validate({"url": server.url(PLACE)})
    (alarm,) = teams.render(many_fail("down", places=2), DESK, settings, BODIES, END)
    assert await teams.send(alarm, settings, world) == Refused("413")
    assert len(server.asked(PLACE)) == 1


@pytest.mark.parametrize("letter", ["国", "👩"])
def test_D64_the_note_with_the_number_of_a_part_fits_too(letter: str) -> None:
    """The digest's title in it may be in a script of three or four octets a character."""
    settings = teams.Settings.model_validate({"url": HOOK.url.get_secret_value()})
    for length in range(100, 140):
        shown = replace(edition(40, title="x" * length), title=letter * 100)
        parts = teams.render(shown, DESK, settings, BODIES, END)
        assert len(parts) > 1
        assert all(len(part.body) <= teams.LIMIT for part in parts)


def test_D64_an_alarm_too_long_for_one_card_goes_on_in_the_next() -> None:
    """Twenty places with long reasons have more octets than a card may have."""
    settings = teams.Settings.model_validate({"url": HOOK.url.get_secret_value()})
    parts = teams.render(many_fail("👩" * 20, places=20), DESK, settings, BODIES, END)
    assert all(len(part.body) <= teams.LIMIT for part in parts)
    told = b"".join(part.body for part in parts).decode()
    assert all(told.count(f"place{place} has received nothing") == 1 for place in range(20))


# ---------------------------------------------------------------------------- discord


@pytest.mark.parametrize("stories", [0, 1, 30, 120])
@pytest.mark.parametrize("title", LONG)
def test_D65_the_limits_of_discord_hold(stories: int, title: str) -> None:
    """Messages keep to 2,000 characters, 10 embeds and 6,000 in all embeds, without mentions."""
    parts = made(discord, "https://discord.example/x", stories, title=title, snippet=title)
    told: list[str] = []
    for part in parts:
        said = json.loads(part.body)
        assert 0 < len(said["content"]) <= 2_000
        assert len(said["embeds"]) <= 10
        assert said["allowed_mentions"] == {"parse": []}
        lengths = [len(e.get("title", "")) for e in said["embeds"]]
        assert max(lengths) <= 256
        assert all(0 < len(e["description"]) <= 4_096 for e in said["embeds"])
        words = [text for e in said["embeds"] for text in texts({**e, "url": ""})]
        assert sum(map(len, words)) <= 6_000
        told += [e["url"] for e in said["embeds"] if "url" in e]
    assert len(told) == stories
    assert len({part.id for part in parts}) == len(parts)


def test_D65_what_is_too_long_is_cut_and_not_left_out() -> None:
    """Neither an alarm's list of places nor the feeds that failed vanish because they are many."""
    parts = discord.render(many_fail("*gone* ", places=20), DESK, HOOK, BODIES, END)
    bodies = [json.loads(part.body) for part in parts]
    assert all(len(said["content"]) <= 2_000 for said in bodies)
    told = str(bodies)
    assert all(f"place{place} has received nothing" in told for place in range(20))
    shown = edition(1)
    books = replace(shown.accounting, feeds=feeds(30, 60, why="*timed out* " * 20))
    (part,) = discord.render(replace(shown, accounting=books), DESK, HOOK, BODIES, END)
    *_, small = json.loads(part.body)["embeds"]
    assert "Failed\\: Harbour Gazette 0" in small["description"]
    assert "Silent\\: " in small["description"]
    assert len(small["description"]) <= 4_096


def test_D65_S84_words_stay_words() -> None:
    """A title cannot become a mention, link, heading or spoiler."""
    hostile = "@everyone <@123> [x](http://evil.example) ||b|| # `c`"
    (part,) = made(discord, "https://discord.example/x", 1, title=hostile)
    shown = json.loads(part.body)["embeds"][0]["title"]
    for mark in "@<[(|#`":
        assert f"\\{mark}" in shown
    assert shown.replace("\\", "") == hostile


@pytest.mark.parametrize(
    ("got", "wanted"),
    [
        (answer(b'{"id": "4711"}'), Sent("4711")),
        (answer(b"", 204), Sent("204")),
        (answer(b'{"ok": true}'), Unknown('200, but no message: {"ok": true}')),
        (answer(b"<html>"), NotSent("200, but a page: <html>", MENDING)),
        (answer(b"gone", 404), NotSent("404 gone", MENDING)),
        (answer(b"bad form", 400), Refused("400 bad form")),
    ],
)
async def test_D65_what_answers_mean(
    server: Server, world: World, got: Any, wanted: Answer
) -> None:
    """Only an answer that contains the message it made counts as success."""
    server.on(f"{PLACE}?wait=true", got)
    assert await sent(discord, server, world) == wanted


@pytest.mark.parametrize("channel", [teams, discord])
async def test_S45_no_answer_tells_the_address(server: Server, world: World, channel: Any) -> None:
    """The address stays secret when the other side repeats it and when it does not answer."""
    server.on("*", answer(f"no such hook: {PLACE}".encode(), 404))
    assert "made-up-secret" not in str(await sent(channel, server, world))
    server.on("*", (HANG,))
    silent = await sent(channel, server, world)
    assert isinstance(silent, Unknown)
    assert "made-up-secret" not in str(silent)
    with pytest.raises(ValidationError) as caught:
        channel.Settings(url="made-up-secret")
    assert "is no http(s) address" in str(caught.value)
    assert "made-up-secret" not in repr(channel.Settings(url=server.url(PLACE)))
    assert channel.check_address("a b")
