"""Make text fit for display: harmless characters, whole graphemes, lines of limited width.

Other people's text is shown as it is, but must not control the display: no control characters, no
overrides of the writing direction, no towers of combining marks.
"""

from __future__ import annotations

import unicodedata

import regex

ELLIPSIS = "…"

# Control characters, surrogates, line and paragraph separators and the byte order mark steer
# terminals, headers and parsers.
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\uFEFF]")
# Embeddings, overrides and isolates (UAX 9) can turn a name or a host around; the plain marks
# U+200E, U+200F and U+061C stay: Arabic and Hebrew need them.
_TURNING = regex.compile(r"[\u202A-\u202E\u2066-\u2069]")
_RIGHT_TO_LEFT = ("R", "AL")
_TOWER = regex.compile(r"(\p{M}{4})\p{M}+")
_SPACES = regex.compile(r"\s+")
_GRAPHEME = regex.compile(r"\X")
_SPACE = regex.compile(r"\s")
_WORTH_FILLING = 8
"""Columns at the end of a line that a piece of a long word is put into."""


def plain(text: str) -> str:
    """One line of harmless text: the same letters, without control characters."""
    text = _TURNING.sub("", _UNSEEN.sub(" ", text))
    return str(_SPACES.sub(" ", _TOWER.sub(r"\1", text))).strip()


def same_length(text: str) -> str:
    """Like `plain`, but each character keeps its place, so that offsets stay right."""
    return str(_SPACE.sub(" ", _TURNING.sub(" ", _UNSEEN.sub(" ", text))))


def isolated(text: str) -> str:
    """A name or word to stand among others: written from right to left, it does not carry along
    the numbers and marks beside it (UAX 9). Text without such letters is returned as it is."""
    turned = any(map(_RIGHT_TO_LEFT.__contains__, map(unicodedata.bidirectional, text)))
    return f"\u2068{text}\u2069" if turned else text


def count(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 story", "3 stories", "1,204 feeds"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def clip(text: str, limit: int) -> str:
    """At most `limit` code points, cut before a word where that costs little, with an ellipsis.

    A grapheme (UAX 29: a letter with its marks, an emoji with its parts) is never cut in half.
    """
    if len(text) <= limit:
        return text
    end = fit(text, limit - len(ELLIPSIS))
    space = text.rfind(" ", int(end * 0.8), end + 1)
    return text[: space if space > 0 else end].rstrip() + ELLIPSIS


def fit(text: str, limit: int) -> int:
    """The last grapheme boundary at or before `limit`."""
    end = 0
    for found in _GRAPHEME.finditer(text, 0):
        if found.end() > limit:
            break
        end = found.end()
    return end


def start_of_grapheme(text: str, place: int) -> int:
    """The first grapheme boundary at or after `place`."""
    for found in _GRAPHEME.finditer(text):
        if found.start() >= place:
            return int(found.start())
    return len(text)


def columns(text: str) -> int:
    """How many columns a text takes on a screen of fixed width (UAX 11)."""
    if text.isascii():  # one each; checking every letter takes most of an edition's time
        return len(text)
    wide = sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)
    unseen = sum(unicodedata.category(letter) in ("Mn", "Me", "Cf") for letter in text)
    return len(text) + wide - unseen


def wrap(text: str, width: int = 78, indent: str = "", hang: str = "") -> str:
    """Text broken at spaces into lines of at most `width` columns.

    Each begins with `indent`, those after the first with `hang` too. A word longer than a line is
    broken between graphemes, unless it is an address; in scripts without spaces, where such a word
    is a sentence, it goes on in the line that is there.
    """
    room = width - columns(indent + hang)
    lines: list[str] = []
    for word in text.split():
        left = room - columns(lines[-1]) - 1 if lines and columns(word) > len(word) else room
        for piece in _pieces(word, room, left if left >= _WORTH_FILLING else room):
            longer = f"{lines[-1]} {piece}" if lines else piece
            if lines and columns(longer) <= room:
                lines[-1] = longer
            else:
                lines.append(piece)
    return indent + f"\n{indent}{hang}".join(lines) if lines else ""


def _pieces(word: str, room: int, first: int) -> list[str]:
    """A word in pieces of at most `room` columns, the first of at most `first`."""
    if columns(word) <= room or word.startswith(("http://", "https://")):
        return [word]
    pieces = [""]
    for grapheme in _GRAPHEME.findall(word):
        if columns(pieces[-1] + grapheme) > (room if len(pieces) > 1 else first):
            pieces.append("")
        pieces[-1] += grapheme
    return pieces
