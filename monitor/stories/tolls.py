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
_TIMES = frozenset(
    """
    seconds minutes hours days weeks months years decades times
    tage tagen stunden wochen monate monaten jahre jahren
    jours heures semaines mois ans
    días horas semanas meses años
    giorni ore settimane mesi anni
    """.split()  # noqa: SIM905  # words in rows are easier to read
)
"""What spans of time are counted in."""
_WORD = re.compile(r"[^\W\d_]+")
NEAR = 4
"""Most words between a number and the word that says that people were harmed."""

SHORTEST = 3
"""Fewest letters of a word for what is counted."""


def numbers(text: str, language: str) -> set[str]:
    """The numbers that a text has in letters, in digits: what it may have told."""
    known = _NUMBERS.get(language[:2], {})
    return {known[word] for word in map(str.lower, _WORD.findall(text)) if word in known}


def tolls(sentence: str, language: str) -> Iterator[tuple[str, str]]:
    """Counts of people harmed in a sentence: each in digits, and as it is written with the word
    behind it ("seven people"). None for languages whose numbers are not known here."""
    known = _NUMBERS.get(language[:2], {})
    words = list(_WORD.finditer(sentence)) if known and _HARM.search(sentence) else []
    harmed = [at for at, word in enumerate(words) if _HARM.fullmatch(word[0])]
    for at, word in enumerate(words):
        number = known.get(word[0].lower())
        behind = words[at + 1] if at + 1 < len(words) else None
        if number is None or (behind and behind[0].lower() in _TIMES):
            continue
        if any(0 < abs(at - harm) <= NEAR + 1 for harm in harmed):
            joined = (
                behind and len(behind[0]) > 2 and sentence[word.end() : behind.start()].isspace()
            )
            end = behind.end() if behind and joined else word.end()
            yield number, sentence[word.start() : end]
