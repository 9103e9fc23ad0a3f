"""Translate queries from the Nexis and Meltwater dialects into our query language.

What has the same meaning is translated; where meanings differ, a warning says how. What has no
counterpart is left out with a warning, never silently. The operators follow the vendors' own
documentation: LexisNexis, "Search connectors and commands"; Meltwater, "Boolean operators".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from monitor.errors import QueryError
from monitor.watchlists import query
from monitor.watchlists.query import MAX_DISTANCE, MIN_PREFIX
from monitor.watchlists.tree import FIELDS


class Dialect(StrEnum):
    """The dialect that a query is written in."""

    NEXIS = "nexis"
    MELTWATER = "meltwater"


@dataclass(frozen=True, slots=True)
class Imported:
    """A query in our language, with warnings about its translation."""

    query: str
    warnings: tuple[str, ...]


_TOKEN = re.compile(
    r"""(?P<space>\s+)
    | (?P<slop>["\u201c\u201d][^"\u201c\u201d]*["\u201c\u201d]~\d+)
    | (?P<phrase>["\u201c\u201d][^"\u201c\u201d]*["\u201c\u201d])
    | (?P<count>(?i:atl(?:east)?)/?\d+(?=\s*\())
    | (?P<code>(?i:lang(?:uage)?[:=]\s*[a-z]{2})(?![\w-]))
    | (?P<limit>(?i:date|length|language)\s*(?:[<>=]=?|(?i:geq|leq|aft|bef|is)\b)\s*[\w/.-]+)
    | (?P<field>(?i:[a-z]+)[:=]\s*(?=[("\u201c\w]))
    | (?P<segment>(?i:hlead|headline|title|lead|body|byline|author|publication|source)(?=\s*\())
    | (?P<other>(?!(?i:and|or|not|(?:all|no)?caps|plural|singular)\()(?i:[a-z-]{2,})(?=\())
    | (?P<open>\() | (?P<close>\))
    | (?P<near>(?i:(?:not\s+)?(?:(?:w|pre)/\s*|(?:o?near|adj)/?\s*)\d+)|(?<!\S)[/+]\d+(?!\S))
    | (?P<unit>(?i:(?:not\s+)?(?:w|pre)/(?:p|s|para|sent|seg)\b)|(?<!\S)[/+](?i:p|s)(?!\S))
    | (?P<weight>\^\d+)
    | (?P<word>[^\s()^"\u201c\u201d]+)
    | (?P<stray>.)""",
    re.VERBOSE,
)
_SEGMENTS = {**query.CALLED, **{name: name for name in FIELDS if name != "lang"}}
_SEGMENTS.pop("language")  # its values are names of languages, unless they are two letters
_LIMITS = frozenset({"date", "length", "language", "lang", "country", "sourcecountry"})
"""What limits articles by something other than their words."""
_LEFT_OUT = "left out"
"""Stands where something is left out. No word has a space, so nothing else is written like it."""
_LIMIT = "limit :"
"""Stands before the value of a limit that is left out."""
_HEADLINE_AND_LEAD = "headline and lead :"
_USUAL = 4
"""Distance in words that Meltwater means by NEAR without a number."""
_SENTENCE, _PARAGRAPH = 20, 60
"""Distances in words that stand for "in one sentence" and "in one paragraph"."""


@dataclass
class _Writer:
    """The translation of one text in progress."""

    dialect: Dialect
    out: list[str] = field(default_factory=list)
    warnings: dict[str, None] = field(default_factory=dict)

    def warn(self, text: str) -> None:
        self.warnings.setdefault(text)

    def phrase(self, text: str) -> None:
        inner = " ".join(text[1:-1].split())
        if re.search(r"[!?]|\w\*\w", inner):
            inner = " ".join(self.truncated(word) for word in inner.split())
        self.out.append(f'"{inner}"')

    def slop(self, text: str) -> None:
        phrase, _, number = text.rpartition("~")
        words = [self.truncated(word) for word in phrase[1:-1].split()]
        if len(words) < 2:
            self.phrase(phrase)
            return
        between = f"NEAR/{min(int(number[:9]), MAX_DISTANCE)}"
        self.warn('"..."~n: written as NEAR/n between each word and the next')
        self.out += ["(", words[0]]
        for word in words[1:]:
            self.out += [between, word]
        self.out.append(")")

    def count(self, text: str) -> None:
        self.out.append(f"ATLEAST/{re.sub(r'[^0-9]', '', text)}")
        self.warn(
            "atleast: ours counts everything in the parentheses together; Nexis counts each term "
            "by itself"
        )

    def field(self, text: str) -> None:
        name = text.strip().rstrip(":=").lower()
        if name in _SEGMENTS:
            self.out.append(f"{_SEGMENTS[name]}:")
        elif name in _LIMITS:
            self.out.append(_LIMIT)
            self.warn_of_limit(name)
        else:
            self.warn(f"{name}: has no counterpart; its terms are searched in the whole text")

    def warn_of_limit(self, name: str) -> None:
        """Warn that a limit is not translated."""
        ours = "; a watchlist can have languages = [...]" if name.startswith("lang") else ""
        self.warn(f"{name} has no counterpart in a query; left out{ours}")

    def code(self, text: str) -> None:
        self.out.append(f"lang:{text[-2:].lower()}")

    def limit(self, text: str) -> None:
        self.out.append(_LEFT_OUT)
        self.warn_of_limit(" ".join(text.split()))

    def other(self, text: str) -> None:
        """A segment that we do not know; in Meltwater a word before a parenthesis."""
        if self.dialect is Dialect.NEXIS:
            self.field(text)
        else:
            self.word(text)

    def segment(self, text: str) -> None:
        name = text.lower()
        if name == "hlead":
            self.out.append(_HEADLINE_AND_LEAD)
            self.warn("hlead: written as title, or lead, which is the first 60 words of the body")
        else:
            self.out.append(f"{_SEGMENTS[name]}:")

    def near(self, text: str) -> None:
        number = int(re.sub(r"[^0-9]", "", text)[:9])
        name = text.lower()
        negative = name.startswith("not")
        ordered = re.sub(r"^not\s+", "", name).startswith(("pre", "onear", "adj", "+"))
        between = min(number, MAX_DISTANCE)
        if self.dialect is Dialect.NEXIS:
            self.warn(
                "w/n and pre/n count up to the second word, NEAR/n only the words between: ours "
                "reaches one word further"
            )
        if between < number:
            self.warn(f"a distance can be up to {MAX_DISTANCE} words")
        self.warn("a distance never reaches beyond the paragraph")
        if negative and ordered:
            ordered = False
            self.warn("not pre/n: written as NOT NEAR/n, which looks in both directions")
        kind = "NOT NEAR" if negative else "ONEAR" if ordered else "NEAR"
        self.out.append(f"{kind}/{between}")

    def unit(self, text: str) -> None:
        name = text.lower()
        whole = re.split("[/+]", name)[-1]
        words = _SENTENCE if whole.startswith("s") and whole != "seg" else _PARAGRAPH
        kind = (
            "NOT NEAR"
            if name.startswith("not")
            else "ONEAR"
            if re.search(r"pre|\+", name)
            else "NEAR"
        )
        self.out.append(f"{kind}/{words}")
        self.warn(f"{text}: no such unit here; written as {words} words in one paragraph")

    def word(self, text: str) -> None:
        lowered = text.lower()
        if lowered in ("and", "or"):
            self.out.append(lowered.upper())
        elif lowered == "&":
            self.out.append("AND")
        elif lowered == "not":
            if self.out and self.out[-1].lower() == "but":
                self.out.pop()
            if self.out and self.out[-1] == "AND":
                self.out.pop()
            joined = self.out and self.out[-1] not in ("(", "OR")
            self.out.append("AND NOT" if joined else "NOT")
        elif lowered in ("near", "onear"):
            self.out.append(f"{text.upper()}/{_USUAL}")
            self.warn(f"{lowered} without a number: taken as {_USUAL} words")
        elif lowered in ("caps", "allcaps", "nocaps", "plural", "singular"):
            self.warn(f'{lowered}: left out; ="AsTyped" asks for the case and number as written')
        elif text.startswith(("@", "=", "/")):
            self.out.append(f'"{text}"')  # these signs would mean something here
        else:
            self.out.append(self.truncated(text))

    def truncated(self, word: str) -> str:
        """Translate the `!`, `*` and `?` of a word into our syntax."""
        found = re.search(r"[!*?]", word)
        if found is None:
            return word
        stem, sign, rest = word[: found.start()], found.group(), word[found.end() :]
        if sum(map(str.isalnum, stem)) < MIN_PREFIX:
            self.warn(f"{word}: a prefix needs at least {MIN_PREFIX} letters; the sign is left out")
            return re.sub(r"[!*?]", "", word)
        if sign == "!" and not rest:
            return f"{stem}*"
        if rest or sign == "?":
            self.warn(f"{word}: a sign for one letter has no counterpart; written as {stem}*")
        elif self.dialect is Dialect.NEXIS:
            self.warn(f"{word}: in Nexis * stands for one letter; {stem}* allows any ending")
        return f"{stem}*"


def translate(text: str, dialect: Dialect) -> Imported:
    """Translate a query into our language, with warnings.

    Raises QueryError, which says what to do by hand, when the result does not parse.
    """
    writer = _Writer(dialect)
    writers: dict[str, Callable[[str], None]] = {
        "slop": writer.slop,
        "phrase": writer.phrase,
        "count": writer.count,
        "code": writer.code,
        "limit": writer.limit,
        "other": writer.other,
        "field": writer.field,
        "segment": writer.segment,
        "near": writer.near,
        "unit": writer.unit,
        "word": writer.word,
        "open": writer.out.append,
        "close": writer.out.append,
        "weight": lambda sign: writer.warn(f"{sign} limits what is shown, ours weighs: left out"),
        "stray": lambda sign: writer.warn(f"{sign} has no meaning here; left out"),
    }
    for found in _TOKEN.finditer(text.strip().rstrip(";")):
        kind = str(found.lastgroup)
        if kind != "space":
            writers[kind](found.group())
    flat = _in_phrases(writer)
    ranked = _ranked(flat, writer)
    if _HEADLINE_AND_LEAD not in flat and ranked.count("(") > flat.count("("):
        writer.warn(_PRIORITY[dialect])
    try:
        query.parse(ranked)
    except QueryError as error:
        error.why = f"translated, it is: {ranked}"
        raise
    return Imported(ranked, tuple(writer.warnings))


_PRIORITY = {
    Dialect.NEXIS: "parentheses added as Nexis reads it: OR first, then w/n, AND, and AND NOT last",
    Dialect.MELTWATER: "parentheses added as Meltwater reads it: AND before OR",
}
_OPERATORS = re.compile(r"(AND|OR|NOT|AND NOT|(NOT )?O?NEAR/\d+)$")


def _is_prefix(part: str) -> bool:
    """Whether a part belongs to the operand behind it: a field, a limit or a count."""
    return part in _PREFIXES or part.startswith("ATLEAST/")


_PREFIXES = frozenset({_LIMIT, _HEADLINE_AND_LEAD, *(f"{name}:" for name in FIELDS)})


def _in_phrases(writer: _Writer) -> list[str]:
    """Words separated only by a space: a phrase in Nexis, an AND of them in Meltwater."""
    out: list[str] = []
    joins = _OPERATORS.match
    for part in writer.out:
        before = out[-1] if out else "("
        if before == _LIMIT and part != "(" and not _is_prefix(part):
            out[-1] = _LEFT_OUT
        elif part == ")" or before == "(" or _is_prefix(before) or joins(part) or joins(before):
            out.append(part)
        elif _LEFT_OUT in (before, part):
            out += ["AND", part]
        elif writer.dialect is Dialect.NEXIS and _is_term(part) and before != ")":
            out[-1] = f'"{before.strip(chr(34))} {part.strip(chr(34))}"'
        else:
            writer.warn("terms with only a space between them are joined by AND")
            out += ["AND", part]
    return out


class _Side(NamedTuple):
    """A part of the result."""

    text: str
    joint: str = ""
    """The operator that joins it, if it stands in no parentheses."""
    negated: bool = False
    """What it says must not hold: of what it should be taken from, nothing is left."""
    terms: tuple[str, ...] = ()
    """The operands in it."""


class _Operand(NamedTuple):
    """What can be written for an operand; None: nothing. Where something is left out, no text
    means the same: `wide` finds all that the operand finds, `narrow` nothing else."""

    wide: _Side | None
    narrow: _Side | None


_Parts = Sequence[str | _Operand]
"""Operands, and operators and prefixes as text."""


def _ranked(flat: list[str], writer: _Writer) -> str:
    """The text with the parentheses that our language requires, which finds all that is sought.

    What cannot stand without something that is left out is left out as well, with a warning.
    """
    whole, limits = _level(flat, writer.dialect)
    terms = Counter(part for part in flat if _is_term(part)) - limits
    if whole is None or whole.negated:
        if not terms:
            raise QueryError("nothing of the query has a counterpart here")
        what = "without what has no counterpart here, the query would match nearly everything"
        error = QueryError(what, hint="take that out by hand and import again")
        error.why = "; ".join(writer.warnings)
        raise error
    for term in terms - Counter(whole.terms):
        writer.warn(
            f"{term}: left out, as it is joined to something that is left out; without it the "
            "query finds more, never less"
        )
    return whole.text


def _is_term(part: str) -> bool:
    return not (part in ("(", ")", _LEFT_OUT) or _is_prefix(part) or _OPERATORS.match(part))


def _level(parts: list[str], dialect: Dialect) -> tuple[_Side | None, Counter[str]]:
    """The whole text, innermost parentheses first, and the values of limits."""
    open_ones: list[list[str | _Operand]] = [[]]
    limits: Counter[str] = Counter()
    for part in parts:
        if part == "(":
            open_ones.append([])
            continue
        if part == ")":
            if len(open_ones) == 1:
                raise QueryError("a closing parenthesis without an opening one", hint="remove it")
            inner = open_ones.pop()
            operand = _Operand(*(_in_parentheses(_bound(inner, dialect, w)) for w in (True, False)))
        elif part == _LEFT_OUT:
            operand = _Operand(None, None)
        elif _is_term(part):
            side = _Side(part, terms=(part,))
            operand = _Operand(side, side)
        else:
            open_ones[-1].append(part)
            continue
        level = open_ones[-1]
        while level and isinstance(prefix := level[-1], str) and _is_prefix(prefix):
            level.pop()
            if prefix == _LIMIT:
                limits.update(next((side.terms for side in operand if side), ()))
            operand = _Operand(*(_behind(prefix, side) for side in operand))
        level.append(operand)
    if len(open_ones) > 1:
        raise QueryError("a parenthesis is not closed", hint="close it and import again")
    return _bound(open_ones[0], dialect, wide=True), limits


def _in_parentheses(side: _Side | None) -> _Side | None:
    return side and side._replace(text=f"({side.text})", joint="")


def _behind(prefix: str, side: _Side | None) -> _Side | None:
    if side is None or side.negated or prefix == _LIMIT:
        return None
    if prefix == _HEADLINE_AND_LEAD:
        if " OR lead:" in side.text:  # each further one would double the text
            raise QueryError("HLEAD stands inside HLEAD", hint="write it once and import again")
        return side._replace(text=f"(title:{side.text} OR lead:{side.text})")
    return side._replace(text=prefix + side.text)


def _bound(parts: _Parts, dialect: Dialect, wide: bool) -> _Side | None:
    """One level. Precedence in Nexis (https://help.lexisnexis.com): OR, distances, AND, AND NOT."""
    if dialect is Dialect.MELTWATER:
        return _any([_all(side, dialect, wide) for side in _split(parts, "OR")], wide)
    kept, *without = _split(parts, "AND NOT")
    sides = [(True, _all(one, dialect, not wide)) for one in without]
    return _each([(False, _all(kept, dialect, wide)), *sides], wide)


def _all(parts: _Parts, dialect: Dialect, wide: bool) -> _Side | None:
    """Parts joined by AND, AND NOT and distances; in Nexis also by OR, which binds tightest."""
    groups: list[tuple[bool, list[str | _Operand]]] = [(False, [])]
    for part in parts:
        if part in ("AND", "AND NOT"):
            groups.append((part == "AND NOT", []))
        elif part == "NOT" and not groups[-1][1]:
            groups[-1] = (True, [])
        else:
            groups[-1][1].append(part)
    sides = [(negated, _near(group, dialect, wide != negated)) for negated, group in groups]
    return _each(sides, wide)


def _near(parts: _Parts, dialect: Dialect, wide: bool) -> _Side | None:
    """Parts joined by distances."""
    chain: list[tuple[str, list[str | _Operand]]] = [("", [])]
    for part in parts:
        if isinstance(part, str) and "NEAR/" in part:
            chain.append((part, []))
        else:
            chain[-1][1].append(part)
    if len(chain) == 1:
        return _choice(parts, dialect, wide)
    left: _Side | None = None
    for operator, group in chain:
        negative = operator.startswith("NOT")
        right = _choice(group, dialect, wide != negative)
        if right and right.negated:
            right = None
        if not operator:
            left = right
        elif left and right:
            text = f"{_wrapped(left, 'OR', 'AND')} {operator} {_wrapped(right, 'OR', 'AND')}"
            left = _Side(text.strip(), "NEAR", terms=left.terms + right.terms)
        elif not wide:
            return None
        elif not negative:
            left = left or right
    return left


def _choice(parts: _Parts, dialect: Dialect, wide: bool) -> _Side | None:
    """What stands beside a distance: in Nexis sides joined by OR, in Meltwater one."""
    groups = _split(parts, "OR") if dialect is Dialect.NEXIS else [parts]
    return _any([_single(group, wide) for group in groups], wide)


def _single(parts: _Parts, wide: bool) -> _Side | None:
    """One operand; with anything else, text that our parser refuses."""
    sides = [_Side(part) if isinstance(part, str) else part[0 if wide else 1] for part in parts]
    if len(sides) == 1:
        return sides[0]
    found = [side for side in sides if side and not side.negated]
    if len(found) < len(sides):
        return None
    terms = tuple(term for side in found for term in side.terms)
    return _Side(" ".join(side.text for side in found), terms=terms)


def _any(sides: Sequence[_Side | None], wide: bool) -> _Side | None:
    """Sides joined by OR: without one of them it would find less."""
    if len(sides) == 1:
        return sides[0]
    found = [side for side in sides if side and not side.negated]
    if not found or (wide and len(found) < len(sides)):
        return None
    if len(found) == 1:
        return found[0]
    text = " OR ".join(_wrapped(side, "AND") for side in found).strip()
    return _Side(text, "OR", terms=tuple(term for side in found for term in side.terms))


def _each(sides: Sequence[tuple[bool, _Side | None]], wide: bool) -> _Side | None:
    """Sides joined by AND, or AND NOT if marked: without one of them it would find more."""
    if len(sides) == 1 and not sides[0][0]:
        return sides[0][1]
    found = [(negated or side.negated, side) for negated, side in sides if side]
    complete = len(found) == len(sides)
    if (
        not found
        or not (wide or complete)
        or any(no and side and side.negated for no, side in sides)
    ):
        return None
    terms = tuple(term for _, side in found for term in side.terms)
    if not complete or any(side.negated for _, side in found):
        found.sort(key=lambda one: one[0])  # a query begins with what is looked for
        if found[0][0]:
            barred = _any([side._replace(negated=False) for _, side in found], wide)
            return barred and barred._replace(negated=True)
    text = ""
    for at, (negated, side) in enumerate(found):
        operator = " ".join(["AND"] * bool(at) + ["NOT"] * negated)
        wrapped = _wrapped(side, "OR", "AND") if negated else _wrapped(side, "OR")
        text += f" {operator} {wrapped}" if operator else wrapped
    joint = "AND" if len(found) > 1 or found[0][0] else found[0][1].joint
    return _Side(text.strip(), joint, terms=terms)


def _wrapped(side: _Side, *joints: str) -> str:
    return f"({side.text})" if side.joint in joints else side.text


def _split(parts: _Parts, operator: str) -> list[list[str | _Operand]]:
    groups: list[list[str | _Operand]] = [[]]
    for part in parts:
        if part == operator:
            groups.append([])
        else:
            groups[-1].append(part)
    return groups
