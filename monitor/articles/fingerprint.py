"""Short values that identify equal or nearly equal texts, the same in every process."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORD = re.compile(r"\w+")
SHINGLE_WORDS = 4
SAMPLE = 4
"""One in so many shingles is kept, chosen by value, so that samples of texts can be compared."""
TELLING = 30
"""From so many runs of words on, a text is compared by them."""
SMALL = 64
"""Texts with at most so many shingles keep them all."""


def text_hash(text: str) -> str:
    """Hash of the words of a text, ignoring case, marks and spacing (BLAKE2b, 128 bits, hex).

    An empty text has an empty hash: two articles without text are not the same article.
    """
    words = _words(text)
    return hashlib.blake2b(" ".join(words).encode(), digest_size=16).hexdigest() if words else ""


def shingles(text: str) -> frozenset[int]:
    """Sampled runs of four words as 63-bit numbers (Broder 1997, "mod k" sampling)."""
    words = _words(text)
    count = max(1, len(words) - SHINGLE_WORDS + 1) if words else 0
    values = {_number(" ".join(words[at : at + SHINGLE_WORDS])) for at in range(count)}
    if len(values) <= SMALL:
        return frozenset(values)
    return frozenset(value for value in values if value % SAMPLE == 0)


def same_report(title: str, text: str, other_title: str, other_text: str) -> bool:
    """Whether two readings are of the same article: half the shorter text is in the other.

    Where a text is too short to tell, the titles decide: one must be in the other, in whole words.
    """
    one, other = _runs(text), _runs(other_text)
    if min(len(one), len(other)) >= TELLING:
        return 2 * len(one & other) >= min(len(one), len(other))
    titles = sorted((f" {' '.join(_words(one))} " for one in (title, other_title)), key=len)
    return bool(titles[0].strip()) and titles[0] in titles[1]


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = _words(text)
    return frozenset(zip(*(words[at:] for at in range(SHINGLE_WORDS)), strict=False))


def line_hash(text: str) -> int:
    """63-bit hash of one line of text, ignoring case, marks and spacing; 0 without words."""
    words = _words(text)
    return _number(" ".join(words)) if words else 0


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _number(run: str) -> int:
    digest = hashlib.blake2b(run.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
