"""Group articles given as JSON lines into stories, for `monitor stories --jsonl`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from html import unescape
from typing import Any

from monitor.errors import InputError
from monitor.model import Article
from monitor.stories.grouper import Encode, Grouper

_TAG = re.compile(r"<[^<>]{1,2000}>")


def stories_of(
    lines: Iterable[Mapping[str, Any]], encode: Encode | None = None
) -> Iterator[dict[str, str | None]]:
    """Yield each article's story, decided in the order given, before the next is read.

    Lines are `{"id", "title", "body", "published", "source", "url"?, "lang"?}`, answers
    `{"id", "story", "duplicate_of"}`: stories are named "s1", "s2", ... in the order they open,
    `duplicate_of` is the id of the first article with the same text, or None. An article without
    a time gets the latest time before it. Raises `InputError` for a line without an
    id, or with a time that cannot be read.
    """
    grouper = Grouper(encode=encode)
    ids: list[str] = []
    latest = datetime(1970, 1, 1, tzinfo=UTC)
    opened = 0
    for line in lines:
        number = len(ids) + 1
        told = _time(line, number)
        latest = max(latest, told or latest)
        article = _article(line, number, told or latest, latest)
        ids.append(str(line["id"]))
        decided = grouper.assign(article, latest)
        opened += decided.story_id is None
        story = decided.story_id or opened
        grouper.restore(article, story, decided.duplicate_of)
        original = decided.duplicate_of
        yield {
            "id": ids[-1],
            "story": f"s{story}",
            "duplicate_of": ids[original - 1] if original else None,
        }


def _article(line: Mapping[str, Any], number: int, told: datetime, seen: datetime) -> Article:
    return Article(
        id=number,
        url=line.get("url") or "",
        title=_plain(line.get("title") or ""),
        text=_plain(line.get("body") or ""),
        published=told,
        first_seen=seen,
        source=line.get("source") or "",
        language=line.get("lang") or "",
    )


def _plain(text: str) -> str:
    """Text without the markup that raw lines may still have."""
    return unescape(_TAG.sub(" ", text)) if "<" in text or "&" in text else text


def _time(line: Mapping[str, Any], number: int) -> datetime | None:
    """When it was published (ISO 8601; without a zone: UTC)."""
    if "id" not in line:
        raise InputError("an article without id", where=f"line {number}")
    stated = line.get("published")
    if not stated:
        return None
    try:
        told = datetime.fromisoformat(stated)
    except ValueError as error:
        raise InputError(
            "a time that is not ISO 8601", str(error), where=f"line {number}"
        ) from error
    return told if told.tzinfo else told.replace(tzinfo=UTC)
