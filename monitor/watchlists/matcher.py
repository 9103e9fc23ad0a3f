"""Many queries compiled into one machine: one pass over an article finds the terms of all.

The way of one article: fields -> stream -> one Aho-Corasick pass -> queries whose anchor was
found (all others cannot hold) -> places of their terms -> evaluation -> spans and score.
docs/design/matching.md says why.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import inf
from unicodedata import combining

from ahocorasick_rs import AhoCorasick

from monitor.errors import QueryError
from monitor.model import Article, Match, Watchlist
from monitor.watchlists import frequency, normalise, patterns, query, report, variants
from monitor.watchlists.found import Evaluation, Occurrence, Outlook, Place
from monitor.watchlists.stream import EVERYWHERE, Stream
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
    nodes_of,
    terms_of,
)
from monitor.watchlists.version import version


def stream_of(article: Article, reach: int = EVERYWHERE) -> Stream:
    """An article as the matcher reads it: text fields, and those a query may name.

    `reach` may be that of the matcher that alone is asked about it.
    """
    return Stream(
        (
            ("title", article.title),
            ("body", article.text),
            ("embeds", "\n\n".join(embed.text for embed in article.embeds)),
            ("source", article.source),
            ("author", "\n\n".join(article.authors)),
            ("lang", article.language),
            ("url", article.url),
            ("tag", "\n\n".join(article.tags)),
        ),
        reach,
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
        """Whether its source and language are among those wanted; an unknown language passes."""
        if self.sources and normalise.fold(article.source) not in self.sources:
            return False
        return not self.languages or language_of(article.language) in {"", *self.languages}


def language_of(tag: str) -> str:
    """The primary language of a tag: "en" of "en-GB" (RFC 5646)."""
    return tag.replace("_", "-").split("-")[0].lower()


def compile_one(watchlist: Watchlist) -> Compiled:
    """Parse the queries of a watchlist; QueryError names the watchlist and which query it was."""
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


# ------------------------------------------------------------------------- finding terms


@dataclass(frozen=True, slots=True)
class _Way:
    """One spelling of a term: the pattern that the scan finds, and the words to check behind it."""

    pattern: int
    words: int
    """Number of words that the scan finds."""
    rest: variants.Words
    sign: int
    """The pattern by which it is seen that the spelling may be there: itself, or a word of `rest`,
    which is rarer than what begins like the first."""
    checked: bool
    """Whether a hit alone does not yet say that the term is there."""


Hits = Mapping[int, list[int]]
"""For each pattern found, where in the haystack."""


class Terms:
    """All terms of all queries, as patterns for one scan. The queries must live as long."""

    def __init__(self, terms: Iterable[Term]) -> None:
        numbers: dict[str, int] = {}
        self._ways: dict[Term, tuple[_Way, ...]] = {}
        self._by_object: dict[int, tuple[_Way, ...]] = {}
        """The same without comparing texts: by the number of the object in the queries."""
        for term in terms:
            if not term.pattern:
                if term not in self._ways:
                    spellings = variants.spellings(term)
                    checked = term.exact or normalise.is_korean(term.text)
                    self._ways[term] = tuple(_way(numbers, one, checked) for one in spellings)
                self._by_object[id(term)] = self._ways[term]
        self.patterns = tuple(numbers)
        all_ways = (way for ways in self._ways.values() for way in ways)
        self.reach = max((way.words + len(way.rest) for way in all_ways), default=1) - 1
        """Words from the first to the last of the longest spelling."""

    def ways(self, term: Term) -> tuple[_Way, ...]:
        """The spellings of a term that is no regular expression; none of one that is not known."""
        known = self._by_object.get(id(term))
        return self._ways.get(term, ()) if known is None else known

    def signs(self, terms: Iterable[Term]) -> frozenset[int]:
        """Patterns of which one is found where one of these terms is."""
        return frozenset(way.sign for term in terms for way in self.ways(term))


def _way(numbers: dict[str, int], words: variants.Words, checked: bool) -> _Way:
    """A spelling up to its first prefix is what the scan looks for."""
    until = next((i for i, word in enumerate(words) if word.endswith("*")), len(words) - 1)
    rest = words[until + 1 :]
    pattern = numbers.setdefault(_pattern(words[: until + 1]), len(numbers))
    sign = pattern
    if rest:
        rarest = min((words[0], *rest), key=lambda word: frequency.share(Term(word)))
        if rarest != words[0]:
            sign = numbers.setdefault(_pattern((rarest,)), len(numbers))
    return _Way(pattern, until + 1, rest, sign, checked or bool(rest))


def _pattern(words: variants.Words) -> str:
    written = " ".join(words)
    return f" {written[:-1]}" if written.endswith("*") else f" {written} "


class Places:
    """Where terms stand in one article; a term is located when somebody asks for it."""

    def __init__(self, stream: Stream, terms: Terms, hits: Hits) -> None:
        self._stream = stream
        self._terms = terms
        self._hits = hits

    def __call__(self, term: Term) -> list[Place]:
        """Every place of a term, in reading order."""
        if term.pattern:
            return patterns.find(self._stream, term.text)
        stream, hits = self._stream, self._hits
        places: list[Place] = []
        for way in self._terms.ways(term):
            starts = hits.get(way.pattern)
            if starts is None or way.sign not in hits:
                continue
            if way.checked:
                places += _checked(stream, term, way, starts)
            else:
                places += stream.places(starts, way.words)
        return sorted(set(places)) if len(places) > 1 else places


def _checked(stream: Stream, term: Term, way: _Way, starts: Iterable[int]) -> Iterator[Place]:
    """The places of a spelling where all of it stands, and as typed if it must."""
    if term.exact and not any(term.text in one.decoded.text for one in stream.fields):
        return
    for start in starts:
        if place := _check(stream, term, way, start + 1):
            yield place


FEW = 4
"""So many sides of an OR are asked one by one."""


@dataclass(frozen=True, slots=True)
class _Choice:
    """The sides of a long OR, by the patterns of which one must be found for a side to hold."""

    sides: tuple[Node, ...]
    always: frozenset[int]
    """Sides that may hold whatever is found."""
    by_sign: dict[int, tuple[int, ...]]

    @classmethod
    def of(cls, node: Or, terms: Terms) -> _Choice:
        """What must be found for each side, as `anchor` says."""
        always: set[int] = set()
        by_sign: dict[int, tuple[int, ...]] = {}
        for side, child in enumerate(node.children):
            anchors = anchor(child)[0]
            if any(term.pattern for term in anchors):
                always.add(side)
            else:
                for sign in terms.signs(anchors):
                    by_sign[sign] = _shared((*by_sign.get(sign, ()), side))
        return cls(node.children, frozenset(always), by_sign)

    def likely(self, found: frozenset[int]) -> list[Node]:
        """The sides that may hold when these patterns were found."""
        chosen = set(self.always)
        for sign in self.by_sign.keys() & found:
            chosen.update(self.by_sign[sign])
        return [self.sides[side] for side in sorted(chosen)]


Condition = And | Near | NotNear


class Choices:
    """What must be found for the parts of all queries to hold: of the hundreds of names in a long
    OR an article holds a few, and of the two sides of a NEAR often one only."""

    def __init__(self, nodes: Iterable[Node], terms: Terms) -> None:
        self.by_or: dict[int, _Choice] = {}
        self.needs: dict[int, tuple[frozenset[int], ...]] = {}
        """For a node all sides of which must hold: of each side, patterns one of which is found."""
        for node in nodes:
            if isinstance(node, Or) and len(node.children) > FEW:
                self.by_or[id(node)] = _Choice.of(node, terms)
            elif isinstance(node, Condition):
                self.needs[id(node)] = tuple(_needs(node, terms))

    def among(self, found: frozenset[int]) -> Outlook:
        """What can hold in an article with these patterns."""
        return _Outlook(self, found)


def _needs(node: Condition, terms: Terms) -> Iterator[frozenset[int]]:
    match node:
        case And():
            sides = node.children
        case Near():
            sides = (node.left, node.right)
        case NotNear():
            sides = (node.left,)
    for side in sides:
        anchors = anchor(side)[0]
        if not any(term.pattern for term in anchors):
            yield terms.signs(anchors)


class _Outlook(Outlook):
    """What can hold where these patterns were found."""

    def __init__(self, choices: Choices, found: frozenset[int]) -> None:
        self._by_or = choices.by_or
        self._needs = choices.needs
        self._found = found

    def sides(self, node: Or) -> Iterable[Node]:
        choice = self._by_or.get(id(node))
        return choice.likely(self._found) if choice else node.children

    def may_hold(self, node: Condition) -> bool:
        found = self._found
        return not any(map(found.isdisjoint, self._needs.get(id(node), ())))


class Matcher:
    """All watchlists as one machine. Immutable; may be pickled and used from several threads."""

    def __init__(self, watchlists: Iterable[Compiled]) -> None:
        self.watchlists = tuple(watchlists)
        self._queries = tuple(
            (number, index, node)
            for number, one in enumerate(self.watchlists)
            for index, node in enumerate(one.queries)
        )
        nodes = [node for one in self.watchlists for node in (*one.queries, *one.exclude)]
        self._terms = Terms(term for node in nodes for term in terms_of(node))
        self._choices = Choices((one for node in nodes for one in nodes_of(node)), self._terms)
        self._always, self._anchored = _anchored(
            self._terms, [node for _, _, node in self._queries]
        )
        self._scan = _automaton(self._terms.patterns)

    def __getstate__(self) -> tuple[Compiled, ...]:
        return self.watchlists

    def __setstate__(self, watchlists: tuple[Compiled, ...]) -> None:
        self.__init__(watchlists)  # type: ignore[misc]  # the automaton cannot be pickled

    def match(self, article: Article) -> list[Match]:
        """The watchlists that this article satisfies, in the order they were compiled in."""
        stream = self.read(article)
        hits = self.hits(stream)
        candidates = self._candidates(hits)
        if not candidates:
            return []
        evaluation = self._evaluation(stream, hits)
        held: dict[int, list[tuple[int, tuple[Occurrence, ...]]]] = {}
        for number, index, node in candidates:
            if found := evaluation.find(node):
                held.setdefault(number, []).append((index, found))
        matches = [
            decide(self.watchlists[number], article, evaluation, found)
            for number, found in held.items()
        ]
        return [match for match in matches if match is not None]

    def _candidates(self, hits: Hits) -> list[tuple[int, int, Node]]:
        """The queries that may hold, in their order: one of their anchors was found."""
        numbers = set(self._always)
        anchored = self._anchored
        for pattern in anchored.keys() & hits.keys():
            numbers.update(anchored[pattern])
        return [self._queries[number] for number in sorted(numbers)]

    def read(self, article: Article) -> Stream:
        """An article as far as these watchlists must know it."""
        return stream_of(article, self._terms.reach)

    def hits(self, stream: Stream) -> Hits:
        """For each pattern found, where in the haystack: the one pass over the text."""
        found: dict[int, list[int]] = {}
        if self._scan is not None:
            for pattern, start, _ in self._scan.find_matches_as_indexes(stream.haystack, True):
                if pattern in found:
                    found[pattern].append(start)
                else:
                    found[pattern] = [start]
        return found

    def evaluation(self, stream: Stream) -> Evaluation:
        """What queries make of one article."""
        return self._evaluation(stream, self.hits(stream))

    def _evaluation(self, stream: Stream, hits: Hits) -> Evaluation:
        places = Places(stream, self._terms, hits)
        return Evaluation(stream, places, self._choices.among(frozenset(hits)))


def _automaton(words: Sequence[str]) -> AhoCorasick | None:
    return AhoCorasick(words) if words else None


def _check(stream: Stream, term: Term, way: _Way, start: int) -> Place | None:
    """The words of a hit, when all of the spelling stands there."""
    if way.rest:
        following = stream.following(start, way.words + len(way.rest))[way.words :]
        if len(following) < len(way.rest) or not all(map(_is, way.rest, following)):
            return None
    place = stream.place(start, way.words + len(way.rest))
    if term.exact:
        return place if as_typed(stream, term, place) else None
    return place if not normalise.is_korean(term.text) or spaced_well(stream, place) else None


def _is(pattern: str, word: str) -> bool:
    return word.startswith(pattern[:-1]) if pattern.endswith("*") else word == pattern


def as_typed(stream: Stream, term: Term, place: Place) -> bool:
    """Whether the words at that place are written exactly as an `=` term says."""
    decoded = stream.field_of(place[0]).decoded.text
    start = stream.spot(place[0])[0] - _lead(term.text)
    end = start + len(term.text)
    if start < 0 or not decoded.startswith(term.text, start):
        return False
    return not combining(decoded[end : end + 1] or " ")  # an accent makes another letter


def spaced_well(stream: Stream, place: Place) -> bool:
    """Whether Korean words at that place are one term: spaces inside it are the writer's choice,
    but only behind the start of a word and before two syllables or more. Otherwise the end of one
    word and the start of the next would make a third: 지방 공항 is no 방공, 휴전 선언 no 휴전선.
    """
    *before, last = stream.surface(*place).split()
    if not before:
        return True
    start = stream.spot(place[0])[0]
    text = stream.field_of(place[0]).decoded.text
    return len(last) > 1 and not text[max(0, start - 1) : start].isalnum()


@lru_cache(maxsize=4096)
def _lead(text: str) -> int:
    """Characters before the first word of a term."""
    return next(at + chunk.pieces[0].start for at, chunk in normalise.chunks(text) if chunk.pieces)


# ----------------------------------------------------------------------------- anchors

_DEAR = 50.0
"""What it costs to ask about a field that every article has the same few values in."""


def _anchored(
    terms: Terms, queries: Sequence[Node]
) -> tuple[tuple[int, ...], dict[int, tuple[int, ...]]]:
    """The queries to evaluate on every article, and for each pattern those when it is found."""
    always: list[int] = []
    anchored: dict[int, set[int]] = {}
    for number, node in enumerate(queries):
        terms_of_node = anchor(node)[0]
        if any(term.pattern for term in terms_of_node):
            always.append(number)
            continue
        for sign in terms.signs(terms_of_node):
            anchored.setdefault(sign, set()).add(number)
    return tuple(always), {one: _shared(tuple(sorted(some))) for one, some in anchored.items()}


@lru_cache(maxsize=4096)
def _shared(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """The same tuple for equal numbers: thousands of patterns stand for one and the same side."""
    return numbers


def anchor(node: Node, factor: float = 1.0) -> tuple[frozenset[Term], float]:
    """Terms of which one must be found for the node to hold, and roughly how often one is.

    Of an AND the rarest side is enough. A regular expression is never a good anchor.
    """
    match node:
        case Term():
            share = inf if node.pattern else frequency.share(node)
            return frozenset((node,)), factor * share
        case And():
            return min((anchor(child, factor) for child in node.children), key=_cost)
        case Or():
            sides = [anchor(child, factor) for child in node.children]
            return frozenset().union(*(terms for terms, _ in sides)), sum(map(_cost, sides))
        case Near():
            return min(anchor(node.left, factor), anchor(node.right, factor), key=_cost)
        case NotNear():
            return anchor(node.left, factor)
        case Field():
            dear = node.name in ("lang", "source", "tag", "url")
            return anchor(node.child, factor * (_DEAR if dear else 1.0))
        case AtLeast() | Weight():
            return anchor(node.child, factor)


def _cost(anchor: tuple[frozenset[Term], float]) -> float:
    return anchor[1]


# ---------------------------------------------------------------------------- decision


def decide(
    compiled: Compiled,
    article: Article,
    evaluation: Evaluation,
    held: Sequence[tuple[int, tuple[Occurrence, ...]]],
) -> Match | None:
    """The match of one watchlist, of whose queries those in `held` hold; None: limits refuse it."""
    if not held or not compiled.concerns(article):
        return None
    if compiled.exclude and any(evaluation.find(node) for node in compiled.exclude):
        return None
    leaves = report.leaves_of([occurrence for _, found in held for occurrence in found])
    score = report.score(evaluation.regions, leaves)
    if score < compiled.watchlist.min_score:
        return None
    spans = report.spans(evaluation.stream, leaves)
    name = compiled.watchlist.name
    return Match(name, score, spans, held[0][0], compiled.version)


def compile_watchlists(watchlists: Iterable[Watchlist]) -> Matcher:
    """One machine of many watchlists. Raises QueryError for a query that does not parse."""
    return Matcher(compile_one(watchlist) for watchlist in watchlists)
