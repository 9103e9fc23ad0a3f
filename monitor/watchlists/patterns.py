"""Regular expressions in queries, run by RE2: a search always takes time linear in the text.

RE2 has no look-around and no back-references, which are what makes other engines slow. A pattern
sees the text as it is written (entities decoded, nothing folded). https://github.com/google/re2
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from operator import itemgetter
from typing import Any

import re2

from monitor.watchlists.normalise import BREAK
from monitor.watchlists.stream import FieldText, Stream

MAX_LENGTH = 1_000
"""Most characters of one pattern; longer ones are lists of words in disguise."""
MOST_PLACES = 25
"""Most places found in one field; bounds the number of searches, each linear in the text."""

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_HINTS = (
    ("invalid perl operator: (?", "there is no look-around: write it with NEAR or NOT NEAR"),
    ("invalid escape sequence: \\", "this escape is unknown, and there are no back-references"),
    ("invalid repetition size", "repeat at most 1000 times"),
    ("missing )", "close the parenthesis, or write \\("),
    ("unexpected )", "open the parenthesis, or write \\)"),
    ("missing ]", "close the bracket, or write \\["),
    ("repetition operator", "write \\ before a sign that is meant as itself"),
    ("character class range", "write letters of a script as \\p{Cyrillic}"),
    ("pattern too large", "write a shorter pattern"),
)
_ASCII_EDGE = re.compile(r"\\[bBwW]")


def flaw(pattern: str) -> tuple[str, int, str] | None:
    """What is wrong with a pattern: the mistake, its place and a hint; None for a valid pattern."""
    if len(pattern) > MAX_LENGTH:
        return f"the pattern is longer than {MAX_LENGTH} characters", MAX_LENGTH, "use words"
    edge = _ASCII_EDGE.search(pattern)
    if edge and not pattern.isascii():
        hint = r"write \PL for what is no letter, \pL for a letter, or use plain words"
        return f"{edge.group()} knows the letters A to Z only", edge.start(), hint
    try:
        compiled = compiled_of(pattern)
    except re2.error as error:
        return _refusal(pattern, error)
    if compiled.fullmatch("") is not None:
        return "the pattern matches the empty text", 0, "let it ask for at least one character"
    return None


def _refusal(pattern: str, error: Exception) -> tuple[str, int, str]:
    """RE2's message, the place of the part it quotes, and our hint."""
    told = error.args[0]
    message = told.decode("utf-8", "replace") if isinstance(told, bytes) else str(told)
    hint = next((hint for part, hint in _HINTS if part in message), "")
    quoted = message.partition(": ")[2]
    return message, max(0, pattern.find(quoted)) if quoted else 0, hint


@lru_cache(maxsize=4096)
def compiled_of(pattern: str) -> Any:  # RE2's binding has no types
    """The compiled pattern. Raises re2.error."""
    return re2.compile(encodable(pattern), _OPTIONS)


def encodable(text: str) -> str:
    """Replace lone surrogates, which cannot be encoded, by question marks; offsets are kept."""
    return text.encode("utf-8", "replace").decode("utf-8")


def find(stream: Stream, pattern: str) -> list[tuple[int, int]]:
    """First and last word of every place, in reading order; at most MOST_PLACES per field."""
    compiled = compiled_of(pattern)
    return [place for field in stream.fields for place in _in_field(stream, field, compiled)]


def _in_field(stream: Stream, field: FieldText, compiled: Any) -> Iterator[tuple[int, int]]:
    text = encodable(field.decoded.text)
    for found in islice(compiled.finditer(text), MOST_PLACES):
        if place := _words(stream, field, *found.span()):
            yield place


def _words(stream: Stream, field: FieldText, start: int, end: int) -> tuple[int, int] | None:
    """First and last word that a stretch of a field touches; None when it touches none or spans a
    paragraph break."""
    spots = stream.spots
    first = bisect_right(spots, start, field.first, field.end, key=itemgetter(1))
    last = bisect_left(spots, end, field.first, field.end, key=itemgetter(0)) - 1
    while first <= last and spots[first][0] == spots[first][1]:
        first += 1
    while first <= last and spots[last][0] == spots[last][1]:
        last -= 1
    if first > last or BREAK in stream.words[first : last + 1]:
        return None
    return first, last
