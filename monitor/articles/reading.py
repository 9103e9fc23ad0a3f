"""Read a page's body: choose the container, clean it, and read it as lines to be judged."""

from __future__ import annotations

import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from lxml import etree

from monitor.articles import metadata, state, urls
from monitor.articles.body import clean_soup, fragment
from monitor.articles.choose import (
    Choice,
    choose,
    names_furniture,
    surely_furniture,
    title_heading,
)
from monitor.articles.facts import Facts
from monitor.articles.fingerprint import line_hash
from monitor.articles.lines import Known, Line, article_lines, fold, is_head_matter
from monitor.articles.page import Page, read_page
from monitor.model import Embed

DOUBT_CHARS = 500
"""A body this short is doubted: the page may keep its text outside the tree."""
DOUBT_TIMES = 2
"""JSON-LD's articleBody, often shortened and without paragraphs, must have so many times more."""
HEAD_LINES = 10
"""How many lines are searched for the standfirst, to avoid repeating it."""


@dataclass(frozen=True)
class Reading:
    """The lines of a body before the line rules, and all that the rules depend on."""

    lines: tuple[Line, ...]
    known: Known
    method: str
    embeds: tuple[Embed, ...] = ()
    opening: tuple[str, ...] = ()
    """The lines of the standfirst."""
    closing: tuple[str, ...] = ()
    """The corrections below the body."""
    choice: Choice | None = None
    dropped: tuple[tuple[str, str], ...] = ()
    """What was taken out of the container: markup and rule; only where it was asked for."""
    stated: state.Stated | None = None
    """What a state says about its body; only with a body from there."""

    @cached_property
    def text(self) -> str:
        """The article: paragraphs separated by an empty line."""
        kept = _with_opening(self.opening, article_lines(self.lines, self.known), self.known)
        said = {line.text for line in kept}
        kept += [Line(text) for text in self.closing if kept and text not in said]
        return "\n\n".join(line.text for line in kept)

    @cached_property
    def furniture(self) -> tuple[str, ...]:
        """The lines learned to be furniture that are not in the text."""
        if not self.known.furniture:
            return ()
        kept = set(self.text.split("\n\n"))
        learned = (line.text for line in self.lines if line_hash(line.text) in self.known.furniture)
        return tuple(dict.fromkeys(line for line in learned if line not in kept))


def read_body(
    facts: Facts, url: str, known: Known, *, selected: str = "", explain: bool = False
) -> Reading:
    """The body of a page; where its tree gives hardly any text, of what else it holds.

    `selected` is the markup that an override's selector found: then nothing is chosen.
    Takes what is foreign out of the tree. `explain`: also tells what was dropped.
    """
    if selected:
        return read_markup(selected, known, "page:override", explain=explain)
    first = _chosen(facts, facts.page, url, known, explain=explain)
    text = first.text
    if len(text) >= DOUBT_CHARS:
        return first
    stated = facts.article.get("articleBody")
    if isinstance(stated, str) and len(stated) > DOUBT_TIMES * len(text):
        lines = (Line(line) for raw in stated.splitlines() if (line := " ".join(raw.split())))
        return Reading(tuple(lines), known, "page:json-ld", first.embeds)
    told = _captions(facts, url, known, first)
    if len(told.text) > DOUBT_TIMES * len(text):
        return told
    if facts.page.templates:
        hidden = read_page(max(facts.page.templates, key=len))
        second = _chosen(facts, hidden, url, known, explain=explain)
        if len(second.text) > DOUBT_CHARS:
            return replace(second, method="page:template")
    kept = state.read(facts.page.states, known.titles, only_titled=bool(text))
    third = read_markup(kept.markup, known, "page:state", explain=explain)
    return replace(third, stated=kept) if len(third.text) > DOUBT_TIMES * len(text) else first


def _captions(facts: Facts, url: str, known: Known, first: Reading) -> Reading:
    """The body of a photo essay: what is said under its pictures, read as paragraphs.

    Empty unless at least three captions are sentences and no links, and where the body found
    (`first`) has more than one paragraph of its own or would lose any: that is a report with a
    gallery below it.
    """
    none = Reading((), known, "page:captions")
    own = first.text.split("\n\n")
    captions = _captions_around(facts.tree, next(filter(None, known.titles), ""))
    said = [_CREDIT.sub(".", _words_of(tag)) for tag in captions]
    sentences = [at for at, text in enumerate(said) if len(text) >= SENTENCE_CHARS]
    if len(sentences) < MIN_CAPTIONS or sum(Line(text).running for text in own) > 1:
        return none
    tree = deepcopy(facts.tree)
    paths = facts.tree.getroottree()
    found = [tree.xpath(paths.getpath(captions[at]))[0] for at in sentences]
    for at, caption in zip(sentences, found, strict=True):
        _as_paragraph(caption, said[at])
    page = replace(facts.page, tree=tree)
    told = replace(_chosen(facts, page, url, known, explain=False), method="page:captions")
    return told if set(filter(None, own)) <= set(told.text.split("\n\n")) else none


def _captions_around(tree: Any, title: str) -> list[Any]:
    """The captions in the `<article>` or `<main>` around the title, else in its smallest frame.

    Not those in frames that are named as side matter.
    """
    heading = title_heading(tree, title)
    above = list(heading.iterancestors()) if heading is not None else []
    frames = [one for one in above if one.tag in {"article", "main"}][:1] or above
    found = {one: set(one.iterancestors()) for one in tree.xpath(_CAPTIONS)[:200]}
    frame = next((one for one in frames if any(one in around for around in found.values())), None)
    return [
        caption
        for caption, around in found.items()
        if frame in around
        and not any(
            surely_furniture((one.get("class"), one.get("id")))
            for one in ({caption} | around) - set(above)
        )
    ]


_CAPTIONS = (
    "//body//*[self::figcaption or contains(@class,'caption')]"
    "[not(ancestor::a or ancestor::aside or ancestor::nav or ancestor::footer)]"
    "[not(.//*[contains(@class,'caption')])]"
)


def _words_of(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _as_paragraph(caption: Any, text: str) -> None:
    """Make a caption a paragraph of text, and the frames around it frames without a name."""
    caption.clear(keep_tail=True)
    caption.tag, caption.text = "p", text
    for frame in caption.iterancestors():
        if frame.tag == "figure":
            frame.tag = "div"
        if names_furniture((frame.get("class"), frame.get("id"))):
            frame.attrib.pop("class", None)
            frame.attrib.pop("id", None)


MIN_CAPTIONS = 3
"""Fewer captions make no photo essay."""
SENTENCE_CHARS = 60
"""Least length of a caption that tells something."""
_CREDIT = re.compile(
    r"[.!?…]? ?\W?\b(?:foto|photo|bild|picture|credit)s?(?: by)? ?: .{2,60}$", re.I
)


def read_markup(markup: str, known: Known, method: str, *, explain: bool = False) -> Reading:
    """Read a fragment that is only the article and its furniture."""
    if not markup:
        return Reading((), known, method)
    dropped: list[tuple[str, str]] = []
    lines, embeds = clean_soup(fragment(markup), dropped if explain else None)
    return Reading(tuple(lines), known, method, embeds, dropped=tuple(dropped))


def markup_of(element: Any) -> str:
    """An element as HTML, without the text after it."""
    return str(etree.tostring(element, encoding="unicode", method="html", with_tail=False))


def body_markup(page: Page) -> str:
    """The `<body>` of a page as HTML; empty when it has none."""
    body = page.tree.find("body")
    return markup_of(body) if body is not None else ""


def _chosen(facts: Facts, page: Page, url: str, known: Known, *, explain: bool) -> Reading:
    """The container chosen in a tree, without what is foreign in it."""
    title = next(filter(None, known.titles), "")
    choice = choose(page.tree, title, urls.host(url), metadata.description(facts))
    for element, _ in choice.foreign:
        _detach(element, choice.elements)
    found = read_markup(
        "".join(map(markup_of, choice.elements)), known, choice.method, explain=explain
    )
    return replace(found, opening=choice.opening, closing=choice.closing, choice=choice)


def _with_opening(opening: tuple[str, ...], kept: list[Line], known: Known) -> list[Line]:
    """The standfirst before the text, without what the text or the title says already."""
    said = [fold(line.text) for line in kept[:HEAD_LINES]] + [fold(one) for one in known.titles]
    new = [
        Line(text)
        for text in opening
        if not any(fold(text) in one for one in said) and not is_head_matter(Line(text), known)
    ]
    return [*new, *kept] if kept else kept


def _detach(element: Any, chosen: Sequence[Any]) -> None:
    """Remove an element from its tree, leaving the text after it in place."""
    above = element.getparent()
    if above is None or any(element is one or element in one.iterancestors() for one in chosen):
        return
    before = element.getprevious()
    if element.tail and before is not None:
        before.tail = (before.tail or "") + element.tail
    elif element.tail:
        above.text = (above.text or "") + element.tail
    above.remove(element)
