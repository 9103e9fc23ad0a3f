"""Split text into the units that grouping compares: words for copies, terms for events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

import snowballstemmer

from monitor.stories.function_words import empty_words
from monitor.stories.places import LAND_OF_PEOPLE

LONGEST = 40
"""Upper bound on the mean characters per word: limits how far a text is read for its opening."""
_UNSPACED = "\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Thai, kana and Han: written without spaces, so a run of them is not a single word."""

_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W_{_UNSPACED}]+(?:['’][^\W_{_UNSPACED}]+)*")
_SPACED_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_GRAMMAR = re.compile(r"[\u3040-\u309f]*$|.*[的了]")
"""Grammar only: runs of hiragana in Japanese, these two characters in Chinese."""
_POSSESSIVE = re.compile(r"['’]s?$")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|jusqu|lorsqu|un|[adns]?[aeou]ll|dall|quest)['’](?=\w)")
"""The elided article before a vowel, in French and Italian: l'Ukraine, dell'alleanza."""
_GROUPED = re.compile(r",(?<=\d,)(?=\d{3}\b)")
"""The comma of 12,500: without it the number is one word."""

_AMERICAN = {
    "enc": "ens",
    "our": "or",
    "is": "iz",
    "ys": "yz",
    "r": "er",
    "u": "",
    "programm": "program",
    "manoeuvr": "maneuv",
    "calibr": "calib",
    "grey": "gray",
}
_BRITISH = re.compile(
    r"(?:(?<=^def|^off|^lic)enc|(?<=\w{3})(?:our|is|ys)|(?<=\w{2}[bt])r|(?<=\wlog)u"
    r"|^programm|^manoeuvr|^calibr|^grey)$"
)
"""Endings of British stems, and a few whole stems; what they become in `_AMERICAN` need not be a
word, only the same for both spellings."""

_CLOSE = re.compile(
    rf"(?<=[A-Za-z0-9])(?=[{_UNSPACED}\uac00-\ud7a3])|(?<=[{_UNSPACED}\uac00-\ud7a3])(?=[A-Za-z0-9])"
)
_USUAL = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_USUAL |= {zero + digit: 48 + digit for zero in (0x660, 0x6F0, 0x966) for digit in range(10)}
_USUAL |= {ord("٫"): ord("."), ord("٬"): ord(",")}
"""Letters and digits of full width; the digits of Arabic, Persian and Hindi."""
_UNUSUAL = re.compile(
    rf"[{_UNSPACED}\uac00-\ud7a3\uff01-\uff5e\u0660-\u066c\u06f0-\u06f9\u0966-\u096f]"
)
"""What most texts have none of: a quick look before a slow one."""

_english = snowballstemmer.stemmer("english")


def words(text: str) -> list[str]:
    """All words in lower case, in order; unspaced scripts give one word per character."""
    lower = _GROUPED.sub("", text.lower()).replace("’", "'")
    if _is_spaced(lower):
        return _SPACED_WORD.findall(lower)
    found: list[str] = []
    for match in _WORD.finditer(lower):
        found.extend(match[0] if _IS_UNSPACED.match(match[0]) else [match[0]])
    return found


def spaced(text: str) -> str:
    """The text with Latin letters and digits as elsewhere, and apart from a script around them.

    "采购F-35战机" and "４０億" hold a designator and a number, as words of their own.
    """
    if text.isascii() or not _UNUSUAL.search(text):
        return text
    return _CLOSE.sub(" ", text.translate(_USUAL))


def _is_spaced(text: str) -> bool:
    return text.isascii() or not _IS_UNSPACED.search(text)


def terms(text: str, language: str, limit: int | None = None) -> Iterator[tuple[str, str]]:
    """Pairs (term, word as it stands in lower case) of the first `limit` words.

    English (and text of unknown language) is stemmed with Snowball's English rules
    (https://snowballstem.org/algorithms/english/stemmer.html); other languages keep their
    words; unspaced scripts give overlapping pairs of characters. Words that say nothing about
    an event are left out.
    """
    stemmed = language[:2].lower() in ("en", "")
    elided = language[:2].lower() in ("fr", "it")
    empty = empty_words(language)
    for word in _spaced(text, limit):
        if not word.isascii() and _IS_UNSPACED.match(word):
            if not _GRAMMAR.match(word):
                yield word, word
            continue
        plain = _bare(word, elided) if "'" in word or "’" in word else word
        if plain in empty or (len(plain) < 2 and not plain.isdigit()):
            continue
        yield (_stem(plain) if stemmed else plain), plain


def _bare(word: str, elided: bool) -> str:
    """The word without the possessive, and without an elided article."""
    return _POSSESSIVE.sub("", _ELIDED.sub("", word) if elided else word)


def _spaced(text: str, limit: int | None) -> Iterator[str]:
    """The first `limit` words; unspaced runs give pairs of characters."""
    head = text if limit is None else text[: limit * LONGEST]
    lower = _GROUPED.sub("", head.lower()).replace("’", "'")
    if _is_spaced(lower):
        return (match[0] for match in islice(_SPACED_WORD.finditer(lower), limit))
    return islice(_pairs(lower), limit)


def _pairs(lower: str) -> Iterator[str]:
    for match in _WORD.finditer(lower):
        run = match[0]
        unspaced = _IS_UNSPACED.match(run) and len(run) > 1
        yield from (run[at : at + 2] for at in range(len(run) - 1)) if unspaced else [run]


_LANDS = {
    _english.stemWord(people): _english.stemWord(land) for people, land in LAND_OF_PEOPLE.items()
}
"""Stems: "Israeli" and "Israelis" are the same evidence as "Israel", not more."""


@lru_cache(maxsize=50_000)
def _stem(word: str) -> str:
    stem: str = _english.stemWord(word)
    return _LANDS.get(stem) or _BRITISH.sub(lambda ending: _AMERICAN[ending[0]], stem)
