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
    fold,
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


def _split_reading(reading: str) -> str:
    """Without what compounds make joined."""
    parts = reading.split(_COMPOUND)
    del parts[2::3]
    return "".join(parts)


def _joined_reading(reading: str, reach: int) -> list[tuple[str, str, int]]:
    """Stretches of plain words, the joined compound behind each, and how many words of the split
    reading that stands for; none behind the last.

    Of plain words only those are kept that stand within `reach` words of a compound; a BREAK
    stands for others.
    """
    parts = reading.split(_COMPOUND)
    found: list[tuple[str, str, int]] = []
    last = len(parts) - 1
    for number in range(0, len(parts), 3):
        plain = parts[number]
        before, behind = reach if number else 0, reach if number < last else 0
        left_out = plain.count(" ") - (0 < number < last) - before - behind
        if left_out > 1:
            head = plain.split(" ", before + 1)[: before + 1] if number else []
            tail = plain.rsplit(" ", behind + 1)[-behind - 1 :] if number < last else []
            found.append((" ".join([*head, ""]), BREAK, left_out))
            plain = " ".join(["", *tail])
        if number < last:
            found.append((plain, parts[number + 2], parts[number + 1].count(" ") + 1))
        else:
            found.append((plain, "", 0))
    return found


_PARTING = bytes(
    code if code > 127 or chr(code).isalnum() or chr(code) in f"#@_.-'`{_FIELD}{_PARAGRAPH}" else 32
    for code in range(256)
)
"""For each byte of UTF-8 itself; a space where it only parts words."""
_GENERAL = "\u2000".encode()[:2]
"""How the signs of print from U+2000 to U+203F begin."""
_PRINT = {
    sign.encode()[2:]: plain
    for signs, plain in (("\u2018\u2019", b"'"), ("\u2010\u2011\u2013", b"-"), ("“”—…", b" "))
    for sign in signs
}
"""The commonest of these by their last byte, and what reads the same."""
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


def _split(text: str) -> list[str]:
    """The paragraphs and the gaps between them, by turns."""
    if "\u2029" in text:
        return _GAP.split(text)
    return _BLANK_LINE.split(text) if "\n" in text else [text]


def _quick(texts: Sequence[Sequence[str]]) -> list[list[str]] | None:
    """The readings of the paragraphs of each text, token by token; None where that is not sure.

    What stands between two spaces reads the same alone as in its paragraph, but for what `_UNSURE`
    and `_BROKEN` know. Most tokens are nothing but letters; only the others are looked up.
    """
    paragraphs = [f" {_PARAGRAPH} ".join(text[::2]) for text in texts]
    whole = f" {_FIELD} ".join(paragraphs)
    if (
        whole.count(_FIELD) >= len(texts)
        or whole.count(_PARAGRAPH) > sum(len(text) // 2 for text in texts)
        or _NOTHING in whole
        or _COMPOUND in whole
    ):
        return None
    data = whole.encode("utf-8", "surrogatepass")
    if not whole.isascii():
        data = _printed_plainly(data)
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


def _printed_plainly(data: bytes) -> bytes:
    """A text with the commonest signs of print as ASCII has them."""
    first, *others = data.replace("\u00a0".encode(), b" ").split(_GENERAL)
    plain = _PRINT
    return first + b"".join(
        [plain[one[:1]] + one[1:] if one[:1] in plain else _GENERAL + one for one in others]
    )


def _readings(texts: Sequence[Sequence[str]]) -> Iterator[tuple[list[str], bool]]:
    """The reading of each paragraph of each text, and whether its words are those of its tokens."""
    if quick := _quick(texts):
        for readings in quick:
            yield readings, True
        return
    for text in texts:
        if quick := _quick([text]):
            yield quick[0], True
        else:
            yield [_reading(paragraph) for paragraph in text[::2]], False


def _aligned(code: int) -> int:
    """A byte of Windows-1252 as a plain word has it: a letter or digit folded, else a space.

    What may be read in other ways stays itself, which no reading has.
    """
    char = bytes((code,)).decode(_ONE_BYTE, "replace")
    if char in "'\u2018\u2019":
        return ord("'")
    if char in "#@`\u00b4\u00ad\ufffd":
        return code
    folded = fold(char) if char.isalnum() else " "
    return ord(folded) if len(folded) == 1 and folded.isascii() else code


_ONE_BYTE = "cp1252"
"""Has most of what stands in Western news, each character one byte."""
_ALIGNED = bytes(map(_aligned, range(256)))


class _Aligned:
    """A paragraph that reads the same when letters are folded one by one and all else parts words:
    so do most, and then a word is found by counting words, which needs no look at each."""

    def __init__(self, data: bytes, words: int, start: int) -> None:
        self._data = data
        self._words = words
        self._start = start

    @classmethod
    def of(cls, paragraph: str, start: int, reading: str) -> _Aligned | None:
        """A paragraph, which starts there, when it is of that kind; `reading` is the split one."""
        try:
            data = paragraph.encode(_ONE_BYTE).translate(_ALIGNED) + b" "
        except UnicodeEncodeError:
            return None
        if b"'" in data:
            if b"'s'" in data:
                return None
            data = data.replace(b"'s ", b"   ").replace(b"'", b" ")
        words = data.split()
        alike = b" ".join(words) == reading.encode("utf-8", "surrogatepass")
        return cls(data, len(words), start) if alike else None

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word, counted from the paragraph's first."""
        data = self._data
        if word == self._words:
            return self._start + len(data) - 1, self._start + len(data) - 1
        at = len(data) - len(data.split(None, word)[-1])
        return self._start + at, self._start + data.index(b" ", at)


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
    """The tokens of a paragraph: where each ends, how many words end with it."""

    tokens: list[str]
    ends: list[int]
    """Characters of the tokens up to each, without the spaces between them."""
    words: list[int]
    spots: dict[str, tuple[tuple[int, int], ...]]
    """Start and end of the words of each token that was asked about: a long one is looked up in no
    memory that all paragraphs share."""
    start: int
    end: int
    """Of the paragraph; its BREAK stands there."""

    @classmethod
    def of(cls, paragraph: str, start: int, *, by_token: bool) -> _Located:
        """Read a paragraph, which starts there; what lies between two spaces may be nothing."""
        end = start + len(paragraph)
        if not by_token:
            spots = _SPOTS[paragraph]
            return cls([paragraph], [len(paragraph)], [len(spots)], {paragraph: spots}, start, end)
        tokens = paragraph.replace("\n", " ").split(" ")
        known = _SPOTS  # of plain letters nothing need be looked up, which is quicker
        counts = [1 if one.isalpha() and one.isascii() else len(known[one]) for one in tokens]
        ends, words = list(accumulate(map(len, tokens))), list(accumulate(counts))
        return cls(tokens, ends, words, {}, start, end)

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word, counted from the paragraph's first."""
        number = bisect_right(self.words, word)
        if number == len(self.tokens):
            return self.end, self.end
        token = self.tokens[number]
        start = self.start + self.ends[number] - len(token) + number
        if token.isascii() and token.isalpha():
            return start, start + len(token)
        spots = self.spots.get(token)
        if spots is None:
            spots = self.spots[token] = _SPOTS[token]
        first, last = spots[word - (self.words[number - 1] if number else 0)]
        return start + first, start + last


class _Joined(NamedTuple):
    """What the words of a joined reading stand for. Plain words and compounds stand by turns; most
    words are plain, so that only where each stretch begins is kept."""

    starts: list[int]
    """Of each stretch its first word, counted in the joined reading: even ones are plain."""
    firsts: list[int]
    """The same, counted in the split reading."""

    @classmethod
    def of(cls, reading: str, first: int, reach: int) -> _Joined:
        """Of a paragraph's reading with compounds, the first word of which has that number."""
        starts, firsts, at = [], [], 0
        for plain, _, words in _joined_reading(reading, reach):
            stretch = len(plain.split())
            starts += [at, at + stretch]
            firsts += [first, first + stretch]
            at += stretch + 1
            first += stretch + words
        return cls(starts, firsts)

    def place(self, at: int, words: int) -> tuple[int, int]:
        """First and last word of the split reading that so many words, from `at` on, stand for."""
        stretch = bisect_right(self.starts, at) - 1
        compound = stretch % 2
        first = self.firsts[stretch] + (0 if compound else at - self.starts[stretch])
        if words == 1:
            return first, self.firsts[stretch + 1] - 1 if compound else first
        return first, self.place(at + words - 1, 1)[1]


# ----------------------------------------------------------------------- stream


@dataclass(frozen=True, slots=True)
class FieldText:
    """One field of an article in the stream: words from index `first` up to `end`."""

    name: str
    original: str
    decoded: Decoded
    first: int
    end: int


EVERYWHERE = 1_000_000
"""A reach beyond every paragraph."""
LONG = 2_000
"""Characters of a paragraph from which on its words are not counted anew for each hit."""


class Stream:
    """All fields of an article as folded words, a BREAK behind each paragraph.

    The haystack has a space before and after each word. It holds the split reading, and after it
    once more the paragraphs that have compounds, with each of these joined. Where a word stands in
    the original is found out when somebody asks, a paragraph at a time.
    """

    def __init__(self, fields: Iterable[tuple[str, str]], reach: int = EVERYWHERE) -> None:
        """Read the fields, by name; `reach` as the words of the longest phrase looked for, less
        one, leaves out of the joined reading what could only be found a second time."""
        named = tuple(fields)
        self._reach = reach
        decoded = [decode(text) for _, text in named]
        self._parts = [_split(text.text) for text in decoded]
        texts = list(_readings(self._parts))
        self._by_token = [by_token for readings, by_token in texts for _ in readings]
        self._readings = [reading for readings, _ in texts for reading in readings]
        self._compounds = [n for n, one in enumerate(self._readings) if _COMPOUND in one]
        sections = [
            f"{_split_reading(one) if _COMPOUND in one else one} {BREAK}".lstrip(" ")
            for one in self._readings
        ]
        for number in self._compounds:
            stretches = _joined_reading(self._readings[number], reach)
            joined = "".join([part for stretch in stretches for part in stretch[:2]])
            sections.append(f"{joined.strip(' ')} {BREAK}")
        self.haystack = f" {' '.join(sections)} "
        self._starts = list(accumulate([len(one) + 1 for one in sections], initial=1))
        """Where each paragraph starts in the haystack."""
        self._firsts = list(accumulate([one.count(" ") + 1 for one in sections], initial=0))
        """How many words of the haystack stand before each paragraph."""
        self.breaks = [first - 1 for first in self._firsts[1 : len(self._readings) + 1]]
        """Indexes of the BREAKs among the words of the split reading."""
        self._edges = list(accumulate([len(readings) for readings, _ in texts], initial=0))
        """Which paragraph is the first of each field."""
        edges = [self._firsts[number] for number in self._edges]
        self.fields = tuple(
            FieldText(name, original, text, first, end)
            for (name, original), text, first, end in zip(
                named, decoded, edges, edges[1:], strict=False
            )
        )
        self._joined: dict[int, _Joined] = {}
        self._long: dict[int, list[int]] = {}
        self._located: dict[int, _Located | _Aligned] = {}

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

    def place(self, start: int, words: int) -> tuple[int, int]:
        """First and last word that `words` words of the haystack, from `start` on, stand for: of
        a joined word, the first and last part."""
        return self.places((start - 1,), words)[0]

    def places(self, spaces: Iterable[int], words: int) -> list[tuple[int, int]]:
        """The same for all of these spaces in the haystack, of the words behind each."""
        starts, firsts, split = self._starts, self._firsts, len(self._readings)
        haystack, more = self.haystack, words - 1
        found: list[tuple[int, int]] = []
        for space in spaces:
            section = bisect_right(starts, space + 1) - 1
            begin = starts[section]
            if starts[section + 1] - begin > LONG:
                at = bisect_left(self._word_starts(section), space + 1)
            else:
                at = haystack.count(" ", begin, space + 1)
            if section < split:
                first = firsts[section] + at
                found.append((first, first + more))
            else:
                found.append(self._joined_of(section).place(at, words))
        return found

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
        """The field and the original offsets of words first..last, of one paragraph."""
        paragraph = bisect_left(self.breaks, first)
        at, located = self._firsts[paragraph], self._locate(paragraph)
        start, end = located.spot(first - at)
        if last != first:
            end = located.spot(last - at)[1]
        field = self.fields[bisect_right(self._edges, paragraph) - 1]
        return field, *field.decoded.origin(start, end)

    def surface(self, first: int, last: int) -> str:
        """The decoded text of words first..last, as written."""
        return self.field_of(first).decoded.text[self.spot(first)[0] : self.spot(last)[1]]

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word in its field's decoded text."""
        paragraph = bisect_left(self.breaks, word)
        return self._locate(paragraph).spot(word - self._firsts[paragraph])

    def _locate(self, paragraph: int) -> _Located | _Aligned:
        known = self._located.get(paragraph)
        if known is None:
            text, start = self._paragraph(paragraph)
            begin, end = self._starts[paragraph : paragraph + 2]
            reading = self.haystack[begin : end - len(f" {BREAK} ")]
            if end - begin <= LONG:
                known = _Aligned.of(text, start, reading)
            if known is None:
                by_token = self._by_token[paragraph]
                known = _Located.of(text, start, by_token=by_token)
            self._located[paragraph] = known
        return known

    def _paragraph(self, number: int) -> tuple[str, int]:
        """A paragraph, and where it starts in its field's decoded text."""
        field = bisect_right(self._edges, number) - 1
        parts = self._parts[field]
        at = 2 * (number - self._edges[field])
        return parts[at], sum(map(len, parts[:at]))

    def _joined_of(self, section: int) -> _Joined:
        """What the words of a paragraph's joined reading stand for."""
        known = self._joined.get(section)
        if known is None:
            paragraph = self._compounds[section - len(self._readings)]
            reading, at = self._readings[paragraph], self._firsts[paragraph]
            known = self._joined[section] = _Joined.of(reading, at, self._reach)
        return known
