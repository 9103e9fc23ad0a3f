"""What a page says about its article: title, authors, dates, section, site, address.

For each field the sources are asked in the order in which the functions below name them; the
first believable answer stands.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from itertools import chain, islice
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from monitor.articles import dates, tables
from monitor.articles.dates import Moment
from monitor.articles.lines import fold
from monitor.articles.page import Page
from monitor.articles.tables import words

_ARTICLE_TYPES = ("Article", "Report", "BlogPosting", "SocialMediaPosting", "Review", "Recipe")
"""How the types of schema.org end that stand for an article."""
_PUBLISHED_METAS = words(
    """
    article:published_time article:published og:published_time og:article:published_time
    datepublished date_published published_time parsely-pub-date sailthru.date
    cxenseparse:recs:publishtime cxenseparse:publishtime publishdate publish-date
    publish_date publication_date publication-date published-date published pubdate
    originalpublicationdate article.published article_date_original dc.date.issued
    dcterms.issued dc.date dc.date.created dcterms.created dcterms.date dc.created
    citation_publication_date citation_date published_on date created last-modified-date
    firstpublished
    """
)
_MODIFIED_METAS = words(
    """
    article:modified_time og:updated_time article:modified og:modified_time datemodified
    modified_time dcterms.modified dc.date.modified lastmod last-modified revision_date
    """
)
_AUTHOR_METAS = words(
    """
    author article:author parsely-author sailthru.author dc.creator dcterms.creator byl
    article.author og:article:author citation_author cxenseparse:author authors
    articleauthor article_author dable:author news_author
    """
)
_SECTION_METAS = ["article:section", "parsely-section", "og:article:section", "section", "category"]
TITLE_ELEMENTS = 300
"""So many elements are looked at for the title, on a page without an `h1`."""
BYLINE_ELEMENTS = 60
"""So many elements behind the title are looked at for byline and date."""
MOST_TEXT = 1_000
"""Characters of an element that are looked at: a title has fewer."""
KICKER_WORDS = 5
"""Longest kicker: the topic that some papers put before a headline."""
NEAR_WORDS = 0.4
"""Share of the words of the shorter of two titles, from which they are forms of one."""
_COMMENTS = "*[contains(@class,'comment')][not(self::body)]"
"""What holds what readers wrote. WordPress says of the whole page whether there is any."""
_INLINE = frozenset(
    words(
        """
        a abbr acronym b bdi bdo big cite code del dfn em font i ins kbd mark nobr q s samp small
        span strike strong sub sup tt u var wbr
        """
    )
)
_PAGE_NUMBER = re.compile(
    r"\s*(?:[|–—-]\s*)?[(\[]?\b(?:page|seite|página|pagina|strona|страница|сторінка) \d{1,2}"
    r"(?: (?:of|von|sur|de|di|z|из|з) \d{1,2})?[)\]]?\s*$",
    re.I,
)
"""How a page says which one of several it is."""
_TITLE_SEPARATOR = re.compile(r"\s+[|•·»›—–-]\s+|\s*\|\s*")
_BYLINE_START = re.compile(
    r"^(?:(?:written|posted|published|submitted|reported|story|words|text|article|analysis|opinion|"
    r"photos?|edited|compiled)\s+)?(?:by|von|par|por|di|da|door|af|av)\b:?\s+|^(?:author|autor(?:in|zy|ka)?|auteur|"
    r"redaktion|автор(?:ы|и)?|текст|συντάκτης|yazar|yazan|作者|记者|記者|文|بقلم|كتب|نویسنده|מאת)s?\s*"
    r"[.:：]\s*|^(?:written|posted|submitted) by\s+|^(?:بقلم|מאת)\s+",
    re.I,
)
_NAME_DIVIDER = re.compile(
    r"\s*(?:,|;|\||/|•|·|\n|&|\s(?:and|und|et|y|e|en|og|och|with|mit)\s)\s*", re.I
)
_NOT_A_NAME = re.compile(
    r"https?:|www\.|@|[<>{}\[\]=]|\d{2}|\b(?:staff writer|correspondent|editor|reporter|published|"
    r"updated|ago|minutes?|read|comments?|follow|twitter|facebook|email|share|view|posts?|more|"
    r"senior(?! (?:airman|chief|master|enlisted)\b)|coordinator|marketing|manager|contributor|"
    r"author|profile|biography|admin(?:istrator)?|guest|redaktion|about|full|bio|"
    r"sat|sun|mon|tue|wed|thu|fri|von|by|quelle|source|nachrichten|team|update)\b",
    re.I,
)
# April Fulton and August Cole are names; "April" and "August 3" are not.
_MONTH = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"(?:\W*\d.*)?$",
    re.I,
)
_COLLECTIVE = re.compile(
    r"[^\W\d_][\w.&' -]{0,40}(?:redaktion|editorial (?:team|staff|board)|staff|team|newsroom|desk|"
    r"editors?|contributors?|writers?|rédaction|redacción|redazione|redactie|redaksjonen)$",
    re.I,
)
"""A house's own name for those who wrote it; counts where no person is named."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The answers for one page; empty where the page says nothing believable."""

    title: str = ""
    authors: tuple[str, ...] = ()
    published: Moment | None = None
    modified: Moment | None = None
    section: str | None = None
    site: str | None = None
    language: str = ""
    """As the page declares it (`lang`), two letters."""
    canonical: str = ""
    """The absolute address that the page calls canonical."""


def read(facts: Facts, url: str, title: str = "") -> Metadata:
    """All fields of a page; `title` as the feed has it goes before all the page says."""
    published = _published(facts, url)
    modified = _modified(facts)
    if published and modified and modified.at < published.at:
        modified = None
    site = _site(facts)
    return Metadata(
        title=title or _title(facts, site),
        authors=_authors(facts, site),
        published=published,
        modified=modified,
        section=_section(facts),
        site=site,
        language=_language(facts),
        canonical=_canonical(facts, url),
    )


def titles(facts: Facts) -> list[str]:
    """Every way in which the page states its title: each of them may stand repeated in the body."""
    site = _site(facts)
    stated = [_title(facts, site), facts.headline, facts.meta("og:title", "twitter:title")]
    stated += [_without_site(facts.head_title, site)]
    known = list(filter(None, stated))
    # Some pages head their chapters with an `h1` too.
    stated += [h for at, h in enumerate(facts.h1) if at == 0 or not known or _is_form(h, known)]
    return list(dict.fromkeys(title for title in stated if title))


def _is_form(heading: str, stated: list[str]) -> bool:
    """Whether a heading is some form of a stated title."""
    shown = fold(heading)
    return any(shown in fold(one) or fold(one) in shown for one in stated) or _is_near(
        heading, stated
    )


def authors(facts: Facts) -> tuple[str, ...]:
    """The authors that the page names."""
    return _authors(facts, _site(facts))


def description(facts: Facts) -> str:
    """What the page says of its article in one sentence: the standfirst, often."""
    stated = facts.article.get("description")
    return facts.meta("og:description", "description", "twitter:description") or (
        _plain(stated) if isinstance(stated, str) else ""
    )


class Facts:
    """The places of a page where metadata stand, read once."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.tree = page.tree
        self.data = page.data

    @cached_property
    def metas(self) -> dict[str, str]:
        """`<meta>` by lower-case name; the first of a name counts."""
        found: dict[str, str] = {}
        # Microdata's author may be that of a reference: `_marked_authors` reads it, later.
        for tag in self.tree.xpath("//meta[@content][not(@itemprop='author')]"):
            for name in (tag.get("property"), tag.get("name"), tag.get("itemprop")):
                if name and tag.get("content").strip():
                    found.setdefault(name.strip().lower(), _plain(tag.get("content")))
        return found

    def meta(self, *names: str) -> str:
        return next((self.metas[name] for name in names if self.metas.get(name)), "")

    @cached_property
    def article(self) -> dict[str, Any]:
        """The JSON-LD object of the article itself, if any."""
        for thing in self.data:
            kinds = thing.get("@type")
            for kind in kinds if isinstance(kinds, list) else [kinds]:
                if isinstance(kind, str) and kind.endswith(_ARTICLE_TYPES):
                    return thing
        return {}

    @cached_property
    def web_page(self) -> dict[str, Any]:
        return next((thing for thing in self.data if thing.get("@type") == "WebPage"), {})

    @cached_property
    def headline(self) -> str:
        value = self.article.get("headline") or self.article.get("name")
        return _plain(value) if isinstance(value, str) else ""

    @cached_property
    def h1(self) -> list[str]:
        found = (_element_text(tag) for tag in self.tree.xpath("//body//h1")[:10])
        return [text for text in found if text]

    @cached_property
    def behind_title(self) -> list[Any]:
        """The elements that follow the first `h1`, as far as a byline can stand."""
        first = self.tree.xpath("(//body//h1)[1]") or self._shown_title()
        return list(first[0].xpath("following::*")[:BYLINE_ELEMENTS]) if first else []

    def _shown_title(self) -> list[Any]:
        """What shows the title on a page without an `h1`: the first element that says it."""
        wanted = fold(_PAGE_NUMBER.sub("", self.meta("og:title") or self.head_title))
        shown = self.tree.xpath(
            "//body//*[self::h2 or self::h3 or self::b or self::strong or "
            "self::span or self::font or self::p or self::div]"
        )
        for tag in shown[:TITLE_ELEMENTS]:
            said = fold(_element_text(tag)) if len(tag) <= 2 else ""
            if len(said) > max(8, len(wanted) / 2) and said in wanted:
                return [tag]
        return []

    @cached_property
    def head_title(self) -> str:
        return next((_element_text(tag) for tag in self.tree.xpath("//head//title")[:1]), "")


def _plain(value: str) -> str:
    """One line of plain text: JSON-LD and metas often hold escaped markup."""
    for _ in range(2):
        if "&" in value:
            value = html.unescape(value)
    return " ".join(re.sub(r"</?[a-z][^<>]{0,200}>", " ", value, flags=re.I).split())


def _element_text(tag: Any) -> str:
    """The words of an element on one line, with a space where a block begins or ends.

    Bounded: of what is longer than any title, byline or date only the beginning is told.
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


def _spaced_text(tag: Any) -> str:
    """The same with a space between all its parts, as stylesheets set them apart."""
    return " ".join(" ".join(islice(tag.itertext(), 40)).split())


# ---------------------------------------------------------------------------- title


def _title(facts: Facts, site: str | None) -> str:
    """JSON-LD headline; an `h1` that the head confirms, or nearly; og:title; `<title>`; any `h1`.

    Where no headline is stated, what readers see goes before what was written for search.
    """
    headline = _without_site(facts.headline, site)
    shared = _without_site(facts.meta("og:title", "twitter:title", "dc.title"), site)
    in_head = _longest_part(_without_site(_PAGE_NUMBER.sub("", facts.head_title), site))
    shown = next(filter(None, (_confirmed(h, [shared, in_head], site) for h in facts.h1)), "")
    near = next((h for h in facts.h1 if _is_near(h, [shared, in_head])), "")
    if not _speaks_of(headline, [shared, in_head, *facts.h1]):
        headline = ""  # JSON-LD of something else on the page
    stated = next(filter(None, (headline, shown, near, shared)), "")
    title = stated or next(filter(None, (_marked_heading(facts, in_head), in_head, *facts.h1)), "")
    heading = _without_site(facts.h1[0], site) if facts.h1 else ""
    return _whole(_without_kicker(title, shared), heading)


def _marked_heading(facts: Facts, in_head: str) -> str:
    """A heading that its class calls the title of the entry, and that `<title>` ends with: blogs
    have their own name in the `h1` and before the title."""
    query = "//body//*[self::h2 or self::h3][contains(@class,'title') or @itemprop='headline']"
    shown = (_element_text(tag) for tag in facts.tree.xpath(query)[:20])
    said = fold(in_head)
    return next((one for one in shown if len(one) > 8 and said.endswith(f" {fold(one)}")), "")


def _speaks_of(headline: str, stated: list[str]) -> bool:
    """Whether a headline shares a word with any other title of the page, where there is one; a
    script without spaces has no words to share, but one title stands within the other."""
    said = fold(headline)
    others = [fold(text) for text in stated if text]
    return not others or any(
        said in other or not set(said.split()).isdisjoint(other.split()) for other in others
    )


def _without_kicker(title: str, shared: str) -> str:
    """ "Talks in Brussels: Ministers agree" is "Ministers agree" where og:title says no more."""
    long, short = fold(title).split(), fold(shared).split()
    kicker = len(long) - len(short)
    is_one = len(short) >= 3 and 0 < kicker <= KICKER_WORDS and long[kicker:] == short
    return shared if is_one else title


def _whole(title: str, heading: str) -> str:
    """The first heading where it is the title and goes on: headlines for machines are cut."""
    return heading if title and fold(heading).startswith(f"{fold(title)} ") else title


def _is_near(heading: str, stated: list[str]) -> bool:
    """Whether a heading shares enough words with a stated title to be another form of it."""
    shown = set(fold(heading).split())
    if len(shown) < 3:
        return False
    said = [set(fold(text).split()) for text in stated if text]
    return any(len(shown & one) >= NEAR_WORDS * min(len(shown), len(one)) for one in said if one)


def _confirmed(heading: str, stated: list[str], site: str | None) -> str:
    """A heading as far as the head of the page says it too: without the kicker before it."""
    shown = fold(heading)
    if not shown or shown == fold(site or ""):
        return ""
    for text in stated:
        said = fold(text)
        if said and shown != said and shown.endswith(said):
            return text
        if _confirms(said, shown):
            return heading
    return ""


def _confirms(stated: str, shown: str) -> bool:
    """Whether a stated title speaks of the heading shown: all of it, or most."""
    if len(shown) <= 8 or not stated:
        return shown == stated
    return (shown in stated and len(shown) > 0.4 * len(stated)) or stated in shown


def _without_site(title: str, site: str | None) -> str:
    """A title with the site's name taken off its end (or its beginning)."""
    parts = _TITLE_SEPARATOR.split(title)
    ours = fold(site or "")
    if len(parts) < 2 or not ours:
        return title
    for part, rest in (
        (parts[-1], title[: title.rfind(parts[-1])]),
        (parts[0], title[len(parts[0]) :]),
    ):
        said = fold(part)
        if said and (said in ours or ours in said):
            return rest.strip(" |•·»›—–-")
    return title


def _longest_part(title: str) -> str:
    """A `<title>` without its shorter parts, where one part is most of it."""
    longest = max(_TITLE_SEPARATOR.split(title), key=len)
    return longest if len(longest) > 0.6 * len(title) else title


# -------------------------------------------------------------------------- authors


def _authors(facts: Facts, site: str | None) -> tuple[str, ...]:
    """Persons in JSON-LD; metas; `rel=author`, `itemprop`; a byline by its class, its link or its
    words. Where no person is named, the desk or publisher that the page itself calls the author.
    """
    house: list[str] = []
    ours = site or _site_in_title(facts)
    for source in _AUTHOR_SOURCES:
        texts = list(source(facts))
        names = list(dict.fromkeys(name for text in texts for name in split_names(text)))
        persons = [name for name in names if not _is_publisher(name, ours)]
        if _is_address(names, persons):
            persons = []
        if persons:
            return tuple(persons[:10])
        desks = [text.strip() for text in texts if _COLLECTIVE.fullmatch(text.strip())]
        house = house or desks or (names if source in _STATED else [])
    return tuple(house[:1])


def _site_in_title(facts: Facts) -> str | None:
    """The last part of `<title>`, where the part before it is the title shown."""
    title, _, last = facts.head_title.rpartition(" | ")
    return last if title and any(fold(title) in fold(h) for h in facts.h1) else None


def _is_address(names: list[str], persons: list[str]) -> bool:
    """ "The Courier, Paris, France": a publisher, and behind it where it is."""
    return len(names) > 2 and names[1:] == persons and not any(" " in name for name in persons)


def _is_publisher(name: str, site: str | None) -> bool:
    said, ours = fold(name), fold(site or "")
    return bool(re.search(r"\w\.\w{2,4}$", name)) or (
        bool(ours) and (said in ours or ours in said or said.replace(" ", "") in ours)
    )


def feed_authors(stated: Iterable[str]) -> tuple[str, ...]:
    """The names in a feed's author fields, one each.

    RSS wants "address (Name)" (RSS 2.0.11, `<author>`), WordPress puts all names into one field.
    What does not split into full names stays as stated: "Ek, Bo" is one person.
    """
    found: list[str] = []
    for one in stated:
        inside = re.search(r"\(([^()]{3,80})\)?\s*$", one)
        text = inside.group(1) if inside and "(" in one else one
        names = split_names(text)
        whole = not names or ("," in text and any(" " not in name for name in names))
        found += [text.strip()] if whole else names
    return tuple(dict.fromkeys(name for name in found if name))


def split_names(text: str) -> list[str]:
    """The names in a byline: "By Ann Lee and Bo Ek, Berlin correspondent" -> Ann Lee, Bo Ek."""
    if "://" in text or "@" in text:
        return []
    text = _KOREAN_OFFICE.sub("", text)
    text = _BYLINE_START.sub("", " ".join(text.split()).strip(" .,:|-–—"))
    parts = (part.strip(" .,:|-–—*()") for part in _NAME_DIVIDER.split(text))
    return [part for part in parts if _is_name(part)]


def _is_name(text: str) -> bool:
    parts = text.split()
    if _IDEOGRAPHS.fullmatch(text):
        return True
    return (
        1 <= len(parts) <= (7 if _RANK.match(text) else 5)
        and 3 <= len(text) <= 60
        and not _NOT_A_NAME.search(text)
        and not _MONTH.match(text)
        and text[0].isalpha()
        and not (text.islower() and len(parts) > 1)
    )


_IDEOGRAPHS = re.compile(r"[\u4e00-\u9fff]{2,4}|[\uac00-\ud7af]{2,4}")
_KOREAN_OFFICE = re.compile(r"(?<=[\uac00-\ud7af]) ?(?:선임)?(?:기자|특파원|논설위원)\b.*")
_RANK = re.compile(
    r"(?:petty officer|chief|mass communication specialist|master|senior|staff|tech(?:nical)?|"
    r"first|1st|2nd|lance|gunnery|sgt|lt|capt|maj|cmdr)\b",
    re.I,
)
"""Military ranks make a name longer: "Mass Communication Specialist 2nd Class Ann Lee"."""


def _data_authors(facts: Facts) -> Iterator[str]:
    value = facts.article.get("author") or facts.article.get("creator")
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            one = one.get("name") or _by_id(facts, one.get("@id"))
        for name in one if isinstance(one, list) else [one]:
            if isinstance(name, str):
                yield _plain(name)


def _by_id(facts: Facts, ident: Any) -> Any:
    """A name behind an `@id` reference inside the same JSON-LD graph."""
    if not ident:
        return None
    return next(
        (t.get("name") for t in facts.data if t.get("@id") == ident and t.get("name")), None
    )


def _meta_authors(facts: Facts) -> Iterator[str]:
    for name in _AUTHOR_METAS:
        value = facts.meta(name)
        if value and (split_names(value) or _COLLECTIVE.fullmatch(value)):
            yield value
            return
    # Search engine plugins tell Twitter's cards what a label means and what stands behind it.
    if _WRITTEN_BY.search(facts.meta("twitter:label1")):
        yield facts.meta("twitter:data1")


_WRITTEN_BY = re.compile(
    r"\b(?:by|von|par|por|da|door|av|af|przez)$|^(?:author|autor|auteur|verfasst|écrit)", re.I
)


def _marked_authors(facts: Facts) -> Iterator[str]:
    query = (
        "//body//*[@rel='author' or @itemprop='author' or @typeof or contains(@class,'card')]"
        f"[not(ancestor::{_COMMENTS})][not(ancestor::blockquote)]"
    )
    marked = (tag for tag in facts.tree.xpath(query) if _is_person(tag))
    for tag in (*islice(marked, 6), *facts.tree.xpath("//head//meta[@itemprop='author']")[:2]):
        name = next(iter(tag.xpath(".//*[@itemprop='name']")), tag)
        yield name.get("content") or _element_text(name)[:120]


def _is_person(tag: Any) -> bool:
    """Marked as the author, or as a person: vCard and h-card in classes, RDFa in `typeof`."""
    names = tag.get("class") or ""
    return (
        tag.get("rel") == "author"
        or tag.get("itemprop") == "author"
        or "vcard" in names
        or "h-card" in names.split()
        or "Person" in (tag.get("typeof") or "")
    )


def _byline_authors(facts: Facts) -> Iterator[str]:
    names = ("byline", "Byline", "author", "Author")
    query = (
        "//body//*[" + " or ".join(f"contains(@class,'{name}')" for name in names) + "]"
        f"[not(ancestor::{_COMMENTS})][not(ancestor::blockquote)]"
    )
    for tag in facts.tree.xpath(query)[:12]:
        text = _element_text(tag)
        links = [_element_text(link) for link in tag.iter("a")][:5]
        named = [link for link in links if split_names(link)]
        if not named and not split_names(text):
            text = _undated(text)
        told = named or split_names(text) or _COLLECTIVE.fullmatch(text)
        if 3 <= len(text) <= 120 and told:
            yield from named or [text]
            return


def _linked_authors(facts: Facts) -> Iterator[str]:
    """Links to the page of an author, behind the title."""
    for tag in facts.behind_title:
        href = tag.get("href") if tag.tag == "a" else None
        text = _element_text(tag) if href and _AUTHOR_PAGE.search(href) else ""
        if split_names(text) or _COLLECTIVE.fullmatch(text):
            yield text


def _spoken_authors(facts: Facts) -> Iterator[str]:
    """A short text behind the title that begins like a byline."""
    for tag in facts.behind_title:
        text = _element_text(tag)
        if len(text) <= 90 and _SPOKEN.match(text) and split_names(_undated(text)):
            yield _undated(text)
            return


def _undated(byline: str) -> str:
    """A byline without the date, and all else, behind the names."""
    date_at, _ = dates.written_span(byline) or (len(byline), 0)
    return _SPOKEN_END.split(byline[:date_at])[0]


def _labelled_authors(facts: Facts) -> Iterator[str]:
    """A name behind a label ("Autor:", "作者："), or before the Korean word for a reporter."""
    for tag in facts.behind_title:
        text = _spaced_text(tag)
        if len(text) <= 120 and (told := _LABELLED.search(text)):
            yield told["name"] or told["reporter"]
            return


_LABELLED = re.compile(
    r"(?:^|[\s|/·])(?:autor(?:in|zy|ka)?|автор|συντάκτης|yazar|作者|记者|記者|نویسنده)\s?[.:：]\s?"
    r"(?P<name>[^\W\d_][^|/:：·\d]{1,40}?)(?=\s*(?:$|[|/·\d]|\s[-–—]\s))"
    r"|(?P<reporter>[\uac00-\ud7af]{2,4}) ?(?:선임)?(?:기자|특파원)(?=$|\s)",
    re.I,
)


def _paragraph_authors(facts: Facts) -> Iterator[str]:
    """A paragraph that is nothing but a byline, as guests' texts have it at their end."""
    for tag in facts.tree.xpath(f"//body//p[not(ancestor::{_COMMENTS})]"):
        text = _element_text(tag) if len(tag) <= 3 else ""
        if 6 <= len(text) <= 60 and _SPOKEN.match(text):
            names = split_names(text)
            if names and all(len(name.split()) >= 2 and name.istitle() for name in names):
                yield text
                return


_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|by|staff|people|contributors?|profiles?|newsteam|"
    r"reporters?|journalists?|writers?|staff-contributors|bios?)/\w"
)
_SPOKEN = re.compile(
    r"(?:(?:written|words|story|text|posted|published|submitted) )?"
    r"(?:by|von|par|por|بقلم|מאת)\b:? +[^\W\d_]",
    re.I,
)
_SPOKEN_END = re.compile(
    r"\s+[|•·–—-]\s+|\s+(?:on|am|le|el)\s+\w+,? \d|\d(?!(?:st|nd|rd) class\b)", re.I
)
_STATED = (_data_authors, _meta_authors, _marked_authors)
"""Sources in which a page calls somebody its author; bylines are only our reading."""
_AUTHOR_SOURCES = (
    _data_authors,
    _meta_authors,
    _marked_authors,
    _linked_authors,
    _byline_authors,
    _spoken_authors,
    _labelled_authors,
    _paragraph_authors,
)


# ---------------------------------------------------------------------------- dates


_DAY_FIRST = words("gb uk ie au nz in za")
"""Regions that write English, and 2/10 for the second of October."""


def _day_first(facts: Facts) -> bool:
    """Whether the page's own language writes the day before the month; unsure: no."""
    language, region = _language(facts), _declared(facts).partition("-")[2]
    if language == "en":
        return region in _DAY_FIRST
    return bool(language) and region != "us"  # "English" in a <meta> is no language


def _published(facts: Facts, url: str) -> Moment | None:
    """JSON-LD; metas; microdata; `<time>`; a date by its class; the address."""
    day_first = _day_first(facts)
    stated = chain(
        _stamps(facts, "datePublished", "dateCreated"),
        (facts.meta(name) for name in _PUBLISHED_METAS),
        _marked_dates(facts, "datePublished"),
    )
    return (
        _most_exact(_read_all(stated, day_first), _read_all(_time_tags(facts), day_first))
        or _visible_date(facts, day_first)
        or _date_behind_title(facts, day_first)
        or dates.read_url(url)
    )


def _read_all(stamps: Iterable[str], day_first: bool) -> Iterator[Moment]:
    return (at for stamp in stamps if (at := dates.read_stamp(stamp, day_first=day_first)))


def _most_exact(stated: Iterator[Moment], shown: Iterator[Moment]) -> Moment | None:
    """The first; where that names midnight, which mostly means no time at all, the next that names
    a time about that day.

    A time of the day before is that of a draft. One that is only shown may be another article's: it
    must be of the day itself.
    """
    first = next(chain(stated, shown), None)
    if first is None or first.at.time() != time():
        return first
    of_the_day = (one for one in shown if first.at.date() in _days(one, first))
    timed = (one for one in chain(stated, of_the_day) if one.at.time() != time())
    about = (one for one in timed if abs(one.at - first.at) < _ABOUT)
    return next((one for one in about if first.at.date() <= max(_days(one, first))), first)


def _days(one: Moment, other: Moment) -> tuple[date, date]:
    """The day of a moment in its own zone, and in that of another."""
    return one.at.date(), one.at.astimezone(other.at.tzinfo).date()


_ABOUT = timedelta(hours=36)


def _modified(facts: Facts) -> Moment | None:
    stamps = chain(
        _stamps(facts, "dateModified"),
        (facts.meta(name) for name in _MODIFIED_METAS),
        _marked_dates(facts, "dateModified"),
        _time_of_update(facts),
    )
    return next(_read_all(stamps, _day_first(facts)), None)


def _time_of_update(facts: Facts) -> Iterator[str]:
    """`<time>` marked as that of an update and of nothing else, as WordPress and hAtom have it."""
    query = (
        "//body//time[contains(@class,'updated') or contains(@class,'modified')]"
        f"[not(contains(@class,'publish'))][not(ancestor::aside or ancestor::{_COMMENTS})]"
    )
    for tag in facts.tree.xpath(query)[:1]:
        yield tag.get("datetime") or _element_text(tag)


def _stamps(facts: Facts, *names: str) -> Iterator[str]:
    for thing in (facts.article, facts.web_page):
        for name in names:
            if isinstance(thing.get(name), str):
                yield thing[name]


def _marked_dates(facts: Facts, name: str) -> Iterator[str]:
    for tag in facts.tree.xpath(f"//*[@itemprop='{name}']")[:3]:
        yield tag.get("content") or tag.get("datetime") or _element_text(tag)


def _time_tags(facts: Facts) -> Iterator[str]:
    """`<time>`: first those marked as publication, then the first outside of side matter.

    The marked ones may stand in the footer of the article; others, without an `h1`, are listed.
    """
    tags = facts.tree.xpath(
        "//body//time[not(ancestor::aside or ancestor::nav or ancestor::blockquote)]"
        "[not(ancestor::footer[not(ancestor::article[.//h1])])]"
        f"[not(ancestor::{_COMMENTS} or ancestor::*[contains(@class,'related')])]"
    )[:20]
    marked = [tag for tag in tags if re.search("publish|entry-date|posted|pubdate", _class(tag))]
    plain = [
        tag
        for tag in tags
        if not re.search("updated|modified", _class(tag)) and not tag.xpath("ancestor::footer")
    ]
    for tag in (*marked, *plain):
        yield tag.get("datetime") or _element_text(tag)
        yield _element_text(tag)


def _class(tag: Any) -> str:
    return f"{tag.get('class') or ''} {'pubdate' if tag.get('pubdate') is not None else ''}".lower()


def _visible_date(facts: Facts, day_first: bool) -> Moment | None:
    """A short text with a date, in an element whose class or id speaks of date or byline."""
    query = (
        "//body//*["
        + " or ".join(
            f"contains(translate(concat(@class,' ',@id),'DTPM','dtpm'),'{word}')"
            for word in ("date", "time", "publish", "posted", "meta", "byline", "info")
        )
        + "][not(ancestor::aside or ancestor::nav or ancestor::footer or ancestor::blockquote)]"
        f"[not(ancestor-or-self::{_COMMENTS})]"
    )
    for tag in facts.tree.xpath(query)[:60]:
        moment = _date_in(tag, 150, day_first)
        if moment:
            return moment
    return None


def _date_behind_title(facts: Facts, day_first: bool) -> Moment | None:
    read = (_date_in(tag, 120, day_first) for tag in facts.behind_title)
    return next((at for at in read if at), None)


def _date_in(tag: Any, most: int, day_first: bool) -> Moment | None:
    """The date in an element of at most so much text."""
    text = _element_text(tag)
    if not 6 <= len(text) <= most:
        return None
    told = dates.read_written(text, day_first=day_first)
    return told or (
        dates.read_written(_spaced_text(tag), day_first=day_first) if len(tag) else None
    )


# ------------------------------------------------------------- section, site, address


def _section(facts: Facts) -> str | None:
    """First specific one of: JSON-LD articleSection, metas, category links (`rel=category`)."""
    stated = facts.article.get("articleSection")
    values = [stated] if isinstance(stated, str) else list(stated or ())
    values += [facts.meta(name) for name in _SECTION_METAS]
    links = "//body//a[contains(@rel,'category')] | //body//*[contains(@class,'cat-links')]//a"
    values += [_element_text(tag) for tag in facts.tree.xpath(links)[:5]]
    return first_specific(_plain(value) for value in values if isinstance(value, str))


def first_specific(names: Iterable[str]) -> str | None:
    """The first section name that says something; a generic one only if there is no other."""
    kept = [name.strip() for name in names if 1 < len(name.strip()) <= 60]
    specific = (name for name in kept if name.casefold() not in tables.GENERIC_SECTIONS)
    return next(specific, kept[0] if kept else None)


def _site(facts: Facts) -> str | None:
    """og:site_name; the publisher in JSON-LD; application-name."""
    publisher = facts.article.get("publisher")
    if isinstance(publisher, list):
        publisher = publisher[0] if publisher else None
    name = publisher.get("name") if isinstance(publisher, dict) else publisher
    stated = (facts.meta("og:site_name"), name, facts.meta("application-name"))
    return next((_plain(one) for one in stated if isinstance(one, str) and one.strip()), None)


def _language(facts: Facts) -> str:
    code = _declared(facts).partition("-")[0]
    return code if re.fullmatch("[a-z]{2}", code) else ""


def _declared(facts: Facts) -> str:
    """The language that the page says it is in, as "en-gb"; empty: it says nothing."""
    stated = facts.tree.get("lang") or facts.tree.get("xml:lang")
    declared = stated or facts.meta("og:locale", "content-language", "language")
    return declared.strip().lower().replace("_", "-") if declared else ""


def _canonical(facts: Facts, url: str) -> str:
    """`<link rel=canonical>`, else og:url; absolute (RFC 6596)."""
    links = facts.tree.xpath("//link[@rel='canonical']/@href")[:1]
    value = str(links[0]).strip() if links else facts.meta("og:url")
    try:
        return urljoin(url, value) if value else ""
    except ValueError:
        return ""
