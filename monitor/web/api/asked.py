"""What is asked: parameters of an address, read and checked, and where a page begins."""

from __future__ import annotations

import json
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode

from monitor.config.checking import nearest
from monitor.config.sections import LEAST_TOKEN
from monitor.errors import UsageError
from monitor.model import DeliveryState, utc_text
from monitor.pipeline.parts import Parts
from monitor.shapes.plain import LARGEST
from monitor.shapes.times import moment
from monitor.store.entries import FATES
from monitor.store.pages import Found, Page, Place

LONGEST: Final = 1_000
"""The most characters of one value."""
MOST: Final = 200
"""The most rows on a page."""
_FIRST: Final = datetime(1970, 1, 2, tzinfo=UTC)
_BARE_PLUS: Final = re.compile(r"(T\S+) (\d\d:?\d\d)$")


class MissingError(UsageError):
    """There is no such thing."""

    code = "not-found"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: what it means, and how its text becomes a value."""

    name: str
    about: str
    schema: Mapping[str, Any]
    read: Callable[[str, datetime], Any]
    """Takes the text and the current time; raises UsageError."""
    default: Any = None
    required: bool = False
    repeated: bool = False


def _text(text: str, _now: datetime) -> str:
    return text


def _time(text: str, now: datetime) -> datetime:
    """Clip to the first news there could be; a bare plus, which arrives as a space, is a plus."""
    return max(moment(_BARE_PLUS.sub(r"\1+\2", text), now), _FIRST)


def _number(text: str, _now: datetime) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= LARGEST):
        raise UsageError(f"{text[:40]!r} is not a number")
    return int(text)


def _rows(text: str, now: datetime) -> int:
    number = _number(text, now)
    if not 1 <= number <= MOST:
        raise UsageError(f"{number} is too {'many' if number else 'few'}", hint=f"1 to {MOST}")
    return number


def _one_of(*words: str) -> Callable[[str, datetime], str]:
    def read(text: str, _now: datetime) -> str:
        if text not in words:
            raise UsageError(
                f"{text[:40]!r} is not an allowed value", hint=nearest(text[:40], words)
            )
        return text

    return read


def _yes(text: str, now: datetime) -> bool:
    return _one_of("true", "false")(text, now) == "true"


def _words(text: str, _now: datetime) -> str:
    if not any(one.isalnum() for one in text):
        raise UsageError("there is no word to search for", hint='words, "a phrase", or a prefix*')
    return text


_TIME = "`24h`, `7d` (before now), `2024-10-18` or `2024-10-18T06:00Z`"
_STRING: Final = {"type": "string", "maxLength": LONGEST}
_NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": LARGEST}
SINCE = Parameter("since", f"Only from this time on: {_TIME}.", _STRING, _time)
UNTIL = Parameter("until", "Only up to this time, written as for `since`.", _STRING, _time)
LIMIT = Parameter(
    "limit",
    "The most rows on a page.",
    {"type": "integer", "minimum": 1, "maximum": MOST},
    _rows,
    50,
)
ORDER = Parameter(
    "order",
    "`newest`: newest first. `oldest`: oldest first, and every answer names the next page, which "
    "shows what has come in the meantime.",
    {"type": "string", "enum": ["newest", "oldest"]},
    _one_of("newest", "oldest"),
    "newest",
)
CURSOR = Parameter(
    "cursor", "Where the page begins, as `next` of another answer gives it.", _STRING, _text
)
PAGED = (SINCE, UNTIL, ORDER, LIMIT, CURSOR)
WATCHLIST = Parameter("watchlist", "Only what matches this watchlist.", _STRING, _text)
FEED = Parameter("feed", "Only what this feed brought (its `id`).", _NUMBER, _number)
DIGEST = Parameter("digest", "Only what belongs to this digest.", _STRING, _text)
FATE = Parameter(
    "fate",
    "Only entries with this fate.",
    {"type": "string", "enum": list(FATES)},
    _one_of(*FATES),
)
STATE = Parameter(
    "state",
    "Only deliveries in this state; repeatable.",
    {"type": "array", "items": {"type": "string", "enum": [one.value for one in DeliveryState]}},
    _one_of(*(one.value for one in DeliveryState)),
    default=(),
    repeated=True,
)
TEXT = Parameter(
    "text",
    "Include the text of the articles; if they are long, a page then has fewer rows.",
    {"type": "boolean"},
    _yes,
    default=False,
)
WORDS = Parameter(
    "q", 'What to look for: words, "a phrase", or a prefix*.', _STRING, _words, required=True
)
NAMED = Parameter(
    "of",
    "An address, a number, or a feed's own id; `article:5` and `entry:5` are unambiguous.",
    _STRING,
    _text,
    required=True,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question: what answers it, when, and what its address says."""

    parts: Parts
    now: datetime
    path: str
    given: Sequence[tuple[str, str]] = ()
    """The parameters as they were written."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """Name of each parameter -> its value."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The variable parts of the path."""

    def number(self, name: str) -> int:
        """Return a part of the path that is a number. Raises MissingError if it is not one."""
        try:
            return _number(self.names[name], self.now)
        except UsageError:
            raise MissingError(f"{self.names[name][:40]!r} is not a number", where=name) from None

    @property
    def watchlist(self) -> str | None:
        """Return the watchlist asked for. Raises UsageError if there is none of that name."""
        name: str | None = self.values["watchlist"]
        if name is not None and name not in self.parts.watchlists:
            what = f"there is no watchlist {name[:40]!r}"
            raise UsageError(what, "", nearest(name[:40], self.parts.watchlists), "watchlist")
        return name

    def page(self, *kinds: type) -> Page:
        """Return the page asked for, in an order whose keys have these types."""
        oldest = self.values["order"] == "oldest"
        cursor = self.values["cursor"]
        return Page(
            limit=self.values["limit"],
            oldest=oldest,
            after=None if cursor is None else read_cursor(cursor, self._order, kinds),
            since=self.values["since"],
            until=self.values["until"],
        )

    def next(self, found: Found[Any]) -> str | None:
        """Return the address of the next page; None: there is none and there will be none."""
        if not (found.more or self.values.get("order") == "oldest"):
            return None
        given = [(name, self._lasting(name, text)) for name, text in self.given if name != "cursor"]
        if found.last is not None:
            given.append(("cursor", cursor(self._order, found.last)))
        return f"{self.path}?{urlencode(given)}" if given else self.path

    def _lasting(self, name: str, text: str) -> str:
        """Return a value in a form that keeps its meaning: "24h" would later be another time."""
        value = self.values[name]
        return utc_text(value) if isinstance(value, datetime) else text

    @property
    def _order(self) -> str:
        return f"{self.path.rpartition('/')[2]} {self.values.get('order', 'newest')}"


def read(
    known: Iterable[Parameter], given: Sequence[tuple[str, str]], now: datetime
) -> dict[str, Any]:
    """Return the values of all parameters. Raises UsageError for the first that is wrong."""
    of_name = {one.name: one for one in known}
    values: dict[str, Any] = {}
    for name, text in given:
        one = of_name.get(name)
        if one is None:
            # A longer name is no typing error: it may be a token in the wrong place (S45).
            shown = name if len(name) < LEAST_TOKEN else "***"
            what = f"there is no parameter {shown!r} here"
            raise UsageError(what, "", nearest(shown, of_name), shown)
        if len(text) > LONGEST:
            raise UsageError(f"{name} cannot be used", "it is too long", where=name)
        if "\x00" in text:
            raise UsageError(f"{name} cannot be used", "it contains a NUL", where=name)
        if name in values and not one.repeated:
            raise UsageError(f"{name} is given twice", where=name)
        value = _value(one, text, now)
        if not one.repeated:
            values[name] = value
        elif value not in values.setdefault(name, []):
            values[name].append(value)
    for one in of_name.values():
        if one.required and one.name not in values:
            raise UsageError(f"{one.name} is missing", "", one.about.rstrip("."), one.name)
        values.setdefault(one.name, one.default)
    return values


def _value(one: Parameter, text: str, now: datetime) -> Any:
    try:
        return one.read(text, now)
    except UsageError as error:
        raise UsageError(error.what, error.why, error.hint, one.name) from None


# ----------------------------------------------------------------------------------- cursors


def cursor(order: str, place: Place) -> str:
    """Encode a place as opaque text."""
    told = [one.isoformat() if isinstance(one, datetime) else one for one in place]
    return urlsafe_b64encode(json.dumps([order, *told]).encode()).decode().rstrip("=")


def read_cursor(text: str, order: str, kinds: Sequence[type]) -> Place:
    """Return the place that a cursor names, whose parts have these types.

    Raises UsageError for a cursor that was not made here, or that is for another order.
    """
    try:
        said, *told = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        if said == order:
            return tuple(_part(one, kind) for one, kind in zip(told, kinds, strict=True))
    except (ValueError, TypeError, RecursionError, OverflowError):
        pass
    what, why = "the cursor does not fit", "it is from another list or order, or not from here"
    raise UsageError(what, why, "begin without it", "cursor")


def _part(one: Any, kind: type) -> Any:
    """Convert a part of a place; raise ValueError for a value that no place of ours has."""
    if kind is datetime:
        return None if one is None else datetime.fromisoformat(one).astimezone(UTC)
    if type(one) is not kind or (isinstance(one, int) and not 0 <= one <= LARGEST):
        raise ValueError
    return one
