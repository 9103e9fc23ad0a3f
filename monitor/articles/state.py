"""Bodies that a page keeps only in the state of its scripts (Next.js, Nuxt, Redux, CMS blocks).

The values in the scripts are read as JSON; the scripts are never run. A body is markup in one
string, or a list of blocks of one paragraph each. Of several bodies, the one is preferred whose
object has the page's title; authors and dates are those of that object.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import islice
from typing import Any

from monitor.articles.lines import fold
from monitor.articles.tables import words

MAX_STATE = 3_000_000
"""Most characters of state that are read, in all scripts of a page."""
MAX_VALUES = 200_000
MAX_DEPTH = 60
MIN_BODY = 500
"""Least running text of a body in a state, in characters."""
MIN_TITLED = 200
"""The same where the object has the page's title."""
MAX_NAMES = 10
"""Most names that are taken for one body."""
NAME_DEPTH = 4
MAX_BLOCK = 4_000
"""A longer value, in characters, is more than one paragraph, and therefore not a block."""

_TITLE_KEYS = words("title headline heading name pageTitle seoTitle")
_AUTHOR_KEYS = words("author authors creator creators byline bylines writer writers credits")
_NAME_KEYS = words("name fullName displayName by data attributes nodes node edges items")
_PUBLISHED_KEYS = words(
    """
    datepublished publishedat publisheddate publishedtime publishdate publicationdate pubdate
    firstpublished firstpublishedat firstpublishdate published date datecreated createdat
    """
)
_MODIFIED_KEYS = words(
    """
    datemodified modifiedat modifieddate lastmodified updatedat updateddate lastupdated
    lastupdateddate
    """
)
"""Keys of dates in lower case and without underscores, in the order in which they are tried."""
_TEXT_KEYS = words("text html content value children body data paragraph nodes markdown rendered")
"""Keys under which a block has its text, in the order in which they are tried."""
_NO_TEXT = re.compile(
    r"image|photo|picture|video|gallery|embed|iframe|advert|\bads?\b|related|promo|newsletter|"
    r"tweet|social|link_list|teaser|button|script|code",
    re.I,
)
"""Kinds of blocks that are not paragraphs."""
_FLIGHT = re.compile(r"__next_f\.push\(\s*\[\s*1\s*,\s*(?=\")")
_ROW = re.compile(r"^[0-9a-f]+:(?:T[0-9a-f]+,)?", re.M)
_ASSIGNED = re.compile(r"(?:^|[;\s])[\w.$\[\]\"']{3,80}\s*=\s*(?:JSON\.parse\(\s*)?(?=[{\[\"'])")
_MARKED_UP = re.compile(r"<(?:p|div|br|h[2-4]|li)\b", re.I)
_TAG = re.compile(r"<[^<>]*>")
_YEAR = re.compile(r"\d{4}")
_DECODER = json.JSONDecoder(strict=False)


@dataclass(frozen=True, slots=True)
class Stated:
    """A body in a state, and what the objects around it say: as stated, empty where they do not."""

    markup: str = ""
    title: str = ""
    """Only if no object has the page's title: then that is the title of a frame for all pages."""
    authors: tuple[str, ...] = ()
    published: str = ""
    modified: str = ""


@dataclass(frozen=True, slots=True)
class _Body:
    """A candidate: its markup, its text's length, and the objects around it that have a title."""

    markup: str
    size: int
    titled: int
    """How near the page's title is: 0 if it is nowhere around, `OWN_TITLE` in an object around it;
    else the depth of the innermost object around that has it in a part beside the body."""
    known: bool
    """Whether the state has the page's title anywhere around: it is not that of a mere frame."""
    around: tuple[dict[str, Any], ...]
    """The innermost first; only those with the page's title if there are such."""


def read(scripts: Sequence[str], titles: Iterable[str], *, only_titled: bool) -> Stated:
    """The body in these scripts, and whose it is; all empty if there is none.

    `only_titled`: a body whose object has none of the titles may be another article's, and is not
    taken. Linear in the length of the scripts; never raises, whatever they contain.
    """
    wanted = {fold(title) for title in titles} - {""}
    found = [
        (body, value)
        for value in _values(scripts)
        for body in _bodies(value, wanted)
        if body.size > (MIN_TITLED if body.titled else MIN_BODY)
        and (body.titled or not only_titled)
    ]
    best = max(found, key=lambda one: (one[0].titled, one[0].size), default=None)
    return _stated(*best) if best else Stated()


OWN_TITLE = 1_000
"""More than any depth (`MAX_DEPTH`)."""


def _stated(body: _Body, root: Any) -> Stated:
    """A body with what the objects around it say, the nearest first."""
    titles = (_title_of(one.get(key)) for one in body.around for key in ("headline", "title"))
    refs = _referred(root)
    names = (
        tuple(islice(_names(one.get(key), refs), MAX_NAMES))
        for one in body.around
        for key in _AUTHOR_KEYS
    )
    return Stated(
        body.markup,
        "" if body.known else next(filter(None, titles), ""),
        next(filter(None, names), ()),
        _date_of(body.around, _PUBLISHED_KEYS),
        _date_of(body.around, _MODIFIED_KEYS),
    )


def _names(value: Any, refs: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """Names in a value: text, an object with a name, a reference to one, or a list of these."""
    if isinstance(value, str):
        yield value
    elif depth < NAME_DEPTH and isinstance(value, list):
        for one in value[:MAX_NAMES]:
            yield from _names(one, refs, depth + 1)
    elif depth < NAME_DEPTH and isinstance(value, dict):
        if isinstance(value.get("__ref"), str):  # Apollo: {"__ref": "Author:12"}
            value, depth = refs.get(value["__ref"], {}), NAME_DEPTH  # its name is text
        told = (value.get(key) for key in _NAME_KEYS)
        yield from _names(next(filter(None, told), None), refs, depth + 1)


def _referred(root: Any) -> dict[str, Any]:
    """The objects near the top of a state by their keys, to which its references point."""
    found: dict[str, Any] = {}
    level = [root]
    for _ in range(4):
        level = [one for one in level if isinstance(one, dict)][:100]
        for one in level:
            for key, inner in one.items():
                if isinstance(inner, dict):
                    found.setdefault(key, inner)
        level = [inner for one in level for inner in one.values()]
    return found


def _date_of(around: Iterable[dict[str, Any]], keys: Sequence[str]) -> str:
    for one in around:
        known = {key.replace("_", "").lower(): value for key, value in one.items()}
        told = (str(known[key]) for key in keys if isinstance(known.get(key), str | int))
        if stamp := next(filter(_YEAR.search, told), ""):  # "published" may also be true or false
            return stamp
    return ""


def _values(scripts: Sequence[str]) -> Iterator[Any]:
    left = MAX_STATE
    flight: list[str] = []
    for script in scripts:
        text = script.strip()[:left]
        left -= len(text)
        pushed = _FLIGHT.search(text)
        if text[:1] in {"{", "["}:
            yield _decoded(text, 0)
        elif pushed:
            flight.append(str(_decoded(text, pushed.end()) or ""))
        else:
            yield from (_decoded(text, one.end()) for one in _assignments(text))
    rows = _ROW.split("".join(flight))
    yield from (_decoded(row, 0) if row[:1] in {"{", "["} else row for row in rows)


def _assignments(text: str) -> list[re.Match[str]]:
    """The first few assignments in a script: a state is assigned before any program code."""
    return list(islice(_ASSIGNED.finditer(text), 5))


def _decoded(text: str, at: int) -> Any:
    """The JSON value at an offset, decoded again if it is a string of JSON; None if unreadable."""
    for _ in range(2):
        try:
            value, _ = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return None
        if not (isinstance(value, str) and value[:1] in {"{", "["}):
            return value
        text, at = value, 0
    return value


def _bodies(value: Any, wanted: set[str]) -> Iterator[_Body]:
    """All that could be a body in one value, outer ones before inner ones, within our limits."""
    waiting: list[tuple[Any, _Around, int]] = [(value, _Around(), 0)]
    left = MAX_VALUES
    while waiting and left:
        one, around, depth = waiting.pop()
        left -= 1
        if depth > MAX_DEPTH:
            continue
        if isinstance(one, str):
            if len(one) > MIN_TITLED and (_MARKED_UP.search(one) or "\n\n" in one):
                yield _Body(_as_markup(one), len(_TAG.sub("", one)), *around.told)
        elif isinstance(one, list):
            if body := _of_blocks(one, around):
                yield body
            waiting += [(item, around, depth + 1) for item in one]
        elif isinstance(one, dict):
            around = around.within(one, wanted, depth)
            own = (item for key, item in one.items() if not _keeps_others(key, item))
            waiting += [(item, around, depth + 1) for item in own]


def _keeps_others(key: str, value: Any) -> bool:
    """Whether a state keeps other articles under a key; a text there is the rest of this one."""
    return not isinstance(value, str) and bool(_OTHERS.match(key))


_OTHERS = re.compile(
    r"(?:related|recommended|recommendations|next|prev|previous|more|trending|popular|similar)"
    r"(?![a-z])"
)


@dataclass(frozen=True, slots=True)
class _Around:
    """The objects around a value that have a title, and those of them that have the page's."""

    named: tuple[dict[str, Any], ...] = ()
    titled: tuple[dict[str, Any], ...] = ()
    beside: tuple[dict[str, Any], ...] = ()
    """The innermost object that has the page's title in a part of its own ("seo", "meta"), behind
    all within it: one of these may say who wrote the body."""
    depth: int = 0
    """How deep the innermost object with the title is."""
    known: bool = False
    """As in `_Body`."""

    def within(self, one: dict[str, Any], wanted: set[str], depth: int) -> _Around:
        """The same inside one object more."""
        titles = [title for key in _TITLE_KEYS if (title := _title_of(one.get(key)))]
        if any(fold(title) in wanted for title in titles):
            titled = (one, *self.titled)
            return replace(self, named=(one, *self.named), titled=titled, known=True)
        named = (one, *self.named) if titles else self.named
        if any(_title_of(one.get(key)) for key in _HEADLINE_KEYS):  # another article's
            return replace(self, named=named, beside=(), depth=0)
        if not self.titled and _has_title(one, wanted, TITLE_DEPTH):
            return replace(self, named=named, beside=(one,), depth=depth + 1, known=True)
        beside = (one, *self.beside) if self.beside else ()
        return replace(self, named=named, beside=beside)

    @property
    def told(self) -> tuple[int, bool, tuple[dict[str, Any], ...]]:
        """As in `_Body`."""
        if self.titled:
            return OWN_TITLE, True, self.titled
        return self.depth, self.known, self.beside or self.named


_HEADLINE_KEYS = words("title headline pageTitle seoTitle")
"""Those of `_TITLE_KEYS` that an article has, and no chapter or author of it."""
TITLE_DEPTH = 3
"""How far below an object its title is looked for, and how many objects may be around it."""
MOST_PARTS = 30
"""Most parts of an object that are searched for its title."""


def _has_title(one: dict[str, Any], wanted: set[str], depth: int) -> bool:
    """Whether a part of an object has the page's title, or a part of that; no list counts."""
    parts = (part for part in islice(one.values(), MOST_PARTS) if isinstance(part, dict))
    return any(
        any(fold(_title_of(part.get(key))) in wanted for key in _TITLE_KEYS if key in part)
        or (depth > 1 and _has_title(part, wanted, depth - 1))
        for part in parts
    )


def _title_of(value: Any) -> str:
    """A title in words, or in the first part of an object: WordPress, Arc ({"basic": ...})."""
    for _ in range(TITLE_DEPTH):
        if isinstance(value, dict):
            value = next(iter(value.values()), None)
    return value if isinstance(value, str) and len(value) < 400 else ""


def _as_markup(text: str) -> str:
    if _MARKED_UP.search(text):
        return text
    return "".join(f"<p>{escape(part)}</p>" for part in text.split("\n\n"))


def _of_blocks(items: list[Any], around: _Around) -> _Body | None:
    """The body made of a list of paragraphs; None if fewer than two of its items are paragraphs."""
    if len(items) < 2:
        return None
    parts: list[str] = []
    size = 0
    for item in items[:2_000]:
        text = _text_of(item, 0)
        length = len(_TAG.sub("", text))
        if 0 < length <= MAX_BLOCK:
            size += length
            name = _element(item)
            marked = text if _TAG.search(text) else escape(text)
            parts.append(f"<{name}>{marked}</{name}>")
    return _Body("".join(parts), size, *around.told) if len(parts) > 1 else None


def _element(item: Any) -> str:
    kind = f"{item.get('type')} {item.get('style')}" if isinstance(item, dict) else ""
    if re.search(r"head|\bh[2-4]\b", kind, re.I):
        return "h2"
    return "li" if re.search(r"list_?item", kind, re.I) else "div"


def _text_of(item: Any, depth: int) -> str:
    """The text of one block; empty if it is not a block of text."""
    if isinstance(item, str):
        return item
    if depth > 8:
        return ""
    if isinstance(item, list):
        return "".join(_text_of(one, depth + 1) for one in item[:500])
    if not isinstance(item, dict) or _NO_TEXT.search(_kind(item)):
        return ""
    told = (_text_of(item[key], depth + 1) for key in _TEXT_KEYS if key in item)
    return next((text for text in told if text), "")


def _kind(item: dict[str, Any]) -> str:
    kinds = (item.get(key) for key in ("type", "_type", "__typename", "kind", "component"))
    return " ".join(kind for kind in kinds if isinstance(kind, str))
