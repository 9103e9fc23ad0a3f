"""Digests, and the editions that they have published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NotRequired

from typing_extensions import TypedDict

from monitor.digests.schedule import next_scheduled
from monitor.model import Digest
from monitor.shapes.deliveries import DeliveryRow, delivery_row
from monitor.store.editions import Pointer, Published
from monitor.store.outbox import Listed
from monitor.store.recipients import Suspended


class DigestRow(TypedDict):
    """A digest, and until when it has told everything."""

    name: str
    title: str
    watchlists: list[str]
    schedule: str
    """Cron text, or "at once"."""
    zone: str
    next: datetime | None
    """When it is due next; null: at once."""
    number: int
    """Of its newest edition; 0: it has none."""
    covered_until: datetime | None
    recipients: list[str]
    to: str
    """The recipients in one text."""
    suspended: dict[str, str]
    """Those of them that get nothing of it now: why."""


class EditionRow(TypedDict):
    """An edition that was published."""

    digest: str
    number: int
    window_start: datetime
    window_end: datetime
    late: bool
    """Published well after its end, because we were not running."""
    published: datetime
    subject: str
    stories: int
    cut: int
    """Stories that did not fit."""
    sent: bool
    """False: empty, and skipped by the digest's rule."""


class EditionWindow(TypedDict):
    """The time that an edition covers: after `start`, up to and including `end`."""

    start: datetime
    end: datetime
    late: bool


class EditionArticle(TypedDict):
    """An article inside a story of an edition."""

    id: int
    url: str
    title: str
    source: str
    at: datetime | None
    language: NotRequired[str]
    duplicate: bool
    """The same text again."""
    also: NotRequired[list[str]]
    """Other sources whose feeds lead to the same page."""
    snippet: str
    marks: list[list[int]]
    """Places of the matched words in the snippet: start and end."""


class EditionDevelopment(TypedDict):
    """What a report adds to a story that was told before."""

    kind: str
    article: int
    sentence: str
    new: list[str]


class EditionStory(TypedDict):
    """A story of an edition: its lead article, and the others."""

    id: int
    title: str
    score: float
    update: bool
    """It was in an earlier edition; this is a development."""
    development: NotRequired[EditionDevelopment | None]
    outlets: int
    independent: NotRequired[int]
    first_reported: datetime | None
    reasons: dict[str, list[str]]
    """Watchlist: the words that matched."""
    lead: EditionArticle
    others: list[EditionArticle]


class EditionSection(TypedDict):
    """The stories of one watchlist."""

    watchlist: str
    title: str
    stories: list[EditionStory]


class EditionBurst(TypedDict):
    """What is told of far more than on other days of the week."""

    watchlist: str
    term: str
    stories: int
    usual: float | None
    burst: bool
    articles: list[int]
    why: str


class EditionFailing(TypedDict):
    """Of an alarm: a place that gets no messages."""

    place: str
    since: datetime
    why: str


class EditionWorry(TypedDict):
    """Of an alarm: a feed that a person should look after."""

    feed: int
    name: str
    condition: str
    """silent or withheld."""
    since: datetime
    why: str


class EditionFeed(TypedDict):
    """How one feed did during the window."""

    name: str
    polls: int
    failed: int
    why: str
    silent_days: int | None
    withheld: NotRequired[int]
    """Its entries that wait for a person's word, as a suspected re-issue."""


class EditionAccounting(TypedDict):
    """The sums under an edition: what was read, and what could not be seen."""

    statement: str
    blind: bool
    entries: int
    articles: int
    matched: int
    unreadable: int
    feeds: list[EditionFeed]


class EditionBody(TypedDict):
    """An edition as it was published (docs/design/delivery.md); older ones lack some keys."""

    digest: str
    title: str
    number: int
    window: EditionWindow
    zone: str
    sections: list[EditionSection]
    cut: int
    repeated: NotRequired[int]
    bursts: NotRequired[list[EditionBurst]]
    failing: NotRequired[list[EditionFailing]]
    mended: NotRequired[list[str]]
    worries: NotRequired[list[EditionWorry]]
    speaking: NotRequired[list[str]]
    """Of an alarm: feeds that were silent."""
    restored: NotRequired[datetime | None]
    accounting: EditionAccounting


class Titled(TypedDict):
    """A title and its address."""

    title: str
    url: str


class Edition(TypedDict):
    """An edition, what it left out, and what became of its messages."""

    edition: EditionBody
    cut: list[Titled]
    """Stories that did not fit."""
    repeated: list[Titled]
    """Reports that add nothing to what was told before."""
    deliveries: list[DeliveryRow]


def digest_row(
    digest: Digest, pointer: Pointer | None, suspended: Iterable[Suspended], now: datetime
) -> DigestRow:
    """A digest as `monitor digests list --json` tells it; `suspended`: from whatever digest."""
    recipients = [str(recipient) for recipient in digest.recipients]
    why = {(one.recipient, one.digest): one.why for one in suspended}
    held = {
        str(whom): why[whom, name]
        for whom in digest.recipients
        for name in (digest.name, "")  # what holds it from all digests is told before its own wish
        if (whom, name) in why
    }
    return DigestRow(
        name=digest.name,
        title=digest.title,
        watchlists=list(digest.watchlists),
        schedule=digest.schedule,
        zone=digest.zone,
        next=next_scheduled(digest, now),
        number=pointer.number if pointer else 0,
        covered_until=pointer.covered_until if pointer else None,
        recipients=recipients,
        to=", ".join(recipients),
        suspended=held,
    )


def edition_row(one: Published) -> EditionRow:
    """An edition without what it tells."""
    return EditionRow(
        digest=one.digest,
        number=one.number,
        window_start=one.window.start,
        window_end=one.window.end,
        late=one.window.late,
        published=one.published,
        subject=one.subject,
        stories=one.stories,
        cut=one.cut,
        sent=one.sent,
    )


def edition(
    found: Published,
    cut: Sequence[tuple[str, str]],
    repeated: Sequence[tuple[str, str]],
    sent: Sequence[Listed],
) -> Edition:
    """An edition as `monitor digests show --json` tells it."""
    body: Any = dict(found.body)
    return Edition(
        edition=body,
        cut=[Titled(title=title, url=url) for title, url in cut],
        repeated=[Titled(title=title, url=url) for title, url in repeated],
        deliveries=[delivery_row(one) for one in sent],
    )
