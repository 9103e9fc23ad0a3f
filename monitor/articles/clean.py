"""Clean text from pages, from the HTML inside feed entries, and from text copied from a page."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from monitor.articles import blocked, bylines, copied, embeds, language, metadata, urls, wordpress
from monitor.articles import override as overrides
from monitor.articles.facts import Facts
from monitor.articles.lines import Known, Line, word_count
from monitor.articles.metadata import Metadata
from monitor.articles.page import Page, read_page
from monitor.articles.reading import Reading, body_markup, read_body, read_markup
from monitor.model import Cleaned, Embed, Entry, Override, utc_text


@dataclass(frozen=True, slots=True)
class Taken:
    """A parsed page: what it states, its body before the final judgement, what went wrong."""

    url: str
    stated: Metadata
    reading: Reading
    page_text: str
    problems: tuple[str, ...]
    overridden: tuple[tuple[str, str], ...] = ()
    """Markup and selector of what an override dropped."""
    post: str = ""
    """`Cleaned.post`"""


def clean_page(
    html: bytes | str,
    url: str,
    *,
    content_type: str = "",
    title: str = "",
    override: Override | None = None,
    furniture: frozenset[int] = frozenset(),
) -> Cleaned:
    """Clean a whole page: body, metadata, embeds.

    `title` is the article's title as the feed has it, when known; `override` what the settings
    say about its site; `furniture` the hashes of lines learned from its source (`furniture.learn`).
    Never raises because of the page's content: a page that gives no article has an empty text and
    says why in `problems`.
    """
    return finish(
        take(
            html, url, content_type=content_type, title=title, override=override,
            furniture=furniture,
        )
    )  # fmt: skip


def take(
    html: bytes | str,
    url: str,
    *,
    content_type: str = "",
    title: str = "",
    override: Override | None = None,
    furniture: frozenset[int] = frozenset(),
    explain: bool = False,
) -> Taken:
    """All of `clean_page` but the final judgement, for it and for `explain.explain_page`."""
    page = read_page(html, content_type)
    applied = overrides.apply(page, override) if override else overrides.Applied(page)
    facts = Facts(applied.page)
    # Before the body: reading that removes foreign elements from the tree.
    stated = metadata.read(facts, url, title or applied.title)
    known = Known(
        tuple(filter(None, [title, applied.title, *metadata.titles(facts)])),
        stated.authors,
        furniture,
    )
    page_text, post = _page_text(applied.page), wordpress.address(applied.page.tree, url)
    reading = read_body(facts, url, known, selected=applied.body, explain=explain)
    if reading.stated:
        stated = metadata.with_state(stated, reading.stated)
    problems = (*applied.page.problems, *applied.problems)
    return Taken(url, stated, reading, page_text, problems, applied.dropped, post)


def finish(taken: Taken) -> Cleaned:
    """The final judgement: whether it is an article at all."""
    text, found = taken.reading.text, taken.reading.embeds
    problems = list(taken.problems)
    # Some of a wall's words are furniture: they are missing from the text, not from the lines.
    said = "\n".join(line.text for line in taken.reading.lines)
    wall = blocked.why_blocked(taken.stated.title, text, said, taken.page_text)
    if wall:
        problems.append(wordpress.WALL.format(wall))
        text, found = "", ()
    elif not text:
        problems.append(wordpress.NO_TEXT)
    made = _cleaned(taken.stated, taken.url, text, found, taken.reading.method, problems)
    return replace(made, furniture=taken.reading.furniture, post=taken.post)


def clean_entry(
    entry: Entry, *, site_language: str = "", furniture: frozenset[int] = frozenset()
) -> Cleaned:
    """Clean the HTML inside a feed entry, by the same line rules; `method` is "feed" or "summary".

    The summary is taken if it says more than the content, which in some feeds is only a picture.
    `authors` has one name per item, even if the feed put several into one field.
    """
    authors = bylines.feed_authors(entry.authors)
    known = Known((entry.title,), authors, furniture)
    method = "feed" if entry.content_html.strip() else "summary"
    page, reading = _of_markup(entry.content_html.strip() or entry.summary_html, known, method)
    if method == "feed" and len(reading.text) < len(entry.summary_html):
        summary = _of_markup(entry.summary_html, known, "summary")
        if word_count(summary[1].text) > word_count(reading.text):
            method, found = "summary", summary[1].embeds or reading.embeds
            page, reading = summary[0], replace(summary[1], embeds=found)
    text = reading.text
    moment = entry.published or entry.updated
    return Cleaned(
        url=entry.link,
        canonical_url=urls.canonical(entry.link),
        title=entry.title,
        authors=authors,
        published=moment,
        published_precision="second" if moment else "",
        modified=entry.updated if entry.updated != moment else None,
        section=metadata.first_specific(entry.categories),
        language=language.detect(text) or entry.language or site_language,
        text=text,
        embeds=reading.embeds,
        method=method,
        problems=page.problems if page.problems != ("no elements",) else (),
        furniture=reading.furniture,
    )


def _of_markup(html: str, known: Known, method: str) -> tuple[Page, Reading]:
    page = read_page(html)
    return page, read_markup(body_markup(page), known, method)


def clean_text(text: str) -> Cleaned:
    """Clean text copied from a page, recognising title line, meta line and boilerplate."""
    head = copied.read(text)
    kept, found = embeds.split_copied(list(head.lines))
    body = Reading(tuple(Line(line) for line in kept), Known((head.title,)), "copied").text
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
    """The body of a page alone: paragraphs separated by an empty line; empty if there is none."""
    facts = Facts(read_page(html))
    known = Known(tuple(metadata.titles(facts)), bylines.authors(facts))
    return read_body(facts, url, known).text


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
    return utc_text(at) if at else None


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


def _page_text(page: Page) -> str:
    body = page.tree.find("body")
    return " ".join("".join(body.itertext()).split()) if body is not None else ""
