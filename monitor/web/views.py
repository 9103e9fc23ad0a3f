"""What the pages show, as values: every word and number is decided here; the templates place them.

Plain functions of values; times are shown in UTC.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from itertools import pairwise
from zoneinfo import ZoneInfo

from monitor.digests import compose
from monitor.digests.links import Link, link
from monitor.digests.snippets import snippet
from monitor.digests.view import also_in, direction
from monitor.digests.view import moment as zoned
from monitor.digests.view import pieces as pieces_of
from monitor.digests.words import clip, count, plain, same_length
from monitor.feeds.condition import Condition
from monitor.model import Article, DeliveryState, Match, Message, Reported, Span
from monitor.pipeline.desk import Unseen
from monitor.pipeline.feeds_judged import Told
from monitor.pipeline.publish import lineage_of, official
from monitor.shapes.stories import kept_apart
from monitor.store.outbox import Listed
from monitor.store.stories import Assigned
from monitor.stories.development import development
from monitor.stories.lineage import Descent, Lineage, Origin
from monitor.stories.state import state_of

ZONE = ZoneInfo("UTC")
MOST_TEXT = 200_000
"""The most code points of a text that a page shows."""
NAMED = 5
"""Feeds or messages named in a line; the rest are counted."""
REPORTS = 200
"""The most reports of a story shown on its page, earliest first; later ones are counted."""
COMPARED = 40
"""Only stories of at most this many reports are compared report by report here; for longer ones
only the stored result is shown."""

_SAME = 60
"""Two texts of a report that begin with this many equal characters are the same to a reader."""

Pieces = tuple[tuple[str, str], ...]
"""Runs of text, each with the name of what matched there (empty: nothing did)."""


def moment(at: datetime | None) -> str:
    """Format a time as in "Fri 18 Oct, 06:12 UTC"; "-" without one."""
    return zoned(at, ZONE) if at else "-"


def exactly(at: datetime | None) -> str:
    """Format a time with its year, for tables: "2024-10-18 06:12"."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}" if at else "-"


# -------------------------------------------------------------------------- what was not seen


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the strip at the top: how bad it is, what it says, where to read more."""

    level: str
    """"bad", "warn" or "good"."""
    text: str
    href: str = ""
    details: tuple[str, ...] = ()


_BAD = (Condition.GONE, Condition.FAILING, Condition.CHANGED, Condition.REPEATS)
_QUIET = (Condition.DEAD, Condition.STALE)
_WEAK = (Condition.CUT, Condition.FALTERING)
_UNSTEADY = (Condition.WAVERING, Condition.REDATED)


def strip(unseen: Unseen) -> tuple[Line, ...]:
    """Return what we know we could not see, worst first; one calm line if there is nothing.

    Nothing is left out for being small: readers who must miss nothing need to know what is missing.
    """
    lines = [*_nobody(unseen), *_of_feeds(unseen), *_of_entries(unseen)]
    lines += _of_messages(unseen)
    lines.sort(key=lambda line: line.level != "bad")
    return tuple(lines) or (Line("good", _all_well(unseen)),)


def _all_well(unseen: Unseen) -> str:
    feeds = count(unseen.feeds, "feed")
    are = "is" if unseen.feeds == 1 else "are"
    return (
        f"Nothing is known to be missing: {feeds} {are} sound, every entry was read, "
        "every message went out."
    )


def _nobody(unseen: Unseen) -> Iterable[Line]:
    if unseen.held:
        yield Line(
            "bad",
            f"Nothing is sent: the database was restored from a backup of "
            f"{moment(unseen.held.taken)}. “monitor deliveries release” decides what becomes of "
            "the gap.",
        )
    if not unseen.feeds:
        yield Line(
            "bad", "No feed is polled: add one with “monitor feeds add URL”, or in feeds.toml."
        )
    elif unseen.overdue:
        last = (
            f"the last poll was at {moment(unseen.asked)}" if unseen.asked else "there was none yet"
        )
        yield Line(
            "bad",
            f"The feeds are not being polled: {last}, the next was due at "
            f"{moment(unseen.overdue)}. “monitor run” polls them from now on, "
            "“monitor fetch” once.",
        )


def level(condition: Condition) -> str:
    """Return how worrying a feed's condition is: "bad", "warn" or "good"."""
    if condition in (*_BAD, Condition.WITHHELD):
        return "bad"
    return "good" if condition is Condition.SOUND else "warn"


def _of_feeds(unseen: Unseen) -> Iterable[Line]:
    for level, conditions, one_says, many_say in _GROUPS:
        some = [one for one in unseen.worrying if one.condition in conditions]
        if some:
            names = _names([clip(plain(one.name), 60) for one in some])
            total = f"{len(some):,} of {count(unseen.feeds, 'feed')}"
            why = tuple(f"{plain(one.name)}: {_first_why(one)}" for one in some[:NAMED])
            says = one_says if len(some) == 1 else many_say
            yield Line(level, f"{total} {says}: {names}.", "/feeds", why)


_MAY = "may bring nothing (failing, gone, moved or changed)"
_GROUPS = (
    (
        "bad",
        (Condition.WITHHELD,),
        "may have re-issued its archive, which is withheld (“monitor feeds release”)",
        "may have re-issued their archives, which are withheld (“monitor feeds release”)",
    ),
    ("bad", _BAD, _MAY, _MAY),
    ("warn", _WEAK, *("failed recently or must wait for long",) * 2),
    (
        "warn",
        _QUIET,
        "answers but has had nothing new for unusually long",
        "answer but have had nothing new for unusually long",
    ),
    (
        "warn",
        _UNSTEADY,
        "alternates between older and newer documents, or gives known entries new dates",
        "alternate between older and newer documents, or give known entries new dates",
    ),
    ("warn", (Condition.NEW,), "has not been polled yet", "have not been polled yet"),
)


def _first_why(one: Told) -> str:
    return plain(one.findings[0].why) if one.findings else "waits for its first poll"


def _of_entries(unseen: Unseen) -> Iterable[Line]:
    if unseen.unreadable:
        why = tuple(f"{plain(title) or '(no title)'}: {plain(why)}" for title, why in unseen.unread)
        entries = count(unseen.unreadable, "entry", "entries")
        yield Line("warn", f"{entries} of this window could not be read.", "", why)
    if unseen.waiting:
        wait = "waits" if unseen.waiting == 1 else "wait"
        yield Line("warn", f"{count(unseen.waiting, 'entry', 'entries')} {wait} to be read.")


def _of_messages(unseen: Unseen) -> Iterable[Line]:
    if unseen.ended:
        why = tuple(
            f"{plain(str(one.delivery.message.recipient))}, {plain(one.digest)} {one.number}: "
            f"{one.delivery.state.value}: {plain(one.why)}"
            for one in unseen.ended
        )
        messages = count(len(unseen.ended), "message")
        yield Line("bad", f"{messages} of this window reached nobody.", "/digests", why)
    if unseen.stuck:
        why = tuple(
            f"{plain(whom)}: since {moment(since)}: {plain(why)}"
            for whom, since, why in unseen.stuck[:NAMED]
        )
        wait = "waits" if len(unseen.stuck) == 1 else "wait"
        messages = count(len(unseen.stuck), "message")
        yield Line("bad", f"{messages} {wait} to be tried again.", "/digests", why)
    if unseen.suspended:
        why = tuple(f"{plain(whom)}: {plain(why)}" for whom, why in unseen.suspended.items())
        are = "is" if len(why) == 1 else "are"
        yield Line("bad", f"{count(len(why), 'recipient')} {are} sent nothing.", "/digests", why)


def _names(names: Sequence[str]) -> str:
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more:,} more" if more > 0 else "")


# ------------------------------------------------------------------------------------- texts


def marked(text: str, spans: Iterable[tuple[int, int, str]]) -> Pieces:
    """Split a text into runs at the ends of spans; each run has the names of the spans around it.

    Joined, the runs are the text, each character once, with spaces for control characters. Spans
    may overlap, reach beyond the text, or be empty.
    """
    shown = same_length_lines(text)
    inside = [(max(0, s), min(e, len(shown)), name) for s, e, name in spans]
    inside = [one for one in inside if one[0] < one[1]]
    cuts = sorted({0, len(shown), *(s for s, _, _ in inside), *(e for _, e, _ in inside)})
    runs: list[tuple[str, str]] = []
    for start, end in pairwise(cuts):
        names = dict.fromkeys(name for s, e, name in inside if s <= start and end <= e)
        runs.append((shown[start:end], ", ".join(names)))
    return tuple(runs)


def same_length_lines(text: str) -> str:
    """Like `words.same_length`, but keeping line breaks."""
    return "\n".join(same_length(line) for line in text.split("\n"))


def paragraphs(text: str, spans: Sequence[tuple[int, int, str]]) -> tuple[Pieces, ...]:
    """Return the paragraphs of a text (separated by an empty line), each in runs."""
    found = []
    at = 0
    for part in text.split("\n\n"):
        end = at + len(part)
        mine = [(s - at, e - at, name) for s, e, name in spans if s < end and e > at]
        if part.strip():
            found.append(marked(part, mine))
        at = end + 2
    return tuple(found)


def _spans(matches: Iterable[Match], field: str) -> list[tuple[int, int, str]]:
    return [
        (span.start, span.end, match.watchlist)
        for match in matches
        for span in match.spans
        if span.field == field
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleView:
    """One article, ready to be shown."""

    id: int
    title: Pieces
    paragraphs: tuple[Pieces, ...]
    cut: int
    """How many code points of the text are not shown."""
    embeds: tuple[Pieces, ...]
    lang: str
    dir: str
    link: Link | None
    facts: tuple[tuple[str, str], ...]
    """Label and value: source, times, authors, ..."""
    matches: tuple[tuple[str, str, str], ...]
    """Name of a watchlist, its score, the words that matched."""


def article(one: Article, matches: Sequence[Match], only: str = "") -> ArticleView:
    """Return an article with the spans of its matches (`only`: of one watchlist) marked."""
    shown = [match for match in matches if not only or match.watchlist == only]
    facts = (
        ("Source", one.source),
        ("Owner", one.owner),
        ("Authors", ", ".join(one.authors)),
        ("Published", exactly(one.published)),
        ("Changed", exactly(one.modified) if one.modified else ""),
        ("First seen", exactly(one.first_seen)),
        ("Section", one.section or ""),
        ("Language", one.language),
        ("Tags", ", ".join(one.tags)),
        ("Text from", _text_from(one.method)),
        ("Problems", "; ".join(one.problems)),
    )
    embeds = "\n\n".join(embed.text for embed in one.embeds)
    return ArticleView(
        id=one.id,
        title=marked(one.title or "(no title)", _spans(shown, "title") if one.title else ()),
        paragraphs=paragraphs(one.text[:MOST_TEXT], _spans(shown, "body")),
        cut=max(0, len(one.text) - MOST_TEXT),
        embeds=paragraphs(embeds[:MOST_TEXT], _spans(shown, "embeds")),
        lang=one.language,
        dir=direction(f"{one.title} {one.text}", one.language),
        link=link(one.address),
        facts=tuple((label, value) for label, value in facts if value),
        matches=tuple(
            (match.watchlist, f"{match.score:.2f}", _words(match.spans)) for match in matches
        ),
    )


def _text_from(method: str) -> str:
    """Say where a text was taken from; what comes after "page:" is how it was found there."""
    kind, _, how = method.partition(":")
    named = {"feed": "the feed", "summary": "the feed's summary", "page": "the page"}
    return f"{named.get(kind, kind)} ({how})" if how else named.get(kind, kind)


def _words(spans: Iterable[Span]) -> str:
    """Return the words that matched, as they appear in the text, each once."""
    words: dict[str, str] = {}
    for span in spans:
        words.setdefault(span.text.casefold(), plain(span.text))
    return ", ".join(words.values())


# ----------------------------------------------------------------------------------- stories


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One article of a story."""

    id: int
    title: str
    source: str
    also: str
    """Which other sources have it in their feeds."""
    at: str
    lang: str
    dir: str
    link: Link | None
    lead: bool
    origin: str
    """Whose text it has: "own text", "wire copy of ...", or "" if that was not determined."""
    taken_from: tuple[tuple[int, str], ...]
    """Number and source of the articles that it copies."""
    why: str
    """Why it was put into this story."""
    apart: str
    pieces: tuple[tuple[str, bool], ...]
    watchlists: tuple[str, ...]
    development: tuple[str, str]
    """The kind of news it brought to the story, and its sentence; both empty: none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPage:
    """A complete story."""

    id: int
    title: str
    lang: str
    dir: str
    summary: str
    reports: tuple[ReportView, ...]
    rulings: tuple[str, ...]
    compared: bool
    """Whether it was determined who copied whom."""
    left_out: str
    """How many reports are not shown here."""


def story(
    story_id: int,
    members: Sequence[Assigned],
    matches: Mapping[int, Sequence[Match]],
    rulings: Iterable[str],
    now: datetime,
    also: Mapping[int, tuple[str, ...]],
    later: Sequence[Article] = (),
) -> StoryPage:
    """Return a story with its articles, oldest first; `also`: article -> other sources of its page;
    `later` articles are only counted."""
    told = sorted(members, key=lambda one: (compose.told_at(one.article), one.article.id))
    all_articles = [one.article for one in told]
    copies = {one.article.id for one in told if one.duplicate_of is not None}
    lead = _lead(story_id, told, matches)
    compared = not later and len(told) <= COMPARED
    spread = lineage_of(told) if compared else None
    descents = {one.article_id: one for one in spread.descents} if spread else {}
    added = _developments(all_articles, copies) if compared else {}
    sources = {one.id: _source(one) for one in all_articles}
    reports = tuple(
        _report(
            one,
            matches.get(one.article.id, ()),
            descents.get(one.article.id),
            sources,
            also=also_in(also.get(one.article.id, ())),
            lead=one.article is lead,
            development=added.get(one.article.id, ("", "")),
        )
        for one in told
    )
    return StoryPage(
        id=story_id,
        title=_title(lead),
        lang=lead.language,
        dir=direction(lead.title, lead.language),
        summary=_summary((*all_articles, *later), spread, now),
        reports=reports,
        rulings=tuple(rulings),
        compared=compared,
        left_out=count(len(later), "later report") if later else "",
    )


def _lead(
    story_id: int, told: Sequence[Assigned], matches: Mapping[int, Sequence[Match]]
) -> Article:
    """The article for a story's title, as the desk and the digests choose it."""
    reported = [
        Reported(
            article=one.article,
            story_id=story_id,
            duplicate_of=one.duplicate_of,
            matches=tuple(matches.get(one.article.id, ())),
        )
        for one in told
    ]
    return compose.lead(reported).article


def _summary(reports: Sequence[Article], spread: Lineage | None, now: datetime) -> str:
    """How a story stands, in one line."""
    times = [at for at in (one.at for one in reports) if at]
    several = spread is not None and spread.outlets > 1
    outlets = str(spread) if several else count(len(set(map(_source, reports))), "outlet")
    first, last = moment(min(times, default=None)), moment(max(times, default=None))
    when = first if first == last else f"first {first}, last {last}"
    state = state_of(times, now).value
    return f"{state} · {count(len(reports), 'report')} · {outlets} · {when}"


def _report(
    one: Assigned,
    matched: Sequence[Match],
    descent: Descent | None,
    sources: dict[int, str],
    *,
    also: str,
    lead: bool,
    development: tuple[str, str],
) -> ReportView:
    """Return one article of a story; `sources`: those of all its articles, by number."""
    article, why = one.article, one.why.get("why", "")
    said = snippet(article, [span for match in matched for span in match.spans])
    # What a report added stands above its snippet, which may begin with the same sentence.
    told = bool(development[1]) and said.text.startswith(development[1][:_SAME])
    taken = descent.taken_from if descent else ()
    repeats = one.duplicate_of
    if not taken and repeats in sources:
        taken = (repeats,)
    return ReportView(
        id=article.id,
        title=_title(article),
        source=plain(article.source),
        also=also,
        at=moment(article.at),
        lang=article.language,
        dir=direction(f"{article.title} {article.text}", article.language),
        link=link(article.address),
        lead=lead,
        origin=_origin(descent.origin, descent.share) if descent else "",
        taken_from=tuple((number, sources[number]) for number in taken),
        why=plain(str(why)),
        apart=plain(kept_apart(why, one.why.get("veto") or "")),
        pieces=() if told else pieces_of(said),
        watchlists=tuple(match.watchlist for match in matched),
        development=development,
    )


def _title(article: Article) -> str:
    return clip(plain(article.title), 300) or "(no title)"


def _source(article: Article) -> str:
    return plain(article.source) or f"article {article.id}"


def _origin(origin: Origin, share: float) -> str:
    if origin is Origin.OWN:
        return f"own text, {share:.0%} quoted" if share >= 0.01 else "own text"
    if origin is Origin.OFFICIAL:
        return "official statement"
    return f"{origin.value}, {share:.0%} of it"


def _developments(told: Sequence[Article], copies: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return, for each article, what it added to everything told before it."""
    found = {}
    sources = official(told)
    for place in range(1, len(told)):
        new = development(told[:place], told[place : place + 1], sources, copies)
        if new:
            found[new.article_id] = (new.kind, clip(plain(new.sentence), 400))
    return found


# ------------------------------------------------------------------------------------ search


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundView:
    """An article that a search found."""

    id: int
    title: str
    about: str
    lang: str
    dir: str
    link: Link | None
    pieces: tuple[tuple[str, bool], ...]


def found(one: Article, spans: Sequence[Span]) -> FoundView:
    """Return an article in short, with the words that were found."""
    return FoundView(
        id=one.id,
        title=_title(one),
        about=" · ".join(filter(None, (plain(one.source), moment(one.at)))),
        lang=one.language,
        dir=direction(f"{one.title} {one.text}", one.language),
        link=link(one.address),
        pieces=pieces_of(snippet(one, spans)),
    )


# -------------------------------------------------------------------------------- watchlists


@dataclass(frozen=True, slots=True)
class Day:
    """The matches of one day: how many, and where its bar stands in the chart."""

    day: date
    matches: int
    x: int
    y: float
    height: float


BAR, GAP, TALL = 8, 2, 48
"""Width of a bar, gap beside it, and height of the tallest bar, in units of the chart."""


def days(moments: Iterable[datetime], now: datetime, number: int) -> tuple[Day, ...]:
    """Return how many matches fell on each of the last days (UTC), oldest first."""
    counts = Counter(at.astimezone(UTC).date() for at in moments)
    last = now.astimezone(UTC).date()
    dates = [last - timedelta(days=back) for back in range(number - 1, -1, -1)]
    most = max((counts[one] for one in dates), default=0) or 1
    made = []
    for place, one in enumerate(dates):
        height = round(max(counts[one] / most * TALL, 1.5 if counts[one] else 0.5), 1)
        made.append(Day(one, counts[one], place * (BAR + GAP), round(TALL - height, 1), height))
    return tuple(made)


# -------------------------------------------------------------------------------- deliveries


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryView:
    """A message, and how far it got."""

    id: int
    edition_id: int
    edition: str
    recipient: str
    state: str
    level: str
    """"good", "warn" or "bad"."""
    attempts: int
    said: str
    """What the far side answered, or why it was not sent."""
    at: str
    part: str


def delivery(one: Listed) -> DeliveryView:
    """Describe a delivery in words."""
    made = one.delivery
    levels = {DeliveryState.SENT: "good", DeliveryState.PENDING: "warn"}
    level = levels.get(made.state, "warn" if made.state is DeliveryState.SENDING else "bad")
    due = f"next attempt {moment(made.due)}" if made.due else ""
    return DeliveryView(
        id=made.id,
        edition_id=made.edition_id,
        edition=f"{plain(one.digest)} {one.number}",
        recipient=plain(str(made.message.recipient)),
        state=made.state.value,
        level=level,
        attempts=made.attempts,
        said="; ".join(filter(None, (plain(one.receipt), plain(one.why), due))),
        at=exactly(one.ended or made.created),
        part=f"{made.message.part} of {made.message.parts}" if made.message.parts > 1 else "",
    )


@dataclass(frozen=True, slots=True)
class Body:
    """What a message says: HTML as it was sent, or text."""

    html: str
    text: str


def body(message: Message) -> Body:
    """Return the HTML of a mail, or else the words of a message. Never raises."""
    content = message.body
    if message.is_mail:
        mail = message_from_bytes(content, policy=policy.default)
        if isinstance(mail, EmailMessage):
            for kind in ("html", "plain"):
                part = mail.get_body((kind,))
                if part is not None:
                    said = _text(part)
                    return Body(said, "") if kind == "html" else Body("", said)
    return Body("", content.decode("utf-8", "replace"))


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def lines(text: str) -> tuple[str, ...]:
    """Split a text into the lines that a page shows."""
    return tuple(text[:MOST_TEXT].split("\n"))
