"""Discord: embeds through a channel's webhook, one for each story.

Limits and marks: docs.discord.com, "Message", "Embed limits" and "Execute Webhook". An edition
that does not fit into one message goes out in parts, each of which is a message of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, SecretStr

from monitor.channels import Http, World, as_json, messages, words_of
from monitor.channels._chat import (
    LONGEST_LINK,
    check_name,
    divided,
    escaped,
    footing,
    heading,
    others,
    packed,
    posted,
    reasons,
    web_address,
)
from monitor.channels._http import visit_host
from monitor.digests.render import Bodies
from monitor.digests.view import StoryView, View, view
from monitor.digests.words import clip
from monitor.model import (
    Answer,
    Edition,
    Message,
    Recipient,
    Response,
    Sent,
    Unknown,
    Visited,
)

NAMED = True
CONTENT_LIMIT = 2_000
MOST_EMBEDS = 10
EMBEDS_LIMIT = 6_000
"""Characters of all embeds of a message together."""
TITLE_LIMIT = 256
DESCRIPTION_LIMIT = 2_000
"""Characters of one story: half of what is allowed, so that several fit."""
FOOTING_LIMIT = 4_000
_HEAD, _LINE = 1_000, 600
"""Characters of a line above the stories and of one below them, where several may be long."""
_MARKS = re.compile(r"([\\\\*_~`|>#\[\]()<:@-])")

Embed = dict[str, Any]


class Settings(BaseModel, extra="forbid", frozen=True):
    """`[channels.discord.NAME]`: the address of a channel's webhook."""

    url: Annotated[SecretStr, AfterValidator(web_address)]
    """Holds a token, so it is kept like a secret."""


def check_address(address: str) -> str | None:
    """What is wrong with the name of a target; None if it can name a table of the settings."""
    return check_name("discord", address)


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The edition in as few messages as the limits allow, in the order to send."""
    shown = view(edition)
    title, *lines = heading(shown)
    top = f"**{escaped(title, 200, _safe)}**"
    lines = [escaped(line, _HEAD, _safe) for line in lines]
    # An alarm of many places may have more lines than a message's own text can hold.
    head, *rest = divided(lines, lambda some: len("\n".join(some)) <= CONTENT_LIMIT - 300)
    groups = divided([*({"description": "\n".join(some)} for some in rest), *_embeds(shown)], _fit)
    made = []
    for part, embeds in enumerate(groups, start=1):
        note = f" (part {part} of {len(groups)})" if len(groups) > 1 else ""
        payload = {
            "content": packed([top + note, *head], CONTENT_LIMIT) if part == 1 else top + note,
            "embeds": embeds,
            "allowed_mentions": {"parse": []},
        }
        made.append(as_json(payload))
    return messages(edition, recipient, bodies.subject, "application/json", made)


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Post one part, and wait until Discord has it."""
    url = settings.url.get_secret_value()
    waiting = f"{url}{'&' if '?' in url else '?'}wait=true"
    got = await posted(waiting, url, message, world)
    return _taken(*got) if isinstance(got, tuple) else got


async def visit(settings: Settings, http: Http) -> Visited:
    """Reach the service; the address itself is not asked, since each request is a message."""
    return await visit_host(settings.url.get_secret_value(), http)


def _taken(got: Response, words: str) -> Answer:
    """The message's id is the receipt."""
    if got.status == 204:
        return Sent("204")
    try:
        return Sent(words_of(str(json.loads(got.body)["id"])))
    except (ValueError, KeyError, TypeError):
        return Unknown(f"{got.status}, but no message: {words}")


def _embeds(shown: View) -> Iterator[Embed]:
    for section in shown.sections:
        for story in section.stories:
            yield _story(story, section.title)
    small = (escaped(line, _LINE, _safe) for line in footing(shown))
    yield {"description": packed(small, FOOTING_LIMIT)}


def _story(story: StoryView, section: str) -> Embed:
    about = ("Update · " if story.update else "") + story.about
    snippet = "".join(_marked(text, marked) for text, marked in story.pieces)
    lines = [_safe(about), snippet, _safe(reasons(story)), _safe(others(story))]
    embed: Embed = {
        "title": escaped(story.title, TITLE_LIMIT, _safe),
        "description": packed(lines, DESCRIPTION_LIMIT),
        "footer": {"text": clip(section, 100)},
    }
    if story.link and len(story.link.url) <= LONGEST_LINK:
        embed["url"] = story.link.url
    return embed


def _marked(text: str, marked: bool) -> str:
    """Matched words in bold, unless a space is at an edge: Discord would show the `**` there."""
    return f"**{_safe(text)}**" if marked and text == text.strip() and text else _safe(text)


def _safe(text: str) -> str:
    """Text that is shown literally: every character of marks, links or mentions is escaped."""
    return _MARKS.sub(r"\\\1", text)


def _fit(embeds: Sequence[Embed]) -> bool:
    """Whether one message may contain all these embeds."""
    if len(embeds) > MOST_EMBEDS:
        return False
    return sum(map(_length, embeds)) <= EMBEDS_LIMIT


def _length(embed: Embed) -> int:
    words = (embed.get("title", ""), embed["description"], embed.get("footer", {}).get("text", ""))
    return sum(map(len, words))
