"""Many queries compiled into one machine: one pass over an article finds the terms of all.

How one article is matched: fields -> stream -> one Aho-Corasick pass -> queries whose anchor was
found (all others cannot hold) -> places of their terms -> evaluation -> spans and score.
docs/design/matching.md says why.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

from monitor.errors import QueryError
from monitor.model import Article, Match, Watchlist
from monitor.watchlists import normalise, query, report
from monitor.watchlists.finders import Evaluation, Finders
from monitor.watchlists.found import TEXT_FIELDS, Occurrence
from monitor.watchlists.stream import Phrases, Stream
from monitor.watchlists.terms import Hits, Terms
from monitor.watchlists.tree import FIELDS, Field, Node, nodes_of, terms_of
from monitor.watchlists.version import version

ALL_FIELDS = frozenset((*TEXT_FIELDS, *FIELDS))


def stream_of(
    article: Article, phrases: Phrases | None = None, fields: Container[str] = ALL_FIELDS
) -> Stream:
    """An article as the matcher reads it: its text fields, and those that a query may name.

    `phrases` and `fields` may come from a matcher if no other matcher reads the stream.
    """
    texts = (
        ("title", article.title),
        ("body", article.text),
        ("embeds", "\n\n".join([embed.text for embed in article.embeds])),
        ("source", article.source),
        ("author", "\n\n".join(article.authors)),
        ("lang", article.language),
        ("url", article.url),
        ("tag", "\n\n".join(article.tags)),
    )
    return Stream([one for one in texts if one[0] in fields], phrases)


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
        queries = [
            (number, index, *self._finders.query(node))
            for number, one in enumerate(self.watchlists)
            for index, node in enumerate(one.queries)
        ]
        self._queries = tuple((number, index, find) for number, index, find, _ in queries)
        self._barred = tuple(
            tuple(self._finders.of(node, pairs=False) for node in one.exclude)
            for one in self.watchlists
        )
        self._always, self._anchored = _anchored([signs for *_, signs in queries])
        self._scan = _automaton(self._terms.patterns)

    def __getstate__(self) -> tuple[Compiled, ...]:
        return self.watchlists

    def __setstate__(self, watchlists: tuple[Compiled, ...]) -> None:
        self.__init__(watchlists)  # type: ignore[misc]  # the automaton cannot be pickled

    def match(self, article: Article) -> list[Match]:
        """The watchlists that this article satisfies, in the order they were compiled."""
        stream = self.read(article)
        hits = self.hits(stream)
        candidates = self._candidates(hits)
        if not candidates:
            return []
        evaluation = Evaluation(stream, hits, self._finders)
        held: dict[int, list[tuple[int, Sequence[Occurrence]]]] = {}
        for query_number, signs in candidates.items():
            number, index, find = self._queries[query_number]
            if found := find(evaluation, signs):
                held.setdefault(number, []).append((index, found))
        matches = [
            self.decide(number, article, evaluation, found) for number, found in held.items()
        ]
        return [match for match in matches if match is not None]

    def _candidates(self, hits: Hits) -> dict[int, list[int] | None]:
        """The queries that may hold, in order, each with those of its signs that were found;
        None for a query that has no signs."""
        signs: dict[int, list[int] | None] = dict.fromkeys(self._always)
        told: defaultdict[int, list[int]] = defaultdict(list)
        anchored = self._anchored
        for sign in anchored.keys() & hits.keys():
            for number in anchored[sign]:
                told[number].append(sign)
        signs.update(told)
        return dict(sorted(signs.items())) if len(signs) > 1 else signs

    def decide(
        self,
        number: int,
        article: Article,
        evaluation: Evaluation,
        held: Sequence[tuple[int, Sequence[Occurrence]]],
    ) -> Match | None:
        """The match of the watchlist with that number, whose queries in `held` hold; None when its
        limits refuse it."""
        compiled = self.watchlists[number]
        if not held or not compiled.concerns(article):
            return None
        if any(barred(evaluation) for barred in self._barred[number]):
            return None
        leaves = report.leaves_of([occurrence for _, found in held for occurrence in found])
        score = report.score(evaluation.regions, leaves)
        if score < compiled.watchlist.min_score:
            return None
        spans = report.spans(evaluation.stream, leaves)
        return Match(compiled.watchlist.name, score, spans, held[0][0], compiled.version)

    def read(self, article: Article) -> Stream:
        """The stream of an article, restricted to what these watchlists need."""
        return stream_of(article, self._terms.phrases, self._fields)

    def hits(self, stream: Stream) -> Hits:
        """The positions in the haystack of each pattern found, from one pass over the text."""
        found: defaultdict[int, list[int]] = defaultdict(list)
        if self._scan is not None:
            for pattern, start, _ in self._scan.find_matches_as_indexes(stream.haystack, True):
                found[pattern].append(start)
        return found

    def evaluation(self, stream: Stream) -> Evaluation:
        """The evaluation of queries on one article."""
        return Evaluation(stream, self.hits(stream), self._finders)


def _automaton(words: Sequence[str]) -> AhoCorasick | None:
    return AhoCorasick(words) if words else None


def _anchored(
    queries: Sequence[frozenset[int] | None],
) -> tuple[tuple[int, ...], dict[int, tuple[int, ...]]]:
    """The queries to evaluate on every article, and for each pattern those to evaluate on a hit."""
    always: list[int] = []
    anchored: dict[int, set[int]] = {}
    for number, signs in enumerate(queries):
        if signs is None:
            always.append(number)
        for sign in signs or ():
            anchored.setdefault(sign, set()).add(number)
    return tuple(always), {one: _shared(tuple(sorted(some))) for one, some in anchored.items()}


@lru_cache(maxsize=4096)
def _shared(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The same tuple for equal numbers, to save memory: thousands of patterns share one side."""
    return numbers


def compile_watchlists(watchlists: Iterable[Watchlist]) -> Matcher:
    """Compile watchlists into one matcher. Raises QueryError for a query that does not parse."""
    return Matcher(compile_one(watchlist) for watchlist in watchlists)
