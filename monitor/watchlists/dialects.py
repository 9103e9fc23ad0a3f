"""Translate queries from the Nexis and Meltwater dialects into our query language.

What has the same meaning is translated; where meanings differ, a warning says how. What has no
counterpart is left out with a warning, never silently. The operators follow the vendors' own
documentation: LexisNexis, "Search connectors and commands"; Meltwater, "Boolean operators".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

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
_LEFT_OUT = "left-out:"
"""Stands before what is left out, until the operator beside it is left out too."""
_HEADLINE_AND_LEAD = "hlead:"
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
        between = f"NEAR/{min(int(number), MAX_DISTANCE)}"
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
            self.out.append(_LEFT_OUT)
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
        self.out.append(f"{_LEFT_OUT}{text}")
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
            self.out.append("AND NOT" if self.out and self.out[-1] != "(" else "NOT")
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
    ranked = _level(flat, writer.dialect)
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


def _in_phrases(writer: _Writer) -> list[str]:
    """Words separated only by a space: a phrase in Nexis, an AND of them in Meltwater."""
    out: list[str] = []
    for part in writer.out:
        bare = not (_OPERATORS.match(part) or part in ("(", ")") or part.endswith(":"))
        bare = bare and not part.startswith("ATLEAST/")
        before = out[-1] if out else ""
        follows = before and not (
            _OPERATORS.match(before) or before == "(" or before.startswith("ATLEAST/")
        )
        follows = follows and not before.endswith(":")
        if not follows or part == ")" or _OPERATORS.match(part):
            out.append(part)
        elif bare and writer.dialect is Dialect.NEXIS and before != ")":
            out[-1] = f'"{before.strip(chr(34))} {part.strip(chr(34))}"'
        else:
            writer.warn("terms with only a space between them are joined by AND")
            out += ["AND", part]
    return out


def _level(parts: list[str], dialect: Dialect) -> str:
    """The text with the parentheses that our language requires, innermost first."""
    open_ones: list[list[str]] = [[]]
    for part in parts:
        if part == "(":
            open_ones.append([])
            continue
        if part == ")":
            if len(open_ones) == 1:
                raise QueryError("a closing parenthesis without an opening one", hint="remove it")
            inner = open_ones.pop()
            part = (
                f"({_bound(kept, dialect)})" if (kept := _kept(inner)) or not inner else _LEFT_OUT
            )
        level = open_ones[-1]
        if level and level[-1] == _HEADLINE_AND_LEAD:
            level[-1] = f"(title:{part} OR lead:{part})"
        elif level and (level[-1].endswith(":") or re.fullmatch(r"ATLEAST/\d+", level[-1])):
            level[-1] += part
        else:
            level.append(part)
    if len(open_ones) > 1:
        raise QueryError("a parenthesis is not closed", hint="close it and import again")
    if not (kept := _kept(open_ones[0])) and open_ones[0]:
        raise QueryError("nothing of the query has a counterpart here")
    return _bound(kept, dialect)


def _kept(parts: list[str]) -> list[str]:
    """One level without what is left out and the operator that joins it."""
    out: list[str] = []
    skip = False
    for part in parts:
        operator = bool(_OPERATORS.match(part))
        if part.startswith(_LEFT_OUT):
            skip = not out
            if out and _OPERATORS.match(out[-1]):
                out.pop()
        elif not (skip and operator):
            out.append(part)
            skip = False
    return out


def _bound(parts: list[str], dialect: Dialect) -> str:
    """One level. Precedence in Nexis (https://help.lexisnexis.com): OR, distances, AND, AND NOT."""
    if dialect is Dialect.NEXIS:
        kept, *without = _split(parts, "AND NOT")
        return " AND NOT ".join([_all(kept), *(_wrapped(_all(one), one, "AND") for one in without)])
    sides = _split(parts, "OR")
    if len(sides) == 1:
        return " ".join(parts)
    return " OR ".join(_wrapped(" ".join(side), side, "AND", "AND NOT") for side in sides)


def _all(parts: list[str]) -> str:
    """Parts joined by AND and distances, where OR binds tightest."""
    out: list[str] = []
    operand: list[str] = []
    joined = any(part != "OR" and _OPERATORS.match(part) for part in parts)
    for part in (*parts, ""):
        if part and (part == "OR" or not _OPERATORS.match(part)):
            operand.append(part)
            continue
        text = " ".join(operand)
        out += [_wrapped(text, operand, "OR") if joined else text, part]
        operand = []
    return " ".join(filter(None, out))


def _wrapped(text: str, parts: list[str], *operators: str) -> str:
    return f"({text})" if any(operator in parts for operator in operators) else text


def _split(parts: list[str], operator: str) -> list[list[str]]:
    groups: list[list[str]] = [[]]
    for part in parts:
        if part == operator:
            groups.append([])
        else:
            groups[-1].append(part)
    return groups
