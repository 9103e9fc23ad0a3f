"""The vocabulary as values: what passes between the rooms.

Everything here is frozen, does no input or output, and means what docs/glossary.md says.
Times are aware datetimes in UTC; offsets count code points, from 0, end exclusive.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

# --------------------------------------------------------------------------- world


def utc_text(at: datetime) -> str:
    """Return a time as all our JSON has it, in UTC: "2024-10-18T06:00:00Z"."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Clock(Protocol):
    """Time as an argument: the real clock is in `clock.py`, the tests' clock in `testing.py`."""

    def now(self) -> datetime:
        """The time of day, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds that never jump: for waits, spacing and deadlines."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let that much time pass."""
        ...


# --------------------------------------------------------------------------- feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One address we poll, of one source, as the settings describe it."""

    url: str
    name: str = ""
    source: str = ""
    """Name of the publisher."""
    owner: str = ""
    """The publisher's owner, by which sources that belong together are recognised."""
    kind: str = ""
    """Feed kind (a file in `feeds/`); empty: detected from the answer."""
    lang: str = ""
    region: str = ""
    tags: tuple[str, ...] = ()
    interval: timedelta | None = None
    """Shortest time between polls; None: `[poll] interval`."""
    articles: str = ""
    """"all", "matched" or "off": whether pages are fetched; empty: `[fetch] articles`."""
    enabled: bool = True
    selectors: Mapping[str, str] = field(default_factory=dict, hash=False)
    """CSS selectors by what they find, for the feed kind `page`."""
    settings_url: str = ""
    """The address as it was first given, if the store knows one: the feed may have moved since."""
    id: int = 0
    """Number in the store; 0: not stored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What it takes to ask one feed besides its address; from the settings, never in the store."""

    headers: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    """Secrets, sent only to the origin of the address that the settings name."""
    unverified: bool = False
    """A person's exception: the certificate of that origin is not verified."""
    robots: bool = False
    """Whether robots.txt is asked before the feed, as it is before articles."""


@dataclass(frozen=True, slots=True)
class Override:
    """Selectors for the pages of one site; an empty one leaves the general rules in force."""

    body: str = ""
    """Selects the text: all outermost elements that match, in document order."""
    drop: tuple[str, ...] = ()
    """Selects what is not part of the article, wherever it stands."""
    title: str = ""
    """Selects the title; the feed's title still takes precedence."""


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server supplied for asking "anything new?", byte for byte (RFC 9110 §8.8)."""

    url: str = ""
    etag: bytes | None = None
    last_modified: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What is known of a document that a feed's own document names, as an index its sitemaps."""

    validators: Validators
    """Its address, and what its server supplied for it."""
    entries: int = 0
    """How many it held when it was last read."""
    left: int = 0
    """How many of them were left out then, as all those documents held too many."""
    dated: bool = False
    """Whether the document that names it shows when it changes, and it did not wait when that
    document last changed."""
    whole: bool = False
    """Whether it was read to its end when it was last requested."""
    failures: int = 0
    """Failed requests in a row."""
    failing_since: datetime | None = None
    not_before: datetime | None = None
    """Left alone until then."""
    gone: bool = False
    """Its server said 410, and the document that names it has not dated it anew since."""
    changed: datetime | None = None
    """When it last changed, as the document that names it said last; None: it did not say."""


class FeedState(StrEnum):
    """Whether a feed is polled."""

    ACTIVE = "active"
    GONE = "gone"
    """The server said 410: not asked again until a person resumes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """What the store knows about the polling of one feed; decisions are made from this."""

    feed: Feed
    state: FeedState = FeedState.ACTIVE
    validators: Validators = Validators()
    body_hash: str = ""
    """Hash of the last body that was read completely; the same bytes need no parse."""
    title: str = ""
    """The title the feed last gave itself."""
    title_was: str = ""
    """The title it had before it took one that has nothing in common with it."""
    hints: Hints | None = None
    """What the document last said about its own pace."""
    failures: int = 0
    """Failed polls in a row."""
    failing_since: datetime | None = None
    last_polled: datetime | None = None
    last_success: datetime | None = None
    newest: datetime | None = None
    """Publication time of the newest entry seen."""
    last_news: datetime | None = None
    """When a poll last brought a new entry."""
    gap: timedelta | None = None
    """The usual time between two new entries (smoothed)."""
    moved_to: str = ""
    """The target of a permanent redirect that was seen once and is not yet trusted."""
    calm: int = 0
    """Polls in a row that brought nothing new."""
    pieces: tuple[str, ...] = ()
    """`Document.pieces` of the last body that was read completely."""
    followed: tuple[Followed, ...] = ()
    """The documents that its own document names, in its order."""
    read_whole: datetime | None = None
    """When a document was last read without leaving anything out."""
    states: tuple[str, ...] = ()
    """Short hashes of what its last documents held, newest first."""
    returns: int = 0
    """How many times in a row a document came back that had been served before the last one."""
    returns_since: datetime | None = None
    """When the first of these returns happened."""
    returned: datetime | None = None
    """When the last of these returns happened."""
    redated: datetime | None = None
    """When a document last gave many known entries new dates."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What a feed document says about its own pace."""

    ttl: timedelta | None = None
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[str, ...] = ()
    update_period: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file attached to an entry."""

    url: str
    type: str = ""
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One item as the feed states it, unaltered (apart from decoding and absolute links)."""

    key: str
    """Identity inside its feed: the id, made distinct if the feed uses one id for several."""
    id: str
    """As the feed states it, else derived from link, else from title and text."""
    link: str = ""
    title: str = ""
    """Plain text: entities decoded, tags removed."""
    published: datetime | None = None
    updated: datetime | None = None
    authors: tuple[str, ...] = ()
    summary_html: str = ""
    content_html: str = ""
    """The full text, if the feed gives one apart from the summary."""
    categories: tuple[str, ...] = ()
    language: str | None = None
    enclosures: tuple[Enclosure, ...] = ()
    shares_page: bool = False
    """Whether other entries of its document, with other words, lead to the same page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A feed document as read; the value behind `monitor parse`."""

    kind: str
    format: str
    """"rss20", "atom10", "rdf", "jsonfeed11", ..."""
    encoding: str = "utf-8"
    title: str = ""
    link: str = ""
    language: str = ""
    hints: Hints = Hints()
    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()
    complete: bool = True
    """False: the document was cut or broken, so its validators must not be kept."""
    pieces: tuple[str, ...] = ()
    """What the next reading needs to skip what this document held; empty: it cannot skip."""
    reduced: int = 0
    """Entries left out of `entries` because the last reading had them, byte for byte."""
    follow: tuple[str, ...] = ()
    """Addresses of the documents that hold this one's entries (for a sitemap index)."""
    changes: tuple[datetime | None, ...] = ()
    """When each of `follow` last changed, as far as this document says so; as long as `follow`,
    or empty."""
    listed: bool = False
    """Whether `follow` was read to its end: then validators are kept, whatever became of those
    documents, as each of them is remembered."""
    followed: tuple[Followed, ...] = ()
    """What is known of those documents, once they were requested."""
    hubs: tuple[str, ...] = ()
    """Hubs that push its news, as the document names them (`rel="hub"`)."""
    self_url: str = ""
    """Its own address, as the document names it (`rel="self"`)."""


class OutcomeKind(StrEnum):
    """How a poll ended."""

    NEW = "new"
    NOT_MODIFIED = "not-modified"
    """The server said so (304)."""
    UNCHANGED = "unchanged"
    """The server sent everything again, and nothing in it was new."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one poll ended, and why."""

    kind: OutcomeKind
    why: str = ""
    status: int = 0
    seen: int = 0
    """Entries in the document."""
    new: int = 0
    revised: int = 0
    bytes: int = 0
    conditional: bool = False
    """Whether the request carried validators."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDecision:
    """What a poll's answer means: what to store, and when to ask again."""

    outcome: Outcome
    polling: Polling
    """The feed's polling state from now on."""
    due: datetime | None
    """When to poll next; None: not until a person says so."""
    due_why: str
    """The reason, for people: "interval 30 min", "Retry-After 2 h", "410 Gone"."""
    not_before: datetime | None = None
    """The server told us to wait until then (Retry-After): no command overrides that."""
    new: tuple[Entry, ...] = ()
    revised: tuple[Entry, ...] = ()
    withheld: str = ""
    """Why the new entries are withheld, as a suspected re-issue; empty: they are not."""
    duplicate_of_url: str = ""
    own_due: datetime | None = None
    """When to poll next if nothing were pushed; None: the same as `due`."""
    hub: Hub | None = None
    """What the answer says about a hub; None: nothing, because no complete document was read."""


# -------------------------------------------------------------------------- pushes


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub that a feed names (WebSub); `Hub()` if it names none."""

    url: str = ""
    topic: str = ""
    """The feed's address as the hub knows it."""


class PushState(StrEnum):
    """The stage that an agreement with a hub has reached."""

    NAMED = "named"
    """The feed names the hub, which has not been asked yet."""
    ASKED = "asked"
    """The hub was asked to push and has not yet called back to verify that."""
    LIVE = "live"
    """Verified: the hub pushes until the time it gave."""
    LEAVING = "leaving"
    """The hub is asked to stop."""
    ENDED = "ended"
    DENIED = "denied"
    """The hub said no, for good."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """An agreement with a hub that it sends us one feed's news."""

    id: int
    feed_id: int
    hub: Hub
    wanted: bool = True
    """Whether the feed is polled and names this hub."""
    state: PushState = PushState.NAMED
    address: str = ""
    """The public address at which the hub was told to call; the token follows it."""
    token: str = field(default="", repr=False)
    """The secret part of our address, known only to the hub."""
    secret: str = field(default="", repr=False)
    """What the hub signs with."""
    asked: datetime | None = None
    verified: datetime | None = None
    until: datetime | None = None
    """The hub pushes until then unless it is asked again."""
    due: datetime | None = None
    """When to ask the hub next; None: never again."""
    failures: int = 0
    """Requests since the hub last verified one."""
    why: str = ""

    @property
    def callback(self) -> str:
        """The address at which the hub calls."""
        return self.address + self.token


@dataclass(frozen=True, slots=True, kw_only=True)
class PushDecision:
    """What a pushed document means."""

    new: tuple[Entry, ...] = ()
    withheld: str = ""
    """As in `PollDecision`."""
    newest: datetime | None = None
    """Publication time of the newest entry seen, in this document or earlier."""
    differs: bool = False
    """Whether it states known entries differently: these must be read from the feed itself."""


# --------------------------------------------------------------------------- fetch


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One GET, as a pure room asks for it; `fetch/` identifies us and refuses what is unsafe."""

    url: str
    headers: tuple[tuple[str, bytes], ...] = ()
    secret_headers: tuple[tuple[str, bytes], ...] = field(default=(), repr=False)
    """Sent to one origin only, never logged."""
    home: str = ""
    """The address whose origin `secret_headers` and `unverified` apply to; empty: `url`."""
    unverified: bool = False
    """Whether the certificate of that origin is accepted without verification."""
    robots: bool = False
    """Whether robots.txt is checked first, at every hop."""
    max_bytes: int | None = None
    deadline_s: float | None = None


@dataclass(frozen=True, slots=True)
class Hop:
    """One redirect followed: the status and where it pointed."""

    status: int
    url: str


WHOLE = frozenset((200, 203))
"""Statuses with which a body is what was asked for, though a proxy may have changed it (203).

206 and 226 carry a part, which we never request.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a server answered, with the body decoded (within limits)."""

    url: str
    """The address that finally answered."""
    status: int
    headers: tuple[tuple[bytes, bytes], ...] = ()
    """As received: order and the values' bytes are kept; names are lower-cased."""
    body: bytes = b""
    hops: tuple[Hop, ...] = ()
    wire_bytes: int = 0
    at: datetime | None = None

    @property
    def whole(self) -> bool:
        """Whether the body is what was asked for."""
        return self.status in WHOLE

    def header(self, name: str) -> bytes | None:
        """The first value of a header, as the server sent it."""
        wanted = name.lower().encode()
        return next((value for key, value in self.headers if key == wanted), None)

    def header_text(self, name: str) -> str:
        """The same as text; empty if there is none."""
        return (self.header(name) or b"").decode("latin-1")


class FailureKind(StrEnum):
    """Why a request got no answer."""

    REFUSED = "refused"
    """Our own guard refused: address, scheme, port, or a downgrade."""
    DNS = "dns"
    CONNECT = "connect"
    TLS = "tls"
    TIMEOUT = "timeout"
    TOO_LARGE = "too-large"
    ENCODING = "encoding"
    PROTOCOL = "protocol"
    REDIRECTS = "redirects"
    PAUSED = "paused"
    """The host asked us to wait; nothing was sent."""
    ROBOTS = "robots"
    """robots.txt forbids it or could not be obtained; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailed:
    """A request that got no answer: a value, so that one bad feed cannot stop the rest."""

    kind: FailureKind
    why: str
    url: str = ""
    hops: tuple[Hop, ...] = ()
    retry_at: datetime | None = None
    wire_bytes: int = 0
    forbidden: bool = False
    """Whether a rule of robots.txt forbids the page: asking again is no use."""


# -------------------------------------------------------------------------- visits


class Barred(StrEnum):
    """What keeps our messages from a service or a folder."""

    NAME = "name"
    """Its host has no address."""
    REACH = "reach"
    """Nothing answers, or something other than the expected service does."""
    TLS = "tls"
    """No secure connection: the certificate is bad, or TLS is required and not offered."""
    LOGIN = "login"
    """It rejects our credentials."""
    GUARD = "guard"
    """Our own guard refused: address or port."""
    FOLDER = "folder"
    """The folder cannot be written."""


@dataclass(frozen=True, slots=True)
class Visited:
    """What a visit to a place where messages go found, without giving it one."""

    words: str
    """The service's own words if it gave any, without secrets."""
    barred: Barred | None = None
    ahead: timedelta | None = None
    """How far its clock is ahead of ours; None: it did not tell the time."""


@dataclass(frozen=True, slots=True)
class Records:
    """What name servers answered when asked for the TXT records of a name."""

    texts: tuple[str, ...] = ()
    exists: bool = True
    """False: neither the name nor any name below it exists."""
    trouble: str = ""
    """Why the records could not be learnt."""


# ------------------------------------------------------------------------ articles


@dataclass(frozen=True, slots=True)
class Embed:
    """A post embedded in an article: kept apart from the body, but matched by watchlists."""

    kind: str
    """"tweet", "post", "video", ..."""
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cleaned:
    """What cleaning extracts from a page or an entry's HTML; the value behind `monitor clean`."""

    url: str = ""
    canonical_url: str = ""
    title: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    published_precision: str = ""
    """"day" if the page gives no time of day, else "second"."""
    modified: datetime | None = None
    section: str | None = None
    site: str | None = None
    language: str = ""
    text: str = ""
    """Paragraphs, separated by an empty line."""
    embeds: tuple[Embed, ...] = ()
    method: str = ""
    """How the text was found: "feed", "page:article-body", "summary", ..."""
    problems: tuple[str, ...] = ()
    furniture: tuple[str, ...] = ()
    """Lines left out because they appear on many pages of the host."""
    post: str = ""
    """Address of the WordPress JSON of the post behind the page, as the page states it."""

    @property
    def words(self) -> int:
        """Number of words of the text."""
        return len(self.text.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """What we keep of an entry: who said what, when, in clean text."""

    id: int = 0
    url: str = ""
    """The canonical URL: its identity."""
    link: str = ""
    """The address as the feed states it, without trackers."""
    title: str = ""
    text: str = ""
    authors: tuple[str, ...] = ()
    published: datetime | None = None
    modified: datetime | None = None
    first_seen: datetime | None = None
    section: str | None = None
    source: str = ""
    owner: str = ""
    language: str = ""
    tags: tuple[str, ...] = ()
    embeds: tuple[Embed, ...] = ()
    method: str = ""
    problems: tuple[str, ...] = ()
    text_hash: str = ""
    """Hash of the normalised text."""

    @property
    def address(self) -> str:
        """Where a reader finds it: the publisher's own link, which may differ from the identity."""
        return self.link or self.url

    @property
    def at(self) -> datetime | None:
        """When it was told: the publication time if known and believable, else first seen."""
        if self.published and self.first_seen:
            return min(self.published, self.first_seen)
        return self.published or self.first_seen


class Fate(StrEnum):
    """What became of an entry; each entry has exactly one."""

    NEW = "new"
    DUPLICATE = "duplicate"
    """Another entry already brought this article (same canonical URL)."""
    UNREADABLE = "unreadable"
    ARTICLE = "article"


# ---------------------------------------------------------------------- watchlists


@dataclass(frozen=True, slots=True)
class Example:
    """A text that a watchlist must, or must not, match."""

    text: str
    match: bool = True
    title: str = ""
    lang: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watchlist:
    """A named set of queries that somebody cares about."""

    name: str
    title: str = ""
    queries: tuple[str, ...] = ()
    """Any of them satisfies the watchlist."""
    exclude: tuple[str, ...] = ()
    """If any of these is satisfied, the watchlist does not match."""
    sources: tuple[str, ...] = ()
    """Only articles of these sources match; empty: of all sources."""
    languages: tuple[str, ...] = ()
    min_score: float = 0.0
    boost: float = 1.0
    tests: tuple[Example, ...] = ()
    lists: tuple[tuple[str, str], ...] = ()
    """Name and text of each list that the queries refer to with `@`."""
    version: str = ""
    """Hash of everything that decides a match: queries, exclusions, their lists, limits."""


class Span(NamedTuple):  # an article may have a hundred, and a tuple is faster to make
    """Where a term was found: offsets into the text of a field ("title", "body", "embeds", ...)."""

    field: str
    start: int
    end: int
    text: str
    """The surface form, as it appears there."""
    term: str
    """The term of the query that it satisfies."""


@dataclass(frozen=True, slots=True)
class Match:
    """A query that an article satisfies."""

    watchlist: str
    score: float
    spans: tuple[Span, ...]
    query: int
    """Index of the first query that was satisfied."""
    version: str = ""


# ------------------------------------------------------------------------- stories


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment:
    """The decision which story an article joins, and why."""

    article_id: int
    story_id: int | None
    """None: it opens a story."""
    duplicate_of: int | None = None
    """The article whose text this repeats."""
    score: float = 0.0
    terms: tuple[str, ...] = ()
    """The shared terms with the greatest weight."""
    why: str = ""
    nearest: int | None = None
    """The article it was finally compared with."""
    hours: float | None = None
    """Hours between the two articles."""
    veto: str = ""
    """What kept it out of the story it is most like; empty: nothing did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A person's word that an article is, or is not, of the story of another."""

    article_id: int
    other_id: int
    same: bool
    at: datetime
    story_was: int
    """The story that the article was in before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Development:
    """What a report adds to a story that was told before, in the report's own sentence."""

    article_id: int
    kind: str
    """"correction", "official statement", "new figure" or "new actors"."""
    sentence: str
    new: tuple[str, ...] = ()
    """What no earlier report says, as it stands in the sentence: names, and figures with what they
    count. Empty for a correction or a statement: there the whole sentence is new."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """How often a watchlist's term was told on one day, against its baseline."""

    watchlist: str
    term: str
    """Empty: all terms of the watchlist together."""
    stories: int
    usual: float | None
    """Stories on the same weekday, on average; None: not enough history."""
    burst: bool
    articles: tuple[int, ...]
    """Numbers of the articles of these stories."""
    why: str


# ------------------------------------------------------------------------- digests


@dataclass(frozen=True, slots=True)
class Recipient:
    """An address on a channel."""

    channel: str
    address: str = ""

    def __str__(self) -> str:
        return f"{self.channel}:{self.address}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """A standing order: watchlists, schedule, recipients."""

    name: str
    title: str = ""
    watchlists: tuple[str, ...] = ()
    schedule: str = "0 7 * * *"
    """Cron text, or "at once"."""
    zone: str = "UTC"
    recipients: tuple[Recipient, ...] = ()
    empty: str = "skip"
    """"skip", "send" or "weekly"."""
    max_stories: int = 30
    catch_up: str = "one"
    """"one" edition for all that was missed, or "each"."""
    quiet: str = ""
    """Hours of the zone in which an alert is held back, as "22:00-07:00"; empty: none."""
    flood_alerts: int = 5
    """The most alerts within `flood_within`; later ones are held and go out as one."""
    flood_within: timedelta = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Window:
    """The time an edition covers: after `start`, up to and including `end`."""

    start: datetime
    end: datetime
    late: bool = False
    """Published well after its end, because we were not running."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """Text around spans; `marks` are the places of the matched words in it."""

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reported:
    """An article as the store offers it to a digest, with its story and its matches."""

    article: Article
    story_id: int
    duplicate_of: int | None = None
    matches: tuple[Match, ...] = ()
    """Matches of the digest's watchlists only."""
    reported_before: bool = False
    """An earlier edition of this digest has already carried its story."""
    also: tuple[str, ...] = ()
    """Other sources whose feeds lead to this page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAnswer:
    """How one feed did during a window: what a digest can and cannot have seen."""

    name: str
    polls: int = 0
    failed: int = 0
    why: str = ""
    """Why it last failed; for a feed that was not asked, why it is asked rarely or never."""
    silent_days: int | None = None
    """Days since its newest entry, when that is unusually long."""
    withheld: int = 0
    """How many of its entries wait for a person's decision, as a suspected re-issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """The counts under a digest: what was read, and what we could not see."""

    feeds: tuple[FeedAnswer, ...] = ()
    entries: int = 0
    articles: int = 0
    matched: int = 0
    unreadable: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """A place where messages go that receives none of them."""

    place: str
    """As the settings name it: "slack:watch-desk", "email"."""
    since: datetime
    """When the message that has waited longest for it was made."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Worry:
    """A feed that a person should look after."""

    feed: int
    name: str
    condition: str
    """"silent" or "withheld"."""
    since: datetime
    """When it last brought news; for withheld entries, when they came."""
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionArticle:
    """One article inside a story of an edition."""

    id: int
    url: str
    title: str
    source: str
    at: datetime | None
    snippet: Snippet | None = None
    duplicate: bool = False
    language: str = ""
    also: tuple[str, ...] = ()
    """Other sources whose feeds lead to the same page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditionStory:
    """One story of an edition: one line, its lead article, the others folded."""

    id: int
    lead: EditionArticle
    others: tuple[EditionArticle, ...] = ()
    score: float = 0.0
    reasons: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Watchlist -> the words that matched, as they appear in the text, most significant first."""
    first_reported: datetime | None = None
    outlets: int = 1
    """Number of different sources."""
    independent: int = 0
    """How many of them report from their own knowledge; 0: not determined."""
    update: bool = False
    """It was in an earlier edition; this is a development."""
    development: Development | None = None
    """What is new in an update; the lead article is the one that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """The stories of one watchlist. A story appears once, under its strongest watchlist."""

    watchlist: str
    """Empty: stories of any watchlist that were told before and have developed."""
    title: str
    stories: tuple[EditionStory, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """One numbered issue of a digest, over one window."""

    digest: str
    title: str
    number: int
    window: Window
    zone: str
    sections: tuple[Section, ...] = ()
    cut: int = 0
    """Stories left out because of `max_stories`."""
    repeated: int = 0
    """Articles left out because they add nothing to earlier editions."""
    accounting: Accounting = Accounting()
    bursts: tuple[Burst, ...] = ()
    """What is reported far more than on the same day of other weeks."""
    titles: Mapping[str, str] = field(default_factory=dict)
    """Titles of the digest's watchlists by name, including those without a section."""
    failing: tuple[Failing, ...] = ()
    """In an alarm: the places that get no messages."""
    mended: tuple[str, ...] = ()
    """In an alarm: the places that get messages again."""
    worries: tuple[Worry, ...] = ()
    """In an alarm: the feeds that are silent or have withheld entries."""
    speaking: tuple[str, ...] = ()
    """In an alarm: the feeds that were silent and bring news again."""
    restored: datetime | None = None
    """When the backup that the database was restored from was made, if within the window: anything
    later may have been told by an edition that the database does not know."""

    @property
    def is_alarm(self) -> bool:
        """Whether it speaks of places and feeds instead of news."""
        return bool(self.failing or self.mended or self.worries or self.speaking)

    @property
    def regular(self) -> str:
        """The digest: `desk`, also for an edition outside the schedule (`desk+FROM+TO`)."""
        return self.digest.partition("+")[0]

    @property
    def stories(self) -> tuple[EditionStory, ...]:
        """All stories, in the order of the sections."""
        return tuple(story for section in self.sections for story in section.stories)


# ---------------------------------------------------------------------- deliveries


MAIL = "message/rfc822"
"""The content type of a message that is a mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """An edition rendered for one recipient; these bytes are sent, and sent again on a retry."""

    recipient: Recipient
    id: str
    """Stable: the same on every try (the Message-ID of a mail)."""
    subject: str
    content_type: str
    """`MAIL`, "application/json", "text/plain"."""
    body: bytes
    part: int = 1
    parts: int = 1

    @property
    def is_mail(self) -> bool:
        """Whether its body is a whole mail, header and all (RFC 5322)."""
        return self.content_type == MAIL


class DeliveryState(StrEnum):
    """One message's fate."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    """For good: the far side will not take it, or our attempts are used up."""
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the outbox: a message, and how far it got."""

    id: int
    edition_id: int
    message: Message
    state: DeliveryState
    attempts: int = 0
    due: datetime | None = None
    why: str = ""
    created: datetime | None = None
    doubted: bool = False
    """An earlier attempt ended without our knowing whether the message was taken."""
    deaths: int = 0
    """Number of earlier attempts in which the sender died."""
    first_receipt: str = ""
    """The receipt of part 1 of the same edition; empty for part 1 itself."""

    @property
    def doubted_since(self) -> datetime | None:
        """The earliest time it may have been taken without our knowing; None: it surely was not."""
        return self.created if self.doubted or self.deaths else None


@dataclass(frozen=True, slots=True)
class Sent:
    """The far side took the message; `receipt` is what it answered."""

    receipt: str


@dataclass(frozen=True, slots=True)
class NotSent:
    """Surely not taken, and worth another attempt (not before `retry_after`)."""

    why: str
    retry_after: timedelta | None = None
    recipient: bool = False
    """Whether only this recipient takes nothing now (a full mailbox); the channel itself works."""
    channel: bool = False
    """Whether the channel takes no message until a person mends it (a wrong password)."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """We cannot know whether it was taken: the answer was lost."""

    why: str


@dataclass(frozen=True, slots=True)
class Died(Unknown):
    """Unknown because our own sender died before it could record the answer."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good."""

    why: str
    recipient: bool = False
    """Whether the recipient is refused, not just this message."""


Answer = Sent | NotSent | Unknown | Refused
"""What came of one attempt to send."""
