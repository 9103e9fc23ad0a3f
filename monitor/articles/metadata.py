"""What a page says about its article: title, authors, dates, section, site, address.

For each field, sources are tried in the order in which the functions below name them, and the first
plausible answer is taken.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from monitor.articles import bylines, page_dates, tables, urls
from monitor.articles.choose import titled_element
from monitor.articles.dates import Moment, read_stamp
from monitor.articles.facts import PAGE_NUMBER, Facts, element_text, plain
from monitor.articles.lines import fold
from monitor.articles.state import Stated

_SECTION_METAS = ["article:section", "parsely-section", "og:article:section", "section", "category"]
KICKER_WORDS = 5
"""Most words of a kicker, the topic that some papers put before a headline."""
NEAR_WORDS = 0.4
"""Two titles that share at least this part of the shorter one's words are forms of one title."""
_TITLE_SEPARATOR = re.compile(r"\s+(?:[|•·»«›‹—–-]|::)\s+|\s*\|\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The metadata of one page; empty where the page says nothing plausible."""

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
    """All fields of a page; `title`, as the feed has it, takes precedence over the page."""
    published = page_dates.published(facts, url)
    modified = page_dates.modified(facts)
    if published and modified and modified.at < published.at:
        modified = None
    return Metadata(
        title=title or _title(facts),
        authors=bylines.authors(facts),
        published=published,
        modified=modified,
        section=_section(facts),
        site=facts.site,
        language=facts.language,
        canonical=_canonical(facts, url),
    )


def with_state(stated: Metadata, found: Stated) -> Metadata:
    """The metadata of a page whose body stands in a state: its gaps filled from there.

    A day that the page states is made exact by a time of that day.
    """
    names = (name for text in found.authors for name in bylines.split_names(text))
    at, published = read_stamp(found.published), stated.published
    day = published.at.date() if published and published.precision == "day" else None
    if at and (not published or day == at.at.date()):
        published = at
    modified = stated.modified or read_stamp(found.modified)
    if published and modified and modified.at < published.at:
        modified = None
    return replace(
        stated,
        title=found.title or stated.title,
        authors=stated.authors or tuple(dict.fromkeys(names))[:10],
        published=published,
        modified=modified,
    )


def titles(facts: Facts) -> list[str]:
    """Every form in which the page states its title: the body may repeat any of them."""
    stated = [_title(facts), facts.headline, facts.meta("og:title", "twitter:title")]
    stated += [_without_site(facts.head_title, facts.site)]
    known = list(filter(None, stated))
    # Some pages use an `h1` for the headings of chapters too, or for the line under the title.
    forms = [h for h in facts.h1 if _is_form(h, known)] if known else facts.h1
    is_title = forms[:1] == facts.h1[:1] or titled_element(facts.tree, fold(known[0])) is None
    stated += [*(facts.h1[:1] if is_title else []), *forms]
    return list(dict.fromkeys(title for title in stated if title))


def _is_form(heading: str, stated: list[str]) -> bool:
    """Whether a heading is some form of a stated title."""
    shown = fold(heading)
    return any(shown in fold(one) or fold(one) in shown for one in stated) or _is_near(
        heading, stated
    )


def description(facts: Facts) -> str:
    """The page's description of its article in one sentence; often the standfirst."""
    stated = facts.article.get("description")
    return facts.meta("og:description", "description", "twitter:description") or (
        plain(stated) if isinstance(stated, str) else ""
    )


# ---------------------------------------------------------------------------- title


def _title(facts: Facts) -> str:
    """JSON-LD headline; an `h1` that the head confirms, or nearly; og:title; `<title>`; any `h1`.

    Without a stated headline, what readers see takes precedence over text for search engines.
    """
    site = facts.site
    headline = _without_site(facts.headline, site)
    shared = _without_site(facts.meta("og:title", "twitter:title", "dc.title"), site)
    in_head = _longest_part(_without_site(PAGE_NUMBER.sub("", facts.head_title), site))
    shown = next(filter(None, (_confirmed(h, [shared, in_head], site) for h in facts.h1)), "")
    near = next((h for h in facts.h1 if _is_near(h, [shared, in_head])), "")
    if not _speaks_of(headline, [shared, in_head, *facts.h1]):
        headline = ""  # the JSON-LD is about something else on the page
    stated = next(filter(None, (headline, shown, near, shared)), "")
    title = stated or next(filter(None, (_marked_heading(facts, in_head), in_head, *facts.h1)), "")
    heading = _without_site(facts.h1[0], site) if facts.h1 else ""
    return _whole(_without_kicker(title, shared), heading)


def _marked_heading(facts: Facts, in_head: str) -> str:
    """A heading marked as the entry's title by its class, if `<title>` ends with it: blogs put
    their own name in the `h1` and before the title."""
    query = "//body//*[self::h2 or self::h3][contains(@class,'title') or @itemprop='headline']"
    shown = (element_text(tag) for tag in facts.tree.xpath(query)[:20])
    said = fold(in_head)
    marked = next((one for one in shown if len(one) > 8 and said.endswith(f" {fold(one)}")), "")
    return marked or _first_part(facts)


def _first_part(facts: Facts) -> str:
    """The first part of `<title>` if the first `h2` of a page without an `h1` is the same."""
    part = _TITLE_SEPARATOR.split(facts.head_title)[0]
    shown = [] if facts.h1 else facts.tree.xpath("(//body//h2)[position() < 4]")
    return part if any(fold(element_text(tag)) == fold(part) for tag in shown) else ""


def _speaks_of(headline: str, stated: list[str]) -> bool:
    """Whether a headline shares a word with any other title of the page, if there is one; in a
    script without spaces, one title must contain the other instead."""
    said = fold(headline)
    others = [fold(text) for text in stated if text]
    return not others or any(
        said in other or not set(said.split()).isdisjoint(other.split()) for other in others
    )


def _without_kicker(title: str, shared: str) -> str:
    """Reduce "Talks in Brussels: Ministers agree" to "Ministers agree" if og:title has no more."""
    long, short = fold(title).split(), fold(shared).split()
    kicker = len(long) - len(short)
    is_one = len(short) >= 3 and 0 < kicker <= KICKER_WORDS and long[kicker:] == short
    return shared if is_one else title


def _whole(title: str, heading: str) -> str:
    """The first heading if it begins with the title and goes on: metadata titles may be cut."""
    return heading if title and fold(heading).startswith(f"{fold(title)} ") else title


def _is_near(heading: str, stated: list[str]) -> bool:
    """Whether a heading shares enough words with a stated title to be another form of it."""
    shown = set(fold(heading).split())
    if len(shown) < 3:
        return False
    said = [set(fold(text).split()) for text in stated if text]
    return any(len(shown & one) >= NEAR_WORDS * min(len(shown), len(one)) for one in said if one)


def _confirmed(heading: str, stated: list[str], site: str | None) -> str:
    """The part of a heading that the page's head confirms, without a kicker before it."""
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
    """Whether a stated title confirms all or most of the heading shown."""
    if len(shown) <= 8 or not stated:
        return shown == stated
    return (shown in stated and len(shown) > 0.4 * len(stated)) or stated in shown


def _without_site(title: str, site: str | None) -> str:
    """A title without the site's name at its end or beginning."""
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
            return rest.strip(" |•·»«›‹—–-")
    return title


def _longest_part(title: str) -> str:
    """The longest part of a `<title>` if that is most of it; otherwise the whole."""
    longest = max(_TITLE_SEPARATOR.split(title), key=len)
    return longest if len(longest) > 0.6 * len(title) else title


# ------------------------------------------------------------- section, site, address


def _section(facts: Facts) -> str | None:
    """First specific one of: JSON-LD articleSection, metas, category links (`rel=category`)."""
    stated = facts.article.get("articleSection")
    values = list(stated) if isinstance(stated, list) else [stated]
    values += [facts.meta(name) for name in _SECTION_METAS]
    links = "//body//a[contains(@rel,'category')] | //body//*[contains(@class,'cat-links')]//a"
    values += [element_text(tag) for tag in facts.tree.xpath(links)[:5]]
    return first_specific(plain(value) for value in values if isinstance(value, str))


def first_specific(names: Iterable[str]) -> str | None:
    """The first specific section name; a generic one only if there is no other."""
    kept = [name.strip() for name in names if 1 < len(name.strip()) <= 60]
    specific = (name for name in kept if name.casefold() not in tables.GENERIC_SECTIONS)
    return next(specific, kept[0] if kept else None)


def _canonical(facts: Facts, url: str) -> str:
    """`<link rel=canonical>`, else og:url; absolute (RFC 6596)."""
    links = facts.tree.xpath("//link[@rel='canonical']/@href")[:1]
    value = str(links[0]).strip() if links else facts.meta("og:url")
    return urls.absolute(url, value) if value else ""
