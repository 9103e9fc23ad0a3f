"""Watchlists: what they ask for, and what may be wrong with it."""

from __future__ import annotations

from collections.abc import Iterable

from typing_extensions import TypedDict

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
    """Changes with whatever decides a match."""


class QueryDoubt(TypedDict):
    """What may be wrong with a query."""

    query: int
    """Its place among the queries, from 0."""
    doubt: str
    why: str


class WatchlistLint(TypedDict):
    """A watchlist tried on its own examples, which hold."""

    name: str
    examples: int
    ok: bool
    doubts: list[QueryDoubt]


def watchlist_row(one: Watchlist) -> WatchlistRow:
    """A watchlist as `monitor watchlists list --json` tells it."""
    return WatchlistRow(
        name=one.name,
        title=one.title,
        queries=len(one.queries),
        examples=len(one.tests),
        boost=one.boost,
        version=one.version,
    )


def watchlist_lint(one: Watchlist, found: Iterable[Finding]) -> WatchlistLint:
    """A watchlist as `monitor watchlists lint --json` tells it; `found`: of all watchlists."""
    return WatchlistLint(
        name=one.name,
        examples=len(one.tests),
        ok=True,
        doubts=[
            QueryDoubt(query=doubt.query, doubt=doubt.doubt.value, why=doubt.why)
            for doubt in found
            if doubt.watchlist == one.name
        ],
    )
