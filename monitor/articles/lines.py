"""Lines of text, and the rules that decide which of them are not part of the article."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import groupby

from monitor.articles import dates, tables
from monitor.articles.fingerprint import line_hash

LONG = 80
"""A line with a sentence mark and at least so many characters counts as running text."""
BIOGRAPHY_LINES = 4
"""Most lines at the end that may be a note on the authors."""
MIN_POSTS = 3
"""Least posts of a live blog under their hours, and entries of a chronology under their dates."""
LINK_LIST = 0.8
"""A list with at least this share of its text inside links is a list of links."""
MAX_HEADING = 60
"""A longer line that is not a heading does not open a list."""
MAX_FURNITURE = 450
"""Longer lines are not compared with phrases; only their end is checked for credits."""
FURNITURE_SHARE = 0.5
"""If learned furniture makes up a larger share of a text, it is a copy and not furniture."""
SPEECHES = 0.6
"""Least share of the names before running text for them to be those of speakers."""
TAIL = 0.1
"""Up to this share of the running text after a heading such as "Related" is dropped too."""


@dataclass(frozen=True, slots=True)
class Line:
    """One block of text: kind ("p", "h2", "li", "td", "pre", ...) and how much of it is link."""

    text: str
    kind: str = "p"
    linked: int = 0
    """Characters inside links."""
    where: str = ""
    """The nearest enclosing elements as a CSS path; only if requested."""

    @property
    def heading(self) -> bool:
        return len(self.kind) == 2 and self.kind[0] == "h"

    @property
    def running(self) -> bool:
        """Whether it reads like a sentence of an article."""
        return (
            not self.heading
            and (len(self.text) >= LONG or length(self.text) >= LONG)
            and self.linked < 0.5 * len(self.text)
            and bool(_MARK.search(self.text))
        )


_MARK = re.compile(r"[.!?…。।؟]")
FOLDS = str.maketrans("’‘“”\u00a0\u202f", "''\"\"  ")


def length(text: str) -> int:
    """Characters of a text; one of a syllabic or logographic script counts as 2.5 letters."""
    return len(text) if text.isascii() else len(text) + 3 * len(_WIDE.findall(text)) // 2


_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def word_count(text: str) -> int:
    """Words of a text; without spaces (Chinese, Japanese), one for every eight characters."""
    return max(len(text.split()), len(text) // 8)


def fold(text: str) -> str:
    """Words of a text, lower case, for comparing titles."""
    return _folded(text) if len(text) <= MOST_REMEMBERED else _folded.__wrapped__(text)


MOST_REMEMBERED = 1_000
"""Characters of the longest text whose words are remembered: paragraphs have no limit."""


@lru_cache(maxsize=2_000)
def _folded(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an article before its lines are read."""

    titles: tuple[str, ...] = ()
    """The forms of the title (page, feed): a line that repeats one is dropped."""
    authors: tuple[str, ...] = ()
    """The authors' names: bylines, and a note about an author at the end, are dropped."""
    furniture: frozenset[int] = frozenset()
    """Hashes of lines learned to be the source's furniture (`furniture.learn`)."""


def article_lines(lines: Sequence[Line], known: Known) -> list[Line]:
    """The lines of the article, after all rules in their order."""
    kept = list(lines)
    for rule in RULES.values():
        kept = rule(kept, known)
    return kept


def explained_lines(lines: Sequence[Line], known: Known) -> list[tuple[Line, str]]:
    """Each line with the name of the rule that drops it; empty if it is kept."""
    why: dict[int, str] = {}
    kept = list(lines)
    for name, rule in RULES.items():
        left = rule(kept, known)
        stay = {id(line) for line in left}
        why.update((id(line), name) for line in kept if id(line) not in stay)
        kept = left
    return [(line, why.get(id(line), "")) for line in lines]


def is_furniture(line: Line) -> bool:
    """Whether a line is boilerplate by its own words, or only a link."""
    text = line.text[-MAX_FURNITURE:].translate(FOLDS).strip(" \t|•·›»>–—-*")
    if len(text) < 8 and line.kind not in {"td", "th"} and not _LETTER.search(text):
        return True
    if len(line.text) < MAX_FURNITURE and _is_phrase(text):
        return True
    if not line.heading and _CAPTION_MARK.search(text) and _caption_end().search(text):
        return True
    only_link = line.linked >= 0.8 * len(line.text) or _is_dated_link(line)
    return only_link and not (line.kind == "li" or line.heading) and not _ends_like_text(line.text)


_LETTER = re.compile(r"[^\W\d_]")
_CAPTION_MARK = re.compile("[):：]")
"""Every end of a caption has one of these; most lines have none."""


def _is_dated_link(line: Line) -> bool:
    """Whether a line is a link with nothing beside it but the day and hour of what it leads to."""
    rest = len(line.text) - line.linked
    if not 0 < rest <= DATED or line.linked < 0.5 * len(line.text):
        return False
    return any(map(_HOUR_OF_DAY.search, (line.text[:rest], line.text[-rest:])))


_HOUR_OF_DAY = re.compile(r"\b\d{1,2}:\d\d\b")
DATED = 24
"""Most characters beside a link that only say of when it is."""


def _ends_like_text(text: str) -> bool:
    return len(text) > LONG and bool(re.search(r"[.!?…]\W*$", text))


def _is_phrase(text: str) -> bool:
    """Whether a text is a phrase of furniture and tells of nobody ("Join us, she told them")."""
    return _reads_as_phrase(text) and not TOLD.search(text)


TOLD = re.compile(tables.TOLD, re.I)
"""That somebody has said something: what speaks to a reader does not."""


def _reads_as_phrase(text: str) -> bool:
    """Whether it is a phrase; of the slow ones, those that it has a word of are compared."""
    in_latin = not _OTHER_SCRIPT.search(text)
    if _anywhere(in_latin=in_latin, floating=False).fullmatch(text):
        return True
    if in_latin and not any(map(text.lower().__contains__, tables.FLOATING_WORDS)):
        return False
    return bool(_anywhere(in_latin=in_latin, floating=True).fullmatch(text))


@cache
def _anywhere(*, in_latin: bool, floating: bool) -> re.Pattern[str]:
    """All phrases, or only those possible in Latin script, which is faster and enough for most."""
    known = tables.DROP_ANYWHERE.items()
    told = [table for name, table in known if not in_latin or name not in tables.OTHER_SCRIPTS]
    phrases = tables.phrases([*told, tables.FEED_CREDITS])
    return tables.any_of(one for one in phrases if bool(tables.FLOATING.match(one)) == floating)


_OTHER_SCRIPT = re.compile("[\u0370-\u1fff\u3000-\ud7ff\uf900-\uffef]")


@cache
def _before_text() -> re.Pattern[str]:
    return tables.pattern(tables.DROP_BEFORE_TEXT.values())


@cache
def _caption_end() -> re.Pattern[str]:
    return re.compile(rf"(?:{tables.pattern([tables.CAPTION_END]).pattern})\W*$", re.I)


@cache
def _end() -> re.Pattern[str]:
    return tables.pattern(tables.END_OF_ARTICLE.values())


def _without_learned(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop lines found on many pages of the source, unless they are much of the text.

    Headings stay: another rule drops them if what they head is dropped.
    """
    if not known.furniture:
        return list(lines)
    learned = [
        line for line in lines if not line.heading and line_hash(line.text) in known.furniture
    ]
    size = sum(len(line.text) for line in learned)
    if size > FURNITURE_SHARE * sum(len(line.text) for line in lines):
        return list(lines)
    gone = {id(line) for line in learned}
    return [line for line in lines if id(line) not in gone]


def _without_title(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop the title repeated, as a heading anywhere or as a line before the text begins."""
    titles = {fold(title) for title in known.titles if title}
    kept: list[Line] = []
    begun = False
    for line in lines:
        folded = fold(line.text)
        if folded and folded in titles and (line.heading or not begun):
            if line.heading and not begun:  # what stands above is a topic
                kept = [above for above in kept if len(above.text) > MAX_HEADING]
            continue
        begun = begun or line.running
        kept.append(line)
    return kept


def _without_head_matter(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop bylines, dates and labels before the first running text."""
    speakers = _speakers(lines)
    for first, line in enumerate(lines):
        if line.running and not _head_matter(line):
            head = (one for one in lines[:first] if one.text in speakers or not _head_matter(one))
            return [*(one for one in head if not _names_author(one, known)), *lines[first:]]
    return list(lines)


def _names_author(line: Line, known: Known) -> bool:
    """Whether a line is an author's name, alone or with where or what the author is.

    What the author does, or has said, is text: "Ann Lee asks for ploughs".
    """
    said = fold(line.text)
    if any(said == fold(name) for name in known.authors):
        return True
    if line.heading or _MARK.search(line.text):
        return False
    begun = (line.text[len(name) :] for name in known.authors if name and _begins(line.text, name))
    return any(len(rest) <= OFFICE and not _goes_on(rest) for rest in begun)


def _begins(text: str, name: str) -> bool:
    return text[: len(name)].casefold() == name.casefold()


def _goes_on(rest: str) -> bool:
    """Whether a sentence goes on behind a name; an office is written large, or after a mark."""
    first = rest.lstrip()[:1]
    return first.islower() or first in tuple(":'’")


OFFICE = 40
"""Most characters behind an author's name, at the head of a text, that say who the author is."""


def is_head_matter(line: Line, known: Known) -> bool:
    """Whether a line before the text is a byline, a date, a label or other furniture."""
    names = {fold(name) for name in known.authors}
    return _head_matter(line) or is_furniture(line) or fold(line.text) in names


def _head_matter(line: Line) -> bool:
    if len(line.text) > 200 or line.heading:
        return False
    text = line.text.translate(FOLDS).strip()
    if _before_text().fullmatch(text) or is_date_line(text):
        return True
    return len(text) <= 140 and line.linked >= 0.6 * len(line.text)


def is_byline(text: str) -> bool:
    """Whether a short text begins like a byline."""
    return len(text) <= 100 and bool(_BY.match(text))


def is_date_line(text: str) -> bool:
    """A short line that is little more than a date."""
    return len(text) <= 100 and dates.has_date(text) and not re.search(r"[.!?]$", text)


def _without_bylines(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop lines that are only known authors' names, with or without "By" and the hour."""
    names = {fold(name) for name in known.authors}
    longest = 30 + sum(len(name) + 5 for name in known.authors)
    return [
        line
        for line in lines
        if not names or len(line.text) > longest or not _names_only(line.text, names)
    ]


def _names_only(text: str, names: set[str]) -> bool:
    said, spoken = _BY.subn("", _HOUR.sub("", text))
    first, *rest = _AND.split(said)
    # "By Ann Lee, Paris": one word more is where she is, or for whom she writes.
    others = (fold(one) in names or (spoken and " " not in one) for one in rest)
    return fold(said) in names or (fold(first) in names and all(others))


_HOUR = re.compile(r"(?<!\W)\W+\d{1,2}[:.]\d\d(?: ?[ap]\.?m\.?)?(?: [A-Z]{2,4})?$", re.I)
_AND = re.compile(r",? (?:and|und|et|y|e|en|og|och) |, ", re.I)
_BY = re.compile(
    r"^(?:(?:written|posted|reported|words|text) )?(?:by|von|par|por|di|da|door|af|av)\b:? ", re.I
)


def _without_dated_links(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop a line that is only a date with the linked title above it: a teaser for a report.

    And one that is only the hour of the post below it, where there are several. Posts whose titles
    lead to themselves, each with its day and hour, are no teasers where there are several.
    """
    gone: set[int] = set()
    entries = _entries_by_date(lines)
    hours = [
        at
        for at, line in enumerate(lines)
        if line.kind == "p" and _CLOCK.fullmatch(line.text) and _before_post(lines, at)
    ]
    if len(hours) >= MIN_POSTS:
        gone.update(hours)
    of_links = {at for at in range(len(lines)) if _is_hour_of_link(lines, at)}
    posts = {at for at in of_links if any(one.running for one in lines[at + 1 : at + 2])}
    for at, line in enumerate(lines):
        above = lines[at - 1] if at else line
        of_link = at in of_links and (at not in posts or len(posts) < MIN_POSTS)
        if line.kind != "td" and (_only_date(line.text) or of_link) and at not in entries:
            gone.add(at)
            if not above.running and above.linked >= 0.5 * len(above.text):
                gone.add(at - 1)
    return [line for at, line in enumerate(lines) if at not in gone]


def _is_hour_of_link(lines: Sequence[Line], at: int) -> bool:
    above = lines[at - 1] if at else lines[at]
    return above.linked >= 0.5 * len(above.text) and bool(_DAY_AND_HOUR.fullmatch(lines[at].text))


_DAY_AND_HOUR = re.compile(
    r"(?:\d{1,2}\.? [^\W\d_]{3,10}\.?|[^\W\d_]{3,10}\.? \d{1,2}),? (?:\w{1,2} )?\d{1,2}[:.]\d\d"
    r"(?: ?[ap]m)?",
    re.I,
)
"""A day without its year, and the hour: behind a link, those of what it leads to."""
_CLOCK = re.compile(r"\d{1,2}[:.]\d\d(?: ?(?:[ap]\.?m\.?|uhr|h))?(?: [A-Z]{2,4})?", re.I)


def _before_post(lines: Sequence[Line], at: int) -> bool:
    return any(one.heading or one.running for one in lines[at + 1 : at + 2])


def _entries_by_date(lines: Sequence[Line]) -> set[int]:
    """Where dates head the entries of a chronology: as headings, or as paragraphs behind text."""
    found = [
        at
        for at, line in enumerate(lines)
        if _only_date(line.text) and not line.linked and _before_words(lines, at)
    ]
    behind_text = {
        at for at in found if ":" not in lines[at].text and (at == 0 or lines[at - 1].running)
    }
    headings = {at for at in found if lines[at].heading}
    return headings | behind_text if len(behind_text) >= MIN_POSTS else headings


def _before_words(lines: Sequence[Line], at: int) -> bool:
    """Whether what follows a line is text, and neither a heading nor a link."""
    below = lines[at + 1 : at + 2]
    return any(not one.heading and one.linked < 0.5 * len(one.text) for one in below)


def _only_date(text: str) -> bool:
    """A date with at most its hour and one word more ("13:31 Uhr")."""
    return len(text) <= 32 and dates.has_date(text) and len(_LETTERS.findall(text)) <= 2


_LETTERS = re.compile(r"[^\W\d_]{2,}")


def _without_tail(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop lists under headings such as "Related stories", and all that follows if it is little."""
    total = sum(len(line.text) for line in lines if line.running) or 1
    left = total
    kept: list[Line] = []
    in_list = False
    for line in lines:
        if _opens_list(line):
            if left < TAIL * total:
                break
            in_list = True
        elif in_list and (line.running or line.heading):
            in_list = False
        if line.running:
            left -= len(line.text)
        if not in_list:
            kept.append(line)
    return kept


def _without_what_follows_the_end(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop what stands below the end mark of a press release: contacts, and who the sender is.

    A mark that stands several times divides the parts of a text, and ends none.
    """
    marks = [
        at
        for at, line in enumerate(lines)
        if len(line.text) <= 24 and _END_MARK.fullmatch(line.text)
    ]
    if not marks or len(marks) > len({lines[at].text for at in marks}):
        return list(lines)
    at = marks[0]
    above, below = (
        sum(len(one.text) for one in some if one.running) for some in (lines[:at], lines[at:])
    )
    return list(lines[:at] if below <= BELOW_END * above else lines)


_END_MARK = re.compile(
    r"[-–—*\s]*(?:ENDS?|Ends|#\s?#\s?#|(?<=-)\s?30\s?(?=-)|(?i:end of (?:press |news |media )?"
    r"(?:release|statement|text|message|transcript|document|communiqu[eé]|announcement)))"
    r"[-–—*\s.]*"
)
BELOW_END = 0.6
"""Below an end mark stands at most so much running text, as a share of what is above it."""


def _without_comments(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop readers' comments: all after a line that counts them, if two of them can be answered."""
    heads = [
        at
        for at, line in enumerate(lines)
        if line.text[:1].isdecimal() and _counts_comments().match(line.text)
    ]
    if not heads:
        return list(lines)
    answers = [at for at, line in enumerate(lines) if _answers().fullmatch(line.text)]
    first = next((at for at in heads if sum(one > at for one in answers) >= 2), len(lines))
    return list(lines[:first])


@cache
def _counts_comments() -> re.Pattern[str]:
    return tables.pattern([tables.COMMENT_COUNT])


@cache
def _answers() -> re.Pattern[str]:
    return tables.pattern([tables.ANSWER])


def _without_biography(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop notes on the authors among the last lines: "NAME is a reporter ..."."""
    start = max(1, len(lines) - BIOGRAPHY_LINES)
    begin = tuple(name.lower() for name in known.authors)
    if not any(line.text.lower().startswith(begin) for line in lines[start:]):
        return list(lines)  # mostly; the pattern costs more than the search for it
    names = "|".join(re.escape(name) for name in known.authors)
    note = re.compile(rf"(?:{names})(?:,? [^.]{{0,60}}?)? (?:{_biography_words()})\b", re.I)
    return [line for at, line in enumerate(lines) if at < start or not (note.match(line.text))]


@cache
def _biography_words() -> str:
    return "|".join(tables.BIOGRAPHY)


def _opens_list(line: Line) -> bool:
    if not line.heading and (len(line.text) > MAX_HEADING or _SHORT_SENTENCE.fullmatch(line.text)):
        return False
    return bool(_end().fullmatch(line.text.translate(FOLDS).strip(" :")))


_SHORT_SENTENCE = re.compile(r"(?:\S+ ){3,}\S*[^\W\d_][.!?]")
"""Four words and more that end like a sentence: "More on that in March.\""""


def _without_boilerplate(lines: Sequence[Line], known: Known) -> list[Line]:
    speakers = _speakers(lines)
    return [line for line in lines if not is_furniture(line) or line.text in speakers]


def _speakers(lines: Sequence[Line]) -> set[str]:
    """Linked names before what each has said, as in the records of parliaments.

    They are told from teasers and buttons by this: several speak, and some of them twice.
    """
    said = [
        (line.text, lines[at + 1].running)
        for at, line in enumerate(lines)
        if line.linked >= 0.8 * len(line.text)
        and _NAME.fullmatch(line.text)
        and _before_words(lines, at)
    ]
    names = {name for name, _ in said}
    at_length = sum(running for _, running in said)
    spoken = 2 < len(names) < len(said) and at_length >= SPEECHES * len(said)
    return names if spoken else set()


_NAME = re.compile(r"(?=.{5,120}$)[^\W\d_a-z]\S* [^\d!?…:;|]+")


def _without_link_lists(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop lists that are only links: contents, other stories."""
    kept: list[Line] = []
    for is_item, group in groupby(lines, key=lambda line: line.kind == "li"):
        run = list(group)
        size = sum(len(line.text) for line in run)
        linked = sum(line.linked for line in run)
        if not (is_item and linked >= LINK_LIST * size):
            kept += run
    return kept


def _without_repeats(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop repeats of a long line (pull quotes, bodies sent twice for two screen sizes)."""
    seen: set[str] = set()
    kept = []
    for line in lines:
        key = fold(line.text)
        if len(key) > 40 and key in seen:
            continue
        seen.add(key)
        kept.append(line)
    return kept


def _without_bare_headings(lines: Sequence[Line], known: Known) -> list[Line]:
    """Drop headings with nothing under them, as what they headed was dropped.

    A heading is also bare when the next line is a heading of a higher rank (`h2` after `h3`).
    """
    kept: list[Line] = []
    for line in reversed(lines):
        below = kept[-1] if kept else None
        if line.heading and (below is None or (below.heading and below.kind < line.kind)):
            continue
        kept.append(line)
    return kept[::-1]


Rule = Callable[[Sequence[Line], Known], list[Line]]
RULES: dict[str, Rule] = {
    "the title again": _without_title,
    "byline, date or label before the text": _without_head_matter,
    "a byline": _without_bylines,
    "a dated link to another report": _without_dated_links,
    "under a heading such as Related": _without_tail,
    "below the end of a press release": _without_what_follows_the_end,
    "readers' comments": _without_comments,
    "a note on the author": _without_biography,
    "a list of links": _without_link_lists,
    "words of furniture, or only a link": _without_boilerplate,
    "stands on many pages of this source": _without_learned,
    "said before": _without_repeats,
    "a heading with nothing under it": _without_bare_headings,
}
"""What `--explain` calls a rule -> the rule, in the order in which they are applied."""
