"""Repair of misspelt closing tags: `</titel>`, `</desc>`, `</pubdate>` for `</pubDate>`.

Each makes feedparser's reader of broken markup lose the entry it is in, and often the next one.
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
"""Closing tags that close nothing; a document with more is not a feed with a few typos."""
_SHORTEST: Final = 3
"""Fewest letters of a truncated name from which the full name can be told."""


def mended(text: str) -> str:
    """The text with such closing tags corrected; the same text if there are none.

    A name counts as misspelt only if no such element is open and it resembles the name of the
    element it closes: a stray `</p>` in a description is left alone.
    """
    pieces: list[str] = []
    position = doubtful = 0
    stack: list[str] = []
    open_now: Counter[str] = Counter()
    for tag in tags(text):
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
