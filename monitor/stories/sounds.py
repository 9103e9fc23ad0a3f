"""Names heard alike: Зеленский, زيلينسكي, ゼレンスキー and 젤렌스키 have one sound.

Arabic, Japanese and Korean write a foreign name by its sound, without capitals, and each lacks some
sounds. So only consonants are compared, and those that some script does not tell apart are one.
Few are left, and words that are no names are compared as well: a sound counts from `LEAST`
consonants on, of a word or of two words side by side. Chinese is left out: it writes by syllable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise
from unicodedata import name, normalize

LEAST = 5
"""Fewest consonants of a sound."""
PART = 2
"""Fewest of each of two words."""

_CLASSES = ("PpBbFfVv", "RrLl", "SsZzCc", "KkGgQqχ", "Tt", "Dd", "Mm", "Nn")
_ARABIC = ("بپفڤ", "رل", "سصزظشجچژ", "كکقخغگ", "تطث", "دذض", "م", "ن")
_INITIALS = ("ᄇᄈᄑ", "ᄅ", "ᄉᄊᄌᄍᄎ", "ᄀᄁᄏ", "ᄐᄄ", "ᄃ", "ᄆ", "ᄂ")
_FINALS = ("ᆸᇁ", "ᆯ", "", "ᆨᆩᆿ", "ᆺᆻᆮᇀ", "", "ᆷ", "ᆫᆼ")
_SOUND = {
    ord(letter): same[0]
    for listed in (_CLASSES, _ARABIC, _INITIALS, _FINALS)
    for same, letters in zip(_CLASSES, listed, strict=True)
    for letter in letters
}
_SOFT = {"HU": "F", "TI": "S", "TU": "S"}
"""Syllables that are not said as they are called."""
for _code in range(ord("ァ"), ord("ヴ") + 1):
    _called = name(chr(_code)).removeprefix("KATAKANA LETTER ")
    _SOUND[_code] = (
        "" if "SMALL" in _called else _SOUND.get(ord(_SOFT.get(_called, _called)[0]), "")
    )
_REST = re.compile(r"[^PRSKTDMN]+")
_TWICE = re.compile(r"(.)\1+")
_WORD = re.compile(r"[ء-يٱ-ۓ]{2,}|[ァ-ヴー]{2,}|[가-힣]{2,}")
_ARTICLE = re.compile(r"^[وفبلك]?ال")
_PARTICLE = re.compile(r"(?<=..)(?:에서|[은는이가을를의에와과도로])$")
_BETWEEN = frozenset((" ", "・", "·", "=", "-"))
"""What stands between two words of one name."""


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """The consonants of a word in any script whose letters stand for sounds."""
    plain = normalize("NFKD", word) if "가" <= word[:1] <= "힣" else word
    return _TWICE.sub(r"\1", _REST.sub("", plain.translate(_SOUND)))


def sounds_of(named: Iterable[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The sounds of names, each with the number of its name; two words of one name are joined."""
    told = [(number, sound(word)) for number, word in named]
    yield from ((number, heard) for number, heard in told if len(heard) >= LEAST)
    for (number, one), (same, other) in pairwise(told):
        if number == same and _is_pair(one, other):
            yield number, one + other


def sounds_in(text: str) -> Iterator[tuple[int, str]]:
    """The sounds of the words in scripts without capitals, each with the number of the word, and of
    two words side by side, with that of the second."""
    told = [
        (match.start(), match.end(), sound(_PARTICLE.sub("", _ARTICLE.sub("", match[0]))))
        for match in _WORD.finditer(text)
    ]
    for number, (start, _, heard) in enumerate(told):
        _, end, before = told[number - 1] if number else (0, 0, "")
        if start == end + 1 and text[end] in _BETWEEN and _is_pair(before, heard):
            yield number, before + heard
        if len(heard) >= LEAST:
            yield number, heard


def _is_pair(one: str, other: str) -> bool:
    return min(len(one), len(other)) >= PART and len(one + other) >= LEAST
