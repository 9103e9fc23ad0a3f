"""The equivalent spellings of a term, under which a query's leaf is looked up.

The text of an article is never stemmed: the few regular variants of a term are written out when it
is compiled. So a prefix keeps its letters, and a word of another language its ending.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from itertools import chain, islice, product

from monitor.watchlists import normalise
from monitor.watchlists.tree import Term

Words = tuple[str, ...]
"""Consecutive folded words; one that ends in `*` stands for every word with that prefix."""

MAX_VARIANTS = 64
"""Most spellings of one term; those nearest to what was written come first."""

_PLAIN = re.compile(r"[a-z]{3,}$")
_ARABIC = re.compile("[\u0621-\u064a]{3,}$")
_HEBREW = re.compile("[\u05d0-\u05ea]{3,}$")
# Article, "and", "to", "in", "from", ... are written as one word with what follows.
_ARABIC_BEFORE = ("", "ال", "و", "وال", "ب", "بال", "ل", "لل", "ولل", "ف", "فال", "ك", "كال")
_ARABIC_DEFINITE = ("ال", "وال", "بال", "فال", "كال", "لل", "ولل")
_HEBREW_BEFORE = ("", "ה", "ו", "וה", "ב", "ל", "מ", "מה", "ש", "שה", "כ")

_PEOPLES = re.compile(
    "(afghan|azer|bahrain|bangladesh|bengal|emirat|houth|iraq|israel|kashmir|kuwait|naz|nepal|oman"
    "|pakistan|punjab|qatar|saud|somal|yazid|yemen)is$"
)
"""Plurals in -is, which otherwise ends a singular (crisis, Paris)."""
_NAMES_IN_S = frozenset(("hamas", "laos", "lens", "mars", "news"))
"""Words that are no plural, although what is left without their s is a word of its own."""
_SINGULARS_IN_S = frozenset(("alias", "atlas", "bias", "canvas", "gas", "lens"))
_WITHOUT_SINGULAR = (_NAMES_IN_S - _SINGULARS_IN_S) | {
    "arms",
    "customs",
    "goods",
    "means",
    "series",
    "species",
}
_MAN = re.compile(
    "(air|bats|boat|business|camera|chair|clergy|coast|congress|council|country|craft"
    "|crew|door|ferry|fire|fisher|fore|frog|front|gun|guards|helms|herds|horse|infantry|journey"
    "|lay|marks|merchant|mid|midship|militia|mine|noble|ombuds|police|post|rifle|sales|sea|service"
    "|spokes|sports|states|swords|trades|trench|tribes|watch|wing|wo|work|yacht|yeo)+m[ae]n$"
)
"""English words of people; most others in -man or -men are names, or words of other languages."""
_OES = re.compile("(buffal|carg|ech|embarg|her|mosquit|tornad|torped|vet|volcan)oes$")
_MODEL = re.compile("[a-rt-z]$")
"""The letter of a model, as in F-35A, to which a plural s may be added."""
_ANY_CASE = "[aeiouyавийкоузєісяўђ]"
"""A letter that is a word of some language."""
_SMALL = "(?:[ksvwz]|an|do|ka|la|me|mi|su|tu|ка|ми|ту)"
"""Letters that are words only if they are small: in capitals they are more often a model's."""
_TITLED = "am as at da de di en es il in is it ja ku le li ma na no om on or os pa po sa se si so"
_TITLED += " to un us za zu"
"""Letters that are words unless both are capitals: "Il 76 per cento", "At 4 am" begin sentences."""
_BEGUN = "|".join(f"[{word[0].upper()}{word[0]}]{word[1]}" for word in _TITLED.split())
_LETTERS = rf"(?:{_ANY_CASE}|{_SMALL}|{_BEGUN})"
_TOGETHER = re.compile(
    rf"(?<!\w){_LETTERS}{normalise.HYPHEN}?\d|\d{normalise.HYPHEN}?{_LETTERS}(?!\w)"
    rf"|(?<!\w)[ai]{normalise.HYPHEN}\w|\w{normalise.HYPHEN}[ai](?!\w)",
    re.IGNORECASE,
)
_WORD = rf"(?:(?i:{_ANY_CASE})|{_SMALL}|{_BEGUN})[\u0300-\u036f]?"
_APART = rf"(?!{normalise.HYPHEN}(?:\s*\n\s*)?\w)\W+"
"""Spaces or punctuation between two words: all but a hyphen that joins them."""
_WORDS_APART = re.compile(
    rf"(?<!\w){_WORD}{_APART}\d|\d{_APART}{_WORD}(?!\w)|(?<!\w)[AaIi]{_APART}\w"
    rf"|\w{_APART}[ai](?!\w)|\w(?=\W*[^\w\s]){_APART}[AI](?!\w)"
)
_SHOUTED = re.compile(rf"(?<!\w)(?:A[MST]|I[NST]|NO|O[NR]|SO|TO|US){_APART}\d")
"""English words that are words in a headline of capitals, too."""
_BRITISH_OUR = re.compile(
    "(arm|behavi|col|endeav|fav|harb|hon|hum|lab|neighb|rum|sav|tum|val|vap|vig)(ou?r)"
)
_RULES = (
    # British and American endings; a rule may produce a word nobody writes, which finds nothing.
    (
        re.compile(r"(\w*(?:cent|theat|calib|fib|lit|met|sab|spect|meag|somb))(re|er)(s?)$"),
        ("re", "er"),
    ),
    (re.compile(r"(\w*(?:def|off|lic|pret))(ence|ense)(s?)$"), ("ence", "ense")),
    (re.compile(r"(\w{3,})(isation|ization)(s?)$"), ("isation", "ization")),
    (re.compile(r"(\w{3,})(is|iz)(e[drs]?|ing|ers)$"), ("is", "iz")),
    (re.compile(r"(\w{2,})(ys|yz)(e[drs]?|ing)$"), ("ys", "yz")),
    (re.compile(r"(\w*[aeiou])(ll|l)(ed|ing|ers?)$"), ("ll", "l")),
    (re.compile(r"(progra)(mme|m)(s?)$"), ("mme", "m")),
    (re.compile(r"(man)(oeuvre|euver)(s?)$"), ("oeuvre", "euver")),
    (re.compile(r"(man)(oeuvr|euver)(ing|able|ability)$"), ("oeuvr", "euver")),
    (re.compile(r"(man)(oeuvred|euvered)()$"), ("oeuvred", "euvered")),
    (re.compile(r"(anal|catal|dial|epil|monol|prol)(ogue|og)(s?)$"), ("ogue", "og")),
    (re.compile(r"(gr)(ey|ay)(s?)$"), ("ey", "ay")),
    (re.compile(r"(alumin)(ium|um)()$"), ("ium", "um")),
    (re.compile(r"()(tyre|tire)(s?)$"), ("tyre", "tire")),
)


def may_be_words(text: str) -> bool:
    """Whether a term is a name that may also be read of words side by side: A-10, F-35A, A-bomb."""
    return bool(_TOGETHER.search(text)) and not are_words(text)


def are_words(surface: str) -> bool:
    """Whether what was found of such a term is words side by side: "a 10 % rise", "s 400 vojáky",
    "su 30 aniversario", "an F-35 a day", "the F-35, a jet", "a bomb". A capital is a model's letter
    (S 400, Su 30), except where it begins a sentence more often (A 10, At 4)."""
    seen = surface.translate(normalise.NO_UNSEEN)
    return bool(_WORDS_APART.search(unicodedata.normalize("NFD", seen)))


def are_words_in_capitals(surface: str) -> bool:
    """Whether it is words where all around it is in capitals, too: "BLAST AT 4 AM"."""
    return bool(_SHOUTED.search(surface))


def spellings(term: Term) -> tuple[Words, ...]:
    """All ways to write a term, the plain one first; an exact term has one."""
    read = [(at, chunk) for at, chunk in normalise.chunks(term.text) if chunk.pieces]
    if read and read[-1][1].pieces[-1].text == normalise.STOP:
        read.pop()  # punctuation at the end of a term means nothing
    if term.exact:
        return (tuple(piece.text for _, chunk in read for piece in chunk.pieces),)
    ways: list[tuple[Words, ...]] = []
    for i, (at, chunk) in enumerate(read):
        prefix = term.text.startswith("*", at + chunk.pieces[-1].end)
        heads = i + 1 == len(read) or read[i + 1][1].pieces[0].text == "of"
        written = term.text[at : at + chunk.pieces[-1].end]
        ways.append(_ways(chunk, prefix=prefix, plural=heads, shouted=written.isupper()))
    if ways:
        ways[0] = _with_particles(ways[0], first=True)
        ways[1:] = [_with_particles(way, first=False) for way in ways[1:]]
    # Bounded before building: a long phrase of hyphenated words has millions of readings.
    readings = islice(product(*ways), 4 * MAX_VARIANTS)
    found = dict.fromkeys(tuple(chain.from_iterable(parts)) for parts in readings)
    return tuple(islice(found, MAX_VARIANTS))


def _ways(
    chunk: normalise.Chunk, *, prefix: bool, plural: bool, shouted: bool
) -> tuple[Words, ...]:
    """The ways to write one chunk: split and joined, and the last word's variants."""
    split = tuple(piece.text for piece in chunk.pieces)
    lettered = len(split[-1]) == 1  # the S of Anka-S is a model letter, not a plural
    readings = [split, (chunk.joined,)] if chunk.joined else [split]
    if prefix:
        return tuple((*words[:-1], f"{words[-1]}*") for words in readings)
    if plural and chunk.joined and split[-2].isdigit() and _MODEL.match(split[-1]):
        readings.append((f"{chunk.joined}s",))  # F-35As: never apart, where "as" is a word
    plural = plural and not lettered
    return tuple(
        written
        for words in readings
        for written in product(
            *(forms(word, plural=False) for word in words[:-1]),
            forms(words[-1], plural=plural, shouted=shouted),
        )
    )


def forms(word: str, *, plural: bool = True, shouted: bool = False) -> tuple[str, ...]:
    """A word with its other regular spellings, and its plural or singular (English).

    `shouted`: the query writes it in capitals, so a final S is part of it (RPAS, BALTOPS).
    """
    if not _PLAIN.match(word):
        return (word,)
    spelled = dict.fromkeys((word, *_respelled(word)))
    if plural:
        for form in tuple(spelled):
            spelled.update(dict.fromkeys(_numbers(form, shouted)))
    return tuple(spelled)


def _respelled(word: str) -> Iterator[str]:
    for found in _BRITISH_OUR.finditer(word):
        other = "or" if found.group(2) == "our" else "our"
        yield word[: found.start(2)] + other + word[found.end(2) :]
    for rule, endings in _RULES:
        if found_ending := rule.match(word):
            other = endings[1] if found_ending.group(2) == endings[0] else endings[0]
            yield found_ending.group(1) + other + found_ending.group(3)


def _numbers(word: str, shouted: bool) -> Iterator[str]:
    """The plural of a singular, the singular of a plural."""
    if _PEOPLES.match(word):
        yield word[:-1]
    elif word in _WITHOUT_SINGULAR:
        return
    elif _MAN.match(word):
        yield word[:-2] + ("e" if word.endswith("man") else "a") + "n"
    elif word.endswith("s") and not (word in _SINGULARS_IN_S or word.endswith(("ss", "us", "is"))):
        if shouted or len(word) < 4:
            return
        yield word[:-1]
        if word.endswith("ies") and len(word) > 4:
            yield word[:-3] + "y"
        elif re.search("(s|x|z|ch|sh)es$", word) or _OES.match(word):
            yield word[:-2]
    elif re.search("[^aeiou]y$", word):
        yield word[:-1] + "ies"
    elif re.search("(s|x|z|ch|sh)$", word):
        yield word + "es"
    elif f"{word}s" not in _NAMES_IN_S:
        yield word + "s"
        if _OES.match(f"{word}es"):
            yield word + "es"


def _with_particles(ways: tuple[Words, ...], *, first: bool) -> tuple[Words, ...]:
    """Arabic and Hebrew words with the particles that are written as one word with them."""
    head = ways[0][0].removesuffix("*")
    if _ARABIC.match(head):
        definite = head.startswith("ال")
        before = _ARABIC_DEFINITE if definite else _ARABIC_BEFORE
        particles = before if first else before[: 1 if definite else 2]
        return tuple((p + w[0][2 * definite :], *w[1:]) for w in ways for p in particles)
    if _HEBREW.match(head):
        return tuple((p + w[0], *w[1:]) for w in ways for p in _HEBREW_BEFORE[: 11 if first else 2])
    return ways
