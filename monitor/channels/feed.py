"""The digest as a feed: an Atom and a JSON Feed document in a folder.

Each story that an edition tells is one entry; an update is another entry, because many readers
never show an old entry again. `NAME.json` is also our record of what the feed holds, so that
writing a message twice leaves the same files. Both files are replaced atomically, so a file server
may serve the folder at any moment.

Form: RFC 4287 (Atom), jsonfeed.org/version/1.1, RFC 9562 (names as UUIDs).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as Xml

from pydantic import BaseModel, Field, SecretStr, field_validator

from monitor.channels import Http, World, as_json, identity, messages
from monitor.channels._chat import check_name
from monitor.digests.render import Bodies, entry_html
from monitor.digests.view import StoryView, View, view
from monitor.digests.words import plain
from monitor.model import (
    Answer,
    Barred,
    Edition,
    EditionStory,
    Message,
    NotSent,
    Recipient,
    Refused,
    Sent,
    Visited,
    utc_text,
)

NAMED = True
_ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
# Characters that neither text nor attributes of XML 1.0 may contain (§2.2).
_NOT_XML = re.compile(r"[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")

Item = dict[str, Any]
"""An item as JSON Feed has it."""


class Settings(BaseModel, extra="forbid", frozen=True):
    """`[channels.feed.NAME]`: where the files go, and where readers find them."""

    path: Path
    """The folder; created if missing."""
    title: str = ""
    """Title of the feed; empty: the digest's."""
    link: str = ""
    """The address at which the folder is served; empty: the files are read directly."""
    max_entries: int = Field(default=100, ge=1, le=10_000)
    rss: bool = False
    """Whether to write RSS 2.0 too, for readers that know nothing else."""
    token: SecretStr = SecretStr("")
    """If we serve the folder ourselves: required from whoever reads it."""

    @field_validator("link")
    @classmethod
    def _link_is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("link is the http(s) address of the folder")
        return value.rstrip("/")


def check_address(address: str) -> str | None:
    """What is wrong with the name of a feed; None if it can name a table and two files."""
    return check_name("feed", address)


def render(
    edition: Edition, recipient: Recipient, settings: Settings, bodies: Bodies, now: datetime
) -> list[Message]:
    """The edition's stories as items: {"title", "updated", "items"}, in the edition's order.

    Each is a second older than the one before, so that readers, who sort by time, keep that order.
    """
    mark = identity(edition, recipient)
    shown = view(edition)
    stories = [story for section in shown.sections for story in section.stories]
    items = [
        _item(mark, story, words, now - timedelta(seconds=place))
        for place, (story, words) in enumerate(zip(edition.stories, stories, strict=True), 1)
    ]
    body = {
        "title": plain(edition.title),
        "updated": utc_text(now),
        "items": [*_notice(mark, shown, now), *items],
    }
    return messages(edition, recipient, bodies.subject, "application/json", [as_json(body)])


async def send(message: Message, settings: Settings, world: World) -> Answer:
    """Rewrite both files with what the message adds. Doing it twice changes nothing."""
    if wrong := check_address(message.recipient.address):  # it becomes the name of files
        return Refused(wrong)
    try:
        return Sent(await asyncio.to_thread(_write, message, settings))
    except OSError as error:
        return NotSent(f"cannot write into {settings.path}: {error.strerror or error}")


async def visit(settings: Settings, http: Http) -> Visited:
    """Whether files can be written into the folder, or the folder created."""
    path = settings.path.absolute()
    there = next(one for one in (path, *path.parents) if one.exists())
    if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
        return Visited(f"{there} cannot be written", Barred.FOLDER)
    return Visited(str(path) if there == path else f"{path}, to be made")


def document_of(edition: Edition, name: str, link: str) -> Item:
    """The stories of an edition as a self-contained feed, newest first.

    An entry is dated by its story's lead and updated by its last report. `name` gives the feed and
    its entries stable ids; `link`: the address it is served at, without the extension.
    """
    stories = [story for section in view(edition).sections for story in section.stories]
    items = [
        _item(name, story, words, _last(story, edition))
        for story, words in zip(edition.stories, stories, strict=True)
    ]
    items = merged((), items, len(items))
    updated = items[0]["date_modified"] if items else utc_text(_NOTHING_YET)
    return {
        "version": _VERSION,
        "title": plain(edition.title),
        "items": items,
        "_monitor": {"id": uuid5(NAMESPACE_URL, f"monitor:{name}").urn, "updated": updated},
        "feed_url": f"{link}.json",
    }


def _last(story: EditionStory, edition: Edition) -> datetime:
    """When the story's last report came, at the latest the window's end; undated: its start."""
    times = [one.at for one in (story.lead, *story.others) if one.at]
    return min(max(times, default=edition.window.start), edition.window.end)


_NOTHING_YET = datetime(1970, 1, 1, tzinfo=UTC)
_VERSION = "https://jsonfeed.org/version/1.1"


def merged(old: Sequence[Item], new: Sequence[Item], most: int) -> list[Item]:
    """The items of a feed: newest first, each once, at most `most`."""
    items = {item["id"]: item for item in (*new, *old)}
    return sorted(items.values(), key=lambda item: _moment(item["date_modified"]), reverse=True)[
        :most
    ]


def _moment(told: str) -> datetime:
    """A time of ours; not compared as text, as an older version wrote +00:00 for Z.

    One that a person has left without a zone counts as local time. Raises ValueError if it is none.
    """
    return datetime.fromisoformat(told).astimezone(UTC)


def atom(document: Item) -> bytes:
    """The Atom form of our JSON Feed document."""
    Xml.register_namespace("", _ATOM)
    feed = Xml.Element(f"{{{_ATOM}}}feed")
    _child(feed, "id", document["_monitor"]["id"])
    _child(feed, "title", document["title"])
    _child(feed, "updated", document["_monitor"]["updated"])
    _child(_child(feed, "author"), "name", document["title"])
    if "feed_url" in document:
        address = document["feed_url"].removesuffix(".json") + ".atom"
        _child(feed, "link", rel="self", type="application/atom+xml", href=address)
    for item in document["items"]:
        _entry(feed, item)
    Xml.indent(feed)
    return bytes(Xml.tostring(feed, encoding="utf-8", xml_declaration=True)) + b"\n"


def rss(document: Item) -> bytes:
    """The RSS 2.0 form of our JSON Feed document (rssboard.org/rss-specification)."""
    root = Xml.Element("rss", version="2.0")
    channel = Xml.SubElement(root, "channel")
    own = document.get("feed_url", "").removesuffix(".json")
    _plain(channel, "title", document["title"])
    _plain(channel, "link", own + ".rss" if own else document["_monitor"]["id"])
    _plain(channel, "description", document["title"])
    _plain(channel, "lastBuildDate", _rfc822(document["_monitor"]["updated"]))
    for item in document["items"]:
        entry = Xml.SubElement(channel, "item")
        _plain(entry, "title", item["title"])
        if url := item.get("url"):
            _plain(entry, "link", url)
        _plain(entry, "guid", item["id"]).set("isPermaLink", "false")
        _plain(entry, "pubDate", _rfc822(item["date_modified"]))
        for tag in item["tags"]:
            _plain(entry, "category", tag)
        _plain(entry, "description", item["content_html"])
    Xml.indent(root)
    return bytes(Xml.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def _plain(parent: Xml.Element, name: str, words: str) -> Xml.Element:
    child = Xml.SubElement(parent, name)
    child.text = _NOT_XML.sub("", words)
    return child


def _rfc822(time: str) -> str:
    return format_datetime(_moment(time))


# ---------------------------------------------------------------------------- items


def _item(mark: str, story: EditionStory, words: StoryView, now: datetime) -> Item:
    told = min(story.lead.at, now) if story.lead.at else now
    item: Item = {
        "id": uuid5(NAMESPACE_URL, f"monitor:{mark}:{story.id}").urn,
        "title": f"Update: {words.title}" if words.update else words.title,
        "content_html": entry_html(words),
        "date_published": utc_text(told),
        "date_modified": utc_text(now),
        "tags": [title for title, _ in words.reasons],
    }
    if words.link:
        item["url"] = words.link.url
    if source := plain(story.lead.source):
        item["authors"] = [{"name": source}]
    if _LANGUAGE.fullmatch(words.lang):
        item["language"] = words.lang
    return item


def _notice(mark: str, shown: View, now: datetime) -> list[Item]:
    """What a reader must know besides the stories: what is missing, or that nothing happened."""
    if not (shown.blind or shown.cut) and shown.sections:
        return []
    words = [part for part in (shown.blind, shown.late, shown.summary, shown.cut) if part]
    return [
        {
            "id": uuid5(NAMESPACE_URL, f"monitor:{mark}:notice").urn,
            "title": shown.blind or shown.cut or shown.summary,
            "content_html": "".join(f"<p>{escape(part)}</p>" for part in words),
            "date_published": utc_text(now),
            "date_modified": utc_text(now),
            "tags": [],
        }
    ]


def _entry(feed: Xml.Element, item: Item) -> None:
    """One entry; RFC 4287 §4.1.2 requires id, title, updated and, if it has no link, content."""
    entry = _child(feed, "entry")
    if language := item.get("language"):
        entry.set(_LANG, language)
    _child(entry, "id", item["id"])
    _child(entry, "title", item["title"])
    _child(entry, "updated", item["date_modified"])
    _child(entry, "published", item["date_published"])
    for author in item.get("authors", ()):
        _child(_child(entry, "author"), "name", author["name"])
    if url := item.get("url"):
        _child(entry, "link", rel="alternate", href=url)
    for tag in item["tags"]:
        _child(entry, "category", term=tag)
    _child(entry, "content", item["content_html"], type="html")


def _child(parent: Xml.Element, name: str, words: str = "", **attributes: str) -> Xml.Element:
    sound = {key: _NOT_XML.sub("", value) for key, value in attributes.items()}
    child = Xml.SubElement(parent, f"{{{_ATOM}}}{name}", sound)
    child.text = _NOT_XML.sub("", words) or None
    return child


# ---------------------------------------------------------------------------- files


def _write(message: Message, settings: Settings) -> str:
    name = message.recipient.address
    place = settings.path / f"{name}.json"
    settings.path.mkdir(parents=True, exist_ok=True)
    old, trouble = _read(place)
    document = _document(message, settings, old)
    # The record comes last: until it is in place, the message counts as not written.
    _put(settings.path / f"{name}.atom", atom(document))
    if settings.rss:
        _put(settings.path / f"{name}.rss", rss(document))
    _put(place, as_json(document))
    return f"{len(document['items'])} entries in {place}{trouble}"


def _document(message: Message, settings: Settings, old: Item) -> Item:
    said = json.loads(message.body)
    ours = old.get("_monitor", {})
    name = message.recipient.address
    document: Item = {
        "version": _VERSION,
        "title": plain(settings.title) or said["title"],
        "items": merged(old.get("items", ()), said["items"], settings.max_entries),
        "_monitor": {
            # Assigned once: the address or title may change, the feed's id may not.
            "id": ours.get("id") or uuid5(NAMESPACE_URL, f"monitor:{name}:{message.id}").urn,
            "updated": max(said["updated"], ours.get("updated", said["updated"]), key=_moment),
        },
    }
    if settings.link:
        document["feed_url"] = f"{settings.link}/{name}.json"
    return document


def _read(place: Path) -> tuple[Item, str]:
    """What the feed holds and what was wrong with it; a damaged file is kept beside the new one."""
    try:
        found: Item = json.loads(place.read_bytes())
        atom(found)  # what we could not write again counts as damaged too
        rss(found)
        as_json(found)
        return found, ""
    except FileNotFoundError:
        return {}, ""
    except (ValueError, KeyError, TypeError, AttributeError):
        kept = place.with_suffix(".damaged")
        place.replace(kept)
        return {}, f"; the old file could not be read and is kept as {kept.name}"


def _put(place: Path, content: bytes) -> None:
    """Replace the file atomically: whatever happens, the old or the new one is complete."""
    new = place.with_name(f".{place.name}.new")
    with new.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    new.replace(place)
