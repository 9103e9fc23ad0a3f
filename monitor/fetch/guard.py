"""Which addresses we connect to, decided on the address itself at the time of connecting.

A name, a spelling or an earlier look-up proves nothing; the address checked here is the very one
given to the socket (S03, S05). The ranges are written out because Python's `ipaddress` calls some
of them global, and which ones depends on the patch release.
Source: IANA's special-purpose address registries (RFC 6890) and RFC 6052.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from itertools import chain, zip_longest
from typing import Any

IPAddress = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Awaitable[list[tuple[str, int]]]]
"""Host and port to (IP address, port) pairs; raises OSError when the name does not resolve."""

_NOT_PUBLIC_4 = tuple(
    IPv4Network(net)
    for net in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",  # loopback
        "168.63.129.16/32",  # a cloud's inner services, on an address that looks public
        "169.254.0.0/16",  # link-local, the clouds' metadata
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PUBLIC_6 = IPv6Network("2000::/3")  # the only part allocated for public use
_NOT_PUBLIC_6 = tuple(
    IPv6Network(net)
    for net in (
        "2001::/23",  # protocol assignments, Teredo
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation
    )
)
_HOLDS_IPV4 = (
    IPv6Network("::ffff:0:0/96"),  # IPv4-mapped
    IPv6Network("64:ff9b::/96"),  # NAT64: how machines without IPv4 reach ordinary sites
)


class RefusedError(Exception):
    """Our own guard refused. The text is the same whatever is at the address (S12)."""


class UnresolvedError(Exception):
    """The name does not resolve."""


def inner(address: IPAddress) -> IPAddress:
    """The IPv4 address embedded in an IPv6 address, if it has a form that leads to IPv4."""
    if isinstance(address, IPv6Address) and any(address in net for net in _HOLDS_IPV4):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def public(address: IPAddress) -> bool:
    """Whether an address belongs to the public internet."""
    address = inner(address)
    if isinstance(address, IPv4Address):
        return not any(address in net for net in _NOT_PUBLIC_4)
    return address in _PUBLIC_6 and not any(address in net for net in _NOT_PUBLIC_6)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the operator allows besides the public internet."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    names: frozenset[str] = frozenset()
    ports: frozenset[int] = frozenset()

    @classmethod
    def of(cls, allow_private: Iterable[str], allow_ports: Iterable[int]) -> Rules:
        """Rules from the settings: networks, addresses and host names, in any order."""
        networks, names = [], []
        for entry in allow_private:
            try:
                networks.append(ip_network(entry.strip("[]"), strict=False))
            except ValueError:
                names.append(entry.lower().rstrip("."))
        return cls(tuple(networks), frozenset(names), frozenset(allow_ports))

    def permits(self, host: str, address: IPAddress, port: int) -> bool:
        """Whether a connection to this address is allowed, for this host name (S10, S11)."""
        if host.rstrip(".") in self.names:
            return True
        inside = inner(address)
        if any(inside.version == net.version and inside in net for net in self.networks):
            return True
        return public(address) and port in self.ports


class SystemResolver:
    """Resolves names with the operating system's resolver, in its own threads.

    The system call cannot be cancelled: a few dead name servers would fill asyncio's small default
    pool and every other host would wait behind them. For the same reason a host takes only one
    thread: callers that come while it is being looked up wait for that answer (F90).
    """

    def __init__(self, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="resolve")
        self._asking: dict[tuple[str, int], asyncio.Future[list[Any]]] = {}

    async def __call__(self, host: str, port: int) -> list[tuple[str, int]]:
        """The addresses of a host; raises OSError when there are none."""
        key = host, port
        if key not in self._asking:
            ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
            asked = asyncio.get_running_loop().run_in_executor(self._threads, ask)
            asked.add_done_callback(partial(self._answered, key))
            self._asking[key] = asked
        infos = await asyncio.shield(self._asking[key])
        return [(str(info[4][0]), int(info[4][1])) for info in infos]

    def _answered(self, key: tuple[str, int], asked: asyncio.Future[list[Any]]) -> None:
        del self._asking[key]
        if not asked.cancelled():
            asked.exception()  # marks it as retrieved: perhaps nobody awaits it any more

    def close(self) -> None:
        """Release the threads; look-ups still running are abandoned."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class Guard:
    """Resolves a host and passes on only the addresses that may be connected to."""

    def __init__(self, rules: Rules, resolver: Resolver) -> None:
        self._rules = rules
        self._resolver = resolver

    async def addresses(self, host: str, port: int) -> list[tuple[IPAddress, int]]:
        """The checked addresses of a host, each once: IPv4 and IPv6 alternate, beginning with the
        family that the resolver gave first (RFC 8305 §4), otherwise in its order. The first few
        tries thus cover both, and one broken family does not make a host unreachable (F92).

        Raises:
            RefusedError: none of them may be connected to.
            UnresolvedError: the name has no address.
        """
        found = await self._resolve(host, port)
        checked = [
            (address, to_port)
            for address, to_port in dict.fromkeys(found)
            if self._rules.permits(host, address, to_port)
        ]
        if not checked:
            if any(public(address) for address, _ in found):
                raise RefusedError(f"{host}: port {port} is not one of [fetch] allow_ports")
            raise RefusedError(f"{host}: not a public address, nor in [fetch] allow_private")
        return _by_turns(checked)

    async def _resolve(self, host: str, port: int) -> list[tuple[IPAddress, int]]:
        try:
            return [(ip_address(host), port)]
        except ValueError:
            pass  # a name, or a spelling that only the resolver understands
        try:
            pairs = await self._resolver(host, port)
            found = [(ip_address(text), to_port) for text, to_port in pairs]
        except (OSError, UnicodeError, ValueError):
            raise UnresolvedError(f"{host} does not resolve") from None
        if not found:
            raise UnresolvedError(f"{host} does not resolve")
        return found


def _by_turns(addresses: list[tuple[IPAddress, int]]) -> list[tuple[IPAddress, int]]:
    first = addresses[0][0].version
    of_first = [one for one in addresses if one[0].version == first]
    others = [one for one in addresses if one[0].version != first]
    return [one for one in chain.from_iterable(zip_longest(of_first, others)) if one is not None]
