"""Editions: what each digest has told, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    exists,
    func,
    or_,
    select,
    union,
    update,
)

from monitor.model import (
    Accounting,
    Article,
    Digest,
    Edition,
    FeedAnswer,
    Match,
    Message,
    Reported,
    Window,
)
from monitor.redact import shareable
from monitor.store import reissues, rows
from monitor.store.articles import also_in, matches_of, seen_within
from monitor.store.schema import (
    articles,
    deliveries,
    digests,
    edition_articles,
    editions,
    entries,
    feeds,
    matches,
    polls,
)

LARGEST_NUMBER = 2**31 - 1
"""The largest edition number; on PostgreSQL the column holds no more."""
OVERLAP = timedelta(days=2)
"""How far before its window an edition looks for matches that no edition has told yet.

What has been told decides what belongs to an edition, not time alone, so that a match whose commit
came late is in the next edition, never in none and never in two. Articles that came after the
pointer last moved are considered whatever their times say: the clock may have been put back
meanwhile (F35).
"""


@dataclass(frozen=True, slots=True)
class Pointer:
    """Up to when a digest has told everything, and the number of its newest edition."""

    covered_until: datetime
    number: int
    started: datetime
    newest_article: int = 0
    """The largest article number when the pointer last moved."""


def register(connection: Connection, digest: str, covered_until: datetime) -> Pointer:
    """The digest's pointer; created if the digest is new."""
    statement = rows.insert_new(connection.dialect.name, digests, "name")
    values = {"name": digest, "started": covered_until, "covered_until": covered_until}
    connection.execute(statement.values(number=0, newest_article=NEWEST_ARTICLE, **values))
    found = pointer(connection, digest)
    assert found is not None  # noqa: S101  # it was just inserted
    return found


def pointer(connection: Connection, digest: str) -> Pointer | None:
    """The digest's pointer; None if it has never been due."""
    row = connection.execute(select(digests).where(digests.c.name == digest)).one_or_none()
    if row is None:
        return None
    return Pointer(row.covered_until, row.number, row.started, row.newest_article)


NEWEST_ARTICLE = select(func.coalesce(func.max(articles.c.id), 0)).scalar_subquery()
"""The largest article number."""


def reported(connection: Connection, digest: Digest, window: Window) -> list[Reported]:
    """What an edition over this window may tell: matched and grouped articles not told before.

    Articles of entries that a feed already had at its first poll count by their own date, not by
    when we first saw them, so that a new feed's archive is not news.
    """
    statement = (
        select(articles)
        .where(to_tell(connection, digest, window))
        .order_by(articles.c.first_seen, articles.c.id)
    )
    found = list(connection.execute(statement).mappings())
    of_article = matches_of(connection, [row["id"] for row in found], digest.watchlists)
    before = _stories_told(connection, digest.name, [row["story_id"] for row in found])
    also = also_in(connection, [row["id"] for row in found])
    return [
        Reported(
            article=rows.article(row),
            story_id=row["story_id"],
            duplicate_of=row["duplicate_of"],
            matches=of_article.get(row["id"], ()),
            reported_before=row["story_id"] in before,
            also=also.get(row["id"], ()),
        )
        for row in found
    ]


def outlined(connection: Connection, digest: Digest, window: Window, most: int) -> list[Reported]:
    """Like `reported`, but only the newest `most`, without texts and spans: enough to rank by.

    Whether an edition has told a story before is not looked up.
    """
    wanted = to_tell(connection, digest, window)
    newest = (articles.c.first_seen.desc(), articles.c.id.desc())
    statement = select(*_OUTLINE).where(wanted).order_by(*newest).limit(most)
    return _outlines(connection, statement, digest.watchlists)


def outlined_stories(
    connection: Connection, story_ids: Sequence[int], watchlists: Sequence[str]
) -> list[Reported]:
    """All articles of these stories, oldest first, in the form that `outlined` returns."""
    found: list[Reported] = []
    for chunk in rows.chunks(story_ids):
        statement = select(*_OUTLINE).where(articles.c.story_id.in_(chunk))
        in_order = statement.order_by(articles.c.first_seen, articles.c.id)
        found += _outlines(connection, in_order, watchlists)
    return found


_DATES = ("published", "first_seen")
_IN_OUTLINE = ("id", "url", "link", "title", "source", "owner", "language", *_DATES)
_OUTLINE = (
    *(articles.c[name] for name in _IN_OUTLINE),
    *(articles.c.story_id, articles.c.duplicate_of),
)


def _outlines(
    connection: Connection, statement: Select[Any], watchlists: Sequence[str]
) -> list[Reported]:
    found = list(connection.execute(statement))
    of_article: dict[int, list[Match]] = {}
    columns = (matches.c.article_id, matches.c.watchlist, matches.c.score)
    mine = select(*columns).where(matches.c.watchlist.in_(watchlists))
    for one in rows.of_many(connection, mine, matches.c.article_id, [row.id for row in found]):
        match = Match(one["watchlist"], one["score"], (), 0)
        of_article.setdefault(one["article_id"], []).append(match)
    return [
        Reported(
            article=Article(**{name: getattr(row, name) for name in _IN_OUTLINE}),
            story_id=row.story_id,
            duplicate_of=row.duplicate_of,
            matches=tuple(of_article.get(row.id, ())),
        )
        for row in found
    ]


def to_tell(connection: Connection, digest: Digest, window: Window) -> ColumnElement[bool]:
    """Whether an edition over this window may tell an article."""
    return and_(
        articles.c.id.in_(_matched(connection, digest, window)),
        articles.c.story_id.is_not(None),
        or_(articles.c.baseline.is_(False), _dated(connection, digest.name, window)),
        ~in_edition(digest.name),
    )


def in_edition(digest: str) -> ColumnElement[bool]:
    """Whether an article is in an edition of the digest: carried, cut or repeated."""
    return exists().where(
        edition_articles.c.digest == digest, edition_articles.c.article_id == articles.c.id
    )


def _matched(connection: Connection, digest: Digest, window: Window) -> Any:
    """Numbers of the articles that a window may tell, by time or by the order they came in."""
    at = pointer(connection, digest.name)
    mine = and_(
        matches.c.watchlist.in_(digest.watchlists),
        matches.c.matched <= window.end,
        _news(window),
    )
    by_time = select(matches.c.article_id).where(mine)
    if at is None:  # previewing a digest that has never been due: only the window counts
        return by_time.where(matches.c.matched > window.start)
    by_time = by_time.where(matches.c.matched > max(window.start - OVERLAP, at.started))
    by_order = select(articles.c.id).where(
        articles.c.id > at.newest_article,
        exists().where(matches.c.article_id == articles.c.id, mine),
    )
    return union(by_time, by_order)


LATE = timedelta(minutes=5)
"""How long before a window an article may have come and still be told in it: it may have been
matched again too late for the previous edition.
"""


def _news(window: Window) -> ColumnElement[bool]:
    """Whether a match is news for a window.

    A match found by matching again is news only if its article came within the window or shortly
    before it (LATE): what an earlier edition could have told is not told late.
    """
    come = articles.alias()
    seen = select(come.c.first_seen).where(come.c.id == matches.c.article_id).scalar_subquery()
    return or_(matches.c.rematched.is_(False), seen > window.start - LATE)


def _dated(connection: Connection, digest: str, window: Window) -> ColumnElement[bool]:
    """Whether a baseline article's own date makes it news of this window.

    A date in the previous window also counts if the article was seen then but could not be read
    before that window closed; but not a window from before the digest began (or began anew).
    """
    begun = select(digests.c.started).where(digests.c.name == digest).scalar_subquery()
    before = connection.scalar(
        select(editions.c.window_start).where(
            editions.c.digest == digest,
            editions.c.window_end == window.start,
            editions.c.window_start >= begun,
        )
    )
    now = articles.c.published > window.start
    if before is None:
        return now
    return or_(now, and_(articles.c.first_seen <= window.start, articles.c.published > before))


def _stories_told(connection: Connection, digest: str, story_ids: Sequence[int]) -> set[int]:
    """Those stories from which an edition has carried an article that is in them now."""
    of_story = articles.c.story_id
    carried = select(of_story).distinct().where(_carried(digest))
    return {row["story_id"] for row in rows.of_many(connection, carried, of_story, story_ids)}


def told(connection: Connection, digest: str, story_ids: Sequence[int]) -> dict[int, list[Article]]:
    """The articles of these stories that earlier editions carried, that is, showed to readers.

    Articles found to add nothing are left out: they were judged by their beginning, or by a
    summary, and the rest of what they say was told to nobody.
    """
    found: dict[int, list[Article]] = {}
    carried = select(articles).where(_carried(digest)).order_by(articles.c.id)
    for row in rows.of_many(connection, carried, articles.c.story_id, story_ids):
        found.setdefault(row["story_id"], []).append(rows.article(row))
    return found


def _carried(digest: str) -> ColumnElement[bool]:
    """Whether an edition of the digest has carried an article.

    Its story is the present one: a person may have divided or joined stories since.
    """
    return exists().where(
        edition_articles.c.digest == digest,
        edition_articles.c.article_id == articles.c.id,
        edition_articles.c.fate == "carried",
    )


def accounting(
    connection: Connection, window: Window, watchlists: Sequence[str] | None = None
) -> Accounting:
    """The sums of a window: how the feeds answered, what was read, and how much of it matched one
    of these watchlists (by default any)."""
    read = sums(connection, window, watchlists)
    return replace(read, feeds=tuple(_answers(connection, window)))


def sums(
    connection: Connection, window: Window, watchlists: Sequence[str] | None = None
) -> Accounting:
    """Like `accounting`, but without the feeds, whose polls are many."""
    seen = and_(entries.c.first_seen > window.start, entries.c.first_seen <= window.end)
    read = select(func.count(), func.count().filter(entries.c.fate == "unreadable")).where(seen)
    total, unreadable = connection.execute(read).one()
    kept = seen_within(window.start, window.end)
    matched = exists().where(matches.c.article_id == articles.c.id)
    if watchlists is not None:
        matched = matched.where(matches.c.watchlist.in_(watchlists))
    held = connection.execute(select(func.count(), func.count().filter(matched)).where(kept)).one()
    return Accounting(
        entries=total,
        articles=held[0],
        matched=held[1],
        unreadable=unreadable,
    )


def _answers(connection: Connection, window: Window) -> list[FeedAnswer]:
    during = and_(
        polls.c.feed_id == feeds.c.id, polls.c.at > window.start, polls.c.at <= window.end
    )
    statement = (
        select(
            feeds.c.id,
            feeds.c.name,
            feeds.c.title,
            feeds.c.url,
            feeds.c.newest,
            feeds.c.last_why,
            feeds.c.failures,
            func.count(polls.c.id).label("polls"),
            func.count(polls.c.id).filter(polls.c.outcome == "failed").label("failed"),
        )
        .join_from(feeds, polls, during, isouter=True)
        .where(feeds.c.enabled)
        .group_by(feeds.c.id)
        .order_by(feeds.c.id)
    )
    withheld = reissues.waiting(connection)
    return [
        FeedAnswer(
            name=row["name"] or row["title"] or shareable(row["url"]),
            polls=row["polls"],
            failed=row["failed"],
            why=row["last_why"] if row["failed"] or row["failures"] else "",
            silent_days=_silent(row["newest"], window.end),
            withheld=sum(one.entries for one in withheld.get(row["id"], ())),
        )
        for row in connection.execute(statement).mappings()
    ]


SILENT_DAYS = 30
"""A feed whose newest entry is older than this is named as silent."""


def _silent(newest: datetime | None, at: datetime) -> int | None:
    if newest is None:
        return None
    days = (at - newest).days
    return days if days > SILENT_DAYS else None


def publish(
    connection: Connection,
    edition: Edition,
    body: Mapping[str, Any],
    messages: Sequence[Message],
    *,
    subject: str,
    fates: Mapping[str, Mapping[int, int]],
    now: datetime,
) -> int | None:
    """Store an edition and put its messages into the outbox, in one transaction.

    `fates`: for "carried", "cut" and "repeated", article numbers with their story numbers. Returns
    the edition's number in the store; None, with nothing written, when another process has moved
    the digest's pointer first.
    """
    moved = connection.execute(
        update(digests)
        .where(
            digests.c.name == edition.digest,
            digests.c.covered_until == edition.window.start,
            digests.c.number == edition.number - 1,
        )
        .values(
            covered_until=edition.window.end, number=edition.number, newest_article=NEWEST_ARTICLE
        )
    )
    if moved.rowcount == 0:
        return None
    edition_id = _insert_edition(connection, edition, body, subject, bool(messages), now)
    for fate, members in fates.items():
        _tell(connection, edition.digest, edition_id, members, fate)
    if messages:
        connection.execute(
            deliveries.insert(), [_delivery(edition_id, message, now) for message in messages]
        )
    return edition_id


AHEAD = timedelta(minutes=5)
"""A pointer further ahead of the clock than this was set by a clock that ran ahead (F35)."""


def put_back(connection: Connection, digest: str, now: datetime) -> bool:
    """Move a digest's pointer back to `now` if a clock that ran ahead had set it; whether it was.

    Otherwise the digest would tell nothing until that time. What was told stays told; matches dated
    after `now` count as of now. The pointer is left alone where it is right, and where the clock is
    before the digest's beginning: then the clock is wrong now, and once it is right again the
    skipped time would become one window full of archives.
    """
    ran_ahead = and_(digests.c.covered_until > now + AHEAD, digests.c.started <= now)
    moved = connection.execute(
        update(digests).where(digests.c.name == digest, ran_ahead).values(covered_until=now)
    )
    if moved.rowcount:
        connection.execute(update(matches).where(matches.c.matched > now).values(matched=now))
    return bool(moved.rowcount)


def move_on(connection: Connection, digest: str, window: Window) -> None:
    """Move a digest's pointer past a window that had nothing to tell."""
    connection.execute(
        update(digests)
        .where(digests.c.name == digest, digests.c.covered_until == window.start)
        .values(covered_until=window.end, newest_article=NEWEST_ARTICLE)
    )


def _insert_edition(
    connection: Connection,
    edition: Edition,
    body: Mapping[str, Any],
    subject: str,
    sent: bool,
    now: datetime,
) -> int:
    statement = editions.insert().values(
        digest=edition.digest,
        number=edition.number,
        window_start=edition.window.start,
        window_end=edition.window.end,
        late=edition.window.late,
        published=now,
        subject=subject,
        stories=len(edition.stories),
        cut=edition.cut,
        sent=sent,
        body=dict(body),
    )
    return int(connection.execute(statement.returning(editions.c.id)).scalar_one())


def _tell(
    connection: Connection, digest: str, edition_id: int, members: Mapping[int, int], fate: str
) -> None:
    if not members:
        return
    statement = rows.insert_new(connection.dialect.name, edition_articles, "digest", "article_id")
    connection.execute(
        statement,
        [
            {
                "digest": digest,
                "article_id": article_id,
                "edition_id": edition_id,
                "story_id": story_id,
                "fate": fate,
            }
            for article_id, story_id in members.items()
        ],
    )


def _delivery(edition_id: int, message: Message, now: datetime) -> dict[str, Any]:
    return {
        "edition_id": edition_id,
        "channel": message.recipient.channel,
        "address": message.recipient.address,
        "part": message.part,
        "parts": message.parts,
        "message_id": message.id,
        "subject": message.subject,
        "content_type": message.content_type,
        "body": message.body,
        "created": now,
        "due": now,
    }


@dataclass(frozen=True, slots=True)
class Published:
    """An edition as stored; `body` is its JSON form."""

    id: int
    digest: str
    number: int
    window: Window
    published: datetime
    subject: str
    stories: int
    cut: int
    sent: bool
    body: Mapping[str, Any]


def listing(connection: Connection, digest: str | None = None, limit: int = 50) -> list[Published]:
    """Editions, newest first."""
    return _newest(connection, select(editions), digest, limit)


def recent(connection: Connection, digest: str | None, limit: int) -> list[Published]:
    """Like `listing`, without the bodies, which are large."""
    return _newest(connection, without_bodies(), digest, limit)


def _newest(
    connection: Connection, statement: Select[Any], digest: str | None, limit: int
) -> list[Published]:
    if digest is not None:
        statement = statement.where(editions.c.digest == digest)
    found = connection.execute(statement.order_by(editions.c.id.desc()).limit(limit))
    return [published(row) for row in found.mappings()]


def without_bodies() -> Select[Any]:
    """Select editions as `published` needs them, without their contents."""
    return select(*(column for column in editions.c if column.name != "body"))


def numbered(connection: Connection, edition_id: int) -> Published | None:
    """One edition by its number in the store."""
    row = connection.execute(select(editions).where(editions.c.id == edition_id)).mappings().first()
    return None if row is None else published(row)


def get(connection: Connection, digest: str, number: int | None = None) -> Published | None:
    """One edition of a digest; the newest when no number is given."""
    if number is not None and number > LARGEST_NUMBER:
        return None
    statement = select(editions).where(editions.c.digest == digest)
    if number is not None:
        statement = statement.where(editions.c.number == number)
    statement = statement.order_by(editions.c.number.desc()).limit(1)
    row = connection.execute(statement).mappings().first()
    return None if row is None else published(row)


def digest_of(connection: Connection, edition_id: int) -> str:
    """The name of the digest that an edition belongs to."""
    of_it = select(editions.c.digest).where(editions.c.id == edition_id)
    return str(connection.execute(of_it).scalar_one())


def last_sent(connection: Connection, digest: str) -> datetime | None:
    """When an edition of this digest was last sent."""
    found: datetime | None = connection.scalar(
        select(func.max(editions.c.published)).where(editions.c.digest == digest, editions.c.sent)
    )
    return found


def last_alerts(connection: Connection, digest: str, most: int) -> list[datetime]:
    """Publication times of a digest's newest sent editions, newest first, at most `most`."""
    statement = (
        select(editions.c.published)
        .where(editions.c.digest == digest, editions.c.sent)
        .order_by(editions.c.number.desc())
        .limit(most)
    )
    return list(connection.scalars(statement))


def cut_stories(connection: Connection, edition_id: int) -> list[tuple[str, str]]:
    """(title, address) of the stories cut from an edition, by each story's first article."""
    statement = (
        select(edition_articles.c.story_id, articles.c.title, articles.c.url)
        .join(articles, articles.c.id == edition_articles.c.article_id)
        .where(edition_articles.c.edition_id == edition_id, edition_articles.c.fate == "cut")
        .order_by(articles.c.first_seen, articles.c.id)
    )
    first: dict[int, tuple[str, str]] = {}
    for row in connection.execute(statement):
        first.setdefault(row.story_id, (row.title, row.url))
    return list(first.values())


def repeats(connection: Connection, edition_id: int) -> list[tuple[str, str]]:
    """(title, address) of the reports that added nothing to what was told before."""
    statement = (
        select(articles.c.title, articles.c.url)
        .join(edition_articles, edition_articles.c.article_id == articles.c.id)
        .where(edition_articles.c.edition_id == edition_id, edition_articles.c.fate == "repeated")
        .order_by(articles.c.first_seen, articles.c.id)
    )
    return [(row.title, row.url) for row in connection.execute(statement)]


def lags(connection: Connection) -> dict[str, float]:
    """Digest -> seconds from first seeing its newest edition's latest article until it was sent.

    "Sent" is when the last of its messages was accepted; this measures an alert's delay (D75).
    Editions outside the regular series are ignored.
    """
    newest = select(func.max(editions.c.id)).where(editions.c.sent).group_by(editions.c.digest)
    seen = (
        select(func.max(articles.c.first_seen))
        .join(edition_articles, edition_articles.c.article_id == articles.c.id)
        .where(edition_articles.c.edition_id == editions.c.id)
        .scalar_subquery()
    )
    taken = (
        select(func.max(deliveries.c.ended))
        .where(deliveries.c.edition_id == editions.c.id, deliveries.c.state == "sent")
        .scalar_subquery()
    )
    besides = editions.c.digest.contains("+")
    statement = select(editions.c.digest, seen, taken).where(editions.c.id.in_(newest), ~besides)
    found = list(connection.execute(statement.order_by(editions.c.id)))
    return {name: (end - start).total_seconds() for name, start, end in found if start and end}


def published(row: rows.Row) -> Published:
    """Make a Published of a row of `editions`, without contents if the row has none."""
    window = Window(row["window_start"], row["window_end"], row["late"])
    same = ("id", "digest", "number", "published", "subject", "stories", "cut", "sent")
    return Published(window=window, body=row.get("body", {}), **{name: row[name] for name in same})
