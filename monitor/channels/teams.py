"""Microsoft Teams: Adaptive Cards, posted to a workflow that takes webhook requests.

Text is sent as runs of rich text, which Teams shows literally: they make no mark, mention or link.
A card may have 28 KB; we stay under 20 and divide a longer edition.

Form: adaptivecards.io, version 1.4; learn.microsoft.com, "Webhooks and connectors".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, SecretStr

from monitor.channels import Http, World, as_json, messages
from monitor.channels._chat import (
    LONGEST_LINK,
    check_name,
    divided,
    footing,
    heading,
    others,
    posted,
    reasons,
    web_address,
)
from monitor.channels._http import visit_host
from monitor.digests.links import Link
from monitor.digests.render import Bodies
from monitor.digests.view import StoryView, View, view
from monitor.digests.words import clip
from monitor.model import (
    Answer,
    Edition,
    Message,
    NotSent,
    Recipient,
    Refused,
    Response,
    Sent,
    Visited,
)

NAMED = True
LIMIT = 20_000
"""Octets of a message."""
_LINE = 1_000
"""Characters of a line of small print."""
_NOTE = 700
"""Octets kept free for the note with the number of the part, which repeats the digest's title."""
_HTTP_ERROR = re.compile(r"HTTP error (\d{3})")
_TOO_LARGE = re.compile(r"413\b|.*HTTP error 413\b", re.DOTALL)
SHORTENED = "Titles only: Teams takes no longer message here."

Element = dict[str, Any]


class Settings(BaseModel, extra="forbid", frozen=True):
    """`[channels.teams.NAME]`: the address of a workflow."""

    url: Annotated[SecretStr, AfterValidator(web_address)]
    """Holds a signature, so it is kept like a secret."""


def check_address(address: str) -> str | None:
    """What is wrong with the name of a target; None if it can name a table of the settings."""
    return check_name("teams", address)


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The edition in as few cards as the limit allows, in the order to send."""
    shown = view(edition)
    groups = divided(_pieces(shown), lambda pieces: len(_card(pieces)) <= LIMIT - _NOTE)
    made = []
    for part, pieces in enumerate(groups, start=1):
        if len(groups) > 1:
            note = f"{clip(shown.title, 100)}: part {part} of {len(groups)}"
            pieces = [*pieces, [_line(_run(note, subtle=True), apart=True)]]
        made.append(_card(pieces))
    return messages(edition, recipient, bodies.subject, "application/json", made)


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Post one card; if it is too large even so, post it once more with titles only."""
    answer = await _post(message, settings, world)
    if not isinstance(answer, Refused) or not _TOO_LARGE.match(answer.why):
        return answer
    if not (body := _shortened(message.body)):
        return answer
    again = await _post(replace(message, body=body), settings, world)
    if isinstance(again, Sent):
        return Sent(f"{again.receipt} (titles only: {answer.why})")
    return again


async def visit(settings: Settings, http: Http) -> Visited:
    """Reach the service; the address itself is not asked, since each request is a message."""
    return await visit_host(settings.url.get_secret_value(), http)


async def _post(message: Message, settings: Settings, world: World) -> Answer:
    """Some answers have status 200 but report a failure in their text."""
    url = settings.url.get_secret_value()
    got = await posted(url, url, message, world)
    return _taken(*got) if isinstance(got, tuple) else got


def _taken(got: Response, words: str) -> Answer:
    if inner := _HTTP_ERROR.search(words):
        status = int(inner[1])
        return NotSent(words) if status == 429 or status >= 500 else Refused(words)
    return Sent(f"{got.status} {words}".strip())


def _pieces(shown: View) -> Iterator[list[Element]]:
    """What must stay together: each line of the head, and each story (a section's first one with
    its title)."""
    title, *lines = (clip(line, _LINE) for line in heading(shown))
    yield [_line(_run(title, size="Large", weight="Bolder"))]
    yield from ([_line(_run(line))] for line in lines)
    for section in shown.sections:
        name = f"{section.title} · {len(section.stories)}"
        top = _line(_run(name, weight="Bolder", color="Accent"), apart=True)
        for place, story in enumerate(section.stories):
            told = list(_story(story))
            yield [top, *told] if place == 0 else told
    small = [_run(clip(line, _LINE), subtle=True) for line in footing(shown)]
    yield [_line(one, apart=place == 0) for place, one in enumerate(small)]


def _shortened(content: bytes) -> bytes:
    """The same card with the titles and links of its stories only; head and foot stay whole.

    Empty if there is no more than that.
    """
    said = json.loads(content)
    card = said["attachments"][0]["content"]
    kept: list[Element] = []
    in_story = False
    for line in card["body"]:
        run = line["inlines"][0]
        if "weight" in run:
            in_story = "size" not in run  # the largest is the edition's own title
        elif "separator" in line:
            in_story = False
        if not in_story or "weight" in run:
            kept.append(line)
    if len(kept) == len(card["body"]):
        return b""
    card["body"] = [*kept, _line(_run(SHORTENED, subtle=True))]
    return as_json(said)


def _story(story: StoryView) -> Iterator[Element]:
    yield _line(_run(clip(story.title, 300), story.link, weight="Bolder"))
    about = ("Update · " if story.update else "") + story.about
    yield _line(_run(clip(about, _LINE), subtle=True))
    if story.pieces:
        yield _line(*(_run(text, highlight=marked) for text, marked in story.pieces))
    for line in (reasons(story), others(story)):
        if line:
            yield _line(_run(clip(line, _LINE), subtle=True))


def _line(*runs: Element, apart: bool = False) -> Element:
    line: Element = {"type": "RichTextBlock", "spacing": "Small", "inlines": list(runs)}
    return line | {"separator": True, "spacing": "Medium"} if apart else line


def _run(
    text: str,
    link: Link | None = None,
    *,
    subtle: bool = False,
    highlight: bool = False,
    **look: str,
) -> Element:
    """A run of text; it contains only the flags that are set."""
    run: Element = {"type": "TextRun", "text": text, **look}
    if subtle:
        run |= {"isSubtle": True, "size": "Small"}
    if highlight:
        run["highlight"] = True
    if link and len(link.url) <= LONGEST_LINK:
        run["selectAction"] = {"type": "Action.OpenUrl", "url": link.url}
    return run


def _card(pieces: Sequence[Sequence[Element]]) -> bytes:
    """A message with one card."""
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [element for piece in pieces for element in piece],
    }
    kind = "application/vnd.microsoft.card.adaptive"
    message = {"type": "message", "attachments": [{"contentType": kind, "content": card}]}
    return as_json(message)
