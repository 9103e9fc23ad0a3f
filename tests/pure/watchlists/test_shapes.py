"""The JSON shapes of `monitor match`."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from monitor.errors import InputError
from monitor.model import Article, Match, Span
from monitor.watchlists.shapes import article_from_json, match_as_json


def test_a_match_as_json() -> None:
    """A match has the published shape, to the letter."""
    span = Span("title", 0, 4, "NATO", "NATO")
    assert match_as_json(Match("nato", 3.2, (span,), 0, "abc")) == {
        "watchlist": "nato",
        "score": 3.2,
        "spans": [{"field": "title", "start": 0, "end": 4, "text": "NATO", "term": "NATO"}],
        "query": 0,
    }
    json.dumps(match_as_json(Match("nato", 3.2, (span,), 0)))


def test_an_article_from_a_line() -> None:
    """All fields but title and body may be missing; a time is kept in UTC."""
    line = {
        "id": "x-1",
        "title": "T",
        "body": "B",
        "lang": "en",
        "source": "S",
        "url": "https://example.org/1",
        "published": "2024-10-21T10:00:00+02:00",
    }
    assert article_from_json(line) == Article(
        title="T",
        text="B",
        language="en",
        source="S",
        url="https://example.org/1",
        published=datetime(2024, 10, 21, 8, tzinfo=UTC),
    )
    assert article_from_json({"id": 7, "title": None, "body": "B"}) == Article(id=7, text="B")


@pytest.mark.parametrize("line", [{"body": 3}, {"title": ["x"]}, {"published": "yesterday"}])
def test_what_cannot_be_read_is_refused(line: dict[str, object]) -> None:
    """A wrong type or a time without a meaning is an error, not a guess."""
    with pytest.raises(InputError):
        article_from_json(line)
