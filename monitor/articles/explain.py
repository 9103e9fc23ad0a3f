"""Block by block: what cleaning kept of a page, what it dropped, and by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.articles import clean
from monitor.articles.body import fragment, read_lines
from monitor.articles.lines import Line, explained_lines
from monitor.articles.override import Override
from monitor.articles.page import read_page
from monitor.articles.reading import Reading, body_markup, markup_of
from monitor.model import Cleaned

OUTSIDE = "outside of the chosen part"
EMBEDDED = "an embedded post, kept apart"


@dataclass(frozen=True, slots=True)
class Block:
    """One block of a page's text, and what became of it."""

    text: str
    kind: str
    """"p", "h2", "li", ..."""
    where: str
    """The innermost elements as a CSS selector, to copy into an override."""
    rule: str = ""
    """What dropped it; empty: it was kept."""

    @property
    def kept(self) -> bool:
        """Whether it is part of the article's text."""
        return not self.rule


@dataclass(frozen=True, slots=True)
class Explained:
    """A page as cleaned, and why it was cleaned so."""

    cleaned: Cleaned
    container: tuple[str, ...]
    """The parts of the page in which the text was looked for, as CSS selectors."""
    blocks: tuple[Block, ...]
    """All text of the page, in its order."""


def explain_page(
    html: bytes | str,
    url: str,
    *,
    content_type: str = "",
    title: str = "",
    override: Override | None = None,
    furniture: frozenset[int] = frozenset(),
) -> Explained:
    """What `clean.clean_page` makes of a page with the same arguments, and why, for people."""
    taken = clean.take(
        html, url, content_type=content_type, title=title, override=override,
        furniture=furniture, explain=True,
    )  # fmt: skip
    markup = body_markup(read_page(html, content_type))
    whole = read_lines(fragment(markup), places=True) if markup else iter(())
    verdicts = _Verdicts(taken.reading, taken.overridden)
    blocks = tuple(Block(line.text, line.kind, line.where, verdicts.of(line)) for line in whole)
    return Explained(clean.finish(taken), _container(taken.reading, override), blocks)


def _container(reading: Reading, override: Override | None) -> tuple[str, ...]:
    if reading.choice is None:
        return (override.body,) if override and override.body else ()
    return tuple(_selector(element) for element in reading.choice.elements)


def _selector(element: object) -> str:
    tag, ident = element.tag, element.get("id")  # type: ignore[attr-defined]
    names = (element.get("class") or "").split()[:2]  # type: ignore[attr-defined]
    return f"{tag}#{ident}" if ident else "".join([str(tag), *(f".{name}" for name in names)])


class _Verdicts:
    """What became of each line, found again by its text: each verdict is given as often as it was
    made, so that a line that stands inside and outside of the article gets both."""

    def __init__(self, reading: Reading, overridden: Iterable[tuple[str, str]]) -> None:
        self.waiting: dict[str, list[str]] = {}
        kept = set(reading.text.split("\n\n"))
        for text in reading.opening:
            if text in kept:
                self._add(text, "")
        for line, rule in explained_lines(reading.lines, reading.known):
            self._add(line.text, rule)
        for text, rule in _dropped(reading, overridden):
            self._add(text, rule)

    def _add(self, text: str, rule: str) -> None:
        self.waiting.setdefault(text, []).append(rule)

    def of(self, line: Line) -> str:
        rules = self.waiting.get(line.text)
        return rules.pop(0) if rules else OUTSIDE


def _dropped(reading: Reading, overridden: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    pieces = [*overridden, *reading.dropped]
    pieces += [
        (markup_of(element), rule)
        for element, rule in (reading.choice.foreign if reading.choice else ())
    ]
    for markup, rule in pieces:
        for line in read_lines(fragment(markup)):
            yield line.text, rule
