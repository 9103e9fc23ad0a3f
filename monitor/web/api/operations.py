"""What can be asked, and how it is answered: one table for the routes and for the document.

An answer is built on a reader's thread from one connection, in the shapes of `monitor.shapes`; long
computation runs afterwards, where such work belongs.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection
from typing_extensions import TypedDict

from monitor.config.checking import nearest
from monitor.model import Watchlist
from monitor.pipeline.feeds_judged import judged, told
from monitor.shapes import record
from monitor.shapes.articles import ArticleWhole, article_head, article_whole
from monitor.shapes.deliveries import DeliveryRow, delivery_row
from monitor.shapes.digests import DigestRow, Edition, EditionRow, digest_row, edition, edition_row
from monitor.shapes.feeds import FeedRow, FeedState, feed_row, feed_state
from monitor.shapes.record import Audit, Status, Trace, Traced
from monitor.shapes.stories import Story, StoryRow, story, story_row
from monitor.shapes.watchlists import WatchlistLint, WatchlistRow, watchlist_lint, watchlist_row
from monitor.store import audit as sums
from monitor.store import editions, feeds, outbox, pages, recipients, rulings, search, stories
from monitor.store import trace as stored
from monitor.store.export import ArticleHead, ArticleLine, EntryLine, MatchedLine
from monitor.store.pages import Found
from monitor.watchlists.lint import Finding, lint
from monitor.watchlists.why import explain
from monitor.web.api.asked import (
    CURSOR,
    DIGEST,
    FATE,
    FEED,
    LIMIT,
    NAMED,
    PAGED,
    SINCE,
    STATE,
    TEXT,
    UNTIL,
    WATCHLIST,
    WORDS,
    Asked,
    MissingError,
    Parameter,
    read_cursor,
)

LONGEST_S: Final = 10.0
"""Seconds of database time after which a question is ended."""
REASONS: Final = 200
"""The most articles of a story that are explained, earliest first: each is compared with all
before it."""
AUDIT_S: Final = 60.0
"""Seconds for the audit, which reads everything kept."""

# ------------------------------------------------------------------------------------- feeds


class Feeds(TypedDict):
    """All feeds."""

    feeds: list[FeedRow | FeedState]


def all_feeds(connection: Connection, asked: Asked) -> Feeds:
    """The feeds, those with the worst finding first, then those that are switched off."""
    accounts = feeds.statuses(connection, asked.now)
    off = [one for one in accounts if not one.polling.feed.enabled]
    polled = judged(accounts, asked.now)
    access = asked.parts.access_to
    return Feeds(
        feeds=[
            *(feed_state(o, access(o.account.polling.feed), asked.now) for o in polled),
            *(feed_row(one, access(one.polling.feed)) for one in off),
        ]
    )


def one_feed(connection: Connection, asked: Asked) -> FeedRow | FeedState:
    """One feed: its last answer, when and why it is polled next, and what is wrong with it."""
    number = asked.number("feed")
    account = feeds.numbered(connection, number, asked.now)
    if account is None:
        raise MissingError(f"there is no feed {number}", where="feed")
    access = asked.parts.access_to(account.polling.feed)
    if not account.polling.feed.enabled:
        return feed_row(account, access)
    return feed_state(told(account, feeds.addresses(connection), asked.now), access, asked.now)


# --------------------------------------------------------------------- entries and articles


class Entries(TypedDict):
    """A page of entries."""

    entries: list[EntryLine]
    next: str | None


def all_entries(connection: Connection, asked: Asked) -> Entries:
    """The entries that feeds brought, each with its fate."""
    found = pages.entries_of(
        connection, asked.page(int), feed=asked.values["feed"], fate=asked.values["fate"]
    )
    return Entries(entries=list(found.rows), next=asked.next(found))


class Articles(TypedDict):
    """A page of articles."""

    articles: list[ArticleLine]
    next: str | None


def all_articles(connection: Connection, asked: Asked) -> Articles:
    """The stored articles."""
    found = pages.articles_of(
        connection,
        asked.page(int),
        watchlist=asked.watchlist,
        feed=asked.values["feed"],
        text=asked.values["text"],
    )
    return Articles(articles=list(found.rows), next=asked.next(found))


def one_article(connection: Connection, asked: Asked) -> ArticleWhole:
    """One article: its text, the entries that brought it, its story, why it matched."""
    number = asked.number("article")
    found = article_whole(connection, number)
    if found is None:
        raise MissingError(f"there is no article {number}", where="article")
    return found


class Matches(TypedDict):
    """A page of matches."""

    matches: list[MatchedLine]
    next: str | None


def all_matches(connection: Connection, asked: Asked) -> Matches:
    """The matches, with the places of their words; in order `oldest`, up to a minute ago."""
    found = pages.matches_of(
        connection,
        asked.page(datetime, int, str),
        asked.now,
        watchlist=asked.watchlist,
        feed=asked.values["feed"],
    )
    return Matches(matches=list(found.rows), next=asked.next(found))


class SearchFound(TypedDict):
    """A page of articles in which all words occur."""

    articles: list[ArticleHead]
    next: str | None


def search_for(connection: Connection, asked: Asked) -> SearchFound:
    """The articles in which all words occur, newest first."""
    limit, cursor = asked.values["limit"], asked.values["cursor"]
    after: Any = None
    if cursor is not None:
        after = read_cursor(cursor, "search newest", (datetime, datetime, int))
    found = search.search(
        connection,
        asked.values["q"],
        since=asked.values["since"],
        until=asked.values["until"],
        after=after,
        limit=limit + 1,
    )
    shown = found[:limit]
    last = search.place(shown[-1]) if shown else None
    heads = [article_head(one) for one in shown]
    return SearchFound(articles=heads, next=asked.next(Found(heads, last, len(found) > limit)))


# -------------------------------------------------------------------------------- watchlists


class Watchlists(TypedDict):
    """All watchlists."""

    watchlists: list[WatchlistRow]


def all_watchlists(_connection: Connection, asked: Asked) -> Watchlists:
    """The watchlists, with their versions."""
    return Watchlists(watchlists=[watchlist_row(one) for one in asked.parts.watchlists.values()])


class WatchlistWhole(WatchlistRow):
    """A watchlist: its queries, and what may be wrong with it."""

    query: list[str]
    """An article matches if it satisfies any of them."""
    exclude: list[str]
    """An article that satisfies any of them does not match."""
    sources: list[str]
    languages: list[str]
    min_score: float
    lint: WatchlistLint


def one_watchlist(_connection: Connection, asked: Asked) -> Watchlist:
    """One watchlist: its queries, and which of them are dead, duplicate or too broad."""
    known, name = asked.parts.watchlists, asked.names["watchlist"]
    if name not in known:
        what = f"there is no watchlist {name[:40]!r}"
        raise MissingError(what, "", nearest(name[:40], known), "watchlist")
    return known[name]


_doubts: dict[Watchlist, list[Finding]] = {}
"""Results so far, as each takes seconds: of the watchlists that there are now."""


async def _linted(asked: Asked, one: Watchlist) -> WatchlistWhole:
    found = _doubts.get(one)
    if found is None:
        found = await asked.parts.compute(lint, (one,))
        for gone in _doubts.keys() - set(asked.parts.watchlists.values()):
            del _doubts[gone]  # settings were read again
        _doubts[one] = found
    return WatchlistWhole(
        **watchlist_row(one),
        query=list(one.queries),
        exclude=list(one.exclude),
        sources=list(one.sources),
        languages=list(one.languages),
        min_score=one.min_score,
        lint=watchlist_lint(one, found),
    )


# ----------------------------------------------------------------------------------- stories


class Stories(TypedDict):
    """A page of stories."""

    stories: list[StoryRow]
    next: str | None


def all_stories(connection: Connection, asked: Asked) -> Stories:
    """The stories, in figures; `since` and `until`: those reported within that time."""
    found = pages.stories_of(connection, asked.page(int), watchlist=asked.watchlist)
    members = stories.members(connection, list(found.rows))
    rows = [story_row(one, members[one], asked.now) for one in found.rows if one in members]
    return Stories(stories=rows, next=asked.next(found))


def one_story(connection: Connection, asked: Asked) -> Story:
    """One story: its articles, whose text each repeats, why it is in the story, and who said so."""
    number = asked.number("story")
    members, later = stories.first_members(connection, number, REASONS)
    if not members:
        raise MissingError(f"there is no story {number}", where="story")
    ruled = rulings.of_articles(connection, [one.article.id for one in members])
    return story(number, members, ruled, asked.now, later)


# -------------------------------------------------------------------- digests and deliveries


class Digests(TypedDict):
    """All digests."""

    digests: list[DigestRow]


def all_digests(connection: Connection, asked: Asked) -> Digests:
    """The digests, and the time that each has covered."""
    held = recipients.suspended(connection)
    return Digests(
        digests=[
            digest_row(one, editions.pointer(connection, one.name), held, asked.now)
            for one in asked.parts.digests
        ]
    )


class Editions(TypedDict):
    """A page of editions."""

    editions: list[EditionRow]
    next: str | None


def all_editions(connection: Connection, asked: Asked) -> Editions:
    """The editions that were published."""
    found = pages.editions_of(connection, asked.page(int), digest=asked.values["digest"])
    return Editions(editions=[edition_row(one) for one in found.rows], next=asked.next(found))


def one_edition(connection: Connection, asked: Asked) -> Edition:
    """One edition: what it reports and leaves out, and what became of its messages."""
    name, number = asked.names["digest"], asked.number("number")
    found = editions.get(connection, name, number)
    if found is None:
        raise MissingError(f"there is no edition {number} of {name[:100]!r}", where="number")
    return edition(
        found,
        editions.cut_stories(connection, found.id),
        editions.repeats(connection, found.id),
        outbox.of_edition(connection, found.id),
    )


class Deliveries(TypedDict):
    """A page of deliveries."""

    deliveries: list[DeliveryRow]
    next: str | None


def all_deliveries(connection: Connection, asked: Asked) -> Deliveries:
    """The messages, with the state and the receipt of each."""
    found = pages.deliveries_of(
        connection, asked.page(int), states=asked.values["state"], digest=asked.values["digest"]
    )
    rows = [delivery_row(one) for one in found.rows]
    return Deliveries(deliveries=rows, next=asked.next(found))


# -------------------------------------------------------------------------------- the record


def trace(connection: Connection, asked: Asked) -> Traced:
    """All that happened to an entry or an article, from the poll to the last attempt to send."""
    named = asked.values["of"]
    found = stored.find(connection, named)
    if not found:
        what, why = f"nothing is kept of {named[:100]!r}", "looked at numbers, addresses and ids"
        raise MissingError(what, why, "search finds articles by their words", "of")
    if len(found) > 1:
        names = ", ".join(f"{one.name} ({one.title[:60]})" for one in found)
        what = f"{named[:100]!r} may mean {len(found)} things"
        raise MissingError(what, names, f"{found[0].name} names one", "of")
    return record.trace(connection, found[0])


async def _explained(asked: Asked, traced: Traced) -> Trace:
    if traced.article is None:
        return traced.told
    missed = traced.unmatched(asked.parts.watchlists.values())
    explained = [await asked.parts.compute(explain, one, traced.article) for one in missed]
    return traced.whole(explained)


def status(connection: Connection, asked: Asked) -> Status:
    """What is kept, what is due, and what went wrong."""
    return record.status(connection, asked.parts.store.url, asked.now)


def audit(connection: Connection, asked: Asked) -> Audit:
    """Whether the record adds up, from the feeds to the readers."""
    return record.audit(sums.account(connection, asked.parts.digests, asked.now))


# --------------------------------------------------------------------------------- the table


@dataclass(frozen=True, slots=True)
class Operation:
    """One question that can be asked."""

    path: str
    """The path after /api/v1."""
    ask: Callable[[Connection, Asked], Any]
    """Its docstring's first line is its description in the document."""
    answer: Any
    """The shape of the answer."""
    parameters: tuple[Parameter, ...] = ()
    longest_s: float = LONGEST_S
    then: Callable[[Asked, Any], Awaitable[Any]] | None = None
    """Makes the answer from what was read, if that takes long computation."""

    @property
    def about(self) -> str:
        """Return its description, one sentence."""
        return (self.ask.__doc__ or "").partition("\n")[0]


OPERATIONS: Final = (
    Operation("/feeds", all_feeds, Feeds),
    Operation("/feeds/{feed}", one_feed, FeedRow | FeedState),
    Operation("/entries", all_entries, Entries, (FEED, FATE, *PAGED)),
    Operation("/articles", all_articles, Articles, (WATCHLIST, FEED, TEXT, *PAGED)),
    Operation("/articles/{article}", one_article, ArticleWhole),
    Operation("/matches", all_matches, Matches, (WATCHLIST, FEED, *PAGED)),
    Operation("/search", search_for, SearchFound, (WORDS, SINCE, UNTIL, LIMIT, CURSOR)),
    Operation("/watchlists", all_watchlists, Watchlists),
    Operation("/watchlists/{watchlist}", one_watchlist, WatchlistWhole, then=_linted),
    Operation("/stories", all_stories, Stories, (WATCHLIST, *PAGED)),
    Operation("/stories/{story}", one_story, Story),
    Operation("/digests", all_digests, Digests),
    Operation("/editions", all_editions, Editions, (DIGEST, *PAGED)),
    Operation("/editions/{digest}/{number}", one_edition, Edition),
    Operation("/deliveries", all_deliveries, Deliveries, (STATE, DIGEST, *PAGED)),
    Operation("/trace", trace, Trace, (NAMED,), then=_explained),
    Operation("/status", status, Status),
    Operation("/audit", audit, Audit, longest_s=AUDIT_S),
)
