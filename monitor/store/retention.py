"""Retention: forget what is old, but never what is still needed.

The identity of an entry is kept longer than its text, so that an old entry that comes back is not
taken for a new one (F55); nothing that a delivery or a digest still needs is touched (F118).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, or_, update

from monitor.model import Digest, Window
from monitor.store import editions
from monitor.store.outbox import OPEN
from monitor.store.schema import (
    articles,
    deliveries,
    edition_articles,
    entries,
    matches,
    polls,
    reissues,
    revisions,
)

EMPTY = {"summary_html": "", "content_html": "", "enclosures": []}


def forget_polls(connection: Connection, before: datetime) -> int:
    """Delete the record of polls made before then."""
    return connection.execute(delete(polls).where(polls.c.at < before)).rowcount


def forget_texts(
    connection: Connection, before: datetime, digests: Sequence[Digest] = (), *, now: datetime
) -> int:
    """Delete articles first seen before then and the HTML of their entries; identities stay.

    Kept are articles that the next edition of one of these digests is to tell, those of editions
    with open deliveries, withheld articles that no person has released yet, and those that a
    release has since made news. Return how many articles were deleted.
    """
    wanted = (
        exists()
        .where(
            edition_articles.c.article_id == articles.c.id,
            edition_articles.c.edition_id == deliveries.c.edition_id,
            deliveries.c.state.in_(OPEN),
        )
        .correlate(articles)
    )
    withheld = exists().where(reissues.c.id == articles.c.reissue_id, reissues.c.released.is_(None))
    news = exists().where(
        matches.c.article_id == articles.c.id,
        matches.c.matched >= before,
        matches.c.rematched.is_(False),
    )
    untold = _untold(connection, digests, now)
    needed = (wanted, withheld.correlate(articles), news.correlate(articles), *untold)
    old = and_(articles.c.first_seen < before, articles.c.group_due.is_(None), ~or_(*needed))
    count = connection.execute(delete(articles).where(old)).rowcount
    aged = and_(entries.c.first_seen < before, entries.c.due.is_(None))
    full = or_(entries.c.summary_html != "", entries.c.content_html != "")
    connection.execute(update(entries).where(aged, full).values(**EMPTY))
    connection.execute(delete(revisions).where(revisions.c.at < before))
    return count


def _untold(
    connection: Connection, digests: Sequence[Digest], now: datetime
) -> Iterator[ColumnElement[bool]]:
    """For each digest that has begun: whether it has yet to tell an article.

    Its next edition may be further off than texts are kept: a digest may be monthly, sending may
    be held after a restore, or the program was not running.
    """
    for digest in digests:
        pointer = editions.pointer(connection, digest.name)
        if pointer and pointer.covered_until < now:
            yield editions.to_tell(connection, digest, Window(pointer.covered_until, now))
