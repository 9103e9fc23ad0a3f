"""Developments: when a story that was told deserves another line, and which sentence is new.

A report is material when one sentence of its opening states what no report told before states: a
correction, an official source's own statement, a figure, or names. News is at the head of a report;
further down each outlet has its own background, and new words for known facts are not news.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from monitor import sentences
from monitor.model import Article, Development
from monitor.stories import tolls
from monitor.stories.everyday_words import EVERYDAY_WORDS

OPENING = 80
"""Words at the head of the body that contain its news."""
ACTORS = 2
"""Fewest new names in one sentence that are new actors; one is often a reporter or a place."""
MOST_CAPITALS = 0.5
"""Lines with a larger share of capitalised words are bylines, captions or lists."""

KINDS = ("correction", "official statement", "new figure", "new actors")
"""Kinds of development, most telling first."""

_FIGURE = re.compile(
    r"(?<![\w.,:/+-])(\d+(?:[.,]\d+)*)(?:\s?(%)|\s+([^\W\d_]{3,})|(?=[.;,]?(?:\s|$)))"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_COUNTED = re.compile(r"\b(?:to|than|of|least|nearly|about|some|now) $")
"""After one of these, a number without a counted thing is a figure: "the toll rose to 9"."""
_NUMBERED = re.compile(r"(?<![\w.,-])([^\W\d_][\w-]*) $")
"""The word directly before a number, which may form a name with it: "Type 31", "Gripen E 39"."""
_LOOKED_AT = 80
"""Characters before a number in which a name and its preposition are looked for."""
_PLACED = re.compile(
    r"(?<!\w)(?i:in|near|at|over|across|à|en|i|w|в|у|на)(?: [^\W\d_a-zß-öø-ÿ][\w-]*)* $"
)
"""A count may also follow a place: "in Kharkiv 7 people"."""
_AMOUNT = re.compile(
    r"(?:[mb]|tr)il+(?:[ij][aoó]|[oó]n)|milh|m(?:ln|ld|rd)|crore|lakh|м[иі]л|млн|млрд",
    re.IGNORECASE,
)
"""Words for money, which amounts are counted in: "SEK 40 million"."""
_NAME = re.compile(
    r"(?<!\w)[^\W\d_a-zß-öø-ÿ][^\W\d_]{2,}(?:[ -][^\W\d_a-zß-öø-ÿ][^\W\d_]+)*(?![\w.])"
)
_WORD = re.compile(r"[^\W\d_]+")
_BEGINS = re.compile(r"(?:^|[.!?:“\"] ?)$")
_CORRECTION = re.compile(
    r"^(?:correct(?:ion|ed)|clarification|retraction|berichtigung|korrektur|rectificatif|"
    r"correcci[oó]n|rettifica|sprostowanie|исправление|виправлення)\b"
    r"|\b(?:earlier|previous) version of this (?:article|story|report|post)\b"
    r"|\b(?:this|the) (?:article|story|report|post) (?:corrects|(?:has been|was) corrected)\b"
    r"|\bcorrect(?:ed|ing|s) (?:an|its|the|his|her|their) (?:earlier|previous)\b",
    re.IGNORECASE,
)
_SPANS_OF_TIME = """
january february march april may june july august september october november december
monday tuesday wednesday thursday friday saturday sunday
second seconds minute minutes hour hours day days week weeks month months year years decade
decades ago gmt utc bst cet cest eet edt est local min mins
"""
_NO_THINGS = frozenset(_SPANS_OF_TIME.split())
"""Units of dates, times and spans of time, which do not count as things."""
_CAPITAL_NOUNS = frozenset({"de", "lb"})
"""Languages in which a capital letter does not mark a name."""


def development(
    told: Sequence[Article],
    new: Sequence[Article],
    official: Collection[str] = (),
    copies: Collection[int] = (),
) -> Development | None:
    """What the articles `new` add to those of their story told before; None: nothing material.

    The most telling kind (see `KINDS`) wins; among equals, the first article. `official` names the
    sources that issue statements; `copies` has the ids of articles that repeat a text, which can
    only bring a correction. If nothing was told before, nothing is a development.
    """
    if not told:
        return None
    known = _Known(told, official)
    found = [_added(known, one, official, one.id in copies) for one in new]
    added = [one for one in found if one]
    return min(added, key=lambda one: KINDS.index(one.kind), default=None)


class _Known:
    """What the articles told before state."""

    def __init__(self, told: Sequence[Article], official: Collection[str]) -> None:
        self.text = "\n".join(f"{article.title}\n{article.text}" for article in told)
        self.numbers = {number for number, _ in _figures(self.text)}
        for one in told:
            self.numbers |= tolls.numbers(f"{one.title}\n{one.text}", one.language)
        self.words = {word.lower() for word in _WORD.findall(self.text)} | EVERYDAY_WORDS
        self.languages = {article.language[:2] for article in told}
        self.stated = any(article.source in official for article in told)


def _added(
    known: _Known, new: Article, official: Collection[str], copy: bool
) -> Development | None:
    fresh = [one for one in _opening(new) if one not in known.text]
    title = [new.title] if new.title and new.title not in known.text else []
    for sentence in (*title, *fresh):
        if _CORRECTION.search(sentence):
            return _said(new, "correction", sentence, ())
    if copy:
        return None
    if new.source in official and not known.stated and fresh:
        return _said(new, "official statement", fresh[0], ())
    for sentence in (*fresh, *title):
        capitals = _is_prose(sentence) and new.language[:2] not in _CAPITAL_NOUNS
        figures = (*_figures(sentence, capitals=capitals), *tolls.tolls(sentence, new.language))
        shown = [as_written for number, as_written in figures if number not in known.numbers]
        if shown:
            return _said(new, "new figure", sentence, shown)
    if new.language[:2] in _CAPITAL_NOUNS or new.language[:2] not in known.languages:
        return None
    headed = {word.lower() for word in _WORD.findall(new.title)}
    for sentence in fresh:
        actors = [name for name in _names(sentence) if _is_new(name, known, new)]
        subject = any(word.lower() in headed for name in actors for word in _WORD.findall(name))
        if (subject or len(actors) >= ACTORS) and _is_prose(sentence):
            return _said(new, "new actors", sentence, actors)
    return None


def _said(article: Article, kind: str, sentence: str, new: Sequence[str]) -> Development:
    return Development(article_id=article.id, kind=kind, sentence=sentence, new=tuple(new))


def _opening(article: Article) -> list[str]:
    """The sentences that begin within the first words of a text."""
    found: list[str] = []
    words = 0
    for line in filter(str.strip, article.text[: OPENING * 40].split("\n")):
        for start, end in sentences.places(line, article.language):
            if words >= OPENING:
                return found
            found.append(line[start:end].strip())
            words += len(found[-1].split())
    return found


def _figures(text: str, *, capitals: bool = False) -> Iterator[tuple[str, str]]:
    """Numbers, each with the words that show it; years, dates and spans of time are left out.

    Where capitals mark names, so are numbers that are part of a name.
    """
    for match in _FIGURE.finditer(text):
        number, percent, thing = match.groups()
        if _YEAR.fullmatch(number) or (thing and thing.lower() in _NO_THINGS):
            continue
        if capitals and thing and not _AMOUNT.match(thing) and _is_of_name(text, match):
            continue
        if percent or thing or _COUNTED.search(text, max(0, match.start() - 8), match.start()):
            yield number.replace(",", ""), match[0]


def _is_of_name(text: str, number: re.Match[str]) -> bool:
    """Whether a number follows a capitalised word inside a sentence and counts nothing.

    The first word of a sentence is capitalised anyway; amounts have commas and points.
    """
    end = number.start()
    word = _NUMBERED.search(text, max(0, end - _LOOKED_AT), end)
    if not word or not number[1].isdigit() or not word[1][0].isupper():
        return False
    end = word.start()
    return (
        word[1].lower() not in _NO_THINGS
        and not _BEGINS.search(text, max(0, end - 2), end)
        and not _PLACED.search(text, max(0, end - _LOOKED_AT), end)
    )


def _names(text: str) -> list[str]:
    """Names inside a sentence, in order: a run of capitalised words is one name."""
    found = [m[0] for m in _NAME.finditer(text) if not _BEGINS.search(text, 0, m.start())]
    return list(dict.fromkeys(found))


def _is_prose(sentence: str) -> bool:
    """Whether capitals mark names in it; its first word, days and months have one anyway."""
    words: list[str] = [one for one in _WORD.findall(sentence)[1:] if one.lower() not in _NO_THINGS]
    capitals = sum(word[0].isupper() for word in words)
    return capitals <= MOST_CAPITALS * len(words)


def _is_new(name: str, known: _Known, article: Article) -> bool:
    """Whether no word of a name was told, in any case, and it is not the outlet's own name."""
    own = " ".join((article.source, *article.authors)).lower()
    words = [word.lower() for word in _WORD.findall(name)]
    return not any(word in known.words or word in own or word in _NO_THINGS for word in words)
