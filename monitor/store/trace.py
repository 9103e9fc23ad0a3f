"""Everything kept about one thing, from the poll that saw it to the last attempt to send it.

Nothing is decided or changed here; `monitor.insight.trace` puts it in order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, and_, select

from monitor.articles.urls import canonical
from monitor.insight.trace import Kept, Row
from monitor.redact import shareable
from monitor.store import rows
from monitor.store.entries import final_fate
from monitor.store.outbox import BEHIND, why_not_sent
from monitor.store.schema import (
    articles,
    attempts,
    deliveries,
    edition_articles,
    editions,
    entries,
    feeds,
    matches,
    polls,
    reissues,
    revisions,
    rulings,
)

MOST = 20
"""How many things one name may mean before the rest is left out."""
_BODIES = {"summary_html", "content_html", "content_hash", "text", "text_hash", "body"}
"""Columns that no trace shows."""


class Meaning(NamedTuple):
    """A thing that a name may mean."""

    kind: str
    """"article", or "entry" if it became no article."""
    number: int
    name: str
    """Its unambiguous name: "article:5", "entry:7"."""
    title: str


def find(connection: Connection, named: str) -> list[Meaning]:
    """What an address, a number, or an entry's own id (guid) may mean, each thing once.

    An entry that became an article means that article. `article:5` and `entry:5` are unambiguous.
    """
    kind, colon, number = named.partition(":")
    if colon and kind in ("article", "entry") and _is_number(number):
        found = _numbered(connection, int(number), kind)
    else:
        texts = {named, canonical(named)} - {""}
        found = [
            *(_numbered(connection, int(named)) if _is_number(named) else ()),
            *_called(connection, [rows.short(text) for text in texts]),
        ]
    once: dict[tuple[str, int], Meaning] = {}
    for one in found:
        once.setdefault(one[:2], one)
    return list(once.values())[:MOST]


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _numbered(connection: Connection, number: int, kind: str = "") -> list[Meaning]:
    found = []
    if kind != "entry":
        found += _articles(connection, articles.c.id == number)
    if kind != "article":
        found += _entries(connection, entries.c.id == number)
    return found


def _called(connection: Connection, texts: Sequence[str]) -> list[Meaning]:
    # The condition on feeds lets the indexes be used, which begin with the feed.
    of_feeds = entries.c.feed_id.in_(select(feeds.c.id))
    return [
        *_articles(connection, articles.c.url_key.in_(texts)),
        *_entries(connection, and_(of_feeds, entries.c.key.in_(texts))),
        *_entries(connection, and_(of_feeds, entries.c.link_key.in_(texts))),
    ]


def _articles(connection: Connection, wanted: ColumnElement[bool]) -> list[Meaning]:
    statement = select(articles.c.id, articles.c.title).where(wanted).order_by(articles.c.id)
    return [
        Meaning("article", row.id, f"article:{row.id}", row.title)
        for row in connection.execute(statement)
    ]


def _entries(connection: Connection, wanted: ColumnElement[bool]) -> list[Meaning]:
    columns = (entries.c.id, entries.c.article_id, entries.c.title)
    statement = select(*columns).where(wanted).order_by(entries.c.id).limit(MOST)
    return [
        Meaning(
            "article" if row.article_id else "entry",
            row.article_id or row.id,
            f"entry:{row.id}",
            row.title,
        )
        for row in connection.execute(statement)
    ]


def kept(connection: Connection, kind: str, number: int) -> Kept:
    """Everything kept about an article, or about an entry that became none."""
    mine = entries.c.article_id == number if kind == "article" else entries.c.id == number
    named = (feeds.c.name, feeds.c.title.label("feed_title"), feeds.c.settings_url.label("feed"))
    stated = [one for one in entries.c if one.name != "fate"]
    asked = select(*stated, *named, final_fate().label("fate")).join(feeds).where(mine)
    held = _all(connection, asked.order_by(entries.c.id))
    for row in held:
        row["feed"] = row["name"] or row["feed_title"] or shareable(row["feed"])
    ids = [row["id"] for row in held]
    of_article = number if kind == "article" else None
    told = _all(
        connection,
        select(edition_articles, *(editions.c[name] for name in _OF_EDITION))
        .join(editions, editions.c.id == edition_articles.c.edition_id)
        .where(edition_articles.c.article_id == of_article)
        .order_by(editions.c.id),
    )
    sent = _where(
        connection, deliveries, deliveries.c.edition_id, [t["edition_id"] for t in told], BEHIND
    )
    for row in sent:
        row["why"] = why_not_sent(row["why"], row["behind"], row["lease_until"])
    return Kept(
        entries=held,
        reissues=_where(connection, reissues, reissues.c.id, [row["reissue_id"] for row in held]),
        polls=[row for one in held for row in _poll(connection, one)],
        revisions=_where(connection, revisions, revisions.c.entry_id, ids),
        articles=_where(connection, articles, articles.c.id, [of_article]),
        copies=_copies(connection, of_article),
        matches=_where(connection, matches, matches.c.article_id, [of_article]),
        rulings=_where(connection, rulings, rulings.c.article_id, [of_article]),
        editions=told,
        deliveries=sent,
        attempts=_where(connection, attempts, attempts.c.delivery_id, [one["id"] for one in sent]),
    )


_OF_EDITION = ("number", "published", "sent", "subject")


def _poll(connection: Connection, entry: Row) -> list[Row]:
    """The poll that first saw an entry: both have the same time."""
    mine = (polls.c.feed_id == entry["feed_id"]) & (polls.c.at == entry["first_seen"])
    found = _all(connection, select(polls).where(mine).order_by(polls.c.id).limit(1))
    return [row | {"feed": entry["feed"]} for row in found]


def _copies(connection: Connection, number: int | None) -> list[int]:
    if number is None:
        return []
    statement = select(articles.c.id).where(articles.c.duplicate_of == number)
    return list(connection.scalars(statement.order_by(articles.c.id)))


def _where(
    connection: Connection,
    table: Any,
    column: ColumnElement[Any],
    values: Sequence[Any],
    *more: ColumnElement[Any],
) -> list[Row]:
    wanted = [*(one for one in table.c if one.name not in _BODIES), *more]
    asked = [value for value in values if value is not None]
    statement = select(*wanted).order_by(*table.primary_key)
    return [dict(row) for row in rows.of_many(connection, statement, column, asked)]


def _all(connection: Connection, statement: Select[Any]) -> list[Row]:
    result = connection.execute(statement).mappings()
    return [{name: row[name] for name in row if name not in _BODIES} for row in result]
