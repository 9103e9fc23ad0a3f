"""Everything that grouping uses of an article, extracted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.model import Article
from monitor.stories.clash import Facts, facts
from monitor.stories.copies import Print, print_of
from monitor.stories.events import Telling, telling
from monitor.stories.names import names
from monitor.stories.words import words

_GATHERED = -10_000
"""Number of the first gathering, lower than the number of any name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as grouping sees it."""

    print: Print
    telling: Telling
    facts: Facts
    names: Mapping[str, int]
    """Forms of names, each with the number of the name it is part of; gatherings are names too."""


@lru_cache(maxsize=64)
def read(article: Article) -> Reading:
    """What grouping compares; cached, as an article is decided on and then restored."""
    stated = facts(article.title, article.text)
    named = names(article.title, article.text, article.language)
    return Reading(
        print=print_of(article.url, words(article.text)),
        telling=telling(article.title, article.text, article.language),
        facts=stated,
        names=named | {name: _GATHERED - at for at, name in enumerate(sorted(stated.gatherings))},
    )
