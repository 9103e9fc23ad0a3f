"""Closing tags with a slip of the pen: `</titel>`, `</desc>`, `</pubdate>` for `</pubDate>`.

One of them costs feedparser's reader of broken markup the entry it stands in, and often the next.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

_TAG: Final = re.compile(r"<(/?)([A-Za-z_][\w:.-]{0,60})([^<>]*)>")
_OPAQUE: Final = {"<![CDATA[": "]]>", "<!--": "-->"}
_NEAR: Final = 0.7
_MOST: Final = 1_000
"""Closing tags that close nothing, beyond which a document is no feed with slips of the pen."""
_SHORTEST: Final = 3
"""Letters that a name which breaks off must have, to be known for what it was to be."""


def mended(text: str) -> str:
    """The text with such closing tags as they were meant; the same text where there are none.

    Only a name that is not open is a slip, and only where it is near that of the element it
    closes: a stray `</p>` in a description stays what it is.
    """
    pieces: list[str] = []
    position = doubtful = 0
    stack: list[str] = []
    open_now: Counter[str] = Counter()
    for tag in _tags(text):
        closing, name, rest = tag.groups()
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


def _tags(text: str) -> Iterator[re.Match[str]]:
    """The tags outside comments and CDATA sections; none behind one that is never closed."""
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
