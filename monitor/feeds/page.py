"""The feed kind `page`: an index page of a site that has no feed, read with CSS selectors.

The selectors in the feed's settings say where the entries are: `item` (each element that it finds
is an entry), and inside an item `link`, `title`, `date` and `summary`. Without `link`, the item
itself or its first link is used; without `title`, the text of the link, or of another one to the
same address where the first is around a picture.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import soupsieve
from bs4 import BeautifulSoup, Tag

from monitor.errors import InputError
from monitor.feeds import dates
from monitor.feeds.encoding import decode
from monitor.feeds.identity import keyed
from monitor.feeds.limits import MAX_ENTRIES, MAX_LOOSE, MAX_SHORT_FIELD
from monitor.feeds.text import clean, encoded, resolved, shown
from monitor.model import Document, Entry

NAMES: Final = ("item", "link", "title", "date", "summary")
"""The selectors that a feed may have."""


def parse(
    body: bytes, content_type: str, url: str, *, selectors: Mapping[str, str] | None = None
) -> Document:
    """Read one index page. Raises InputError when the selectors are wrong, or find no entry.

    A page on which nothing is found is a failure, not a lack of news: most likely it was rebuilt.
    """
    wrong = mistakes(selectors or {})
    if wrong:
        raise InputError("the selectors cannot be used", "; ".join(wrong))
    decoded = decode(body, content_type)
    page = BeautifulSoup(decoded.text[:MAX_LOOSE], "lxml")
    language = clean(str(page.html.get("lang") or ""))[:40] if page.html else ""
    chosen = selectors or {}
    items = page.select(chosen["item"])
    reader = _ItemReader(_base(page, url), chosen, language, items)
    if len(items) > MAX_ENTRIES:
        reader.problems.append(f"{len(items)} entries: the first {MAX_ENTRIES} are read")
    if len(decoded.text) > MAX_LOOSE:
        reader.problems.append(f"only the first {MAX_LOOSE} characters are read")
    found = [reader.read(item) for item in items[:MAX_ENTRIES]]
    entries: dict[str, Entry] = {}
    for entry in filter(None, found):
        # Many pages link twice to an article: around a picture without text, and around the title.
        if entry.id not in entries or not entries[entry.id].title:
            entries[entry.id] = entry
    if not entries:
        raise InputError("no entry was found on the page", *reader.reason(len(found)))
    return Document(
        kind="page",
        format="html",
        encoding=decoded.encoding,
        title=_words(page.title),
        link=encoded(shown(url, "")),
        language=language,
        entries=keyed(entries.values()),
        problems=tuple(dict.fromkeys(reader.problems)),
    )


def mistakes(selectors: Mapping[str, str]) -> tuple[str, ...]:
    """What is wrong with the selectors in a feed's settings; empty when they can be used."""
    unknown = [f'no selector "{name}"' for name in selectors if name not in NAMES]
    missing = [] if selectors.get("item") else ['the selector "item" is missing']
    return (*missing, *unknown, *_unreadable(selectors))


def _unreadable(selectors: Mapping[str, str]) -> Sequence[str]:
    wrong: list[str] = []
    for name, selector in selectors.items():
        try:
            soupsieve.compile(selector)
        except (
            soupsieve.SelectorSyntaxError,
            NotImplementedError,  # pseudo-elements
            ValueError,
            TypeError,
        ) as error:
            wrong.append(f"{name}: {str(error).splitlines()[0]}")
    return wrong


def _base(page: BeautifulSoup, url: str) -> str:
    stated = page.select_one("base[href]")
    return resolved(str(stated["href"]), url) or url if stated else url


@dataclass(slots=True)
class _ItemReader:
    """Reads the items of one page, and reports in `problems` what it leaves out."""

    base: str
    selectors: Mapping[str, str]
    language: str
    items: Sequence[Tag]
    problems: list[str] = field(default_factory=list)
    _day_first: bool | None = None

    def read(self, item: Tag) -> Entry | None:
        """One entry, identified by its link; None when the item has no link."""
        anchors = self._anchors(item)
        spelled = next(filter(None, map(self._address, anchors)), "")
        if not spelled:
            self.problems.append("an item without a link is left out")
            return None
        return Entry(
            key=spelled,
            id=spelled,
            link=encoded(spelled),
            title=_words(self._first(item, "title")) or self._linked_words(anchors, spelled),
            published=self._date(item),
            summary_html=html.escape(_words(self._first(item, "summary"), MAX_LOOSE), quote=False),
        )

    def reason(self, items: int) -> tuple[str, str]:
        """Why there are no entries, and what to do about it."""
        why = f"{items} items have no link" if items else "no element is what `item` describes"
        return why, "the page may have been rebuilt: compare it with the feed's selectors"

    def _anchors(self, item: Tag) -> Sequence[Tag]:
        """The elements that may link to the entry, the most likely first."""
        if "link" in self.selectors:
            return item.select(self.selectors["link"])
        return [item] if item.get("href") else item.select("a[href]")

    def _linked_words(self, anchors: Sequence[Tag], address: str) -> str:
        """The words of the first link to the address that has any."""
        links = (one for one in anchors if self._address(one) == address)
        return next(filter(None, map(_words, links)), "")

    def _address(self, anchor: Tag) -> str:
        """The address of a link as spelled; "" for a place on the page itself or no web address."""
        href = str(anchor.get("href") or "").strip()
        return "" if href.startswith("#") else shown(href, self.base)

    def _first(self, item: Tag, name: str) -> Tag | None:
        return item.select_one(self.selectors[name]) if name in self.selectors else None

    def _date(self, item: Tag) -> datetime | None:
        stated = self._stated_date(item)
        if stated is None:
            return None
        moment = dates.within(stated, day_first=dates.has_two_readings(stated) and self._leads())
        if moment is None:
            self.problems.append(f'unbelievable date "{clean(stated)[:60]}"')
        return moment

    def _stated_date(self, item: Tag) -> str | None:
        element = self._first(item, "date")
        if element is None:
            return None
        return str(element.get("datetime") or element.get("content") or _words(element))

    def _leads(self) -> bool:
        """Whether the page's dates with slashes put the day first."""
        if self._day_first is None:
            stated = filter(None, map(self._stated_date, self.items[:MAX_ENTRIES]))
            self._day_first = dates.day_first(stated, self.language)
        return self._day_first


def _words(element: Tag | None, limit: int = MAX_SHORT_FIELD) -> str:
    """The text of an element in one line."""
    text = element.get_text(" ") if element is not None else ""
    return " ".join(clean(text).split())[:limit]
