"""Search the kept articles, with SQLite's FTS5 or PostgreSQL's text search.

What a user types is words, never syntax: `"a phrase"` stays together, `word*` is a prefix, anything
else is quoted, so that no operator of the engine can be reached (S93).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, TextClause, and_, case, or_, select, text

from monitor.model import Article
from monitor.store import rows
from monitor.store.schema import articles
from monitor.watchlists import normalise
from monitor.watchlists.tree import FIELDS

MAX_TERMS = 50
MAX_RESULTS = 500
LONGEST_WORD = 500
"""Characters: PostgreSQL refuses words of more than 2,046 bytes, and keeps no longer ones."""
MANY = 1_000
"""From this many articles found, reading and sorting them all takes longer than finding the newest.

In a tenth of a second SQLite goes through a million dates, but reads only ten thousand articles.
"""

_OPERATOR = re.compile(
    rf"\b(?:AND|OR|NOT)\b|\bO?NEAR/\d+|[()|]|(?<!\S)-(?=\w)|\b(?:{'|'.join(FIELDS)}):(?=\S)"
)
_PHRASE = re.compile(r'"[^"]+"')
_TERM = re.compile(r'"([^"]+)"|(\S+)')
_WORD = re.compile(r"[^\W_]+")
"""What both indexes take for a word: any sign, also an underscore, parts words."""


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand together; `prefix`: the last one may continue."""

    words: tuple[str, ...]
    prefix: bool = False


def terms(query: str) -> list[Term]:
    """The terms of a search; all must occur. Signs without letters or digits are ignored."""
    found = []
    for phrase, word in _TERM.findall(query.replace("\x00", " ")):
        words = tuple(_WORD.findall(phrase or word))
        if words:
            found.append(Term(words, prefix=word.endswith("*")))
    return found[:MAX_TERMS]


def operator_in(query: str) -> str:
    """The first operator or field of a query in a search, to which it means nothing, and which
    other services know: a minus before a word too; empty if there is none. Within a phrase no
    service has any."""
    found = _OPERATOR.search(_PHRASE.sub(" ", query))
    return found[0] if found else ""


def is_spaceless(query: str) -> bool:
    """Whether a search has a word of Chinese, Japanese or Thai: both indexes keep what stands
    between two marks of a sentence as one word, so it is found only where it begins or is one."""
    said = query.split()
    return any(normalise.is_spaceless(one) and not normalise.is_korean(one) for one in said)


Place = tuple[datetime, datetime | None, int]
"""The place of an article in the results: first seen, `_own_date`, number."""
_ahead = articles.c.published > articles.c.first_seen
# A date in the future does not put an article before those published by then (F40).
_own_date: ColumnElement[datetime | None] = case(
    (_ahead, articles.c.first_seen), else_=articles.c.published
)


def place(article: Article) -> Place:
    """The place of a stored article in the results."""
    seen, dated = article.first_seen, article.published
    assert seen is not None  # noqa: S101  # every stored article has a first_seen
    return seen, dated and min(dated, seen), article.id


def search(
    connection: Connection,
    query: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Place | None = None,
    limit: int = 50,
) -> list[Article]:
    """Articles in which every term occurs, newest first; `after`: only those after this place."""
    wanted = terms(query)
    if not wanted or any(len(word) > LONGEST_WORD for term in wanted for word in term.words):
        return []
    statement = select(articles).where(_condition(connection, wanted))
    if since is not None:
        statement = statement.where(articles.c.first_seen >= since)
    if until is not None:
        statement = statement.where(articles.c.first_seen <= until)
    if after is not None:
        statement = statement.where(_behind(*after))
    # What one poll brought was first seen at one moment; within it, order by the feed's dates.
    dated = _own_date.desc().nulls_last()
    statement = statement.order_by(articles.c.first_seen.desc(), dated, articles.c.id.desc())
    found = connection.execute(statement.limit(min(limit, MAX_RESULTS))).mappings()
    return [rows.article(row) for row in found]


def newest(connection: Connection, number: int, since: datetime | None = None) -> list[int]:
    """Numbers of the newest articles, newest first; only those first seen from `since` on."""
    seen = select(articles.c.id)
    if since is not None:
        seen = seen.where(articles.c.first_seen >= since)
    in_order = seen.order_by(articles.c.first_seen.desc(), articles.c.id.desc())
    return list(connection.scalars(in_order.limit(number)))


def _behind(seen: datetime, dated: datetime | None, number: int) -> ColumnElement[bool]:
    """Whether an article comes after a place in the results."""
    at, lower = articles.c.first_seen, articles.c.id < number
    if dated is None:
        within = and_(_own_date.is_(None), lower)
    else:
        within = or_(_own_date < dated, _own_date.is_(None), and_(_own_date == dated, lower))
    return and_(at <= seen, or_(at < seen, within))


def _condition(connection: Connection, wanted: list[Term]) -> TextClause:
    if connection.dialect.name == "postgresql":
        expression = " & ".join(_tsquery(term) for term in wanted)
        return text("articles.search @@ to_tsquery('simple', :terms)").bindparams(terms=expression)
    terms = {"terms": " ".join(_fts5(term) for term in wanted)}
    matching = "SELECT rowid FROM articles_fts WHERE articles_fts MATCH :terms"
    counted = text(f"SELECT count(*) FROM ({matching} LIMIT {MANY})")  # noqa: S608  # constants
    many = connection.scalar(counted.bindparams(**terms)) == MANY
    # The "+" keeps SQLite from using the index on the number: instead of looking up all articles
    # found and sorting them, it scans from the newest on until enough are found.
    number = "+articles.id" if many else "articles.id"
    return text(f"{number} IN ({matching})").bindparams(**terms)  # constants


def _fts5(term: Term) -> str:
    return f'"{" ".join(term.words)}"' + (" *" if term.prefix else "")


def _tsquery(term: Term) -> str:
    words = [f"'{word}'" for word in term.words]
    return "(" + " <-> ".join(words) + (":*" if term.prefix else "") + ")"
