"""Reports as short as a test needs, and the stories that a grouper puts them in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from monitor.model import Article
from monitor.stories.grouper import Grouper

AT = datetime(2026, 10, 5, 6, tzinfo=UTC)


def article(
    number: int, title: str, text: str = "", source: str = "daily", days: float = 0
) -> Article:
    """An English report of a source, that many days after AT."""
    at = AT + timedelta(days=days)
    return Article(
        id=number,
        url=f"https://{source}.example/{number}",
        title=title,
        text=text,
        source=source,
        published=at,
        first_seen=at,
        language="en",
    )


def joined(*told: Article) -> list[int]:
    """The story of each article, in the order of arrival."""
    state, stories = Grouper(), []
    for one in told:
        decided = state.assign(one, one.first_seen or AT)
        stories.append(decided.story_id or one.id)
        state.restore(one, stories[-1], decided.duplicate_of)
    return stories
