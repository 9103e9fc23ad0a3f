"""Turn the terms of queries into patterns for one scan, and check the places that it finds."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from unicodedata import combining

from monitor.watchlists import frequency, normalise, variants
from monitor.watchlists.coded import Coded, Vocabulary, positions
from monitor.watchlists.stream import Stream
from monitor.watchlists.tree import Term

Place = tuple[int, int]
"""First and last word of an occurrence, as indexes into the stream."""


MOST_SEARCHES = 500
"""After so many searches through an article, the places of all its words are collected at once: a
long article may name thousands of the words of a large vocabulary."""


class Scanned:
    """What one scan found in an article.

    A sign is a character: that of a word or prefix in the vocabulary, or one that stands for a
    phrase.
    """

    def __init__(self, coded: Coded, phrases: dict[str, list[int]]) -> None:
        self.coded = coded
        self._starts = dict(phrases)
        """For each sign looked up, and each phrase found, its positions in the coded text."""
        found = coded.characters
        begins = coded.vocabulary.begins
        begun = [begins[one] for one in begins.keys() & found]
        self._searched = 0
        self.found = found.union(phrases, *begun)
        """The signs found."""

    def starts(self, sign: str) -> list[int]:
        """The positions of a word, prefix or phrase in the coded text, in order."""
        known = self._starts.get(sign)
        if known is None:
            known = self._starts[sign] = self._looked_up(sign)
        return known

    def _looked_up(self, sign: str) -> list[int]:
        members = self.coded.vocabulary.members.get(sign)
        if members is None:
            return self._positions(sign)
        return sorted([at for one in members & self.found for at in self._positions(one)])

    def _positions(self, character: str) -> list[int]:
        self._searched += 1
        if self._searched <= MOST_SEARCHES:
            return positions(self.coded.text, character)
        return self._everywhere.get(character, [])

    @cached_property
    def _everywhere(self) -> dict[str, list[int]]:
        """The positions of each character."""
        found: defaultdict[str, list[int]] = defaultdict(list)
        for at, character in enumerate(self.coded.text):
            found[character].append(at)
        return found


@dataclass(frozen=True, slots=True)
class Way:
    """One spelling of a term: what the scan finds, and the words to check after it."""

    term: Term
    head: str
    """The sign whose positions are looked at."""
    words: int
    """Number of words, those to check included."""
    rest: tuple[frozenset[str], ...]
    """For each word to check, the characters that it may be."""
    sign: str
    """The sign that shows that the spelling may be there: `head`, or a word of `rest`, which is
    rarer than words that begin like the first."""
    checked: bool
    """Whether it must be looked at as it is written."""
    plain: bool
    """Whether every place of `head` is one of the spelling."""

    def places(self, stream: Stream, scanned: Scanned) -> list[Place]:
        """Its places in an article that was scanned."""
        if self.head not in scanned.found:
            return []
        starts = scanned.starts(self.head)
        if self.rest:
            begin, follow = self.words - len(self.rest), scanned.coded.follow
            starts = [start for start in starts if follow(start + begin, self.rest)]
        places = scanned.coded.places(starts, self.words)
        return list(_checked(stream, self.term, places)) if self.checked and places else places


class Terms:
    """All terms of all queries, as patterns for one scan. The queries must outlive it."""

    def __init__(self, terms: Iterable[Term]) -> None:
        self._ways: dict[Term, tuple[Way, ...]] = {}
        self._by_object: dict[int, tuple[Way, ...]] = {}
        """The same, keyed by the id of the term's object in the queries: no texts are compared."""
        self._patterns: dict[Term, Term] = {}
        terms = [term for term in terms if not term.pattern]
        spelled = {term: _spellings(term) for term in dict.fromkeys(terms)}
        self.vocabulary = Vocabulary([words for ways in spelled.values() for words in ways])
        self.phrases: dict[str, str] = {}
        """Coded phrases to scan for, each with its sign."""
        for term, ways in spelled.items():
            checked = term.exact or _is_ambiguous(term.text)
            self._ways[term] = tuple(self._way(term, words, checked) for words in ways)
        for term in terms:
            self._by_object[id(term)] = self._ways[term]

    def ways(self, term: Term) -> tuple[Way, ...]:
        """The spellings of a term; empty for a regular expression or an unknown term."""
        known = self._by_object.get(id(term))
        return self._ways.get(term, ()) if known is None else known

    def same(self, pattern: Term) -> Term:
        """One object for all equal regular expressions, as there is for all equal terms."""
        return self._patterns.setdefault(pattern, pattern)

    def signs(self, terms: Iterable[Term]) -> frozenset[str]:
        """Signs of which at least one is found wherever one of these terms is."""
        return frozenset(way.sign for term in terms for way in self.ways(term))

    def _way(self, term: Term, words: variants.Words, checked: bool) -> Way:
        """The way of a spelling; the scan looks for its words up to the first prefix."""
        vocabulary = self.vocabulary
        exact = next((i for i, word in enumerate(words) if word.endswith("*")), len(words))
        if exact < 2:
            head, exact = vocabulary.of(words[0]), 1
        else:
            phrase = "".join(map(vocabulary.of, words[:exact]))
            if phrase not in self.phrases:
                self.phrases[phrase] = vocabulary.new()
            head = self.phrases[phrase]
        rest, sign = words[exact:], head
        if rest:
            rarest = min((words[0], *rest), key=lambda word: frequency.share(Term(word)))
            sign = head if rarest == words[0] else vocabulary.of(rarest)
        meant = tuple(map(vocabulary.meant, rest))
        return Way(term, head, len(words), meant, sign, checked, not rest and not checked)


def _spellings(term: Term) -> list[variants.Words]:
    return [words for words in variants.spellings(term) if words]


def _checked(stream: Stream, term: Term, places: Iterable[Place]) -> Iterator[Place]:
    """The places where a term is written as it must be."""
    if not term.exact:
        holds = spaced_well if normalise.is_korean(term.text) else is_one_name
        yield from (place for place in places if holds(stream, place))
    elif any(_may_have(one.decoded.text, term.text) for one in stream.fields):
        yield from (place for place in places if as_typed(stream, term, place))


def _may_have(text: str, typed: str) -> bool:
    """Whether a text can have a term as it is typed. Most have not: then no place is looked at."""
    return " " in typed or typed in text or _has_unseen(text)


@lru_cache(maxsize=8)  # the fields of one article, for all its terms
def _has_unseen(text: str) -> bool:
    return not text.isascii() and any(sign in text for sign in normalise.UNSEEN)


def as_typed(stream: Stream, term: Term, place: Place) -> bool:
    """Whether the words at this place are written exactly as an `=` term says. What nobody sees is
    no part of how they are written: which spaces are between them, and `normalise.UNSEEN`."""
    decoded = stream.field_of(place[0]).decoded.text
    before, behind = _around(term.text)
    start, end = stream.spot(place[0])[0] - before, stream.spot(place[1])[1] + behind
    if start < 0:
        return False
    if decoded.startswith(term.text, start):
        end = start + len(term.text)
    elif " ".join(decoded[start:end].translate(normalise.NO_UNSEEN).split()) != term.text:
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


def is_one_name(stream: Stream, place: Place) -> bool:
    """Whether a name with a lone letter is at this place, and not words that read like it."""
    surface = stream.surface(*place)
    if variants.are_words(surface):
        return False
    return not (variants.are_words_in_capitals(surface) and _line(stream, place).isupper())


def _line(stream: Stream, place: Place) -> str:
    """The line in which a place begins."""
    text, start = stream.field_of(place[0]).decoded.text, stream.spot(place[0])[0]
    end = text.find("\n", start)
    return text[text.rfind("\n", 0, start) + 1 : end if end >= 0 else len(text)]


def _is_ambiguous(text: str) -> bool:
    """Whether what the scan finds of a term may be something else, as it is written."""
    return normalise.is_korean(text) or variants.may_be_words(text)


@lru_cache(maxsize=4096)
def _around(text: str) -> tuple[int, int]:
    """Number of characters before the first word of a term, and behind its last."""
    read = [(at, chunk.pieces) for at, chunk in normalise.chunks(text) if chunk.pieces]
    (first, begins), (last, ends) = read[0], read[-1]
    return first + begins[0].start, len(text) - last - ends[-1].end
