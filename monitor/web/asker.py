"""The address that a request comes from, even if a proxy forwards it."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import Request

Networks = Sequence[IPv4Network | IPv6Network]

HOPS = 20
"""How many addresses of one header are examined, from its end."""
_WIDTH = 64
"""Bits of an IPv6 address that identify a client, who can choose the rest freely."""


def networks(names: Sequence[str]) -> Networks:
    """Parse networks from their names."""
    return [ip_network(name, strict=False) for name in names]


def address_of(request: Request, proxies: Networks) -> str:
    """Return the client's address; empty if it is unknown.

    If one of our proxies connects, the end of `X-Forwarded-For` names the client it acts for. What
    stands before that was written by that client, who is believed only if it is one of our proxies
    too. So a client may write anything there, to no effect.
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
    """Return what identifies a client: for IPv6, its network."""
    return str(ip_network((address, _WIDTH), strict=False)) if ":" in address else address


def _plain(written: str) -> str:
    """Return an address without its port, mapped IPv4 as IPv4; empty if it is not an address."""
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
