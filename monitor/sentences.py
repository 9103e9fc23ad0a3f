"""Where the sentences of a paragraph begin and end, in any language: a pure function of its text.

A sentence is found by its form: a stop, closing quotation marks, a space. What such a stop may also
be (an abbreviation, an initial, a day of the month, the end of a quotation that goes on in small
letters) ends none; two sentences taken for one do less harm than one cut in half.
"""

from __future__ import annotations

from collections.abc import Iterator

import regex

# A stop, closing quotes, then space; or a full-width stop, which needs no space after it. In a long
# row of dots it is looked for once, not from each of them.
_STOP = regex.compile(
    r"""(?<![.!?…؟۔।])[.!?…؟۔।]++["'”’“‘»«)\]]*+\s++|[。！？｡]+["'”’」』）]*\s*"""
)
# A full stop does not end a sentence after these or after a single capital ("J. Smith", "U.S.").
_SHORT = regex.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Prof|Jr|Sr|St|Mt|Ft|Gen|Lt|Maj|Col|Capt|Cpt|Sgt|Cmdr|Cdr|Adm|Brig|Rear"
    r"|Vice|Sen|Rep|Gov|Pres|No|vs|etc|approx|est|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec"
    r"|Inc|Ltd|Corp|Co|bzw|Nr|ca|al)|\b\p{Lu}|\b(?:\p{Lu}\.)+\p{Lu})\.$"
)
_CLOSING = regex.compile(r"»\s+")
"""In French a space stands before the closing quotation mark; in German » opens."""
_DAY = regex.compile(r"\b\d{1,2}\.$")
_WITH_DAYS = frozenset(
    ("de", "da", "no", "nb", "nn", "fi", "et", "cs", "sk", "hu", "hr", "sl", "sr", "is", "lv")
)
"""Languages that write a day of the month with a full stop: "am 3. Oktober"."""
_BEFORE = 16
"""Characters before a stop in which an abbreviation is looked for."""


def places(paragraph: str, language: str = "") -> Iterator[tuple[int, int]]:
    """Start and end of each sentence of a paragraph, in code points, without the space after it.

    `language` is the code of the text's language; it may be empty.
    """
    start = 0
    days = language[:2] in _WITH_DAYS
    for stop in _STOP.finditer(paragraph):
        closing = _CLOSING.match(paragraph, stop.end()) if language[:2] == "fr" else None
        end = closing.end() if closing else stop.end()
        if paragraph[end : end + 1].islower():  # “Is it safe?” she asked
            continue
        before = max(0, stop.start() - _BEFORE), stop.start() + 1
        if _SHORT.search(paragraph, *before) or (days and _DAY.search(paragraph, *before)):
            continue
        yield start, start + len(paragraph[start:end].rstrip())
        start = end
    if paragraph[start:].strip():
        yield start, start + len(paragraph[start:].rstrip())
