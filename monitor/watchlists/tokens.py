"""How the text between two spaces reads: folded words, and the words that compounds make joined.

A token reads the same alone as in its paragraph, except where `UnsureError` is raised. So its
reading can be remembered, and texts repeat their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Final

from monitor.watchlists.normalise import (
    HYPHEN,
    LONGEST_REMEMBERED,
    MOST_REMEMBERED,
    SPACELESS,
    Chunk,
    chunks,
    is_spaceless,
)

# Control characters that are white space to `str`: no word can hold one.
PARAGRAPH, COMPOUND = "\x1d", "\x1f"
"""The token between two paragraphs; and what marks a compound in a reading."""


def reading(text: str) -> str:
    """The words of a paragraph separated by spaces; a compound is its words, then the joined form,
    with a mark before, between and after them."""
    return " ".join(_as_read(chunk) for _, chunk in chunks(text))


def _as_read(chunk: Chunk) -> str:
    words = " ".join(piece.text for piece in chunk.pieces)
    return f"{COMPOUND}{words}{COMPOUND}{chunk.joined}{COMPOUND}" if chunk.joined else words


def split_words(read: str) -> list[str]:
    """The words of a reading, without the joined forms of compounds."""
    parts = read.split(COMPOUND)
    del parts[2::3]
    return "".join(parts).split()


class UnsureError(Exception):
    """A token must be read in its paragraph."""


_UNSURE = re.compile(rf"[{SPACELESS}\u05d0-\u05ea\u2029]|-[^\S\n]+$|(?!-){HYPHEN}[^\S\n]*$")
"""Tokens that must be read in their paragraph: scripts without spaces, Hebrew acronyms, words that
may continue on the next line."""
_REACHING = re.compile(rf"[{SPACELESS}\u05d0-\u05ea\u2029]|{HYPHEN}[^\S\n]*(?:\n|$)|\A[^\S\n]*\n")
"""Words, between two spaces, that may not be read without what follows them."""
_FOLDED = re.compile("[\u2e80-\u2fdf\u3038-\u303a\u3131-\u33ff\uff65\U0001f200-\U0001f2ff]")
"""Characters that may be of a script without spaces once folded: ㅋ, ㈜, ㎞, ⽔."""


def stretches(paragraph: str) -> Iterator[tuple[str, bool]]:
    """Cut a paragraph at spaces into stretches, each with whether it must be read as a whole.

    Most paragraphs that name something in a script without spaces have a few such words, and the
    rest of it can be read token by token. Raises UnsureError when it cannot be cut.
    """
    if _FOLDED.search(paragraph):
        raise UnsureError
    for whole, words in groupby(_marked(paragraph.split(" ")), key=itemgetter(0)):
        yield " ".join([word for _, word in words]), whole


def _marked(words: Iterable[str]) -> Iterator[tuple[bool, str]]:
    """Each with whether it belongs to such a stretch. That goes on up to the next plain word:
    punctuation on the way parts two characters, and a hyphen may join the next line."""
    begun = False
    for word in words:
        if _REACHING.search(word):
            begun = True
            yield True, word
        else:
            yield begun, word
            begun = begun and not reading(word)


class _Memory(dict[bytes, bytes]):
    """Cache of tokens and their readings. Texts repeat their words, so nearly all are found here.
    Threads share it: its answers must not depend on what it holds."""

    def __missing__(self, token: bytes) -> bytes:
        plain = token.strip(b".'")
        if plain.isalpha():
            return plain.lower()  # ends of paragraphs and quotations would fill the cache
        read = _simply(plain)
        if read is None:
            written = token.decode("utf-8", "surrogatepass")
            if _UNSURE.search(written):
                raise UnsureError
            folded = reading(written)
            if is_spaceless(folded):  # ㅋ and ㈜ belong to such a script only once folded
                raise UnsureError
            read = folded.encode("utf-8", "surrogatepass")
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
    mark = COMPOUND.encode()
    return b"".join((mark, b" ".join(words), mark, b"".join(words), mark))


_MEMORY: Final = _Memory()


def read(token: bytes) -> str:
    """The reading of one token. Raises UnsureError."""
    return _MEMORY[token].decode("utf-8", "surrogatepass")


def words_of(tokens: Iterable[bytes]) -> bytes:
    """The words of tokens in UTF-8, and the joined forms of compounds, each between spaces.

    Raises UnsureError when one of them must be read in its paragraph.
    """
    found = b" ".join([b"", *map(_MEMORY.__getitem__, tokens), b""])
    return found.replace(COMPOUND.encode(), b" ")


_PARTING = bytes(
    code if code > 127 or chr(code).isalnum() or chr(code) in f"#@_.-'`{PARAGRAPH}" else 32
    for code in range(256)
)
"""Maps each byte of UTF-8 to itself, or to a space if it only separates words."""
_FOLDING = _PARTING.lower()
"""The same, with small letters for capitals."""
_PRINT = (
    *zip("\u2018\u2019\u2010\u2011\u2013", "''---", strict=True),
    *((c, " ") for c in "“”—…\u00a0"),
)
"""The commonest typographic signs, and ASCII that reads the same."""
_SPACES = [chr(code).encode() for code in range(0x80, 0x3001) if chr(code).isspace()]
_BROKEN = re.compile(rb"-(?:[^\S\n]|%b)*\n" % b"|".join(_SPACES))
"""Where a word may continue on the next line."""
_SENTENCE_END = re.compile(rb"\. ")
"""Replaced by this expression in half of the time that `bytes.replace` takes."""
_TAGS = "#@\uff03"
"""Signs before words that are divided at their capitals."""


def plainly(text: str) -> str:
    """The text with the commonest typographic signs as ASCII, one character for one."""
    if not text.isascii():
        for sign, plain in _PRINT:
            text = text.replace(sign, plain)
    return text


def tokens_of(paragraphs: Sequence[str]) -> list[bytes]:
    """The tokens of paragraphs, with a PARAGRAPH between two; capitals only where they matter.

    Signs that only separate words are spaces, so that some tokens are empty; each has as many
    characters as it is written with. Raises UnsureError when a word may continue on the next line.
    """
    text = plainly(f" {PARAGRAPH} ".join(paragraphs))
    data = text.encode("utf-8", "surrogatepass")
    if b"\n" in data and _BROKEN.search(data):
        raise UnsureError
    tagged = any(tag in text for tag in _TAGS)
    parted = data.translate(_PARTING if tagged else _FOLDING)
    return _SENTENCE_END.sub(b"  ", parted).split(b" ")
