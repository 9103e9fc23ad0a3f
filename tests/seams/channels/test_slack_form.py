"""Slack messages keep every limit, and no outside text can notify, link or format."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError
from slack_sdk.models.blocks import Block
from support.editions import END, edition, feeds, many_fail

from monitor.channels import slack
from monitor.digests.render import bodies
from monitor.model import Edition, Message, Recipient

WEBHOOK = "https://hooks.slack.com/services/T0/B0/made-up"
SETTINGS = slack.Settings.model_validate({"webhook": WEBHOOK})
TOKEN = slack.Settings.model_validate({"token": "xoxb-made-up", "channel": "C0123"})
BODIES = bodies(edition(1))  # Slack uses only its subject
DESK = Recipient("slack", "watch-desk")
SIZES = [0, 1, 30, 500]
TITLES = ["", "x", "x" * 5_000, "&" * 5_000, "وزراء الدفاع", "国防部长同意", "👩‍✈️" * 200, "Ж" * 400]
MENTIONS = [
    "<!channel>", "<!here>", "<@U1>", "<!subteam^S1>", "<#C1>", "&lt;!channel&gt;",
    "&amp;lt;!channel&amp;gt;", "<https://evil.example|bank.example>", "@channel",
]  # fmt: skip


def messages(shown: Edition) -> list[Message]:
    return slack.render(shown, DESK, SETTINGS, BODIES, END)


def payloads(shown: Edition) -> list[dict[str, Any]]:
    return [json.loads(message.body) for message in messages(shown)]


def texts(payload: dict[str, Any]) -> list[str]:
    """Return every text in which Slack interprets its markup."""
    marked = [b["text"]["text"] for b in payload["blocks"] if b["type"] == "section"]
    return [payload["text"], *marked]


def whole(shown: Edition) -> str:
    return "\n".join(text for payload in payloads(shown) for text in texts(payload))


@pytest.mark.parametrize("stories", SIZES)
@pytest.mark.parametrize("title", TITLES)
def test_D40_D41_D42_D43_D44_D45_the_limits(stories: int, title: str) -> None:
    """Blocks, sections, headers, all together and the top text stay within limits, never empty."""
    shown = edition(stories, title=title, snippet=title)
    for settings in (SETTINGS, TOKEN):
        for message in slack.render(shown, DESK, settings, BODIES, END):
            within_limits(json.loads(message.body))


@pytest.mark.parametrize("title", TITLES)
def test_D50_D42_the_summary_above_a_thread_is_within_limits_too(title: str) -> None:
    """The summary also says that everything is in the thread."""
    shown = edition(60, title=title, snippet=title)
    first, *_ = slack.render(shown, DESK, TOKEN, BODIES, END)
    within_limits(json.loads(first.body))
    assert b"All of it is in the thread." in first.body


def within_limits(payload: dict[str, Any]) -> None:
    """Check a message against Slack's own models and its documented limits."""
    blocks = payload["blocks"]
    judged = Block.parse_all(blocks)
    assert [judge.type for judge in judged] == [block["type"] for block in blocks]
    for judge in judged:
        judge.validate_json()
    assert 0 < len(blocks) <= 50
    assert len(json.dumps(blocks, ensure_ascii=False)) <= 12_000
    assert 0 < len(payload["text"]) <= 4_000
    for block in blocks:
        if block["type"] == "header":
            assert 0 < len(block["text"]["text"]) <= 150
        elif block["type"] == "section":
            assert 0 < len(block["text"]["text"]) <= 3_000
        elif block["type"] == "context":
            assert 0 < len(block["elements"]) <= 10
            assert all(0 < len(element["text"]) <= 2_000 for element in block["elements"])


@pytest.mark.parametrize("stories", SIZES)
def test_D40_every_story_is_in_one_of_the_parts(stories: int) -> None:
    """Each story appears once and in order; several parts are numbered."""
    shown = edition(stories)
    made = messages(shown)
    for message in made:
        within_limits(json.loads(message.body))
    text = whole(shown)
    links = re.findall(r"\*<https://gazette\.example/world/2024/10/18/story-(\d+)\|", text)
    assert links == [str(number) for number in range(stories)]
    assert [message.part for message in made] == list(range(1, len(made) + 1))
    assert {message.parts for message in made} == {len(made)}
    if len(made) > 1:
        last = json.loads(made[1].body)["blocks"][-1]["elements"][0]["text"]
        assert last == f"Defence morning: part 2 of {len(made)}"


def test_D41_D45_an_alarm_of_many_places_is_cut_and_not_left_out() -> None:
    """Slack refuses an empty section: the list goes on in the next, and of a place's long reason
    the end is cut."""
    (payload,) = payloads(many_fail("<&> *gone* ", places=20))
    within_limits(payload)
    told = "\n".join(texts(payload)[1:])
    for place in range(20):
        assert re.search(rf"webhook:place{place} has received nothing since .*…\*$", told, re.M)


def test_D42_D45_D50_an_alarm_in_several_parts_keeps_the_limits() -> None:
    """It has no stories to sum up above a thread: its first part begins the thread."""
    made = slack.render(many_fail("<&>" * 4, places=20), DESK, TOKEN, BODIES, END)
    told = [json.loads(message.body) for message in made]
    assert len(told) > 1
    for payload in told:
        within_limits(payload)
    shown = str([texts(payload)[1:] for payload in told])
    assert all(shown.count(f"place{place} has received nothing") == 1 for place in range(20))


def test_D40_ids_are_stable_and_differ_by_part() -> None:
    """Rendering an edition again gives the same bytes and ids."""
    made = messages(edition(60))
    assert made == messages(edition(60))
    assert len({message.id for message in made}) == len(made)


def test_D41_no_entity_is_cut_in_half() -> None:
    """A text full of ampersands is cut between its entities."""
    text = whole(edition(30, title="&<>" * 2_000, snippet="&<>" * 90))
    assert re.sub(r"&(amp|lt|gt);", "", text).count("&") == 0


def test_D44_the_top_text_tells_count_and_titles() -> None:
    """Notifications and screen readers use the top text."""
    text = payloads(edition(30))[0]["text"]
    assert text.startswith("Defence morning (part 1 of 2): 30 stories from 4 outlets")
    assert "1. Alliance ministers agree" in text


def test_D50_the_summary_above_a_thread_says_what_is_in_it() -> None:
    """The counts of each watchlist stand in the channel, not only in the thread."""
    first, *_ = slack.render(edition(60), DESK, TOKEN, BODIES, END)
    texts = [b["text"]["text"] for b in json.loads(first.body)["blocks"] if b["type"] == "section"]
    assert any("\nNATO (20) · Drones (20) · Indo-Pacific (20)" in text for text in texts)


def test_D42_a_long_list_of_failing_feeds_hides_no_line_below_it() -> None:
    """The small print goes on in a further block where one is full."""
    shown = edition(1)
    failing = [replace(one, failed=one.polls, why="no answer, " * 15) for one in feeds(0)]
    (payload,) = payloads(replace(shown, accounting=replace(shown.accounting, feeds=(*failing,))))
    within_limits(payload)
    small = [b["elements"][0]["text"] for b in payload["blocks"] if b["type"] == "context"]
    assert small[-2].startswith("Failed: Harbour Gazette 0")
    assert small[-1] == "Silent: Harbour Gazette 12 (41 days)"


@pytest.mark.parametrize("mention", MENTIONS)
def test_S80_nothing_notifies(mention: str) -> None:
    """Only three characters are escaped, once each; the only <...> left are our own links."""
    shown = edition(3, title=mention, snippet=f"{mention} said")
    for inside in re.findall(r"<([^>]*)>", whole(shown)):
        assert inside.startswith("https://")
    escaped = mention.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert escaped in whole(shown)
    sections = [b for p in payloads(shown) for b in p["blocks"] if b["type"] == "section"]
    assert all(section["text"]["verbatim"] for section in sections)


def test_D47_S81_links_are_written_exactly() -> None:
    """Only our own bar divides address and label; the host is shown beside the link."""
    shown = edition(1, title="A|B & C", url="https://gazette.example/a|b>c?x=1&y=2")
    text = whole(shown)
    assert "<https://gazette.example/a%7Cb%3Ec?x=1&amp;y=2|A|B &amp; C>" in text
    assert "gazette.example · Fri 18 Oct" in text


@pytest.mark.parametrize("url", ["javascript:alert(1)", "https://x.example/" + "a" * 5_000])
def test_S81_what_cannot_be_a_link_is_text(url: str) -> None:
    """The title is shown as plain text."""
    text = whole(edition(1, title="Some title", url=url))
    assert "*Some title*" in text
    assert "alert" not in text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("*bold* _it_ ~gone~ `code`", "∗bold∗ ˍitˍ ∼gone∼ ˋcodeˋ"),
        ("> quoted", "› quoted"),
        (":rotating_light: now", "∶rotating_light: now"),
        ("snake_case and 5*3", "snake_case and 5*3"),
        ("at 12:30 sharp", "at 12:30 sharp"),
    ],
)
def test_S82_formats_cannot_be_broken_into(hostile: str, shown: str) -> None:
    """Marks that could begin or end a format are replaced by characters that look the same."""
    assert shown in whole(edition(1, title=hostile, snippet=hostile))


def test_D28_matched_words_are_bold() -> None:
    """A match is bold only if it is a whole word: Slack shows no bold inside a word."""
    assert "joint *drone* patrols" in whole(edition(1))
    assert "gemeinsame Drohnenpatrouillen" in whole(edition(2))


def test_S83_D48_previews_are_off() -> None:
    """Previews are off in every part."""
    for payload in payloads(edition(60)):
        assert payload["unfurl_links"] is False
        assert payload["unfurl_media"] is False


def test_blind_is_said_on_top() -> None:
    """The notification, too, says that feeds failed."""
    payload = payloads(edition(0, failed=9))[0]
    assert payload["text"].startswith("Defence morning: Blind: 9 of 13 feeds failed")
    assert "Blind: 9 of 13" in payload["blocks"][2]["text"]["text"]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"webhook": WEBHOOK, "token": "xoxb-1", "channel": "C1"},
        {"token": "xoxb-1"},
        {"webhook": "https://evil.example/services/x"},
        {"webhook": "http://hooks.slack.com/services/x"},
        {"webhook": "https://10.0.0.1/services/x"},
        {"webhook": "file:///etc/passwd"},
        {"webhook": WEBHOOK, "api_base": "ftp://x"},
        {"webhook": WEBHOOK, "colour": "red"},
        {"token": "xoxb-1", "channel": "C1\r\nX"},
    ],
    ids=str,
)
def test_S85_settings_that_are_refused(wrong: dict[str, str]) -> None:
    """A target has one way in, at Slack's own host; the error does not repeat the secret."""
    with pytest.raises(ValidationError) as caught:
        slack.Settings.model_validate(wrong)
    said = "; ".join(error["msg"] for error in caught.value.errors(include_input=False))
    assert "services/x" not in said
    assert "xoxb" not in said


def test_settings_that_are_taken() -> None:
    """Accepted are Slack's host, a test server on loopback, and the host that `api_base` names."""
    for good in (
        {"webhook": WEBHOOK},
        {"webhook": "http://127.0.0.1:8000/hook"},
        {"webhook": "http://fake.test/hook", "api_base": "http://fake.test"},
        {"token": "xoxb-1", "channel": "C0123"},
    ):
        slack.Settings.model_validate(good)
    assert "made-up" not in f"{SETTINGS} {SETTINGS!r} {SETTINGS.model_dump_json()}"


def test_names_of_targets_are_checked() -> None:
    """A target's name is the name of a settings table."""
    assert slack.check_address("watch-desk") is None
    for wrong in ("", "a b", "a.b", "x" * 65, "a\n"):
        assert slack.check_address(wrong)
