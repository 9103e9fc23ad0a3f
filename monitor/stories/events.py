"""What an article tells, as weighted terms, and how near two tellings are.

TF-IDF and cosine in one pass, as in topic detection and tracking (Allan, ed., "Topic Detection
and Tracking", 2002). docs/design/stories.md has the figures behind the constants.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from monitor.stories.words import terms

TITLE_COUNTS = 2
"""How often a title's term counts against one of the body."""
BODY_WORDS = 80
"""Words at the head of the body that tell the event; further down stands the background."""
BACKGROUND = 300
"""Articles that hold none of a term, assumed beside those in memory: keeps the weights of the
first articles apart from zero, when each shared term is in half of all."""


@dataclass(frozen=True, slots=True)
class Telling:
    """The terms of an article's title and opening, with how often each counts."""

    counts: Mapping[str, int]
    surface: Mapping[str, str]
    """A word of the article for each term: what people are shown."""


def telling(title: str, text: str, language: str) -> Telling:
    """The terms of title and opening."""
    counts: dict[str, int] = {}
    surface: dict[str, str] = {}
    for part, weight, limit in ((title, TITLE_COUNTS, None), (text, 1, BODY_WORDS)):
        for term, word in terms(part, language, limit):
            counts[term] = counts.get(term, 0) + weight
            surface.setdefault(term, word)
    return Telling(dict(sorted(counts.items())), surface)


class Rarity:
    """In how many articles each term stands, and the weight that follows."""

    def __init__(self) -> None:
        self._articles = 0
        self._holding: dict[str, int] = {}

    def add(self, known: Telling) -> None:
        """Count an article's terms."""
        self._articles += 1
        for term in known.counts:
            self._holding[term] = self._holding.get(term, 0) + 1

    def remove(self, known: Telling) -> None:
        """Take an article's terms out again."""
        self._articles -= 1
        for term in known.counts:
            left = self._holding[term] - 1
            if left:
                self._holding[term] = left
            else:
                del self._holding[term]

    def weights(self, new: Telling) -> dict[str, float]:
        """Inverse document frequency of each term, the article itself counted."""
        total = self._total()
        held = self._holding
        return {term: total - math.log(held.get(term, 0) + 1) for term in new.counts}

    def length(self, known: Telling) -> float:
        """Euclidean length of an article's weighted terms."""
        total, held, log = self._total(), self._holding, math.log
        return math.hypot(
            *[n * (total - log(held.get(term, 0) + 1)) for term, n in known.counts.items()]
        )

    def _total(self) -> float:
        return math.log(self._articles + BACKGROUND + 2)
