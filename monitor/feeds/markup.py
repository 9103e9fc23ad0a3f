"""Make the text of an XML document fit for a parser: mend it where that is safe, or refuse it.

This works before any tree is built. The document's own DTD never reaches a parser: no parser
expands its entities, and nothing external is looked up (security checklist S20-S25).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html.entities import html5
from itertools import islice, pairwise
from typing import AnyStr, Final

from monitor.errors import InputError
from monitor.feeds import closings, dates, limits, newest
from monitor.feeds.scan import Items, Scan, look

_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITY: Final = re.compile(
    r"""<!ENTITY\s+([\w.-]{1,60})\s+(?:"([^"<%]{0,1000})"|'([^'<%]{0,1000})')\s*>"""
)
_NESTED: Final = re.compile(r"&(?!#[0-9]{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")
_BARE: Final = re.compile(
    r"<!\[CDATA\[|<!--|<+(?=<)|<(?![^\W\d]|[:!?]|/[^\W\d])|&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][\w.-]{0,60});)?"
)
_NAMESPACE: Final = re.compile(r"""\sxmlns(?::[\w.-]+)?\s*=\s*["'][^"'<>]*""")
_PREFIX: Final = re.compile(
    r"<([A-Za-z][\w.-]{0,40}):[A-Za-z]|\s([A-Za-z][\w.-]{0,40}):[\w.-]+\s*=\s*[\"']"
)
_ATTRIBUTE: Final = re.compile(r"""(?<!\s)\s++([\w:.-]++)\s*+=\s*+(?:"[^"]*"|'[^']*')""")
_REPEATED: Final = "duplicate attribute"
"""The words of expat."""
_DECLARED: Final = re.compile(r"\sxmlns:([\w.-]{1,41})\s*=")
_ITEM_START: Final = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]")
_ITEM_END: Final = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>")
_COMMENT_OPEN, _COMMENT_CLOSE = "<!--", "-->"
_CDATA_CLOSE: Final = "]]>"
_LONG_KEYWORDS: Final = re.compile(
    rf"<(?:[\w.-]+:)?(?:keywords|tags|subject|category)\b[^<>]*>\s*(?:<!\[CDATA\[)?"
    rf"[^<]{{{limits.MAX_KEYWORDS}}}",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"<(?:[\w.-]+:)?(?:pubDate|published|updated|date|issued|modified|created)\b[^<>]*>"
    r"\s*(?:<!\[CDATA\[)?([^<>\]]{1,200})",
    re.IGNORECASE,
)
_LONG_TAG: Final = re.compile(f"<[A-Za-z!?/][^<>]{{{limits.MAX_TAG}}}")
_PREDEFINED: Final = ("amp", "lt", "gt", "quot", "apos")
# Prefixes that feeds use without declaring them.
_WELL_KNOWN: Final = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcterms": "http://purl.org/dc/terms/",
    "itunes": "http://www.itunes.com/DTDs/PodCast-1.0.dtd",
    "media": "http://search.yahoo.com/mrss/",
    "rss": "http://backend.userland.com/rss",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xlink": "http://www.w3.org/1999/xlink",
}
_UNKNOWN_NAMESPACE: Final = "urn:undeclared:"
CROWDED: Final = (
    f"over {limits.MAX_ENTRY_ELEMENTS} elements in one entry: "
    "beyond them, the first of each name are read"
)
"""The problem of a document with such an entry."""
LONG: Final = (
    f"over {limits.MAX_READ_ELEMENTS} elements: of each entry after them the first "
    f"{limits.FEW_ELEMENTS} are read, and beyond them the first of each name"
)
"""The problem of a document with so many."""
_IMPLIED: Final = ("xml", "xmlns")


@dataclass(frozen=True, slots=True)
class Markup:
    """A document without its prolog. `sound`: it is well-formed XML, and nothing is missing."""

    text: str
    sound: bool
    cut: bool = False
    """The last item was opened and never closed."""
    problems: tuple[str, ...] = ()
    items: Items | None = None
    """The positions of the items in a sound document."""
    stated: int = 0
    """How many items a broken document begins, as far as its tags show."""


@dataclass(slots=True)
class _Prolog:
    root: int
    entities: Mapping[str, str]
    junk: bool


def prepare(text: str) -> Markup:
    """The document as a parser may get it; raises InputError for one that would overload a parser.

    Mending loses no content. It concerns control characters, text before the root, bare "&" and
    "<", names of HTML entities, undeclared prefixes, repeated attributes and mistyped closing tags.
    A document that is broken otherwise is not `sound`.
    """
    problems: list[str] = []
    prolog = _prolog(text)
    body = text[prolog.root :]
    _refuse_floods(body)
    scan = look(body)
    if scan.fault and (clean := _ILLEGAL.sub("", text)) != text:
        problems.append("control characters removed")
        prolog = _prolog(clean)
        body = clean[prolog.root :]
        _refuse_floods(body)
        scan = look(body)
    if prolog.junk:
        problems.append("text before the document removed")
    return _mended(body, prolog.entities, scan, problems)


def _mended(body: str, entities: Mapping[str, str], scan: Scan, problems: list[str]) -> Markup:
    if scan.fault:
        body, scan = _mend(body, entities, scan, problems)
    if not scan.fault and scan.items > limits.MAX_ENTRIES:
        body = _fewer_items(body, scan.places, problems)
        scan = look(body)
    if scan.fault:
        problems.append(f"broken XML: {scan.fault}")
        bounded = _for_loose(body, problems)
        stated = len(_ITEM_START.findall(bounded))
        return Markup(bounded, False, _is_cut(bounded), tuple(problems), stated=stated)
    if scan.elements > limits.MAX_ELEMENTS:
        raise _unreadable(f"over {limits.MAX_ELEMENTS} elements")
    if scan.crowded:
        problems.append(CROWDED)
    if scan.elements > limits.MAX_READ_ELEMENTS:
        problems.append(LONG)
    return Markup(body, True, problems=tuple(problems), items=scan.places)


def _unreadable(why: str) -> InputError:
    return InputError("the document cannot be read", why)


def root_name(text: str) -> str:
    """Name of the root element as written, with its prefix; "" when there is none."""
    start = _prolog(text[:200_000]).root
    found = re.compile(r"<([A-Za-z_][\w.:-]{0,60})").match(text, start)
    return found[1] if found else ""


def _prolog(text: str) -> _Prolog:
    """Where the root element begins, and the harmless entities declared before it.

    `junk`: whether there is stray text before it.
    """
    position, junk = 0, False
    entities: dict[str, str] = {}
    while (start := text.find("<", position)) >= 0:
        junk = junk or bool(text[position:start].strip(" \t\r\n\ufeff"))
        if text[start + 1 : start + 2].isalpha() or text[start + 1 : start + 2] == "_":
            return _Prolog(start, entities, junk)
        position = _end_of_declaration(text, start)
        if text.startswith("<!DOCTYPE", start) or text.startswith("<!doctype", start):
            entities.update(_declared(text[start:position]))
    return _Prolog(len(text), entities, junk)


def _end_of_declaration(text: str, start: int) -> int:
    """The end of the comment, processing instruction or document type that opens at `start`."""
    if text.startswith(_COMMENT_OPEN, start):
        close = _COMMENT_CLOSE
    elif text.startswith("<?", start):
        close = "?>"
    else:
        close = ">"
        plain_end = text.find(">", start)
        subset = text.find("[", start, plain_end) if plain_end >= 0 else -1
        if text[start : start + 9].upper() == "<!DOCTYPE" and subset >= 0:
            ended = re.compile(r"\]\s*>").search(text, subset)
            return ended.end() if ended else len(text)
    end = text.find(close, start)
    return end + len(close) if end >= 0 else len(text)


def _declared(doctype: str) -> Iterator[tuple[str, str]]:
    """Entities whose text is short and refers to no other entity (S23); others stay undefined."""
    for name, double, single in _ENTITY.findall(doctype[:200_000]):
        value = double or single
        if not _NESTED.search(value):
            yield name, html.unescape(value)


def _refuse_floods(text: str) -> None:
    """Refuse what makes feedparser quadratic: many namespaces, many keywords in an element (S28).

    Raises InputError.
    """
    if text.count("xmlns") > limits.MAX_NAMESPACES:
        _refuse_namespaces(text)
    if _has_long_text(text) and _LONG_KEYWORDS.search(text):
        raise _unreadable("an enormous list of keywords")


def _has_long_text(text: str) -> bool:
    """Whether there may be MAX_KEYWORDS characters without a tag: they would fill a window."""
    window = limits.MAX_KEYWORDS // 2
    starts = range(0, len(text) - window + 1, window)
    return any(text.find("<", start, start + window) < 0 for start in starts)


def _refuse_namespaces(text: str) -> None:
    distinct: set[str] = set()
    for found in _NAMESPACE.finditer(text):
        distinct.add(found[0].strip())
        if len(distinct) > limits.MAX_NAMESPACES:
            raise _unreadable(f"over {limits.MAX_NAMESPACES} namespaces")


def _mend(
    text: str, entities: Mapping[str, str], scan: Scan, problems: list[str]
) -> tuple[str, Scan]:
    """The text with those faults mended that are safe to mend, and a scan of the result."""
    mended = _mend_bare_marks(text, entities)
    mended = _cut_after_root(_declare_prefixes(mended))
    if len(mended) <= limits.MAX_LOOSE and (left := look(mended).fault):
        mended = _each_attribute_once(mended) if _REPEATED in left else mended
        mended = closings.mended(_without_comments(mended))  # "--" within one is a fault
    if mended == text:
        return text, scan
    again = look(mended)
    if not again.fault:
        problems.append(f"mended: {scan.fault}")
    return mended, again


def _mend_bare_marks(text: str, entities: Mapping[str, str]) -> str:
    """Escape "&" that begins no reference and "<" that begins no tag; replace known entities.

    CDATA sections and comments are kept.
    """
    pieces: list[str] = []
    position = added = 0
    for number, found in enumerate(_BARE.finditer(text)):
        if number > limits.MAX_BARE:
            return text
        if found.start() < position:
            continue  # inside a CDATA section or a comment
        if found[0].startswith("<!"):
            close = _COMMENT_CLOSE if found[0] == _COMMENT_OPEN else _CDATA_CLOSE
            end = text.find(close, found.end())
            end = len(text) if end < 0 else end
            pieces.append(text[position:end])
            position = end
            continue
        if found[0].startswith("<"):
            pieces += (text[position : found.start()], "&lt;" * len(found[0]))
            position = found.end()
            continue
        stands_for = _reference(found[1] or "", entities, added < limits.MAX_ENTITY_TEXT)
        added += len(stands_for)
        pieces += (text[position : found.start()], stands_for or "&amp;")
        position = found.end() if stands_for else found.start() + 1
    return "".join([*pieces, text[position:]])


def _reference(name: str, entities: Mapping[str, str], room: bool) -> str:
    """What a reference becomes; "" when its ampersand is to be escaped."""
    if name in _PREDEFINED:
        return f"&{name};"
    if name.startswith("#"):
        number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        legal = (0x20 <= number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF) or number in (
            9,
            10,
            13,
        )
        return f"&{name.lower()};" if legal and number not in (0xFFFE, 0xFFFF) else " "
    if name in entities:
        return html.escape(entities[name]) or " " if room else ""
    character = html5.get(f"{name};", "") if name else ""
    return html.escape(character)


def _each_attribute_once(text: str) -> str:
    """The text without repeated attributes: the first one counts, as in HTML (§13.2.5.33)."""
    pieces: list[str] = []
    position = 0
    for tag in closings.tags(text):
        stated: set[str] = set()
        for attribute in _ATTRIBUTE.finditer(tag[3]):
            if attribute[1] in stated:
                pieces.append(text[position : tag.start(3) + attribute.start()])
                position = tag.start(3) + attribute.end()
            stated.add(attribute[1])
    return "".join([*pieces, text[position:]])


def _declare_prefixes(text: str) -> str:
    """The text with its undeclared prefixes declared on the root element."""
    used = {first or second for first, second in _PREFIX.findall(text[: limits.MAX_LOOSE])}
    missing = sorted(used - set(_DECLARED.findall(text)) - set(_IMPLIED))
    if not missing or len(missing) > limits.MAX_NAMESPACES:
        return text
    declared = "".join(
        f' xmlns:{prefix}="{_WELL_KNOWN.get(prefix, _UNKNOWN_NAMESPACE + prefix)}"'
        for prefix in missing
    )
    return re.sub(r"^<[\w.:-]+", lambda root: root[0] + declared, text, count=1)


def _cut_after_root(text: str) -> str:
    """The text without what follows the root element: scripts and counters that hosts append."""
    found = re.match(r"<([\w.:-]+)", text)
    end = text.rfind(f"</{found[1]}") if found else -1
    close = text.find(">", end) if end >= 0 else -1
    return text[: close + 1] if close >= 0 else text


def _fewer_items(text: str, items: Items | None, problems: list[str]) -> str:
    """The document with the `MAX_ENTRIES` items at its newer end.

    Without `items` (they are inside each other, under several parents, or the document is broken)
    the tags that begin them count.
    """
    if items:
        return _newer_end(text.encode("utf-8"), items.places, problems).decode("utf-8")
    begun = _begun(text)
    return _newer_end(text, begun, problems) if len(begun) > limits.MAX_ENTRIES else text


def _newer_end(text: AnyStr, places: Sequence[tuple[int, int]], problems: list[str]) -> AnyStr:
    """The same, with the place where each item begins and ends."""
    kept, words = newest.kept(len(places), lambda item: _date(text[slice(*places[item])]))
    problems.append(words)
    some = places[kept]
    return text[: places[0][0]] + text[some[0][0] : some[-1][1]] + text[places[-1][1] :]


def _begun(text: str) -> Sequence[tuple[int, int]]:
    """Where the items of a document begin by their tags; each lasts until the next one begins."""
    starts = [found.start() for found in _ITEM_START.finditer(text)]
    ended = _ITEM_END.search(text, starts[-1]) if starts else None
    return list(pairwise([*starts, ended.end() if ended else len(text)]))


def stated_dates(text: str) -> Iterator[str]:
    """The dates that a document states, as it writes them."""
    return (found[1].strip() for found in _DATE.finditer(text))


def _date(item: str | bytes) -> datetime | None:
    """The first date that an item states."""
    text = item.decode("utf-8") if isinstance(item, bytes) else item
    found = next(stated_dates(text), "")
    return dates.parse(found) if found else None


def _is_cut(text: str) -> bool:
    starts = [found.start() for found in _ITEM_START.finditer(text)]
    return bool(starts) and not _ITEM_END.search(text, starts[-1])


def _for_loose(text: str, problems: list[str]) -> str:
    """Bound a broken text: the parser for such text is slow, on some input quadratic (S26).

    Raises InputError for a tag of enormous length.
    """
    text = _fewer_items(_without_comments(text), None, problems)
    limit = min(limits.MAX_LOOSE, _place_of_tag(text, limits.MAX_LOOSE_TAGS))
    if len(text) > limit:
        ends = [found.end() for found in _ITEM_END.finditer(text, 0, limit)]
        text = text[: ends[-1]] if ends else text[:limit]
        problems.append(f"only the first {len(text)} characters are read")
    if _LONG_TAG.search(text):
        raise _unreadable("broken XML with a tag of enormous length")
    return text


def _place_of_tag(text: str, number: int) -> int:
    """The position of the tag with that number (from 0); the end of the text if there are fewer."""
    if text.count("<") <= number:
        return len(text)
    return next(islice(re.finditer("<", text), number, None)).start()


def _without_comments(text: str) -> str:
    pieces: list[str] = []
    position = 0
    while (start := text.find(_COMMENT_OPEN, position)) >= 0:
        cdata = text.find("<![CDATA[", position, start)
        if cdata >= 0:
            end = text.find(_CDATA_CLOSE, cdata)
            end = end + 3 if end >= 0 else len(text)
            pieces.append(text[position:end])
        else:
            end = text.find(_COMMENT_CLOSE, start)
            end = end + 3 if end >= 0 else len(text)
            pieces.append(text[position:start])
        position = end
    return "".join([*pieces, text[position:]])
