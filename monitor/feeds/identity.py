"""Keys by which entries are known again, whatever the order in which a document states them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from monitor.feeds.text import encoded
from monitor.model import Entry

_EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
_SEPARATOR: Final = "\x1f"
_DERIVED: Final = "text:"


def digest(*parts: str) -> str:
    """A short stable hash (96 bits, hexadecimal) of texts."""
    return sha256(_SEPARATOR.join(parts).encode("utf-8", "replace")).hexdigest()[:24]


def derived_id(link: str, title: str, text: str) -> str:
    """The id for an entry that states none: its link, else a hash of title and text.

    The link is the one that the document spells: stored keys are made of it.
    """
    return link or _DERIVED + digest(title, text)


def keyed(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries, in their order, with their keys.

    The key is the id. If entries of a document share an id but not the link, the link is added (if
    there is none, the title); if they share id and link but not the title, both are: no key depends
    on the order. Entries that agree in all three are one entry stated twice, and share a key.

    Entries that lead to one page, under different ids and with different words, are marked as such.
    """
    stated = list(entries)
    places: dict[str, set[tuple[str, str]]] = defaultdict(set)
    pages: dict[str, list[Entry]] = defaultdict(list)
    for entry in stated:
        places[entry.id].add((entry.link, entry.title))
        pages[page(entry.link)].append(entry)
    shared = {link for link, some in pages.items() if link and _differ(some)}
    return tuple(
        _with_key(entry, _key(entry, places[entry.id]), shares=page(entry.link) in shared)
        for entry in stated
    )


def page(link: str) -> str:
    """The page to which a link leads, whatever place in it the link names."""
    return link.partition("#")[0]


def _differ(entries: Sequence[Entry]) -> bool:
    """Whether entries are different by their ids (or titles) and by what they say."""
    if len(entries) == 1:
        return False
    known = {(entry.id, entry.title) for entry in entries}
    said = {(entry.title, entry.summary_html, entry.content_html) for entry in entries}
    return len(known) > 1 and len(said) > 1


def once(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The entries with each key once, in its newest state."""
    newest: dict[str, Entry] = {}
    for entry in entries:
        if entry.key not in newest or _rank(entry) > _rank(newest[entry.key]):
            newest[entry.key] = entry
    return tuple(newest.values())


def split_key(entry: Entry) -> str:
    """The key of an entry whose id another entry has as well."""
    link = _spelled_link(entry)
    return f"{entry.id} {link}" if link else f"{entry.id} {digest(entry.title)}"


def _spelled_link(entry: Entry) -> str:
    return entry.id if encoded(entry.id) == entry.link else entry.link


def _with_key(entry: Entry, key: str, *, shares: bool) -> Entry:
    if entry.key == key and not shares:
        return entry
    return replace(entry, key=key, shares_page=shares)


def _key(entry: Entry, places: set[tuple[str, str]]) -> str:
    if len(places) == 1:
        return entry.id
    if sum(1 for link, _ in places if link == entry.link) > 1:
        return f"{entry.id} {_spelled_link(entry)} {digest(entry.title)}"
    return split_key(entry)


def _rank(entry: Entry) -> tuple[datetime, str]:
    """Sort key, newest last; the text decides between equal dates, so that the order does not."""
    return entry.updated or entry.published or _EARLIEST, entry.summary_html + entry.content_html
