"""Short values that tell equal or nearly equal texts, the same in every process."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORD = re.compile(r"\w+")
SHINGLE_WORDS = 4
SAMPLE = 4
"""One of so many shingles is kept: the same ones of every text, so that samples compare."""
SMALL = 64
"""Texts with no more shingles keep them all."""


def text_hash(text: str) -> str:
    """Hash of the words of a text, letter case, marks and spacing aside (BLAKE2b, 128 bits, hex).

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


def line_hash(text: str) -> int:
    """Hash of one line of text, 63 bits; letter case, marks and spacing aside; 0 without words."""
    words = _words(text)
    return _number(" ".join(words)) if words else 0


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _number(run: str) -> int:
    digest = hashlib.blake2b(run.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
