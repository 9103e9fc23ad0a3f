"""The feed kind `jsonfeed`: JSON Feed 1.0 and 1.1 (jsonfeed.org/version/1.1)."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from monitor.errors import InputError, NotAFeed
from monitor.feeds import dates, newest
from monitor.feeds.encoding import decode
from monitor.feeds.identity import derived_id, keyed
from monitor.feeds.limits import (
    MAX_DEPTH,
    MAX_ELEMENTS,
    MAX_ENTRIES,
    MAX_FIELD,
    MAX_LIST,
    MAX_SHORT_FIELD,
)
from monitor.feeds.links import absolute_html
from monitor.feeds.text import absolute, clean, encoded, names, plain, shown
from monitor.model import Document, Enclosure, Entry

Item = Mapping[str, Any]

_VERSION: Final = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1(\.1)?/?$")
_IN_ITEMS: Final = 2
"""The depth at which items end: inside a list in the outermost object."""
# An unclosed string extends to the end: it is scanned once, not again from each quote inside it.
_STRING: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)'
_BRACKET: Final = re.compile(rf"{_STRING}|[\[{{]|[\]}}]", re.DOTALL)
_LAST_COMMA: Final = re.compile(rf"({_STRING})|,(?=\s*+[\]}}])", re.DOTALL)


def parse(body: bytes, content_type: str, url: str) -> Document:
    """Read one document. Raises NotAFeed for other JSON, InputError for anything but JSON."""
    decoded = decode(body, content_type)
    problems = [decoded.problem] if decoded.problem else []
    feed, whole = _load(decoded.text, problems)
    if not isinstance(feed, dict) or not isinstance(feed.get("items"), list):
        raise NotAFeed("not a feed", "it is JSON, but no JSON Feed")
    version = _VERSION.match(_text(feed, "version"))
    if not version and "version" not in feed and "title" not in feed:
        raise NotAFeed("not a feed", "it is JSON, but no JSON Feed")
    if not version:
        problems.append("no version of JSON Feed is named")
    form = "11" if version and version[1] else "1"
    return replace(_document(feed, url, decoded.encoding, form, problems), complete=whole)


def _load(text: str, problems: list[str]) -> tuple[Any, bool]:
    """The value, and whether all of it is there.

    Commas after the last member are forgiven. Of a document that breaks off, the items before the
    place are read, as they are of XML. Raises InputError for text that is broken otherwise.
    """
    text = text.lstrip("\ufeff")
    whole = _refuse_floods(text)
    try:
        return _parsed(text), True
    except (ValueError, RecursionError) as error:
        for mended, complete in (
            (_LAST_COMMA.sub(r"\1", text), True),
            (text[:whole] + "]}", False),
        ):
            try:
                value = _parsed(mended)
            except (ValueError, RecursionError):
                continue
            if complete or (isinstance(value, dict) and "items" in value):
                problems.append(f"broken JSON: {error}")
                return value, complete
        raise InputError("the document cannot be read", f"broken JSON: {error}") from error


def _parsed(text: str) -> Any:
    # Long numbers cost quadratic time; no field that we read is one.
    return json.loads(text, parse_int=_whole, strict=False)


def _whole(digits: str) -> int:
    return int(digits[:100])


def _refuse_floods(text: str) -> int:
    """Refuse what would overload a parser; the place where the last whole item ends.

    Raises InputError.
    """
    depth = opened = whole = 0
    for found in _BRACKET.finditer(text):
        mark = found[0]
        if mark in "[{":
            depth, opened = depth + 1, opened + 1
        elif mark in "]}":
            depth -= 1
            whole = found.end() if depth == _IN_ITEMS and mark == "}" else whole
        if depth > MAX_DEPTH:
            raise InputError("the document cannot be read", "JSON nested too deep")
        if opened > MAX_ELEMENTS:  # each takes thirty times the memory of its two characters
            raise InputError(
                "the document cannot be read", f"over {MAX_ELEMENTS} objects and lists"
            )
    return whole


def _document(feed: Item, url: str, encoding: str, version: str, problems: list[str]) -> Document:
    base = (
        absolute(_text(feed, "home_page_url"), url) or absolute(_text(feed, "feed_url"), url) or url
    )
    items = [item for item in feed["items"] if isinstance(item, dict)]
    if len(items) > MAX_ENTRIES:
        span, words = newest.kept(len(items), lambda item: _stated(items[item]))
        problems.append(words)
        items = items[span]
    language = plain(_text(feed, "language"), 40)
    entries = [_entry(item, feed, base, language, problems) for item in items]
    return Document(
        kind="jsonfeed",
        format=f"jsonfeed{version}",
        encoding=encoding,
        title=plain(_text(feed, "title")),
        link=encoded(shown(_text(feed, "home_page_url"), url)),
        language=language,
        entries=keyed(entries),
        problems=tuple(dict.fromkeys(problems)),
        hubs=_hubs(feed, url),
        self_url=absolute(_text(feed, "feed_url"), url),
    )


def _hubs(feed: Item, url: str) -> tuple[str, ...]:
    """Addresses of the hubs that speak WebSub; the format allows others (rssCloud)."""
    named = [one for one in _dicts(feed, "hubs") if _text(one, "type").lower() == "websub"]
    found = (absolute(_text(one, "url"), url) for one in named)
    return tuple(dict.fromkeys(address for address in found if address))


def _entry(item: Item, feed: Item, base: str, language: str, problems: list[str]) -> Entry:
    spelled = shown(_text(item, "url"), base) or shown(_text(item, "external_url"), base)
    link = encoded(spelled)
    summary = html.escape(_long(item, "summary", problems), quote=False)
    content = absolute_html(_long(item, "content_html", problems), link or base)
    if not content:
        content = html.escape(_long(item, "content_text", problems), quote=False)
    title = plain(_text(item, "title"))
    stated = _text(item, "id").strip()[:MAX_SHORT_FIELD]
    entry_id = stated or derived_id(spelled, title, summary + content)
    own = plain(_text(item, "language"), 40)
    return Entry(
        key=entry_id,
        id=entry_id,
        link=link,
        title=title,
        published=_date(item, "date_published", problems),
        updated=_date(item, "date_modified", problems),
        authors=_authors(item) or _authors(feed),
        summary_html=summary,
        content_html=content,
        categories=_tags(item),
        language=own if own and own.lower() != language.lower() else None,
        enclosures=_attachments(item, base),
    )


def _text(item: Item, key: str) -> str:
    """A string, or a number as text: ids are often numbers, although the format says strings.

    "" for anything else.
    """
    value = item.get(key)
    if isinstance(value, float):
        value = int(value) if value.is_integer() else str(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return clean(value) if isinstance(value, str) else ""


def _long(item: Item, key: str, problems: list[str]) -> str:
    value = _text(item, key)
    if len(value) > MAX_FIELD:
        problems.append(f"a text of over {MAX_FIELD} characters is cut")
    return value[:MAX_FIELD]


def _date(item: Item, key: str, problems: list[str]) -> datetime | None:
    stated = _text(item, key).strip()
    moment = dates.parse(stated) if stated else None
    if stated and moment is None:
        problems.append(f'unbelievable date "{stated[:60]}"')
    return moment


def _stated(item: Item) -> datetime | None:
    return _date(item, "date_published", []) or _date(item, "date_modified", [])


def _dicts(item: Item, key: str) -> list[Item]:
    value = item.get(key)
    return (
        [one for one in value[:MAX_LIST] if isinstance(one, dict)]
        if isinstance(value, list)
        else []
    )


def _authors(item: Item) -> tuple[str, ...]:
    """Names of the authors: version 1.1 has a list of them, version 1.0 a single one."""
    single = item.get("author")
    people = _dicts(item, "authors") or [single if isinstance(single, dict) else {"name": single}]
    return names(_text(person, "name") for person in people)


def _tags(item: Item) -> tuple[str, ...]:
    tags = item.get("tags")
    some = tags[:MAX_LIST] if isinstance(tags, list) else []
    return names(tag for tag in some if isinstance(tag, str))


def _attachments(item: Item, base: str) -> tuple[Enclosure, ...]:
    found: list[Enclosure] = []
    for part in _dicts(item, "attachments"):
        address, size = absolute(_text(part, "url"), base), part.get("size_in_bytes")
        if address:
            length = size if isinstance(size, int) and 0 <= size < 1 << 53 else None
            found.append(Enclosure(address, plain(_text(part, "mime_type"), 100), length))
    return tuple(found)
