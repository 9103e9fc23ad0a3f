"""Links that may be shown: absolute, http(s), and leading where they appear to lead."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

_ALLOWED = "%/:?#[]@!$&'()*+,;=~"
"""What RFC 3986 allows in an address; everything else is percent-encoded."""

_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f:.]+")
"""A name or an IPv6 address in network form; nothing ambiguous."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address that may be followed, and the host it leads to as the network knows it."""

    url: str
    host: str


def link(url: str) -> Link | None:
    """The link for an address from outside, or None if it must not become one.

    Refused are other schemes, a missing host, a user before the host ("publisher@elsewhere") and a
    backslash in the host, which browsers and parsers read differently. A host in another script is
    given in punycode (RFC 3492), where a look-alike cannot hide.
    """
    try:
        return _link(url.strip())
    except ValueError:  # from urlsplit, or a codec's UnicodeError
        return None


def _link(url: str) -> Link | None:
    parts = urlsplit(url)
    host = parts.hostname or ""
    name = host if host.isascii() else host.encode("idna").decode()
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _HOST.fullmatch(name):
        return None
    place = f"[{name}]" if ":" in name else name
    port = f":{parts.port}" if parts.port else ""
    rest = quote(parts._replace(scheme="", netloc="").geturl(), safe=_ALLOWED)
    return Link(f"{parts.scheme}://{place}{port}{rest}", name.removeprefix("www."))
