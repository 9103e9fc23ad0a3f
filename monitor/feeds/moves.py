"""Whether a feed has moved: which redirects are believed, and when."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from monitor.model import Response

_PERMANENT: Final = (301, 308)


def permanent_target(asked: str, response: Response) -> str:
    """Where the address has moved for good, or "".

    Only the part before the first temporary hop counts (RFC 9110 §15.4), and never a step down
    from https to http.
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
    """Whether two addresses are of one host, "www." and the scheme aside."""
    return _host(one) == _host(other)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or url).removeprefix("www.")
    except ValueError:
        return url
