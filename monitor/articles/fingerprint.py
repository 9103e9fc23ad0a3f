"""Short values that identify equal texts and lines, the same in every process."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORD = re.compile(r"\w+")
RUN = 4
"""Words in a run."""
FEW = 8
"""Fewer words than this say the same only if they are equal."""
TELLING = 30
"""From so many runs of words on, a text is compared by them."""
COMPARED = 5_000
"""Words of a text that are compared: more than nearly every article has."""


def text_hash(text: str) -> str:
    """Hash of the words of a text, ignoring case, marks and spacing (BLAKE2b, 128 bits, hex).

    An empty text has an empty hash: two articles without text are not the same article.
    """
    words = _words(text)
    return hashlib.blake2b(" ".join(words).encode(), digest_size=16).hexdigest() if words else ""


def same_report(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether two readings are of the same article: half the shorter text is in the other.

    Only the first `COMPARED` words of each count, since the store may wait for the answer.
    Where a text is too short to tell, the titles decide: one must be in the other, in whole words.
    """
    one, other = _runs(text), _runs(other_text)
    if min(len(one), len(other)) >= TELLING:
        return 2 * len(one & other) >= min(len(one), len(other))
    titles = sorted((f" {' '.join(_words(one))} " for one in (title, other_title)), key=len)
    return bool(titles[0].strip()) and titles[0] in titles[1]


def same_words(text: str, other_text: str) -> bool:
    """Whether two texts say the same, however short: four fifths of the words of the shorter one
    are in the other, or all of them if they are few."""
    one, other = (frozenset(_words(some)[:COMPARED]) for some in (text, other_text))
    fewer = min(len(one), len(other))
    return one == other if fewer < FEW else 5 * len(one & other) >= 4 * fewer


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _words(text)[:COMPARED]
    return frozenset(zip(*(words[at:] for at in range(RUN)), strict=False))


def line_hash(text: str) -> int:
    """63-bit hash of one line of text, ignoring case, marks and spacing; 0 without words."""
    words = _words(text)
    if not words:
        return 0
    digest = hashlib.blake2b(" ".join(words).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
