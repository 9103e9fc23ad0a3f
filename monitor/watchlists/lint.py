"""What can be said about a watchlist before it is used: its own examples, tried."""

from __future__ import annotations

from dataclasses import dataclass

from monitor.model import Article, Example, Watchlist
from monitor.watchlists.why import explain

MOST_SHOWN = 70
"""Characters of an example that a message quotes."""


@dataclass(frozen=True, slots=True)
class FailedExample:
    """An example that the watchlist does not treat as it says."""

    watchlist: str
    example: Example
    why: str

    def __str__(self) -> str:
        text = self.example.text or self.example.title
        shown = text if len(text) <= MOST_SHOWN else f"{text[: MOST_SHOWN - 3]}..."
        must = "must match" if self.example.match else "must not match"
        return f"watchlist {self.watchlist}: {must}: {shown!r}: {self.why}"


def check_examples(watchlist: Watchlist) -> list[FailedExample]:
    """Try the watchlist's own examples; what is returned went wrong.

    An example is judged by queries and exclusions alone, whatever sources, languages and scores
    the watchlist asks for. Raises QueryError when a query does not parse.
    """
    bare = Watchlist(name=watchlist.name, queries=watchlist.queries, exclude=watchlist.exclude)
    failed = []
    for example in watchlist.tests:
        article = Article(title=example.title, text=example.text, language=example.lang)
        explanation = explain(bare, article)
        if explanation.matched != example.match:
            failed.append(FailedExample(watchlist.name, example, explanation.reason))
    return failed
