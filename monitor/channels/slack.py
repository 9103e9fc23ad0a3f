"""Slack: Block Kit messages through an incoming webhook or `chat.postMessage`.

Limits and escaping: docs.slack.dev, "Block Kit" and "Formatting message text". An edition that
does not fit into one message goes out in parts, each of which is a message of its own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator

from monitor.channels import MENDING, Http, Post, World, as_json, identity, messages, words_of
from monitor.channels._chat import check_name, divided, escaped, packed
from monitor.channels._http import ahead_of, not_reached, retry_after, shut, turned_down, visit_host
from monitor.digests.links import Link
from monitor.digests.render import Bodies
from monitor.digests.view import StoryView, View, view
from monitor.digests.words import clip, fit
from monitor.model import (
    Answer,
    Barred,
    Edition,
    FetchFailed,
    Message,
    NotSent,
    Recipient,
    Refused,
    Response,
    Sent,
    Unknown,
    Visited,
)

NAMED = True

MOST_BLOCKS = 50
MOST_JSON = 12_000
"""Characters of all blocks of a message; Slack answers `msg_blocks_too_long` not far above."""
SECTION_LIMIT = 3_000
HEADER_LIMIT = 150
CONTEXT_LIMIT = 2_000
TEXT_LIMIT = 4_000
_TITLE_LIMIT = 300
_TOP_TITLES = 5
_HOSTS = ("hooks.slack.com", "hooks.slack-gov.com")
_TYPE = (("Content-Type", b"application/json; charset=utf-8"),)
_FORM = (("Content-Type", b"application/x-www-form-urlencoded"),)
_EVENT = "monitor_edition"
_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{2,}")
_PAGE, _MOST_PAGES = 50, 4
SPACING_S = 1.0
"""What Slack grants a channel: one message a second, however quickly feeds may be asked."""
APART = timedelta(minutes=10)
"""How far our clock may be ahead of Slack's, by which messages in a channel are stamped."""

# Slack's errors for a message that is itself at fault ...
_BAD_FORM = {
    "invalid_attachments",
    "invalid_blocks",
    "invalid_blocks_format",
    "invalid_payload",
    "msg_blocks_too_long",
    "msg_too_long",
    "no_text",
}
# ... and for trouble on its own side.
_THEIR_TROUBLE = {
    "fatal_error",
    "internal_error",
    "rate_limited",
    "ratelimited",
    "request_timeout",
    "rollup_error",
    "service_unavailable",
}

Block = dict[str, Any]
Headers = Sequence[tuple[str, bytes]]


def check_address(address: str) -> str | None:
    """What is wrong with the name of a target; None if it can name a table of the settings."""
    return check_name("slack", address)


class Settings(BaseModel, extra="forbid", frozen=True):
    """`[channels.slack.NAME]`: a webhook, or a bot token with a channel."""

    webhook: SecretStr = SecretStr("")
    token: SecretStr = SecretStr("")
    channel: str = Field(default="", pattern=r"^[#A-Za-z0-9_.-]*$")
    """Slack's own id or name of a channel; with a token."""
    api_base: str = "https://slack.com"
    """Base address of Slack's API."""
    thread: bool = True
    """With a token: an edition too long for one message is a summary with all of it in a thread."""

    @field_validator("api_base")
    @classmethod
    def _base_is_an_address(cls, value: str) -> str:
        if urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).hostname:
            raise ValueError("api_base is the address of a server, like https://slack.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        webhook, token = self.webhook.get_secret_value(), self.token.get_secret_value()
        if bool(webhook) == bool(token):
            raise ValueError("give either webhook, or token and channel")
        if token and not self.channel:
            raise ValueError("a token needs a channel to post to")
        if webhook and not _is_slack(webhook, self.api_base):
            # The address itself is a secret: it is not repeated.
            raise ValueError(f"webhook is no https address at {' or '.join(_HOSTS)}")
        return self


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The edition in as few messages as Slack's limits allow, in the order to send."""
    shown = view(edition)
    groups = _parts(shown, list(_body(shown)), _foot(shown))
    threads = settings.token.get_secret_value() and settings.thread and shown.sections
    if threads and len(groups) > 1:  # an alarm is all beginning: there is nothing to sum up
        groups = [list(_heading(shown)), *groups]
    made = []
    for part, blocks in enumerate(groups, start=1):
        payload: dict[str, Any] = {
            "text": _summary(shown, part, len(groups)),
            "blocks": blocks,
            "unfurl_links": False,
            "unfurl_media": False,
        }
        if settings.channel:
            mark = identity(edition, recipient, part)
            payload["channel"] = settings.channel
            payload["metadata"] = {"event_type": _EVENT, "event_payload": {"id": mark}}
        made.append(as_json(payload))
    return messages(edition, recipient, bodies.subject, "application/json", made)


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Post one part; if Slack cannot read its blocks, post it once more as plain text (F82).

    With a token, later parts are replies in the thread of the first (D50), and a message that may
    already have been accepted is looked for in the channel before it is posted again (D52).
    """
    if world.doubted_since and (found := await _posted(message, settings, world)):
        return Sent(f"{found} (found in the channel)") if isinstance(found, str) else found
    body = _in_thread(message.body, settings, world)
    answer = await _post(body, settings, world)
    if not isinstance(answer, Refused) or not _BAD_FORM & set(re.findall(r"\w+", answer.why)):
        return answer
    again = await _post(_as_text(body), settings, world)
    if isinstance(again, Sent):
        return Sent(f"{again.receipt} (as plain text: {answer.why})")
    return again


async def visit(settings: Settings, http: Http) -> Visited:
    """Ask the Web API whose token it is (`auth.test`); for a webhook, connect to its host."""
    webhook, token = settings.webhook.get_secret_value(), settings.token.get_secret_value()
    if not token:
        return await visit_host(webhook, http)
    got = await _call("auth.test", b"", _FORM, settings, http.post)
    if isinstance(got, FetchFailed):
        return shut(got, token)
    ahead = ahead_of(got)
    words = words_of(got.body[:2_000], token)
    said = _said(got)
    if said:
        who, where = (words_of(str(said.get(key, "?")), token) for key in ("user", "team"))
        return Visited(f"{who} in {where}", None, ahead)
    answer = _api_answer(got, words) if got.status == 200 else turned_down(got, words)
    why = words if isinstance(answer, Sent) else answer.why
    refused = isinstance(answer, NotSent) and answer.retry_after == MENDING
    return Visited(why, Barred.LOGIN if refused else Barred.REACH, ahead)


def _as_text(content: bytes) -> bytes:
    """The same part without blocks; their words become the text, so that no story is left out.

    (A part is far shorter than the 40,000 characters at which Slack cuts a text.)
    """
    payload = json.loads(content)
    texts = []
    for block in payload.pop("blocks", []):
        for text in (block.get("text"), *block.get("elements", [])):
            if text:
                shown = text["text"]
                texts.append(shown if text["type"] == "mrkdwn" else shown.translate(_ENTITIES))
    return as_json(payload | {"text": "\n\n".join(texts) or payload["text"]})


def _in_thread(content: bytes, settings: Settings, world: World) -> bytes:
    """The part as a reply to the first one, if that was posted with our token."""
    parent = _parent(settings, world)
    return as_json(json.loads(content) | {"thread_ts": parent}) if parent else content


def _parent(settings: Settings, world: World) -> str:
    """The time stamp by which Slack identifies the first part; empty: there is no thread."""
    found = re.match(r"\d+\.\d+", world.first_receipt)
    return found[0] if found and settings.thread and settings.token.get_secret_value() else ""


async def _posted(message: Message, settings: Settings, world: World) -> str | NotSent:
    """The time stamp of this message in the channel; empty: not found, or we may not ask.

    Slack looks a channel up by its id only, and the token needs the scopes `channels:history` (or
    `groups:history`) and `metadata.message:read`. NotSent: it can be asked later, and must be, as
    posting now might repeat the message.
    """
    if not (_CHANNEL_ID.fullmatch(settings.channel) and world.doubted_since):
        return ""
    parent = _parent(settings, world)
    asked = {
        "channel": settings.channel,
        "oldest": f"{(world.doubted_since - APART).timestamp():.6f}",
        "include_all_metadata": "true",
        "limit": str(_PAGE),
    }
    method = "conversations.replies" if parent else "conversations.history"
    for _ in range(_MOST_PAGES):
        form = urlencode(asked | ({"ts": parent} if parent else {})).encode()
        got = await _call(method, form, _FORM, settings, world.post)
        if later := _asked_later(got, settings):
            return later
        said = _said(got)
        for one in said.get("messages", ()):
            payload = (one.get("metadata") or {}).get("event_payload") or {}
            if payload.get("id") == message.id:
                return str(one.get("ts", ""))
        cursor = (said.get("response_metadata") or {}).get("next_cursor", "")
        if not cursor:
            break
        asked["cursor"] = str(cursor)
    return ""


def _asked_later(got: Response | FetchFailed, settings: Settings) -> NotSent | None:
    """Why the channel cannot be asked just now; None if it answered, or will not answer us."""
    if isinstance(got, Response) and got.status != 429 and got.status < 500:
        return None
    wait = retry_after(got) if isinstance(got, Response) else None
    why = str(got.status) if isinstance(got, Response) else got.why
    words = words_of(why, settings.token.get_secret_value())
    return NotSent(f"perhaps sent already; the channel cannot be asked: {words}", wait)


def _said(got: Response | FetchFailed) -> dict[str, Any]:
    """What the Web API answered; empty if there is no answer or it cannot be read."""
    try:
        said = json.loads(got.body) if isinstance(got, Response) else {}
    except ValueError:
        return {}
    return said if isinstance(said, dict) and said.get("ok") is True else {}


async def _call(
    method: str,
    content: bytes,
    headers: Headers,
    settings: Settings,
    post: Post,
    spacing_s: float = 0.0,
) -> Response | FetchFailed:
    """Call the Web API; the token goes in its own header."""
    secret = (("Authorization", f"Bearer {settings.token.get_secret_value()}".encode()),)
    url = f"{settings.api_base}/api/{method}"
    return await post(url, content, headers, secret_headers=secret, spacing_s=spacing_s)


async def _post(content: bytes, settings: Settings, world: World) -> Answer:
    webhook, token = settings.webhook.get_secret_value(), settings.token.get_secret_value()
    if token:
        got = await _call("chat.postMessage", content, _TYPE, settings, world.post, SPACING_S)
    else:
        got = await world.post(webhook, content, _TYPE, spacing_s=SPACING_S)
    path = urlsplit(webhook).path
    secrets = (webhook, path, path.rpartition("/")[2], token)
    if isinstance(got, FetchFailed):
        return not_reached(got, world.now(), *secrets)
    words = words_of(got.body[:2_000], *secrets)
    if got.status == 200:
        return _api_answer(got, words) if token else _webhook_answer(words)
    return turned_down(got, f"{got.status} {words}".strip())


def _webhook_answer(words: str) -> Answer:
    """Only "ok" is success (F85): a login portal's page also has status 200."""
    if words == "ok":
        return Sent("ok")
    if words.startswith("<"):
        return NotSent(f"200, but a page instead of ok: {clip(words, 80)}", MENDING)
    return Unknown(f"200, but not ok: {words}")


def _api_answer(got: Response, words: str) -> Answer:
    try:
        said = json.loads(got.body)
    except ValueError:
        return _webhook_answer(words if words != "ok" else "no JSON")
    if not isinstance(said, dict):
        return Unknown(f"200, but {words}")
    if said.get("ok") is True:
        return Sent(words_of(str(said.get("ts", "ok"))))
    error = words_of(str(said.get("error", "no reason given")))
    if error in _BAD_FORM:
        return Refused(error)
    return NotSent(error, None if error in _THEIR_TROUBLE else MENDING)


def _is_slack(webhook: str, api_base: str) -> bool:
    """Slack's own host, the server named in `api_base`, or this machine (guarded by fetch)."""
    parts = urlsplit(webhook)
    if parts.hostname in _HOSTS:
        return parts.scheme == "https"
    here = ("127.0.0.1", "::1", "localhost", urlsplit(api_base).hostname)
    return parts.scheme in ("http", "https") and parts.hostname in here


# --------------------------------------------------------------------------- blocks


def _body(shown: View) -> Iterator[Block]:
    yield from _top(shown)
    for section in shown.sections:
        yield {"type": "divider"}
        yield _section([f"*{_safe(section.title)}* · {len(section.stories)}"])
        for story in section.stories:
            yield _section(list(_story(story)))
    if shown.cut:
        yield _section([f"_{_told(shown.cut)}_"])


def _heading(shown: View) -> Iterator[Block]:
    """The blocks shown in the channel, above the thread: the counts and the first titles."""
    yield from _top(shown)
    stories = [story for section in shown.sections for story in section.stories]
    titles = [_link(one.link, clip(one.title, 150)) for one in stories[:_TOP_TITLES]]
    yield _section(f"{place}. {title}" for place, title in enumerate(titles, start=1))
    yield _context("All of it is in the thread.")


def _top(shown: View) -> Iterator[Block]:
    yield {
        "type": "header",
        "text": {"type": "plain_text", "text": clip(shown.title, HEADER_LIMIT), "emoji": False},
    }
    yield _context(f"{shown.date}, edition {shown.number} · {shown.covers}")
    warnings = [f"*{_told(line)}*" for line in shown.warnings]
    for some in divided(warnings, lambda some: len("\n".join(some)) <= SECTION_LIMIT):
        if some:
            yield _section(some)
    if shown.late:
        yield _section([_told(shown.late)])
    yield _section(map(_safe, (shown.summary, shown.contents)))


def _foot(shown: View) -> list[Block]:
    lines = [f"{label}: {text}" if label else text for label, text in shown.footer]
    fits = divided(lines, lambda some: len("\n".join(some)) <= CONTEXT_LIMIT)
    return [_context("\n".join(some)) for some in fits]


def _story(story: StoryView) -> Iterator[str]:
    """The lines of a story: title, who and when, words, why, who else."""
    yield f"*{_link(story.link, clip(story.title, _TITLE_LIMIT))}*"
    yield ("`Update` " if story.update else "") + _safe(story.about)
    if story.pieces:
        yield _marked(story.pieces)
    if story.reasons:
        yield " · ".join(f"{_safe(title)}: {_safe(words)}" for title, words in story.reasons)
    if story.others:
        linked = _also(story, [_link(other.link, other.source) for other in story.others])
        fits = len(linked) <= SECTION_LIMIT // 3
        yield linked if fits else _also(story, [_safe(other.source) for other in story.others])


def _also(story: StoryView, sources: Sequence[str]) -> str:
    """The line of other reports, from their sources with or without links."""
    notes = [f" ({_safe(other.note)})" if other.note else "" for other in story.others]
    more = f"; and {story.more} more" if story.more else ""
    return "Also: " + "; ".join(map("".join, zip(sources, notes, strict=True))) + more


def _marked(pieces: Sequence[tuple[str, bool]]) -> str:
    """The snippet, with matched words bold where Slack renders it: between word edges."""
    line = ""
    for place, (text, marked) in enumerate(pieces):
        after = pieces[place + 1][0][:1] if place + 1 < len(pieces) else ""
        before = pieces[place - 1][0][-1:] if place else ""
        alone = not before.isalnum() and not after.isalnum() and text == text.strip()
        line += f"*{_safe(text)}*" if marked and alone else _safe(text)
    return line


def _link(link: Link | None, label: str) -> str:
    """A link, or its label alone where the address is too long for its section."""
    if link is None:
        return _safe(label)
    url = link.url.replace("|", "%7C").replace("&", "&amp;")
    linked = f"<{url}|{_safe(label)}>"
    return linked if len(linked) <= SECTION_LIMIT // 2 else _safe(label)


def _told(text: str) -> str:
    """Text that must stand in its section, with two marks around it at most."""
    return escaped(text, SECTION_LIMIT - 2, _safe)


def _section(lines: Iterable[str]) -> Block:
    """A section; `verbatim`: Slack makes no links or mentions of its own from the text."""
    text = {"type": "mrkdwn", "text": packed(lines, SECTION_LIMIT), "verbatim": True}
    return {"type": "section", "text": text}


def _context(text: str) -> Block:
    """Small print: plain text needs no escaping and can neither link nor mention."""
    shown = text if len(text) <= CONTEXT_LIMIT else text[: fit(text, CONTEXT_LIMIT - 1)] + "…"
    return {
        "type": "context",
        "elements": [{"type": "plain_text", "text": shown, "emoji": False}],
    }


def _parts(shown: View, body: list[Block], foot: list[Block]) -> list[list[Block]]:
    """Blocks divided into messages; small print ends the last, "part n of m" each of several."""
    room_blocks, room_json = MOST_BLOCKS - 1, MOST_JSON - 400  # for "part n of m"
    groups: list[list[Block]] = [[]]
    for block in [*body, *foot]:
        grown = [*groups[-1], block]
        if groups[-1] and (len(grown) > room_blocks or _size(grown) > room_json):
            groups.append([])
        groups[-1].append(block)
    if len(groups) > 1:
        for part, group in enumerate(groups, start=1):
            group.append(_context(f"{clip(shown.title, 100)}: part {part} of {len(groups)}"))
    return groups


def _size(blocks: list[Block]) -> int:
    """Characters of the blocks as JSON with optional spaces, the longer form."""
    return len(json.dumps(blocks, ensure_ascii=False))


def _summary(shown: View, part: int, parts: int) -> str:
    """What notifications and screen readers get: count and top titles (D44)."""
    of = f" (part {part} of {parts})" if parts > 1 else ""
    stories = [story for section in shown.sections for story in section.stories]
    said = shown.summary if shown.alarm else shown.blind or shown.summary
    first = _told(f"{clip(shown.title, 100)}{of}: {said}")
    titles = [_safe(f"{one.place}. {clip(one.title, 150)}") for one in stories[:_TOP_TITLES]]
    return packed((first, *titles), TEXT_LIMIT)


# ------------------------------------------------------------------------- escaping

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
# Slack has no escape for its marks. Where one could begin or end formatting, a character that looks
# the same replaces it; inside words ("snake_case") Slack leaves it alone, and so do we.
_ALIKE = str.maketrans({"*": "∗", "_": "ˍ", "~": "∼", "`": "ˋ"})
_EDGE = re.compile(r"(?<![^\W_])[*_~`]+|[*_~`]+(?![^\W_])")
_QUOTE = re.compile(r"^\s*>+")
_EMOJI = re.compile(r":(?=[a-z0-9_+'-]+:)")


def _safe(text: str) -> str:
    """Text that is shown literally: it makes no mention, link, format or emoji."""
    text = _EDGE.sub(lambda found: found[0].translate(_ALIKE), text)
    text = _EMOJI.sub("∶", _QUOTE.sub("›", text))
    return text.translate(_ENTITIES)
