"""`monitor stories`: which of many articles tell the same event."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from typing import Annotated, Any

import typer

from monitor.cli import sources
from monitor.cli.state import command


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
    return sources.each_line(jsonl, _grouping())


def _grouping() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Answers one line after the other; a line that cannot be read leaves no trace."""
    from monitor.stories.lines import stories_of
    from monitor.watchlists.shapes import article_from_json

    given: deque[dict[str, Any]] = deque()
    ids: dict[str | None, Any] = {None: None}
    answers = stories_of(iter(given.popleft, None))  # it asks for a line only when one is there

    def answer(line: dict[str, Any]) -> dict[str, Any]:
        ids.setdefault(sources.text(line, "id"), line["id"])
        article_from_json(line)  # raises what would end the grouping of all lines after it
        given.append(line)
        told = next(answers)
        return {name: ids[value] if name != "story" else value for name, value in told.items()}

    return answer
