"""An article as one stream of folded words, which can be mapped back to the original string."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate, islice
from typing import Final, NamedTuple

from monitor.watchlists.coded import Coded, Vocabulary, positions, words_in
from monitor.watchlists.normalise import (
    BREAK,
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    Decoded,
    chunks,
    decode,
)
from monitor.watchlists.tokens import (
    PARAGRAPH,
    read,
    reading,
    split_words,
    tokens_of,
)

_BLANK_LINE = re.compile(r"(\n[^\S\n]*\n\s*)")
_GAP = re.compile(r"(\n[^\S\n]*\n\s*|\u2029)")
"""What separates paragraphs; nearly always a blank line, which is found faster on its own."""


def split(text: str) -> list[str]:
    """The paragraphs and the gaps between them, alternating."""
    if "\u2029" in text:
        return _GAP.split(text)
    return _BLANK_LINE.split(text) if "\n" in text else [text]


# ----------------------------------------------------------------------- places

_AROUND = ".,;:!?()[]\"'$%\u2018\u2019\u201c\u201d\u2026\u2014"
"""Characters around a word that are not part of it."""

Spots = tuple[tuple[int, int], ...]
"""Start and end of each word."""


class _Spots(dict[str, Spots]):
    """Cache of tokens, with the place of each of their words; nearly all are found here."""

    def __missing__(self, token: str) -> Spots:
        word = token.strip(_AROUND)
        if word.isascii() and (word.isalpha() or word.isdigit()):
            start = token.index(word)
            return ((start, start + len(word)),)
        spots = tuple(
            (at + piece.start, at + piece.end)
            for at, chunk in chunks(token)
            for piece in chunk.pieces
        )
        if len(token) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[token] = spots
        return spots


_SPOTS: Final = _Spots()


class _Counts(dict[str, int]):
    """Cache of codes, with how many words each has; nearly all are found here."""

    def __missing__(self, code: str) -> int:
        count = words_in(code)
        if len(code) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[code] = count
        return count


_COUNTS: Final = _Counts()


# ----------------------------------------------------------------------- stream


_BETWEEN = len(f" {PARAGRAPH} ")


class FieldText(NamedTuple):
    """One field of an article in the stream: words from index `first` up to `end`."""

    name: str
    original: str
    decoded: Decoded
    first: int
    end: int


_NONE: Final = Vocabulary(())


class Stream:
    """All fields of an article as folded words, with a BREAK after each paragraph.

    The text is coded at once, for the queries whose vocabulary is given. The place of a word in
    the original is worked out only on demand, one paragraph at a time.
    """

    def __init__(self, fields: Iterable[tuple[str, str]], vocabulary: Vocabulary = _NONE) -> None:
        """Read the fields, given with their names."""
        self._named = tuple(fields)
        self._decoded = [decode(text) for _, text in self._named]
        self._parts = [split(text.text) for text in self._decoded]
        self._paragraphs = [one for parts in self._parts for one in parts[::2]]
        if any(PARAGRAPH in text.text for text in self._decoded):
            self._paragraphs = [one.replace(PARAGRAPH, " ") for one in self._paragraphs]
        self._coded = Coded(self._paragraphs, vocabulary)
        self._spots: dict[int, Spots] = {}
        """Start and end of the words of each token that was asked about: long tokens are not kept
        in the cache that all articles share."""

    def coded(self, vocabulary: Vocabulary) -> Coded:
        """The text in the characters of a vocabulary."""
        known = self._coded
        return known if known.vocabulary is vocabulary else Coded(self._paragraphs, vocabulary)

    @cached_property
    def breaks(self) -> list[int]:
        """Indexes of the BREAKs among the words."""
        return positions(self._coded.text[: self._coded.end], BREAK)

    @cached_property
    def fields(self) -> tuple[FieldText, ...]:
        """The fields in their order."""
        edges = accumulate([len(parts) // 2 + 1 for parts in self._parts])
        ends = [self.breaks[edge - 1] + 1 for edge in edges]
        return tuple(
            FieldText(name, original, text, first, end)
            for (name, original), text, first, end in zip(
                self._named, self._decoded, [0, *ends], ends, strict=False
            )
        )

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The words of all fields, compounds split; BREAK stands between paragraphs and fields."""
        return tuple(
            word
            for number, paragraph in enumerate(self._paragraphs)
            for word in (*split_words(self._read(number, paragraph)), BREAK)
        )

    def _read(self, number: int, paragraph: str) -> str:
        if number in self._coded.unsure:
            return reading(paragraph)
        return " ".join(map(read, tokens_of([paragraph])))

    @cached_property
    def spots(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each word in its field's decoded text."""
        return tuple(map(self.spot, range(self._coded.end)))

    def field_of(self, word: int) -> FieldText:
        """The field that contains a word."""
        for field in self.fields:
            if word < field.end:
                return field
        raise IndexError(word)

    def paragraph_of(self, word: int) -> int:
        """Number of the paragraph, counted over all fields."""
        return bisect_right(self.breaks, word)

    def span(self, first: int, last: int) -> tuple[FieldText, int, int]:
        """The field and the original offsets of words first..last, of one paragraph."""
        field, shift = self._shifts[bisect_left(self.breaks, first)]
        start, end = self._spot(first)
        if last != first:
            end = self._spot(last)[1]
        return field, *field.decoded.origin(start + shift, end + shift)

    def surface(self, first: int, last: int) -> str:
        """The decoded text of words first..last, as written."""
        return self.field_of(first).decoded.text[self.spot(first)[0] : self.spot(last)[1]]

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word in its field's decoded text; a BREAK is at its paragraph's
        end."""
        shift = self._shifts[bisect_left(self.breaks, word)][1]
        start, end = self._spot(word)
        return start + shift, end + shift

    def _spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word, counted over all paragraphs and the signs between."""
        words, tokens = self._words_until, self._coded.tokens
        number = bisect_right(words, word)
        token, end = tokens[number], self._ends[number] + number
        if token.isalpha():
            return end - len(token), end
        spots = self._spots.get(number)
        if spots is None:
            start = self._ends[number - 1] + number if number else 0
            spots = self._spots[number] = self._spots_of(token, start, end)
        return spots[word - (words[number - 1] if number else 0)]

    def _spots_of(self, token: bytes, start: int, end: int) -> Spots:
        if token == PARAGRAPH.encode():
            return ((start - 1, start - 1),)
        field, shift = self._shifts[bisect_right(self._paragraph_ends, start)]
        written = field.decoded.text[start + shift : end + shift]
        return tuple((start + first, start + last) for first, last in _SPOTS[written])

    @cached_property
    def _ends(self) -> list[int]:
        """Characters of the tokens up to and including each, without the spaces between them."""
        tokens = self._coded.tokens
        ends = list(accumulate(map(len, tokens)))
        if ends[-1] + len(tokens) == sum(map(len, self._paragraphs)) + _BETWEEN * len(
            self._paragraphs
        ):
            return ends
        written = [one if one.isascii() else one.decode("utf-8", "surrogatepass") for one in tokens]
        return list(accumulate(map(len, written)))

    @cached_property
    def _words_until(self) -> list[int]:
        """Number of words up to and including each token."""
        return list(accumulate(map(_COUNTS.__getitem__, self._coded.codes)))

    @cached_property
    def _paragraph_ends(self) -> list[int]:
        """Where the sign after each paragraph is, counted over all of them."""
        lengths = [len(paragraph) + _BETWEEN for paragraph in self._paragraphs]
        return [end - _BETWEEN + 1 for end in accumulate(lengths)]

    @cached_property
    def _shifts(self) -> list[tuple[FieldText, int]]:
        """The field of each paragraph, and what makes a place counted over all paragraphs one in
        the decoded text of the field."""
        starts = [
            (field, at)
            for field, parts in zip(self.fields, self._parts, strict=True)
            for at in islice(accumulate(map(len, parts), initial=0), 0, len(parts), 2)
        ]
        begins = accumulate([len(one) + _BETWEEN for one in self._paragraphs], initial=0)
        return [(field, at - begin) for (field, at), begin in zip(starts, begins, strict=False)]
