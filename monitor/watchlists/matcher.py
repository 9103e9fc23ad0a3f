"""Many queries compiled into one machine: one pass over an article finds the terms of all.

How one article is matched: fields -> stream -> one Aho-Corasick pass -> queries whose anchor was
found (all others cannot hold) -> places of their terms -> evaluation -> spans and score.
docs/design/matching.md says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from monitor.errors import QueryError
from monitor.model import Article, Match, Watchlist
from monitor.watchlists import normalise, query
from monitor.watchlists.finders import Evaluation, Finder, Finders
from monitor.watchlists.found import TEXT_FIELDS, Occurrence
from monitor.watchlists.report import Named, Told
from monitor.watchlists.stream import Stream
from monitor.watchlists.terms import Scanned, Terms, Way
from monitor.watchlists.tree import Field, Node, nodes_of, terms_of
from monitor.watchlists.version import version


def stream_of(article: Article) -> Stream:
    """An article as the matcher reads it: its text fields, and those that a query may name."""
    return Stream(_texts(article))


def _texts(article: Article) -> tuple[tuple[str, str], ...]:
    return (
        ("title", article.title),
        ("body", article.text),
        ("embeds", "\n\n".join([embed.text for embed in article.embeds])),
        ("source", article.source),
        ("author", "\n\n".join(article.authors)),
        ("lang", article.language),
        ("url", article.url),
        ("tag", "\n\n".join(article.tags)),
    )


@dataclass(frozen=True, slots=True)
class Compiled:
    """A watchlist with its queries as trees."""

    watchlist: Watchlist
    queries: tuple[Node, ...]
    exclude: tuple[Node, ...]
    version: str
    sources: frozenset[str]
    languages: frozenset[str]

    def concerns(self, article: Article) -> bool:
        """Whether the article's source and language are wanted; an unknown language passes."""
        if self.sources and normalise.fold(article.source) not in self.sources:
            return False
        return not self.languages or language_of(article.language) in {"", *self.languages}


def language_of(tag: str) -> str:
    """The primary language of a tag: "en" of "en-GB" (RFC 5646)."""
    return tag.replace("_", "-").split("-")[0].lower()


def compile_one(watchlist: Watchlist) -> Compiled:
    """Parse the queries of a watchlist. A QueryError names the watchlist and which query it was."""
    lists = {name: query.parse_list(text) for name, text in watchlist.lists}
    return Compiled(
        watchlist,
        tuple(_parse_each(watchlist, "query", watchlist.queries, lists)),
        tuple(_parse_each(watchlist, "exclude", watchlist.exclude, lists)),
        watchlist.version or version(watchlist),
        frozenset(normalise.fold(source) for source in watchlist.sources),
        frozenset(language_of(language) for language in watchlist.languages),
    )


def _parse_each(
    watchlist: Watchlist, what: str, texts: Sequence[str], lists: query.Lists
) -> Iterator[Node]:
    for number, text in enumerate(texts, 1):
        try:
            yield query.parse(text, lists)
        except QueryError as error:
            error.where = f"watchlist {watchlist.name}, {what} {number}, {error.where}"
            raise


_Plain = tuple[int, int, Way, float]
"""The number of a watchlist, the index of a query, and a spelling that makes it hold, with its
weight."""
_Side = tuple[int, int, Finder, tuple[frozenset[str], ...]]
"""The same with any other part that alone makes a query hold, and what else it needs."""
_Held = tuple[int, Sequence[Occurrence] | Named]
"""The index of a query, and places that make it hold."""


class Matcher:
    """All watchlists as one machine. Immutable; may be pickled and used from several threads."""

    def __init__(self, watchlists: Iterable[Compiled]) -> None:
        self.watchlists = tuple(watchlists)
        nodes = [node for one in self.watchlists for node in (*one.queries, *one.exclude)]
        self._terms = Terms(term for node in nodes for term in terms_of(node))
        self._fields = frozenset(TEXT_FIELDS).union(
            one.name for node in nodes for one in nodes_of(node) if isinstance(one, Field)
        )
        self._finders = Finders(self._terms)
        self._barred = tuple(
            tuple(self._finders.of(node, pairs=False) for node in one.exclude)
            for one in self.watchlists
        )
        plain: defaultdict[str, list[_Plain]] = defaultdict(list)
        sides: defaultdict[str, list[int]] = defaultdict(list)
        self._sides: list[_Side] = []
        self._always: list[int] = []
        """Those of the sides that may hold whichever signs are found."""
        for number, one in enumerate(self.watchlists):
            for index, node in enumerate(one.queries):
                ways, others = self._finders.query(node)
                for way, weight in ways:
                    plain[way.sign].append((number, index, way, weight))
                for side in others:
                    for sign in side.signs or ():
                        sides[sign].append(len(self._sides))
                    if side.signs is None:
                        self._always.append(len(self._sides))
                    self._sides.append((number, index, side.find, side.needs))
        self._by_sign = {
            sign: (tuple(plain[sign]), _shared(tuple(sides[sign])))
            for sign in plain.keys() | sides.keys()
        }
        """For each sign, the spellings that it shows, and the sides that may hold with it."""
        self._scan = _automaton(tuple(self._terms.phrases))
        self._signs = tuple(self._terms.phrases.values())

    def __getstate__(self) -> tuple[Compiled, ...]:
        return self.watchlists

    def __setstate__(self, watchlists: tuple[Compiled, ...]) -> None:
        self.__init__(watchlists)  # type: ignore[misc]  # the automaton cannot be pickled

    def match(self, article: Article) -> list[Match]:
        """The watchlists that this article satisfies, in the order they were compiled."""
        stream = self.read(article)
        scanned = self.scan(stream)
        evaluation = Evaluation(stream, scanned, self._finders)
        held: defaultdict[int, list[_Held]] = defaultdict(list)
        likely = set(self._always)
        lacks = scanned.found.isdisjoint
        for sign in self._by_sign.keys() & scanned.found:
            plain, sides = self._by_sign[sign]
            for number, index, way, weight in plain:
                if named := evaluation.named(way, weight):
                    held[number].append((index, named))
            likely.update(sides)
        for side in likely:
            number, index, find, needs = self._sides[side]
            for need in needs:
                if lacks(need):
                    break
            else:
                if found := find(evaluation):
                    held[number].append((index, found))
        matches = [
            self.decide(number, article, evaluation, held[number]) for number in sorted(held)
        ]
        return [match for match in matches if match is not None]

    def decide(
        self,
        number: int,
        article: Article,
        evaluation: Evaluation,
        held: Sequence[_Held],
    ) -> Match | None:
        """The match of the watchlist with that number, whose queries in `held` hold; None when its
        limits refuse it."""
        compiled = self.watchlists[number]
        if not held or not compiled.concerns(article):
            return None
        barred, watchlist = self._barred[number], compiled.watchlist
        if barred and any(find(evaluation) for find in barred):
            return None
        index, only = held[0]
        if len(held) == 1 and isinstance(only, Named):
            told: Told = only
        else:
            index = min([index for index, _ in held])
            found = [one for _, some in held for one in some]
            told = Told(evaluation.stream, evaluation.regions, found)
        if told.score < watchlist.min_score:
            return None
        return Match(watchlist.name, told.score, told.spans, index, compiled.version)

    def read(self, article: Article) -> Stream:
        """The stream of an article, restricted to what these watchlists need."""
        texts = [one for one in _texts(article) if one[0] in self._fields]
        return Stream(texts, self._terms.vocabulary)

    def scan(self, stream: Stream) -> Scanned:
        """The words and phrases found, from one pass over the text."""
        coded = stream.coded(self._terms.vocabulary)
        phrases: dict[str, list[int]] = {}
        if self._scan is not None:
            for number, start, _ in self._scan.find_matches_as_indexes(coded.text, True):
                phrases.setdefault(self._signs[number], []).append(start)
        return Scanned(coded, phrases)

    def evaluation(self, stream: Stream) -> Evaluation:
        """The evaluation of queries on one article."""
        return Evaluation(stream, self.scan(stream), self._finders)


def _automaton(words: Sequence[str]) -> AhoCorasick | None:
    return AhoCorasick(words) if words else None


@lru_cache(maxsize=4096)
def _shared(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The same tuple for equal numbers, to save memory: thousands of patterns share one side."""
    return numbers


def compile_watchlists(watchlists: Iterable[Watchlist]) -> Matcher:
    """Compile watchlists into one matcher. Raises QueryError for a query that does not parse."""
    return Matcher(compile_one(watchlist) for watchlist in watchlists)
