"""The feed kind `rss`: RSS 0.90-2.0, RDF, Atom 0.3 and 1.0, CDF, read by feedparser.

feedparser takes the document apart (`feedparser_fit`); which parts make up an entry, and how it is
known again, is decided here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from monitor.feeds import dates, feedparser_fit, feedparser_loose, hints
from monitor.feeds.discover import not_a_feed
from monitor.feeds.encoding import Decoded, decode
from monitor.feeds.identity import derived_id, keyed
from monitor.feeds.limits import MAX_ENTRIES, MAX_FIELD, MAX_LIST, MAX_SHORT_FIELD
from monitor.feeds.links import absolute_html
from monitor.feeds.markup import CROWDED, Markup, prepare, root_name, stated_dates
from monitor.feeds.reduce import Cut, Reduced, cut, reduce, remember
from monitor.feeds.text import (
    absolute,
    clean,
    encoded,
    has_markup,
    names,
    plain,
    shown,
    unwrapped,
)
from monitor.model import Document, Enclosure, Entry, Hints

Parsed = Mapping[str, Any]
"""A feedparser dictionary."""

_FORMATS: Final = {"rss10": "rdf", "rss090": "rdf"}
_FEED_ROOT: Final = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf)[\s>]", re.IGNORECASE)
_ROOTS: Final = frozenset({"rss", "feed", "rdf", "channel", "entry", "item"})
_JUNK: Final = 64_000
_CDF_ROOT: Final = re.compile(r"<channel[\s>]", re.IGNORECASE)
_PLAIN: Final = "text/plain"
_MARKUP_TYPES: Final = frozenset({_PLAIN, "text/html", "application/xhtml+xml"})
_ALTERNATE: Final = ("alternate", "http://www.iana.org/assignments/relation/alternate")
"""The relation, and its full name, which means the same (RFC 4287 §4.2.7.2)."""
_JOURNALS_DATE: Final = "prism_publicationdate"
_FULL_TEXT: Final = "yandex_full-text"
"""The text of an article in feeds for Yandex News, which most Russian publishers have."""
_MARKED_DATE: Final = re.compile(r"<time\b[^<>]*\sdatetime\s*=\s*[\"']([^\"'<>]+)", re.IGNORECASE)
_PERMALINK: Final = re.compile(r"https?://|/", re.IGNORECASE)


def parse(
    body: bytes, content_type: str, url: str, *, known_pieces: frozenset[str] = frozenset()
) -> Document:
    """Read one document. `url`: where it was found, the base of relative links.

    `known_pieces` are the `pieces` of the last reading: where it is safe, entries that it had are
    left out and counted in `reduced`. Raises NotAFeed for web pages and the like, InputError for
    what cannot be read at all.
    """
    decoded = decode(body, content_type)
    problems = [decoded.problem] if decoded.problem else []
    markup = prepare(_from_feed_root(decoded.text, problems))
    reading = _Reading(markup, decoded, url, (*problems, *markup.problems))
    pieces = cut(markup)
    part = reduce(pieces, known_pieces) if pieces else None
    return (part and reading.only_new(part)) or reading.whole(pieces)


def _from_feed_root(text: str, problems: list[str]) -> str:
    """The text from the feed's root on, if a page or a message of the host comes before it."""
    if root_name(text).rpartition(":")[2].lower() in _ROOTS:
        return text
    root = _FEED_ROOT.search(text, 0, _JUNK)
    if not root:
        return text
    problems.append("text before the document removed")
    return text[root.start() :]


@dataclass(frozen=True, slots=True)
class _Reading:
    """One document on its way from markup to entries."""

    markup: Markup
    decoded: Decoded
    url: str
    problems: tuple[str, ...]

    def only_new(self, part: Reduced) -> Document | None:
        """The document with only its new entries; None when it must be read whole."""
        if not part.left_out:
            return None
        found = feedparser_fit.parse(part.body)
        if found["bozo"] or not found.get("version"):
            return None
        document = self._document(found)
        pieces = remember(part, document, self.url)
        return replace(document, pieces=pieces, reduced=part.left_out) if pieces else None

    def whole(self, pieces: Cut | None) -> Document:
        """The document with all its entries; raises NotAFeed when it is not a feed."""
        found = feedparser_fit.parse(self.markup.text.encode("utf-8"))
        is_feed = found.get("version") or found["entries"] or _CDF_ROOT.match(self.markup.text)
        if not is_feed:
            raise not_a_feed(self.decoded.text, self.url, "no RSS or Atom document")
        document = self._document(found)
        if pieces is None or found["bozo"]:
            return document
        return replace(document, pieces=remember(reduce(pieces), document, self.url) or ())

    def _document(self, found: Any) -> Document:
        feed, version = found["feed"], found["version"] or ""
        link, problems = _feed_link(feed, self.url), list(self.problems)
        language = plain(_text(feed, "language"))
        atom = version.startswith("atom")
        base = self.url if atom and self.url else link or self.url
        people = _authors(feed) if atom else ()
        reader = _EntryReader(base, atom, language, people, self.markup.text, problems)
        entries = [reader.read(item) for item in found["entries"][:MAX_ENTRIES]]
        if (all_of_them := len(found["entries"])) > MAX_ENTRIES:
            problems.append(f"{all_of_them} entries: the first {MAX_ENTRIES} are read")
        if self.markup.cut and entries and not _identified(found["entries"][-1]):
            # Cut before its id and link: taken now, it would come again under another identity.
            entries.pop()
            problems.append("the last entry is cut and left out")
        if feedparser_loose.LEFT_OUT in feed:
            problems.append(CROWDED)
        if (lost := self.markup.stated - len(found["entries"])) > 0:
            problems.append(f"{lost} of {self.markup.stated} entries cannot be told from others")
        return Document(
            kind="rss",
            format=_FORMATS.get(version, version or "cdf"),
            encoding=self.decoded.encoding,
            title=plain(_text(feed, "title")),
            link=link,
            language=language,
            hints=_hints(feed, self.markup.text),
            entries=keyed(entries),
            problems=tuple(dict.fromkeys(problem for problem in problems if problem)),
            complete=self.markup.sound,
            hubs=_related(feed, "hub", self.url),
            self_url=next(iter(_related(feed, "self", self.url)), ""),
        )


def _hints(feed: Parsed, text: str) -> Hints:
    period = hints.update_period(_text(feed, "sy_updateperiod"), _text(feed, "sy_updatefrequency"))
    skipping = hints.skipping(text)
    return Hints(
        ttl=hints.ttl(_text(feed, "ttl")),
        skip_hours=hints.skip_hours(skipping),
        skip_days=hints.skip_days(skipping),
        update_period=period,
    )


def _identified(item: Parsed) -> bool:
    return bool(_text(item, "link") or _text(item, "id"))


def _get(item: Parsed, key: str) -> Any:
    """A value as stated: feedparser's own lookup may return the value of another key instead."""
    return dict.get(item, key) if isinstance(item, dict) else None


def _text(item: Parsed, key: str) -> str:
    value = _get(item, key)
    return value if isinstance(value, str) else ""


def _list(item: Parsed, key: str) -> Sequence[Parsed]:
    value = _get(item, key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _feed_link(feed: Parsed, url: str) -> str:
    stated = _text(feed, "link")
    alternates = [
        _text(link, "href") for link in _list(feed, "links") if _get(link, "rel") in _ALTERNATE
    ]
    own = [_text(link, "href") for link in _list(feed, "links") if _get(link, "rel") == "self"]
    base = url or next((href for href in own if _PERMALINK.match(href)), "")
    found = (encoded(shown(href, base)) for href in (stated, *alternates))
    return next(filter(None, found), "")


def _related(feed: Parsed, relation: str, url: str) -> tuple[str, ...]:
    """Addresses of the feed's own links with that relation (in Atom, or as `atom:link` in RSS)."""
    links = [one for one in _list(feed, "links") if relation in _text(one, "rel").lower().split()]
    found = (absolute(_text(one, "href"), url) for one in links[:MAX_LIST])
    return tuple(dict.fromkeys(address for address in found if address))


class _EntryReader:
    """Reads the entries of one document, and reports in `problems` what it leaves out."""

    def __init__(
        self,
        base: str,
        atom: bool,
        language: str,
        authors: tuple[str, ...],
        whole: str,
        problems: list[str],
    ) -> None:
        self._base = base
        self._atom = atom
        self._language = language
        self._feed_authors = authors
        self._whole = whole
        self._problems = problems

    @cached_property
    def _day_first(self) -> bool:
        """Judged by all of the document: of one that was reduced, only new entries are read."""
        return dates.day_first(stated_dates(self._whole), self._language)

    def read(self, item: Parsed) -> Entry:
        """One entry, whose key is its id until all entries are known."""
        spelled = self._link(item)
        link = encoded(spelled)
        summary, content = self._texts(item, link)
        title = plain(_text(item, "title"))
        stated = clean(_text(item, "id")).strip()[:MAX_SHORT_FIELD]
        entry_id = stated or derived_id(spelled, title, summary + content)
        published, updated = self._dates(item)
        return Entry(
            key=entry_id,
            id=entry_id,
            link=link,
            title=title,
            published=published,
            updated=updated,
            authors=self._authors(item),
            summary_html=summary,
            content_html=content,
            categories=names(
                _text(tag, "term") or _text(tag, "label") for tag in _list(item, "tags")
            ),
            language=self._entry_language(item),
            enclosures=self._enclosures(item),
        )

    def _link(self, item: Parsed) -> str:
        """The address as it is spelled, from which an id may be derived."""
        stated = _text(item, "link")
        if _get(item, "guidislink") and not _PERMALINK.match(stated.strip()):
            stated = ""  # a number or a tag: URI is not a web address, despite `isPermaLink`
        sources = [_text(part, "src") for part in _list(item, "content")]
        alternates = [
            _text(link, "href") for link in _list(item, "links") if _get(link, "rel") in _ALTERNATE
        ]
        if self._atom and len(alternates) > 1:
            stated = self._likeliest(item)
        for candidate in (stated, *alternates, *sources):
            if link := shown(candidate, self._base):
                return link
        return ""

    def _likeliest(self, item: Parsed) -> str:
        """Of several alternates, the first that is a page, and in the entry's language."""
        spoken = (self._entry_language(item) or self._language).lower().partition("-")[0]

        def rank(link: Parsed) -> tuple[bool, bool]:
            tongue = _text(link, "hreflang").lower().partition("-")[0]
            kind = _text(link, "type") or "html"
            return "html" not in kind, bool(spoken and tongue) and tongue != spoken

        links = [one for one in _list(item, "links") if _get(one, "rel") in _ALTERNATE]
        return _text(min(links, key=rank), "href")

    def _authors(self, item: Parsed) -> tuple[str, ...]:
        """The entry's own, else those of the feed it was copied from, else the feed's.

        Source: RFC 4287 §4.2.1.
        """
        if not self._atom:
            return _authors(item)
        return _authors(item) or _authors(_get(item, "source") or {}) or self._feed_authors

    def _dates(self, item: Parsed) -> tuple[datetime | None, datetime | None]:
        updated = self._date(item, "updated")
        published = self._date(item, "published") or self._date(item, "created")
        if not published and not updated:
            published = self._date(item, _JOURNALS_DATE)
        if self._atom:
            return published, updated
        # RSS has one date, pubDate or dc:date, which stands for publication and last change.
        return published or updated, updated or published

    def _date(self, item: Parsed, name: str) -> datetime | None:
        stated = _text(item, name).strip()
        if not stated:
            return None
        parsed = _get(item, f"{name}_parsed")
        if "<" in stated:  # Drupal writes a date as it does on its pages
            marked, parsed = _MARKED_DATE.search(stated), None
            stated = marked[1] if marked else plain(stated)
        day_first = dates.has_two_readings(stated) and self._day_first
        moment = dates.parse(stated, parsed, day_first=day_first)
        if moment is None:
            self._problems.append(f'unbelievable date "{clean(stated)[:60]}"')
        return moment

    def _texts(self, item: Parsed, link: str) -> tuple[str, str]:
        """Summary and content, without the content that feedparser repeats as a missing summary.

        Of an entry without any text, the captions of its pictures or videos are the summary.
        """
        base = link or self._base
        contents = [self._html(part, base) for part in _list(item, "content")]
        if full := _text(item, _FULL_TEXT):
            contents.append(self._html({"value": full}, base))
        content = max(contents, key=len, default="")
        detail = _get(item, "summary_detail")
        if not isinstance(detail, dict):
            stated = "" if contents else _text(item, "summary")
            detail = {"value": stated, "type": "text/html"}
        summary = self._html(detail, base)
        if not (summary or content):
            captions = (self._html(one, base) for one in _list(item, feedparser_fit.CAPTIONS))
            summary = "<br>".join(dict.fromkeys(filter(None, captions)))
        return summary, content

    def _html(self, detail: Parsed, base: str) -> str:
        value, kind = unwrapped(_text(detail, "value")), _text(detail, "type") or "text/html"
        if kind not in _MARKUP_TYPES and not kind.startswith("text/") and not has_markup(value):
            return ""  # an image or a file
        if len(value) > MAX_FIELD:
            value = value[:MAX_FIELD]
            self._problems.append(f"a text of over {MAX_FIELD} characters is cut")
        if kind == _PLAIN and not has_markup(value):
            return html.escape(clean(value), quote=False)
        stated = _text(detail, "base")
        return absolute_html(clean(value), absolute(stated, self._base) or base)

    def _entry_language(self, item: Parsed) -> str | None:
        # The language of the fullest text counts: a title may quote another language.
        details = [
            *_list(item, "content"),
            _get(item, "summary_detail"),
            _get(item, "title_detail"),
        ]
        stated = [_text(item, "language"), *(_text(part, "language") for part in details if part)]
        language = next((plain(name, 40) for name in stated if name), "")
        return language if language and language.lower() != self._language.lower() else None

    def _enclosures(self, item: Parsed) -> tuple[Enclosure, ...]:
        linked = [link for link in _list(item, "links") if _get(link, "rel") == "enclosure"]
        title = _get(item, "title_detail")
        base = absolute(_text(title, "base"), self._base) if title else ""
        base = base or self._base
        found: dict[str, Enclosure] = {}
        for part in [*linked, *_list(item, "media_content")][:MAX_LIST]:
            address = absolute(_text(part, "href") or _text(part, "url"), base)
            if address and address not in found:
                length = _text(part, "length") or _text(part, "filesize")
                size = int(length) if re.fullmatch(r"[0-9]{1,15}", length) else None
                found[address] = Enclosure(address, plain(_text(part, "type"), 100), size)
        return tuple(found.values())


def _authors(item: Parsed) -> tuple[str, ...]:
    people = _list(item, "authors")
    return names(_text(person, "name") or _text(person, "email") for person in people)
