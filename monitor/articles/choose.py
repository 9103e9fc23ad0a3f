"""Which part of a page is the article: decided on the bare lxml tree, without touching it.

Running text outside links is weighed and added up to the ancestors; furniture and teaser lists
weigh nothing; then known body classes, else the way down to where the text spreads out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from monitor.articles import tables

SHARE_GUARD = 0.25
"""Furniture by name that holds more of the text than this is not believed to be furniture."""
DESCEND = 0.8
"""A child with this share of the text is gone into."""
BODY_SHARE = 0.5
"""A known body class must hold this share of the text."""
MIN_NODE_CHARS = 25
TEASER_CHARS = 300
"""Text per linked heading, up to which a list of them is a list of teasers."""

_INLINE = frozenset(
    """a abbr b bdi bdo cite code del dfn em font i ins kbd mark q s samp small span strong sub
    sup time tt u var br wbr nobr strike big acronym""".split()
)
_HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
_NEVER = frozenset(
    "nav footer aside figcaption button select option noscript label title head".split()
)
_BODY = re.compile(rf"(?:{tables.BODY_TOKENS})", re.I | re.X)
_SHIELD = re.compile(rf"(?:{tables.SHIELD_TOKENS})", re.I | re.X)
_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_SENTENCE = re.compile(r"[.,;:!?。、،؛।]")
_TEXT = f"//body//text()[string-length(.) > {MIN_NODE_CHARS}]"


@dataclass(frozen=True)
class Choice:
    """The chosen parts of a page, in document order, and how they were found."""

    elements: tuple[Any, ...]
    method: str
    share: float
    """Part of the page's running text that they hold."""


def furniture_token(token: str) -> bool:
    """Whether a class or id token names furniture: whole, or by one of its words."""
    known = _TOKENS_SEEN.get(token)
    if known is None:
        known = _furniture_token(token)
        if len(_TOKENS_SEEN) < 20_000:
            _TOKENS_SEEN[token] = known
    return known


_TOKENS_SEEN: dict[str, bool] = {}


def _furniture_token(token: str) -> bool:
    low = token.lower()
    if low in tables.FURNITURE_TOKENS or low in tables.FURNITURE_WORDS:
        return True
    if _SHIELD.fullmatch(token) or len(token) > 80:
        return False
    parts = re.split(r"[-_]+", token)
    words = {word.lower() for part in parts for word in (part, *_WORDS.findall(part))}
    return not words.isdisjoint(tables.FURNITURE_WORDS)


def names_furniture(attributes: Iterable[str | None]) -> bool:
    """Whether any token of these class and id values names furniture."""
    return any(furniture_token(token) for value in attributes if value for token in value.split())


def body_token(value: str | None) -> bool:
    """Whether a class or id value has a token under which themes put the body."""
    return bool(value) and any(_BODY.fullmatch(token) for token in (value or "").split()[:20])


class _Scales:
    """Weights of the elements of one page."""

    def __init__(self, tree: Any) -> None:
        self.weight: dict[Any, float] = {}
        self.order: list[Any] = []
        self._dead: dict[Any, bool] = {}
        for node in tree.xpath(_TEXT):
            self._add(node)

    def _add(self, node: Any) -> None:
        element = node.getparent()
        if node.is_tail:
            element = element.getparent()
        if element is None:
            return
        value = _value(str(node))
        block = element
        while block is not None and block.tag in _INLINE:
            if block.tag == "a":
                return
            block = block.getparent()
        path = []
        while block is not None:
            if block.tag in _NEVER or block.tag in _HEADINGS or block.tag == "a":
                return
            path.append(block)
            block = block.getparent()
        for element in path:
            if element not in self.weight:
                self.weight[element] = 0.0
            self.weight[element] += value

    def of(self, element: Any) -> float:
        return self.weight.get(element, 0.0)

    def remove(self, element: Any) -> None:
        """Take an element's weight away from it and from all above."""
        value = self.weight.get(element, 0.0)
        if not value:
            return
        for below in element.iter():
            if below in self.weight:
                self.weight[below] = 0.0
        above = element.getparent()
        while above is not None:
            if above in self.weight:
                self.weight[above] -= value
            above = above.getparent()


def _value(text: str) -> float:
    """Length of running text; what has no mark of a sentence counts half."""
    length = len(" ".join(text.split()))
    if length < MIN_NODE_CHARS:
        return 0.0
    return length if _SENTENCE.search(text) else length / 2


def choose(tree: Any, title: str = "") -> Choice:
    """The part of the page that is the article. An empty page gives no elements."""
    scales = _Scales(tree)
    body = tree.find("body")
    if body is None or not scales.of(body):
        return Choice((), "page:empty", 0.0)
    _drop_furniture(scales, scales.of(body))
    _drop_teasers(tree, scales, body)
    _drop_before_title(tree, scales, body, title)
    total = scales.of(body)
    if total <= 0:
        return Choice((), "page:empty", 0.0)
    known = _known_body(scales, total)
    if known:
        return Choice(tuple(known), "page:body-class", sum(map(scales.of, known)) / total)
    node = _descend(scales, body)
    return Choice((node,), "page:densest", scales.of(node) / total)


def _drop_furniture(scales: _Scales, total: float) -> None:
    for element, weight in list(scales.weight.items()):
        if 0 < weight < SHARE_GUARD * total and (
            element.get("role") in tables.FURNITURE_ROLES
            or names_furniture((element.get("class"), element.get("id")))
        ):
            if scales.of(element):
                scales.remove(element)


def _drop_teasers(tree: Any, scales: _Scales, body: Any) -> None:
    """Lists of three and more linked headings with little text each weigh nothing."""
    counts: dict[Any, int] = {}
    for heading in tree.xpath(
        "//body//*[self::h2 or self::h3 or self::h4 or self::h5][.//a or parent::a]"
    ):
        above = heading.getparent()
        while above is not None and above is not body:
            counts[above] = counts.get(above, 0) + 1
            above = above.getparent()
    total = scales.of(body)
    for element, count in counts.items():
        weight = scales.of(element)
        if count >= 3 and 0 < weight < TEASER_CHARS * count and weight < 0.5 * total:
            scales.remove(element)


def _drop_before_title(tree: Any, scales: _Scales, body: Any, title: str) -> None:
    """What stands before the article's heading weighs nothing, if most stands after it."""
    anchor = title_heading(tree, title)
    if anchor is None:
        return
    before: list[Any] = []
    node = anchor
    while node is not None and node is not body:
        before += [sibling for sibling in node.itersiblings(preceding=True) if scales.of(sibling)]
        node = node.getparent()
    if sum(map(scales.of, before)) <= 0.4 * scales.of(body):
        for element in before:
            scales.remove(element)


def title_heading(tree: Any, title: str) -> Any:
    """The `h1` (else `h2`) that shows the title; the only `h1` when no title is known."""
    wanted = fold(title)
    headings = tree.xpath("//body//h1")
    for heading in (*headings, *tree.xpath("//body//h2")) if wanted else ():
        shown = fold("".join(heading.itertext()))
        if shown and (
            shown == wanted or (len(shown) > 15 and (shown in wanted or wanted in shown))
        ):
            return heading
    return headings[0] if len(headings) == 1 else None


def fold(text: str) -> str:
    """Words of a text, lower case, for comparing titles."""
    return " ".join(re.findall(r"\w+", text.casefold()))


def _known_body(scales: _Scales, total: float) -> list[Any]:
    """The smallest known body container, or family of like containers, with half of the text."""
    families: dict[str, list[Any]] = {}
    for element, weight in scales.weight.items():
        if weight <= 0 or element.tag in {"body", "html"}:
            continue
        if element.get("itemprop") in {"articleBody", "reviewBody"}:
            families.setdefault("itemprop", []).append(element)
        for value in (element.get("class"), element.get("id")):
            for token in (value or "").split()[:20]:
                if _BODY.fullmatch(token):
                    families.setdefault(token, []).append(element)
    best: list[Any] = []
    for members in families.values():
        outer = _outermost(members)
        weight = sum(map(scales.of, outer))
        if weight < BODY_SHARE * total:
            continue
        inner = _innermost(scales, outer, members, total)
        if not best or sum(map(scales.of, inner)) < sum(map(scales.of, best)):
            best = inner
    return sorted(best, key=_position) if len(best) > 1 else best


def _outermost(members: list[Any]) -> list[Any]:
    inside = set(members)
    return [m for m in members if not any(above in inside for above in m.iterancestors())]


def _innermost(scales: _Scales, outer: list[Any], members: list[Any], total: float) -> list[Any]:
    """One container alone, where one is enough."""
    enough = [m for m in members if scales.of(m) >= BODY_SHARE * total]
    if enough and len(outer) == 1:
        return [min(enough, key=scales.of)]
    strongest = max(outer, key=scales.of)
    articles = {next(m.iterancestors("article"), None) for m in outer}
    if len(articles) > 1 and scales.of(strongest) >= 0.3 * total:
        home = next(strongest.iterancestors("article"), None)
        return [m for m in outer if next(m.iterancestors("article"), None) is home]
    return outer


def _position(element: Any) -> tuple[int, ...]:
    path: list[int] = []
    above = element.getparent()
    while above is not None:
        path.append(above.index(element))
        element, above = above, above.getparent()
    return tuple(reversed(path))


def _descend(scales: _Scales, node: Any) -> Any:
    while True:
        weight = scales.of(node)
        heavy = [child for child in node if scales.of(child) >= DESCEND * weight]
        if not heavy or heavy[0].tag in {"p", "blockquote"}:
            return node
        node = heavy[0]
