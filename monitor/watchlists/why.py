"""Why a watchlist matched an article or did not: the clause that failed, and the nearest miss."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from operator import itemgetter

from monitor.model import Article, Match, Span, Watchlist
from monitor.watchlists import normalise, report
from monitor.watchlists.finders import Evaluation
from monitor.watchlists.found import Found, Occurrence, gap, mentions
from monitor.watchlists.matcher import Compiled, Matcher, compile_one, stream_of
from monitor.watchlists.stream import Stream
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
    terms_of,
    text_of,
)

MOST_SHOWN = 5
"""Terms named in a reason; the others are counted."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "why?" for one watchlist and one article."""

    watchlist: str
    matched: bool
    reason: str
    """One sentence for people."""
    clause: str = ""
    """The part of the query that failed, in the query language; empty when it matched."""
    query: int | None = None
    """Index of the query that held, or that came nearest."""
    match: Match | None = None
    found: tuple[Span, ...] = ()
    """What was found of that query, even if it did not hold."""


@dataclass(frozen=True, slots=True)
class _Miss:
    """Why a node did not hold; `nearness` is 0 when nothing of it was found, otherwise below 1."""

    clause: str
    reason: str
    nearness: float


def explain(watchlist: Watchlist, article: Article) -> Explanation:
    """Explain whether the article satisfies the watchlist, and what decided it.

    Raises QueryError when a query of the watchlist does not parse.
    """
    compiled, matcher = _machine(watchlist)
    stream = stream_of(article)
    evaluation = matcher.evaluation(stream)
    found = [evaluation.find(node) for node in compiled.queries]
    held = [(index, one) for index, one in enumerate(found) if one]
    if match := matcher.decide(0, article, evaluation, held):
        words = _names(span.text for span in match.spans)
        reason = f"query {match.query + 1} holds" + (f": {words}" if words else "")
        return Explanation(
            watchlist.name, True, reason, query=match.query, match=match, found=match.spans
        )
    if held:
        return _refused(compiled, article, evaluation, held)
    return _missed(compiled, evaluation)


@lru_cache(maxsize=64)
def _machine(watchlist: Watchlist) -> tuple[Compiled, Matcher]:
    """Compile a watchlist; cached, as one is often asked about many articles in a row."""
    compiled = compile_one(watchlist)
    return compiled, Matcher((compiled,))


def _refused(
    compiled: Compiled,
    article: Article,
    evaluation: Evaluation,
    held: list[tuple[int, tuple[Occurrence, ...]]],
) -> Explanation:
    """Explain what else in the watchlist refused the article, although a query holds."""
    index, found = held[0]
    clause, reason = _limit(compiled, article, evaluation, held)
    leaves = report.leaves_of(found)
    return Explanation(
        compiled.watchlist.name,
        False,
        f"query {index + 1} holds, but {reason}",
        clause,
        index,
        found=report.spans(evaluation.stream, leaves),
    )


def _limit(
    compiled: Compiled,
    article: Article,
    evaluation: Evaluation,
    held: list[tuple[int, tuple[Occurrence, ...]]],
) -> tuple[str, str]:
    watchlist = compiled.watchlist
    if not compiled.concerns(article):
        sources = f"sources = {list(watchlist.sources)}"
        if compiled.sources and normalise.fold(article.source) not in compiled.sources:
            return sources, f"the source {article.source or 'unknown'!r} is not one of its sources"
        reason = f"the language {article.language!r} is not one of its languages"
        return f"languages = {list(watchlist.languages)}", reason
    for text, node in zip(watchlist.exclude, compiled.exclude, strict=True):
        if found := evaluation.find(node):
            return text, f"it is excluded by {_surface(evaluation, found)}"
    score = report.score(
        evaluation.regions, report.leaves_of(one for _, found in held for one in found)
    )
    limit = watchlist.min_score
    return f"min_score = {limit:g}", f"its score {score:.2f} is below {limit:g}"


def _missed(compiled: Compiled, evaluation: Evaluation) -> Explanation:
    """Explain by the query that came nearest why none holds."""
    name = compiled.watchlist.name
    if not compiled.queries:
        return Explanation(name, False, "the watchlist has no query")
    misses = [(_miss(evaluation, node, ""), index) for index, node in enumerate(compiled.queries)]
    nearest, index = max(misses, key=lambda miss: (miss[0].nearness, -miss[1]))
    leaves = report.leaves_of(
        one for term in terms_of(compiled.queries[index]) for one in evaluation.find(term) or ()
    )
    spans = report.spans(evaluation.stream, leaves)
    terms = len({term for node in compiled.queries for term in terms_of(node)})
    if terms > 1 and not nearest.nearness:
        reason = f"none of its {terms} terms occurs where a query looks for it"
        return Explanation(name, False, reason, nearest.clause, index, found=spans)
    reason = f"query {index + 1}: {nearest.reason}"
    return Explanation(name, False, reason, nearest.clause, index, found=spans)


def _miss(evaluation: Evaluation, node: Node, field: str) -> _Miss:
    """Why this node does not hold; to be called only for nodes that do not."""
    match node:
        case Term():
            return _miss_term(evaluation, node, field)
        case Weight():
            return _miss(evaluation, node.child, field)
        case Field():
            return _miss_in_field(evaluation, node)
        case Or():
            misses = [_miss(evaluation, child, field) for child in node.children]
            best = max(misses, key=lambda miss: miss.nearness)
            if best.nearness:
                return best
            names = _names(text_of(child) for child in node.children)
            return _Miss(text_of(node), f"none of {names} occurs{_in(field)}", 0)
        case And():
            return _miss_and(evaluation, node, field)
        case Near():
            return _miss_near(evaluation, node, field)
        case NotNear():
            return _miss_not_near(evaluation, node, field)
        case AtLeast():
            count = mentions(evaluation.find(node.child, field) or ())
            reason = f"found {count} times, not {node.count}: {text_of(node.child)}"
            return _Miss(text_of(node), reason, 0.9 * count / node.count)


def _miss_term(evaluation: Evaluation, node: Term, field: str) -> _Miss:
    """Why a term does not hold; found in another field counts as nearly found."""
    if field and (elsewhere := evaluation.find(node)):
        seen = _surface(evaluation, elsewhere)
        where = evaluation.stream.field_of(min(one.first for one in elsewhere)).name
        return _Miss(text_of(node), f"{seen} is in the {where}, not in {field}", 0.5)
    return _Miss(text_of(node), f"{text_of(node)} does not occur{_in(field)}", 0)


def _miss_in_field(evaluation: Evaluation, node: Field) -> _Miss:
    """Why a field's node does not hold, although it may hold elsewhere."""
    inner = _miss(evaluation, node.child, node.name)
    nearness = max(inner.nearness, 0.5 if evaluation.find(node.child) else 0)
    return _Miss(text_of(node), inner.reason, nearness)


def _miss_and(evaluation: Evaluation, node: And, field: str) -> _Miss:
    failed = [child for child in node.children if evaluation.find(child, field) is None]
    for child in () if failed else node.without:
        if found := evaluation.find(child, field):
            text = text_of(child)
            clause = f"NOT ({text})" if isinstance(child, And | Or) else f"NOT {text}"
            return _Miss(clause, f"{_surface(evaluation, found)} occurs, but must not", 0.95)
    misses = [_miss(evaluation, child, field) for child in failed]
    held = len(node.children) - len(failed)
    near = (held + sum(miss.nearness for miss in misses)) / len(node.children)
    worst = min(misses, key=lambda miss: miss.nearness)
    return _Miss(worst.clause, worst.reason, 0.9 * near)


def _miss_near(evaluation: Evaluation, node: Near, field: str) -> _Miss:
    left, right = evaluation.find(node.left, field), evaluation.find(node.right, field)
    if left is None or right is None:
        missing = node.left if left is None else node.right
        miss = _miss(evaluation, missing, field)
        half = 0.4 if left or right else 0.0
        return _Miss(miss.clause, miss.reason, max(half, 0.4 * miss.nearness))
    nearest = _nearest(evaluation.stream, left, right)
    if nearest is None:
        return _Miss(text_of(node), _apart(evaluation, left, right), 0.6)
    distance, one, other = nearest
    names = f"{_surface(evaluation, (one,))} and {_surface(evaluation, (other,))}"
    if distance <= node.distance:
        return _Miss(text_of(node), f"{names} occur in the other order", 0.85)
    reason = f"{names} have {distance} words between them; {node.distance} are allowed"
    return _Miss(text_of(node), reason, 0.6 + 0.25 * node.distance / distance)


def _nearest(
    stream: Stream, left: Sequence[Occurrence], right: Sequence[Occurrence]
) -> tuple[int, Occurrence, Occurrence] | None:
    """Two places in one paragraph with the fewest words between, and how many these are."""
    ordered = sorted(right, key=lambda place: place.first)
    firsts = [place.first for place in ordered]
    pairs = (
        (gap(one, other), one, other)
        for one in left
        for at, end in ((bisect_left(firsts, one.first), bisect_right(firsts, one.last)),)
        for other in (*ordered[max(0, at - NEIGHBOURS) : at + NEIGHBOURS], *ordered[end : end + 1])
        if stream.paragraph_of(one.first) == stream.paragraph_of(other.first)
    )
    return min((pair for pair in pairs if pair[0] >= 0), key=itemgetter(0), default=None)


NEIGHBOURS = 8
"""With so many places before a place, and so many behind it, it is compared, and with the first
that begins after its last word: the others may share a word with it. All pairs of two terms that
recur would be millions."""


def _apart(evaluation: Evaluation, left: Sequence[Occurrence], right: Sequence[Occurrence]) -> str:
    """Why a NEAR joins none of these at any distance."""
    stream = evaluation.stream

    def crossing(pair: tuple[Occurrence, Occurrence]) -> tuple[bool, bool]:
        one, other = (place.first for place in pair)
        fields = stream.field_of(one) is not stream.field_of(other)
        return fields, stream.paragraph_of(one) == stream.paragraph_of(other)

    pair = min(product(_heads(stream, left), _heads(stream, right)), key=crossing)
    one, other = (_surface(evaluation, (place,)) for place in pair)
    here, there = (stream.field_of(place.first).name for place in pair)
    fields, together = crossing(pair)
    if fields:
        return f"{one} is in the {here}, {other} in the {there}: NEAR works within one field"
    if together:
        return f"{one} and {other} share a word, and a word is not near itself"
    return f"{one} and {other} are in different paragraphs of the {here}: NEAR works within one"


def _heads(stream: Stream, places: Iterable[Occurrence]) -> list[Occurrence]:
    """The first place in each paragraph, of the first MOST_HEADS paragraphs that have any."""
    found: dict[int, Occurrence] = {}
    for place in places:
        found.setdefault(stream.paragraph_of(place.first), place)
    return list(found.values())[:MOST_HEADS]


MOST_HEADS = 100


def _miss_not_near(evaluation: Evaluation, node: NotNear, field: str) -> _Miss:
    left = evaluation.find(node.left, field)
    if left is None:
        return _miss(evaluation, node.left, field)
    one = min(left, key=lambda o: o.first)
    paragraph = evaluation.stream.paragraph_of
    near = min(
        evaluation.find(node.right, field) or (),
        key=lambda o: (paragraph(o.first) != paragraph(one.first), gap(one, o)),
    )
    names = (_surface(evaluation, (place,)) for place in (one, near))
    return _Miss(text_of(node), " occurs only near ".join(names), 0.95)


def _surface(evaluation: Evaluation, found: Found) -> str:
    """The words at the first place found, quoted."""
    first = min(found or (), key=lambda o: o.first)
    stream = evaluation.stream
    same_field = stream.field_of(first.first) is stream.field_of(first.last)
    return repr(stream.surface(first.first, first.last if same_field else first.first))


def _in(field: str) -> str:
    return f" in {field}" if field else ""


def _names(texts: Iterable[str]) -> str:
    """The first few, and how many more there are."""
    distinct = list(dict.fromkeys(texts))
    rest = len(distinct) - MOST_SHOWN
    return ", ".join(distinct[:MOST_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
