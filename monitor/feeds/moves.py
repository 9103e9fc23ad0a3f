"""Which redirects show that a feed has moved for good, and which addresses are of one site."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from monitor.model import Response

_PERMANENT: Final = (301, 308)


def permanent_target(asked: str, response: Response) -> str:
    """The address to which `asked` has moved for good, or "".

    Only redirects before the first temporary one count (RFC 9110 §15.4). A move from https to http
    is never believed.
    """
    target = ""
    for hop in response.hops:
        if hop.status not in _PERMANENT:
            break
        target = hop.url
    if target == asked or (asked.startswith("https:") and not target.startswith("https:")):
        return ""
    return target


def same_site(one: str, other: str) -> bool:
    """Whether two addresses have the same host, apart from "www."; the scheme does not matter."""
    return _host(one) == _host(other)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
