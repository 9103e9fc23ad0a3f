"""Everything that grouping uses of an article, extracted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from monitor.model import Article
from monitor.stories.clash import Facts, facts
from monitor.stories.copies import Print, print_of
from monitor.stories.events import Telling, telling
from monitor.stories.manner import of_itself, passages
from monitor.stories.names import form, headed, heard, names, spelled
from monitor.stories.places import LIES_IN
from monitor.stories.tongues import told_of
from monitor.stories.words import spaced, terms, words

_TOWN = -30_000
"""Number of the first town that is known by another spelling or script, as below."""
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
    spelled: Mapping[str, int]
    """Sounds of the names in an alphabet with capitals, numbered as above."""
    heard: Mapping[str, int]
    """Sounds of the words in Arabic, Japanese or Korean letters, each with the number of its word.
    """
    transcript: bool
    """Whether it holds speeches and questions, of which each may have its own subject."""
    headed: Mapping[str, str]
    """The names of its title that the text gives as well, as their forms, each with its term."""
    told: frozenset[str]
    """Places, bodies, weapons and acts of title and opening, in English."""


@lru_cache(maxsize=64)
def read(article: Article) -> Reading:
    """What grouping compares; cached, as an article is decided on and then restored."""
    title, text, language = spaced(article.title), spaced(article.text), article.language
    stated = facts(title, text, language)
    text = of_itself(text)
    named = names(title, text, language)
    for at, town in enumerate(sorted(stated.near["places"] & LIES_IN.keys())):
        named.setdefault(form(town), _TOWN - at)
    return Reading(
        print=print_of(article.url, words(article.text)),
        telling=telling(article.title, article.text, language),
        facts=stated,
        names=named | {name: _GATHERED - at for at, name in enumerate(sorted(stated.gatherings))},
        spelled=spelled(title, text, language),
        heard=heard(title, text),
        transcript=bool(passages(article.text)),
        headed={
            name: term
            for name, word in headed(title, text, language).items()
            for term, _ in terms(word, language)
        },
        told=stated.near["places"] | told_of(title, text, language),
    )
