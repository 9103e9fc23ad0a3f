"""Watchlists: what they ask for, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NotRequired

from typing_extensions import TypedDict

from monitor.errors import Mistake
from monitor.model import Watchlist
from monitor.watchlists.lint import Finding


class WatchlistRow(TypedDict):
    """A watchlist in figures."""

    name: str
    title: str
    queries: int
    examples: int
    boost: float
    version: str
    """Changes with anything that decides a match."""


class QueryDoubt(TypedDict):
    """What may be wrong with a query."""

    query: int
    """Index of the query, from 0."""
    doubt: str
    why: str


class WatchlistWarning(TypedDict):
    """Something that a watchlist asks for and no feed of the settings brings."""

    what: str
    hint: str


class WatchlistLint(TypedDict):
    """A watchlist whose own examples hold, and what was found."""

    name: str
    examples: int
    ok: bool
    doubts: list[QueryDoubt]
    warnings: NotRequired[list[WatchlistWarning]]
    """Only from the commands, which have the settings of the feeds at hand."""


def watchlist_row(one: Watchlist) -> WatchlistRow:
    """Return a watchlist as `monitor watchlists list --json` shows it."""
    return WatchlistRow(
        name=one.name,
        title=one.title,
        queries=len(one.queries),
        examples=len(one.tests),
        boost=one.boost,
        version=one.version,
    )


def watchlist_lint(
    one: Watchlist, found: Iterable[Finding], warnings: Iterable[Mistake] | None = None
) -> WatchlistLint:
    """Return a watchlist as `monitor watchlists lint --json` shows it.

    `found` and `warnings` may be about other watchlists too.
    """
    told = WatchlistLint(
        name=one.name,
        examples=len(one.tests),
        ok=True,
        doubts=[
            QueryDoubt(query=doubt.query, doubt=doubt.doubt.value, why=doubt.why)
            for doubt in found
            if doubt.watchlist == one.name
        ],
    )
    if warnings is not None:
        told["warnings"] = [
            WatchlistWarning(what=warning.what, hint=warning.hint)
            for warning in warnings
            if warning.where == f"watchlists/{one.name}.toml"
        ]
    return told
