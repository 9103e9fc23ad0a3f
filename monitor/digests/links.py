"""Links that may be shown: absolute, http(s), leading where they say."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_ALLOWED = "%/:?#[]@!$&'()*+,;=~"
"""What RFC 3986 lets stand in an address; everything else is percent-encoded."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be followed, and the host it leads to as the network knows it."""

    url: str
    host: str


def link(url: str) -> Link | None:
    """The link for an address from outside, or None when it must not become one.

    Refused: other schemes, no host, a user in front of the host ("publisher@elsewhere") and
    a backslash in the host, which browsers and parsers read differently. A host in another
    script is given in punycode (RFC 3492), where a look-alike cannot hide.
    """
    try:
        parts = urlsplit(url.strip())
        host = parts.hostname or ""
        name = host.encode("idna").decode() if not host.isascii() else host
    except ValueError:  # UnicodeError is one
        return None
    authority = parts.netloc
    if parts.scheme not in ("http", "https") or not name or set("@\\<>\"' ") & set(authority):
        return None
    rest = parts._replace(scheme="", netloc="").geturl()
    address = f"{parts.scheme}://{authority.replace(host, name) if host in authority else name}"
    return Link(address + quote(rest, safe=_ALLOWED), name.removeprefix("www."))
