"""`monitor clean`: the clean text of an article page."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output, sources
from monitor.cli.state import command, state
from monitor.errors import InputError, UsageError

if TYPE_CHECKING:
    from monitor.model import Cleaned

_MARKUP = re.compile(rb"<(?:!doctype|!--|[a-z][a-z0-9]*[\s>/])", re.IGNORECASE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "clean")(clean)


def clean(
    source: Annotated[
        str | None, typer.Argument(help="A file, an address, or - for standard input.")
    ] = None,
    url: Annotated[str, typer.Option(help="The address of the page.")] = "",
    jsonl: Annotated[
        str | None, typer.Option(metavar="FILE", help='Lines {"id","url","html"|"path"}.')
    ] = None,
) -> int:
    """Show the title, the dates and the body of an article page."""
    from monitor.articles.clean import cleaned_as_json

    if jsonl is not None:
        folder = Path(jsonl).parent if jsonl != sources.STDIN else Path()
        return sources.each_line(jsonl, lambda line: _line(line, folder))
    if source is None:
        raise UsageError("nothing to clean", hint="name a file, an address or -, or use --jsonl")
    given = sources.read(source)
    cleaned = read_article(given, url)
    if state.json:
        output.emit(cleaned_as_json(cleaned, id=source))
    else:
        _show(cleaned)
    return 0


def read_article(source: sources.Source, url: str = "") -> Cleaned:
    """A page, or the plain text of one."""
    from monitor.articles.clean import clean_page, clean_text

    if "text/plain" in source.content_type or not _MARKUP.search(source.body[:100_000]):
        return clean_text(source.body.decode("utf-8", "replace"))
    return clean_page(source.body, url or source.url, content_type=source.content_type)


def _line(line: dict[str, Any], folder: Path) -> dict[str, Any]:
    from monitor.articles.clean import clean_page, cleaned_as_json

    sources.text(line, "id")
    url = sources.text(line, "url", "")
    if "path" in line and "html" not in line:
        path = folder / sources.text(line, "path")
        try:
            html: bytes | str = path.read_bytes()
        except OSError as error:
            raise InputError(f"cannot read {path}", error.strerror or "") from error
    else:
        html = sources.text(line, "html")
    return cleaned_as_json(clean_page(html, url)) | {"id": line["id"]}


def _show(cleaned: Cleaned) -> None:
    facts = {
        "by": ", ".join(cleaned.authors),
        "published": output.moment(cleaned.published) if cleaned.published else "",
        "modified": output.moment(cleaned.modified) if cleaned.modified else "",
        "section": cleaned.section,
        "site": cleaned.site,
        "language": cleaned.language,
        "text": f"{cleaned.words} words, found by {cleaned.method or 'nothing'}",
        "problems": "; ".join(cleaned.problems),
    }
    output.say(cleaned.title or "(no title)")
    for name, value in facts.items():
        if value:
            output.say(f"{name + ':':<11}{output.one_line(value)}")
    output.say(f"\n{cleaned.text}")
    for embed in cleaned.embeds:
        output.say(f"\n[{embed.kind}] {embed.text} {embed.url}")
