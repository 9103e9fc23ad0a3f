"""Find the known article that a text repeats: by address, exact text or shared shingles."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from heapq import nsmallest
from urllib.parse import urlsplit

from monitor.stories.shingles import SIZE, exact, sampled, shingles
from monitor.stories.words import words as words_of

ENOUGH = 0.70
"""Least share of the shorter text that the longer one must contain."""
OPENING = 60
"""Words at the head of a text that count as its opening."""
WORDING = 80
"""Words at the head of a text that show in which form it is written."""
OPENED = 0.3
"""Least share of one text's opening that the other must contain: texts that only end alike share
a publisher's boilerplate, or the same background."""
COMMON = 5
"""A shingle in more different texts than this is boilerplate and does not count."""
COMPARED = 64
"""Only so many of the texts that share the most shingles are compared."""
LEAST_SAMPLES = 5
"""Fewer shingles than this, boilerplate aside, prove nothing."""
LONG = 100
"""A text of so many words that another contains entirely is not a template filled in again."""
LEAST_WORDS = 12
"""Shorter texts ("Watch live") may be equal by chance."""


FEW = 8
"""Fewer words than this say the same only if they are equal."""
TELLING = 30
"""From so many shingles on, a text is compared by them."""
COMPARED_WORDS = 5_000
"""Words of two texts that are compared: more than nearly every article has."""


def same_report(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether two readings are of the same article: half the shorter text is in the other.

    Only the first `COMPARED_WORDS` words of each count, since the store may wait for the answer.
    Where a text is too short to tell, the titles decide: one must be in the other, in whole words.
    """
    one, other = (frozenset(shingles(_compared(some))) for some in (text, other_text))
    if min(len(one), len(other)) >= TELLING:
        return 2 * len(one & other) >= min(len(one), len(other))
    titles = sorted((f" {' '.join(words_of(some))} " for some in (title, other_title)), key=len)
    return bool(titles[0].strip()) and titles[0] in titles[1]


def same_words(text: str, other_text: str) -> bool:
    """Whether two texts say the same, however short: four fifths of the words of the shorter one
    are in the other, or all of them if they are few."""
    one, other = (frozenset(_compared(some)) for some in (text, other_text))
    fewer = min(len(one), len(other))
    return one == other if fewer < FEW else 5 * len(one & other) >= 4 * fewer


def _compared(text: str) -> list[str]:
    return words_of(text)[:COMPARED_WORDS]


@dataclass(frozen=True, slots=True)
class Print:
    """The values by which an article's text is compared."""

    url: str
    """Empty where the address does not identify a single article."""
    exact: str
    """Empty where the text is too short to be distinctive."""
    samples: array[int]
    opening: array[int]
    wording: array[int]
    """All shingles of the first `WORDING` words."""
    words: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A known article with the same text."""

    number: int
    original: int
    """The first article with this text, as far as known."""
    share: float
    """Share of the shorter text that the longer one contains, 0 to 1."""
    surely: bool
    """Whether it is a copy whatever the titles say."""
    why: str


def print_of(url: str, words: list[str]) -> Print:
    """The print of an article with this address and these words."""
    found = shingles(words)
    return Print(
        url=url if _names_an_article(url) else "",
        exact=exact(words) if len(words) >= LEAST_WORDS else "",
        samples=array("I", sampled(found)),
        opening=array("I", sampled(found[: OPENING - SIZE + 1])),
        wording=array("I", found[: WORDING - SIZE + 1]),
        words=len(words),
    )


def _names_an_article(url: str) -> bool:
    """Whether an address leads to more than the front page of a site."""
    try:
        parts = urlsplit(url)
    except ValueError:  # a host in brackets that is no address ("http://[x/a")
        return False
    return bool(parts.path.strip("/") or parts.query)


class Copies:
    """Index of the texts of the articles in memory, to find those that a new text repeats."""

    def __init__(self) -> None:
        self._prints: dict[int, Print] = {}
        self._originals: dict[int, int] = {}
        self._holders: dict[int | str, int | tuple[int, ...]] = {}
        """Articles by address, text and shingle; most shingles have one, stored without a tuple."""

    def add(self, number: int, known: Print, duplicate_of: int | None) -> None:
        """Remember an article's text; a copy counts as the same text as its original."""
        self._prints[number] = known
        self._originals[number] = number if duplicate_of is None else duplicate_of
        for key in _keys(known):
            held = self._held(key)
            self._holders[key] = (*held, number) if held else number

    def forget(self, number: int) -> None:
        """Forget an article's text."""
        for key in _keys(self._prints.pop(number)):
            left = tuple(other for other in self._held(key) if other != number)
            if left:
                self._holders[key] = left if len(left) > 1 else left[0]
            else:
                del self._holders[key]
        del self._originals[number]

    def find(self, new: Print) -> list[Copy]:
        """The known articles that this text repeats, surest first."""
        for key, why in ((new.exact, "same text as"), (new.url, "same address as")):
            if key and key in self._holders:
                first = min(self._held(key))
                known = self._prints[first]
                surely = min(new.words, known.words) >= LONG
                return [Copy(first, self._originals[first], 1.0, surely, f"{why} article {first}")]
        return self._contained(new)

    def _contained(self, new: Print) -> list[Copy]:
        common: dict[int, bool] = {}
        telling = [sample for sample in new.samples if not self._common(sample, common)]
        shared: dict[int, int] = {}
        for sample in telling:
            for number in self._held(sample):
                shared[number] = shared.get(number, 0) + 1
        enough = [(-count, number) for number, count in shared.items() if count >= LEAST_SAMPLES]
        found = [
            self._compare(new, len(telling), number, -count, common)
            for count, number in nsmallest(COMPARED, enough)
            if _opened(new, self._prints[number])
        ]
        copies = [copy for copy in found if copy.share >= ENOUGH]
        return sorted(copies, key=lambda copy: (-copy.share, copy.number))

    def _compare(
        self, new: Print, telling: int, number: int, shared: int, common: dict[int, bool]
    ) -> Copy:
        """How much of the shorter text the longer one contains, boilerplate left out."""
        known = self._prints[number]
        theirs = sum(not self._common(sample, common) for sample in known.samples)
        share = shared / min(telling, theirs)
        why = _direction(new, known, number, share)
        surely = share == 1.0 and min(new.words, known.words) >= LONG
        return Copy(number, self._originals[number], share, surely, why)

    def _held(self, key: int | str) -> tuple[int, ...]:
        held = self._holders.get(key, ())
        return (held,) if isinstance(held, int) else held

    def _common(self, sample: int, answered: dict[int, bool]) -> bool:
        """Whether more different texts contain the sample than one story's sources would share.

        `answered` caches the answers of one search: where many texts are alike, each is needed
        often.
        """
        held = self._holders.get(sample, 0)
        if isinstance(held, int) or len(held) <= COMMON:
            return False  # so few articles cannot be more texts; mostly it is one or none
        if sample not in answered:
            answered[sample] = self._in_many(sample)
        return answered[sample]

    def _in_many(self, sample: int) -> bool:
        texts: set[int] = set()
        for number in self._held(sample):
            texts.add(self._originals[number])
            if len(texts) > COMMON:
                return True
        return False


def _keys(known: Print) -> list[int | str]:
    keys: list[int | str] = [key for key in (known.url, known.exact) if key]
    return [*keys, *known.samples]


def _opened(one: Print, other: Print) -> bool:
    """Whether one of the two texts contains the opening of the other."""
    for mine, theirs in ((one.opening, set(other.samples)), (other.opening, set(one.samples))):
        if sum(sample in theirs for sample in mine) >= OPENED * max(1, len(mine)):
            return True
    return False


def _direction(new: Print, known: Print, number: int, share: float) -> str:
    """Which text contains which, in words."""
    part = f"{share:.0%}"
    if new.words < 0.8 * known.words:
        return f"excerpt of article {number}, which holds {part} of it"
    if known.words < 0.8 * new.words:
        return f"fuller text of article {number}, holds {part} of it"
    return f"same text as article {number}, {part} shared"
