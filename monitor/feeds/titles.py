"""Whether two titles can be those of one feed: publishers reword a title, strangers replace it."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_RUN: Final = 5
"""Length of a run of letters that counts as common to two titles, even without a common word."""
_WORD: Final = re.compile(r"\w+")
_UNSPACED: Final = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
"""Scripts of languages that put no spaces between words, or attach particles to them."""
_SAID_BY_ALL: Final = """
a all and at by for from in of on our the to with article articles atom blog blogs com entries
feed feeds headlines home homepage http https latest net news official org page post posts press
recent release releases rss site stories top update updates web website www xml das der die el la
las le les los und y et de des du aktuell aktuelles actualites actualidad nachrichten noticias
notizie nieuws nyheter haberler wiadomosci новости новини
"""
_ANYBODYS: Final = frozenset(_SAID_BY_ALL.split())
"""Words that any feed's title may contain: they do not distinguish publishers."""


def unlike(one: str, other: str) -> bool:
    """Whether two titles have nothing in common that would identify a publisher.

    In common may be a word, five consecutive letters (two in scripts without spaces), or the
    initials of one as a word of the other. Words that any feed's title may contain do not count. A
    title of such words only is unlike no other.
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
    """The title without case and accents, and with variant forms of letters unified (NFKD)."""
    taken_apart = unicodedata.normalize("NFKD", title.casefold())
    return "".join(letter for letter in taken_apart if not unicodedata.combining(letter))
