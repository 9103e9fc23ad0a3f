"""Turn whatever a server sent into a bounded lxml tree: bytes to text, text to elements.

Every page is treated as hostile: everything that costs the parser more than linear time is cut
before parsing: length, tags with too many attributes, depth.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bs4.dammit import EncodingDetector
from lxml import etree

from monitor.articles.tables import words

MAX_CHARS = 3_000_000
"""More than any article page; the rest is cut (and reported)."""
MAX_TAG_CHARS = 1_000
"""Longer tags are checked: libxml2 compares each attribute with all before it."""
MAX_ATTRIBUTES = 200
MAX_TAGS = 30_000
"""Three times as many as the largest article page seen."""
MAX_MARKUP = 1_000_000
"""Characters of markup and text, scripts aside."""
MIN_STATE = 500
"""A shorter script cannot contain an article."""
STREAMED = "__next_f"
"""Marks a script that holds one piece of a state, however short (Next.js)."""

_SIGNATURES = (
    (b"%PDF", "PDF"),
    (b"PK\x03\x04", "zip archive"),
    (b"\x89PNG", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"RIFF", "media file"),
    (b"\x1f\x8b", "gzip archive"),
    (b"\x7fELF", "program"),
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What browsers read under these labels (WHATWG Encoding Standard, "names and labels").
_LABELS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "big5": "big5hkscs",
}
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]+)", re.I)
# Characters that neither XML nor a database takes: controls, lone surrogates, non-characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
# One token at a time, each match consuming what it examined: linear for any page.
# Quotes count only after "=", as in the tokenizer of the HTML Standard (section 13.2.5).
_TOKEN = re.compile(
    r"<!--(?:[^-]++|-(?!->))*+(?:-->|\Z)"
    r"|<svg\b[^>]*+(?<=/)>"
    r"|<(?P<raw>script|style|svg|template)\b(?P<attributes>[^>]*+)>"
    r"(?P<content>(?:[^<]++|<(?!/(?P=raw)))*+)(?:</(?P=raw)[^>]*+>?|\Z)"
    r"|<(?P<name>[a-z][^\s>/]*+)"
    r"(?:[^>=]++|=\s*+(?:\"[^\"]*+(?:\"|\Z)|'[^']*+(?:'|\Z)|[^\s>\"'][^\s>]*+)?+)*+>?",
    re.I | re.S,
)
_ATTRIBUTE = re.compile(r"[^\s\"'>/=]+\s*(?:=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>]*))?")


@dataclass
class Page:
    """A parsed page: the tree without scripts, the structured data, and what went wrong."""

    tree: Any
    """Root element (lxml), scripts, styles, drawings and comments removed."""
    data_scripts: tuple[str, ...] = ()
    """Contents of the JSON-LD scripts, not parsed."""
    problems: tuple[str, ...] = ()
    templates: tuple[str, ...] = ()
    """Markup that the page keeps for its scripts: `<template>` and scripts of a template type."""
    states: tuple[str, ...] = ()
    """Contents of the scripts that may hold the page's state (`state.read`)."""

    @cached_property
    def data(self) -> list[dict[str, Any]]:
        """All objects of the page's JSON-LD, outermost first; broken ones are left out."""
        found: list[dict[str, Any]] = []
        for text in self.data_scripts:
            _collect(_loads(text), found)
        return found


@dataclass
class _Sweep:
    """What one pass over the tokens keeps, drops and counts."""

    kept: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)
    states: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)

    def set_aside(self, element: str, attributes: str, content: str) -> None:
        """Keep the content of a script or template element if it may be useful."""
        if element == "template" or "template" in attributes or "text/html" in attributes:
            self.templates.append(content)
        elif "ld+json" in attributes:
            self.scripts.append(content)
        elif element == "script" and (len(content) >= MIN_STATE or STREAMED in content):
            self.states.append(content)


def read_page(html: bytes | str, content_type: str = "") -> Page:
    """Parse a page. Never raises: an unreadable page gives an empty tree with `problems`."""
    problems: list[str] = []
    text = html if isinstance(html, str) else decode(html, content_type, problems)
    if len(text) > MAX_CHARS:
        problems.append(f"page cut after {MAX_CHARS} of {len(text)} characters")
        text = text[:MAX_CHARS]
    swept = _sweep(_FORBIDDEN.sub("", text))
    problems += swept.problems
    markup = "".join(swept.kept)
    if len(markup) > MAX_MARKUP:
        problems.append(f"markup cut after {MAX_MARKUP} of {len(markup)} characters")
        markup = markup[:MAX_MARKUP]
    tree, too_deep = _parse(markup)
    if too_deep:
        problems.append("nested too deep, read without its structure")
        tree, _ = _parse(_flatten(markup))
    if tree is None:
        return Page(etree.Element("html"), tuple(swept.scripts), (*problems, "no elements"))
    return Page(
        tree,
        tuple(swept.scripts),
        tuple(problems),
        tuple(swept.templates),
        tuple(swept.states),
    )


def decode(body: bytes, content_type: str, problems: list[str]) -> str:
    """Bytes to text: BOM, then UTF-8 if it is valid, then header, `<meta>`, Windows-1252.

    Valid UTF-8 with any byte above 127 is practically never anything else, so it takes precedence
    over a label (often just the server's default); RFC 9110 §8.3 and the HTML Standard, 13.2.3.2.
    """
    kind = next((name for magic, name in _SIGNATURES if body.startswith(magic)), "")
    if not kind and _looks_binary(body[:4_000]):
        kind = "binary data"
    if kind:
        problems.append(f"not a page: {kind}")
        return ""
    body = body[: 4 * MAX_CHARS]
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    label = _declared(body, content_type)
    if label not in _STATEFUL:
        try:
            return body.decode("utf-8")
        except UnicodeDecodeError:
            pass
    text = body.decode(label or "cp1252", "replace")
    if text.count("\ufffd") > 20:
        problems.append(f"text is not valid {label or 'Windows-1252'}")
    return text


def _looks_binary(start: bytes) -> bool:
    """Whether one byte in twenty is a control not found in text (UTF-16 and UTF-32 have a BOM)."""
    if start.startswith(tuple(mark for mark, _ in _BOMS)):
        return False
    return len(start) - len(start.translate(None, _CONTROLS)) > len(start) / 20


_CONTROLS = bytes({*range(32), 127} - {9, 10, 12, 13, 27})
# Labels written inside ASCII-readable markup cannot be UTF-16; UTF-7 is an attack; the last ones
# are Python's own, no page's, and one of them is read in quadratic time (punycode).
_NOT_BELIEVED = frozenset(
    words(
        """
    utf-8 utf-7 utf-16 utf-16-le utf-16-be utf-32 punycode idna unicode-escape
    raw-unicode-escape
    """
    )
)
_STATEFUL = frozenset({"iso2022_jp", "utf-16", "utf-16-le", "utf-16-be", "hz"})


def _declared(body: bytes, content_type: str) -> str:
    """The encoding that header or markup name, as browsers understand the label; or empty."""
    header = _CHARSET.search(content_type)
    names = (
        header.group(1) if header else "",
        EncodingDetector.find_declared_encoding(body[:8_192], is_html=True) or "",
    )
    for name in names:
        try:
            known = codecs.lookup(name).name
            "".encode(known)  # Python also calls encodings what turns bytes to bytes ("base64")
        except (LookupError, ValueError):
            continue
        if known not in _NOT_BELIEVED:
            return _LABELS.get(known, known)
    return ""


def _sweep(text: str) -> _Sweep:
    """One pass over the tags: remove what is not text, defuse tags with too many attributes."""
    swept = _Sweep()
    keep = swept.kept.append
    last = 0
    left = MAX_TAGS
    for token in _TOKEN.finditer(text):
        start, end = token.span()
        name = None
        if token.lastgroup == "name":
            left -= 1
            if left < 0:
                swept.note(f"more than {MAX_TAGS} tags, the rest left out")
                keep(text[last:start])
                return swept
            if end - start <= MAX_TAG_CHARS:
                continue
            if _count_attributes(token.group()) <= MAX_ATTRIBUTES:
                continue
            name = token.group("name")
            swept.note(f"a tag with more than {MAX_ATTRIBUTES} attributes")
        keep(text[last:start])
        last = end
        if name is not None:
            keep(f"<{name}>")
        elif raw := token.group("raw"):
            swept.set_aside(raw.lower(), token["attributes"].lower(), token["content"])
    keep(text[last:])
    return swept


def _count_attributes(tag: str) -> int:
    count = 0
    for _ in _ATTRIBUTE.finditer(tag):
        count += 1
        if count > MAX_ATTRIBUTES:
            break
    return count


def _parse(markup: str) -> tuple[Any, bool]:
    """The tree, and whether the parser gave up at its 256th level (it does so silently)."""
    parser = etree.HTMLParser(encoding="utf-8", remove_pis=True)
    try:
        tree = etree.fromstring(markup.encode("utf-8"), parser)
    except (etree.LxmlError, ValueError) as error:
        if getattr(error, "code", None) == etree.ErrorTypes.ERR_NO_MEMORY:
            raise MemoryError from error
        return None, False
    fatal = etree.ErrorLevels.FATAL
    limit = etree.ErrorTypes.ERR_RESOURCE_LIMIT
    return tree, any(e.level == fatal and e.type == limit for e in parser.error_log)


_STRUCTURE = re.compile(
    r"</?(?!(?:p|h[1-6]|title|meta|link)\b)(?P<name>[a-z][a-z0-9]*+)[^>]*+>", re.I
)
_INLINE = frozenset(words("a abbr b cite code em font i mark q s small span strong sub sup u"))


def _flatten(markup: str) -> str:
    """Markup that cannot nest: paragraphs and headings stay, other blocks become breaks."""
    return _STRUCTURE.sub(lambda tag: "" if tag["name"].lower() in _INLINE else "<p>", markup)


def _loads(text: str) -> Any:
    """JSON as pages write it: with raw line breaks, comment marks, commas too many."""
    if len(text) > 1_000_000:
        return None
    text = _CDATA.sub("", text).strip("/*<!->; \t\r\n")
    for written in (text, _LAST_COMMA.sub("", text)):
        try:
            return json.loads(written, strict=False)
        except RecursionError:
            return None
        except ValueError:
            continue
    return None


_CDATA = re.compile(r"<!\[CDATA\[|\]\]>")
_LAST_COMMA = re.compile(r",(?=\s*+[}\]])")
"""A comma before the end of a list or object, which JSON does not allow."""


def _collect(value: Any, found: list[dict[str, Any]]) -> None:
    """Objects of a JSON-LD document: the top ones and those of `@graph`; bounded."""
    waiting = [value]
    while waiting and len(found) < 500:
        value = waiting.pop(0)
        if isinstance(value, list):
            waiting[:0] = value[:500]
        elif isinstance(value, dict):
            found.append(value)
            waiting += [value[key] for key in ("@graph", "mainEntity") if key in value]
