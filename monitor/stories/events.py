"""What an article tells, as weighted terms, and how similar two articles are.

TF-IDF and cosine in one pass, as in topic detection and tracking (Allan, ed., "Topic Detection
and Tracking", 2002). docs/design/stories.md has the figures behind the constants.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from sys import intern

from monitor.stories.everyday_words import EVERYDAY_WORDS
from monitor.stories.manner import of_itself
from monitor.stories.words import terms

TITLE_COUNTS = 2
"""Weight of a term in the title relative to one in the body."""
BODY_WORDS = 80
"""Words at the head of the body that tell the event; further down is background."""
BACKGROUND = 300
"""Articles assumed besides those in memory: they keep weights above zero when memory is young and
a term that two articles share is in half of all."""

EVERYDAY = 18
"""How many of those articles are assumed to contain each everyday word."""
_SIGNED = re.compile(r"\s\(([^()]{2,30})\)\s*$")
"""An agency at the end of a title: "Talks resume in Vienna (Reuters)"."""
_DATELINE = re.compile(r"[^()\n]{1,40}(\(([^()]{2,30})\))\s?(?=[-–—])")
"""An agency after the place at the beginning of a text: "VIENNA, Sept. 9 (Reuters) - "."""
_DASHES = ("-", "–", "—")
_EVERYDAY_TERMS = frozenset(term for term, _ in terms(" ".join(sorted(EVERYDAY_WORDS)), "en"))


@dataclass(frozen=True, slots=True)
class Telling:
    """The terms of an article's title and opening, with how often each counts, in order."""

    counts: Mapping[str, int]


def telling(title: str, text: str, language: str) -> Telling:
    """The terms of title and opening, without the agency's signature."""
    title, text = _unsigned(title, text)
    counts: dict[str, int] = {}
    for weight, found in ((TITLE_COUNTS, terms(title, language)), (1, _opening(text, language))):
        for term, _ in found:
            counts[term] = counts.get(term, 0) + weight
    return Telling({intern(term): counts[term] for term in sorted(counts)})


def surface(title: str, text: str, language: str) -> dict[str, str]:
    """The first word of title and opening for each term, to show to people."""
    found = [*terms(title, language)]
    for headed in (title, ""):  # a column's heading is left out, and with it the signature's proof
        found += _opening(_unsigned(headed, text)[1], language)
    return dict(reversed(found))


def _unsigned(title: str, text: str) -> tuple[str, str]:
    """Title and text without the agency that signs them, which says nothing about the event, and
    without what is said of an earlier one.

    A title counts as signed only if the text is signed alike: "(NATO)" may be the subject.
    """
    signed = _SIGNED.search(title)
    agency = signed[1] if signed else ""
    rest = text.removeprefix(agency).lstrip() if agency else text
    begun = rest != text and rest.startswith(_DASHES)
    if begun:
        text = rest.lstrip("-–— ")
    dated = _DATELINE.match(text)
    if dated:
        text = text[: dated.start(1)] + text[dated.end(1) :]
    if signed and (begun or (dated and dated[2] == agency)):
        title = title[: signed.start()]
    return title, of_itself(text)


def _opening(text: str, language: str) -> Iterator[tuple[str, str]]:
    return terms(text, language, BODY_WORDS)


class Rarity:
    """How many articles contain each term, background included, and the resulting weights."""

    def __init__(self) -> None:
        self._articles = BACKGROUND
        self._holding = dict.fromkeys(_EVERYDAY_TERMS, EVERYDAY)
        self._logs = dict.fromkeys(_EVERYDAY_TERMS, math.log(EVERYDAY + 1))
        """Precomputed logarithms of the counts plus one: each is needed thousands of times."""

    def add(self, known: Telling) -> None:
        """Count an article's terms."""
        self._articles += 1
        for term in known.counts:
            self._set(term, self._holding.get(term, 0) + 1)

    def remove(self, known: Telling) -> None:
        """Remove an article's terms from the counts."""
        self._articles -= 1
        for term in known.counts:
            self._set(term, self._holding[term] - 1)

    def weights(self, new: Telling) -> dict[str, float]:
        """Inverse document frequency of each term, counting the article itself."""
        total, logs = self._total(), self._logs
        return {term: total - logs.get(term, 0.0) for term in new.counts}

    def length(self, known: Telling, limit: float = math.inf) -> float:
        """Euclidean length of an article's weighted terms; inf once it is certainly above `limit`.

        Nearly all compared articles are too unlike, which shows after a few terms.
        """
        total, logs = self._total(), self._logs
        bound, squares = (limit * 1.001) ** 2, 0.0
        for term, count in known.counts.items():
            weight = count * (total - logs.get(term, 0.0))
            squares += weight * weight
            if squares > bound:
                return math.inf
        return math.sqrt(squares)

    def _set(self, term: str, count: int) -> None:
        if count:
            self._holding[term] = count
            self._logs[term] = math.log(count + 1)
        else:
            del self._holding[term], self._logs[term]

    def _total(self) -> float:
        return math.log(self._articles + 2)
