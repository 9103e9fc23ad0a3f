"""Explain block by block what cleaning kept of a page, what it dropped, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from monitor.articles import clean
from monitor.articles.body import fragment, read_lines
from monitor.articles.lines import Line, explained_lines
from monitor.articles.page import read_page
from monitor.articles.reading import Reading, body_markup, markup_of
from monitor.model import Cleaned, Override

OUTSIDE = "outside of the chosen part"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page's text, and what became of it."""

    text: str
    kind: str
    """"p", "h2", "li", ..."""
    where: str
    """The innermost elements as a CSS selector, to copy into an override."""
    rule: str = ""
    """The rule that dropped it; empty if it was kept."""

    @property
    def kept(self) -> bool:
        """Whether it is part of the article's text."""
        return not self.rule


@dataclass(frozen=True, slots=True)
class Explained:
    """A cleaned page, and why it was cleaned that way."""

    cleaned: Cleaned
    container: tuple[str, ...]
    """The parts of the page that were searched for the text, as CSS selectors."""
    blocks: tuple[Block, ...]
    """All text of the page, in document order."""


def explain_page(
    html: bytes | str,
    url: str,
    *,
    content_type: str = "",
    override: Override | None = None,
    furniture: frozenset[int] = frozenset(),
) -> Explained:
    """The result of `clean.clean_page` with the same arguments, and the reasons, for people."""
    taken = clean.take(
        html, url, content_type=content_type, override=override, furniture=furniture, explain=True
    )
    markup = body_markup(read_page(html, content_type))
    lines = list(read_lines(fragment(markup), places=True)) if markup else []
    rules = _rules(lines, _judged(taken.reading, taken.overridden))
    blocks = tuple(
        Block(line.text, line.kind, line.where, rule)
        for line, rule in zip(lines, rules, strict=True)
    )
    return Explained(clean.finish(taken), _container(taken.reading, override), blocks)


def _container(reading: Reading, override: Override | None) -> tuple[str, ...]:
    if reading.choice is None:
        return (override.body,) if override and override.body else ()
    return tuple(_selector(element) for element in reading.choice.elements)


def _selector(element: Any) -> str:
    tag, ident = element.tag, element.get("id")
    names = (element.get("class") or "").split()[:2]
    return f"{tag}#{ident}" if ident else "".join([str(tag), *(f".{name}" for name in names)])


def _rules(lines: list[Line], judged: Iterable[tuple[Line, str]]) -> list[str]:
    """For each line of the page, the rule that dropped it; empty if it was kept.

    Lines are matched by text and kind, the remaining ones by text alone (a container taken out
    of a table has no cells). Each verdict is used as often as it was made, so that a line that is
    both inside and outside the article gets both.
    """
    waiting: dict[tuple[str, str], list[str]] = {}
    for line, rule in judged:
        waiting.setdefault((line.text, line.kind), []).append(rule)
    found = [_take(waiting, (line.text, line.kind)) for line in lines]
    rest: dict[tuple[str, str], list[str]] = {}
    for (text, _), rules in waiting.items():
        rest.setdefault((text, ""), []).extend(rules)
    late = (
        rule if rule is not None else _take(rest, (line.text, ""))
        for line, rule in zip(lines, found, strict=True)
    )
    return [OUTSIDE if rule is None else rule for rule in late]


def _take(waiting: dict[tuple[str, str], list[str]], key: tuple[str, str]) -> str | None:
    rules = waiting.get(key)
    return rules.pop(0) if rules else None


def _judged(reading: Reading, overridden: Iterable[tuple[str, str]]) -> Iterator[tuple[Line, str]]:
    """All lines that were judged, with the rule that dropped them."""
    kept = set(reading.text.split("\n\n"))
    beside = (*reading.opening, *reading.closing)
    yield from ((Line(text), "") for text in beside if text in kept)
    yield from explained_lines(reading.lines, reading.known)
    yield from _dropped(reading, overridden)


def _dropped(reading: Reading, overridden: Iterable[tuple[str, str]]) -> Iterator[tuple[Line, str]]:
    pieces = [*overridden, *reading.dropped]
    if reading.choice is not None:
        pieces += [(markup_of(element), rule) for element, rule in reading.choice.foreign]
    for markup, rule in pieces:
        for line in read_lines(fragment(markup)):
            yield line, rule
