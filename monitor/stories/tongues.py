"""What a report speaks of, in any of our languages: the same for all of them.

Reports of one event in two languages share no words, but they speak of the same countries, towns
and weapons: see `lexicon`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from ahocorasick_rs import AhoCorasick, MatchKind

from monitor.stories.gatherings import bodies
from monitor.stories.lexicon import PLACES, THINGS
from monitor.stories.names import spoken
from monitor.stories.places import LIES_IN, PLACE_OF

SHARED = 3
"""Fewer places and things than this are in many reports together."""
ALIKE = 0.5
"""Least cosine of what two reports speak of."""
TOWN = 1.5
"""How many names it is worth if they share a town."""
ENDING = 5
"""Most letters that a language adds to the name of a place."""
COMPOUND = 12
"""The same for a thing, of which a language may make a longer word: "Drohnenangriff"."""
ARABIC_ENDING = 3
"""The same for both in Arabic script: of a people, in the feminine, in the plural."""
FORMED = 5
"""Fewest letters of the stem of a town that is looked for in other spellings."""
NONE = "-"
"""What a form of the lexicon means that only begins like others."""
LONGEST = 4
"""Letters before a form that are looked at: no prefix is longer than three."""

_OTHERWISE = frozenset(["constanta", "engels", "grozny", "izmail", "kazan", "latakia", "samara"])
"""Towns that are spelled like a first name or a common word: the lexicon has all their forms."""
_CAPITAL = re.compile(r"[^\W\d_a-z][^\W\d_]{3,}")
_ONLY_IN = {
    **dict.fromkeys(
        ("nga", "úc", "áo", "bỉ", "đức", "pháp", "síp", "séc", "mỹ", "ý", "nhật"), ("vi",)
    ),
    **dict.fromkeys(("sale", "sales"), ("", "en")),
    "abd": ("tr",),
    "bán": ("vi",),
    "casus": ("tr",),
    "coup": ("", "en"),
    "damas": ("fr",),
    "iha": ("tr",),
    "junta": ("", "en", "de", "fr"),
    "mosca": ("it",),
    "انقلاب": ("ar",),
}
"""Forms that are other words in other languages -> the languages in which they count."""
_LETTERS = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه", "ى": "ي", "ی": "ي", "ک": "ك", "İ": "I", "ё": "е"}
    | {"’": "'", "‘": "'"}
    | {chr(mark): None for mark in (0x640, *range(0x64B, 0x653), 0x670)}
)
"""Letters that are written in two ways, and Arabic marks that are mostly left out."""
_PREFIXES = frozenset(
    ["", "و", "ف", "ب", "ل", "ك", "ال", "لل", "وال", "فال", "بال", "كال", "ولل", "ول", "وب"]
)
"""What Arabic writes together with the next word: the article, "and", "in", "to"."""
_ARABIC, _HAN, _KANA, _HANGUL = "ء-ي٠-ۿ", "㐀-鿿豈-﫿", "ァ-ヺー", "가-힣"
_IN_ARABIC = re.compile(rf"[{_ARABIC}]")
_UNSPACED = {script: re.compile(rf"[{script}]") for script in (_HAN, _KANA, _HANGUL)}


def head_of(text: str, language: str) -> str:
    """About the first 80 words of a text, in characters: fewer where a character is a word."""
    return text[: 250 if language[:2].lower() in ("zh", "ja", "ko") else 700]


def told_of(title: str, text: str, language: str) -> frozenset[str]:
    """What title and opening speak of besides places: bodies, weapons, acts, offices."""
    head = f"{title}\n{head_of(text, language)}"
    return bodies(head) | things_in(head, language)


def alike(one: frozenset[str], other: frozenset[str]) -> float:
    """How many names it is worth that two reports speak of the same places and things.

    0 if what they share is little, or a small part, or if towns are named but none in both: one of
    another night's attacks may be in a town that our lists lack. More if they share a town.
    """
    shared = one & other
    if len(shared) < SHARED or len(shared) < ALIKE * math.sqrt(len(one) * len(other)):
        return 0.0
    if shared & LIES_IN.keys():
        return TOWN
    return 0.0 if (one | other) & LIES_IN.keys() else 1.0


def places_in(text: str, language: str) -> frozenset[str]:
    """The places that a text in any of our languages names; `places` knows English ones."""
    return frozenset(_found(_lexicon(PLACES), text, language, named=True)).union(_towns_in(text))


def things_in(text: str, language: str) -> frozenset[str]:
    """The weapons, acts and offices that a text in any of our languages speaks of, in English."""
    return frozenset(_found(_lexicon(THINGS), text, language, named=False))


@dataclass(frozen=True, slots=True)
class _Lexicon:
    """Forms, each with what it means and whether it is a whole word, and the automaton of them."""

    forms: tuple[tuple[str, str, bool], ...]
    find: AhoCorasick


@cache
def _lexicon(listed: str) -> _Lexicon:
    forms = tuple(dict.fromkeys(_forms(listed)))
    find = AhoCorasick([written for written, _, _ in forms], matchkind=MatchKind.LeftmostLongest)
    return _Lexicon(forms, find)


def _forms(listed: str) -> Iterator[tuple[str, str, bool]]:
    for line in listed.strip().splitlines():
        meant, _, forms = line.partition(": ")
        for listed_form in forms.split():
            written = listed_form.removesuffix(".").replace("_", " ").translate(_LETTERS)
            yield written, meant, listed_form.endswith(".")
            if written.startswith("ال"):  # with "to" before it, the article is written otherwise
                yield "لل" + written[2:], meant, listed_form.endswith(".")


@cache
def _towns() -> dict[str, str]:
    """The stem of each town -> the town; short stems may be anything else."""
    return {
        stem: town
        for spelling, town in PLACE_OF.items()
        if town in LIES_IN and town not in _OTHERWISE and len(stem := _stem(spelling)) >= FORMED
    }


def _stem(name: str) -> str:
    """A name as it is said, without the vowels at its end."""
    return spoken(name).rstrip("aeiou")


def _towns_in(text: str) -> Iterator[str]:
    """Towns that a text in an alphabet names as English does, but for spelling and script."""
    towns = _towns()
    for match in _CAPITAL.finditer(text):
        word = match[0]
        if word[0].isupper():
            stem = _stem(word)
            most = ENDING if "а" <= word[-1] <= "ґ" else int(word.endswith("s"))
            for end in range(len(stem), max(FORMED, len(stem) - most) - 1, -1):
                if stem[:end] in towns:
                    yield towns[stem[:end]]
                    break


def _found(lexicon: _Lexicon, text: str, language: str, *, named: bool) -> Iterator[str]:
    told = normalize("NFC", text).translate(_LETTERS)
    lower = told.lower()
    if len(lower) != len(told):  # a letter that grows would shift what is found
        lower = "".join(letter.lower()[0] for letter in told)
    for at, start, end in lexicon.find.find_matches_as_indexes(lower):
        written, meant, whole = lexicon.forms[at]
        if meant == NONE or language[:2] not in _ONLY_IN.get(written, (language[:2],)):
            continue
        if named and told[start].islower():
            continue
        most = ENDING if named else COMPOUND
        if _bounded(lower, start, end, 0 if whole else most):
            yield meant


def _bounded(text: str, start: int, end: int, most: int) -> bool:
    """Whether a form stands where a word of its script may begin and end, after at most so many
    letters more."""
    first = text[start]
    for script, letter in _UNSPACED.items():
        if letter.match(first):
            alone = not most or script == _KANA
            around = letter.match(text[start - 1 : start]) or letter.match(text, end)
            return not (alone and around)
    begin = start
    while begin and start - begin < LONGEST and text[begin - 1].isalpha():
        begin -= 1
    stop = end
    while stop < len(text) and stop - end <= most and text[stop].isalpha():
        stop += 1
    ahead, ending = text[begin:start], text[end:stop]
    if _IN_ARABIC.match(first):
        return ahead in _PREFIXES and len(ending) <= min(most, ARABIC_ENDING)
    return not ahead and len(ending) <= most
