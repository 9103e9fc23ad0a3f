"""The text of an XML document made fit for a parser: mended where that is safe, refused where not.

Works before any tree is built. The document's own DTD never reaches a parser: no entity is expanded
by it, nothing outside is looked up (security checklist S20-S25).
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.entities import html5
from typing import Final
from xml.parsers import expat

from monitor.errors import InputError
from monitor.feeds import limits

_ILLEGAL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITY: Final = re.compile(
    r"""<!ENTITY\s+([\w.-]{1,60})\s+(?:"([^"<&%]{0,1000})"|'([^'<&%]{0,1000})')\s*>"""
)
_AMPERSAND: Final = re.compile(
    r"<!\[CDATA\[|&(?:(#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][\w.-]{0,60});)?"
)
_NAMESPACE: Final = re.compile(r"""\sxmlns(?::[\w.-]+)?\s*=\s*["'][^"'<>]*""")
_PREFIX: Final = re.compile(
    r"<([A-Za-z][\w.-]{0,40}):[A-Za-z]|\s([A-Za-z][\w.-]{0,40}):[\w.-]+\s*=\s*[\"']"
)
_ITEM_START: Final = re.compile(r"<(?:[\w.-]+:)?(?:item|entry)[\s>]")
_ITEM_END: Final = re.compile(r"</(?:[\w.-]+:)?(?:item|entry)\s*>")
_COMMENT_OPEN, _COMMENT_CLOSE = "<!--", "-->"
_CDATA_CLOSE: Final = "]]>"
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
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "sy": "http://purl.org/rss/1.0/modules/syndication/",
    "xlink": "http://www.w3.org/1999/xlink",
}
_UNKNOWN_NAMESPACE: Final = "urn:undeclared:"
_IMPLIED: Final = ("xml", "xmlns")


@dataclass(frozen=True, slots=True)
class Markup:
    """A document without its prolog. `sound`: it is XML, nothing of it is missing."""

    text: str
    sound: bool
    cut: bool = False
    """The last item was opened and never closed."""
    problems: tuple[str, ...] = ()


@dataclass(slots=True)
class _Prolog:
    root: int
    entities: Mapping[str, str]
    junk: bool


def prepare(text: str) -> Markup:
    """The document as a parser may have it; raises InputError for what would choke one.

    What is mended loses nothing: control characters, text before the root, bare ampersands,
    names of HTML entities, undeclared prefixes. What is broken otherwise is not `sound`.
    """
    problems: list[str] = []
    clean = _ILLEGAL.sub("", text)
    if clean != text:
        problems.append("control characters removed")
    prolog = _prolog(clean)
    if prolog.junk:
        problems.append("text before the document removed")
    body = clean[prolog.root :]
    _refuse_namespaces(body)
    return _mended(body, prolog.entities, problems)


def _mended(body: str, entities: Mapping[str, str], problems: list[str]) -> Markup:
    fault, items = _scan(body)
    if fault:
        body, changed = _mend(body, entities, fault)
        if changed:
            again, items = _scan(body)
            if not again:
                problems.append(f"mended: {fault}")
            fault = again
    if fault:
        problems.append(f"broken XML: {fault}")
        bounded = _for_loose(body, problems)
        return Markup(bounded, False, _is_cut(bounded), tuple(problems))
    if items > limits.MAX_ENTRIES:
        problems.append(f"{items} entries: the first {limits.MAX_ENTRIES} are read")
        body = _first_items(body)
    return Markup(body, True, problems=tuple(problems))


def root_name(text: str) -> str:
    """Name of the first element as written, with its prefix; "" when there is none."""
    start = _prolog(text[:200_000]).root
    found = re.compile(r"<([A-Za-z_][\w.:-]{0,60})").match(text, start)
    return found[1] if found else ""


def _prolog(text: str) -> _Prolog:
    """Where the root element begins, and the small honest entities declared before it."""
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
    """Where a comment, an instruction or a document type that opens at `start` has ended."""
    if text.startswith(_COMMENT_OPEN, start):
        close = _COMMENT_CLOSE
    elif text.startswith("<?", start):
        close = "?>"
    else:
        close = ">"
        subset, plain_end = text.find("[", start), text.find(">", start)
        if text[start : start + 9].upper() == "<!DOCTYPE" and 0 <= subset < plain_end:
            ended = re.compile(r"\]\s*>").search(text, subset)
            return ended.end() if ended else len(text)
    end = text.find(close, start)
    return end + len(close) if end >= 0 else len(text)


def _declared(doctype: str) -> Iterator[tuple[str, str]]:
    """Entities whose text is short and names no other entity (S23); the others stay unknown."""
    for name, double, single in _ENTITY.findall(doctype[:200_000]):
        yield name, double or single


def _refuse_namespaces(text: str) -> None:
    """feedparser looks through all namespaces at every element: many make it quadratic (S28)."""
    distinct: set[str] = set()
    for found in _NAMESPACE.finditer(text):
        distinct.add(found[0].strip())
        if len(distinct) > limits.MAX_NAMESPACES:
            raise InputError(
                "the document cannot be read", f"over {limits.MAX_NAMESPACES} namespaces"
            )


def _scan(text: str) -> tuple[str, int]:
    """What is wrong with the XML ("" when nothing is), and how many items it has.

    Raises InputError for elements nested too deep or with too many attributes.
    """
    parser = expat.ParserCreate("utf-8", " ")
    depth = items = 0

    def opened(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth, items
        depth += 1
        if depth > limits.MAX_DEPTH:
            raise InputError("the document cannot be read", "elements nested too deep")
        if len(attributes) > limits.MAX_ATTRIBUTES:
            raise InputError("the document cannot be read", "too many attributes on one element")
        if name.endswith(("item", "entry")) and name.rpartition(" ")[2] in ("item", "entry"):
            items += 1

    def closed(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartElementHandler = opened
    parser.EndElementHandler = closed
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        return f"{expat.ErrorString(error.code)} in line {error.lineno}", items
    return "", items


def _mend(text: str, entities: Mapping[str, str], fault: str) -> tuple[str, bool]:
    """The text with its safe faults mended, and whether anything was."""
    mended = _declare_prefixes(text) if "prefix" in fault else _mend_ampersands(text, entities)
    if "prefix" not in fault and _PREFIX.search(mended):
        mended = _declare_prefixes(mended)
    mended = _cut_after_root(mended)
    return mended, mended != text


def _mend_ampersands(text: str, entities: Mapping[str, str]) -> str:
    """Ampersands that begin no reference become "&amp;", known names their text; CDATA is kept."""
    pieces: list[str] = []
    position = added = 0
    for found in _AMPERSAND.finditer(text):
        if found.start() < position:
            continue  # inside a CDATA section
        if found[0].startswith("<"):
            end = text.find(_CDATA_CLOSE, found.end())
            end = len(text) if end < 0 else end
            pieces.append(text[position:end])
            position = end
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


def _declare_prefixes(text: str) -> str:
    used = {first or second for first, second in _PREFIX.findall(text[: limits.MAX_LOOSE])}
    missing = sorted(prefix for prefix in used - set(_IMPLIED) if f"xmlns:{prefix}=" not in text)[
        : limits.MAX_NAMESPACES
    ]
    if not missing:
        return text
    declared = "".join(
        f' xmlns:{prefix}="{_WELL_KNOWN.get(prefix, _UNKNOWN_NAMESPACE + prefix)}"'
        for prefix in missing
    )
    return re.sub(r"^<[\w.:-]+", lambda root: root[0] + declared, text, count=1)


def _cut_after_root(text: str) -> str:
    """Without what follows the root element: scripts and counters that hosts append."""
    found = re.match(r"<([\w.:-]+)", text)
    end = text.rfind(f"</{found[1]}") if found else -1
    close = text.find(">", end) if end >= 0 else -1
    return text[: close + 1] if close >= 0 else text


def _first_items(text: str) -> str:
    """The document without the items after the first `MAX_ENTRIES`."""
    ends = [found.end() for found in _ITEM_END.finditer(text)]
    if len(ends) <= limits.MAX_ENTRIES:
        return text
    return text[: ends[limits.MAX_ENTRIES - 1]] + text[ends[-1] :]


def _is_cut(text: str) -> bool:
    starts = [found.start() for found in _ITEM_START.finditer(text)]
    return bool(starts) and not _ITEM_END.search(text, starts[-1])


def _for_loose(text: str, problems: list[str]) -> str:
    """Broken text, bounded: the parser for such text is slow, on some input quadratic (S26)."""
    text = _first_items(_without_comments(text))
    if len(text) > limits.MAX_LOOSE:
        ends = [found.end() for found in _ITEM_END.finditer(text, 0, limits.MAX_LOOSE)]
        text = text[: ends[-1]] if ends else text[: limits.MAX_LOOSE]
        problems.append(f"only the first {len(text)} characters are read")
    if _LONG_TAG.search(text):
        raise InputError("the document cannot be read", "broken XML with a tag of enormous length")
    return text


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
