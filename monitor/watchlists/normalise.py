"""Turn text into folded words, each with its place.

Queries and articles pass through the same fold, so folding can never make the two disagree. Word
boundaries are decided here, once, and not in patterns: `\\b` is wrong for U.S. and C++,
and in some engines for НАТО.

What is folded: case, width (NFKC), Latin and Greek accents (only those: elsewhere a mark is part of
the letter), soft hyphens and other invisible characters, HTML entities (also escaped twice),
possessives, dotted acronyms, look-alike letters inside a Latin word. Words joined by a hyphen, and
letters glued to digits, are read both split and joined. Scripts that put no space between words are
read character by character, which makes a word of them match as a substring.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

BREAK = "\n"
"""Stands between paragraphs and fields; no phrase and no NEAR reaches over it."""
STOP = "|"
"""Stands for punctuation between characters of a script without spaces."""


def _invisible_and_marks() -> str:
    """All combining marks and format characters of the scripts in use, for a character class."""
    blocks = (range(0xAD, 0x3100), range(0xFE00, 0xFE30), (0xFEFF,))
    found = (
        chr(code)
        for block in blocks
        for code in block
        if unicodedata.category(chr(code)) in ("Mn", "Mc", "Me", "Cf")
    )
    return "".join(found)


_MARKS = _invisible_and_marks()
UNSEEN = "\u034f" + "".join(c for c in _MARKS if unicodedata.category(c) == "Cf")
"""Signs that nobody sees: where to divide a word, or not, and which way it runs."""
NO_UNSEEN = dict.fromkeys(map(ord, UNSEEN))
"""For `str.translate`: leaves them out."""
SPACELESS = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf"
    "\u4e00-\u9fff\uac00-\ud7af\u1100-\u11ff\uf900-\ufaff\uff66-\uffdc\U00020000-\U0003134f"
)
HYPHEN = "[-\u2010\u2011\u2012\u2013\u2212\u2043\ufe63\uff0d\u058a\u05be]"
_QUOTE = "['\u2019\u2018\u02bc\u2032\uff07\u00b4`]"
# Unicode calls these letters, but writers use them and the apostrophe alike: Словʼянськ, Hawaiʻi.
_APOSTROPHES = "\u02b9-\u02bf"
_WORD = rf"[^\W_{_APOSTROPHES}](?:[^\W_{_APOSTROPHES}]|[{_MARKS}])*"
# A gershayim inside a Hebrew word marks an acronym and divides nothing.
_WORD = rf"(?:{_WORD}(?:(?<=[\u05d0-\u05ea])[\"\u05f4](?=[\u05d0-\u05ea]){_WORD})*)"
_LETTER = "[A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u052f]"
_DOTTED = rf"(?<![\w.]){_LETTER}(?:\.{_LETTER})+(?![^\W_])"
_UNIT = rf"(?:{_DOTTED}|{_WORD})"
_LINE_END = r"(?:[^\S\n]*\n[^\S\n]*(?=\S))"
_CHUNK = re.compile(
    rf"[#@\uff03]?{_UNIT}(?:\.?{HYPHEN}{_LINE_END}?{_UNIT})*(?:{_QUOTE}[sS](?![^\W_]))?"
)
_CHUNK_OR_STOP = re.compile(rf"{_CHUNK.pattern}|[^\w\s\u00b7\u30fb\u2027\-]")
_KOREAN = re.compile("[\uac00-\ud7af\u1100-\u11ff]")
_HAS_SPACELESS = re.compile(f"[{SPACELESS}]")
LONGEST_REMEMBERED = 64
"""Most characters of a word that is worth caching."""
MOST_REMEMBERED = 65_536
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_TAG = re.compile(
    r"</?(?:(?P<inline>b|i|u|em|strong|span|mark|font|a|wbr|small|abbr)|sup|sub|br|p|div|li)"
    r"(?:\s+[\w:-]+=[^<>]{0,300})?\s?/?>",
    re.IGNORECASE,
)
"""HTML that a feed left in plain text; nothing else between < and > is taken for a tag."""
_POSSESSIVE = re.compile(rf"{_QUOTE}[sS]$")
_IS_DOTTED = re.compile(rf"{_LETTER}(?:\.{_LETTER})+$")
_JOINT = re.compile(rf"\.?{HYPHEN}{_LINE_END}?")
# One whole character of a spaceless script: a Korean syllable may be encoded as its parts, a
# voiced half-width kana as two code points.
_CHARACTER = (
    "[\u1100-\u115f][\u1160-\u11a7][\u11a8-\u11ff]?|[\uff66-\uff9d][\uff9e\uff9f]"
    rf"|[{SPACELESS}][{_MARKS}]*"
)
# Raised and lowered digits stand apart: those of a footnote are no part of the word before them.
_RAISED = "\u00b2\u00b3\u00b9\u2070\u2074-\u2079\u2080-\u2089"
_PIECE = re.compile(
    rf"{_CHARACTER}|\d+|[{_RAISED}]+"
    rf"|(?:[^\W\d_{_APOSTROPHES}{SPACELESS}{_RAISED}]|[\"\u05f4{_MARKS}])+"
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_LOWER_SPECIAL = {
    **dict(zip("øłđðıħŧŋςё", "olddihtnσе", strict=True)),
    **dict(zip("ßþæœ", ("ss", "th", "ae", "oe"), strict=True)),
    # Letters for one sound that Arabic, Persian and Urdu keyboards encode differently.
    **dict(zip("أإآٱىیکة", "اااايىكه".replace("ى", "ي"), strict=True)),
    # The lengthening stroke, and the marks of a Hebrew acronym.
    **dict.fromkeys('ـ"\u05f4', ""),
}
_LOOKALIKE = str.maketrans(
    "АВЕКМНОРСТУХІЈЅасеорхуіјѕΑΒΕΖΗΙΚΜΝΟΡΤΥΧο", "ABEKMHOPCTYXIJSaceopxyijsABEZHIKMNOPTYXo"
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f]")
_CYRILLIC_OR_GREEK = re.compile("[\u0370-\u03ff\u0400-\u04ff]")


def _accented(char: str) -> bool:
    return "\u00c0" <= char <= "\u03ff" or "\u1e00" <= char <= "\u1fff"


def _optional_mark(char: str) -> bool:
    """Whether a mark is optional in writing: stress, Hebrew points, Arabic vowel signs, format."""
    code = ord(char)
    return (
        0x300 <= code <= 0x36F
        or 0x591 <= code <= 0x5C7
        or 0x64B <= code <= 0x652
        or code == 0x670
        or unicodedata.category(char) == "Cf"
        or 0xFE00 <= code <= 0xFE0F
    )


@lru_cache(maxsize=16_384)
def _fold_char(char: str) -> str:
    """One composed character, folded; an empty string for an invisible one."""
    lowered = char.lower()
    if lowered in _LOWER_SPECIAL:
        return _LOWER_SPECIAL[lowered]
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if _optional_mark(char):
        return ""
    if _accented(char):
        bare = unicodedata.normalize("NFD", lowered)
        return "".join(_LOWER_SPECIAL.get(c, c) for c in bare if not unicodedata.combining(c))
    return lowered


def fold(word: str) -> str:
    """A word without case, width, Latin or Greek accents and invisible characters.

    Composition comes first (NFKC, Unicode Annex 15), so that й, が and 각 stay whole letters.
    """
    if word.isascii():
        return word.lower()
    return "".join(_fold_char(char) for char in unicodedata.normalize("NFKC", word))


@dataclass(frozen=True, slots=True)
class Piece:
    """One folded word with its place in the string it was read from."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chunk:
    """The text between two spaces: its words, and the word they make when joined.

    `joined` is empty when there is one word only, or nothing to join.
    """

    pieces: tuple[Piece, ...]
    joined: str = ""


@lru_cache(maxsize=MOST_REMEMBERED)
def read_chunk(text: str) -> Chunk:
    """The words of one chunk, offsets counted from its start."""
    if text.isascii() and text.isalpha():
        return Chunk((Piece(text.lower(), 0, len(text)),))
    tagged = text[0] in "#@\uff03"
    body_end = len(text)
    if possessive := _POSSESSIVE.search(text):
        body_end = possessive.start()
    if not text.isascii():
        body_end = len(text[:body_end].rstrip(UNSEEN))  # no part of a word at its end
    mixed = bool(_LATIN.search(text) and _CYRILLIC_OR_GREEK.search(text))
    pieces = tuple(
        Piece(folded, start, end)
        for start, end in _parts(text, 1 if tagged else 0, body_end, camel=tagged)
        if (folded := _fold_part(text[start:end], mixed))
    )
    return Chunk(pieces, _joined(pieces))


def _joined(pieces: tuple[Piece, ...]) -> str:
    if len(pieces) < 2 or all(piece.text.isdigit() for piece in pieces):
        return ""
    joined = "".join(piece.text for piece in pieces)
    return "" if _HAS_SPACELESS.search(joined) else joined


def _parts(text: str, start: int, end: int, *, camel: bool) -> Iterator[tuple[int, int]]:
    """Places of the words in text[start:end], split at hyphens, digits, scripts and capitals."""
    unit_start = start
    joints = [(m.start(), m.end()) for m in _JOINT.finditer(text, start, end)]
    for unit_end, following in (*joints, (end, end)):
        if _IS_DOTTED.match(text[unit_start:unit_end]):
            yield unit_start, unit_end
        else:
            for piece in _PIECE.finditer(text, unit_start, unit_end):
                yield from _camel_parts(piece) if camel else (piece.span(),)
        unit_start = following


def _camel_parts(piece: re.Match[str]) -> Iterator[tuple[int, int]]:
    start = piece.start()
    for cut in _CAMEL.finditer(piece.group()):
        yield start, piece.start() + cut.start()
        start = piece.start() + cut.start()
    yield start, piece.end()


def _fold_part(part: str, mixed: bool) -> str:
    """A part, folded; look-alikes become Latin if the chunk mixes scripts and the part can."""
    if mixed:
        latin = part.translate(_LOOKALIKE)
        if _LATIN.search(part) or not _CYRILLIC_OR_GREEK.search(latin):
            part = latin
    folded = fold(part.replace(".", "") if _IS_DOTTED.match(part) else part)
    return folded.replace(" ", "")  # NFKC writes some Arabic marks as a space with the mark


def chunks(text: str) -> Iterator[tuple[int, Chunk]]:
    """Chunks of one paragraph with their places; punctuation in spaceless scripts is a chunk."""
    if text.isascii() and text.isalpha():  # most words read on their own are such
        yield 0, read_chunk(text)
        return
    spaceless = bool(_HAS_SPACELESS.search(text))
    after_spaceless = False
    for found in (_CHUNK_OR_STOP if spaceless else _CHUNK).finditer(text):
        chunk = _read(found.group())
        if not chunk.pieces:
            if after_spaceless:
                yield found.start(), Chunk((Piece(STOP, 0, 0),))
                after_spaceless = False
            continue
        after_spaceless = spaceless and bool(_HAS_SPACELESS.match(chunk.pieces[-1].text))
        yield found.start(), chunk


def _read(text: str) -> Chunk:
    """Read a chunk, cached when it is of a word's usual length; punctuation has no words."""
    if not any(map(str.isalnum, text)):
        return Chunk(())
    return read_chunk(text) if len(text) <= LONGEST_REMEMBERED else read_chunk.__wrapped__(text)


def is_spaceless(text: str) -> bool:
    """Whether the text has characters of a script that puts no space between words."""
    return bool(_HAS_SPACELESS.search(text))


def is_korean(text: str) -> bool:
    """Whether the text has Korean syllables. Korean is read like a script without spaces, because
    particles and compounds are glued on, although it does put spaces between words."""
    return not text.isascii() and bool(_KOREAN.search(text))


# --------------------------------------------------------------------- entities


class Decoded(NamedTuple):
    """A field's text without entities and tags, and the way back."""

    text: str
    starts: tuple[int, ...] | None = None
    """Original offset of each character; None: nothing was replaced."""
    ends: tuple[int, ...] = ()

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The place in the original string of text[start:end] (never empty)."""
        if self.starts is None:
            return start, end
        return self.starts[start], self.ends[end - 1]


def decode(text: str) -> Decoded:
    """Decode HTML entities, also those that a feed escaped twice (HTML, section 13.5), and take
    out tags that were left: those inside a line join what they stand between, others part it."""
    decoded = Decoded(text)
    for _round in range(3):
        if "&" not in decoded.text or not _ENTITY.search(decoded.text):
            break
        decoded = _replaced(decoded, _ENTITY, lambda entity: html.unescape(entity.group()))
    if "<" in decoded.text and _TAG.search(decoded.text):
        decoded = _replaced(decoded, _TAG, lambda tag: "" if tag["inline"] else " ")
    return decoded


def _replaced(
    before: Decoded, sought: re.Pattern[str], plainly: Callable[[re.Match[str]], str]
) -> Decoded:
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for found in sought.finditer(before.text):
        _keep(before, at, found.start(), out, starts, ends)
        plain = plainly(found)
        start, end = before.origin(*found.span())
        out.append(plain)
        starts += [start] * len(plain)
        ends += [end] * len(plain)
        at = found.end()
    _keep(before, at, len(before.text), out, starts, ends)
    return Decoded("".join(out), tuple(starts), tuple(ends))


def _keep(
    before: Decoded, start: int, end: int, out: list[str], starts: list[int], ends: list[int]
) -> None:
    """Copy text that is not replaced, with its places."""
    out.append(before.text[start:end])
    starts += range(start, end) if before.starts is None else before.starts[start:end]
    ends += range(start + 1, end + 1) if before.starts is None else before.ends[start:end]
