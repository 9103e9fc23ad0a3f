"""`monitor match`: which watchlists an article satisfies, and why others do not hold."""

from __future__ import annotations

import codecs
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli import chosen, output, sources
from monitor.cli.state import command, state
from monitor.errors import InputError, UsageError

if TYPE_CHECKING:
    from monitor.model import Article, Watchlist

Answer = Callable[["Article", Any], dict[str, Any]]


def register(app: typer.Typer) -> None:
    """Add the command."""
    command(app, "match")(match)


def match(
    source: Annotated[
        str, typer.Argument(help="An article: a page, text or JSON; - for standard input.")
    ] = sources.STDIN,
    watchlist: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", help="Only these watchlists (repeatable)."),
    ] = None,
    jsonl: Annotated[
        str | None, typer.Option(metavar="FILE", help='Lines {"id","title","body",…}.')
    ] = None,
    why: Annotated[bool, typer.Option("--why", help="Tell why the others do not match.")] = False,
) -> int:
    """Match an article against the watchlists."""
    if jsonl is not None and source != sources.STDIN:
        raise UsageError("--jsonl takes no other article", hint="monitor match --jsonl FILE")
    answer = _answer(chosen.watchlists(watchlist or ()), why)
    if jsonl is not None:
        return sources.each_line(jsonl, lambda line: answer(_given(line), line["id"]))
    article, key = article_of(source)
    answered = answer(article, key)
    if state.json:
        output.emit(answered)
    else:
        _show(article, answered)
    return 0


def _answer(watchlists: Sequence[Watchlist], why: bool) -> Answer:
    from monitor.watchlists.matcher import compile_watchlists
    from monitor.watchlists.shapes import match_as_json
    from monitor.watchlists.why import explain

    matcher = compile_watchlists(list(watchlists))

    def answer(article: Article, key: Any) -> dict[str, Any]:
        matches = matcher.match(article)
        told: dict[str, Any] = {"id": key, "matches": [match_as_json(one) for one in matches]}
        if why:
            found = {one.watchlist for one in matches}
            missed = [explain(one, article) for one in watchlists if one.name not in found]
            told["missed"] = [
                {
                    "watchlist": one.watchlist,
                    "clause": one.clause,
                    "reason": one.reason,  # the older name of `why`
                    "why": one.reason,
                }
                for one in missed
            ]
        return told

    return answer


def _given(line: dict[str, Any]) -> Article:
    """Return the article of a JSON line; its language is detected unless the line states one.

    Raises InputError if a key is missing or of the wrong type.
    """
    from monitor.articles.language import detect
    from monitor.watchlists.shapes import article_from_json

    sources.text(line, "id")
    article = article_from_json(line)
    if article.language:
        return article
    return replace(article, language=detect(f"{article.title}\n{article.text}"))


def article_of(source: str) -> tuple[Article, Any]:
    """Return a JSON article, a page (cleaned) or plain text as an article; and its id."""
    from monitor.cli.clean import read_article
    from monitor.model import Article

    given = sources.read(source)
    text = given.body.removeprefix(codecs.BOM_UTF8)
    if text.lstrip().startswith(b"{"):
        try:
            line = json.loads(text)
        except (ValueError, RecursionError) as error:
            hint = "one article; for a file of lines: --jsonl"
            raise InputError(f"{source} is not JSON", str(error), hint) from error
        line.setdefault("id", source)
        return _given(line), line["id"]
    cleaned = read_article(given)
    if not (cleaned.title or cleaned.text or cleaned.embeds):
        raise InputError("the article cannot be read", "there is no text")
    article = Article(
        url=cleaned.canonical_url,
        title=cleaned.title,
        text=cleaned.text,
        language=cleaned.language,
        embeds=cleaned.embeds,
    )
    return article, source


def _show(article: Article, answered: dict[str, Any]) -> None:
    output.hung("", article.title or "(no title)")
    matches, missed = answered["matches"], answered.get("missed", ())
    width = max((len(one["watchlist"]) for one in (*matches, *missed)), default=0)
    for one in matches:
        words = dict.fromkeys(span["text"] for span in one["spans"])
        output.hung(f"  {one['watchlist']:<{width}} {one['score']:6.2f}  ", ", ".join(words))
    if not matches:
        output.say("  no watchlist matches")
    for one in missed:
        output.hung(f"  {one['watchlist']:<{width}}      -  ", one["why"])
