"""Articles: in a line, and in full with the reasons why they matched."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select
from typing_extensions import TypedDict

from monitor.model import Article
from monitor.store import export, rows
from monitor.store.export import ArticleHead, ArticleLine, EntryLine, MatchedLine
from monitor.store.schema import articles, entries, matches


class EmbedRow(TypedDict):
    """A post that is embedded in an article."""

    kind: str
    text: str
    url: str


class ArticleWhole(ArticleLine):
    """An article with its text, the entries that brought it, its story, and why it matched."""

    link: str
    """The address as the feed states it."""
    modified: datetime | None
    owner: str
    tags: list[str]
    embeds: list[EmbedRow]
    baseline: bool
    """Whether it was there when its feed was first asked, and so is no news."""
    story: int | None
    duplicate_of: int | None
    """The article whose text this repeats."""
    entries: list[EntryLine]
    matches: list[MatchedLine]


def article_head(article: Article) -> ArticleHead:
    """Return an article as `monitor search --json` shows it."""
    return ArticleHead(
        id=article.id,
        url=article.url,
        title=article.title,
        source=article.source,
        language=article.language,
        published=article.published,
        first_seen=article.first_seen,
    )


def article_whole(connection: Connection, number: int) -> ArticleWhole | None:
    """Return everything kept of one article; None if there is none with that number."""
    found = connection.execute(select(articles).where(articles.c.id == number)).mappings().first()
    if found is None:
        return None
    brought = export.entries_wanted().where(entries.c.article_id == number).order_by(entries.c.id)
    satisfied = export.matches_wanted().where(matches.c.article_id == number)
    satisfied = satisfied.order_by(matches.c.score.desc(), matches.c.watchlist)
    return ArticleWhole(
        **export.article_line(found),
        link=found["link"],
        modified=found["modified"],
        owner=found["owner"],
        tags=found["tags"],
        embeds=[EmbedRow(kind=e.kind, text=e.text, url=e.url) for e in rows.article(found).embeds],
        baseline=found["baseline"],
        story=found["story_id"],
        duplicate_of=found["duplicate_of"],
        entries=[export.entry_line(row) for row in connection.execute(brought).mappings()],
        matches=[export.matched_line(row) for row in connection.execute(satisfied).mappings()],
    )
