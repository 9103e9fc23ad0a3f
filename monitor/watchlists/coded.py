"""Texts as one character for each word: what the scan looks at.

A vocabulary gives each word that some query names a character of its own, and all other words one
together. The position in a coded text is then the number of the word, and a phrase is a short
string: there are no spaces to count and no long words to compare.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain

from monitor.errors import QueryError
from monitor.watchlists.normalise import BREAK, LONGEST_REMEMBERED, MOST_REMEMBERED
from monitor.watchlists.tokens import (
    COMPOUND,
    PARAGRAPH,
    UnsureError,
    read,
    reading,
    stretches,
    tokens_of,
)

OTHER = "\x01"
"""Stands for every word that no query names."""
_CODES = (range(0x20, 0xD800), range(0xE000, 0x11_0000))
"""Code points of the characters for words: all but control characters and surrogates."""

_MARKED = tuple(one.replace("|", COMPOUND) for one in ("|{}||", "|{}|", "{}|"))
"""How the parts of a reading stand in a code: plain words, those of a compound, its joined form."""


class Vocabulary:
    """The words and prefixes that queries name, each with its character.

    Of the prefixes that a word begins with, only the longest must be known: it begins with the
    others itself. So a word has one character, and a prefix has several: its members.
    """

    def __init__(self, spellings: Collection[Sequence[str]]) -> None:
        """`spellings`: the words of each term, with a `*` after a prefix. Raises QueryError when
        they have too many different words."""
        several = [words for words in spellings if len(words) > 1]
        self.reach = max(map(len, several), default=1) - 1
        """Number of words in the longest phrase, less one."""
        self._new = map(chr, chain(*_CODES))
        self._characters: dict[str, str] = {}
        for words in spellings:
            for word in words:
                if word not in self._characters:
                    self._characters[word] = self.new()
        prefixes = {word for word in self._characters if word.endswith("*")}
        self._lengths = sorted({len(prefix) - 1 for prefix in prefixes}, reverse=True)
        members: dict[str, set[str]] = {prefix: set() for prefix in prefixes}
        begins: dict[str, tuple[str, ...]] = {}
        for word, character in self._characters.items():
            if held := tuple(self._prefixes_of(word.removesuffix("*"))):
                begins[character] = tuple(self._characters[prefix] for prefix in held)
                for prefix in held:
                    members[prefix].add(character)
        self.begins = begins
        """For the character of a word, those of the prefixes that it begins with."""
        self.members = {self._characters[one]: frozenset(some) for one, some in members.items()}
        """For the character of a prefix, those of the words that begin with it."""
        self.in_phrases = frozenset(
            one for words in several for word in words for one in self.meant(word)
        )
        """Characters that a phrase of several words can contain."""
        plain = {w.encode(): c for w, c in self._characters.items() if w.isascii() and w.isalpha()}
        self.codes = _Codes(self, {PARAGRAPH.encode(): BREAK, **plain})
        """The code of each token."""

    def new(self) -> str:
        """A character that nothing has yet. Raises QueryError when there is none left."""
        character = next(self._new, None)
        if character is None:
            what = "all queries together have more than a million different words and phrases"
            raise QueryError(what, hint="give each part of them a monitor of its own")
        return character

    def of(self, word: str) -> str:
        """The character of a word or prefix of the spellings."""
        return self._characters[word]

    def meant(self, word: str) -> frozenset[str]:
        """The characters in a text that are this word, or begin with this prefix."""
        character = self._characters[word]
        return self.members.get(character, frozenset((character,)))

    def character(self, word: str) -> str:
        """The character of any folded word."""
        known = self._characters.get(word)
        if known is None:
            longest = next(self._prefixes_of(word), None)
            known = OTHER if longest is None else self._characters[longest]
        return known

    def code(self, read: str) -> str:
        """The code of a reading: one character, or marks around all that it holds."""
        parts = [self._code(part) for part in read.split(COMPOUND)]
        if len(parts) == 1 and len(parts[0]) < 2:
            return parts[0]
        return "".join([_MARKED[at % 3].format(part) for at, part in enumerate(parts)])

    def _code(self, words: str) -> str:
        return "".join(map(self.character, words.split()))

    def _prefixes_of(self, word: str) -> Iterator[str]:
        """The known prefixes that a word begins with, longest first."""
        for length in self._lengths:
            if len(word) >= length and (prefix := f"{word[:length]}*") in self._characters:
                yield prefix


_REMEMBERED = 16_384
"""Tokens that are worth caching for the shortest query: there may be many small vocabularies."""


class _Codes(dict[bytes, str]):
    """Cache of tokens and their codes; raises UnsureError for a token that has none alone.
    Threads share it: its answers must not depend on what it holds."""

    def __init__(self, vocabulary: Vocabulary, known: dict[bytes, str]) -> None:
        super().__init__(known)
        self._vocabulary = vocabulary
        self._known = known
        self._most = len(known) + min(MOST_REMEMBERED, _REMEMBERED + 2 * len(known))

    def __missing__(self, token: bytes) -> str:
        if token.isalpha():
            code = self._vocabulary.character(token.decode().lower())
        elif token in self._known:  # another thread may just have emptied the cache
            return self._known[token]
        else:
            code = self._vocabulary.code(read(token))
        if len(token) <= LONGEST_REMEMBERED:
            if len(self) >= self._most:
                self.clear()
                self.update(self._known)
            self[token] = code
        return code


class Coded:
    """The paragraphs of an article in the characters of a vocabulary, with a BREAK after each.

    `text` holds the split reading, followed by what is near compounds once more, with each
    compound joined; only where a query names the joined word.
    """

    def __init__(self, paragraphs: Sequence[str], vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.unsure: frozenset[int] = frozenset()
        """The paragraphs of which anything was read as a whole, not token by token."""
        try:
            tokens = tokens_of(paragraphs)
            tokens.append(PARAGRAPH.encode())
            codes = list(map(vocabulary.codes.__getitem__, tokens))
        except UnsureError:
            tokens, codes = self._carefully(paragraphs)
        self.tokens = tokens
        """The tokens of all paragraphs, with a PARAGRAPH after each."""
        self.codes = codes
        """The code of each token."""
        self.characters = set(codes)
        """All characters that occur, beside the codes of other tokens than words."""
        self.text = "".join(codes)
        self._joined: list[int] = []
        """For each character after `end`, its position in the whole of the joined reading."""
        self._firsts: list[int] = []
        """For each of that, the first word of the split reading that it stands for."""
        parts = self.text.split(COMPOUND)
        if len(parts) > 1:
            joined = "".join(parts[2::3])
            self.text = "".join(_split(parts))
            self.characters.update("".join(parts[1::3]), joined)
        self.end = len(self.text)
        """Number of words in the split reading."""
        if len(parts) > 1 and joined.strip(OTHER):
            self._join(parts)

    def _carefully(self, paragraphs: Sequence[str]) -> tuple[list[bytes], list[str]]:
        """The tokens and codes of paragraphs, of which some cannot be read token by token."""
        tokens, codes, unsure = list[bytes](), list[str](), set[int]()
        for number, paragraph in enumerate(paragraphs):
            try:
                parts = list(stretches(paragraph))
                read = [self._read(*part) for part in parts]
            except UnsureError:
                parts = [(paragraph, True)]
                read = [self._read(paragraph, whole=True)]
            for some, coded in read:
                tokens += some
                codes += coded
            if any(whole for _, whole in parts):
                unsure.add(number)
            codes.append(BREAK)
            tokens.append(PARAGRAPH.encode())
        self.unsure = frozenset(unsure)
        return tokens, codes

    def _read(self, text: str, whole: bool) -> tuple[list[bytes], list[str]]:
        """The tokens and codes of a stretch; what is read as a whole is a token of that length."""
        if whole:
            return [b"_" * len(text)], [self.vocabulary.code(reading(text))]
        tokens = tokens_of([text])
        return tokens, list(map(self.vocabulary.codes.__getitem__, tokens))

    def _join(self, parts: Sequence[str]) -> None:
        """Add the joined reading near those compounds of which a query names the joined word."""
        whole: list[str] = []
        firsts: list[int] = []
        kept: list[int] = []
        at = 0
        for plain, written, joined in zip(parts[0::3], parts[1::3], parts[2::3], strict=False):
            whole += (plain, joined or written)
            firsts += range(at, at + len(plain) + (1 if joined else len(written)))
            if joined.strip(OTHER):
                kept.append(len(firsts) - 1)
            at += len(plain) + len(written)
        whole.append(parts[-1])
        firsts += range(at, at + len(parts[-1]) + 1)
        text = "".join(whole)
        until = 0
        added: list[str] = []
        for place in kept:
            reach = self.vocabulary.reach if text[place] in self.vocabulary.in_phrases else 0
            start, end = max(place - reach, until), min(place + reach + 1, len(text))
            if start > until:
                added.append(BREAK)
                self._joined.append(0)
            added.append(text[start:end])
            self._joined += range(start, end)
            until = max(until, end)
        self.text = "".join((self.text, *added, BREAK))
        self._firsts = firsts

    def places(self, starts: Iterable[int], words: int) -> list[tuple[int, int]]:
        """First and last word of the split reading that `words` characters of the text stand for,
        from each of these on."""
        more, end = words - 1, self.end
        return [
            (start, start + more) if start < end else self._place(start - end, more)
            for start in starts
        ]

    def _place(self, at: int, more: int) -> tuple[int, int]:
        first, last = self._joined[at], self._joined[at + more]
        return self._firsts[first], self._firsts[last + 1] - 1

    def follow(self, start: int, wanted: Sequence[frozenset[str]]) -> bool:
        """Whether from `start` on each character is one of those wanted."""
        return all(map(frozenset.__contains__, wanted, self.text[start : start + len(wanted)]))


def positions(text: str, character: str) -> list[int]:
    """Where a character occurs, in order."""
    found: list[int] = []
    at = text.find(character)
    while at >= 0:
        found.append(at)
        at = text.find(character, at + 1)
    return found


def words_in(code: str) -> int:
    """How many words of the split reading a code has."""
    return len(code) if len(code) < 2 else sum(map(len, _split(code.split(COMPOUND))))


def _split(parts: Sequence[str]) -> list[str]:
    """What marks divide, without the joined forms of compounds."""
    return [part for at, part in enumerate(parts) if at % 3 != 2]
