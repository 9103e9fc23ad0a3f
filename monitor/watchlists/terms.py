"""Turn the terms of queries into patterns for one scan, and check which hits are the term."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import combining

from monitor.watchlists import frequency, normalise, variants
from monitor.watchlists.stream import Phrases, Stream
from monitor.watchlists.tree import Term

Place = tuple[int, int]
"""First and last word of an occurrence, as indexes into the stream."""
Hits = Mapping[int, list[int]]
"""For each pattern found, its positions in the haystack."""


@dataclass(frozen=True, slots=True)
class Way:
    """One spelling of a term: the pattern that the scan finds, and the words to check after it."""

    term: Term
    pattern: int
    words: int
    """Number of words that the scan finds."""
    rest: variants.Words
    sign: int
    """The pattern that shows that the spelling may be there: the scanned one, or a word of `rest`,
    which is rarer than words that begin like the first."""
    checked: bool
    """Whether a hit must be checked, because alone it does not prove that the term is there."""

    def places(self, stream: Stream, hits: Hits) -> list[Place]:
        """Its places in an article with these hits."""
        starts = hits.get(self.pattern)
        if starts is None:
            return []
        if self.checked:
            return list(_checked(stream, self, starts))
        return stream.places(starts, self.words)


class Terms:
    """All terms of all queries, as patterns for one scan. The queries must outlive it."""

    def __init__(self, terms: Iterable[Term]) -> None:
        numbers: dict[str, int] = {}
        self._ways: dict[Term, tuple[Way, ...]] = {}
        self._by_object: dict[int, tuple[Way, ...]] = {}
        """The same, keyed by the id of the term's object in the queries: no texts are compared."""
        spelled: list[variants.Words] = []
        for term in terms:
            if not term.pattern:
                if term not in self._ways:
                    spellings = variants.spellings(term)
                    spelled += spellings
                    checked = term.exact or normalise.is_korean(term.text)
                    self._ways[term] = tuple(_way(numbers, term, one, checked) for one in spellings)
                self._by_object[id(term)] = self._ways[term]
        self.patterns = tuple(numbers)
        self.phrases = Phrases(spelled)

    def ways(self, term: Term) -> tuple[Way, ...]:
        """The spellings of a term; empty for a regular expression or an unknown term."""
        known = self._by_object.get(id(term))
        return self._ways.get(term, ()) if known is None else known

    def signs(self, terms: Iterable[Term]) -> frozenset[int]:
        """Patterns of which at least one is found wherever one of these terms is."""
        return frozenset(way.sign for term in terms for way in self.ways(term))


def _way(numbers: dict[str, int], term: Term, words: variants.Words, checked: bool) -> Way:
    """The way of a spelling; the scan looks for its words up to the first prefix."""
    until = next((i for i, word in enumerate(words) if word.endswith("*")), len(words) - 1)
    rest = words[until + 1 :]
    pattern = numbers.setdefault(_pattern(words[: until + 1]), len(numbers))
    sign = pattern
    if rest:
        rarest = min((words[0], *rest), key=lambda word: frequency.share(Term(word)))
        if rarest != words[0]:
            sign = numbers.setdefault(_pattern((rarest,)), len(numbers))
    return Way(term, pattern, until + 1, rest, sign, checked or bool(rest))


def _pattern(words: variants.Words) -> str:
    written = " ".join(words)
    return f" {written[:-1]}" if written.endswith("*") else f" {written} "


def _checked(stream: Stream, way: Way, starts: Iterable[int]) -> Iterator[Place]:
    """The places where the whole spelling is found, written as typed if it must be."""
    term = way.term
    if term.exact and not any(term.text in one.decoded.text for one in stream.fields):
        return
    for start in starts:
        if place := _check(stream, way, start + 1):
            yield place


def _check(stream: Stream, way: Way, start: int) -> Place | None:
    """The place of a hit, if the whole spelling is found there; else None."""
    if way.rest:
        following = stream.following(start, way.words + len(way.rest))[way.words :]
        if len(following) < len(way.rest) or not all(map(fits, way.rest, following)):
            return None
    term, place = way.term, stream.place(start, way.words + len(way.rest))
    if term.exact:
        return place if as_typed(stream, term, place) else None
    return place if not normalise.is_korean(term.text) or spaced_well(stream, place) else None


def fits(pattern: str, word: str) -> bool:
    """Whether a folded word is the pattern's, or begins with it if that ends in `*`."""
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def as_typed(stream: Stream, term: Term, place: Place) -> bool:
    """Whether the words at this place are written exactly as an `=` term says."""
    decoded = stream.field_of(place[0]).decoded.text
    start = stream.spot(place[0])[0] - _lead(term.text)
    end = start + len(term.text)
    if start < 0 or not decoded.startswith(term.text, start):
        return False
    return not combining(decoded[end : end + 1] or " ")  # an accent makes another letter


def spaced_well(stream: Stream, place: Place) -> bool:
    """Whether Korean words at this place are one term. Writers may put spaces inside it, but only
    if it begins where a word does, and before two syllables or more. Otherwise the end of one word
    and the start of the next would make a third: 지방 공항 is not 방공, 휴전 선언 is not 휴전선.
    """
    *before, last = stream.surface(*place).split()
    if not before:
        return True
    start = stream.spot(place[0])[0]
    text = stream.field_of(place[0]).decoded.text
    return len(last) > 1 and not text[max(0, start - 1) : start].isalnum()


@lru_cache(maxsize=4096)
def _lead(text: str) -> int:
    """Number of characters before the first word of a term."""
    return next(at + chunk.pieces[0].start for at, chunk in normalise.chunks(text) if chunk.pieces)
