"""Plain text and absolute addresses from what feeds contain."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import urljoin, urlsplit

from monitor.feeds.limits import MAX_LIST, MAX_SHORT_FIELD

# Control characters carry no text, break databases and mail headers, and hide text on terminals.
# Tabs and line ends stay. Bidirectional overrides can make a title read as something else.
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069"
    "\ud800-\udfff\ufeff\ufffe\uffff]"
)
_INLINE: Final = frozenset({
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font",
    "i", "img", "ins", "kbd", "mark", "nobr", "q", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "time", "tt", "u", "var", "wbr",
})  # fmt: skip
_BLOCK: Final = frozenset({
    "blockquote", "br", "center", "div", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol",
    "p", "pre", "ul",
})  # fmt: skip
_TAG: Final = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)(?:[\s/][^<>]*)?>")
_HIDDEN: Final = re.compile(r"<(script|style)(?:\s[^<>]*)?>[^<]*</\1\s*>", re.IGNORECASE)
"""Elements whose content nobody sees; the mere word "<script>" may be part of a title."""
_UNESCAPE_ROUNDS: Final = 3
# Addresses that joining would not change: with a path, and "?" or "#" only if something follows.
_WHOLE: Final = re.compile(
    r"https?://[A-Za-z0-9.-]+(?::[0-9]+)?/[\w.~!$&'()*+,=:@%/-]*"
    r"(?:\?[\w.~!$&'()*+,;=:@%/?-]+)?(?:#[\w.~!$&'()*+,;=:@%/?-]+)?",
    re.ASCII,
)
_WEB: Final = ("http", "https")
_FEED_SCHEME: Final = re.compile(r"^\s*feed:(//)?(https?:)?", re.IGNORECASE)
_SLIP: Final = re.compile(
    r"https?://(?=https?://)|(?P<scheme>https?):/(?=[\w-]+\.[\w.:-]+(?:[/?#]|$))"
    r"|(?=www\.[\w-]+\.[\w.-]+(?:[/:?]|$))",
    re.IGNORECASE,
)
"""A scheme that stands twice, that has one slash before a host, or that is left out. "http:/news/1"
is a path on the feed's own host (RFC 3986 §5.2.2)."""
_SECTION: Final = re.compile(r"\s*<!\[CDATA\[(.*?)\]\]>\s*", re.DOTALL)
_FORBIDDEN: Final = re.compile('[ <>"]')


def clean(text: str) -> str:
    """The text without control characters, lone surrogates and direction overrides."""
    # None of these is printable, so that this quick test spares most texts the substitution.
    return text if text.replace("\n", "").isprintable() else _CONTROLS.sub("", text)


def has_markup(text: str) -> bool:
    """Whether text that is declared as plain contains HTML tags."""
    return any(name.lower() in _INLINE or name.lower() in _BLOCK for name in _TAG.findall(text))


def unwrapped(markup: str) -> str:
    """Markup without a CDATA section around all of it: some feeds write one inside the other.

    Sections one behind the other stay as they are; a script within the section may hold its own.
    """
    found = _SECTION.fullmatch(markup) if "<![CDATA[" in markup else None
    if found is None or "]]>" in found[1].partition("<![CDATA[")[0]:
        return markup
    return found[1]


def _tag_as_text(found: re.Match[str]) -> str:
    name = found[1].lower()
    if name in _BLOCK:
        return " "
    # Any other word in angle brackets ("The <video> tag") is part of the title's text.
    return "" if name in _INLINE else found[0]


def plain(markup: str, limit: int = MAX_SHORT_FIELD) -> str:
    """One line of plain text, at most `limit` characters: tags removed, entities decoded.

    Text that was escaped twice is decoded twice: feeds escape titles once, twice or not at all,
    whatever they declare.
    """
    text = unwrapped(markup[: limit * 4])
    for _ in range(_UNESCAPE_ROUNDS if "&" in text or "<" in text else 0):
        decoded = html.unescape(_TAG.sub(_tag_as_text, _HIDDEN.sub("", text)))
        if decoded == text:
            break
        text = decoded
    return " ".join(clean(text).split())[:limit]


def names(texts: Iterable[str]) -> tuple[str, ...]:
    """Names of people or topics: in plain text, each once, and at most `MAX_LIST`."""
    plain_names = (plain(text, 500) for text in texts)
    return tuple(dict.fromkeys(name for name in plain_names if name))[:MAX_LIST]


def absolute(link: str, base: str) -> str:
    """The link joined to its base, in a form that can be used; "" when it is no web address."""
    return encoded(resolved(link, base))


def encoded(address: str) -> str:
    """The address with spaces and the characters that delimit addresses in texts percent-encoded.

    Source: RFC 3986 appendix C.
    """
    return _FORBIDDEN.sub(_percent, address)


def resolved(link: str, base: str) -> str:
    """The link joined to its base (RFC 3986 §5) as it is spelled; "" when it is no web address.

    Other schemes (javascript:, file:, data:) are dropped here, once for all later stages.
    """
    if len(link) <= MAX_SHORT_FIELD and _WHOLE.fullmatch(link):
        return link
    link = re.sub(r"[\t\r\n]", "", clean(link)).strip()
    if not link or len(link) > MAX_SHORT_FIELD * 4:
        return ""
    if slip := _SLIP.match(link):
        link = _without_slip(link, slip, base)
    try:
        address = urljoin(base, link)
        parts = urlsplit(address)
    except ValueError:
        return ""
    if parts.scheme in _WEB and parts.netloc:
        return address
    return ""


def shown(link: str, base: str) -> str:
    """As `resolved`, for a link that readers are shown: without user and password, which would be
    the feed's own where the link is relative (RFC 3986 §7.5)."""
    address = resolved(link, base)
    if "@" not in address or "@" not in (place := urlsplit(address).netloc):
        return address
    return address.replace(place, place.rpartition("@")[2], 1)


def _without_slip(link: str, slip: re.Match[str], base: str) -> str:
    rest = link[slip.end() :]
    if slip["scheme"]:
        return f"{slip['scheme']}://{rest}"
    if slip[0]:
        return rest
    return f"{'http' if base.lower().startswith('http:') else 'https'}://{rest}"


def from_feed_scheme(link: str) -> str:
    """The web address in "feed://host/" or "feed:https://host/"; other links as they are.

    Some programs write addresses so, so that a click subscribes.
    """
    return _FEED_SCHEME.sub(lambda found: found[2] or "http://", link)


def _percent(found: re.Match[str]) -> str:
    return f"%{ord(found[0]):02X}"


def one_spelling(address: str) -> str:
    """The address with scheme and host in lower case and without its fragment.

    Servers cannot tell such spellings apart (RFC 3986 §3.5, §6.2.2.1): they name one feed.
    """
    scheme, mark, rest = address.partition("#")[0].partition("://")
    place = rest.partition("/")[0].partition("?")[0]
    user, at, host = place.rpartition("@")
    return f"{scheme.lower()}{mark}{user}{at}{host.lower()}{rest[len(place) :]}"
