"""What a poll's answer means: which entries are new, what is stored, when to ask again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from monitor.errors import InputError
from monitor.feeds.identity import digest, once, split_key
from monitor.feeds.moves import permanent_target, same_site
from monitor.feeds.pace import PaceSettings, next_poll
from monitor.feeds.readdressed import Readdressed
from monitor.feeds.reduce import ids, mark
from monitor.feeds.reissue import suspected
from monitor.feeds.titles import unlike
from monitor.feeds.validators import refreshed, stated
from monitor.feeds.wavering import looked, redated
from monitor.feeds.websub import hub_of
from monitor.model import (
    Document,
    Entry,
    FailureKind,
    FeedState,
    FetchFailed,
    Hub,
    Outcome,
    OutcomeKind,
    PollDecision,
    Polling,
    PushDecision,
    Response,
    Validators,
)
from monitor.redact import shareable

SAME_BYTES: Final = "the same bytes as last time"
"""Why a poll brought nothing although its answer was a document, which was not read."""
_SMOOTHING: Final = 0.3
_WHOLE_EVERY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Known:
    """The stored entries of one feed whose keys or links occur in a document."""

    by_key: Mapping[str, str] = field(default_factory=dict)
    """Key -> content hash. Holds the keys named by `by_link` as well."""
    by_link: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Link -> keys of the stored entries with that link."""
    readdressed: Readdressed = field(default_factory=Readdressed)
    """Entries of the document that are stored under another key and link."""

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, str]]) -> Known:
        """From rows (key, link, content hash) of one feed whose key or link is in the document."""
        by_key: dict[str, str] = {}
        by_link: dict[str, tuple[str, ...]] = defaultdict(tuple)
        for key, link, content in rows:
            by_key[key] = content
            if link:
                by_link[link] += (key,)
        return cls(by_key, dict(by_link))


def content_hash(entry: Entry) -> str:
    """The content of an entry, as three short hashes "title.text.link".

    A change of title or text is a revision; a change of the link alone is not.
    """
    text = digest(entry.summary_html, entry.content_html)
    return f"{digest(entry.title)}.{text}.{digest(entry.link)}"


def _texts(entry: Entry) -> str:
    return entry.summary_html or entry.content_html


def body_hash(body: bytes) -> str:
    """Hash of a decoded body: the same bytes need not be parsed again."""
    return sha256(body).hexdigest()


def known_pieces(polling: Polling, now: datetime) -> frozenset[str]:
    """What the next reading of a feed may leave out (`Document.pieces`).

    Nothing if it was last read in full a day ago or longer: an entry that was wrongly left out is
    found then.
    """
    if polling.read_whole is None or now - polling.read_whole >= _WHOLE_EVERY:
        return frozenset()
    return frozenset(polling.pieces)


def decide(
    polling: Polling,
    answer: Response | FetchFailed,
    document: Document | InputError | None,
    known: Known,
    now: datetime,
    settings: PaceSettings,
    *,
    subscribed: Collection[str] = (),
    pushed: bool = False,
    hashed: str = "",
) -> PollDecision:
    """What to store after a poll, and when to ask again.

    `document` is the parsed body: None if there was nothing to parse (no body, or the same bytes
    as last time). `subscribed` holds the addresses of the other feeds: a feed that has moved to
    one of them is a duplicate and keeps its address. `pushed`: a hub pushes the feed's news.
    `hashed`: the body's `body_hash`, if it was computed earlier and the body released.
    """
    reading = _read(polling, answer, document, known, now, hashed)
    after = reading.polling
    duplicate = ""
    if isinstance(answer, Response) and reading.outcome.kind is not OutcomeKind.FAILED:
        after, duplicate = _moved(polling, after, answer, subscribed)
    outcome = _repeating(reading.outcome, duplicate)
    repeats = bool(duplicate)
    # A first document is all new, which does not mean that entries are missed between polls.
    known_pace = after if polling.last_success else replace(after, gap=None)
    own = next_poll(known_pace, outcome, answer, now, settings, duplicate=repeats)
    pace = own
    if pushed:
        pace = next_poll(known_pace, outcome, answer, now, settings, duplicate=repeats, pushed=True)
    return PollDecision(
        outcome=outcome,
        polling=after,
        due=pace.due,
        due_why=pace.why,
        not_before=pace.not_before,
        new=reading.new,
        revised=reading.revised,
        withheld=reading.withheld,
        duplicate_of_url=duplicate,
        own_due=own.due if pushed else None,
        hub=_hub(polling, answer, document),
    )


def of_push(polling: Polling, document: Document, known: Known, now: datetime) -> PushDecision:
    """What a pushed document means: its new entries are taken, and nothing else.

    It does not answer a request of ours, so validators and body hash stay as they are. Pushes may
    come late or out of order, so revisions of known entries are read from the feed itself.
    """
    new, revised = _sort(once(document.entries), known, ())
    withheld = suspected(_unlinked(new, known), polling, now)
    newest = _newest(polling, document.entries, now)
    return PushDecision(new=new, withheld=withheld, newest=newest, differs=bool(revised))


def _unlinked(new: Sequence[Entry], known: Known) -> list[Entry]:
    """New entries except those that end as duplicates and say nothing.

    Their page is known, and they do not share it with others of their document.
    """
    return [entry for entry in new if entry.shares_page or entry.link not in known.by_link]


def _hub(
    polling: Polling, answer: Response | FetchFailed, document: Document | InputError | None
) -> Hub | None:
    """What a poll says about a hub; only a document read to its end counts.

    What is remembered of an index that was not modified names none, nor need its answer.
    """
    if not isinstance(document, Document):
        return None
    if not isinstance(answer, Response) or answer.status == 304:
        return None
    return hub_of(answer, document, polling.feed.url) if document.complete else None


def _repeating(outcome: Outcome, duplicate: str) -> Outcome:
    """The outcome naming the feed that this one repeats, so that a person can remove one."""
    if not duplicate:
        return outcome
    told = f"it has moved to {shareable(duplicate)}, which is polled as a feed of its own"
    return replace(outcome, why="; ".join(filter(None, (outcome.why, told))))


@dataclass(frozen=True, slots=True)
class _Reading:
    outcome: Outcome
    polling: Polling
    new: tuple[Entry, ...] = ()
    revised: tuple[Entry, ...] = ()
    withheld: str = ""


def _read(
    polling: Polling,
    answer: Response | FetchFailed,
    document: Document | InputError | None,
    known: Known,
    now: datetime,
    hashed: str,
) -> _Reading:
    if isinstance(answer, FetchFailed):
        return _not_answered(polling, answer, now)
    unchanged = answer.status == 304 and (_was_conditional(polling) or polling.last_success)
    if unchanged and document is None:
        return _not_modified(polling, answer, now)
    if not unchanged and not answer.whole:
        return _failed(polling, answer, _status_words(answer.status), now)
    if isinstance(document, InputError):
        return _failed(polling, answer, str(document), now)
    if document is None:
        if not polling.body_hash:
            return _failed(polling, answer, "an answer without a document", now)
        return _unchanged(polling, answer, now)
    if not document.complete and not document.entries and not _any_whole(document):
        why = "; ".join(document.problems) or "broken document"
        failed = _failed(polling, answer, why, now)
        return replace(failed, polling=replace(failed.polling, followed=document.followed))
    if unchanged:
        hashed = polling.body_hash
    return _taken(polling, answer, document, known, now, hashed or body_hash(answer.body))


def _any_whole(document: Document) -> bool:
    """Whether one of the documents that it names is known, although it may have brought nothing."""
    return any(one.whole for one in document.followed)


def _was_conditional(polling: Polling) -> bool:
    kept = polling.validators
    asked_with = kept.etag is not None or kept.last_modified is not None
    return kept.url == polling.feed.url and asked_with


def _outcome(
    polling: Polling, answer: Response | FetchFailed, kind: OutcomeKind, why: str
) -> Outcome:
    return Outcome(
        kind=kind,
        why=why,
        status=answer.status if isinstance(answer, Response) else 0,
        bytes=answer.wire_bytes,
        conditional=_was_conditional(polling),
    )


# ------------------------------------------------------------------------- failures


def _not_answered(polling: Polling, failure: FetchFailed, now: datetime) -> _Reading:
    if failure.kind is FailureKind.PAUSED:
        # Nothing was sent: the feed has neither failed nor been polled.
        return _Reading(_outcome(polling, failure, OutcomeKind.FAILED, failure.why), polling)
    # A feed forbidden by robots.txt fails like one whose server refuses us: nothing stops silently.
    named = failure.kind is not FailureKind.ROBOTS
    why = f"{failure.kind}: {failure.why}" if named else failure.why
    return _failed(polling, failure, why, now)


def _failed(polling: Polling, answer: Response | FetchFailed, why: str, now: datetime) -> _Reading:
    """A failed poll keeps validators, body hash and hints: errors erase nothing (P08, P12)."""
    gone = isinstance(answer, Response) and answer.status == 410
    after = replace(
        polling,
        state=FeedState.GONE if gone else polling.state,
        failures=polling.failures + 1,
        failing_since=polling.failing_since or now,
        last_polled=now,
    )
    return _Reading(_outcome(polling, answer, OutcomeKind.FAILED, why), after)


_WORDS: Final = {
    204: "no content where a feed was asked for",
    205: "no content where a feed was asked for",
    206: "a part of the document, which nobody asked for",
    226: "a difference of documents, which nobody asked for",
    304: "not modified, though nothing was asked conditionally",
    401: "the server wants a login",
    402: "the server wants to be paid",
    403: "the server refuses us",
    404: "no such address",
    410: "gone for good",
    429: "the server says we ask too often",
    451: "withheld for legal reasons",
    503: "the server is busy",
}


def _status_words(status: int) -> str:
    if status >= 600:
        usual = "no status that means anything"
    elif status >= 500:
        usual = "the server has a fault"
    elif 300 <= status < 400:
        usual = "it points elsewhere, and does not say where"
    else:
        usual = "no feed in this answer"
    return f"{status}: {_WORDS.get(status, usual)}"


# ------------------------------------------------------------------------ successes


def _succeeded(polling: Polling, now: datetime, **changes: Any) -> Polling:
    return replace(
        polling,
        state=FeedState.ACTIVE,
        failures=0,
        failing_since=None,
        last_polled=now,
        last_success=now,
        **changes,
    )


def _not_modified(polling: Polling, answer: Response, now: datetime) -> _Reading:
    after = _succeeded(polling, now, validators=_validators(polling, answer), calm=polling.calm + 1)
    return _Reading(_outcome(polling, answer, OutcomeKind.NOT_MODIFIED, "304 Not Modified"), after)


def _unchanged(polling: Polling, answer: Response, now: datetime) -> _Reading:
    validators = _validators(polling, answer)
    after = _succeeded(polling, now, validators=validators, calm=polling.calm + 1)
    return _Reading(_outcome(polling, answer, OutcomeKind.UNCHANGED, SAME_BYTES), after)


def _validators(polling: Polling, answer: Response) -> Validators:
    """What is kept after an answer: what it states, or after a 304 what was kept, refreshed."""
    if answer.status == 304:
        return refreshed(polling.validators, answer, polling.feed.url)
    return stated(answer, polling.feed.url)


def _taken(
    polling: Polling,
    answer: Response,
    document: Document,
    known: Known,
    now: datetime,
    hashed: str,
) -> _Reading:
    # If nothing is known, nothing can be known under another id either.
    left_out = ids(document.pieces) if known.by_key else ()
    new, revised = _sort(once(document.entries), known, left_out)
    withheld = suspected(_unlinked(new, known), polling, now) if new else ""
    kind = OutcomeKind.NEW if new or revised else _without_news(answer)
    told = (f"withheld: {withheld}" if withheld else "", known.readdressed.why)
    outcome = replace(
        _outcome(polling, answer, kind, "; ".join(filter(None, (*told, *document.problems)))),
        seen=len(document.entries) + document.reduced,
        new=len(new),
        revised=len(revised),
    )
    after = _succeeded(
        polling,
        now,
        title=document.title or polling.title,
        title_was=_title_was(polling, document.title or polling.title),
        hints=document.hints,
        calm=0 if new or revised else polling.calm + 1,
        pieces=(),
        followed=document.followed,
        read_whole=polling.read_whole if document.reduced else now,
        **_spoken(polling, document, new, now, suspected=bool(withheld)),
    )
    if document.complete or document.listed:
        # Only a document read to its end may be answered with "not modified" later (P08, P09).
        after = replace(
            after,
            validators=_validators(polling, answer),
            body_hash=hashed,
            pieces=document.pieces,
        )
    return _Reading(outcome, looked(after, document, hashed, now), new, revised, withheld)


def _without_news(answer: Response) -> OutcomeKind:
    return OutcomeKind.NOT_MODIFIED if answer.status == 304 else OutcomeKind.UNCHANGED


def _spoken(
    polling: Polling, document: Document, new: Sequence[Entry], now: datetime, *, suspected: bool
) -> dict[str, Any]:
    """What a document says about when its feed had news, and impossible dates of new entries.

    A suspected re-issue is left out, because it would suggest a pace the feed does not have.
    """
    impossible = redated(document, new, polling, now)
    newest = _newest(polling, new if impossible else document.entries, now)
    if suspected:
        return {"newest": newest}
    return {
        "newest": newest,
        "last_news": now if new else polling.last_news,
        "gap": _gap(polling, newest, new, now),
        "redated": now if impossible else polling.redated,
    }


def _title_was(polling: Polling, title: str) -> str:
    """The feed's title before it took one that has nothing in common with it; "" if it did not."""
    was = polling.title_was or polling.title
    return was if unlike(was, title) else ""


def _newest(polling: Polling, entries: Sequence[Entry], now: datetime) -> datetime | None:
    # A date in the future would make a feed look alive for ever.
    moments = [min(moment, now) for moment in (*_dates(entries), polling.newest) if moment]
    return max(moments, default=None)


def _dates(entries: Iterable[Entry]) -> list[datetime]:
    stated = (entry.published or entry.updated for entry in entries)
    return [moment for moment in stated if moment]


def _gap(
    polling: Polling, newest: datetime | None, new: Sequence[Entry], now: datetime
) -> timedelta | None:
    """The usual time between two new entries, smoothed; `newest`: the date of the newest one.

    It starts from the dates of the first document; then each sample is the time since the previous
    newest entry, by the dates or, without dates, by the polls that brought nothing.
    """
    if not new:
        return polling.gap
    if polling.last_success is None:
        dates = sorted(min(moment, now) for moment in _dates(new))
        return (dates[-1] - dates[0]) / (len(dates) - 1) if len(dates) > 1 else None
    if newest and polling.newest:
        sample = (newest - polling.newest) / len(new)
    else:
        sample = (now - polling.last_success) * (polling.calm + 1) / len(new)
    if polling.gap is None or not sample:  # entries older than the newest say nothing
        return polling.gap or sample or None
    return polling.gap * (1 - _SMOOTHING) + sample * _SMOOTHING


# -------------------------------------------------------------------------- entries


def _sort(
    entries: tuple[Entry, ...], known: Known, left_out: Collection[str]
) -> tuple[tuple[Entry, ...], tuple[Entry, ...]]:
    """Entries that are new, and those whose content differs from what is stored.

    `left_out` are the marks of ids that the document also states, in entries that were left out.
    """
    new: list[Entry] = []
    revised: list[Entry] = []
    stated = {entry.key for entry in entries}
    stored = _Stored(known, lambda key: key in stated or mark(key) in left_out)
    for entry in entries:
        if entry.key in known.readdressed.keys:
            continue
        key = stored.take(entry)
        if key is None:
            key = split_key(entry) if entry.key in known.by_key else entry.key
            new.append(entry if key == entry.key else replace(entry, key=key))
        elif not (entry.title or _texts(entry)):
            continue  # a sitemap names the page of older news without its title
        elif _parts(known.by_key[key])[:2] != _parts(content_hash(entry))[:2]:
            revised.append(replace(entry, key=key))
    return tuple(new), tuple(revised)


class _Stored:
    """The stored entries of a feed that have not yet been found in its document."""

    def __init__(self, known: Known, is_stated: Callable[[str], bool]) -> None:
        self._known = known
        self._taken: set[str] = set()
        self._says: dict[tuple[str, str], list[str]] = defaultdict(list)
        # A key that the document still states belongs to the entry that states it.
        for link, keys in known.by_link.items():
            for key in keys:
                if not is_stated(key):
                    for said in _parts(known.by_key.get(key, ""))[:2]:
                        self._says[link, said].append(key)

    def take(self, entry: Entry) -> str | None:
        """The key under which the store holds this entry, or None when it is new.

        Its own key if the entry stored there shares title, text or link with it (some feeds give
        all their entries the same id). Otherwise the key of a stored entry with the same link and
        the same title or text, if the document no longer states that key: some feeds make up new
        ids at every request.
        """
        if not self._known.by_key:
            return None
        title, text, link = _parts(content_hash(entry))
        # Two empty entries do not count as saying the same.
        sayings = [title] * bool(entry.title) + [text] * bool(_texts(entry))
        stored = _parts(self._known.by_key.get(entry.key, ""))
        mine = entry.key in self._known.by_key and entry.key not in self._taken
        if mine and not {*stored[:2]}.isdisjoint(sayings):
            return self._give(entry.key)
        for said in sayings:
            candidates = self._says.get((entry.link, said), [])
            while candidates:
                key = candidates.pop()
                if key not in self._taken:
                    return self._give(key)
        split = split_key(entry)
        if split in self._known.by_key and split not in self._taken:
            return self._give(split)
        return self._give(entry.key) if mine and link == stored[2] else None

    def _give(self, key: str) -> str:
        self._taken.add(key)
        return key


def _parts(content: str) -> tuple[str, str, str]:
    title, _, rest = content.partition(".")
    text, _, link = rest.partition(".")
    return title, text, link


# ---------------------------------------------------------------------------- moves


def _moved(
    before: Polling, after: Polling, answer: Response, subscribed: Collection[str]
) -> tuple[Polling, str]:
    """The polling state under the feed's new address, if any, and the feed it repeats.

    A permanent redirect is believed the second time it is seen, or at once on the same site (P55).
    The new address is first requested without validators (P07).
    """
    target = permanent_target(before.feed.url, answer)
    if not target:
        return (replace(after, moved_to="") if after.moved_to else after), ""
    if target in subscribed:
        return replace(after, moved_to=target), target
    if target != before.moved_to and not same_site(target, before.feed.url):
        return replace(after, moved_to=target), ""
    feed = replace(before.feed, url=target)
    return replace(after, feed=feed, moved_to="", validators=Validators()), ""
