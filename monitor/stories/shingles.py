"""Sampled word shingles, to estimate how much of one text another contains.

A shingle is four words in a row. Broder, "On the resemblance and containment of documents"
(1997), shows that keeping the shingles whose hash is 0 modulo m estimates containment without
bias; m = 4 keeps about 150 of a text of 600 words. CRC-32 is the same in every process and on
every machine, unlike `hash`.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from zlib import crc32

SIZE = 4
"""Words in a shingle."""
KEEP_ONE_IN = 4
"""Shingles whose hash is divisible by this are kept."""
MOST_WORDS = 10_000
"""Most words of a text that are used: the bound on the memory of one article."""


def samples(words: Sequence[str]) -> tuple[int, ...]:
    """The distinct sampled shingles of a text as 32-bit numbers, in rising order."""
    encoded = [word.encode() for word in words[:MOST_WORDS]]
    whole = b" ".join(encoded)
    ends = list(accumulate(len(word) + 1 for word in encoded))
    starts = [0, *ends]
    shingles = [whole[a : b - 1] for a, b in zip(starts, ends[SIZE - 1 :], strict=False)]
    # Only what is kept is made distinct: hashing a number is faster than hashing its four words.
    return tuple(sorted({n for n in map(crc32, shingles) if n % KEEP_ONE_IN == 0}))


def exact(words: Sequence[str]) -> str:
    """Hash of the whole text, ignoring case, punctuation and white space."""
    return blake2b(" ".join(words).encode(), digest_size=12).hexdigest()
