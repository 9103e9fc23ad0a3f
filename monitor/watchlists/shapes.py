"""The JSON shapes of `monitor match`, as docs and other programs know them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from typing_extensions import TypedDict

from monitor.errors import InputError
from monitor.model import Article, Match, Span

_TEXTS = ("title", "body", "lang", "source", "url", "published")


class SpanShape(TypedDict):
    """Where a term was found: characters from `start` to `end` of a field."""

    field: str
    """title, body, embeds, …"""
    start: int
    end: int
    text: str
    """The text of the span, as written."""
    term: str
    """The term of the query that it satisfies."""


class MatchShape(TypedDict):
    """A watchlist is satisfied."""

    watchlist: str
    score: float
    spans: list[SpanShape]
    query: int
    """Index of the query that was satisfied, from 0."""


def match_as_json(match: Match) -> MatchShape:
    """A match as `monitor match --json` prints it."""
    return MatchShape(
        watchlist=match.watchlist,
        score=round(match.score, 2),
        spans=[span_as_json(span) for span in match.spans],
        query=match.query,
    )


def span_as_json(span: Span) -> SpanShape:
    """Where a term was found."""
    return SpanShape(
        field=span.field, start=span.start, end=span.end, text=span.text, term=span.term
    )


def article_from_json(line: Mapping[str, Any]) -> Article:
    """An article from {"id", "title", "body", "lang"?, "source"?, "url"?, "published"?}.

    Only a whole number is kept as the article's id: other ids stay with the caller.
    Raises InputError for a value that is not text, or a time that cannot be read.
    """
    texts: dict[str, str] = {}
    for name in _TEXTS:
        value = line.get(name)
        if value is not None and not isinstance(value, str):
            raise InputError(f"{name!r} is not a text", f"it is {type(value).__name__}")
        texts[name] = value or ""
    number = line.get("id")
    return Article(
        id=number if isinstance(number, int) and not isinstance(number, bool) else 0,
        title=texts["title"],
        text=texts["body"],
        language=texts["lang"],
        source=texts["source"],
        url=texts["url"],
        published=_time(texts["published"]),
    )


def _time(text: str) -> datetime | None:
    """An ISO 8601 time in UTC; one without a zone is taken as UTC."""
    if not text:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"'published' is no ISO 8601 time: {text[:40]!r}") from error
    return time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
