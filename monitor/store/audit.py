"""The audit: everything that is kept, divided by what became of it.

Nothing is decided or changed here. The sums check what must hold after any failure: an entry has
one fate or waits for it; an article that matches has a story or waits for one; each digest that
asks for a match has told it, or there is a reason why not; a message was sent, or says why not
(docs/design/audit.md).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, exists, func, select, text

from monitor.digests.schedule import AT_ONCE
from monitor.insight.balance import News, Since, Sum, Told, Untold, no_news, windows
from monitor.model import DeliveryState, Digest, Fate, Window
from monitor.redact import shareable
from monitor.store import editions as editions_of
from monitor.store import reissues as reissues_of
from monitor.store.entries import FATES, fates
from monitor.store.outbox import OPEN
from monitor.store.rows import how_many, tally
from monitor.store.schema import (
    articles,
    deliveries,
    edition_articles,
    editions,
    entries,
    feeds,
    matches,
    reissues,
)

ROWS = 500
"""Rows read at a time."""
MOST = 20
"""How many things of one kind are named one by one; the rest are only counted."""


def account(connection: Connection, digests: Sequence[Digest], now: datetime) -> list[Sum]:
    """All sums at one moment, in the order of the journey. `digests`: those in the settings.

    `connection` must not have run any statement yet.
    """
    if connection.dialect.name == "postgresql":  # elsewhere a reader has a snapshot anyway
        connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    return [
        _feeds(connection),
        _entries(connection),
        _articles(connection),
        *(_digest(connection, digest, now) for digest in digests),
        _unwanted(connection, digests),
        _editions(connection, digests, now),
        _messages(connection),
    ]


# ------------------------------------------------------------------------ before matching


def _feeds(connection: Connection) -> Sum:
    """What the feeds brought, by their own counters, and how many of those entries are kept."""
    held = (
        select(entries.c.feed_id, func.count().label("held")).group_by(entries.c.feed_id).subquery()
    )
    here = func.coalesce(held.c.held, 0)
    statement = select(feeds.c.id, feeds.c.url, feeds.c.entries, here.label("held")).join_from(
        feeds, held, held.c.feed_id == feeds.c.id, isouter=True
    )
    found = list(connection.execute(statement.order_by(feeds.c.id)))
    wrong = [
        f"feed {row.id}, {shareable(row.url)}: it brought {row.entries}, {row.held} are kept"
        for row in found
        if row.entries != row.held
    ]
    kept = sum(min(row.entries, row.held) for row in found)
    return Sum(
        "entries that feeds brought", sum(row.entries for row in found), {"kept": kept}, _few(wrong)
    )


def _entries(connection: Connection) -> Sum:
    """Each entry has one fate. An entry without one must be due, or nothing would ever read it."""
    waits = entries.c.fate == Fate.NEW.value
    named = (*(fate.value for fate in Fate),)
    stuck = _named(
        connection,
        select(entries.c.id, entries.c.title).where(waits, entries.c.due.is_(None)),
        "entry {}, {}: it waits to be read but is not due, so it is never read",
    )
    unknown = _named(
        connection,
        select(entries.c.id, entries.c.title).where(entries.c.fate.not_in(named)),
        "entry {}, {}: its fate is unknown",
    )
    parts = dict.fromkeys(FATES, 0) | fates(connection)
    return Sum("entries", sum(parts.values()), parts, stuck + unknown)


def _articles(connection: Connection) -> Sum:
    """An article that matches has a story, waits for one, or is withheld; otherwise it is lost."""
    matched = exists().where(matches.c.article_id == articles.c.id)
    story, waits = articles.c.story_id.is_not(None), articles.c.group_due.is_not(None)
    withheld = ~story & ~waits & articles.c.reissue_id.is_not(None)
    count = func.count()
    total, told, waiting, kept_back, plain = connection.execute(
        select(
            count,
            count.filter(matched, story),
            count.filter(matched, ~story, waits),
            count.filter(matched, withheld),
            count.filter(~matched),
        ).select_from(articles)
    ).one()
    lost = _named(
        connection,
        select(articles.c.id, articles.c.title).where(matched, ~story, ~waits, ~withheld),
        "article {}, {}: it matches, but has no story and waits for none",
    )
    parts = {"in a story": told, "waiting for a story": waiting, "matched by nothing": plain}
    if kept_back:
        parts["of a suspected re-issue"] = kept_back
    return Sum("articles", total, parts, lost)


# ------------------------------------------------------------------------------- digests


def _digest(connection: Connection, digest: Digest, now: datetime) -> Sum:
    """Articles that match its watchlists: told, still to tell, or not news, by which rule."""
    what = f"articles for {digest.name}"
    wanted = exists().where(_brings(digest))
    total = how_many(connection, articles, wanted)
    pointer = editions_of.pointer(connection, digest.name)
    if pointer is None:
        return Sum(what, total, {"before its first edition": total})
    window = Window(pointer.covered_until, max(now, pointer.covered_until))
    next_ones = select(articles.c.id).where(editions_of.to_tell(connection, digest, window))
    waiting = set(connection.scalars(next_ones))
    since = Since(pointer.started, _began(connection, digest), _windows(connection, digest))
    untold: Counter[str] = Counter()
    lost = []
    for number, title, article in _untold(connection, digest):
        why = "to be told" if number in waiting else no_news(article, since)
        untold[why or LOST] += 1
        if not why:
            lost.append(f"article {number}, {title}: no edition of {digest.name} has it")
    return Sum(what, total, _told(connection, digest) | dict(untold), _few(lost))


LOST = "in no edition"


def _brings(digest: Digest) -> ColumnElement[bool]:
    """Whether a match is of a watchlist that the digest asks for."""
    return and_(matches.c.article_id == articles.c.id, matches.c.watchlist.in_(digest.watchlists))


_TOLD = {"carried": "told", "cut": "beyond its limit", "repeated": "adding nothing new"}


def _told(connection: Connection, digest: Digest) -> dict[str, int]:
    """What editions did with articles that still match, and how many of each."""
    statement = (
        select(edition_articles.c.fate, func.count())
        .join(articles, articles.c.id == edition_articles.c.article_id)
        .where(edition_articles.c.digest == digest.name, exists().where(_brings(digest)))
        .group_by(edition_articles.c.fate)
    )
    return {_TOLD.get(row.fate, row.fate): row[1] for row in connection.execute(statement)}


def _untold(connection: Connection, digest: Digest) -> Iterator[tuple[int, str, Untold]]:
    """Yield (number, title, facts for judging news) for articles in no edition of the digest."""
    of_article = ("id", "title", "published", "baseline", "group_due")
    of_match = ("watchlist", "matched", "rematched")
    withheld = (articles.c.reissue_id, reissues.c.news)
    statement = (
        select(*(articles.c[name] for name in of_article), *(matches.c[name] for name in of_match))
        .add_columns(*withheld)
        .join_from(articles, matches, _brings(digest))
        .join(reissues, reissues.c.id == articles.c.reissue_id, isouter=True)
        .where(~editions_of.in_edition(digest.name))
        .order_by(articles.c.id, matches.c.watchlist)
    )
    found = connection.execute(statement, execution_options={"yield_per": ROWS})
    for (number, title), rows in groupby(found, key=lambda row: (row.id, row.title)):
        some = list(rows)
        first = some[0]
        brought = tuple(News(row.watchlist, row.matched, row.rematched) for row in some)
        waits = first.group_due is not None
        why = WITHHELD.get(first.news, "") if first.reissue_id else ""
        yield number, title, Untold(first.published, first.baseline, waits, brought, why)


WITHHELD = {
    "": "withheld until a person says",
    reissues_of.SKIP: "told before, said a person",
}
"""What a person said of a re-issue -> why its articles are not told."""


def _began(connection: Connection, digest: Digest) -> dict[str, datetime]:
    """Watchlist -> when the first of its articles that reached an edition had matched."""
    statement = (
        select(matches.c.watchlist, func.min(matches.c.matched))
        .join(edition_articles, edition_articles.c.article_id == matches.c.article_id)
        .where(edition_articles.c.digest == digest.name)
        .group_by(matches.c.watchlist)
    )
    return {row.watchlist: row[1] for row in connection.execute(statement)}


def _windows(connection: Connection, digest: Digest) -> list[datetime]:
    """Start times of its editions' windows; none for an alert, whose windows have gaps."""
    if digest.schedule == AT_ONCE:
        return []
    starts = select(editions.c.window_start).where(editions.c.digest == digest.name)
    return sorted(connection.scalars(starts))


def _unwanted(connection: Connection, digests: Sequence[Digest]) -> Sum:
    """Matches per watchlist; nobody is told those that no digest asks for, so each is named."""
    asked = {name for digest in digests for name in digest.watchlists}
    found = tally(connection, matches.c.watchlist)
    parts = {"of watchlists that a digest asks for": 0}
    for name, count in found.items():
        if name in asked:
            parts["of watchlists that a digest asks for"] += count
        else:
            parts[f"of {name}, for which no digest asks"] = count
    return Sum("matches", sum(found.values()), parts)


# ------------------------------------------------------------------------ after matching


def _editions(connection: Connection, digests: Sequence[Digest], now: datetime) -> Sum:
    """Each digest's windows must join without gap or overlap; a sent edition must have messages."""
    names = ("digest", "number", "window_start", "window_end", "published")
    columns = [editions.c[name] for name in names]
    found = list(
        connection.execute(select(*columns).order_by(editions.c.digest, editions.c.number))
    )
    regular = {one.name for one in digests if one.schedule != AT_ONCE}
    wrong: list[str] = []
    for name, rows in groupby(found, key=lambda row: str(row.digest)):
        pointer = editions_of.pointer(connection, name)
        told = [Told(r.number, r.window_start, r.window_end, r.published) for r in rows]
        if pointer is None:
            wrong.append(f"{name}: it has editions, but nothing says until when it is covered")
        else:
            covered = (pointer.number, pointer.covered_until)
            wrong += windows(name, told, covered, now, joined=name in regular)
    unsent = exists().where(deliveries.c.edition_id == editions.c.id)
    silent = select(editions.c.number, editions.c.digest).where(editions.c.sent, ~unsent)
    wrong += [
        f"{row.digest} {row.number}: no message was made from it"
        for row in connection.execute(silent.order_by(editions.c.id))
    ]
    parts = {
        ("with messages" if sent else "with nothing to tell"): count
        for sent, count in sorted(tally(connection, editions.c.sent).items(), reverse=True)
    }
    return Sum("editions", len(found), parts, _few(wrong))


def _messages(connection: Connection) -> Sum:
    """Each message was sent, is due, or says why it never will be."""
    parts = dict.fromkeys((state.value for state in DeliveryState), 0)
    parts |= tally(connection, deliveries.c.state)
    stuck = select(deliveries.c.id, deliveries.c.subject).where(
        deliveries.c.state.in_(OPEN), deliveries.c.due.is_(None)
    )
    silent = select(deliveries.c.id, deliveries.c.subject).where(
        deliveries.c.state.in_((DeliveryState.REFUSED.value, DeliveryState.EXPIRED.value)),
        deliveries.c.why == "",
    )
    wrong = (
        *_named(connection, stuck, "message {}, {}: it is open but not due, so it is never sent"),
        *_named(connection, silent, "message {}, {}: it was not sent, and nothing says why"),
    )
    return Sum("messages", sum(parts.values()), parts, wrong)


# --------------------------------------------------------------------------------- sums


def _named(connection: Connection, statement: Select[Any], form: str) -> tuple[str, ...]:
    """A line for each row found; at most MOST."""
    found = connection.execute(statement.order_by("id").limit(MOST + 1))
    return _few([form.format(*row) for row in found])


def _few(lines: Sequence[str]) -> tuple[str, ...]:
    more = len(lines) - MOST
    return tuple(lines) if more <= 0 else (*lines[:MOST], "and more like these")
