"""`monitor stories`: which of many articles tell the same event."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import sources
from monitor.cli.match import article_of
from monitor.cli.state import command

if TYPE_CHECKING:
    from monitor.stories.grouper import Grouper


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "stories")(stories)


def stories(
    jsonl: Annotated[
        str,
        typer.Option(
            metavar="FILE", help='Lines {"id","title","body","published","source",…}; - for stdin.'
        ),
    ],
) -> int:
    """Group articles into stories, each decided before the next is seen."""
    from monitor.stories.grouper import Grouper

    return sources.each_line(jsonl, _Grouping(Grouper()).answer)


class _Grouping:
    """Takes articles as they come; time is that of the newest article so far."""

    def __init__(self, grouper: Grouper) -> None:
        self._grouper = grouper
        self._ids: dict[int, Any] = {}
        self._stories = 0
        self._now: datetime | None = None

    def answer(self, line: dict[str, Any]) -> dict[str, Any]:
        """{id, story, duplicate_of} of one article."""
        article = article_of(line)
        number = len(self._ids) + 1
        now = max(filter(None, (self._now, article.published)), default=datetime.now(UTC))
        article = replace(article, id=number, first_seen=article.published or now)
        assignment = self._grouper.assign(article, now)
        if assignment.story_id is None:
            self._stories += 1
        story = assignment.story_id or self._stories
        self._grouper.restore(article, story, assignment.duplicate_of)
        self._ids[number], self._now = line["id"], now
        original = assignment.duplicate_of
        return {
            "id": line["id"],
            "story": str(story),
            "duplicate_of": None if original is None else self._ids[original],
        }
