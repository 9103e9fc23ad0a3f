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


class _Located(NamedTuple):
    """The tokens of a paragraph, and where their words are."""

    tokens: list[bytes]
    ends: list[int]
    """Characters of the tokens up to and including each, without the spaces between them."""
    words: list[int]
    """Number of words up to and including each token."""
    spots: dict[int, Spots]
    """The words of each token that was asked about: long tokens are not kept in the cache that
    all paragraphs share."""


# ----------------------------------------------------------------------- stream


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
        self._located: dict[int, _Located] = {}

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
        breaks = self.breaks
        number = bisect_left(breaks, first)
        begin = breaks[number - 1] + 1 if number else 0
        start, end = self._spot(number, first - begin)
        if last != first:
            end = self._spot(number, last - begin)[1]
        field, at = self._starts[number]
        return field, *field.decoded.origin(at + start, at + end)

    def surface(self, first: int, last: int) -> str:
        """The decoded text of words first..last, as written."""
        return self.field_of(first).decoded.text[self.spot(first)[0] : self.spot(last)[1]]

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word in its field's decoded text; a BREAK is at its paragraph's
        end."""
        number = bisect_left(self.breaks, word)
        at = self._starts[number][1]
        start, end = self._spot(number, word - (self.breaks[number - 1] + 1 if number else 0))
        return at + start, at + end

    def _spot(self, paragraph: int, word: int) -> tuple[int, int]:
        """Start and end of a word of a paragraph, both counted from its first."""
        tokens, ends, words, known = self._located.get(paragraph) or self._locate(paragraph)
        number = bisect_right(words, word)
        if number == len(words):
            return ends[-1] + number - 1, ends[-1] + number - 1
        token, end = tokens[number], ends[number] + number
        if token.isalpha():
            return end - len(token), end
        start = ends[number - 1] + number if number else 0
        spots = known.get(number)
        if spots is None:
            spots = known[number] = _SPOTS[self._paragraphs[paragraph][start:end]]
        first, last = spots[word - (words[number - 1] if number else 0)]
        return start + first, start + last

    def _locate(self, paragraph: int) -> _Located:
        begin = self._edges[paragraph - 1] + 1 if paragraph else 0
        end = self._edges[paragraph]
        tokens, codes = self._coded.tokens[begin:end], self._coded.codes[begin:end]
        ends = list(accumulate(map(len, tokens)))
        if ends[-1] + len(tokens) - 1 != len(self._paragraphs[paragraph]):
            written = b" ".join(tokens).decode("utf-8", "surrogatepass")
            ends = list(accumulate(map(len, written.split(" "))))
        words = list(accumulate(map(_COUNTS.__getitem__, codes)))
        found = self._located[paragraph] = _Located(tokens, ends, words, {})
        return found

    @cached_property
    def _edges(self) -> list[int]:
        """Where each paragraph ends among the tokens."""
        codes, edges = self._coded.codes, [-1]
        for _ in self._paragraphs:
            edges.append(codes.index(BREAK, edges[-1] + 1))
        return edges[1:]

    @cached_property
    def _starts(self) -> list[tuple[FieldText, int]]:
        """The field of each paragraph, and where it starts in the field's decoded text."""
        return [
            (field, at)
            for field, parts in zip(self.fields, self._parts, strict=True)
            for at in islice(accumulate(map(len, parts), initial=0), 0, len(parts), 2)
        ]
