"""Sampled word shingles, to estimate how much of one text another contains.

A shingle is four words in a row. Broder, "On the resemblance and containment of documents"
(1997), shows that keeping the shingles whose hash is 0 modulo m estimates containment without
bias; m = 4 keeps about 150 of a text of 600 words. CRC-32 is the same in every process and on
every machine, unlike `hash`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from zlib import crc32

SIZE = 4
"""Words in a shingle."""
KEEP_ONE_IN = 4
"""Shingles whose hash is divisible by this are kept."""
MOST_WORDS = 10_000
"""Most words of a text that are used: the bound on the memory of one article."""


def samples(words: Sequence[str]) -> tuple[int, ...]:
    """The distinct sampled shingles of a text as 32-bit numbers, in rising order."""
    return sampled(shingles(words))


def shingles(words: Sequence[str]) -> list[int]:
    """The shingles of a text as 32-bit numbers, in the order of its words."""
    encoded = " ".join(words[:MOST_WORDS]).encode().split(b" ")
    runs = zip(*(encoded[at:] for at in range(SIZE)), strict=False)
    return list(map(crc32, map(b" ".join, runs)))


def sampled(found: Iterable[int]) -> tuple[int, ...]:
    """The distinct ones among these shingles that are kept, in rising order."""
    # Only what is kept is made distinct: hashing a number is faster than hashing its four words.
    return tuple(sorted({number for number in found if number % KEEP_ONE_IN == 0}))


def exact(words: Sequence[str]) -> str:
    """Hash of the whole text, ignoring case, punctuation and white space."""
    return blake2b(" ".join(words).encode(), digest_size=12).hexdigest()
