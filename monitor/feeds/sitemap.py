"""The feed kind `sitemap`: sitemaps and news sitemaps, and indexes of sitemaps.

Formats: sitemaps.org/protocol.html (0.9) and its extension for news (schemas/sitemap-news/0.9).
An index holds no entries. It names the sitemaps that do (`Document.follow`), which are read in the
same poll and `joined` to it.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from typing import Final
from urllib.parse import urlsplit

from lxml import etree

from monitor.errors import InputError, NotAFeed
from monitor.feeds import dates
from monitor.feeds.encoding import Decoded, decode
from monitor.feeds.identity import keyed
from monitor.feeds.limits import MAX_ENTRIES, MAX_FOLLOWED, MAX_LIST
from monitor.feeds.markup import CROWDED, LONG, Markup, prepare
from monitor.feeds.moves import same_site
from monitor.feeds.text import absolute, encoded, plain, shown
from monitor.model import Document, Entry, Followed

_NEVER: Final = datetime.min.replace(tzinfo=UTC)


def parse(body: bytes, content_type: str, url: str) -> Document:
    """Read a sitemap or an index of sitemaps.

    Raises NotAFeed for other documents, InputError for what cannot be read at all.
    """
    decoded = decode(body, content_type)
    markup = prepare(decoded.text)
    root = _tree(markup)
    reading = _Reading(decoded, markup, url)
    match _local(root):
        case "urlset":
            return reading.urls(root)
        case "sitemapindex":
            return reading.index(root)
    raise NotAFeed("not a feed", "it is XML, but no sitemap")


def joined(
    index: Document, parts: Sequence[Document], unchanged: Sequence[Followed] = ()
) -> Document:
    """An index with the entries of its sitemaps, each once.

    `parts` are the sitemaps that were read, `unchanged` those whose entries are known. The result
    is complete only if the index is, and if all others of its sitemaps were read and are complete.
    """
    entries = _each_once(entry for part in parts for entry in part.entries)
    titles = (part.title for part in parts)
    missing = len(index.follow) - len(parts) - len(unchanged)
    whole = not missing and all(part.complete for part in parts)
    problems = [*index.problems, *(problem for part in parts for problem in part.problems)]
    if missing:
        problems.append(f"{missing} of {len(index.follow)} sitemaps could not be read")
    if len(entries) > MAX_ENTRIES:
        dated = any(entry.updated or entry.published for entry in entries.values())
        which = f"the newest {MAX_ENTRIES}" if dated else f"as many of each sitemap, {MAX_ENTRIES},"
        problems.append(f"{len(entries)} entries: {which} are read")
    return replace(
        index,
        title=next((title for title in titles if title), index.title),
        entries=keyed(_of_all(list(entries.values()), parts)),
        problems=tuple(dict.fromkeys(problems)),
        reduced=sum(one.entries for one in unchanged),
        complete=index.complete and whole,
    )


def _each_once(found: Iterable[Entry]) -> dict[str, Entry]:
    """The entries by their addresses; of those with one address the first that has a title."""
    entries: dict[str, Entry] = {}
    for entry in found:
        if entry.id not in entries or (entry.title and not entries[entry.id].title):
            entries[entry.id] = entry
    return entries


def _of_all(entries: Sequence[Entry], parts: Sequence[Document]) -> Sequence[Entry]:
    """At most `MAX_ENTRIES` of the entries, the newest, in their order.

    Where dates do not decide, the sitemaps take turns: any of them may be the one with the news.
    """
    if len(entries) <= MAX_ENTRIES:
        return entries
    turn = {entry.id: place for part in parts for place, entry in enumerate(part.entries)}
    return newest(entries, MAX_ENTRIES, turn)


def newest(entries: Sequence[Entry], most: int, turn: Mapping[str, int]) -> tuple[Entry, ...]:
    """So many of the entries, the newest, in their order; `turn` decides between equal dates."""

    def rank(entry: Entry) -> tuple[float, int]:
        return -(entry.updated or entry.published or _NEVER).timestamp(), turn[entry.id]

    chosen = {entry.id for entry in sorted(entries, key=rank)[:most]}
    return tuple(entry for entry in entries if entry.id in chosen)


def _tree(markup: Markup) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=not markup.sound)
    try:
        root = etree.fromstring(markup.text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        raise InputError("the document cannot be read", f"broken XML: {error}") from error
    if root is None:
        raise InputError("the document cannot be read", "it holds no element")
    return root


@dataclass(frozen=True, slots=True)
class _Reading:
    """One document on its way from elements to entries."""

    decoded: Decoded
    markup: Markup
    url: str

    def _problems(self) -> list[str]:
        """What is wrong with it so far. Of its elements none is left out, however many it has."""
        found = (one for one in self.markup.problems if one not in (CROWDED, LONG))
        return [self.decoded.problem, *found]

    def urls(self, root: etree._Element) -> Document:
        """A sitemap: its pages, or the newest `MAX_ENTRIES` of them."""
        problems = self._problems()
        urls = self._closed(root, "url")
        if len(urls) > MAX_ENTRIES:
            dated = any(_text(url, "lastmod") for url in urls)
            which = f"the {'newest' if dated else 'first'} {MAX_ENTRIES} are read"
            why = "" if dated else " (no dates tell which are the newest)"
            problems.append(f"{len(urls)} entries: {which}{why}")
        kept = _newest(urls)
        entries = [entry for url in kept if (entry := self._entry(url, problems))]
        publications = [
            one for url in kept if (one := _below(_news_of(url), "publication")) is not None
        ]
        return replace(
            self._document("news-sitemap" if publications else "sitemap", problems),
            title=next((plain(_text(one, "name")) for one in publications), ""),
            entries=keyed(_each_once(entries).values()),
        )

    def index(self, root: etree._Element) -> Document:
        """An index: its sitemaps on the same site, by rank (`_ranked`).

        An index that does not date them all may stay the same while they change. It then counts as
        not complete: they are asked at every poll. Raises InputError when it names no sitemap on
        its own site, or only itself.
        """
        dated = {
            self._address(one): self._moment(one, "lastmod", []) or _NEVER
            for one in _newest(self._closed(root, "sitemap"))
        }
        own = [
            address
            for address in dated
            if address and address != self.url and same_site(address, self.url)
        ]
        ranked = _ranked(own, lambda address: ("news" in address, dated[address]))
        problems = self._problems()
        if len(own) > MAX_FOLLOWED:
            problems.append(f"{len(own)} sitemaps: {MAX_FOLLOWED} are read")
        if not own:
            raise InputError("the index names no sitemap", "none that is on its own site")
        changes_show = all(dated[address] > _NEVER for address in own)
        if not changes_show:
            problems.append("sitemaps without a date of change: read at every poll")
        document = self._document("sitemapindex", problems)
        follow = tuple(ranked[:MAX_FOLLOWED])
        return replace(
            document,
            follow=follow,
            changes=tuple(dated[one] if dated[one] > _NEVER else None for one in follow),
            listed=document.complete,
            complete=document.complete and changes_show,
        )

    def _closed(self, root: etree._Element, name: str) -> Sequence[etree._Element]:
        """The elements of that name, without the one in which a cut document breaks off."""
        found = list(_children(root, name))
        if self.markup.sound:
            return found
        ends = re.findall(rf"</(?:[\w.-]+:)?{name}\s*>", self.markup.text, re.IGNORECASE)
        return found[: len(ends)]

    def _document(self, form: str, problems: Iterable[str]) -> Document:
        return Document(
            kind="sitemap",
            format=form,
            encoding=self.decoded.encoding,
            problems=tuple(dict.fromkeys(problem for problem in problems if problem)),
            complete=self.markup.sound,
        )

    def _entry(self, element: etree._Element, problems: list[str]) -> Entry | None:
        """The page of a `url` element; None when it names none, as a cut document's last may."""
        spelled = shown(_text(element, "loc"), self.url)
        if not spelled:
            return None
        news = _news_of(element)
        told = news if news is not None else _below(element, "video")
        language = plain(_text(_below(news, "publication"), "language"), 40)
        words = (plain(word, 500) for word in _text(news, "keywords").split(","))
        return Entry(
            key=spelled,
            id=spelled,
            link=encoded(spelled),
            title=plain(_text(told, "title")),
            published=self._moment(told, "publication_date", problems),
            updated=self._moment(element, "lastmod", problems),
            categories=tuple(dict.fromkeys(word for word in words if word))[:MAX_LIST],
            language=language or None,
        )

    def _address(self, element: etree._Element) -> str:
        return absolute(_text(element, "loc"), self.url)

    def _moment(
        self, element: etree._Element | None, name: str, problems: list[str]
    ) -> datetime | None:
        stated = _text(element, name)
        moment = dates.parse(stated) if stated else None
        if stated and moment is None:
            problems.append(f'unbelievable date "{plain(stated, 60)}"')
        return moment


def _newest(elements: Sequence[etree._Element]) -> Sequence[etree._Element]:
    """At most `MAX_ENTRIES` of the elements, those changed last, in their order.

    The dates are compared as written: W3C dates sort as text, so that 50,000 need no parsing.
    """
    if len(elements) <= MAX_ENTRIES:
        return elements
    places = range(len(elements))
    ranked = sorted(places, key=lambda place: _text(elements[place], "lastmod"), reverse=True)
    return [elements[place] for place in sorted(ranked[:MAX_ENTRIES])]


def _ranked(addresses: Iterable[str], rank: Callable[[str], tuple[bool, datetime]]) -> list[str]:
    """Addresses of sitemaps, those first that are likeliest to hold what is new.

    Of those with one rank, mostly for want of dates, the one with the highest number and the one
    with the lowest take turns: sitemaps are numbered (or named by year and month) from the oldest
    on, or from the newest.
    """
    ranked: list[str] = []
    for _, equals in groupby(sorted(addresses, key=rank, reverse=True), rank):
        high = deque(sorted(equals, key=_numbers, reverse=True))
        while high:
            ranked.append(high.popleft())
            if high:
                ranked.append(high.pop())
    return ranked


def _numbers(address: str) -> list[int]:
    """The numbers in an address, in their order, without those of its host."""
    parts = urlsplit(address)
    return [int(digits) for digits in re.findall(r"[0-9]{1,12}", f"{parts.path}?{parts.query}")]


def _local(element: etree._Element) -> str:
    """An element's name without namespace, in lower case; "" for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2].lower() if isinstance(tag, str) else ""


def _children(element: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return (child for child in (element if element is not None else ()) if _local(child) == name)


def _below(element: etree._Element | None, name: str) -> etree._Element | None:
    return next(_children(element, name), None)


def _news_of(element: etree._Element) -> etree._Element | None:
    return _below(element, "news")


def _text(element: etree._Element | None, name: str) -> str:
    """The text of the child with that name, in any namespace; "" when there is none."""
    child = _below(element, name)
    return "".join(child.itertext()).strip() if child is not None else ""
