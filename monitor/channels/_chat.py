"""Shared by chat channels: dividing an edition into as few messages as the limits allow."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar
from urllib.parse import urlsplit

from pydantic import SecretStr

from monitor.channels import MENDING, World, words_of
from monitor.channels._http import not_reached, secrets_of, turned_down
from monitor.digests.view import StoryView, View
from monitor.digests.words import clip, plain
from monitor.model import Answer, FetchFailed, Message, NotSent, Response

T = TypeVar("T")
_TYPE = (("Content-Type", b"application/json"),)
LONGEST_LINK = 2_000
"""Longest address that chats accept, in characters; with a longer one the text gets no link."""


def check_name(channel: str, address: str) -> str | None:
    """What is wrong with the name of a target; None if it can name a table of the settings."""
    if re.fullmatch(r"[A-Za-z0-9_-]{1,64}", address):
        return None
    return (
        f"{plain(address)!r} cannot name a [channels.{channel}.NAME] (use letters, digits, - and _)"
    )


def web_address(value: SecretStr) -> SecretStr:
    """An http(s) address, kept like a secret. Raises ValueError, which does not show it."""
    try:
        parts = urlsplit(value.get_secret_value())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("url is no http(s) address")
    return value


async def posted(
    url: str, secret: str, message: Message, world: World
) -> tuple[Response, str] | Answer:
    """Post a message: returns a 2xx answer with its text, or else what the answer means.

    `secret`: the address as in the settings, no part of which is shown.
    """
    got = await world.post(url, message.body, _TYPE)
    if isinstance(got, FetchFailed):
        return not_reached(got, world.now(), *secrets_of(secret))
    words = words_of(got.body[:2_000], *secrets_of(secret))
    if not 200 <= got.status < 300:
        return turned_down(got, f"{got.status} {words}".strip())
    if words.startswith("<"):  # such as a login portal's, which is no success (F85)
        return NotSent(f"{got.status}, but a page: {clip(words, 80)}", MENDING)
    return got, words


def divided(pieces: Iterable[T], fits: Callable[[Sequence[T]], bool]) -> list[list[T]]:
    """The pieces in order, in groups that fit; a piece too large to fit gets its own group."""
    groups: list[list[T]] = [[]]
    for piece in pieces:
        if groups[-1] and not fits([*groups[-1], piece]):
            groups.append([])
        groups[-1].append(piece)
    return groups


def escaped(text: str, limit: int, safe: Callable[[str], str]) -> str:
    """`safe(text)`, the text clipped before it is escaped so that the result fits.

    No escape is cut in half, and the ellipsis says that something is missing.
    """
    room = limit
    while len(shown := safe(clip(text, room))) > limit:
        room = min(room - 1, room * limit // len(shown))
    return shown


def packed(lines: Iterable[str], limit: int) -> str:
    """As many whole lines as fit: nothing is ever cut inside a mark, a link or an escape.

    A line that must not be left out has to be `escaped` to less than the limit.
    """
    kept = ""
    for line in filter(None, lines):
        longer = f"{kept}\n{line}" if kept else line
        if len(longer) <= limit:
            kept = longer
    return kept


def heading(shown: View) -> list[str]:
    """The lines above the stories; the first is the title."""
    lines = [
        shown.title,
        f"{shown.date}, edition {shown.number} · {shown.covers}",
        *shown.warnings,
        shown.late,
        shown.summary,
        shown.contents,
    ]
    return [line for line in lines if line]


def footing(shown: View) -> list[str]:
    """The lines below the stories: what was cut, what was read, what could not be read."""
    lines = [f"{label}: {text}" if label else text for label, text in shown.footer]
    return [shown.cut, *lines] if shown.cut else lines


def reasons(story: StoryView) -> str:
    """Which watchlists matched, and on which words."""
    return " · ".join(f"{title}: {words}" for title, words in story.reasons)


def others(story: StoryView) -> str:
    """The other reports, without links."""
    if not story.others:
        return ""
    named = [f"{one.source} ({one.note})" if one.note else one.source for one in story.others]
    more = f"; and {story.more} more" if story.more else ""
    return "Also: " + "; ".join(named) + more
