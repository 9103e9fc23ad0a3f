"""The cleaning layer: parse a fragment, remove furniture, read blocks of text in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PreformattedString

from monitor.articles import embeds, tables
from monitor.articles.choose import SHARE_GUARD, names_furniture
from monitor.articles.lines import Line
from monitor.articles.tables import words
from monitor.model import Embed

_BLOCKS = frozenset(
    words(
        """
    address article aside blockquote body center dd details dialog dir div dl dt fieldset
    figcaption figure footer form h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main nav
    ol p pre section summary table tbody td tfoot th thead tr ul
    """
    )
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_KINDS = _HEADINGS | {"li", "dt", "dd", "td", "th", "blockquote", "pre"}
_SPACES = re.compile(r"[ \t\r\f\v\u00a0\u2000-\u200a\u202f\u3000]+")
_INVISIBLE = re.compile("[\u200b\u2060\ufeff\u00ad]")
OFFER_CHARS = 1_000
"""Most text of a box around a subscribe button for the box to count as an offer."""
OFFER_SHARE = 0.45
"""Most share of the page's text that such a box holds: below a teaser it is a large one."""
OFFER_BUTTON_CHARS = 80
HOVER_CHARS = 2_000
"""Most text of a hover card over a name."""
FIGURE_TEXT = 400
"""A figure with more text than this outside its caption is a frame around text, not a picture."""


def fragment(markup: str) -> BeautifulSoup:
    """A fragment as a soup (lxml builder); attributes are kept as they stand, classes too."""
    return BeautifulSoup(markup, "lxml", multi_valued_attributes=None)


def clean_soup(
    soup: BeautifulSoup, dropped: list[tuple[str, str]] | None = None
) -> tuple[list[Line], tuple[Embed, ...]]:
    """Remove furniture and embeds from a soup (in place), and read the rest as lines.

    `dropped`, when given, receives what is removed as pairs of markup and rule.
    """
    found = embeds.take_out(_inside(soup), dropped)
    weeding = _Weeding(soup, dropped)
    weeding.drop_offers()
    weeding.drop_hover_cards()
    weeding.drop_furniture()
    return list(read_lines(soup)), found


def _inside(tag: Tag) -> list[Tag]:
    return [one for one in tag.descendants if isinstance(one, Tag)]


class _Weeding:
    """Removes elements from a soup; each rule is limited to a plausible share of the text."""

    def __init__(self, soup: Tag, dropped: list[tuple[str, str]] | None) -> None:
        self.tags = _inside(soup)
        self.sizes = _sizes(soup, self.tags)
        self.most = SHARE_GUARD * self.sizes[id(soup)]
        self.offers = OFFER_SHARE * self.sizes[id(soup)]
        self.headed = {id(above) for tag in self.tags if tag.name == "h1" for above in tag.parents}
        self.dropped = dropped
        # Not `Tag.decomposed`: it searches the tree below the tag at each call (bs4 4.15).
        self.gone: set[int] = set()

    def drop(self, tag: Tag, rule: str) -> None:
        if self.dropped is not None:
            self.dropped.append((str(tag), rule))
        self.gone.add(id(tag))
        self.gone.update(map(id, _inside(tag)))
        tag.decompose()

    def left(self, *names: str) -> Iterator[Tag]:
        """The elements not yet removed, with these names or all."""
        for tag in self.tags:
            if (not names or tag.name in names) and id(tag) not in self.gone:
                yield tag

    def drop_offers(self) -> None:
        """Remove boxes around a button that asks to subscribe, whatever their names."""
        for tag in self.left("a", "button"):
            if self.sizes[id(tag)] <= OFFER_BUTTON_CHARS:
                text = _tidy(tag.get_text())
                box = self.box_around(tag) if tables.offer().fullmatch(text) else None
                if box is not None:
                    self.drop(box, "a box that asks to subscribe")

    @cached_property
    def corrected(self) -> set[int]:
        """The elements around a correction of the article, which no offer takes with it."""
        found = (tag for tag in self.left("p") if tables.correction().match(_tidy(tag.get_text())))
        return {id(above) for tag in found for above in tag.parents}

    def box_around(self, button: Tag) -> Tag | None:
        """The widest element around a button that stands alone, with little text and no title."""
        own, most = self.sizes[id(button)], min(self.offers, OFFER_CHARS)
        box = None
        for above in button.parents:
            size = self.sizes[id(above)]
            if above.name in {"body", "html"} or size > most or id(above) in self.headed:
                return box
            if id(above) in self.corrected:
                return box
            if size > own and above.name in {"p", "li"}:
                return None
            box = above if size > own else box
        return box

    def drop_hover_cards(self) -> None:
        """Remove elements directly after a link in a paragraph that begin by repeating the link."""
        for link in self.left("a"):
            card = link.next_sibling
            if not isinstance(card, Tag) or card.name not in {"span", "div"}:
                continue
            if self.sizes[id(card)] <= HOVER_CHARS and _says_again(card, link):
                self.drop(card, "a hover card")

    def drop_furniture(self) -> None:
        """Remove elements that are furniture by their kind, role or name."""
        for tag in self.left():
            size = self.sizes[id(tag)]
            if size < self.most and tag.name not in {"html", "body"}:
                rule = _why_furniture(tag, size)
                if rule:
                    self.drop(tag, rule)


def _says_again(card: Tag, link: Tag) -> bool:
    name, said = _tidy(link.get_text()), _tidy(card.get_text())
    if not (name and len(said) > len(name) and said.startswith(name)):
        return False
    return link.find_parent("p") is not None and card.find(["a", "img"]) is not None


def _sizes(soup: Tag, inner: list[Tag]) -> dict[int, int]:
    """Characters of text in each element, by id, computed in one pass."""
    sizes: dict[int, int] = {id(soup): 0}
    tags = [soup, *inner]
    for tag in reversed(tags):
        size = sizes.get(id(tag), 0)
        for child in tag.contents:
            if type(child) is NavigableString:
                size += len(child.strip())
        sizes[id(tag)] = size
        above = tag.parent
        if above is not None and tag is not soup:
            sizes[id(above)] = sizes.get(id(above), 0) + size
    return sizes


def _why_furniture(tag: Tag, size: int) -> str:
    """The rule by which an element is furniture; empty if it is text."""
    if tag.name in tables.FURNITURE_TAGS:
        return "" if tag.name == "figure" and _frames_text(tag) else f"a <{tag.name}>"
    if tag.name == "pre" and tag.find("code"):
        return "program code"
    attributes = tag.attrs
    if not attributes:
        return ""
    if "style" in attributes and _HIDDEN.search(str(attributes["style"])):
        return "hidden by its style"
    if tag.name == "a" and size <= 6 and _is_note_mark(tag):
        return "the mark of a footnote"
    if attributes.get("role") in tables.FURNITURE_ROLES:
        return f'role="{attributes["role"]}"'
    if "ImageObject" in str(attributes.get("itemtype") or "") or (
        attributes.get("itemprop") == "caption"
    ):
        return "about a picture"
    if tag.name == "p" and size > 400:
        return ""
    named = names_furniture((str(attributes.get("class") or ""), str(attributes.get("id") or "")))
    return "furniture by its name" if named else ""


_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.I)
_NOTE_MARK = re.compile(r"\W?(?:\d{1,3}|[*†‡↩])\W?|\[[ivxlc]{1,4}\]")


def _is_note_mark(link: Tag) -> bool:
    """Whether the link is a number for a note on the same page, and not part of the sentence."""
    return bool(_NOTE_MARK.fullmatch(_tidy(link.get_text()))) and "#" in str(link.get("href") or "")


def _frames_text(figure: Tag) -> bool:
    """Whether a figure wraps a table or paragraphs (as WordPress does), and so is text."""
    if figure.find(["table", "blockquote"]):
        return True
    caption = sum(len(tag.get_text()) for tag in figure.find_all("figcaption"))
    return len(figure.get_text()) - caption > FIGURE_TEXT


def read_lines(root: Tag, *, places: bool = False) -> Iterator[Line]:
    """Yield blocks of text in reading order; without recursion, whatever the depth.

    `places`: also tell where each line is, for somebody who writes a selector.
    """
    reader = _Reader(places)
    stack: list[tuple[Tag, Iterator[object]]] = [(root, iter(root.contents))]
    while stack:
        tag, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield from reader.leave(tag)
        elif isinstance(child, Tag):
            yield from reader.enter(child)
            stack.append((child, iter(child.contents)))
        elif isinstance(child, NavigableString) and not isinstance(child, PreformattedString):
            reader.read(str(child))
    yield from reader.flush()


class _Reader:
    """The block being read: its text so far, how much of it is link, and the enclosing kinds."""

    def __init__(self, places: bool) -> None:
        self.places = places
        self.around: list[Tag] = []
        self.parts: list[str] = []
        self.linked = 0
        self.links = 0
        self.kinds = ["p"]

    def enter(self, tag: Tag) -> Iterator[Line]:
        if tag.name in _BLOCKS:
            yield from self.flush()
            self.around.append(tag)
            if tag.name in _KINDS:
                self.kinds.append(tag.name)
        elif tag.name == "br":
            self.parts.append(" " if self.kinds[-1] in _HEADINGS else "\n")
        elif tag.name == "a":
            self.links += 1
        elif tag.name == "span" and tag.parent is not None and tag.parent.name == "time":
            self.parts.append(" ")  # day, hour and "updated" are set apart by style alone

    def leave(self, tag: Tag) -> Iterator[Line]:
        if tag.name == "a":
            self.links -= 1
        elif tag.name in _BLOCKS:
            yield from self.flush()
            self.around.pop()
            if tag.name in _KINDS:
                self.kinds.pop()

    def read(self, text: str) -> None:
        self.parts.append(text.replace("\n", " "))
        if self.links:
            self.linked += len(text.strip())

    def flush(self) -> Iterator[Line]:
        """Yield what was gathered: one line, or several where `<br>` divides it."""
        linked, self.linked = self.linked, 0
        whole = "".join(self.parts)
        self.parts.clear()
        texts = [tidy for text in whole.split("\n") if (tidy := _tidy(text))]
        size = sum(map(len, texts))
        where = _path(self.around) if self.places and texts else ""
        for text in texts:
            yield Line(text, self.kinds[-1], round(linked * len(text) / size), where)


def _path(around: list[Tag]) -> str:
    """The innermost elements as a selector, up to the first that has an id or class."""
    steps: list[str] = []
    for tag in reversed(around[-6:]):
        names = str(tag.get("class") or "").split()
        mark = f"#{tag['id']}" if tag.get("id") else "".join(f".{name}" for name in names[:2])
        steps.insert(0, f"{tag.name}{mark}")
        if mark:
            break
    return " > ".join(steps)


def _tidy(text: str) -> str:
    return _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()
