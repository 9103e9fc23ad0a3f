"""An article as one stream of folded words, which can be mapped back to the original string."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, islice
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
    is_spaceless,
)

_BLANK_LINE = re.compile(r"(\n[^\S\n]*\n\s*)")
_GAP = re.compile(r"(\n[^\S\n]*\n\s*|\u2029)")
"""What separates paragraphs; nearly always a blank line, which is found faster on its own."""

# --------------------------------------------------------------------- readings

# Control characters that are white space to `str`: no word can hold one.
_BLOCK, _PARAGRAPH, _NOTHING, _COMPOUND = "\x1c", "\x1d", "\x1e", "\x1f"
_SEPARATORS = {_BLOCK.encode(): _BLOCK.encode(), _PARAGRAPH.encode(): f"{BREAK} {_BLOCK}".encode()}
"""Tokens between blocks and between paragraphs, with their readings."""


def _reading(text: str) -> str:
    """The words of a paragraph separated by spaces; a compound is its words, then the joined form,
    with a mark before, between and after them."""
    return " ".join(_as_read(chunk) for _, chunk in chunks(text))


def _as_read(chunk: Chunk) -> str:
    words = " ".join(piece.text for piece in chunk.pieces)
    return f"{_COMPOUND}{words}{_COMPOUND}{chunk.joined}{_COMPOUND}" if chunk.joined else words


def _split_reading(reading: str) -> str:
    """The reading without the joined forms of compounds."""
    parts = reading.split(_COMPOUND)
    del parts[2::3]
    return "".join(parts)


class Phrases:
    """What is known of all phrases sought: where they can contain a joined compound."""

    def __init__(self, spellings: Iterable[Sequence[str]]) -> None:
        """`spellings`: the words of each phrase, with a `*` after a prefix."""
        several = [words for words in spellings if len(words) > 1]
        self.reach = max(map(len, several), default=1) - 1
        """Number of words in the longest phrase, less one."""
        words = {word for words in several for word in words}
        self._words = frozenset(word for word in words if not word.endswith("*"))
        self._prefixes = frozenset(word[:-1] for word in words if word.endswith("*"))
        self._lengths = sorted(set(map(len, self._prefixes)))
        self._known: dict[str, bool] = {}

    def may_hold(self, word: str) -> bool:
        """Whether a phrase of several words can contain this word."""
        known = self._known.get(word)
        if known is None:
            prefixed = any(word[:length] in self._prefixes for length in self._lengths)
            known = prefixed or word in self._words
            if len(word) <= LONGEST_REMEMBERED and len(self._known) < MOST_REMEMBERED:
                self._known[word] = known
        return known


class _Stretch(NamedTuple):
    """Plain words, and the joined compound after them."""

    plain: str
    joined: str
    written: str
    """The words of the split reading that the compound stands for."""


def _joined_reading(reading: str, phrases: Phrases | None) -> Iterator[_Stretch]:
    """Yield the text near compounds, with each compound joined; none follows the last stretch.

    Only those plain words are kept that a phrase can have beside a compound; a BREAK replaces the
    others.
    """
    parts = reading.split(_COMPOUND)
    last = len(parts) - 1
    before = 0
    for number in range(0, last + 1, 3):
        behind = 0
        if number < last:
            joined = parts[number + 2]
            behind = 1 + (phrases.reach if phrases and phrases.may_hold(joined) else 0)
        plain = parts[number]
        if phrases:
            head = plain.split(" ", before)
            tail = head.pop().rsplit(" ", behind)
            if " " in (left_out := tail[0]):
                yield _Stretch(" ".join([*head, ""]), BREAK, left_out)
                plain = " ".join(["", *tail[1:]])
        if number < last:
            yield _Stretch(plain, joined, parts[number + 1])
        else:
            yield _Stretch(plain, "", "")
        before = behind


_PARTING = bytes(
    code if code > 127 or chr(code).isalnum() or chr(code) in f"#@_.-'`{_BLOCK}{_PARAGRAPH}" else 32
    for code in range(256)
)
"""Maps each byte of UTF-8 to itself, or to a space if it only separates words."""
_PRINT = (
    *zip("\u2018\u2019\u2010\u2011\u2013", "''---", strict=True),
    *((c, " ") for c in "“”—…\u00a0"),
)
"""The commonest typographic signs, and ASCII that reads the same."""
_SPACES = [chr(code).encode() for code in range(0x80, 0x3001) if chr(code).isspace()]
_BROKEN = re.compile(rb"-(?:[^\S\n]|%b)*\n" % b"|".join(_SPACES))
_UNSURE = re.compile(rf"[{SPACELESS}\u05d0-\u05ea\u2029]|-[^\S\n]+$|(?!-){HYPHEN}[^\S\n]*$")
"""Tokens that must be read in their paragraph: scripts without spaces, Hebrew acronyms, words that
may continue on the next line."""


class UnsureError(Exception):
    """A token must be read in its paragraph."""


class _Memory(dict[bytes, bytes]):
    """Cache of tokens and their readings. Texts repeat their words, so nearly all are found here.
    Threads share it: its answers must not depend on what it holds."""

    def __missing__(self, token: bytes) -> bytes:
        plain = token.strip(b".'")
        if plain.isalpha():
            return plain.lower()  # ends of paragraphs and quotations would fill the cache
        read = _SEPARATORS.get(token) or _simply(plain)
        if read is None:
            written = token.decode("utf-8", "surrogatepass")
            if _UNSURE.search(written):
                raise UnsureError
            folded = _reading(written)
            if is_spaceless(folded):  # ㅋ and ㈜ belong to such a script only once folded
                raise UnsureError
            read = (folded or _NOTHING).encode("utf-8", "surrogatepass")
        if len(token) <= LONGEST_REMEMBERED:
            if len(self) >= MOST_REMEMBERED:
                self.clear()
            self[token] = read
        return read


_RUNS = re.compile(rb"[0-9]+|[a-z]+")


def _simply(token: bytes) -> bytes | None:
    """The reading of letters and digits, perhaps with inner hyphens or a final possessive; None for
    any other token, which takes ten times as long to read."""
    name = token.removesuffix(b"'s").lower()
    if name.isalpha():
        return name
    parts = token.lower().split(b"-")
    if not all(map(bytes.isalnum, parts)):
        return None
    words = [word for part in parts for word in _RUNS.findall(part)]
    if all(map(bytes.isdigit, words)):
        return b" ".join(words)
    mark = _COMPOUND.encode()
    return b"".join((mark, b" ".join(words), mark, b"".join(words), mark))


_MEMORY: Final = _Memory()


def words_of(tokens: Iterable[bytes]) -> bytes:
    """The words of tokens in UTF-8, and the joined forms of compounds, each between spaces.

    Raises UnsureError when one of them must be read in its paragraph.
    """
    read = b" ".join([b"", *map(_MEMORY.__getitem__, tokens), b""])
    return read.replace(_COMPOUND.encode(), b" ")


def _split(text: str) -> list[str]:
    """The paragraphs and the gaps between them, alternating."""
    if "\u2029" in text:
        return _GAP.split(text)
    return _BLANK_LINE.split(text) if "\n" in text else [text]


BLOCK = 200
"""Characters after which a paragraph is cut, so that finding a word reads only a part of it."""
_CUT = re.compile(r"[A-Za-z.,] (?=[A-Za-z])")
"""Where it may be cut: no word continues after such a space."""


def _blocks(paragraph: str) -> list[str]:
    """A paragraph cut into blocks; the space between two belongs to neither."""
    found: list[str] = []
    at = 0
    while cut := _CUT.search(paragraph, at + BLOCK):
        found.append(paragraph[at : cut.end() - 1])
        at = cut.end()
    found.append(paragraph[at:])
    return found


def _read_by_token(paragraphs: Sequence[Sequence[str]]) -> str:
    """The reading of paragraphs, each given as blocks, token by token. A space precedes each word,
    a BREAK follows each paragraph, a _BLOCK separates blocks.

    The text between two spaces reads the same alone as in its paragraph, except for what `_UNSURE`
    and `_BROKEN` match. Most tokens consist of letters only; just the others are looked up.
    Raises UnsureError.
    """
    whole = f" {_PARAGRAPH} ".join(
        [one[0] if len(one) == 1 else f" {_BLOCK} ".join(one) for one in paragraphs]
    )
    if (
        whole.count(_PARAGRAPH) >= len(paragraphs)
        or whole.count(_BLOCK) > sum(map(len, paragraphs)) - len(paragraphs)
        or _NOTHING in whole
        or _COMPOUND in whole
    ):
        raise UnsureError
    data = _plainly(whole).encode("utf-8", "surrogatepass")
    if b"\n" in data and _BROKEN.search(data):
        raise UnsureError
    memory = _MEMORY
    tokens = data.translate(_PARTING).replace(b". ", b" ").split()
    read = [token if token.isalpha() else memory[token] for token in tokens]
    words = b" ".join([b"", *read, BREAK.encode()]).lower().decode("utf-8", "surrogatepass")
    return words.replace(f" {_NOTHING}", "")


def _read(paragraphs: list[list[str]]) -> tuple[str, list[tuple[str, bool]]]:
    """The same, by whole paragraphs where a token is unsure; with it the text of each block, and
    whether its words are those of its tokens."""
    try:
        return _read_by_token(paragraphs), [(one, True) for some in paragraphs for one in some]
    except UnsureError:
        pass
    readings: list[str] = []
    blocks: list[tuple[str, bool]] = []
    for paragraph in paragraphs:
        try:
            readings.append(_read_by_token([paragraph]))
            blocks += [(one, True) for one in paragraph]
        except UnsureError:
            whole = " ".join(paragraph)
            readings.append(f" {_reading(whole)} {BREAK}".replace("  ", " "))
            blocks.append((whole, False))
    return f" {_BLOCK}".join(readings), blocks


def _aligned(code: int) -> int:
    """A byte of Latin-1 as a plain word has it: a letter or digit folded, else a space.

    A byte that may be read in other ways stays itself, which no reading contains.
    """
    char = chr(code)
    if char in "#@`\u00b4\u00ad?'":
        return code
    folded = fold(char) if char.isalnum() else " "
    return ord(folded) if len(folded) == 1 and folded.isascii() else code


_ALIGNED = bytes(map(_aligned, range(256)))


def _plainly(text: str) -> str:
    """The text with the commonest typographic signs as ASCII, one character for one."""
    if not text.isascii():
        for sign, plain in _PRINT:
            text = text.replace(sign, plain)
    return text


class _Aligned:
    """A block that reads the same when letters are folded one by one and all else separates words.
    Most blocks do, and then a word is found by counting, without looking at each."""

    def __init__(self, data: bytes, words: int, start: int) -> None:
        self._data = data
        self._words = words
        self._start = start

    @classmethod
    def of(cls, block: str, start: int, reading: str) -> _Aligned | None:
        """The block at `start`, or None if it is not of that kind; `reading` is the split one."""
        written = _plainly(block).replace("?", " ").encode("latin-1", "replace")
        data = written.translate(_ALIGNED) + b" "
        if b"'" in data:
            if b"'s'" in data:
                return None
            data = data.replace(b"'s ", b"   ").replace(b"'", b" ")
        words = data.split()
        alike = b" ".join(words) == reading.encode("utf-8", "surrogatepass")
        return cls(data, len(words), start) if alike else None

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word, counted from the first of the block."""
        data = self._data
        if word == self._words:
            return self._start + len(data) - 1, self._start + len(data) - 1
        at = len(data) - len(data.split(None, word)[-1])
        return self._start + at, self._start + data.index(b" ", at)


_AROUND = ".,;:!?()[]\"'$%\u2018\u2019\u201c\u201d\u2026\u2014"
"""Characters around a word that are not part of it."""


class _Spots(dict[str, tuple[tuple[int, int], ...]]):
    """Cache of tokens, with start and end of each of their words; nearly all are found here."""

    def __missing__(self, token: str) -> tuple[tuple[int, int], ...]:
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


class _Located(NamedTuple):
    """The tokens of a block: where each ends, and how many words end with it."""

    tokens: list[str]
    ends: list[int]
    """Characters of the tokens up to and including each, without the spaces between them."""
    words: list[int]
    spots: dict[str, tuple[tuple[int, int], ...]]
    """Start and end of the words of each token that was asked about: long tokens are not kept in
    the cache that all paragraphs share."""
    start: int
    end: int
    """End of the block; the BREAK after a paragraph's last block stands there."""

    @classmethod
    def of(cls, block: str, start: int, *, by_token: bool) -> _Located:
        """Read the block at `start`; a token between two spaces may be empty."""
        end = start + len(block)
        if not by_token:
            spots = _SPOTS[block]
            return cls([block], [len(block)], [len(spots)], {block: spots}, start, end)
        tokens = block.replace("\n", " ").split(" ")
        known = _SPOTS  # plain letters need no look-up, which is quicker
        counts = [1 if one.isalpha() and one.isascii() else len(known[one]) for one in tokens]
        ends, words = list(accumulate(map(len, tokens))), list(accumulate(counts))
        return cls(tokens, ends, words, {}, start, end)

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word, counted from the first of the block."""
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
    """What the words of a joined reading stand for. Plain words and compounds alternate; most words
    are plain, so only the beginning of each stretch is kept."""

    starts: list[int]
    """The first word of each stretch, counted in the joined reading; even stretches are plain."""
    firsts: list[int]
    """The same, counted in the split reading."""

    @classmethod
    def of(cls, stretches: Iterable[_Stretch]) -> _Joined:
        """Build it from consecutive stretches."""
        starts, firsts, at, first = [], [], 0, 0
        for plain, _, written in stretches:
            stretch = len(plain.strip(" ").split(" ")) if plain.strip(" ") else 0
            starts += [at, at + stretch]
            firsts += [first, first + stretch]
            at += stretch + 1
            first += stretch + written.count(" ") + 1
        return cls(starts, firsts)

    def place(self, at: int, words: int) -> tuple[int, int]:
        """First and last word of the split reading that `words` words, from `at` on, stand for."""
        stretch = bisect_right(self.starts, at) - 1
        compound = stretch % 2
        first = self.firsts[stretch] + (0 if compound else at - self.starts[stretch])
        if words == 1:
            return first, self.firsts[stretch + 1] - 1 if compound else first
        return first, self.place(at + words - 1, 1)[1]


# ----------------------------------------------------------------------- stream


class FieldText(NamedTuple):
    """One field of an article in the stream: words from index `first` up to `end`."""

    name: str
    original: str
    decoded: Decoded
    first: int
    end: int


LONG = 2_000
"""From this length in characters, the words of a block are not recounted for each hit."""


class Stream:
    """All fields of an article as folded words, with a BREAK after each paragraph.

    The haystack has a space before and after each word. It holds the split reading, followed by
    the text near compounds once more, with each compound joined. The place of a word in the
    original is worked out only on demand, one block at a time.
    """

    def __init__(self, fields: Iterable[tuple[str, str]], phrases: Phrases | None = None) -> None:
        """Read the fields, given with their names. If `phrases` holds the phrases sought, the
        joined reading leaves out what could only be found a second time."""
        self._named = tuple(fields)
        self._decoded = [decode(text) for _, text in self._named]
        self._parts = [_split(text.text) for text in self._decoded]
        paragraphs = [
            [one] if len(one) <= BLOCK else _blocks(one)
            for parts in self._parts
            for one in parts[::2]
        ]
        reading, self._blocks = _read(paragraphs)
        self._stretches: list[_Stretch] = []
        if _COMPOUND in reading:
            whole = reading.replace(f" {_BLOCK}", "")[1:]
            self._stretches = list(_joined_reading(whole, phrases))
            reading = _split_reading(reading)
        self._pieces = reading.split(f" {_BLOCK}")
        """The words of each block; the last element is the joined reading."""
        if self._stretches:
            joined = "".join([one.plain + one.joined for one in self._stretches])
            self._pieces.append(f" {joined.strip(' ')} {BREAK}")
        else:
            self._pieces.append("")
        self.haystack = f"{''.join(self._pieces)} "
        self._long: dict[int, list[int]] = {}
        self._located: dict[int, _Located | _Aligned] = {}

    @cached_property
    def _starts(self) -> list[int]:
        """Where each piece starts in the haystack."""
        return list(accumulate(map(len, self._pieces), initial=0))

    @cached_property
    def _firsts(self) -> list[int]:
        """How many words of the haystack stand before each piece."""
        return list(accumulate([one.count(" ") for one in self._pieces], initial=0))

    @cached_property
    def breaks(self) -> list[int]:
        """Indexes of the BREAKs among the words of the split reading."""
        behind = zip(self._pieces[:-1], self._firsts[1:], strict=False)
        return [first - 1 for piece, first in behind if piece.endswith(BREAK)]

    @cached_property
    def fields(self) -> tuple[FieldText, ...]:
        """The fields in their order."""
        edges = list(accumulate([len(parts) // 2 + 1 for parts in self._parts]))
        ends = [self.breaks[edge - 1] + 1 for edge in edges]
        return tuple(
            FieldText(name, original, text, first, end)
            for (name, original), text, first, end in zip(
                self._named, self._decoded, [0, *ends], ends, strict=False
            )
        )

    @cached_property
    def _spans_of_blocks(self) -> list[tuple[int, int]]:
        """The field of each block, and where it starts in the field's decoded text."""
        starts = [
            (number, at)
            for number, parts in enumerate(self._parts)
            for at in islice(accumulate(map(len, parts), initial=0), 0, len(parts), 2)
        ]
        if len(starts) == len(self._blocks):
            return starts
        blocks = iter(self._blocks)
        found: list[tuple[int, int]] = []
        paragraphs = (one for parts in self._parts for one in parts[::2])
        for (number, at), paragraph in zip(starts, paragraphs, strict=True):
            end = at + len(paragraph)
            while at <= end:
                found.append((number, at))
                at += len(next(blocks)[0]) + 1
        return found

    @cached_property
    def haystack_words(self) -> tuple[str, ...]:
        """Both readings, as words."""
        return tuple(self.haystack[1:-1].split(" "))

    @cached_property
    def words(self) -> tuple[str, ...]:
        """The split reading; BREAK stands between paragraphs and fields."""
        return self.haystack_words[: self._firsts[-2]]

    @cached_property
    def spots(self) -> tuple[tuple[int, int], ...]:
        """Start and end of each word of the split reading in its field's decoded text."""
        return tuple(map(self.spot, range(self._firsts[-2])))

    def place(self, start: int, words: int) -> tuple[int, int]:
        """First and last word that `words` words of the haystack, from `start` on, stand for; a
        joined word stands for its first to last part."""
        return self.places((start - 1,), words)[0]

    def places(self, spaces: Iterable[int], words: int) -> list[tuple[int, int]]:
        """The same for the words after each of these spaces in the haystack."""
        starts, firsts, haystack = self._starts, self._firsts, self.haystack
        split, more = len(starts) - 2, words - 1
        found: list[tuple[int, int]] = []
        for space in spaces:
            piece = bisect_right(starts, space, 0, split + 1) - 1
            begin = starts[piece]
            if starts[piece + 1] - begin > LONG:
                at = bisect_left(self._word_starts(piece), space)
            else:
                at = haystack.count(" ", begin, space)
            if piece < split:
                first = firsts[piece] + at
                found.append((first, first + more))
            else:
                found.append(self._joined.place(at, words))
        return found

    def following(self, start: int, words: int) -> list[str]:
        """`words` words of the haystack from `start` on, or as many as the paragraph has."""
        found: list[str] = []
        while len(found) < words:
            end = self.haystack.index(" ", start)
            word = self.haystack[start:end]
            if word == BREAK:
                break
            found.append(word)
            start = end + 1
        return found

    def _word_starts(self, piece: int) -> list[int]:
        """The position of the space before each word of a long piece."""
        known = self._long.get(piece)
        if known is None:
            lengths = [len(word) + 1 for word in self._pieces[piece][1:].split(" ")]
            known = self._long[piece] = list(accumulate(lengths, initial=self._starts[piece]))
        return known

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
        firsts = self._firsts
        block = bisect_right(firsts, first) - 1
        start, end = self._locate(block).spot(first - firsts[block])
        if last != first:
            other = block if last < firsts[block + 1] else bisect_right(firsts, last) - 1
            end = self._locate(other).spot(last - firsts[other])[1]
        field = self.fields[self._spans_of_blocks[block][0]]
        return field, *field.decoded.origin(start, end)

    def surface(self, first: int, last: int) -> str:
        """The decoded text of words first..last, as written."""
        return self.field_of(first).decoded.text[self.spot(first)[0] : self.spot(last)[1]]

    def spot(self, word: int) -> tuple[int, int]:
        """Start and end of a word in its field's decoded text."""
        block = bisect_right(self._firsts, word) - 1
        return self._locate(block).spot(word - self._firsts[block])

    def _locate(self, block: int) -> _Located | _Aligned:
        known = self._located.get(block)
        if known is None:
            text, by_token = self._blocks[block]
            start = self._spans_of_blocks[block][1]
            if len(text) <= LONG:
                reading = self._pieces[block].removesuffix(f" {BREAK}")[1:]
                known = _Aligned.of(text, start, reading)
            if known is None:
                known = _Located.of(text, start, by_token=by_token)
            self._located[block] = known
        return known

    @cached_property
    def _joined(self) -> _Joined:
        """What the words of the joined reading stand for."""
        return _Joined.of(self._stretches)
