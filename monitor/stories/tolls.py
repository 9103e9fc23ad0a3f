"""Counts of people harmed, where they are written in letters.

Most outlets write the numbers up to nine, or twelve, as words: "killed three people", "zwei Tote".
Other numbers in letters say little ("one of the two ministers"), so only tolls are read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_FROM_TWO = {
    "en": "two three four five six seven eight nine ten eleven twelve",
    "de": "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    "fr": "deux trois quatre cinq six sept huit neuf dix onze douze",
    "es": "dos tres cuatro cinco seis siete ocho nueve diez once doce",
    "it": "due tre quattro cinque sei sette otto nove dieci undici dodici",
}
_NUMBERS = {
    language: {word: str(number) for number, word in enumerate(words.split(), 2)}
    for language, words in _FROM_TWO.items()
}
"""Language -> word -> the same number in digits."""
_HARM = re.compile(
    r"(?<!\w)(?:kill(?:s|ed|ing)|dead|deaths?|dies|died|wounded|injured|injuring|toll|missing"
    r"|casualties|fatalities|tot|tote[nr]?|getötet|verletzt\w*|verletzte[nr]?|todesopfer"
    r"|morte?s?|tués?|tuées?|blessée?s?|muert[oa]s?|murieron|herid[oa]s?|morti|uccis[ei]|ferit[ei])"
    r"(?!\w)",
    re.IGNORECASE,
)
_LISTED_TIMES = """
seconds minutes hours days weeks months years decades times
tage tagen stunden wochen monate monaten jahre jahren
jours heures semaines mois ans
días horas semanas meses años
giorni ore settimane mesi anni
"""
_TIMES = frozenset(_LISTED_TIMES.split())
"""What spans of time are counted in."""
_LISTED_HUNDREDS = """
hundred thousand million billion dozen score hundert tausend millionen dutzend
cent cents mille millions douzaines dizaines cientos mil millones docenas decenas
cento mila milioni decine dozzine centinaia
"""
_HUNDREDS = frozenset(_LISTED_HUNDREDS.split())
"""What makes a number larger, behind it."""
_PART = re.compile(r"(?:[-‐‑]|(?:treinta|(?:cuar|cincu|ses|set|och|nov)enta) y |war )$", re.I)
"""Before a word that is only a part of a number ("twenty-two"), or of a name ("World War Two")."""
_WORD = re.compile(r"[^\W\d_]+")
NEAR = 4
"""Most words between a number and the word that says that people were harmed."""

SHORTEST = 3
"""Fewest letters of a word for what is counted."""
LONGEST = 16
"""Characters before a number in which the other part of it is looked for."""


def numbers(text: str, language: str) -> set[str]:
    """The numbers that a text has in letters, in digits: what it may have told."""
    known = _NUMBERS.get(language[:2], {})
    return {known[word] for word in map(str.lower, _WORD.findall(text)) if word in known}


def tolls(sentence: str, language: str) -> Iterator[tuple[str, str]]:
    """Counts of people harmed in a sentence: each in digits, and as it is written with the word
    behind it ("seven people"). None for languages whose numbers are not known here."""
    known = _NUMBERS.get(language[:2], {})
    words = list(_WORD.finditer(sentence)) if known and _HARM.search(sentence) else []
    harmed = {at for at, word in enumerate(words) if _HARM.fullmatch(word[0])}
    for at, word in enumerate(words):
        number = known.get(word[0].lower())
        behind = words[at + 1] if at + 1 < len(words) else None
        if number is None or (behind and behind[0].lower() in _TIMES) or _is_part(word, behind):
            continue
        if any(at + apart in harmed for apart in range(-NEAR - 1, NEAR + 2) if apart):
            joined = (
                behind
                and len(behind[0]) >= SHORTEST
                and sentence[word.end() : behind.start()].isspace()
            )
            end = behind.end() if behind and joined else word.end()
            yield number, sentence[word.start() : end]


def _is_part(word: re.Match[str], behind: re.Match[str] | None) -> bool:
    """Whether a number is only a part of a longer one or of another word: "twenty-two", "two
    hundred", "two-year-old"."""
    before = word.string[max(0, word.start() - LONGEST) : word.start()]
    hyphen = word.string.startswith(("-", "‐", "‑"), word.end())
    return hyphen or bool(_PART.search(before)) or bool(behind and behind[0].lower() in _HUNDREDS)
