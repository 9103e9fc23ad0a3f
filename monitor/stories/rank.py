"""Which article stands for its story, and which story comes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from monitor.model import Article, Reported

FULL = 250
"""An article of so many words tells the whole event: more do not make it better."""

_LAST = datetime.max.replace(tzinfo=UTC)


def lead(articles: Sequence[Article], originals: Mapping[int, int] | None = None) -> Article:
    """The article that leads its story: full, not a copy, earliest.

    In this order: articles of at least `FULL` words, or of the length of the longest, before
    shorter ones; articles that repeat no other's text before copies (`originals` maps the id of a
    copy to the article it repeats); earlier before later; smaller id before greater. Raises
    ValueError when there are no articles.
    """
    copies = originals or {}
    longest = max((len(article.text.split()) for article in articles), default=0)

    def place(article: Article) -> tuple[bool, bool, datetime, int]:
        full = len(article.text.split()) >= min(FULL, longest)
        return not full, article.id in copies, article.at or _LAST, article.id

    return min(articles, key=place)


def order(stories: Sequence[Sequence[Reported]]) -> list[Sequence[Reported]]:
    """Stories as a run lists them, best first; a digest also weighs them within its window.

    By the best match score among the articles, then by the number of sources that told it in
    their own words, then by the newest article, then by story number. Each story is the
    sequence of its articles; empty ones are left out.
    """

    def place(story: Sequence[Reported]) -> tuple[float, int, float, int]:
        scores = [match.score for reported in story for match in reported.matches]
        newest = max((r.article.at for r in story if r.article.at), default=None)
        return (
            -max(scores, default=0.0),
            -_independent(story),
            -newest.timestamp() if newest else 0.0,
            story[0].story_id,
        )

    return sorted((story for story in stories if story), key=place)


def _independent(story: Sequence[Reported]) -> int:
    """Number of sources (owners, where known) with a text of their own."""
    return len({r.article.owner or r.article.source for r in story if r.duplicate_of is None})
