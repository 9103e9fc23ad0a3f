"""Whether two titles can be those of one feed: publishers re-word them, strangers replace them."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUN: Final = 5
"""Letters in a row that two titles of one publisher share, where no word is the same."""
_WORD: Final = re.compile(r"\w+")
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts that put no spaces between words, or hang their grammar on to them."""
_SAID_BY_ALL: Final = """
a all and at by for from in of on our the to with article articles atom blog blogs com entries
feed feeds headlines home homepage http https latest net news official org page post posts press
recent release releases rss site stories top update updates web website www xml das der die el la
las le les los und y et de des du aktuell aktuelles actualites actualidad nachrichten noticias
notizie nieuws nyheter haberler wiadomosci новости новини
"""
_ANYBODYS: Final = frozenset(_SAID_BY_ALL.split())
"""Words that any feed may bear: they tell nobody from anybody."""


def unlike(one: str, other: str) -> bool:
    """Whether two titles have nothing in common that would tell a publisher.

    In common: a word, five letters in a row (two in scripts without spaces), or the initials of
    one as a word of the other. Words that any feed may bear do not count. A title that has no
    other words is unlike nothing.
    """
    if one == other:
        return False
    mine, yours = _marks(one), _marks(other)
    return bool(mine and yours) and mine.isdisjoint(yours)


def _marks(title: str) -> set[str]:
    words = _WORD.findall(_folded(title))
    telling = [word for word in words if word not in _ANYBODYS]
    marks = {word for word in telling if len(word) > 1 or _UNSPACED.match(word)}
    if not marks:
        return set()
    for word in telling:
        run = 2 if _UNSPACED.search(word) else _RUN
        marks.update(word[start : start + run] for start in range(len(word) - run + 1))
    letters = "".join(telling)
    marks.update(letters[start : start + _RUN] for start in range(len(letters) - _RUN + 1))
    initials = ("".join(word[0] for word in some) for some in (words, telling))
    return marks.union(some for some in initials if len(some) > 2)


def _folded(title: str) -> str:
    """Without case, accents and the forms of one letter."""
    taken_apart = unicodedata.normalize("NFKD", title.casefold())
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter))
