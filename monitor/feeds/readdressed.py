"""Whether entries of a document are known ones under other addresses.

Some publishers write the number of a visit, or of a click, into every link that they serve, and
make their ids of it. All entries then look new at every poll. What they say shows that they are
not, if they say it of one and the same second. Why these limits: docs/design/feeds.md, "What comes
again".
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import SplitResult, parse_qs, urlsplit

from monitor.feeds.identity import digest
from monitor.feeds.reduce import ids, mark
from monitor.feeds.text import clean
from monitor.feeds.wavering import words
from monitor.model import Document, Entry

FEWEST: Final = 3
"""Fewest entries that must be recognised; they must be half of the document, too."""
MOST_PLACES: Final = 2
"""Most places in which the addresses may differ, the same ones in all of them."""
_LONGEST_NAME: Final = 40
_NO_WORDS: Final = digest()
_Says = tuple[str, str, datetime | None]


@dataclass(frozen=True, slots=True)
class Readdressed:
    """The entries of a document that are known under other addresses."""

    keys: frozenset[str] = frozenset()
    """Their keys in this document, which the store does not know."""
    why: str = ""


def moment(entry: Entry) -> datetime | None:
    """When an entry says that it was written."""
    return entry.published or entry.updated


def doubtful(
    document: Document, keys: Collection[str], links: Collection[str], newest: datetime
) -> Sequence[Entry]:
    """The entries that the store should be asked about by their dates; mostly none.

    Their keys and links are unknown (`keys`, `links`: the known ones of this document), and at
    least half of what the document states besides news is like them. `newest`: the date of the
    feed's newest entry before it; news are newer.
    """
    found = [
        entry
        for entry in document.entries
        if entry.key not in keys and entry.link and entry.link not in links
        if entry.title and moment(entry)
    ]
    old = [entry for entry in found if not _is_news(entry, newest)]
    return found if _is_most(len(old), document, newest) else ()


def recognised(
    document: Document, doubtful: Iterable[Entry], stored: Iterable[Entry], newest: datetime
) -> Readdressed:
    """Those of the `doubtful` entries that say what a stored entry says, under another address.

    `stored`: the feed's entries with their dates, oldest first. One counts if the document states
    neither it nor its words twice, and if the addresses differ in the places in which those of the
    others differ. They must be half of what is no news, and must not all state one minute and
    second: dates without a time of day do not tell an entry from the next under the same title.
    """
    times = Counter(says for entry in document.entries for says in _may_say(entry))
    stated, marks = {entry.key for entry in document.entries}, ids(document.pieces)
    known: dict[_Says, Entry] = {}
    for one in stored:
        if one.key not in stated and mark(one.id) not in marks:
            known.setdefault(_says(one), one)
    alike: defaultdict[frozenset[str], list[Entry]] = defaultdict(list)
    for entry in doubtful:
        says = next((one for one in _may_say(entry) if one in known), None)
        if says and times[says] == 1:
            alike[_places(known[says].link, entry.link)].append(entry)
    alike.pop(frozenset(), None)
    places, found = max(alike.items(), key=lambda pair: len(pair[1]), default=(frozenset(), []))
    clocks = {(at.minute, at.second) for entry in found if (at := moment(entry))}
    if not _is_most(len(found), document, newest) or len(clocks) < 2:
        return Readdressed()
    told = f"{len(found)} entries are known under addresses that differ in "
    return Readdressed(frozenset(entry.key for entry in found), told + " and ".join(sorted(places)))


def _is_news(entry: Entry, newest: datetime) -> bool:
    at = moment(entry)
    return at is not None and at > newest


def _is_most(number: int, document: Document, newest: datetime) -> bool:
    news = sum(_is_news(entry, newest) for entry in document.entries)
    return number >= FEWEST and 2 * number >= len(document.entries) + document.reduced - news


def _says(entry: Entry) -> _Says:
    """What an entry says, without its markup: that may hold the address as well."""
    return entry.title, digest(*words(entry)), moment(entry)


def _may_say(entry: Entry) -> Iterable[_Says]:
    """What an entry may say in the store: in time its text is forgotten there."""
    return dict.fromkeys((_says(entry), (entry.title, _NO_WORDS, moment(entry))))


def _places(one: str, other: str) -> frozenset[str]:
    """Where two addresses of one site differ, in words; empty if nowhere, or in too many places."""
    try:
        mine, theirs = urlsplit(one), urlsplit(other)
    except ValueError:
        return frozenset()
    parts, others = mine.path.split("/"), theirs.path.split("/")
    hosts = {one.netloc.removeprefix("www.") for one in (mine, theirs)}
    if len(hosts) > 1 or len(parts) != len(others):
        return frozenset()
    pairs = zip(parts, others, strict=True)
    found = {f"part {place} of the path" for place, (a, b) in enumerate(pairs) if a != b}
    found |= _parameters(mine, theirs)
    if (mine.scheme, mine.netloc) != (theirs.scheme, theirs.netloc):
        found.add('"https" or "www"')
    if mine.fragment != theirs.fragment:
        found.add("what follows the #")
    return frozenset(found) if len(found) <= MOST_PLACES else frozenset()


def _parameters(one: SplitResult, other: SplitResult) -> set[str]:
    mine, theirs = (parse_qs(parts.query, keep_blank_values=True) for parts in (one, other))
    names = (name for name in mine.keys() | theirs.keys() if mine.get(name) != theirs.get(name))
    return {f'the parameter "{clean(name)[:_LONGEST_NAME]}"' for name in names}
