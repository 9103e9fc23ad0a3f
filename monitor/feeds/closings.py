"""Repair of what is not closed: misspelt closing tags (`</titel>`, `</desc>`, `</pubdate>` for
`</pubDate>`), titles and dates without one, CDATA sections without an end.

Each makes feedparser's reader of broken markup lose the entry it is in, and often the next one.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_TAG: Final = re.compile(r"<(/?)([A-Za-z_][\w:.-]{0,60})([^<>]*)>")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_END_INSIDE: Final = "]]]]><![CDATA[>"
"""The end of a section as it is written inside one: the end of one section and a second one."""
_OPAQUE: Final = {_CDATA: _CDATA_END, "<!--": "-->"}
_CLOSES: Final = re.compile(r"</([A-Za-z_][\w:.-]{0,60})")
_OPENS_CDATA: Final = re.compile(r"<([A-Za-z_][\w:.-]{0,60})[^<>]*>\s*<!\[CDATA\[")
_FIELDS: Final = frozenset({
    "title", "link", "guid", "pubDate", "description", "category", "item", "id", "entry", "updated",
    "published", "summary", "dc:creator", "dc:date", "content:encoded",
})  # fmt: skip
"""Elements that never are inside one of those that hold only text."""
_OF_TEXT: Final = frozenset({"title", "link", "guid", "pubDate", "category", "id", "updated",
                             "published", "dc:creator", "dc:date"})  # fmt: skip
_NEAR: Final = 0.7
_MOST: Final = 1_000
"""Closing tags that close nothing; a document with more is not a feed with a few typos."""
_SHORTEST: Final = 3
"""Fewest letters of a truncated name from which the full name can be told."""


def mended(text: str) -> str:
    """The text with such elements closed; the same text if there are none.

    A name counts as misspelt only if no such element is open and it resembles the name of the
    element it closes: a stray `</p>` in a description is left alone.
    """
    text = _cdata_closed(_cdata_joined(text))
    pieces: list[str] = []
    position = doubtful = 0
    stack: list[str] = []
    open_now: Counter[str] = Counter()
    for tag in tags(text):
        closing, name, rest = tag.groups()
        missing = stack and stack[-1] in _OF_TEXT and name in _FIELDS and name != stack[-1]
        if missing and (not closing or open_now[name]):
            pieces += (text[position : tag.start()], f"</{stack[-1]}>")
            position = tag.start()
            open_now[stack.pop()] -= 1
        if not closing:
            if not rest.endswith("/"):
                stack.append(name)
                open_now[name] += 1
            continue
        if not open_now[name]:
            doubtful += 1
            if doubtful > _MOST:
                return text
            if not (stack and _near(name, stack[-1])):
                continue
            name = stack[-1]
            pieces += (text[position : tag.start()], f"</{name}>")
            position = tag.end()
        last = ""
        while last != name:
            last = stack.pop()
            open_now[last] -= 1
    return "".join([*pieces, text[position:]])


def _cdata_joined(text: str) -> str:
    """The text with CDATA sections that hold one of a script made into one section.

    Such a script ends the section of the feed too early: what follows is markup, up to another end
    right before the closing tag of the element.
    """
    pieces: list[str] = []
    position = 0
    # Else each section that nothing closes would be searched to the end of the text.
    last = {closing[1]: closing.start() for closing in _CLOSES.finditer(text)}
    while opening := _OPENS_CDATA.search(text, position):
        name, begin = opening[1], opening.end()
        close = text.find(f"</{name}", begin) if last.get(name, -1) >= begin else -1
        if close < 0:
            pieces.append(text[position:begin])
            position = begin
            continue
        inside = text[begin:close].rstrip()
        if inside.endswith(_CDATA_END) and _ends_early(inside):
            whole = inside.removesuffix(_CDATA_END).replace(_CDATA_END, _END_INSIDE)
            pieces += (text[position:begin], whole, _CDATA_END)
        else:
            pieces.append(text[position:close])
        position = close
    return "".join([*pieces, text[position:]])


def _ends_early(inside: str) -> bool:
    """Whether a section of a text holds the beginning of another, and is followed by markup.

    Markup between sections that hold none is the feed's own: they end where they should.
    """
    position = 0
    while (end := inside.find(_CDATA_END, position) + len(_CDATA_END)) < len(inside):
        following = inside.find(_CDATA, end)
        is_markup = following < 0 or "<" in inside[end:following]
        if is_markup and _CDATA in inside[position:end]:
            return True
        if following < 0:
            return False
        position = following + len(_CDATA)
    return False


def _cdata_closed(text: str) -> str:
    """The text with CDATA sections ended where their element ends, or where the text does.

    A section has no end if another one begins before it, but not before the element is closed.
    """
    pieces: list[str] = []
    position = end = 0
    while opening := _OPENS_CDATA.search(text, position):
        begin = opening.end()
        if 0 <= end < begin:  # else known from the section before: no end is searched for twice
            end = text.find(_CDATA_END, begin)
        following = text.find(_CDATA, begin)
        if end >= 0 and not 0 <= following < end:
            stop = end
        else:
            limit = following if following >= 0 else len(text)
            stop = text.find(f"</{opening[1]}", begin, limit)
            if stop < 0 and end < 0:
                stop = len(text)
        pieces.append(text[position : max(stop, begin)])
        pieces.append(_CDATA_END if stop >= 0 and stop != end else "")
        position = max(stop, begin)
    return "".join([*pieces, text[position:]])


def tags(text: str) -> Iterator[re.Match[str]]:
    """The tags outside comments and CDATA sections; none after one that is never closed."""
    position = 0
    while (start := text.find("<", position)) >= 0:
        begin = next((begin for begin in _OPAQUE if text.startswith(begin, start)), "")
        if begin:
            end = text.find(_OPAQUE[begin], start)
            if end < 0:
                return
            position = end
        elif tag := _TAG.match(text, start):
            yield tag
            position = tag.end()
        else:
            position = start + 1


def _near(name: str, meant: str) -> bool:
    name, meant = name.lower(), meant.lower()
    if len(name) >= _SHORTEST and meant.startswith(name):
        return True
    return difflib.SequenceMatcher(None, name, meant).ratio() >= _NEAR
