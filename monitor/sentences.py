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
    r"""(?<![.!?…؟۔।॥։።။។])[.!?…؟۔।॥։።။។]++["'”’“‘»«›‹״)\]]*+\s++|[。！？｡]+["'”’」』）]*\s*"""
)
_SHORT = regex.compile(
    r"""\b(?:
    \p{L}  # J. Smith, U.S., p.m., z. B., 2024 г.
    | Mr|Mrs|Ms|Messrs|Dr|Prof|Jr|Sr|Rev|Hon|St|Mt|Ft|Sens?|Reps?|Govs?|Pres|Sra|Srta|Mme|Mlle|MM
    | Gens?|Lt|Ltn|Lieut|Maj|Col|Capt|Cpt|Sgt|Cmdr|Cdr|Comdr|Adm|Brig|Rear|Vice|Pvt|Pfc|Cpl
    | Spc|Ens|Ret|Hptm|gen|gén|gral|cnel|tte|płk|ppłk|mjr|kpt|kmdr|adm|ген|полк|адм|проф
    | Nos?|Nr|Núm|núm|Art|Abs|Vol|Fig|pp|cf|vs|vgl|etc|al|ca|bzw|ggf|evtl|inkl|sog
    | ehem|approx|aprox|est|kl|bl
    | Mio|Mrd|mln|mld|tys|тыс|тис|млн|млрд|руб|грн|им|ім|ул|вул|гг|рр|стр|см|св
    | Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec
    | Inc|Ltd|Corp|Co|Bros|Dept|EE|UU
    )\.$""",
    regex.VERBOSE,
)
"""What a full stop ends no sentence after: single letters and abbreviations, written as they are in
the middle of a sentence ("No." but not "no.")."""
_GOES_ON = regex.compile(r"(?<=[」』])と")
"""In Japanese the words for "he said" follow a quotation without a space."""
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
        # “Is it safe?” she asked
        if paragraph[end : end + 1].islower() or _GOES_ON.match(paragraph, end):
            continue
        before = max(0, stop.start() - _BEFORE), stop.start() + 1
        if _SHORT.search(paragraph, *before) or (days and _DAY.search(paragraph, *before)):
            continue
        yield start, start + len(paragraph[start:end].rstrip())
        start = end
    if paragraph[start:].strip():
        yield start, start + len(paragraph[start:].rstrip())
