"""From which address a request comes, also where a proxy hands it on."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Networks = Sequence[IPv4Network | IPv6Network]

HOPS = 20
"""Addresses of one header that are looked at, from its end."""
_WIDTH = 64
"""Bits of an IPv6 address that tell one asker from another: the rest is his own choice."""


def networks(names: Sequence[str]) -> Networks:
    """The networks that are written so."""
    return [ip_network(name, strict=False) for name in names]


def address_of(request: Request, proxies: Networks) -> str:
    """The address of who asks; empty where none is known.

    Where a proxy of ours connects, it tells in `X-Forwarded-For` for whom, at the header's end;
    what stands before was told by that one, who is believed only when he is a proxy of ours too.
    So the asker himself can write into it what he likes.
    """
    at = _plain(request.client.host if request.client else "")
    told = ",".join(request.headers.getlist("x-forwarded-for")).split(",")
    for hop in reversed(told[-HOPS:]):
        before = _plain(hop)
        if not (before and _is_among(at, proxies)):
            break
        at = before
    return at


def place_of(address: str) -> str:
    """What tells one asker from another: of IPv6 the network."""
    return str(ip_network((address, _WIDTH), strict=False)) if ":" in address else address


def _plain(written: str) -> str:
    """An address without its port, one of IPv4 as such; empty: it is none."""
    text = written.strip().strip('"')
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return str(mapped or address)


def _is_among(address: str, some: Networks) -> bool:
    return bool(address) and any(ip_address(address) in network for network in some)
