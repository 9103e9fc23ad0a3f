"""The sieve: a quick look that tells which articles of a large store may match, missing none.

Reading an article into a stream takes most of the time of matching it. The sieve only checks
whether the plain text has the words that a query needs, anywhere. It sees at least the words that a
`Stream` has; when it cannot be sure, it lets the article through.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import re2
from ahocorasick_rs import BytesAhoCorasick, Implementation

from monitor.watchlists import frequency, normalise, patterns, tokens, variants
from monitor.watchlists.anchors import anchor
from monitor.watchlists.found import TEXT_FIELDS
from monitor.watchlists.matcher import Compiled
from monitor.watchlists.tree import (
    And,
    AtLeast,
    Field,
    Near,
    Node,
    NotNear,
    Or,
    Term,
    Weight,
)

_GOES_ON = "(?:(?:['`\u2018\u2019][sS])*[.-]+[A-Za-z0-9]+)".encode()
_COMPOUND = re2.compile(
    b"[#@][A-Za-z0-9_]\\S*"
    + b"|[._]?[A-Za-z0-9]+%b+" % _GOES_ON
    + b"|(?:[A-Za-z]+[0-9]|[0-9]+[A-Za-z])[A-Za-z0-9_]*%b*" % _GOES_ON
)
"""Where plain letters and digits can be read in more than one way; after a dot or an underscore
U.S. is not an acronym, and a possessive ends a compound."""
_ODD = "\\S*[^\\x00-\\x7f\u2018\u2019\u201c\u201d\u2014\u2026\u00a0]\\S*"
"""Text between two spaces that has characters other than ASCII and the commonest typographic
signs, which only separate words. RE2 finds these twenty times as fast as `re`."""
_ODD_OR_COMPOUND = re2.compile(_ODD.encode() + b"|" + _COMPOUND.pattern)
"""Both in one pass; a compound inside an odd token is read as part of it."""
_DASH = "–".encode()
_BROKEN = re2.compile(rf"{normalise.HYPHEN}[^\pL\pN\n]*\n".encode())
_BROKEN_PLAIN = re.compile(rb"-[^A-Za-z0-9\n\-]*\n")
"""Where a word may continue on the next line: the last hyphen before the end of a line."""
_PLAIN = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256)
)
"""Maps each byte of UTF-8 to how a plain word has it; all others to a space."""


COMMON = 0.25
"""A word of a phrase in this share of articles or more is not worth looking for."""


@dataclass(frozen=True, slots=True)
class _Any:
    """Needs one of `words`, or all words of one of `phrases`, or what one of `rest` needs."""

    words: frozenset[int] = frozenset()
    phrases: tuple[tuple[int, ...], ...] = ()
    """Each begins with the word that is likely to be its rarest."""
    rest: tuple[_All, ...] = ()

    def met(self, found: set[int]) -> bool:
        return (
            not self.words.isdisjoint(found)
            or any(found.issuperset(phrase) for phrase in self.phrases)
            or any(one.met(found) for one in self.rest)
        )


@dataclass(frozen=True, slots=True)
class _All:
    """Needs what each of `parts` needs."""

    parts: tuple[_Any | _All, ...]

    def met(self, found: set[int]) -> bool:
        return all(part.met(found) for part in self.parts)


class Sieve:
    """What an article must contain for one of some watchlists to match, prepared for a search."""

    def __init__(self, watchlists: Iterable[Compiled]) -> None:
        self._numbers: dict[str, int] = {}
        self._patterns: dict[int, Any] = {}
        fields: set[str] = set()
        queries = [self._wants(node, fields) for one in watchlists for node in one.queries]
        self._gates: dict[int, tuple[_Any | _All, ...]] = {}
        """Word -> the queries that may hold when it is found; each query needs one of its words."""
        for query in queries:
            for number in _gate(query):
                self._gates[number] = (*self._gates.get(number, ()), query)
        self.fields = frozenset(fields)
        """Fields besides title, body and embedded posts that the queries name."""
        self._rarest, self._rarest_scan = self._scan(self._gates)
        self._words, self._words_scan = self._scan(self._numbers.values())

    def _scan(self, wanted: Container[int]) -> tuple[list[int], BytesAhoCorasick | None]:
        """The numbers of these words, in the order of the scan's indexes, and the scan.

        A full DFA takes some MB, and a quarter less time than the library's default.
        """
        words = {word.encode(): number for word, number in self._numbers.items()}
        some = {word: number for word, number in words.items() if number in wanted}
        scan = BytesAhoCorasick(list(some), implementation=Implementation.DFA) if some else None
        return list(some.values()), scan

    def passes(self, texts: Sequence[str]) -> bool:
        """Whether an article with these texts may match; False is certain.

        The texts are title, body, embedded posts, and each of `fields`.
        """
        seen = words_seen("\n\n".join(texts))
        if seen is None:
            return True
        found = _found(seen, self._rarest, self._rarest_scan)
        if self._patterns:
            found.update(self._patterns_in(texts))
        asked = {id(query): query for number in found for query in self._gates.get(number, ())}
        if not asked:
            return False
        found |= _found(seen, self._words, self._words_scan)
        return any(query.met(found) for query in asked.values())

    def _patterns_in(self, texts: Sequence[str]) -> Iterator[int]:
        """Search each text by itself, as a pattern may be anchored at its beginning."""
        plain = [patterns.encodable(normalise.decode(text).text) for text in texts]
        for number, pattern in self._patterns.items():
            if any(pattern.search(text) is not None for text in plain):
                yield number

    def _wants(self, node: Node, fields: set[str]) -> _Any | _All:
        """What must be present for a node to hold; parts that must be absent are ignored."""
        match node:
            case Term():
                return self._pattern(node) if node.pattern else self._spellings(node)
            case Or():
                return _any([self._wants(child, fields) for child in node.children])
            case And():
                return self._all(node.children, fields)
            case Near():
                return self._all((node.left, node.right), fields)
            case NotNear():
                return self._wants(node.left, fields)
            case Field():
                if node.name not in (*TEXT_FIELDS, "lead"):
                    fields.add(node.name)
                return self._wants(node.child, fields)
            case AtLeast() | Weight():
                return self._wants(node.child, fields)

    def _all(self, nodes: Sequence[Node], fields: set[str]) -> _All:
        """All of the nodes, rarest first: most articles fail there."""
        rarest_first = sorted(nodes, key=lambda node: anchor(node)[1])
        return _All(tuple(self._wants(node, fields) for node in rarest_first))

    def _pattern(self, term: Term) -> _Any:
        number = -1 - len(self._patterns)  # negative, so distinct from the numbers of words
        self._patterns[number] = patterns.compiled_of(term.text)
        return _Any(frozenset((number,)))

    def _spellings(self, term: Term) -> _Any:
        """The spellings of a term. Those in a spaceless script are skipped: texts that can have one
        are let through anyway."""
        words: set[int] = set()
        phrases: set[tuple[int, ...]] = set()
        for spelling in variants.spellings(term):
            if any(normalise.is_spaceless(word) or word == normalise.STOP for word in spelling):
                continue
            rare = [word for word in spelling if frequency.share(Term(word)) < COMMON]
            wanted = rare or [min(spelling, key=lambda word: frequency.share(Term(word)))]
            numbers = tuple(self._number(word) for word in sorted(set(wanted), key=_likelihood))
            if len(numbers) == 1:
                words.update(numbers)
            else:
                phrases.add(numbers)
        return _Any(frozenset(words), tuple(phrases))

    def _number(self, word: str) -> int:
        looked_for = f" {word[:-1]}" if word.endswith("*") else f" {word} "
        return self._numbers.setdefault(looked_for, len(self._numbers))


def _likelihood(word: str) -> tuple[bool, float, int, str]:
    """Sort key of a word, rarest first. Single letters are in most texts, as apostrophes leave them
    (it's, I'm), and so are numbers."""
    return len(word) == 1 or word.isdigit(), frequency.share(Term(word)), -len(word), word


def _found(seen: bytes, numbers: Sequence[int], scan: BytesAhoCorasick | None) -> set[int]:
    found = scan.find_matches_as_indexes(seen, True) if scan else ()
    return {numbers[one[0]] for one in found}


def _any(wanted: Sequence[_Any | _All]) -> _Any:
    """Any of these, with their words and phrases merged so that a long OR is one check."""
    plain = [one for one in wanted if isinstance(one, _Any)]
    return _Any(
        frozenset().union(*(one.words for one in plain)),
        tuple(phrase for one in plain for phrase in one.phrases),
        (
            *(inner for one in plain for inner in one.rest),
            *(one for one in wanted if isinstance(one, _All)),
        ),
    )


def _gate(wanted: _Any | _All) -> frozenset[int]:
    """Numbers of the words of which one must be found."""
    if isinstance(wanted, _All):
        return _gate(wanted.parts[0])
    inner = (_gate(one) for one in wanted.rest)
    return wanted.words.union((phrase[0] for phrase in wanted.phrases), *inner)


def words_seen(text: str) -> bytes | None:
    """Every folded word of `text` in any of its readings, each between spaces, in UTF-8.

    None when only a full reading can tell: scripts without spaces, words broken over lines.
    """
    if "&" in text or "<" in text:
        text = normalise.decode(text).text
    plain = text.encode("utf-8", "replace")  # "?" separates words as a lone surrogate does
    ascii_only = text.isascii()
    if not ascii_only:
        plain = plain.replace(_DASH, b"-")  # reads the same, and makes no odd token
    if (_BROKEN_PLAIN if ascii_only else _BROKEN).search(plain):
        return None
    found = (_COMPOUND if ascii_only else _ODD_OR_COMPOUND).findall(plain)
    try:
        return b" " + plain.translate(_PLAIN) + tokens.words_of(found)
    except tokens.UnsureError:
        return None
