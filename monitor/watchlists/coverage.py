"""Which terms of a watchlist are silent or noisy, and which it lacks, judged by its matches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from math import log, sqrt

from monitor.model import Article, Watchlist
from monitor.watchlists import frequency, variants
from monitor.watchlists.matcher import Matcher, compile_one, stream_of
from monitor.watchlists.normalise import BREAK
from monitor.watchlists.tree import And, Field, Node, NotNear, Term, Weight, children_of, terms_of

NOISY = 0.25
"""A term is noisy if it alone accounts for this share of a watchlist's matches or more."""
ONE_SOURCE = 0.8
"""A watchlist depends on one source if this share of its matches or more comes from it."""
FEW = 5
"""With fewer matches than this, shares are not reported."""


# ------------------------------------------------------------------------ coverage


@dataclass
class Account:
    """Counts for one watchlist's terms, built up from the articles that it matches."""

    watchlist: Watchlist
    matches: int = 0
    terms: Counter[Term] = field(default_factory=Counter)
    """For each term, the matched articles that contain it."""
    alone: Counter[Term] = field(default_factory=Counter)
    """For each term, the matched articles that contain no other term of the watchlist."""
    sources: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        compiled = compile_one(self.watchlist)
        self._matcher = Matcher([compiled])
        self._sought = tuple(dict.fromkeys(t for node in compiled.queries for t in sought(node)))

    def add(self, article: Article) -> None:
        """Count an article that matches."""
        evaluation = self._matcher.evaluation(stream_of(article))
        found = {term for term, name in self._sought if evaluation.find(term, name)}
        self.matches += 1
        self.sources[article.source] += 1
        self.terms.update(found)
        if len(found) == 1:
            self.alone.update(found)

    def silent(self) -> list[str]:
        """Terms that no match contains, in the order they are written."""
        return [
            str(term)
            for term in dict.fromkeys(term for term, _ in self._sought)
            if not self.terms[term]
        ]

    def noisy(self) -> list[tuple[str, int]]:
        """Terms that alone account for a large part of the matches, each with how many."""
        floor = max(FEW, NOISY * self.matches)
        return [(str(term), count) for term, count in self.alone.most_common() if count >= floor]

    def one_source(self) -> tuple[str, int] | None:
        """The source that nearly all matches come from, with how many; None if there is none."""
        if self.matches < FEW:
            return None
        source, count = self.sources.most_common(1)[0]
        return (source, count) if count >= ONE_SOURCE * self.matches else None


def sought(node: Node, field: str = "") -> Iterator[tuple[Term, str]]:
    """Yield the terms that make a match, each with its field; not those that must be absent or
    are mere conditions."""
    match node:
        case Term():
            yield node, field
        case Field():
            yield from sought(node.child, node.name)
        case Weight() if not node.factor:
            return
        case And():
            for child in node.children:
                yield from sought(child, field)
        case NotNear():
            yield from sought(node.left, field)
        case _:
            for child in children_of(node):
                yield from sought(child, field)


# ------------------------------------------------------------------------- suggestions

LONGEST = 3
"""Most words in a suggested term."""
COMMON = 0.12
"""A word in this share of all articles or more is too common to suggest."""
LEAST = 3
"""Fewest matched articles that must contain a suggested term."""
PRIOR = 0.1
"""Weight of the counts over all articles, relative to the counts of each part."""
SUGGESTED = 20
"""Most terms suggested."""
SURE = 2.58
"""Fewest standard errors by which the log-odds of a suggestion must exceed zero."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A term that tends to occur in a watchlist's matches."""

    term: str
    matched: int
    """Number of matched articles that contain it."""
    rest: int
    """Number of other articles that contain it."""
    score: float
    """Log-odds in standard errors."""


@dataclass(slots=True)
class Speech:
    """The words of some articles: how many articles contain each, and how it is written there."""

    articles: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    written: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, article: Article) -> None:
        """Count an article once for each of its words and short runs of words."""
        stream = stream_of(article)
        self.articles += 1
        seen: dict[str, str] = {}
        for name in ("title", "body"):
            for text in (one for one in stream.fields if one.name == name):
                for first, last in _runs(stream.words, text.first, text.end):
                    folded = " ".join(stream.words[first : last + 1])
                    seen.setdefault(folded, stream.surface(first, last))
        for folded, surface in seen.items():
            self.counts[folded] += 1
            self.written.setdefault(folded, Counter())[surface] += 1


def _runs(words: Sequence[str], first: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield runs of up to LONGEST words, none of which is common."""
    for start in range(first, end):
        for last in range(start, min(start + LONGEST, end)):
            word = words[last]
            if word == BREAK or len(word) < 2 or word.isdigit() or _is_common(word):
                break
            if last > start or len(word) > 2:
                yield start, last


def _is_common(word: str) -> bool:
    return frequency.share(Term(word)) >= COMMON


def suggestions(matched: Speech, rest: Speech, known: Set[str]) -> list[Suggestion]:
    """Return terms that are far more frequent in matched articles than in others, surest first.

    Log-odds with an informative Dirichlet prior, the words of both parts together (Monroe, Colaresi
    and Quinn, Fightin' Words, 2008), over articles instead of words. `known`: folded words and
    phrases that the watchlist already has. Terms that only repeat a longer suggestion are dropped.
    """
    found = sorted(_scored(matched, rest, known), key=lambda one: (-one[0].score, one[0].term))
    chosen: list[tuple[Suggestion, str]] = []
    for one, folded in found:
        if not any(_repeats(folded, one, other, kept) for kept, other in chosen):
            chosen.append((one, folded))
        if len(chosen) == SUGGESTED:
            break
    return [one for one, _ in chosen]


def _repeats(folded: str, one: Suggestion, other: str, kept: Suggestion) -> bool:
    """Whether one term contains the other and both occur mostly in the same articles."""
    nested = f" {folded} " in f" {other} " or f" {other} " in f" {folded} "
    return nested and min(one.matched, kept.matched) >= 0.6 * max(one.matched, kept.matched)


def _scored(matched: Speech, rest: Speech, known: Set[str]) -> Iterator[tuple[Suggestion, str]]:
    ours, theirs = sum(matched.counts.values()), sum(rest.counts.values())
    for folded, count in matched.counts.items():
        if count < LEAST or _is_known(folded, known):
            continue
        other = rest.counts[folded]
        prior = PRIOR * (count + other)
        mass = PRIOR * (ours + theirs)
        odds = log((count + prior) / (ours + mass - count - prior))
        odds -= log((other + prior) / max(1.0, theirs + mass - other - prior))
        score = odds / sqrt(1 / (count + prior) + 1 / (other + prior))
        if score >= SURE:
            written = matched.written[folded].most_common(1)[0][0]
            yield Suggestion(written, count, other, round(score, 2)), folded


def _is_known(folded: str, known: Set[str]) -> bool:
    """Whether a run of its words is known: there are few runs, and there may be many known."""
    words = folded.split(" ")
    ends = range(1, len(words) + 1)
    return any(" ".join(words[start:end]) in known for end in ends for start in range(end))


def known_words(watchlist: Watchlist) -> frozenset[str]:
    """Folded spellings of all terms of a watchlist, including those that it excludes."""
    compiled = compile_one(watchlist)
    return frozenset(
        " ".join(words)
        for node in (*compiled.queries, *compiled.exclude)
        for term in terms_of(node)
        if not term.pattern
        for words in variants.spellings(term)
    )
