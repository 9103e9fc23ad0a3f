"""Parse only what is new in a document: leave out the items that the last reading had.

feedparser takes most of the time of a poll, and most of a changed document is as it was. So each
reading leaves a memory (`Document.pieces`): for every item a hash of its bytes, with marks of its
entry's id and link. The next reading gives feedparser the document without the remembered items;
everything around them stays.

An item is left out only if feedparser would find the same entry in it again, and if nothing else
depends on it. `cut` and `remember` test the conditions; if one fails, the whole document is parsed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, NamedTuple

from monitor.feeds.identity import digest, page
from monitor.feeds.markup import Markup
from monitor.model import Document

_FRAME: Final = "frame "
_HASH: Final = 32
_MARK: Final = 12
"""Hexadecimal digits. Two ids that share a mark by chance cost a whole reading, never an entry."""
_BASE: Final = re.compile(rb"[\s:]base\s*=")
_ABSOLUTE_BASE: Final = re.compile(r"base': '[a-z]+://", re.IGNORECASE)


class Piece(NamedTuple):
    """An item as it is remembered."""

    hash: str
    id: str
    """Mark of its entry's id."""
    link: str
    """Mark of the page that its entry links; "" when it links none."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A document in pieces: its items, and what is around them."""

    body: bytes
    places: tuple[tuple[int, int], ...]
    hashes: tuple[str, ...]
    parents: str
    """The elements around the items, with their attributes and namespaces."""


@dataclass(frozen=True, slots=True)
class Reduced:
    """A document without the items that are known."""

    cut: Cut
    body: bytes
    known: tuple[Piece | None, ...]
    """What is remembered of each item of the document; None: it must be read."""
    frame: str
    """The frame that the known items were in."""

    @property
    def left_out(self) -> int:
        """Number of items that are left out."""
        return len(self.known) - self.known.count(None)


def cut(markup: Markup) -> Cut | None:
    """The pieces of a document; None if items could depend on their neighbours.

    The places are those that expat reports for sound XML (`scan`): neither a CDATA section nor a
    comment can shift them. If items state a base address and the elements around them do not,
    feedparser carries it over into later items: such documents are not cut.
    """
    if markup.items is None:
        return None
    body = markup.text.encode("utf-8")
    lowered = body.lower()
    based = b"base" in lowered and _BASE.search(lowered)
    if based and not _ABSOLUTE_BASE.search(markup.items.parents):
        return None
    hashes = tuple(_hash(body[start:end]) for start, end in markup.items.places)
    return Cut(body, markup.items.places, hashes, markup.items.parents)


def reduce(pieces: Cut, known_pieces: Collection[str] = ()) -> Reduced:
    """The document without the items named by `known_pieces`, the memory of the last reading."""
    remembered = {piece.hash: piece for piece in _items(known_pieces)}
    frame = next((one for one in known_pieces if one.startswith(_FRAME)), "")
    known = tuple(remembered.get(hashed) for hashed in pieces.hashes)
    return Reduced(pieces, _without(pieces, known), known, frame)


def remember(part: Reduced, document: Document, url: str) -> tuple[str, ...] | None:
    """The memory that a reading leaves: the frame, then each item.

    `document` is what was found in `part.body`. None when it shows that nothing may be left out:
    not one entry per item; another frame, in which the same bytes may mean something else; or a
    new entry with the id or page of one left out, since identity depends on these (see
    `identity.keyed`, `decide`). Items that share an id are not remembered, so they are always read.
    """
    if len(document.entries) != part.known.count(None):
        return None
    frame = _frame(part.cut, document, url)
    if part.left_out and frame != part.frame:
        return None
    new = [(mark(entry.id), mark(page(entry.link))) for entry in document.entries]
    if _share(new, [piece for piece in part.known if piece]):
        return None
    read = iter(new)
    pairs = zip(part.known, part.cut.hashes, strict=True)
    pieces = [known or Piece(hashed, *next(read)) for known, hashed in pairs]
    times = Counter(piece.id for piece in pieces)
    return (frame, *(".".join(piece) for piece in pieces if times[piece.id] == 1))


def mark(identity: str) -> str:
    """A short hash by which an id or a link is known again; "" for none."""
    return digest(identity)[:_MARK] if identity else ""


def ids(pieces: Iterable[str]) -> Collection[str]:
    """The marks of the ids in a memory."""
    return {piece.id for piece in _items(pieces)}


def _items(pieces: Iterable[str]) -> Iterable[Piece]:
    return (Piece(*piece.split(".")) for piece in pieces if piece.count(".") == 2)


def _share(new: Iterable[tuple[str, str]], left_out: Collection[Piece]) -> bool:
    """Whether a new entry has the id or the page of one that is left out."""
    taken = {piece.id for piece in left_out}
    links = {piece.link for piece in left_out if piece.link}
    return any(entry_id in taken or link in links for entry_id, link in new)


def _without(pieces: Cut, known: Iterable[Piece | None]) -> bytes:
    kept: list[bytes] = []
    position = 0
    for (start, end), piece in zip(pieces.places, known, strict=True):
        kept.append(pieces.body[position : start if piece else end])
        position = end
    return b"".join([*kept, pieces.body[position:]])


def _frame(pieces: Cut, document: Document, url: str) -> str:
    """A hash of what items inherit: addresses, language, format, namespaces."""
    inherited = (url, document.link, document.language, document.format, pieces.parents)
    return _FRAME + digest(*inherited)


def _hash(piece: bytes) -> str:
    return sha256(piece).hexdigest()[:_HASH]
