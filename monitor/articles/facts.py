"""The parts of a page that describe its article, read once."""

from __future__ import annotations

import html
import re
from functools import cached_property
from itertools import islice
from typing import Any

from lxml import etree

from monitor.articles.lines import fold
from monitor.articles.page import Page
from monitor.articles.tables import words

_ARTICLE_TYPES = ("Article", "Report", "BlogPosting", "SocialMediaPosting", "Review", "Recipe")
"""Endings of the schema.org types that denote an article."""
TITLE_ELEMENTS = 300
"""Most elements searched for the title on a page without an `h1`."""
BYLINE_ELEMENTS = 60
"""Most elements after the title searched for byline and date."""
MOST_TEXT = 1_000
"""Most characters read of an element: a title has fewer."""
COMMENTS = "*[contains(@class,'comment')][not(self::body)]"
"""Elements with readers' comments; not `body`, where WordPress says whether there are any."""
_INLINE = frozenset(
    words(
        """
        a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark nobr q s samp small
        span strike strong sub sup tt u var wbr
        """
    )
)
PAGE_NUMBER = re.compile(
    r"\s*(?:[|–—-]\s*)?[(\[]?\b(?:page|seite|página|pagina|strona|страница|сторінка) \d{1,2}"
    r"(?: (?:of|von|sur|de|di|z|из|з) \d{1,2})?[)\]]?\s*$",
    re.I,
)
"""How a page says its number in a series of pages."""


class Facts:
    """The parts of a page that hold metadata, read once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tree = page.tree
        self.data = page.data

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """`<meta>` by lower-case name; where one value counts, it is the first."""
        found: dict[str, list[str]] = {}
        # Microdata's author may be that of a reference: `_marked_authors` reads it, later.
        for tag in self.tree.xpath("//meta[@content][not(@itemprop='author')]"):
            for name in (tag.get("property"), tag.get("name"), tag.get("itemprop")):
                if name and (value := plain(tag.get("content"))):
                    found.setdefault(name.strip().lower(), []).append(value)
        return found

    def meta(self, *names: str) -> str:
        return next((self.metas[name][0] for name in names if name in self.metas), "")

    def repeated(self, name: str) -> list[str]:
        """The different values of a `<meta>` that may stand several times; at most ten."""
        return list(dict.fromkeys(self.metas.get(name, ())))[:10]

    @cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD object of the article itself, if any: of several, that with the title."""
        found = [thing for thing in self.data if _is_article(thing)]
        if len(found) > 1:
            shown = {fold(title) for title in (*self.h1, self.meta("og:title"))}
            named = (thing for thing in found if fold(str(thing.get("headline") or "")) in shown)
            found = [next(named, found[0])]
        return found[0] if found else {}

    @cached_property
    def web_page(self) -> dict[str, Any]:
        return next((thing for thing in self.data if thing.get("@type") == "WebPage"), {})

    @cached_property
    def headline(self) -> str:
        value = self.article.get("headline") or self.article.get("name")
        return plain(value) if isinstance(value, str) else ""

    @cached_property
    def h1(self) -> list[str]:
        found = (element_text(tag) for tag in self.tree.xpath("//body//h1")[:10])
        return [text for text in found if text]

    @cached_property
    def behind_title(self) -> list[Any]:
        """The elements after the title, as far down as a byline can be.

        The title is the first `h1`; of several, the longest that the head confirms. What is less
        than half of what the head says is rather the site's name.
        """
        first = self._title_heading() or self._shown_title()
        return list(first[0].xpath("following::*")[:BYLINE_ELEMENTS]) if first else []

    def _title_heading(self) -> list[Any]:
        headings = list(self.tree.xpath("//body//h1")[:10])
        if len(headings) > 1:
            stated = [fold(self.head_title), fold(self.meta("og:title"))]
            said = [(fold(element_text(tag)), tag) for tag in headings]
            sure = [
                (len(text), tag)
                for text, tag in said
                if any(text in one and 2 * len(text) >= len(one) for one in stated)
            ]
            most = max((chars for chars, _ in sure), default=0)
            headings = [tag for chars, tag in sure if most and chars == most] or headings
        return headings[:1]

    def _shown_title(self) -> list[Any]:
        """The first element that shows the title, on a page without an `h1`."""
        wanted = fold(PAGE_NUMBER.sub("", self.meta("og:title") or self.head_title))
        shown = self.tree.xpath(
            "//body//*[self::h2 or self::h3 or self::b or self::strong or "
            "self::span or self::font or self::p or self::div]"
        )
        for tag in shown[:TITLE_ELEMENTS]:
            said = fold(element_text(tag)) if len(tag) <= 2 else ""
            if len(said) > max(8, len(wanted) / 2) and said in wanted:
                return [tag]
        return []

    @cached_property
    def head_title(self) -> str:
        return next((element_text(tag) for tag in self.tree.xpath("//head//title")[:1]), "")

    @cached_property
    def site(self) -> str | None:
        """og:site_name; the publisher in JSON-LD; application-name."""
        publisher = self.article.get("publisher")
        if isinstance(publisher, list):
            publisher = publisher[0] if publisher else None
        name = publisher.get("name") if isinstance(publisher, dict) else publisher
        stated = (self.meta("og:site_name"), name, self.meta("application-name"))
        return next((plain(one) for one in stated if isinstance(one, str) and one.strip()), None)

    @cached_property
    def declared(self) -> str:
        """The language that the page declares, such as "en-gb"; empty if it declares none."""
        stated = self.tree.get("lang") or self.tree.get("xml:lang")
        said = stated or self.meta("og:locale", "content-language", "language")
        return said.strip().lower().replace("_", "-") if said else ""

    @property
    def language(self) -> str:
        """The same in two letters; also empty if it is not a code ("English")."""
        code = self.declared.partition("-")[0]
        return code if re.fullmatch("[a-z]{2}", code) else ""


def _is_article(thing: dict[str, Any]) -> bool:
    kinds = thing.get("@type")
    return any(
        isinstance(kind, str) and kind.endswith(_ARTICLE_TYPES)
        for kind in (kinds if isinstance(kinds, list) else [kinds])
    )


def plain(value: str) -> str:
    """One line of plain text: JSON-LD and metas often hold escaped markup."""
    for _ in range(2):
        if "&" in value:
            value = html.unescape(value)
    return " ".join((_MARKUP.sub(" ", value) if "<" in value else value).split())


_MARKUP = re.compile(r"</?[a-z][^<>]{0,200}>", re.I)


def element_text(tag: Any) -> str:
    """The words of an element on one line, with a space where a block begins or ends.

    Bounded: of text longer than any title, byline or date, only the beginning is returned.
    """
    if not len(tag):
        return " ".join((tag.text or "").split())
    parts: list[str] = []
    size = 0
    for event, inner in etree.iterwalk(tag, events=("start", "end")):
        apart = "" if inner.tag in _INLINE else " "
        words_here = inner.text if event == "start" else inner.tail if inner is not tag else ""
        parts += (apart, words_here or "")
        size += len(words_here or "")
        if size > MOST_TEXT:
            break
    return " ".join("".join(parts).split())


def spaced_text(tag: Any) -> str:
    """The same with a space between all parts, as stylesheets separate them."""
    return " ".join(" ".join(islice(tag.itertext(), 40)).split())
