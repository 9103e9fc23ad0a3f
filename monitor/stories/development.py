"""When a story that was reported deserves another line, and the sentence that is new.

A report is material when one sentence states what no earlier report of the story does: a figure
for a thing, a name, or an official source's own statement. Fresh words for known facts are none.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from monitor.model import Article

ACTORS = 2
"""So many new names in one sentence are a new actor; one alone is often a reporter or a place."""

_SENTENCE = re.compile(r"(?<=[.!?…。])[\"”’»]*\s+|\n+")
_FIGURE = re.compile(r"(?<![\w.,-])(\d+(?:[.,]\d+)*)\s+([^\W\d_]{3,})")
_NAME = re.compile(r"(?<!^)(?<![.!?“\"] )(?<!\w)[^\W\d_a-zß-öø-ÿ][^\W\d_]{2,}")
_TIMES = frozenset(
    [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Development:
    """What an article adds to a story, in its own sentence."""

    article_id: int
    kind: str
    """"official statement", "new figure" or "new actors"."""
    sentence: str
    new: tuple[str, ...]
    """What no earlier report says: figures with their things, or names."""


def development(
    told: Sequence[Article], new: Article, official: Collection[str] = ()
) -> Development | None:
    """What `new` adds to the articles already told of its story; None when nothing material.

    An official source's first statement comes before a new figure, that before new actors; of
    several sentences the first. With nothing told before, nothing is a development.
    """
    if not told:
        return None
    text = "\n".join(f"{article.title}\n{article.text}" for article in told)
    sentences = [part.strip() for part in _SENTENCE.split(new.text) if part.strip()]
    silent = not any(article.source in official for article in told)
    if new.source in official and silent and sentences:
        return _said(new, "official statement", sentences[0], (new.source,))
    figures, names = _figures(text), _names(text)
    numbers = {number for number, _ in figures}
    for sentence in sentences:
        fresh = [f"{n} {thing}" for n, thing in _figures(sentence) if n not in numbers]
        if fresh:
            return _said(new, "new figure", sentence, fresh)
    for sentence in sentences:
        actors = [name for name in _names(sentence) if name not in names]
        if len(actors) >= ACTORS:
            return _said(new, "new actors", sentence, actors)
    return None


def _said(article: Article, kind: str, sentence: str, new: Sequence[str]) -> Development:
    return Development(article_id=article.id, kind=kind, sentence=sentence, new=tuple(new))


def _figures(text: str) -> dict[tuple[str, str], None]:
    """Numbers with the word after them, in order; "17 October" is a date and no figure."""
    found = [(m[1].replace(",", ""), m[2].lower()) for m in _FIGURE.finditer(text)]
    return dict.fromkeys(pair for pair in found if pair[1] not in _TIMES)


def _names(text: str) -> dict[str, None]:
    """Words with a capital inside a sentence, in order."""
    return dict.fromkeys(m[0] for m in _NAME.finditer(text) if m[0].lower() not in _TIMES)
