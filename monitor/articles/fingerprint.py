"""Short values that identify equal or nearly equal texts, the same in every process."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORD = re.compile(r"\w+")
SHINGLE_WORDS = 4
SAMPLE = 4
"""One in so many shingles is kept, chosen by value, so that samples of texts can be compared."""
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


def line_hash(text: str) -> int:
    """63-bit hash of one line of text, ignoring case, marks and spacing; 0 without words."""
    words = _words(text)
    return _number(" ".join(words)) if words else 0


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def _number(run: str) -> int:
    digest = hashlib.blake2b(run.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
