"""Sampled word shingles: how much of one text stands in another.

A shingle is four words in a row. Broder, "On the resemblance and containment of documents"
(1997), shows that keeping the shingles whose hash is 0 modulo m estimates containment without
bias; m = 4 keeps about 150 of a text of 600 words. CRC-32 is the same in every process and on
every machine, unlike `hash`.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from zlib import crc32

SIZE = 4
"""Words in a shingle."""
KEEP_ONE_IN = 4
"""Of the shingles, those whose hash is divisible by this are kept."""
MOST_WORDS = 10_000
"""Words of a text that are looked at: the bound on the memory one article can take."""


def samples(words: Sequence[str]) -> tuple[int, ...]:
    """The distinct sampled shingles of a text as 32-bit numbers, in rising order."""
    kept = set()
    for start in range(min(len(words), MOST_WORDS) - SIZE + 1):
        number = crc32(" ".join(words[start : start + SIZE]).encode())
        if number % KEEP_ONE_IN == 0:
            kept.add(number)
    return tuple(sorted(kept))


def exact(words: Sequence[str]) -> str:
    """Hash of the whole text, blind to case, punctuation and white space."""
    return blake2b(" ".join(words).encode(), digest_size=12).hexdigest()
