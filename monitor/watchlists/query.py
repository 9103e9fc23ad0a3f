"""Parse the query language into a tree, with a hand-written parser that can explain mistakes.

    query  := or
    or     := and ("OR" and)*              AND and OR mix at one level only with parentheses
    and    := near ("AND" ["NOT"] near)*
    near   := unit (("NEAR/"n | "ONEAR/"n | "NOT NEAR/"n) unit)*
    unit   := item ["^" weight]
    item   := term | "(" or ")" | field ":" unit | "ATLEAST/"n "(" or ")" | "@"list
    term   := word | word"*" | "a phrase" | ="AsTyped" | /regular expression/

A text of several lines without operators is a list of units, one per line. `@list` stands for a
list of terms that has a name and matches any of them. A line that begins with `# ` is a comment.
docs/query-language.md explains every operator.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple, NoReturn

from monitor.errors import QueryError
from monitor.watchlists import normalise, patterns, slips
from monitor.watchlists.tree import (
    FIELDS,
    KEYWORDS,
    MARKS,
    And,
    AtLeast,
    Field,
    Near,
    Node,
    NotNear,
    Or,
    Term,
    Weight,
    children_of,
    terms_of,
)

MAX_LENGTH = 200_000
"""Most characters of one query."""
MAX_DEPTH = 60
"""Deepest nesting of parentheses."""
MIN_PREFIX = 3
"""Fewest letters before a `*`: fewer would match half the dictionary."""
MAX_DISTANCE = 255
"""Most words between the sides of a NEAR; beyond that, AND is meant."""
MAX_WORDS = 255
"""Most words of one phrase: no text repeats more of another word for word than a paragraph, and
looking for one takes a time that grows with the square of its length."""
MENDS = 8
"""Most mistakes of one query that a correction mends; with more, none is proposed."""

_OPEN_QUOTES = '"\u201c\u201e\u00ab'
_CLOSE_QUOTES = '"\u201d\u201c\u00bb'
_INSIDE = r'(?<=[\u05d0-\u05ea])"(?=[\u05d0-\u05ea])'
"""A quotation mark inside a Hebrew word marks an acronym and opens or closes nothing."""
_LEXEME = re.compile(
    rf"""(?P<space>[\s\u200b{MARKS}]+)
    | (?P<comment>(?<![^\n])\#(?:[^\S\n][^\n]*)?(?![^\n]))
    | (?P<open>\() | (?P<close>\))
    | (?P<weight>\^[0-9]*\.?[0-9]*)
    | (?P<phrase>=?[{_OPEN_QUOTES}](?:[^{_CLOSE_QUOTES}]|{_INSIDE})*[{_CLOSE_QUOTES}])
    | (?P<unclosed>=?[{_OPEN_QUOTES}].*)
    | (?P<pattern>/(?:[^/\\\n]|\\.)+/)
    | (?P<list>@[\w-]*)
    | (?P<field>\w+:(?!\s*//))
    | (?P<word>(?:[{MARKS}]*(?:[^\s()^"\u201c\u201e\u201d\u00ab\u00bb\u200b{MARKS}]|{_INSIDE}))+)
    | (?P<stray>.)""",
    re.VERBOSE | re.DOTALL,
)
_OPERATOR = re.compile(r"[()]|\b(?:AND|OR|NOT)\b|\bO?NEAR/|\sO?NEAR\s|\bATLEAST/")
"""What no line of a plain list has."""
_HASHTAG = re.compile(r"#+[^#\s].*\b(?:AND|OR|NOT|O?NEAR)\b")
"""A line that begins with a hashtag and is no comment in a list."""
_QUOTATION = re.compile(rf"(?!{_INSIDE})[{_OPEN_QUOTES}{_CLOSE_QUOTES}]")
_SYNTAX = re.compile(rf"[()^\"“”„«»]|\b(?:AND|OR|NOT)\b|NEAR/|^(?:{'|'.join(FIELDS)}):\s*\S")
"""A line of a plain list is one term as it stands, unless it has this."""
_PATTERN = re.compile(r"/(?:[^/\\\n]|\\.)+/$")
_PLAIN = re.compile(r"[A-Za-z0-9]")
_NEAR = re.compile(r"(O?NEAR|ATLEAST)(?:/(\d*|-\d+|[^\W\d]\w*))?$")
_OPERATOR_LIKE = re.compile(r"(and|or|not|o?near/\d+)$", re.IGNORECASE)
_TRUNCATED = re.compile(rf"(?<!\w)(\w{{{MIN_PREFIX},}})[!?]\w*$")
"""What Nexis and others write for a word with another ending or letter."""
_ONE_UNKNOWN = re.compile(r"[\w-]*\w[!?][\w!?-]*\w[!?*]*$")
"""A letter left open within a word; an address with a question mark has other signs as well."""
_COUNT_LIKE = re.compile(r"(?:atl|atleast)/?(\d+)$", re.IGNORECASE)
_NUMBER_BEHIND = re.compile(
    rf"\s*(?:/\s*)?(?:\((?P<inside>\d{{1,3}})\)|(?P<bare>\d{{1,3}})(?=[\s({_OPEN_QUOTES}]))"
)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][^\W_]+)*\*?$")
_BRACKETS = str.maketrans("[]{}", "()()")
_COMMAS = ",;\uff0c\uff1b\u3001"
_LISTED = re.compile(rf"(?<=[^\W\d_])[{_COMMAS}](?=[^\W\d_])")
"""A comma between two words; between digits it belongs to a number."""
_ENDS_IN_OPERATOR = re.compile(
    rf"(?P<inside>[^{_OPEN_QUOTES}]*?\S)\s+(?P<operator>AND NOT|AND|OR|(?:NOT )?O?NEAR/\d+)\s*$"
)
CALLED = {
    "headline": "title",
    "heading": "title",
    "ingress": "lead",
    "text": "body",
    "content": "body",
    "byline": "author",
    "publication": "source",
    "sourcename": "source",
    "language": "lang",
    "domain": "url",
    "site": "url",
    "link": "url",
    "tags": "tag",
    "keyword": "tag",
    "keywords": "tag",
}
"""What others call our fields."""
_CODES = {"hd": "title", "hl": "title", "hlp": "lead", "by": "author", "sn": "source", "la": "lang"}
"""What Factiva calls them, with an equals sign behind."""
_ASSIGNED = re.compile(rf"({'|'.join([*FIELDS, *CALLED, *_CODES])})=", re.IGNORECASE)


class _Lexeme(NamedTuple):
    kind: str
    text: str
    start: int
    end: int


_END = "end"


Lists = Mapping[str, Node]
"""Named lists of terms: what `@name` stands for."""
NO_LISTS: Lists = MappingProxyType({})


@lru_cache(maxsize=16_384)
def _leaf(text: str, exact: bool) -> Term:
    """The same object for the same term: terms are then compared by identity, and what is found
    of one in an article serves all queries that name it."""
    return Term(text, exact)


class _MistakeError(QueryError):
    """A mistake with possible corrections, not yet tried, likeliest first."""

    fixes: Sequence[str] = ()


def _has_word(text: str) -> bool:
    # For most terms a quick look finds a word; the others are read as an article is.
    return bool(_PLAIN.search(text)) or any(chunk.pieces for _, chunk in normalise.chunks(text))


def parse(text: str, lists: Lists = NO_LISTS) -> Node:
    """The tree of a query; `@name` stands for one of `lists`.

    Raises QueryError with line, column, the place marked, and a corrected text if there is one.
    """
    alone = "@" not in text
    return _corrected(_read_alone if alone else lambda written: _read(written, lists), text)


def _corrected(read: Callable[[str], Node], text: str) -> Node:
    """The result of `read`; on a mistake, the error offers only corrections that `read` accepts."""
    try:
        return read(text)
    except _MistakeError as error:
        mended = dict.fromkeys(filter(None, (_mended(read, fix) for fix in error.fixes)))
        written = ", or: ".join(fix.strip() for fix in mended)
        hints = (f"write: {written}" if written else "", error.hint)
        raise QueryError(
            error.what,
            line=error.line,
            column=error.column,
            place=error.place,
            hint="; ".join(filter(None, hints)),
        ) from None


def _mended(read: Callable[[str], Node], text: str) -> str | None:
    """The text, corrected further until `read` accepts it; None if it never does."""
    for _ in range(MENDS):
        try:
            read(text)
        except _MistakeError as error:
            text = next(iter(error.fixes), "")
        except QueryError:
            return None
        else:
            return text
    return None


def _read(text: str, lists: Lists) -> Node:
    if len(text) > MAX_LENGTH:
        raise QueryError(f"the query is longer than {MAX_LENGTH} characters")
    lines = _list_of_terms(text, lists)
    if lines:
        return Or(tuple(lines)) if len(lines) > 1 else lines[0]
    return _Parser(text, lists).parse()


@lru_cache(maxsize=1024)
def _read_alone(text: str) -> Node:
    """Parse a query that names no list; cached, as checking settings and matching read the same."""
    return _read(text, NO_LISTS)


def _list_of_terms(text: str, lists: Lists) -> list[Node]:
    """The lines of a plain list as trees; empty when the text is not such a list."""
    places: list[tuple[int, int]] = []
    at = several = 0
    for raw in text.splitlines(keepends=True):
        line = raw.strip()
        several += bool(line)
        if _HASHTAG.match(line):
            return []
        if line and not line.startswith("#"):
            if not _PATTERN.match(line) and (
                _OPERATOR.search(line) or len(_QUOTATION.findall(line)) % 2
            ):
                return []
            start = at + raw.index(line)
            places.append((start, start + len(line)))
        at += len(raw)
    return [_Parser(text, lists, place).line() for place in places] if several > 1 else []


def parse_list(text: str) -> Node:
    """The terms of a named list: one per line, written as in a query or bare; `#` begins a note.

    Raises QueryError with the line of the list.
    """
    terms: list[Node] = []
    for number, line in enumerate(text.splitlines(), 1):
        written = line.strip()
        if not written or written.startswith("#"):
            continue
        try:
            terms.append(_corrected(_term_of_list, written))
        except QueryError as error:
            error.line, error.where = number, f"line {number}, column {error.column}"
            raise
    if not terms:
        raise QueryError("the list is empty", hint="write one term on each line")
    return Or(tuple(terms)) if len(terms) > 1 else terms[0]


def _term_of_list(line: str) -> Node:
    parser = _Parser(line)
    plain = _PATTERN.match(line) or not (_SYNTAX.search(line) or line.startswith("@"))
    node = parser.line() if plain else parser.parse()
    if not isinstance(node, Term):
        parser.fail("a list holds one term on each line", parser.lexemes[0], "no operators")
    return node


def lists_named(text: str) -> tuple[str, ...]:
    """Names of the lists that a query may use, each once: possibly too many, never too few."""
    return tuple(dict.fromkeys(re.findall(r"@([\w-]+)", text)))


def _number(digits: str | None) -> int:
    """A number as typed; of one that is too long for `int` only that it is large, and of what is
    no number, 0."""
    return int(digits.lstrip("0")[:9] or 0) if digits and digits.isdecimal() else 0


class _Parser:
    """One pass over one text, or over one line of it."""

    def __init__(
        self, text: str, lists: Lists = NO_LISTS, part: tuple[int, int] | None = None
    ) -> None:
        self.text = text
        self.lists = lists
        self.part = part or (0, len(text))
        self.lexemes = [
            _Lexeme(str(found.lastgroup), found.group(), found.start(), found.end())
            for found in _LEXEME.finditer(text, *self.part)
            if found.lastgroup not in ("space", "comment")
        ]
        self.lexemes.append(_Lexeme(_END, "", self.part[1], self.part[1]))
        self.at = 0
        self.depth = 0

    # ------------------------------------------------------------- the grammar

    def parse(self) -> Node:
        if self.next.kind == _END:
            self.fail("the query is empty", self.next, hint="write at least one word")
        node = self.either()
        if self.next.kind == "close":
            self.fail("this parenthesis closes nothing", self.next, self.without(self.next))
        return node

    def either(self) -> Node:
        """or := and ("OR" and)*"""
        begins = [self.at]
        nodes = [self.all_of()]
        while self.accept("OR"):
            begins.append(self.at)
            nodes.append(self.all_of())
        if len(nodes) == 1:
            return nodes[0]
        if any(isinstance(node, And) for node in nodes):
            self.check_mixed(begins)
        return Or(tuple(nodes))

    def all_of(self) -> Node:
        """and := near ("AND" ["NOT"] near)*"""
        if self.is_word("NOT"):
            self.fail_negative()
        kept, without = [self.near()], list[Node]()
        while True:
            if self.accept("AND"):
                (without if self.accept("NOT") else kept).append(self.near())
            elif self.is_word("NOT"):
                self.fail_not()
            else:
                break
        self.expect_operator()
        return And(tuple(kept), tuple(without)) if without or len(kept) > 1 else kept[0]

    def near(self) -> Node:
        """near := unit (("NEAR/"n | "ONEAR/"n | "NOT NEAR/"n) unit)*"""
        node = self.unit()
        length = 0
        while operator := self.accept_near():
            name, distance, place = operator
            length += 1
            if length > MAX_DEPTH:
                self.fail(f"more than {MAX_DEPTH} NEARs in a row", place)
            right = self.unit()
            for side in (node, right):
                self.check_near_side(side, place)
            if name == "NOT NEAR":
                node = NotNear(node, right, distance)
            else:
                node = Near(node, right, distance, ordered=name == "ONEAR")
        return node

    def unit(self) -> Node:
        """unit := item ["^" weight]"""
        node = self.item()
        if self.next.kind == "weight":
            lexeme = self.take()
            node = Weight(node, self.weight(lexeme))
        return node

    def item(self) -> Node:
        lexeme = self.take()
        match lexeme.kind:
            case "word":
                return self.word(lexeme)
            case "phrase":
                return self.phrase(lexeme)
            case "open":
                return self.group(lexeme)
            case "field":
                return self.field(lexeme)
            case "pattern":
                return self.pattern(lexeme)
            case "list":
                return self.named(lexeme)
        return self.fail_item(lexeme)

    def group(self, opened: _Lexeme) -> Node:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail(f"more than {MAX_DEPTH} parentheses inside each other", opened)
        if self.next.kind == "close":
            both = opened._replace(end=self.next.end)
            hint = "write a term between them, or leave them out"
            self.fail("nothing stands between these parentheses", both, hint=hint)
        node = self.either()
        if self.next.kind != "close":
            self.fail("this parenthesis is not closed", opened, f"{self.text.rstrip()})")
        self.take()
        self.depth -= 1
        return node

    def phrase(self, lexeme: _Lexeme) -> Node:
        exact = lexeme.text.startswith("=")
        begins = 2 if exact else 1
        return self.term(lexeme.text[begins:-1], lexeme.start + begins, exact=exact)

    def pattern(self, lexeme: _Lexeme) -> Node:
        text = lexeme.text[1:-1]
        if flaw := patterns.flaw(text):
            what, place, hint = flaw
            start = lexeme.start + 1 + place
            self.fail(what, _Lexeme("pattern", "", start, lexeme.end), hint=hint)
        return Term(text, pattern=True)

    def named(self, lexeme: _Lexeme) -> Node:
        """A list by its name."""
        name = lexeme.text[1:]
        if name not in self.lists:
            near = difflib.get_close_matches(name, self.lists, 1)
            fixes = [self.instead(lexeme, f"@{one}") for one in near]
            hint = f"write its terms into lists/{name or 'NAME'}.txt, one on each line"
            if self.lists:
                hint = "" if fixes else f"lists are {', '.join(sorted(self.lists))}"
            self.fail(f"there is no list {name!r}", lexeme, *fixes, hint=hint)
        return self.lists[name]

    def field(self, lexeme: _Lexeme) -> Node:
        name = lexeme.text[:-1]
        if name not in FIELDS:
            called = CALLED.get(name.lower())
            near = [called] if called else difflib.get_close_matches(name.lower(), FIELDS, 1, 0.7)
            end = self.next.end if self.next.start == lexeme.end else lexeme.end
            fixes = [self.instead(lexeme, f"{one}:") for one in near] or [
                f'{self.text[: lexeme.start]}"{self.text[lexeme.start : end]}"{self.text[end:]}'
            ]
            known = f"fields are {', '.join(FIELDS)}"
            self.fail(f"there is no field {name!r}", lexeme, *fixes, hint=known)
        if self.next.kind == "field":
            self.fail("a field stands inside a field", self.next, self.without(self.next))
        node = self.unit()
        if name == "lang":
            self.check_language(node, lexeme)
        return Field(name, node)

    def word(self, lexeme: _Lexeme) -> Node:
        operator = _NEAR.match(lexeme.text)
        if operator and operator.group(1) == "ATLEAST":
            return self.at_least(lexeme, operator.group(2))
        if lexeme.text == "NOT":
            twice = self.at > 1 and self.lexemes[self.at - 2].text == "NOT"
            fixes = (self.without(lexeme),) if twice else self.not_near()
            self.fail("NOT cannot stand here", lexeme, *fixes, hint="use AND NOT")
        if lexeme.text in KEYWORDS or operator:
            self.fail(f"{lexeme.text} needs a word before it", lexeme, self.without(lexeme))
        if lexeme.text.startswith("="):
            if lexeme.text == "=" and self.next.kind == "phrase":
                fix = self.instead(lexeme._replace(end=self.next.start), "=")
            else:
                fix = self.instead(lexeme, f'="{lexeme.text[1:]}"')
            self.fail("= stands before a quoted term", lexeme, fix)
        if self.next.kind == "open" and (count := _COUNT_LIKE.match(lexeme.text)):
            fix = self.instead(lexeme, f"ATLEAST/{count.group(1)}")
            self.fail("ATLEAST is written with a slash and in capitals", lexeme, fix)
        if stem := _TRUNCATED.search(lexeme.text):
            fix = self.instead(lexeme, f"{lexeme.text[: stem.end(1)]}*")
            quoted = self.instead(lexeme, f'"{lexeme.text}"')
            self.fail("! and ? stand for no letters here", lexeme, fix, quoted)
        if _ONE_UNKNOWN.match(lexeme.text):
            hint = "write out the words that are meant"
            self.fail("! and ? stand for no letters here", lexeme, hint=hint)
        self.check_signs(lexeme)
        return self.term(lexeme.text, lexeme.start)

    def at_least(self, lexeme: _Lexeme, number: str | None) -> Node:
        example = "as in ATLEAST/3(drone OR UAV)"
        count = _number(number)
        if not 1 <= count <= MAX_LENGTH:
            fix = self.instead(lexeme, "ATLEAST/2")
            self.fail("ATLEAST needs a number", lexeme, fix, hint=example)
        if self.next.kind != "open":
            single = self.next.kind in ("word", "phrase") and self.next.text not in KEYWORDS
            fixes = [self.instead(self.next, f"({self.next.text})")] if single else []
            self.fail("ATLEAST needs parentheses", self.next, *fixes, hint=example)
        return AtLeast(count, self.group(self.take()))

    def line(self) -> Node:
        """The one line of a list that is read."""
        start, end = self.part
        text = self.text[start:end]
        if _PATTERN.match(text):
            return self.pattern(_Lexeme("pattern", text, start, end))
        if re.fullmatch(r"@[\w-]*", text):
            return self.named(_Lexeme("list", text, start, end))
        if _SYNTAX.search(text):
            node = self.unit()
            self.expect_operator()
            return node
        if note := re.search(r"(?<!\s)\s+#\s.*", text):
            place = _Lexeme("note", note.group(), start + note.start(), end)
            self.fail("a comment needs a line of its own", place, self.without(place))
        return self.term(text, start)

    def term(self, text: str, start: int, *, exact: bool = False) -> Term:
        """One leaf, checked; `start` is its place in the query."""
        lexeme = _Lexeme("term", text, start, start + len(text))
        text = " ".join(text.split())
        if not exact and "*" in text:
            self.check_stars(text, lexeme)
        if not _has_word(text):
            self.fail("there is no word in this term", lexeme, hint="use letters or digits")
        self.check_length(text, lexeme)
        return _leaf(text, exact)

    # -------------------------------------------------------------- lexemes

    @property
    def next(self) -> _Lexeme:
        return self.lexemes[self.at]

    def take(self) -> _Lexeme:
        lexeme = self.next
        self.at = min(self.at + 1, len(self.lexemes) - 1)
        return lexeme

    def is_word(self, word: str) -> bool:
        return self.next.kind == "word" and self.next.text == word

    def accept(self, word: str) -> bool:
        found = self.is_word(word)
        if found:
            self.take()
        return found

    def accept_near(self) -> tuple[str, int, _Lexeme] | None:
        """NEAR/n, ONEAR/n or NOT NEAR/n, if it comes next."""
        if self.next.kind != "word":
            return None
        ahead = self.lexemes[self.at : self.at + 2]
        negative = self.is_word("NOT")
        lexeme = ahead[-1] if negative else ahead[0]
        found = _NEAR.match(lexeme.text) if lexeme.kind == "word" else None
        if not found or found.group(1) == "ATLEAST":
            return None
        distance = _number(found.group(2))
        if not (found.group(2) or "").isdecimal() or distance > MAX_DISTANCE:
            self.fail_distance(lexeme, found.group(1), distance)
        if negative and found.group(1) == "ONEAR":
            fix = self.instead(lexeme, f"NEAR/{distance}")
            self.fail("NOT goes with NEAR, not with ONEAR", lexeme, fix)
        self.at += 2 if negative else 1
        return ("NOT NEAR" if negative else found.group(1)), distance, lexeme

    def weight(self, lexeme: _Lexeme) -> float:
        """The number of a weight that was taken."""
        try:
            factor = float(lexeme.text[1:])
        except ValueError:
            factor = -1
        behind = self.next.text if self.next.start == lexeme.end else ""
        if not 0 <= factor <= 100 or re.match(r",\d", behind):
            self.fail_weight(lexeme, factor)
        return factor

    # --------------------------------------------------------------- checks

    def check_signs(self, lexeme: _Lexeme) -> None:
        """Refuse what looks like syntax but is none: it would be searched for as words."""
        text = lexeme.text
        if text[0] in "[{" or text[-1] in "]}":
            self.fail("only ( and ) make a group", lexeme, self.in_parentheses())
        if named := _ASSIGNED.match(text):
            name = named.group(1).lower()
            name = {**CALLED, **_CODES}.get(name, name)
            fix = self.instead(lexeme, f"{name}:{text[named.end() :]}")
            self.fail("a colon stands behind the name of a field", lexeme, fix)
        if text[0] == "/" and len(text) > 1:
            self.fail(
                "this regular expression is not closed", lexeme, self.instead(lexeme, f"{text}/")
            )
        if fuzzy := re.fullmatch(r"(.*\w)?~\d*", text):
            fixes = [self.instead(lexeme, fuzzy.group(1))] if fuzzy.group(1) else []
            hint = "write NEAR/5 between two terms"
            self.fail("~ is no operator", lexeme, *fixes, hint=hint)
        if re.match(r"[-!]\w", text):
            before = self.lexemes[self.at - 2].text if self.at > 1 else ""
            bare = {"AND": f"NOT {text[1:]}", "NOT": text[1:]}
            fixes = [self.instead(lexeme, bare[before])] if before in bare else []
            self.fail(f"{text[0]} is no operator", lexeme, *fixes, hint="use AND NOT")
        if _LISTED.search(text):
            listed = _LISTED.sub(" OR ", text)
            alone = len(self.lexemes) == 2  # the word and the end
            fix = self.instead(lexeme, listed if alone else f"({listed})")
            self.fail("a comma is not an operator", lexeme, fix, self.instead(lexeme, f'"{text}"'))

    def check_stars(self, text: str, lexeme: _Lexeme) -> None:
        for word in text.split():
            if "*" not in word:
                continue
            stem = word.rstrip("*")
            if not stem or "*" in stem:
                begin = stem.lstrip("*").partition("*")[0]  # wom*n: wom*
                fix = self.instead(lexeme, lexeme.text.replace(word, begin and f"{begin}*", 1))
                hint = "write out the words that are meant" if len(begin) < MIN_PREFIX else ""
                self.fail("* may stand only at the end of a word", lexeme, fix, hint=hint)
            if sum(map(str.isalnum, stem)) < MIN_PREFIX:
                whole = self.instead(lexeme, lexeme.text.replace(word, stem, 1))
                fixes = [whole] if normalise.is_spaceless(stem) else []
                hint = "" if fixes else "write out the words that are meant"
                what = f"a prefix needs {MIN_PREFIX} letters before the *"
                self.fail(what, lexeme, *fixes, hint=hint)

    def check_length(self, text: str, lexeme: _Lexeme) -> None:
        if len(text) <= MAX_WORDS:  # hardly any term needs its words counted
            return
        words = sum(len(chunk.pieces) for _, chunk in normalise.chunks(text))
        if words > MAX_WORDS:
            hint = "look for a sentence of it, or for several parts joined by AND"
            self.fail(f"a phrase of {words} words; {MAX_WORDS} are possible", lexeme, hint=hint)

    def check_near_side(self, node: Node, place: _Lexeme) -> None:
        """Refuse a side of a NEAR that has no place in the text: an AND, a count, another field."""
        inner = node.child if isinstance(node, Weight) else node
        if isinstance(inner, And | AtLeast | Field):
            hint = 'as in (drone OR UAV) NEAR/5 (strike OR "air defence")'
            self.fail("NEAR joins words, phrases and groups of them with OR", place, hint=hint)
        if isinstance(inner, Or):
            for child in children_of(inner):
                self.check_near_side(child, place)

    def check_language(self, node: Node, field: _Lexeme) -> None:
        """Refuse what is no tag (RFC 5646): no article's language is ever "french"."""
        place = field._replace(end=self.lexemes[self.at - 1].end)
        for term in terms_of(node):
            if not term.pattern and not _LANGUAGE.match(term.text):
                hint = "write its code, as in lang:fr"
                self.fail(f"{term.text!r} is not a language", place, hint=hint)

    def check_mixed(self, begins: Sequence[int]) -> None:
        """Refuse an OR of which a side, beginning at one of these lexemes, is an AND outside all
        parentheses. The correction puts such sides into parentheses and leaves the rest as it is
        written, so that a list keeps its name."""
        sides = list(zip(begins, [*(begin - 1 for begin in begins[1:]), self.at], strict=True))
        mixed = [side for side in sides if self.unwrapped_and(*side)]
        if not mixed:
            return
        corrected, at = "", 0
        for begin, end in mixed:
            first, last = self.lexemes[begin].start, self.lexemes[end - 1].end
            corrected += f"{self.text[at:first]}({self.text[first:last]})"
            at = last
        corrected += self.text[at:]
        what = "AND and OR stand at one level; say which goes first"
        self.fail(what, self.lexemes[begins[0]], corrected)

    def unwrapped_and(self, begin: int, end: int) -> bool:
        """Whether there is an AND among these lexemes, outside all parentheses."""
        depth = 0
        for lexeme in self.lexemes[begin:end]:
            depth += (lexeme.kind == "open") - (lexeme.kind == "close")
            if depth == 0 and lexeme.kind == "word" and lexeme.text == "AND":
                return True
        return False

    def expect_operator(self) -> None:
        """Require an operator or an end after a unit: a bare space is not an operator."""
        lexeme = self.next
        if lexeme.kind in (_END, "close") or self.is_word("OR"):
            return
        if lexeme.kind == "weight":
            self.fail("a weight stands right after a term", lexeme, self.without(lexeme))
        if lexeme.kind in ("unclosed", "stray"):
            self.fail_item(lexeme)
        before = self.lexemes[self.at - 1]
        if re.fullmatch(r"\s#\s?", self.text[max(0, lexeme.start - 1) : lexeme.end + 1]):
            note = self.text[lexeme.start :].split("\n", 1)[0]
            place = lexeme._replace(end=lexeme.start + len(note))
            fix = self.instead(place._replace(start=before.end), "")
            self.fail("a comment needs a line of its own", place, fix)
        if before.text in FIELDS and lexeme.text.startswith(":"):
            fix = self.instead(lexeme._replace(start=before.end), lexeme.text)
            self.fail("a colon stands right behind the name of a field", lexeme, fix)
        if before.kind == "word" and before.text.upper() == "NOT":
            what = "operators are written in capitals"
            self.fail(what, before, self.instead(before, "NOT"))
        if lexeme.kind == "word" and _OPERATOR_LIKE.match(lexeme.text):
            capital = self.instead(lexeme, lexeme.text.upper())
            self.fail("operators are written in capitals", lexeme, capital)
        if before.kind == "phrase" and (inside := _ENDS_IN_OPERATOR.match(before.text[1:-1])):
            fix = self.instead(before, f'"{inside["inside"]}" {inside["operator"]} "')
            self.fail("a quotation mark is missing or one too many", before, fix)
        between = "line break" if self.after_break(self.at) else "space"
        self.fail(f"two terms with only a {between} between", lexeme, *self.meant(lexeme))

    # --------------------------------------------------------------- mistakes

    def fail(self, what: str, lexeme: _Lexeme, *fixes: str, hint: str = "") -> NoReturn:
        """Raise the mistake, showing the line of the query with the place marked below it.
        `fixes`: whole texts that may be meant."""
        before = self.text[: lexeme.start]
        line = before.count("\n") + 1
        column = lexeme.start - (before.rfind("\n") + 1) + 1
        shown = (self.text.split("\n") or [""])[line - 1]
        from_ = max(0, column - 60)
        window = shown[from_ : column + 60]
        width = max(1, min(lexeme.end - lexeme.start, len(window) - (column - 1 - from_)))
        place = f"{window}\n{' ' * (column - 1 - from_)}{'^' * width}"
        mistake = _MistakeError(what, line=line, column=column, place=place, hint=hint)
        mistake.fixes = fixes
        raise mistake

    def fail_not(self) -> NoReturn:
        lexeme, behind = self.lexemes[self.at : self.at + 2]
        distance = slips.distance(behind.text) if behind.kind == "word" else None
        if distance and not distance[1]:
            fix = self.instead(behind, f"NEAR/{distance[0].partition('/')[2]}")
            self.fail("NOT NEAR is written with a slash and in capitals", behind, fix)
        self.fail("NOT needs AND before it", lexeme, self.inserted("AND"))

    def fail_weight(self, lexeme: _Lexeme, factor: float) -> NoReturn:
        adjacent = self.next.kind == "word" and self.next.start == lexeme.end
        operator = adjacent and self.next.text in KEYWORDS
        whole = lexeme._replace(end=self.next.end) if adjacent and not operator else lexeme
        if factor > 100:
            fix = self.instead(lexeme, "^100")
        elif factor >= 0:  # ^0,5
            fix = self.instead(whole, self.text[whole.start : whole.end].replace(",", "."))
        else:
            fix = self.instead(lexeme, " ") if operator else self.without(whole)
        self.fail("a weight is a number from 0 to 100, as in NATO^2", whole, fix)

    def fail_distance(self, lexeme: _Lexeme, name: str, distance: int) -> NoReturn:
        if distance > MAX_DISTANCE:
            fix = self.instead(lexeme, f"{name}/{MAX_DISTANCE}")
        elif lexeme.text != name and not lexeme.text.endswith("/"):  # NEAR/five, NEAR/-1
            fix = self.instead(lexeme, f"{name}/5")
        else:
            fix = self.with_distance(lexeme, name)
        self.fail(f"NEAR needs a distance up to {MAX_DISTANCE}", lexeme, fix)

    def with_distance(self, lexeme: _Lexeme, name: str) -> str:
        """The text with NEAR for a lexeme and the number behind it; 5 if there is none."""
        behind = _NUMBER_BEHIND.match(self.text, lexeme.end)
        if not behind:
            return self.instead(lexeme, f"{name}/5")
        space = "" if self.text[behind.end() :][:1].isspace() else " "
        place = lexeme._replace(end=behind.end())
        return self.instead(place, f"{name}/{behind['inside'] or behind['bare']}{space}")

    def not_near(self) -> tuple[str, ...]:
        """The correction for the NOT that was read, if it stands behind a NEAR: before it."""
        if self.at < 3:
            return ()
        before, near, misplaced = self.lexemes[self.at - 3 : self.at]
        if near.kind != "word" or not near.text.startswith("NEAR/") or before.text == "NOT":
            return ()
        return (f"{self.text[: near.start]}NOT {near.text}{self.text[misplaced.end :]}",)

    def fail_negative(self) -> NoReturn:
        lexeme = self.next
        before = self.lexemes[self.at - 1] if self.at else None
        if before is not None and before.text == "OR":
            fix = self.instead(before, "AND")
            self.fail("OR NOT would match nearly everything", lexeme, fix, hint="use AND NOT")
        fixes = filter(None, (self.turned(),))
        example = 'begin with what you look for, as in drone AND NOT "drone show"'
        what = "a query of NOT alone would match nearly everything"
        self.fail(what, lexeme, *fixes, hint=example)

    def turned(self) -> str:
        """The text with the NOT at its beginning, or at that of a group, behind the rest of its
        AND, or before a group that is nothing but this NOT; empty if there is neither."""
        opened, operator = self.lexemes[self.at - 1], self.lexemes[self.at - 2]
        start = self.take()
        try:
            negated = self.next
            self.near()
            end = self.lexemes[self.at - 1].end
            if self.next.kind == "close" and opened.kind == "open" and operator.text == "AND":
                return f"{self.text[: opened.start]}NOT ({self.text[negated.start :]}"
            if not self.accept("AND") or self.is_word("NOT"):
                return ""
            rest = self.next
            self.all_of()
        except _MistakeError:
            return ""
        last = self.lexemes[self.at - 1].end
        positive, negative = self.text[rest.start : last], self.text[negated.start : end]
        return f"{self.text[: start.start]}{positive} AND NOT {negative}{self.text[last:]}"

    def fail_item(self, lexeme: _Lexeme) -> NoReturn:
        messages = {
            "unclosed": ("this quotation mark is not closed", self.closed(lexeme)),
            "close": ("this parenthesis closes nothing", self.without(lexeme)),
            "weight": ("a weight stands right after a term", self.without(lexeme)),
            _END: ("the query ends where a term should stand", self.shortened()),
        }
        what, fix = messages.get(lexeme.kind, ("this cannot stand here", self.without(lexeme)))
        self.fail(what, lexeme, fix)

    def instead(self, lexeme: _Lexeme, written: str) -> str:
        return f"{self.text[: lexeme.start]}{written}{self.text[lexeme.end :]}"

    def in_parentheses(self) -> str:
        """The text with ( and ) for the brackets around its words, not for those inside of phrases
        and regular expressions."""
        written = list(self.text)
        for one in self.lexemes:
            if one.kind == "word":
                inner = one.text.lstrip("[{").rstrip("]}")
                begin = one.text.find(inner)
                before, after = one.text[:begin], one.text[begin + len(inner) :]
                mended = f"{before.translate(_BRACKETS)}{inner}{after.translate(_BRACKETS)}"
                written[one.start : one.end] = mended
        return "".join(written)

    def without(self, lexeme: _Lexeme) -> str:
        before, after = self.text[: lexeme.start], self.text[lexeme.end :]
        return f"{before}{after.lstrip(' ') if before[-1:].isspace() else after}".strip()

    def closed(self, lexeme: _Lexeme) -> str:
        """The text with the quotation mark closed at the end of its line, or opened before the
        word that it follows."""
        before = self.lexemes[max(0, self.lexemes.index(lexeme) - 1)]
        if before.kind == "word" and before.end == lexeme.start:
            return f'{self.text[: before.start]}"{self.text[before.start :]}'
        line, *others = self.text[lexeme.start :].split("\n", 1)
        rest = "".join(f"\n{other}" for other in others)
        return f'{self.text[: lexeme.start]}{line.rstrip()}"{rest}'.rstrip()

    def inserted(self, word: str) -> str:
        before, after = self.text[: self.next.start], self.text[self.next.start :]
        space = "" if before[-1:].isspace() else " "
        return f"{before}{space}{word} {after}"

    def shortened(self) -> str:
        last = next((x for x in reversed(self.lexemes) if x.kind != _END), None)
        return self.text[: last.start].strip() if last else ""

    def meant(self, lexeme: _Lexeme) -> tuple[str, ...]:
        """Corrections for a second term where an operator is expected, likeliest first."""
        if self.after_break(self.at):
            return self.inserted("OR"), self.inserted("AND")
        before, behind = self.lexemes[self.at - 1], self.lexemes[self.at + 1]
        if fix := self.separated(before, lexeme, behind):
            return (fix, *self.as_name(before, lexeme))
        if lexeme.kind != "word":
            return (self.inserted("AND"),)
        if lexeme.start == before.end and (fix := self.suffixed(before, lexeme)):
            return (fix,)
        if lexeme.text == "BUT" and behind.text == "NOT":
            return (self.instead(lexeme, "AND"),)
        if operator := slips.between(lexeme.text):
            return (self.instead(lexeme, operator), *self.joined()[:1])
        if lexeme.text in slips.BARE_NEAR:  # words, too: they may be part of a phrase
            name = "NEAR" if lexeme.text[0] in "nwW" else "ONEAR"
            return (self.with_distance(lexeme, name), *self.joined()[:1])
        if found := slips.distance(lexeme.text):
            fix = self.instead(lexeme, f"{found[0]} {found[1]}".rstrip())
            return fix, *(() if found[1] else self.joined()[:1])
        if re.match(r"[-!][\w=@/]", lexeme.text) or (
            lexeme.text in ("-", "!") and behind.start == lexeme.end
        ):
            return (self.instead(lexeme, f"AND NOT {lexeme.text[1:]}"),)
        if re.match(r"\+[\w=@/]", lexeme.text):
            return (self.instead(lexeme, f"AND {lexeme.text[1:]}"),)
        return self.joined()

    def separated(self, before: _Lexeme, lexeme: _Lexeme, behind: _Lexeme) -> str:
        """The text with an operator for a comma or colon before or behind a lexeme; empty if there
        is none."""
        if before.text[-1] in _COMMAS and before.kind == "word":
            return self.instead(before, f"{before.text[:-1]} OR")
        if lexeme.text.strip(_COMMAS) in KEYWORDS:
            return self.instead(lexeme, lexeme.text.strip(_COMMAS))
        if lexeme.text[0] in _COMMAS:
            comma = lexeme._replace(start=before.end, end=lexeme.start + 1)
            return self.instead(comma, " OR" if self.text[comma.end :][:1].isspace() else " OR ")
        if lexeme.text in ("NEAR:", "ONEAR:") and behind.text.isdecimal():
            near = lexeme._replace(end=behind.end)
            return self.instead(near, f"{lexeme.text[:-1]}/{behind.text}")
        return ""

    def as_name(self, before: _Lexeme, lexeme: _Lexeme) -> Iterator[str]:
        """The text with two words and a comma between them as a phrase, "Kyiv, Ukraine"; nothing
        for a list of more."""
        more = self.is_bare(self.at + 1) or (self.at > 1 and self.is_bare(self.at - 2))
        if (
            before.text[-1] == ","
            and self.is_bare(self.at - 1)
            and self.is_bare(self.at)
            and not more
        ):
            both = lexeme._replace(start=before.start)
            yield self.instead(both, f'"{self.text[both.start : both.end]}"')

    def suffixed(self, before: _Lexeme, lexeme: _Lexeme) -> str:
        """The text with what is written right behind a pattern or a phrase as it is meant
        elsewhere, /frigate/i and "air defence"~5; empty if it is something else."""
        both = lexeme._replace(start=before.start)
        if before.kind == "pattern" and re.fullmatch("[gimsu]+", lexeme.text):
            flags = "".join(flag for flag in "ims" if flag in lexeme.text)
            return self.instead(both, f"/{f'(?{flags})' if flags else ''}{before.text[1:]}")
        words = before.text[1:-1].split()
        if before.kind == "phrase" and re.fullmatch(r"~\d{1,3}", lexeme.text) and len(words) > 1:
            return self.instead(both, f"({f' NEAR/{lexeme.text[1:]} '.join(words)})")
        return ""

    def joined(self) -> tuple[str, ...]:
        """Corrections for bare words side by side, which are most often meant as a phrase."""
        first = last = self.at
        while first > 0 and self.is_bare(first - 1) and not self.after_break(first):
            first -= 1
        while self.is_bare(last + 1) and not self.after_break(last + 1):
            last += 1
        if first == self.at or not self.is_bare(self.at):
            return (self.inserted("AND"),)
        start, end = self.lexemes[first].start, self.lexemes[last].end
        words = self.text[start:end]
        if self.lexemes[last + 1].kind == "unclosed" and self.lexemes[last + 1].start == end:
            return (f'{self.text[:start]}"{self.text[start:]}',)  # type 26" OR frigate
        parts = [part.strip().rstrip(_COMMAS) for part in re.split(rf"[{_COMMAS}](?=\s)", words)]
        if len(listed := [part for part in parts if part]) > 1:
            quoted = [f'"{part}"' if re.search(r"\s", part) else part for part in listed]
            return (f"{self.text[:start]}{' OR '.join(quoted)}{self.text[end:]}",)
        single = len(words) > 2 and words[0] in "'‘‚" and words[-1] in "'’‘"
        phrase = f'{self.text[:start]}"{words[1:-1] if single else words}"{self.text[end:]}'
        return (phrase,) if single else (phrase, self.inserted("AND"))

    def after_break(self, index: int) -> bool:
        """Whether a lexeme begins a line."""
        return "\n" in self.text[self.lexemes[index - 1].end : self.lexemes[index].start]

    def is_bare(self, index: int) -> bool:
        lexeme = self.lexemes[index] if index < len(self.lexemes) else None
        if lexeme is None or lexeme.kind != "word" or _NEAR.match(lexeme.text):
            return False
        return not _OPERATOR_LIKE.match(lexeme.text)
