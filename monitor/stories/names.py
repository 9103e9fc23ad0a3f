"""Names: what reports of one event share, whatever their angle and language.

Reports on the port, the oil price and the insurers have few words in common, a Spanish one hardly
any. They have the town, the ship and the general in common. So names are reduced to a form that is
nearly the same in all languages of the Latin and Cyrillic scripts: Novorossiysk, Noworossijsk and
Новороссийск have one form. The form need not be a word: it is only compared.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import islice
from unicodedata import combining, normalize

from monitor.stories.everyday_words import EVERYDAY_NAMES, EVERYDAY_WORDS
from monitor.stories.function_words import empty_words
from monitor.stories.places import COUNTRY_OF
from monitor.stories.sounds import sounds_in, sounds_of

LIMIT = 1300
"""Characters of the title, and of the text, in which names are looked for."""
NOUNS_ARE_NAMES = frozenset(("de", "lb"))
"""Languages that capitalise every noun: German and Luxembourgish."""
LEAST = 3
"""Fewest letters of a name's form: shorter ones coincide by chance."""
TITLED = 0.6
"""With this share of a title's words capitalised or more, capitals do not mark names there."""
PLAIN_FIGURE = 31
"""Whole numbers up to this are days of the month, or counts that any report may hold."""

_CAPITAL = re.compile(r"[^\W\d_a-z](?<![\w.].)[^\W\d_]+", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{4,}")
_FIGURE = re.compile(
    r"(\d(?<![\w.,:/-].)(?:\d{0,2}(?:[,.\u00a0\u202f]\d{3})+|\d*))(?:[.,](\d{1,2}))?"
    r"(?:[ \u00a0\u202f]?(?:(bn|bln|billion|mrd|mld|mil+i?ard|miljard|mil mill|mil milh|bilh"
    r"|млрд|миллиард|мільярд|مليار|میلیارد|milyar|miliar|tỷ|tỉ|십억|十亿|十億)|(mn|mln|mio|mil+i?on|millón"
    r"|milh|miljo|млн|миллион|мільйон|مليون|ملايين|میلیون|milyon|juta|triệu|백만|百万|百萬)"
    r"|([万萬만亿億억兆조]))[^\W\d_]*(?!\w)|(?![\w:/-]|[.,]\d))",
    re.DOTALL | re.IGNORECASE,
)
"""Whole, part, and thousands of millions or millions, in any of our languages; or ten thousands
and their squares and cubes, by which East Asia counts."""
_TEN_THOUSANDS = {"万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8, "兆": 12, "조": 12}
"""How many zeros they add."""
_SPACED = re.compile(r"(?<![\d.,] )(?<![\d.,:/-])(\d{1,3}) (?=\d{3}(?!\d))")
"""A space that separates thousands, as in most languages other than English."""
_DESIGNATOR = re.compile(r"([A-Z](?<![\w-].)[A-Za-z]{0,4})[-‐‑–]?(\d{1,4})[A-Z]{0,2}s?(?![\w-])")
_YEARS = range(1950, 2070)
_JOINED = re.compile(r"[ -](?:(?:de|da|do|del|van|von|al|el|bin|of) )?")
"""What may stand between the words of one name."""
_ENDS = frozenset('.!?:;•*|\n"“”„«»–—-(')
_ACRONYM = re.compile(r" \((?=[A-Z]{3,}\)(?! ?[-–—]))")
"""Behind a name, what it is called for short; before a dash, the agency behind a dateline."""
_SHORTENED = re.compile(r"(?<![^\W_])[^\W\d_a-z][^\W\d_]{0,2}\.\s$")
"""A full stop that does not end a sentence: "Gen. Kravets", "U.S. Secretary"."""

_CYRILLIC = str.maketrans(
    dict(
        zip(
            "абвгґдеёєжзиіїйклмнопрстуўфхцчшщыэюяъь",
            [*"abvggdeeessiiiiklmnoprstuufχ", "ts", *"cssieua", "", ""],
            strict=True,
        )
    )
)
_PLAIN_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "ı": "i", "æ": "ae"})
_SOUNDS = [
    (re.compile(form), sound)
    for form, sound in (
        ("ck|q|c(?![eiyhz])", "k"),
        ("kh", "χ"),
        ("sch|sh|zh", "s"),
        ("tch|cz|ch(?=[eiy])", "c"),
        ("gh|gu(?=[ei])", "g"),
        ("ph", "f"),
        ("th", "t"),
        ("ts|tz", "c"),
        ("w", "v"),
        ("[yj]", "i"),
        ("z", "s"),
        ("x", "ks"),
        ("ou", "u"),
        (r"(.)\1+", r"\1"),
    )
]
"""Spellings of the same sound in different languages."""
_ENDING = re.compile("(?<=.{4})[aeious]+$")


def form(name: str) -> str:
    """The form of a name that is common to its spellings in other languages and scripts.

    "Lomakin", "Ломакин"; "Sergei", "Sergej", "Serguéi", "Сергей"; "Zelensky", "Selenskyj".
    """
    return _ENDING.sub("", spoken(name))


@lru_cache(maxsize=50_000)
def spoken(name: str) -> str:
    """A name as it is said, roughly: "Lomakin" and "Ломакин" both give "lomakin"."""
    plain = name.lower()
    if not plain.isascii():
        plain = normalize("NFKD", plain.translate(_CYRILLIC).translate(_PLAIN_LETTERS))
        plain = "".join(letter for letter in plain if not combining(letter))
    for written, sound in _SOUNDS:
        plain = written.sub(sound, plain)
    return plain


def names(title: str, text: str, language: str) -> dict[str, int]:
    """The forms of the names in title and opening, each with the number of the name it is part of.

    "Sergei Lomakin" gives two forms of one name, so that both count once. Countries, months and
    words in reports of any week are not names here, nor is a word that is capitalised only because
    it begins a sentence. Figures count as names unless they are a day, year or hour.
    """
    title, opening = title[:LIMIT], text[:LIMIT]
    found: dict[str, int] = {}
    for number, word in _named(title, opening):
        found.setdefault(_telling(word, language), number)
    told = f"{title}\n{opening}"
    for figure in _figures(told if language[:2] in ("", "en") else _SPACED.sub(r"\1.", told)):
        found.setdefault(figure, len(opening) + len(found))
    for kind in _DESIGNATOR.findall(told):
        found.setdefault("".join(kind).lower(), len(opening) + len(found))
    found.pop("", None)
    return dict(sorted(found.items()))


def headed(title: str, text: str, language: str) -> dict[str, str]:
    """The names that the title gives, form -> word, by the capitals of the text.

    A title may be Written Like This, or end in its outlet's name: only the text shows which of its
    words are names. German texts do not show it either.
    """
    if language in NOUNS_ARE_NAMES:
        return {}
    told = {word for _, word in _capitals(text[:LIMIT])}
    both = filter(told.__contains__, _CAPITAL.findall(title[:LIMIT]))
    return {name: word for word in both if (name := _telling(word, language))}


def spelled(title: str, text: str, language: str) -> dict[str, int]:
    """The sounds of the names in title and opening, numbered as in `names`: what they have in
    common with `heard`. German nouns have none, as they would be taken for names."""
    if language in NOUNS_ARE_NAMES:
        return {}
    named = _named(title[:LIMIT], text[:LIMIT])
    told = ((number, spoken(word)) for number, word in named if _telling(word, language))
    return {sound: number for number, sound in sounds_of(told)}


def heard(title: str, text: str) -> dict[str, int]:
    """The sounds of the words of scripts without capitals, each with the number of its word."""
    told = f"{title[:LIMIT]}\n{text[:LIMIT]}"
    return {} if told.isascii() else {sound: number for number, sound in sounds_in(told)}


def written(title: str, text: str) -> dict[str, str]:
    """The forms of the capitalised words in title and opening, each with the first such word."""
    words = [match[0] for match in _CAPITAL.finditer(f"{title}\n{text[:LIMIT]}")]
    return {form(word): word for word in reversed(words)}


@lru_cache(maxsize=50_000)
def _telling(word: str, language: str) -> str:
    """The form of a name; empty if the word is not a name, or is in reports of any week."""
    lower = word.lower()
    if lower in COUNTRY_OF or lower in empty_words(language):
        return ""
    formed = form(word)
    return formed if len(formed) >= LEAST and formed not in _PLAIN else ""


@lru_cache(maxsize=2)
def _named(title: str, opening: str) -> list[tuple[int, str]]:
    """The capitals of both, those of the title with negative numbers; asked for twice."""
    found = [*_capitals(opening)]
    if not is_titled(title):
        found += [(-number, word) for number, word in _capitals(title)]
    return found


@lru_cache(maxsize=2)
def _capitals(text: str) -> tuple[tuple[int, str], ...]:
    """Capitalised words that do not begin a sentence, each with where its name begins."""
    found = []
    begin = end = -9
    plain = text.isascii()
    for match in _CAPITAL.finditer(text):
        word, start = match[0], match.start()
        if not plain and not word[0].isupper():
            continue  # a small letter with an accent, or of another script
        gap = start - end
        joined = gap == 1 and text[end] in " -"
        joined = joined or (gap == 2 and bool(_ACRONYM.match(text, end)))
        if not joined and not (1 < gap < 6 and _JOINED.fullmatch(text, end, start)):
            begin = start
        end = match.end()
        if joined or (start and not _begins(text, start)):
            found.append((begin, word))
    return tuple(found)


def _begins(text: str, start: int) -> bool:
    """Whether a word is, or may be, the first of its sentence."""
    if text[start - 1] in _ENDS:
        return text[start - 1] != "-" or text[start - 2 : start - 1].isspace()
    before = text[start - 2 : start - 1]
    return before in _ENDS and not (
        before == "." and _SHORTENED.search(text[max(0, start - 7) : start])
    )


def is_titled(title: str) -> bool:
    """Whether a Title Is Written Like This."""
    long = _WORD.findall(title)
    return sum(not word[0].islower() for word in long) > TITLED * len(long)


def _figures(text: str) -> Iterator[str]:
    """Numbers in one notation, whatever a point and a comma mean in the language."""
    for match in islice(_FIGURE.finditer(text), 50):
        whole = match[1] if match[1].isdigit() else re.sub(r"\D", "", match[1])
        part = (match[2] or "").rstrip("0")
        if match[5]:
            yield _counted(Decimal(f"{whole}.{part or 0}").scaleb(_TEN_THOUSANDS[match[5]]))
        elif match[3] or match[4]:
            yield f"{whole}{part and f'.{part}'} {'bn' if match[3] else 'm'}"
        elif part:
            yield f"{whole}.{part}"
        elif int(whole) > PLAIN_FIGURE and int(whole) not in _YEARS and whole[0] != "0":
            yield whole


def _counted(amount: Decimal) -> str:
    """A number in thousands of millions, millions or as it is, as other languages write it."""
    for zeros, unit in ((9, " bn"), (6, " m"), (0, "")):
        if amount >= 10**zeros:
            return f"{amount.scaleb(-zeros).normalize():f}{unit}"
    return ""


_PLAIN = frozenset(
    form(word) for name in (*EVERYDAY_WORDS, *EVERYDAY_NAMES, *COUNTRY_OF) for word in name.split()
)
