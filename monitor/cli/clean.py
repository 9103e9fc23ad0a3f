"""`monitor clean`: the clean text of an article page."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import output, sources
from monitor.cli.fetch import address
from monitor.cli.state import command, directory, state
from monitor.errors import InputError, UsageError
from monitor.shapes.plain import error_as_json

if TYPE_CHECKING:
    from monitor.model import Cleaned, Override

BEGINS = 46
"""How many characters of a block `--explain` shows."""
_MARKUP = re.compile(r"<(?:!doctype|!--|[a-z][a-z0-9]*[\s>/])", re.IGNORECASE)


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "clean")(clean)


def clean(
    source: Annotated[
        str | None, typer.Argument(help="A file, an address, or - for standard input.")
    ] = None,
    url: Annotated[str, typer.Option(metavar="URL", help="The address of the page.")] = "",
    jsonl: Annotated[
        str | None, typer.Option(metavar="FILE", help='Lines {"id","url","html"|"path"}.')
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show what was kept and dropped, and by which rule.")
    ] = False,
    learned: Annotated[
        bool, typer.Option("--learned", help="Leave out what the stored pages of its host share.")
    ] = False,
) -> int:
    """Show the title, the dates and the body of an article page."""
    from monitor.articles.clean import cleaned_as_json

    if jsonl is not None:
        if source is not None or url or explain or learned:
            raise UsageError("--jsonl takes nothing else", hint="monitor clean --jsonl FILE")
        return _each(jsonl)
    if source is None:
        raise UsageError("nothing to clean", hint="name a file, an address or -, or use --jsonl")
    if url:
        address(url)
    given = sources.read(source)
    furniture = _learned(url or given.url) if learned else frozenset()
    if explain:
        return _explain(given, url or given.url, furniture)
    cleaned = read_article(given, url, furniture)
    if state.json:
        output.emit(cleaned_as_json(cleaned, id=source))
    else:
        _show(cleaned)
    return 0


def _learned(url: str) -> frozenset[int]:
    """Return the lines that a daemon would leave out of a page of this host."""
    from monitor.articles import furniture, urls
    from monitor.cli.state import store
    from monitor.store.furniture import counted

    host = urls.host(url)
    if not host:
        raise UsageError(
            "nothing is learned about a page without an address", hint="give its --url"
        )
    with store() as opened:
        known = opened.read_now(counted, [host]).get(host)
    lines = furniture.learn(known.lines, known.pages) if known else ()
    return frozenset(line.hash for line in lines)


def read_article(
    source: sources.Source, url: str = "", furniture: frozenset[int] = frozenset()
) -> Cleaned:
    """Return the article of a page, or of its plain text.

    Raises InputError if it is neither.
    """
    from monitor.articles.clean import clean_page, clean_text

    text, noted = _decoded(source.body, source.content_type)
    if "text/plain" in source.content_type or not _MARKUP.search(text[:100_000]):
        return clean_text(text)
    address = url or source.url
    cleaned = clean_page(text, address, override=_override(address, _sites()), furniture=furniture)
    return replace(cleaned, problems=(*noted, *cleaned.problems))


def _decoded(body: bytes, content_type: str = "") -> tuple[str, list[str]]:
    """Return what stands in a page or a text, and what was wrong with its encoding.

    Raises InputError if it is neither.
    """
    from monitor.articles.page import decode

    problems: list[str] = []
    text = decode(body, content_type, problems)
    if problems and not text:
        raise InputError("the article cannot be read", problems[0])
    return text, problems


def _sites() -> Mapping[str, Override]:
    """Return what the user's settings say about sites."""
    from monitor.config import load_sites

    return load_sites(directory(), environ=os.environ)


def _override(url: str, sites: Mapping[str, Override]) -> Override | None:
    from monitor.articles.urls import host

    return sites.get(host(url))


def _explain(source: sources.Source, url: str, furniture: frozenset[int]) -> int:
    """Show each block: what became of it, where it stands, how it begins, and by which rule."""
    from monitor.articles.explain import explain_page

    text, _ = _decoded(source.body, source.content_type)
    told = explain_page(text, url, override=_override(url, _sites()), furniture=furniture)
    blocks = [
        {"kept": one.kept, "where": one.where, "kind": one.kind, "rule": one.rule, "text": one.text}
        for one in told.blocks
    ]
    if state.json:
        output.emit({"method": told.cleaned.method, "from": told.container, "blocks": blocks})
        return 0
    output.say(told.cleaned.title or "(no title)")
    output.say(f"text from: {', '.join(told.container) or 'nothing'} ({told.cleaned.method})\n")
    width = min(36, max((len(one.where) for one in told.blocks), default=0))
    for one in told.blocks:
        fate = "kept   " if one.kept else "dropped"
        begins = output.one_line(one.text)
        begins = begins if len(begins) <= BEGINS else f"{begins[: BEGINS - 1]}…"
        where = one.where if len(one.where) <= width else f"…{one.where[1 - width :]}"
        output.say(f"  {fate}  {where:<{width}}  {begins:<{BEGINS}}  {one.rule}".rstrip())
    return 0


def _each(jsonl: str) -> int:
    """Clean the pages of a file on all processors; those of standard input as they come."""
    from concurrent.futures import ProcessPoolExecutor

    import monitor.articles.clean  # noqa: F401  # loaded once, before the processes fork

    sites = _sites()
    if jsonl == sources.STDIN:  # a program that writes line by line waits for each answer
        return sources.each_line(jsonl, lambda line: _cleaned(*_page(line, Path()), sites))
    folder, processors = Path(jsonl).parent, os.cpu_count() or 1

    def begin(line: sources.Line) -> sources.Later:
        return pool.submit(_cleaned, *_page(line, folder), sites).result

    with ProcessPoolExecutor(processors, initializer=_leave_interrupts_to_the_parent) as pool:
        return sources.each_line(jsonl, begin, ahead=4 * processors)


def _leave_interrupts_to_the_parent() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _page(line: sources.Line, folder: Path) -> tuple[Any, str, bytes | str]:
    """Return (id, address, page) of a line, which holds the page or names its file."""
    sources.text(line, "id")
    url = sources.text(line, "url", "")
    if "path" not in line or "html" in line:
        return line["id"], url, sources.text(line, "html")
    path = folder / sources.text(line, "path")
    try:
        return line["id"], url, path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}", error.strerror or "") from error


def _cleaned(key: Any, url: str, html: bytes | str, sites: Mapping[str, Override]) -> sources.Line:
    from monitor.articles.clean import clean_page, cleaned_as_json

    noted: list[str] = []
    unreadable: sources.Line = {}
    if isinstance(html, bytes):
        try:
            html, noted = _decoded(html)
        except InputError as error:  # the line keeps its keys, the problem is one of them
            unreadable = {"error": error_as_json(error)}
    cleaned = clean_page(html, url, override=_override(url, sites))
    cleaned = replace(cleaned, problems=(*noted, *cleaned.problems))
    return cleaned_as_json(cleaned) | {"id": key, **unreadable}


def _show(cleaned: Cleaned) -> None:
    facts = {
        "by": ", ".join(cleaned.authors),
        "published": f"{output.moment(cleaned.published)} UTC" if cleaned.published else "",
        "modified": f"{output.moment(cleaned.modified)} UTC" if cleaned.modified else "",
        "section": cleaned.section,
        "site": cleaned.site,
        "language": cleaned.language,
        "text": f"{cleaned.words} words, found by {cleaned.method or 'nothing'}",
        "problems": "; ".join(cleaned.problems),
    }
    output.hung("", cleaned.title or "(no title)")
    for name, value in facts.items():
        if value:
            output.hung(f"{name + ':':<11}", value)
    output.prose(f"\n{cleaned.text}")
    for embed in cleaned.embeds:
        output.prose(f"\n[{embed.kind}] {embed.text} {embed.url}")
