"""Which articles of a large store may match: a quick look that never overlooks one.

Reading an article into a stream takes most of the time of matching it. The sieve looks at the plain
text for words that must stand there for a query to hold (its anchors). The words it sees are at
least those that `normalise.read` gives; what it cannot be sure of, it lets through.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence, Set

import re2
from ahocorasick_rs import BytesAhoCorasick

from monitor.watchlists import frequency, normalise, patterns, variants
from monitor.watchlists.found import TEXT_FIELDS
from monitor.watchlists.matcher import Compiled, anchor
from monitor.watchlists.tree import Field, Node, Term, children_of, terms_of

_COMPOUND = re2.compile(
    rb"[#@][A-Za-z0-9_]\S*|[A-Za-z0-9]+(?:[.\-]+[A-Za-z0-9]+)+|[A-Za-z]+[0-9][A-Za-z0-9_]*"
    rb"|[0-9]+[A-Za-z][A-Za-z0-9_]*"
)
"""Where plain letters and digits are read in more ways than one."""
_ODD = re2.compile(rb"\S*[^\x00-\x7f]\S*")
"""What stands between two spaces and has other characters than ASCII's. RE2 finds these twenty
times as fast as `re`."""
_BROKEN = re2.compile(rf"{normalise.HYPHEN}[^\pL\pN\n]*\n".encode())
_BROKEN_PLAIN = re.compile(rb"-[^A-Za-z0-9\n]*\n")
"""Where a word may go on after the end of its line."""
_PLAIN = bytes(
    ord(chr(code).lower()) if code < 128 and chr(code).isalnum() else 32 for code in range(256)
)
"""A byte of UTF-8 as a plain word has it; a space for all else."""


class Sieve:
    """The anchors of some watchlists, ready to be looked for."""

    def __init__(self, watchlists: Iterable[Compiled]) -> None:
        nodes = [node for one in watchlists for node in one.queries]
        terms = {term for node in nodes for term in anchor(node)[0]}
        words = {word for term in terms if not term.pattern for word in _needed(term)}
        self._words = BytesAhoCorasick([word.encode() for word in sorted(words)]) if words else None
        self._patterns = [
            patterns.compiled_of(term.text)
            for term in sorted(terms, key=lambda term: term.text)
            if term.pattern
        ]
        self.fields = frozenset(name for node in nodes for name in _named(node, terms))
        """Fields beside title, body and embedded posts in which a query's anchor may stand."""

    def passes(self, texts: Sequence[str]) -> bool:
        """Whether an article of these texts may match; False is certain.

        The texts are those of title, body, embedded posts, and of each of `fields`.
        """
        seen = words_seen("\n\n".join(texts))
        if seen is None or (self._words and self._words.find_matches_as_indexes(seen)):
            return True
        return bool(self._patterns) and any(map(self._has_pattern, texts))

    def _has_pattern(self, text: str) -> bool:
        """Each text by itself: a pattern may ask for its beginning."""
        plain = patterns.encodable(normalise.decode(text).text)
        return any(one.search(plain) is not None for one in self._patterns)


def _needed(term: Term) -> Iterator[str]:
    """For each spelling of a term the rarest of its words, in spaces as a scan finds it.

    A spelling with a script that has no spaces stands only in texts that are let through.
    """
    for spelling in variants.spellings(term):
        if any(normalise.is_spaceless(word) or word == normalise.STOP for word in spelling):
            continue
        word = min(spelling, key=_commonness)
        yield f" {word[:-1]}" if word.endswith("*") else f" {word} "


def _commonness(word: str) -> tuple[float, int]:
    return frequency.share(Term(word)), -len(word)


def _named(node: Node, anchors: Set[Term]) -> Iterator[str]:
    if isinstance(node, Field) and node.name not in (*TEXT_FIELDS, "lead"):
        if not anchors.isdisjoint(terms_of(node)):
            yield node.name
    else:
        for child in children_of(node):
            yield from _named(child, anchors)


def words_seen(text: str) -> bytes | None:
    """Every folded word that `text` has, whatever it is read as, in spaces, in UTF-8.

    None when only a whole reading can tell: words without spaces between, words broken over lines.
    """
    if "&" in text:
        text = normalise.decode(text).text
    plain = text.encode("utf-8", "replace")  # "?" parts words as a lone surrogate does
    ascii_only = text.isascii()
    if (_BROKEN_PLAIN if ascii_only else _BROKEN).search(plain):
        return None
    odd = [] if ascii_only else [token.decode() for token in _ODD.findall(plain)]
    if odd and normalise.is_spaceless("".join(odd)):
        return None
    several = (*odd, *(compound.decode("ascii", "ignore") for compound in _COMPOUND.findall(plain)))
    read = [" ".join(normalise.words_of_token(token)) for token in several]
    return b" ".join((b"", plain.translate(_PLAIN), " ".join(read).encode("utf-8", "ignore"), b""))
