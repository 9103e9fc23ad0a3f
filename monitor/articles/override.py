"""Apply what a user says about one site: where the body is, what to drop, where the title is.

Selectors are CSS (Selectors Level 4 as far as soupsieve knows it).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import soupsieve
from bs4 import Tag

from monitor.articles.body import fragment
from monitor.articles.page import Page, read_page
from monitor.articles.reading import markup_of
from monitor.model import Override


@dataclass(frozen=True, slots=True)
class BadSelector:
    """A selector that cannot be read."""

    field: str
    """"body", "title", or "drop"."""
    index: int
    """Which one of `drop`, from 0."""
    selector: str
    why: str
    line: int
    """Line of the mistake inside the selector, from 1."""
    column: int


@dataclass(frozen=True, slots=True)
class Applied:
    """The result of applying an override to a page."""

    page: Page
    """The page without what was dropped."""
    body: str = ""
    """Markup of the elements that hold the text; empty: the general rules choose."""
    title: str = ""
    dropped: tuple[tuple[str, str], ...] = ()
    """Markup and selector of what was dropped."""
    problems: tuple[str, ...] = ()


def mistakes(override: Override) -> tuple[BadSelector, ...]:
    """The selectors of an override that cannot be read, for the check of the settings."""
    return tuple(bad for one in _selectors(override) if (bad := _mistake(*one)) is not None)


def apply(page: Page, override: Override) -> Applied:
    """Drop, then select. A selector that is bad or matches nothing is reported in `problems`.

    If the body is not found, the general rules choose it: a site that changes its layout causes
    a problem, but no loss of the article. A `drop` that matches nothing is not a problem: not
    every page has every box.
    """
    bad = mistakes(override)
    unread = {(one.field, one.index) for one in bad}
    problems = [f"override: {one.field}: {one.why}" for one in bad]
    soup = fragment(markup_of(page.tree))
    dropped: list[tuple[str, str]] = []
    for index, selector in enumerate(override.drop):
        for tag in [] if ("drop", index) in unread else soup.select(selector):
            if not tag.decomposed and tag.name not in {"html", "body"}:
                dropped.append((str(tag), f"override: drop {selector}"))
                tag.decompose()
    found: dict[str, list[Tag]] = {}
    for field, selector in (("body", override.body), ("title", override.title)):
        if selector and (field, 0) not in unread:
            found[field] = _outermost(soup.select(selector))
            if not found[field]:
                problems.append(f"override: {field}: nothing matches {selector}")
    title = " ".join(found["title"][0].get_text().split()) if found.get("title") else ""
    body = "".join(map(str, found.get("body", [])))
    left = replace(page, tree=read_page(str(soup)).tree) if dropped else page
    return Applied(left, body, title, tuple(dropped), tuple(problems))


def _selectors(override: Override) -> Iterator[tuple[str, int, str]]:
    if override.body:
        yield "body", 0, override.body
    for index, selector in enumerate(override.drop):
        yield "drop", index, selector
    if override.title:
        yield "title", 0, override.title


def _mistake(field: str, index: int, selector: str) -> BadSelector | None:
    try:
        soupsieve.compile(selector)
    except NotImplementedError as error:  # pseudo-elements, such as p::before
        return BadSelector(field, index, selector, str(error), 1, 1)
    except soupsieve.SelectorSyntaxError as error:
        why = str(error).splitlines()[0].rstrip(".:")
        return BadSelector(field, index, selector, why, error.line or 1, error.col or 1)
    return None


def _outermost(tags: list[Tag]) -> list[Tag]:
    """The tags without those nested in another one: their text would come twice."""
    chosen = {id(tag) for tag in tags}
    return [tag for tag in tags if not any(id(above) in chosen for above in tag.parents)]
