"""feedparser as we use it: in memory, HTML untouched, ids as stated, and without slow detours.

feedparser gets clean UTF-8 without a DTD (`markup.prepare`). Its cleaning of HTML and its joining
of links are switched off: entries keep what the feed said, and ids keep the form the feed gave
them (joined to the address, a moved feed would be all new).

What is replaced in it answers as it did, on a shorter way (a test compares both on every document
of the recordings): half of its time went into dictionaries that rename their keys, repairs of
characters that do not occur, and joining nothing to nothing. Three things answer otherwise: names
beside addresses, which it cuts where an address ends in more than four letters; a guid beside
an empty link, which it does not take for the link; and titles and summaries of other namespaces,
which it prefers to the feed's own where they come first.
"""

from __future__ import annotations

import re
from copy import deepcopy
from io import BytesIO
from typing import Any, Final

import feedparser

from monitor.errors import InputError
from monitor.feeds import feedparser_sax

_C1: Final = re.compile("[\x80-\x9f]")


class _Text(str):
    """Text of an element, for feedparser's repair of characters that Windows meant otherwise.

    The repair looks up each character, and for one beyond ASCII a failed look-up is an exception:
    a tenth of a microsecond for every letter of a text with one curly quote in it. Where none of
    the 32 characters stands, there is nothing to repair.
    """

    __slots__ = ()

    def translate(self, table: Any, /) -> str:
        return str(self).translate(table) if _C1.search(self) else str(self)


def _as_text(_element: str, data: str) -> _Text:
    return _Text(data)


def _copied(self: Any, memo: dict[int, Any]) -> Any:
    """A deep copy, without asking first in how many other ways such a value could be copied."""
    return type(self)({name: deepcopy(value, memo) for name, value in self.items()})


_Dict: Final = feedparser.FeedParserDict
_RENAMED: Final = frozenset(_Dict.keymap) | {"category", "enclosures", "license"}
_ANSWERED_FOR: Final = _RENAMED | {"updated", "updated_parsed"}
"""Keys for which feedparser's dictionaries answer in another way than any dictionary would."""
_slow_getitem, _slow_setitem = _Dict.__getitem__, _Dict.__setitem__


def _getitem(self: Any, key: str) -> Any:
    return _slow_getitem(self, key) if key in _ANSWERED_FOR else dict.__getitem__(self, key)


def _setitem(self: Any, key: str, value: Any) -> None:
    if key in _RENAMED:
        _slow_setitem(self, key, value)
    else:
        dict.__setitem__(self, key, value)


def _get(self: Any, key: str, default: Any = None) -> Any:
    if key not in _ANSWERED_FOR:
        return dict.get(self, key, default)
    try:
        return _slow_getitem(self, key)
    except KeyError:
        return default


_slow_contains, _slow_urljoin = _Dict.__contains__, feedparser.mixin._urljoin


def _contains(self: Any, key: str) -> bool:
    if key in _ANSWERED_FOR:
        return bool(_slow_contains(self, key))
    return dict.__contains__(self, key)


def _urljoin(base: str, uri: str) -> str:
    """Each element joins its base address to its parent's, and most often there is neither."""
    return str(_slow_urljoin(base, uri)) if base or uri else ""


_MAILBOX: Final = r"[^\s<>()\[\],;:@\"]+@(?:[^\s<>()\[\],;:@\".]+\.)+[^\s<>()\[\],;:@\".]{2,}"
_MAILBOXES: Final = re.compile(_MAILBOX)
_NAMED: Final = re.compile(rf"(?:mailto:)?{_MAILBOX}\s*\(([^()]+)\)")
"""address (Name): what RSS 2.0.11 wants in `<author>`."""
_IN_BRACKETS: Final = re.compile(
    rf"\(\s*(?:mailto:)?{_MAILBOX}\s*\)|<\s*(?:mailto:)?{_MAILBOX}\s*>"
)


def name_and_address(stated: str) -> tuple[str, str]:
    """Who wrote it, and the first address in an author field (RFC 5322 §3.4, RSS 2.0.11)."""
    stated = stated[:_LONGEST_AUTHOR]  # to look for addresses takes the square of a text's length
    address = _MAILBOXES.search(stated)
    if not address:
        return stated, ""
    name = _IN_BRACKETS.sub(" ", _NAMED.sub(r"\1", stated))
    return " ".join(_MAILBOXES.sub(" ", name).split()).strip('"<>() '), address[0]


_LONGEST_AUTHOR: Final = 1000
_slow_sync = feedparser.mixin._FeedParserMixin._sync_author_detail


def _sync_author_detail(self: Any, key: str = "author") -> None:
    """What an author field without parts of its own says about a person."""
    context = self._get_context()
    people, stated = context.get(f"{key}s"), context.get(key)
    if people and people[-1]:
        _slow_sync(self, key)
    elif stated:
        name, address = name_and_address(stated)
        detail = people[-1] if people else _Dict()
        detail.update({part: said for part, said in (("name", name), ("email", address)) if said})
        context.setdefault(f"{key}_detail", detail)


_Mixin: Final = feedparser.mixin._FeedParserMixin
_slow_end_link, _slow_end_guid = _Mixin._end_link, _Mixin._end_guid
_slow_start_guid = _Mixin._start_guid


def _end_link(self: Any) -> None:
    """An empty `<link/>` names no address, and takes none away that a guid has named."""
    context = self._get_context()
    named = dict.get(context, "link")
    _slow_end_link(self)
    if named and dict.get(context, "link") == "":
        context["link"] = named


def _start_guid(self: Any, attributes: dict[str, str]) -> None:
    """Read `isPermaLink="True"` as `true`."""
    stated = attributes.get("ispermalink", "")
    _slow_start_guid(self, {**attributes, "ispermalink": stated.lower()} if stated else attributes)


def _end_guid(self: Any) -> None:
    """A guid that is an address stands for the link also where an empty `<link/>` came first."""
    context = self._get_context()
    if dict.get(context, "link") == "":
        del context["link"]
    _slow_end_guid(self)


_slow_start_description, _slow_start_summary = _Mixin._start_description, _Mixin._start_summary


def _start_description(self: Any, attributes: dict[str, str]) -> None:
    """The feed's own description is the summary, whatever another namespace said before it."""
    _give_way(self)
    _slow_start_description(self, attributes)


def _start_summary(self: Any, attributes: dict[str, str]) -> None:
    """Atom's own summary likewise."""
    _give_way(self)
    _slow_start_summary(self, attributes)


def _start_other_description(self: Any, attributes: dict[str, str]) -> None:
    """`dc:description`, `media:description`: the summary until the feed's own comes."""
    _lend(self)
    _slow_start_description(self, attributes)


def _start_other_summary(self: Any, attributes: dict[str, str]) -> None:
    """`itunes:summary` likewise."""
    _lend(self)
    _slow_start_summary(self, attributes)


def _lend(self: Any) -> None:
    context = self._get_context()
    if "summary" not in context:
        self._lent = context


def _give_way(self: Any) -> None:
    """Put a summary of another namespace where it would stand had it come second."""
    context = self._get_context()
    if self.__dict__.get("_lent") is context:
        self._lent = None
        context.pop("summary", None)
        if detail := context.pop("summary_detail", None):
            context.setdefault("content", []).append(detail)


_Mixin._start_description, _Mixin._start_summary = _start_description, _start_summary
_Mixin._start_dc_description = _Mixin._start_media_description = _start_other_description
_Mixin._start_itunes_summary = _start_other_summary
_Mixin._end_dc_title = _Mixin._end_media_title
_Mixin._sync_author_detail = _sync_author_detail
_Mixin._start_guid = _Mixin._start_id = _start_guid
_Mixin._end_link, _Mixin._end_guid, _Mixin._end_id = _end_link, _end_guid, _end_guid
_Dict.__getitem__, _Dict.__setitem__ = _getitem, _setitem
_Dict.__contains__ = _Dict.has_key = _contains
_Dict.get, _Dict.__deepcopy__ = _get, _copied
feedparser.mixin._urljoin = _urljoin
# Named here, no other is looked for on the disk at each document; `scan` counts on expat.
feedparser.api.PREFERRED_XML_PARSERS = [feedparser_sax.__name__]
feedparser.api.StrictFeedParser.decode_entities = staticmethod(_as_text)
for _reader in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    # An id is no address: joined to xml:base (which leaks from one entry into the next) it would
    # change with its neighbours.
    _reader.can_be_relative_uri = _reader.can_be_relative_uri - {"id"}


def parse(body: bytes) -> Any:
    """What feedparser finds in a document of UTF-8; raises InputError where it trips."""
    try:
        return feedparser.parse(
            BytesIO(body),
            response_headers={"content-type": "application/xml; charset=utf-8"},
            sanitize_html=False,
            resolve_relative_uris=False,
        )
    except (
        ValueError,
        LookupError,
        AttributeError,
        TypeError,
        AssertionError,
        RecursionError,
    ) as error:
        # Its reader of broken markup trips over some input; that is the document's fault, not ours.
        raise InputError(
            "the document cannot be read", f"{type(error).__name__}: {error}"
        ) from error
