"""Which known article a text repeats: by address, by exact text, by contained shingles."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from urllib.parse import urlsplit

from monitor.stories.shingles import exact, samples

ENOUGH = 0.70
"""Share of the shorter text that must stand in the longer one."""
COMMON = 5
"""A shingle of more different texts than this is boilerplate and counts for nothing."""
LEAST_SAMPLES = 5
"""Fewer telling shingles than this prove nothing."""
LEAST_WORDS = 12
"""Shorter texts ("Watch live") may be equal by chance."""


@dataclass(frozen=True, slots=True)
class Print:
    """What is compared of an article's text."""

    url: str
    """Empty where the address names no single article."""
    exact: str
    """Empty where the text is too short to tell."""
    samples: array[int]
    words: int


@dataclass(frozen=True, slots=True)
class Copy:
    """A known article with the same text."""

    number: int
    original: int
    """The first article with this text, as far as known."""
    share: float
    """Share of the shorter text that stands in the longer one, 0 to 1."""
    why: str


def print_of(url: str, words: list[str]) -> Print:
    """What to compare of an article with this address and these words."""
    parts = urlsplit(url)
    telling = parts.path.strip("/") or parts.query
    return Print(
        url=url if telling else "",
        exact=exact(words) if len(words) >= LEAST_WORDS else "",
        samples=array("I", samples(words)),
        words=len(words),
    )


class Copies:
    """The texts of the articles in memory, found again by what they share."""

    def __init__(self) -> None:
        self._prints: dict[int, Print] = {}
        self._originals: dict[int, int] = {}
        self._holders: dict[int | str, tuple[int, ...]] = {}

    def add(self, number: int, known: Print, duplicate_of: int | None) -> None:
        """Remember an article's text; a copy counts as the same text as its original."""
        self._prints[number] = known
        self._originals[number] = number if duplicate_of is None else duplicate_of
        for key in _keys(known):
            self._holders[key] = (*self._holders.get(key, ()), number)

    def forget(self, number: int) -> None:
        """Forget an article's text."""
        for key in _keys(self._prints.pop(number)):
            left = tuple(other for other in self._holders[key] if other != number)
            if left:
                self._holders[key] = left
            else:
                del self._holders[key]
        del self._originals[number]

    def find(self, new: Print) -> Copy | None:
        """The known article that this text repeats, the best one if there are several."""
        for key, why in ((new.url, "same address as"), (new.exact, "same text as")):
            if key and key in self._holders:
                first = min(self._holders[key])
                return Copy(first, self._originals[first], 1.0, f"{why} article {first}")
        return self._contained(new)

    def _contained(self, new: Print) -> Copy | None:
        telling = [number for number in new.samples if not self._common(number)]
        shared: dict[int, int] = {}
        for sample in telling:
            for number in self._holders.get(sample, ()):
                shared[number] = shared.get(number, 0) + 1
        best: tuple[float, int, Copy] | None = None
        for number, count in shared.items():
            copy = self._compare(new, len(telling), number, count)
            if copy and (best is None or (copy.share, -number) > best[:2]):
                best = copy.share, -number, copy
        return best[2] if best else None

    def _compare(self, new: Print, telling: int, number: int, shared: int) -> Copy | None:
        """A copy, if enough of the shorter text stands in the longer one."""
        known = self._prints[number]
        if shared < LEAST_SAMPLES:
            return None
        theirs = sum(not self._common(sample) for sample in known.samples)
        least = min(telling, theirs)
        share = shared / least if least else 0.0
        if share < ENOUGH:
            return None
        return Copy(number, self._originals[number], share, _direction(new, known, number, share))

    def _common(self, sample: int) -> bool:
        """Whether more different texts hold it than one story's sources would share."""
        texts: set[int] = set()
        for number in self._holders.get(sample, ()):
            texts.add(self._originals[number])
            if len(texts) > COMMON:
                return True
        return False


def _keys(known: Print) -> list[int | str]:
    keys: list[int | str] = [key for key in (known.url, known.exact) if key]
    return [*keys, *known.samples]


def _direction(new: Print, known: Print, number: int, share: float) -> str:
    """Who holds whom, in words."""
    part = f"{share:.0%}"
    if new.words < 0.8 * known.words:
        return f"excerpt of article {number}, which holds {part} of it"
    if known.words < 0.8 * new.words:
        return f"fuller text of article {number}, holds {part} of it"
    return f"same text as article {number}, {part} shared"
