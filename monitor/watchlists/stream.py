"""An article as one stream of folded words, with the way back to the original string."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Final, NamedTuple

from monitor.watchlists.normalise import (
    BREAK,
    HYPHEN,
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    SPACELESS,
    Chunk,
    Decoded,
    chunks,
    decode,
)

_BLANK_LINE = re.compile(r"(\n[^\S\n]*\n\s*)")
_GAP = re.compile(r"(\n[^\S\n]*\n\s*|\u2029)")
"""What parts paragraphs; nearly always a blank line, which alone is found faster."""

# --------------------------------------------------------------------- readings

# Control characters that are white space to `str`: no word can hold one.
_FIELD, _PARAGRAPH, _NOTHING, _COMPOUND = "\x1c", "\x1d", "\x1e", "\x1f"
_SEPARATORS = frozenset((_FIELD.encode(), _PARAGRAPH.encode()))


def _reading(text: str) -> str:
    """The words of a paragraph with a space between; a compound is its words, then what they make
    joined, with a mark before, between and behind."""
    return " ".join(_as_read(chunk) for _, chunk in chunks(text))


def _as_read(chunk: Chunk) -> str:
    words = " ".join(piece.text for piece in chunk.pieces)
    return f"{_COMPOUND}{words}{_COMPOUND}{chunk.joined}{_COMPOUND}" if chunk.joined else words


def _without(reading: str, part: int) -> str:
    """Without the words of compounds (1), or without what they make joined (2)."""
    parts = reading.split(_COMPOUND)
    del parts[part::3]
    return "".join(parts)


_PARTING = bytes(
    code if code > 127 or chr(code).isalnum() or chr(code) in f"#@_.-'`{_FIELD}{_PARAGRAPH}" else 32
    for code in range(256)
)
"""For each byte of UTF-8 itself; a space where it only parts words."""
_PRINT = tuple(
    (sign.encode(), plain)
    for signs, plain in (("\u2018\u2019", b"'"), ("\u2010\u2011\u2013", b"-"), ("“”—…\u00a0", b" "))
    for sign in signs
)
"""The commonest signs beyond ASCII, and what reads the same."""
_SPACES = [chr(code).encode() for code in range(0x80, 0x3001) if chr(code).isspace()]
_BROKEN = re.compile(rb"-(?:[^\S\n]|%b)*\n" % b"|".join(_SPACES))
_UNSURE = re.compile(rf"[{SPACELESS}\u05d0-\u05ea\u2029]|-[^\S\n]+$|(?!-){HYPHEN}[^\S\n]*$")
"""Tokens that must be read in their paragraph: scripts without spaces, Hebrew acronyms, words that
may go on in the next line."""


class UnsureError(Exception):
    """A token must be read in its paragraph."""


class _Memory(dict[bytes, bytes]):
    """Tokens and how they read. Texts repeat their words, so nearly all come from here."""

    def __missing__(self, token: bytes) -> bytes:
        if token in _SEPARATORS:
            return token
        written = token.decode("utf-8", "surrogatepass")
        if _UNSURE.search(written):
            raise UnsureError
        read = (_reading(written) or _NOTHING).encode("utf-8", "surrogatepass")
        if len(token) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[token] = read
        return read


_MEMORY: Final = _Memory()


def words_of(tokens: Iterable[bytes]) -> bytes:
    """The words of tokens in UTF-8, and what the compounds among them make joined, in spaces.

    Raises UnsureError when one of them must be read in its paragraph.
    """
    read = b" ".join([b"", *map(_MEMORY.__getitem__, tokens), b""])
    return read.replace(_COMPOUND.encode(), b" ")


def _quick(texts: Sequence[str]) -> list[list[str]] | None:
    """The readings of the paragraphs of each text, token by token; None where that is not sure.

    What stands between two spaces reads the same alone as in its paragraph, but for what `_UNSURE`
    and `_BROKEN` know. Most tokens are nothing but letters; only the others are looked up.
    """
    whole = _FIELD.join(texts)
    if whole.count(_FIELD) >= len(texts) or any(
        mark in whole for mark in (_PARAGRAPH, _NOTHING, _COMPOUND)
    ):
        return None
    marked = (_BLANK_LINE.sub(f" {_PARAGRAPH} ", text) if "\n" in text else text for text in texts)
    data = f" {_FIELD} ".join(marked).encode("utf-8", "surrogatepass")
    if not whole.isascii():
        for sign, plain in _PRINT:
            data = data.replace(sign, plain)
    if _BROKEN.search(data):
        return None
    memory = _MEMORY
    try:
        read = [
            token if token.isalpha() else memory[token]
            for token in data.translate(_PARTING).replace(b". ", b" ").split()
        ]
    except UnsureError:
        return None
    words = b" ".join([b"", *read]).lower().decode("utf-8", "surrogatepass")
    return [
        [paragraph.strip(" ") for paragraph in field.split(_PARAGRAPH)]
        for field in words.replace(f" {_NOTHING}", "").split(_FIELD)
    ]


def _readings(texts: Sequence[str]) -> Iterator[tuple[list[str], bool]]:
    """The reading of each paragraph of each text, and whether its words are those of its tokens."""
    if quick := _quick(texts):
        for readings in quick:
            yield readings, True
        return
    for text in texts:
        if quick := _quick([text]):
            yield quick[0], True
        else:
            yield [_reading(text[start:end]) for start, end in _paragraphs(text)], False


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Start and end of each paragraph."""
    lengths = map(len, (_GAP if "\u2029" in text else _BLANK_LINE).split(text))
    edges = list(accumulate(lengths, initial=0))  # of text and gap by turns
    return list(zip(edges[::2], edges[1::2], strict=True))


class _Spots(dict[str, tuple[tuple[int, int], ...]]):
    """Tokens, and start and end of each of their words; nearly all come from here, as readings."""

    def __missing__(self, token: str) -> tuple[tuple[int, int], ...]:
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


class _Located(NamedTuple):
    """The tokens of a paragraph: their words, where each starts, how many words stand before it."""

    spots: list[tuple[tuple[int, int], ...] | None]
    """None: nothing but letters."""
    starts: list[int]
    firsts: list[int]
    end: int
    """Of the paragraph; its BREAK stands there."""

    @classmethod
    def of(cls, text: str, start: int, end: int, *, by_token: bool) -> _Located:
        """Read a paragraph of a field's text; what lies between two spaces may be nothing."""
        paragraph = text[start:end]
        tokens = paragraph.replace("\n", " ").split(" ") if by_token else [paragraph]
        known = _SPOTS
        spots = [None if one.isascii() and one.isalpha() else known[one] for one in tokens]
        return cls(
            spots,
            list(accumulate([len(one) + 1 for one in tokens], initial=start)),
            list(accumulate([1 if one is None else len(one) for one in spots], initial=0)),
            end,
        )

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word, counted from the paragraph's first."""
        number = bisect_right(self.firsts, word) - 1
        if number == len(self.spots):
            return self.end, self.end
        start, spots = self.starts[number], self.spots[number]
        if spots is None:
            return start, self.starts[number + 1] - 1
        first, last = spots[word - self.firsts[number]]
        return start + first, start + last


# ----------------------------------------------------------------------- stream


@dataclass(frozen=True, slots=True)
class FieldText:
    """One field of an article in the stream: words from index `first` up to `end`."""

    name: str
    original: str
    decoded: Decoded
    first: int
    end: int


LONG = 2_000
"""Characters of a paragraph from which on its words are not counted anew for each hit."""


class Stream:
    """All fields of an article as folded words, a BREAK behind each paragraph.

    The haystack has a space before and after each word. It holds the split reading, and after it
    once more the paragraphs that have compounds, with each of these joined. Where a word stands in
    the original is found out when somebody asks, a paragraph at a time.
    """

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        named = tuple(fields)
        decoded = [decode(text) for _, text in named]
        texts = list(_readings([text.text for text in decoded]))
        self._by_token = [by_token for readings, by_token in texts for _ in readings]
        self._readings = [reading for readings, _ in texts for reading in readings]
        self._compounds = [n for n, one in enumerate(self._readings) if _COMPOUND in one]
        sections = [f"{_without(one, 2)} {BREAK}".lstrip(" ") for one in self._readings]
        sections += [f"{_without(self._readings[n], 1)} {BREAK}" for n in self._compounds]
        self.haystack = f" {' '.join(sections)} "
        self._starts = list(accumulate([len(one) + 1 for one in sections], initial=1))
        """Where each paragraph starts in the haystack."""
        self._firsts = list(accumulate([one.count(" ") + 1 for one in sections], initial=0))
        """How many words of the haystack stand before each paragraph."""
        self.breaks = [first - 1 for first in self._firsts[1 : len(self._readings) + 1]]
        """Indexes of the BREAKs among the words of the split reading."""
        edges = [
            self._firsts[number]
            for number in accumulate([len(readings) for readings, _ in texts], initial=0)
        ]
        self.fields = tuple(
            FieldText(name, original, text, first, end)
            for (name, original), text, first, end in zip(
                named, decoded, edges, edges[1:], strict=False
            )
        )
        self._joined: dict[int, list[tuple[int, int]]] = {}
        self._long: dict[int, list[int]] = {}
        self._located: dict[int, _Located] = {}

    @cached_property
    def haystack_words(self) -> tuple[str, ...]:
        """Both readings, as words."""
        return tuple(self.haystack[1:-1].split(" "))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The split reading; BREAK stands between paragraphs and fields."""
        return self.haystack_words[: self._firsts[len(self._readings)]]

    @cached_property
    def spots(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each word of the split reading in its field's decoded text."""
        return tuple(map(self.spot, range(self._firsts[len(self._readings)])))

    @cached_property
    def _bounds(self) -> list[tuple[str, int, int]]:
        """Decoded text, start and end of each paragraph."""
        texts = [field.decoded.text for field in self.fields]
        return [(text, *bounds) for text in texts for bounds in _paragraphs(text)]

    def place(self, start: int, words: int) -> tuple[int, int]:
        """First and last word that `words` words of the haystack, from `start` on, stand for: of
        a joined word, the first and last part."""
        section = bisect_right(self._starts, start) - 1
        begin = self._starts[section]
        if self._starts[section + 1] - begin > LONG:
            at = bisect_left(self._word_starts(section), start)
        else:
            at = self.haystack.count(" ", begin, start)
        if section < len(self._readings):
            first = self._firsts[section] + at
            return first, first + words - 1
        joined = self._joined_of(section)
        return joined[at][0], joined[at + words - 1][1]

    def following(self, start: int, words: int) -> list[str]:
        """So many words of the haystack from `start` on, or as many as the paragraph has."""
        found: list[str] = []
        while len(found) < words:
            end = self.haystack.index(" ", start)
            word = self.haystack[start:end]
            if word == BREAK:
                break
            found.append(word)
            start = end + 1
        return found

    def _word_starts(self, section: int) -> list[int]:
        known = self._long.get(section)
        if known is None:
            begin, end = self._starts[section : section + 2]
            words = self.haystack[begin : end - 1].split(" ")
            lengths = [len(word) + 1 for word in words]
            known = self._long[section] = list(accumulate(lengths, initial=begin))
        return known

    def field_of(self, word: int) -> FieldText:
        """The field that a word stands in."""
        for field in self.fields:
            if word < field.end:
                return field
        raise IndexError(word)

    def paragraph_of(self, word: int) -> int:
        """Number of the paragraph, counted over all fields."""
        return bisect_right(self.breaks, word)

    def span(self, first: int, last: int) -> tuple[FieldText, int, int]:
        """The field and the original offsets of words first..last."""
        field = self.field_of(first)
        start, end = self.spot(first)
        return field, *field.decoded.origin(start, end if first == last else self.spot(last)[1])

    def surface(self, first: int, last: int) -> str:
        """The decoded text of words first..last, as written."""
        return self.field_of(first).decoded.text[self.spot(first)[0] : self.spot(last)[1]]

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word in its field's decoded text."""
        paragraph = bisect_left(self.breaks, word)
        return self._locate(paragraph).spot(word - self._firsts[paragraph])

    def _locate(self, paragraph: int) -> _Located:
        known = self._located.get(paragraph)
        if known is None:
            bounds, by_token = self._bounds[paragraph], self._by_token[paragraph]
            known = self._located[paragraph] = _Located.of(*bounds, by_token=by_token)
        return known

    def _joined_of(self, section: int) -> list[tuple[int, int]]:
        """What each word of a paragraph's joined reading stands for."""
        known = self._joined.get(section)
        if known is None:
            paragraph = self._compounds[section - len(self._readings)]
            at = self._firsts[paragraph]
            known = self._joined[section] = []
            parts = self._readings[paragraph].split(_COMPOUND)
            for plain, compound in zip(parts[::3], [*parts[1::3], ""], strict=True):
                words = len(plain.split())
                known += [(word, word) for word in range(at, at + words)]
                at += words
                if compound:
                    words = compound.count(" ") + 1
                    known.append((at, at + words - 1))
                    at += words
        return known
