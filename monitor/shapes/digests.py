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
    """A digest, and the time until which it has told everything."""

    name: str
    title: str
    watchlists: list[str]
    schedule: str
    """Cron text, or "at once"."""
    zone: str
    next: datetime | None
    """When it is due next; null: at once."""
    number: int
    """Number of its newest edition; 0: it has none."""
    covered_until: datetime | None
    recipients: list[str]
    to: str
    """The recipients, in one text."""
    suspended: dict[str, str]
    """Those recipients that currently get nothing of it -> why."""


class EditionRow(TypedDict):
    """A published edition."""

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
    """False: it was empty and skipped, as the digest prescribes."""


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
    """It repeats the text of another article."""
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
    """Watchlist -> the words that matched."""
    lead: EditionArticle
    others: list[EditionArticle]


class EditionSection(TypedDict):
    """The stories of one watchlist."""

    watchlist: str
    title: str
    stories: list[EditionStory]


class EditionBurst(TypedDict):
    """What is reported far more than on the same day of other weeks."""

    watchlist: str
    term: str
    stories: int
    usual: float | None
    burst: bool
    articles: list[int]
    why: str


class EditionFailing(TypedDict):
    """In an alarm: a place that gets no messages."""

    place: str
    since: datetime
    why: str


class EditionWorry(TypedDict):
    """In an alarm: a feed that a person should look after."""

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
    """How many of its entries wait for a person's decision, as a suspected re-issue."""


class EditionAccounting(TypedDict):
    """The counts under an edition: what was read, and what could not be seen."""

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
    """In an alarm: feeds that were silent and bring news again."""
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
    """Return a digest as `monitor digests list --json` shows it; `suspended`: of any digest."""
    recipients = [str(recipient) for recipient in digest.recipients]
    why = {(one.recipient, one.digest): one.why for one in suspended}
    held = {
        str(whom): why[whom, name]
        for whom in digest.recipients
        for name in (digest.name, "")  # suspension from all digests overrides that from one
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
    """Return an edition without its contents."""
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
    """Return an edition as `monitor digests show --json` shows it."""
    body: Any = dict(found.body)
    return Edition(
        edition=body,
        cut=[Titled(title=title, url=url) for title, url in cut],
        repeated=[Titled(title=title, url=url) for title, url in repeated],
        deliveries=[delivery_row(one) for one in sent],
    )
