"""An edition of made-up news for trying a channel (D68)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from monitor.digests.compose import UPDATES
from monitor.digests.render import bodies
from monitor.model import (
    Accounting,
    Development,
    Edition,
    EditionArticle,
    EditionStory,
    FeedAnswer,
    Section,
    Snippet,
    Window,
)

_AUDITORS = "Nobody could name the cost, the auditors wrote <in brackets> & underlined it."


def sample(now: datetime, zone: str = "UTC") -> Edition:
    """An edition that shows a digest's main parts: watchlists, folded reports, an update, a failed
    feed.

    Its number is 0, which no real edition has; all outlets are made up, and links lead to
    `example.org`.
    """
    patrols = EditionStory(
        id=1,
        lead=_article(
            1,
            "Sample: northern ministers agree on joint frigate patrols",
            "Harbour Gazette",
            now - timedelta(hours=2),
            "The first frigate is to sail in May, the ministers said after their talks.",
            "frigate",
        ),
        others=(
            _article(2, "Joint patrols agreed", "Sea Wire", now - timedelta(hours=3)),
            _article(3, "Joint patrols agreed", "Northern Post", now - timedelta(hours=1)),
        ),
        score=8.0,
        reasons={"sample-ships": ("frigate",), "sample-budgets": ("cost",)},
        first_reported=now - timedelta(hours=3),
        outlets=3,
    )
    costs = EditionStory(
        id=2,
        lead=_article(
            4,
            "Sample: auditors ask what the new harbour is to cost",
            "Ledger Weekly",
            now - timedelta(hours=5),
            _AUDITORS,
            "cost",
        ),
        score=5.0,
        reasons={"sample-budgets": ("cost",)},
        update=True,
        development=Development(
            article_id=4,
            kind="official statement",
            sentence=_AUDITORS,
        ),
    )
    titles = {"sample-ships": "Sample: ships", "sample-budgets": "Sample: budgets"}
    return Edition(
        digest="sample",
        title="Sample digest",
        number=0,
        window=Window(now - timedelta(days=1), now),
        zone=zone,
        sections=(
            Section(watchlist="sample-ships", title=titles["sample-ships"], stories=(patrols,)),
            Section(watchlist="", title=UPDATES, stories=(costs,)),
        ),
        accounting=Accounting(feeds=_FEEDS, entries=120, articles=112, matched=4),
        titles=titles,
    )


def tried(templates: Mapping[str, str]) -> list[str]:
    """What is wrong with a user's templates, tried on the sample, an empty and a blind edition.

    Each fault is a line of text, told once.
    """
    usual = sample(datetime(2024, 10, 18, 6, tzinfo=UTC))
    deaf = tuple(replace(feed, failed=feed.polls) for feed in usual.accounting.feeds)
    empty = replace(usual, sections=())
    blind = replace(usual, accounting=replace(usual.accounting, feeds=deaf), cut=3)
    said = [one for edition in (usual, empty, blind) for one in bodies(edition, templates).warnings]
    return list(dict.fromkeys(said))


_FEEDS = (
    FeedAnswer(name="Harbour Gazette", polls=48),
    FeedAnswer(name="Sea Wire", polls=48),
    FeedAnswer(name="Northern Post", polls=48),
    FeedAnswer(name="Ledger Weekly", polls=24, failed=24, why="a sample of a failure"),
)


def _article(
    number: int, title: str, source: str, at: datetime, words: str = "", marked: str = ""
) -> EditionArticle:
    start = words.find(marked)
    return EditionArticle(
        id=number,
        url=f"https://example.org/sample/{number}",
        title=title,
        source=source,
        at=at,
        snippet=Snippet(words, ((start, start + len(marked)),)) if words else None,
        language="en",
    )
