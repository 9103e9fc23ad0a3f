"""Snippets: the most telling sentence of an article, with the matched words marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from monitor import sentences
from monitor.digests import words
from monitor.model import Article, Snippet, Span

LIMIT = 280
"""Most code points of a snippet, ellipses included."""
ENOUGH = 2
"""So many different terms in one sentence are enough to tell why an article matched."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of the text, as offsets in code points."""

    start: int
    end: int


def snippet(article: Article, spans: Sequence[Span], limit: int = LIMIT) -> Snippet:
    """At most `limit` code points of the article's text around the spans of its body.

    It begins with the first sentence that has two different terms, or else with the first that has
    one, and goes on with the same paragraph as far as there is room. (Early sentences sum up a
    report; two terms together tell why it matched, and more add little.) Without spans in the body
    it is the beginning of the text. `marks` are offsets into the snippet, which is cut between
    graphemes at both ends.
    """
    text = words.same_length(article.text)
    body = sorted(
        (s for s in spans if s.field == "body" and 0 <= s.start < s.end <= len(text)),
        key=lambda span: (span.start, span.end),
    )
    paragraphs = list(_paragraphs(article.text, article.language))
    best = _best(paragraphs, body)
    if best is None:
        return Snippet("")
    return _cut(text, best, _first_mark(best, body), body, limit)


def _paragraphs(text: str, language: str) -> Iterator[list[_Piece]]:
    """The sentences of each paragraph."""
    start = 0
    for part in text.split("\n\n"):
        if part.strip():
            found = sentences.places(part, language)
            yield [_Piece(start + begin, start + end) for begin, end in found]
        start += len(part) + 2


def _best(paragraphs: list[list[_Piece]], spans: Sequence[Span]) -> _Piece | None:
    """The most telling sentence, extended to the end of its paragraph."""
    best = -1
    found: _Piece | None = None
    for paragraph in paragraphs:
        for sentence in paragraph:
            terms = {s.term for s in spans if sentence.start <= s.start < sentence.end}
            worth = min(len(terms), ENOUGH)
            if worth > best:
                best = worth
                found = _Piece(sentence.start, paragraph[-1].end)
            if worth == ENOUGH:
                return found
    return found


def _first_mark(piece: _Piece, spans: Sequence[Span]) -> int:
    return next((s.start for s in spans if piece.start <= s.start < piece.end), piece.start)


def _cut(text: str, piece: _Piece, mark: int, spans: Sequence[Span], limit: int) -> Snippet:
    """Cut the piece to the limit; if its first mark is far inside, the snippet starts near it."""
    start = piece.start
    if piece.end - start > limit and mark - start > limit * 2 // 3:
        near = mark - limit // 3
        space = text.find(" ", near, mark)
        # A short stretch is enough to find the boundary: no grapheme is longer.
        base = max(piece.start, near - 64)
        start = (
            space + 1
            if space >= 0
            else base + words.start_of_grapheme(text[base:mark], near - base)
        )
    front = words.ELLIPSIS if start > piece.start else ""
    kept = words.clip(text[start : min(piece.end, start + limit + 64)], limit - len(front))
    cut = front + kept
    shift = len(front) - start
    whole = len(cut) - (len(words.ELLIPSIS) if kept.endswith(words.ELLIPSIS) else 0)
    places = ((s.start + shift, min(s.end + shift, whole)) for s in spans)
    return Snippet(cut, _joined(place for place in places if len(front) <= place[0] < place[1]))


def _joined(places: Iterator[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The marks in order, overlapping ones merged."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
