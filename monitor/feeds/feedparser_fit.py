"""feedparser as we use it: in memory, HTML untouched, ids as stated, and without slow detours.

feedparser gets clean UTF-8 without a DTD (`markup.prepare`). Its sanitising of HTML and its joining
of links are switched off: entries keep what the feed said, and ids keep the form that the feed gave
them (if they were joined to the feed's address, all entries of a moved feed would be new).

The parts of it that are replaced give the same results faster (a test compares both on every
recorded document): half of its time went into dictionaries that rename their keys, repairs of
characters that do not occur, and joining empty addresses. Five results differ: names beside
e-mail addresses, which feedparser cuts if the top-level domain has more than four letters; an
author without a name, who gets the name of the author before; a guid beside an empty link, which
it does not use as the link; titles and summaries of other namespaces, which it prefers to the
feed's own if they come first; and captions of pictures, which it takes for the full text.
"""

from __future__ import annotations

import re
from copy import deepcopy
from io import BytesIO
from typing import Any, Final

import feedparser

from monitor.errors import InputError
from monitor.feeds import feedparser_sax

CAPTIONS: Final = "media_descriptions"
"""The key of an entry's `media:description`s, each with its type and base."""
_CAPTION: Final = "media_description"
_C1: Final = re.compile("[\x80-\x9f]")


class _Text(str):
    """Text of an element that skips feedparser's repair of Windows-1252 characters if it can.

    The repair looks up each character, and each failed look-up of one beyond ASCII is an exception:
    a tenth of a microsecond for every letter of a text that contains one curly quote. A text
    without any of the 32 characters needs no repair.
    """

    __slots__ = ()

    def translate(self, table: Any, /) -> str:
        return str(self).translate(table) if _C1.search(self) else str(self)


def _as_text(_element: str, data: str) -> _Text:
    return _Text(data)


def _copied(self: Any, memo: dict[int, Any]) -> Any:
    """A deep copy, without `copy`'s search for the methods by which a value may be copied."""
    return type(self)({name: deepcopy(value, memo) for name, value in self.items()})


_Dict: Final = feedparser.FeedParserDict
_RENAMED: Final = frozenset(_Dict.keymap) | {"category", "enclosures", "license"}
_ANSWERED_FOR: Final = _RENAMED | {"updated", "updated_parsed"}
"""Keys for which feedparser's dictionaries do not behave like a plain dictionary."""
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
    """Join addresses unless both are empty, as they mostly are: each element joins its base."""
    return str(_slow_urljoin(base, uri)) if base or uri else ""


_MAILBOX: Final = r"[^\s<>()\[\],;:@\"]+@(?:[^\s<>()\[\],;:@\".]+\.)+[^\s<>()\[\],;:@\".]{2,}"
_MAILBOXES: Final = re.compile(_MAILBOX)
_NAMED: Final = re.compile(rf"(?:mailto:)?{_MAILBOX}\s*\(([^()]+)\)")
"""address (Name): the form that RSS 2.0.11 requires in `<author>`."""
_IN_BRACKETS: Final = re.compile(
    rf"\(\s*(?:mailto:)?{_MAILBOX}\s*\)|<\s*(?:mailto:)?{_MAILBOX}\s*>"
)


def name_and_address(stated: str) -> tuple[str, str]:
    """The name and the first address in an author field (RFC 5322 §3.4, RSS 2.0.11)."""
    stated = stated[:_LONGEST_AUTHOR]  # the search for addresses takes quadratic time
    address = _MAILBOXES.search(stated)
    if not address:
        return stated, ""
    name = _IN_BRACKETS.sub(" ", _NAMED.sub(r"\1", stated))
    return " ".join(_MAILBOXES.sub(" ", name).split()).strip('"<>() '), address[0]


_LONGEST_AUTHOR: Final = 1000
_slow_sync = feedparser.mixin._FeedParserMixin._sync_author_detail


def _sync_author_detail(self: Any, key: str = "author") -> None:
    """Derive name and address from an author field that has no elements for them."""
    context = self._get_context()
    people, stated = context.get(f"{key}s"), context.get(key)
    if people and people[-1]:
        _slow_sync(self, key)
    elif stated and not (key == "author" and self.inauthor):  # not yet the next author's element
        name, address = name_and_address(stated)
        detail = people[-1] if people else _Dict()
        detail.update({part: said for part, said in (("name", name), ("email", address)) if said})
        context.setdefault(f"{key}_detail", detail)


_Mixin: Final = feedparser.mixin._FeedParserMixin
_slow_end_link, _slow_end_guid = _Mixin._end_link, _Mixin._end_guid
_slow_start_guid = _Mixin._start_guid


def _end_link(self: Any) -> None:
    """Ignore an empty `<link/>`: it must not remove an address that a guid has stated."""
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
    """Use a guid that is an address as the link, even if an empty `<link/>` came first."""
    context = self._get_context()
    if dict.get(context, "link") == "":
        del context["link"]
    _slow_end_guid(self)


_slow_start_description, _slow_start_summary = _Mixin._start_description, _Mixin._start_summary


def _start_description(self: Any, attributes: dict[str, str]) -> None:
    """Make the feed's own description the summary, even if another namespace's came first."""
    _give_way(self)
    _slow_start_description(self, attributes)


def _start_summary(self: Any, attributes: dict[str, str]) -> None:
    """Likewise for Atom's own summary."""
    _give_way(self)
    _slow_start_summary(self, attributes)


def _start_other_description(self: Any, attributes: dict[str, str]) -> None:
    """Make a `dc:description` the summary until the feed's own comes."""
    _lend(self)
    _slow_start_description(self, attributes)


def _start_other_summary(self: Any, attributes: dict[str, str]) -> None:
    """Likewise for `itunes:summary`."""
    _lend(self)
    _slow_start_summary(self, attributes)


_slow_end_other_title = _Mixin._end_media_title


def _end_other_title(self: Any) -> None:
    """Let a `dc:title` or `media:title` fill an empty title only.

    feedparser forgets at a `<source>` or `<image>` that the entry has a title.
    """
    context = self._get_context()
    own = {name: context[name] for name in ("title", "title_detail") if name in context}
    _slow_end_other_title(self)
    if own.get("title"):
        context.update(own)


def _start_media_description(self: Any, attributes: dict[str, str]) -> None:
    """Keep what is said of a picture or video apart from what the entry says of itself."""
    self.push_content(_CAPTION, attributes, "text/html", 1)


def _end_media_description(self: Any) -> None:
    self.pop_content(_CAPTION)
    context = self._get_context()
    if detail := context.pop(f"{_CAPTION}_detail", None):
        context.setdefault(CAPTIONS, []).append(detail)


def _lend(self: Any) -> None:
    context = self._get_context()
    if "summary" not in context:
        self._lent = context


def _give_way(self: Any) -> None:
    """Move a summary of another namespace to where it would be if it had come second."""
    context = self._get_context()
    if self.__dict__.get("_lent") is context:
        self._lent = None
        context.pop("summary", None)
        if detail := context.pop("summary_detail", None):
            context.setdefault("content", []).append(detail)


_Mixin._start_description, _Mixin._start_summary = _start_description, _start_summary
_Mixin._start_dc_description = _start_other_description
_Mixin._start_media_description = _start_media_description
_Mixin._end_media_description = _end_media_description
_Mixin._start_itunes_summary = _start_other_summary
_Mixin._end_dc_title = _Mixin._end_media_title = _end_other_title
_Mixin._sync_author_detail = _sync_author_detail
_Mixin._start_guid = _Mixin._start_id = _start_guid
_Mixin._end_link, _Mixin._end_guid, _Mixin._end_id = _end_link, _end_guid, _end_guid
_Dict.__getitem__, _Dict.__setitem__ = _getitem, _setitem
_Dict.__contains__ = _Dict.has_key = _contains
_Dict.get, _Dict.__deepcopy__ = _get, _copied
feedparser.mixin._urljoin = _urljoin
# Without this, feedparser looks for other parsers on disk at each document; `scan` needs expat.
feedparser.api.PREFERRED_XML_PARSERS = [feedparser_sax.__name__]
feedparser.api.StrictFeedParser.decode_entities = staticmethod(_as_text)
for _reader in (feedparser.api.StrictFeedParser, feedparser.api.LooseFeedParser):
    # An id is not an address: joined to xml:base, which leaks from one entry into the next, it
    # would change with its neighbours.
    _reader.can_be_relative_uri = _reader.can_be_relative_uri - {"id"}


def parse(body: bytes) -> Any:
    """What feedparser finds in a UTF-8 document; raises InputError if feedparser fails on it."""
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
        # Its parser of broken markup fails on some input: the document is at fault, not we.
        raise InputError(
            "the document cannot be read", f"{type(error).__name__}: {error}"
        ) from error
