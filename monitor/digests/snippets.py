"""The words around a match: the sentence that tells most, with the matched words marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import regex

from monitor.digests import words
from monitor.model import Article, Snippet, Span

LIMIT = 280
"""Code points of a snippet, ellipses included."""
ENOUGH = 2
"""Different terms in one sentence that tell why an article matched."""

# A stop, closing quotes, then space; or a full-width stop, which no space follows.
_STOP = regex.compile(r"""[.!?…؟۔।]+["'”’»)\]]*\s+|[。！？｡]+["'”’」』）]*\s*""")
# After these a full stop ends no sentence; nor does it after a single capital ("J. Smith", "U.S.").
_SHORT = regex.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Lt|Maj|Col|Capt|Cpt|Sgt|Cmdr|Adm|Brig|Rear|Vice|Sen|Rep|Gov"
    r"|Pres|No|vs|etc|approx|est|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Inc|Ltd|Corp|Co"
    r"|bzw|Nr|ca|al)|\b\p{Lu}|\b(?:\p{Lu}\.)+\p{Lu})\.$"
)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A sentence, as a place in the text."""

    start: int
    end: int


def snippet(article: Article, spans: Sequence[Span], limit: int = LIMIT) -> Snippet:
    """At most `limit` code points of the article's text around the spans of its body.

    The first sentence with two different terms is taken, else the first with one, and what
    follows it in the same paragraph while there is room. (Early sentences sum a report up; two
    terms together tell why it matched, more of them add little.) Without spans in the body:
    the beginning. `marks` point into the snippet; both ends are whole graphemes.
    """
    text = words.same_length(article.text)
    body = sorted(
        (s for s in spans if s.field == "body" and 0 <= s.start < s.end <= len(text)),
        key=lambda span: (span.start, span.end),
    )
    paragraphs = list(_paragraphs(article.text))
    best = _best(paragraphs, body)
    if best is None:
        return Snippet("")
    return _cut(text, best, _first_mark(best, body), body, limit)


def _paragraphs(text: str) -> Iterator[list[_Piece]]:
    """The sentences of each paragraph."""
    start = 0
    for part in text.split("\n\n"):
        if part.strip():
            yield list(_sentences(part, start))
        start += len(part) + 2


def _sentences(part: str, base: int) -> Iterator[_Piece]:
    start = 0
    for stop in _STOP.finditer(part):
        if _SHORT.search(part, max(0, stop.start() - 16), stop.start() + 1):
            continue
        yield _Piece(base + start, base + start + len(part[start : stop.end()].rstrip()))
        start = stop.end()
    if part[start:].strip():
        yield _Piece(base + start, base + start + len(part[start:].rstrip()))


def _best(paragraphs: list[list[_Piece]], spans: Sequence[Span]) -> _Piece | None:
    """The most telling sentence, drawn out to the end of its paragraph."""
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
    """The piece cut to the limit; when its first mark is far inside, the cut starts near it."""
    start = piece.start
    if piece.end - start > limit and mark - start > limit * 2 // 3:
        near = mark - limit // 3
        space = text.find(" ", near, mark)
        # The boundary is looked for in a short stretch: a grapheme reaches no further.
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
    """Marks in order, overlapping ones made one."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(places):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple(joined)
