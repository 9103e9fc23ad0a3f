"""Clean text from pages, from the HTML inside feed entries, and from text copied from a page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from lxml import etree

from monitor.articles import blocked, copied, embeds, language, metadata, urls
from monitor.articles import lines as line_rules
from monitor.articles.body import clean_soup, fragment
from monitor.articles.choose import choose
from monitor.articles.lines import Line
from monitor.articles.metadata import Metadata
from monitor.articles.page import Page, read_page
from monitor.model import Cleaned, Embed, Entry

DOUBT_CHARS = 500
"""A body so short is doubted: the page may keep it elsewhere than in its tree."""
DOUBT_TIMES = 2
"""JSON-LD's articleBody, often shortened and without paragraphs, must have so many times more."""


def clean_page(html: bytes | str, url: str, *, content_type: str = "", title: str = "") -> Cleaned:
    """A whole page: body, metadata, embeds.

    `title` is the article's title as the feed has it, when known. Never raises for what the page
    holds: a page that gives no article has an empty text and says why in `problems`.
    """
    page = read_page(html, content_type)
    facts = metadata.Facts(page)
    stated = metadata.read(facts, url, title)
    text, found, method = _body(facts, url, [title, *metadata.titles(facts)])
    problems = list(page.problems)
    wall = blocked.why_blocked(stated.title, text, _page_text(page))
    if wall:
        problems.append(f"{wall} instead of an article")
        text, found = "", ()
    elif not text:
        problems.append("no article text found")
    return _cleaned(stated, url, text, found, method, problems)


def clean_entry(entry: Entry, *, site_language: str = "") -> Cleaned:
    """The HTML inside a feed entry, by the same line rules; `method` is "feed" or "summary"."""
    full = bool(entry.content_html.strip())
    page = read_page(entry.content_html if full else entry.summary_html)
    text, found = _read_markup(_inner(page), [entry.title])
    moment = entry.published or entry.updated
    return Cleaned(
        url=entry.link,
        canonical_url=urls.canonical(entry.link),
        title=entry.title,
        authors=entry.authors,
        published=moment,
        published_precision="second" if moment else "",
        modified=entry.updated if entry.updated != moment else None,
        section=metadata.first_specific(entry.categories),
        language=language.detect(text) or entry.language or site_language,
        text=text,
        embeds=found,
        method="feed" if full else "summary",
        problems=page.problems if page.problems != ("no elements",) else (),
    )


def clean_text(text: str) -> Cleaned:
    """Text as copied from a page: title line, meta line and boilerplate recognised."""
    head = copied.read(text)
    kept, found = embeds.split_copied(list(head.lines))
    body = _join(line_rules.article_lines([Line(line) for line in kept], [head.title]))
    return Cleaned(
        title=head.title,
        published=head.published.at if head.published else None,
        published_precision=head.published.precision if head.published else "",
        section=head.section,
        language=language.detect(body),
        text=body,
        embeds=found,
        method="copied",
        problems=() if body else ("no article text found",),
    )


def body_text(html: str, url: str) -> str:
    """The body of a page alone: paragraphs divided by an empty line; empty when there is none."""
    facts = metadata.Facts(read_page(html))
    return _body(facts, url, metadata.titles(facts))[0]


def cleaned_as_json(
    cleaned: Cleaned,
    id: str | None = None,  # noqa: A002 - the contract's name
) -> dict[str, Any]:
    """The line that `monitor clean` prints for a page, ready for `json.dumps`."""
    return {
        "id": id,
        "url": cleaned.url,
        "canonical_url": cleaned.canonical_url,
        "title": cleaned.title,
        "authors": list(cleaned.authors),
        "published": _stamp(cleaned.published),
        "published_precision": cleaned.published_precision or None,
        "modified": _stamp(cleaned.modified),
        "section": cleaned.section,
        "site": cleaned.site,
        "language": cleaned.language,
        "text": cleaned.text,
        "embeds": [{"kind": e.kind, "text": e.text, "url": e.url} for e in cleaned.embeds],
        "method": cleaned.method,
        "words": cleaned.words,
        "problems": list(cleaned.problems),
    }


def _stamp(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def _cleaned(
    stated: Metadata,
    url: str,
    text: str,
    found: tuple[Embed, ...],
    method: str,
    problems: list[str],
) -> Cleaned:
    published = stated.published
    return Cleaned(
        url=url,
        canonical_url=urls.canonical(url, stated.canonical) or urls.canonical(stated.canonical),
        title=stated.title,
        authors=stated.authors,
        published=published.at if published else None,
        published_precision=published.precision if published else "",
        modified=stated.modified.at if stated.modified else None,
        section=stated.section,
        site=stated.site,
        language=language.detect(text) or stated.language,
        text=text,
        embeds=found,
        method=method,
        problems=tuple(dict.fromkeys(problems)),
    )


def _body(
    facts: metadata.Facts, url: str, titles: Sequence[str]
) -> tuple[str, tuple[Embed, ...], str]:
    """Text, embeds and method of a page; where its tree gives hardly any text, of what else it
    holds. Takes what is foreign out of the tree.
    """
    first = _chosen(facts, facts.page, url, titles)
    stated = facts.article.get("articleBody")
    doubted = len(first[0]) < DOUBT_CHARS
    if doubted and isinstance(stated, str) and len(stated) > DOUBT_TIMES * len(first[0]):
        lines = [Line(text) for raw in stated.splitlines() if (text := " ".join(raw.split()))]
        kept = line_rules.article_lines(lines, titles, metadata.authors(facts))
        return _join(kept), first[1], "page:json-ld"
    if doubted and facts.page.templates:
        hidden = read_page(max(facts.page.templates, key=len))
        text, found, _ = _chosen(facts, hidden, url, titles)
        if len(text) > DOUBT_CHARS:
            return text, found, "page:template"
    return first


def _chosen(
    facts: metadata.Facts, page: Page, url: str, titles: Sequence[str]
) -> tuple[str, tuple[Embed, ...], str]:
    """Text, embeds and method of the container chosen in a tree."""
    title = next(filter(None, titles), "")
    choice = choose(page.tree, title, urls.host(url), metadata.description(facts))
    for element in choice.foreign:
        _detach(element, choice.elements)
    markup = "".join(map(_markup, choice.elements))
    text, found = _read_markup(markup, titles, metadata.authors(facts))
    return text, found, choice.method


def _read_markup(
    markup: str, titles: Sequence[str], authors: Sequence[str] = ()
) -> tuple[str, tuple[Embed, ...]]:
    if not markup:
        return "", ()
    found, posts = clean_soup(fragment(markup))
    return _join(line_rules.article_lines(found, titles, authors)), posts


def _markup(element: Any) -> str:
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def _detach(element: Any, chosen: Sequence[Any]) -> None:
    """Take an element out of its tree, leaving the text behind it in place."""
    above = element.getparent()
    if above is None or any(element is one or element in one.iterancestors() for one in chosen):
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        above.text = (above.text or "") + element.tail
    above.remove(element)


def _inner(page: Page) -> str:
    body = page.tree.find("body")
    return _markup(body) if body is not None else ""


def _page_text(page: Page) -> str:
    body = page.tree.find("body")
    return " ".join("".join(body.itertext()).split()) if body is not None else ""


def _join(kept: Sequence[Line]) -> str:
    return "\n\n".join(line.text for line in kept)
