"""Whatever others write, in whatever field of an edition, is text to every channel."""

from __future__ import annotations

import email
import json
import re
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from lxml import html
from support.editions import END, edition, poisoned

from monitor.channels import World, discord, feed, slack, teams
from monitor.channels import email as mail
from monitor.digests.render import bodies
from monitor.model import Edition, Recipient, Sent

MAIL = mail.Settings.model_validate({"host": "mx.example", "from": "d@desk.example"})
HOSTILE = [
    "a\r\nBcc: evil@example.net\r\n\r\nbody\x0b\u2028\x00\x1b]0;x\x07",
    '"><script>alert(1)</script><img src=x onerror=alert(1)></td></table><a href="javascript:x">',
    "<!channel> <!here> <@U1> &lt;!channel&gt; <https://evil.example|bank.example>",
    "@everyone <@123> [x](http://evil.example) ||b|| `c` **d** __e__ <at>all</at> {{7*7}} {% x %}",
    "*a* _b_ ~c~ ```d``` > e :bomb: \u202egnp.exe\u202c ]]> &amp;",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_S70_S74_no_field_gets_a_mail_a_header_or_an_element(hostile: str) -> None:
    """Headers, parts and elements are those of a calm edition; the words are read back as text."""
    calm = _mail(edition(8, failed=2))
    known = {one.tag for one in html.fromstring(_part(calm, "text/html")).iter()}
    for shown in poisoned(hostile):
        read = _mail(shown)
        assert set(read.keys()) == set(calm.keys())
        assert (read["To"], read["From"]) == (calm["To"], calm["From"])
        assert all(str(value).isprintable() for value in read.values())
        page = html.fromstring(_part(read, "text/html"))
        assert {one.tag for one in page.iter()} <= known
        assert not [name for one in page.iter() for name in one.attrib if name.startswith("on")]
        links = {one.get("href") for one in page.iter("a")}
        assert all(str(link).startswith(("https://", "http://", "mailto:")) for link in links)
        assert "evil.example" not in "".join(map(str, links))
        plain = _part(read, "text/plain")
        assert all(one.isprintable() or one == "\n" for one in plain.replace("\u200d", ""))


def _mail(shown: Edition) -> EmailMessage:
    (made,) = mail.render(shown, Recipient("email", "desk@example.org"), MAIL, bodies(shown), END)
    read = email.message_from_bytes(made.body, policy=default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def _part(read: EmailMessage, kind: str) -> str:
    (found,) = [one for one in read.walk() if one.get_content_type() == kind]
    return str(found.get_content()).replace("\r\n", "\n")


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize(
    "settings",
    [{"webhook": "https://hooks.slack.com/services/T0/B0/x"}, {"token": "xoxb-x", "channel": "C0"}],
)
def test_S80_S81_no_field_notifies_or_links(hostile: str, settings: dict[str, str]) -> None:
    """What stands in <...> is a link of ours; all other "<" and "&" are escaped."""
    chosen = slack.Settings.model_validate(settings)
    for shown in poisoned(hostile):
        for one in slack.render(shown, Recipient("slack", "desk"), chosen, bodies(shown), END):
            payload = json.loads(one.body)
            for block in payload["blocks"]:
                assert block["type"] in ("header", "section", "divider", "context")
            for text in _marked(payload):
                for inside in re.findall(r"<([^>]*)>?", text):
                    assert re.match(r"https://(gazette|wire\d)\.example/", inside), text
                assert not re.search(r"&(?!amp;|lt;|gt;)", text)


def _marked(value: Any) -> list[str]:
    """The texts in which Slack looks for its marks: all but those of type plain_text."""
    if isinstance(value, dict):
        if value.get("type") == "plain_text":
            return []
        return [text for part in value.values() for text in _marked(part)]
    if isinstance(value, list):
        return [text for part in value for text in _marked(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("hostile", HOSTILE)
def test_S84_no_field_is_markup_in_teams_or_discord(hostile: str) -> None:
    """Teams gets runs, which hold no markup; Discord gets no mention, and each mark escaped."""
    for shown in poisoned(hostile):
        chosen = teams.Settings.model_validate({"url": "https://teams.example/x"})
        for one in teams.render(shown, Recipient("teams", "d"), chosen, bodies(shown), END):
            (attached,) = json.loads(one.body)["attachments"]
            card = attached["content"]
            assert {block["type"] for block in card["body"]} == {"RichTextBlock"}
            assert "entities" not in card["msteams"]
        other = discord.Settings.model_validate({"url": "https://discord.example/x"})
        for one in discord.render(shown, Recipient("discord", "d"), other, bodies(shown), END):
            payload = json.loads(one.body)
            assert payload["allowed_mentions"] == {"parse": []}
            for embed in payload["embeds"]:
                embed.pop("footer", None)  # Discord reads no marks there
            for text in _texts(payload):
                bare = text.replace("**", "") if "**d" not in hostile else text  # our own bold
                assert not re.search(r"(?<!\\)(@everyone|\[x\]\(|\|\||`c|\*\*d\*|__e)", bare), text
                assert all(one.isprintable() or one in "\n\xa0\u200d" for one in text)


def _texts(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for part in value.values() for text in _texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in _texts(part)]
    return [value] if isinstance(value, str) else []


@pytest.mark.anyio
@pytest.mark.parametrize("hostile", HOSTILE)
async def test_S61_S70_no_field_breaks_a_feed(tmp_path: Path, hostile: str) -> None:
    """The files are read by any parser, and their HTML has no element of others."""
    chosen = feed.Settings(path=tmp_path, link="https://desk.example/feeds/", max_entries=20)

    async def no_post(*_: object, **__: object) -> Any:
        raise AssertionError("a feed is written to files")

    for shown in poisoned(hostile):
        (made,) = feed.render(shown, Recipient("feed", "desk"), chosen, bodies(shown), END)
        assert isinstance(await feed.send(made, chosen, World(no_post, lambda: END)), Sent)
        ElementTree.fromstring((tmp_path / "desk.atom").read_bytes())
        for item in json.loads((tmp_path / "desk.json").read_text())["items"]:
            page = html.fromstring(f"<div>{item['content_html']}</div>")
            assert not list(page.iter("script", "img", "style", "td", "table"))
            assert "evil.example" not in str([one.get("href") for one in page.iter("a")])
