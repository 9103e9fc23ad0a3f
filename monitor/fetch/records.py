"""Look-up of a domain's TXT records, which the system's own resolver cannot query.

The system's name servers are asked. Every outcome is a value, including that none answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from monitor.model import Records

AskRecords = Callable[[str], Awaitable[Records]]
"""Maps a name to its TXT records."""


class TxtResolver:
    """Looks up TXT records, taking at most `lifetime_s` seconds for each name."""

    def __init__(self, lifetime_s: float, servers: Sequence[str] = (), port: int = 53) -> None:
        """`servers`: addresses to ask instead of the system's name servers, at `port`."""
        self._lifetime_s = lifetime_s
        self._servers = list(servers)
        self._port = port

    async def __call__(self, name: str) -> Records:
        """All TXT records of a name, the strings of each joined (RFC 7208 §3.3)."""
        from dns import asyncresolver, exception, resolver  # only the doctor asks

        try:
            asking = asyncresolver.Resolver(configure=not self._servers)
            if self._servers:
                asking.nameservers, asking.port = self._servers, self._port
            answer = await asking.resolve(
                f"{name}.", "TXT", lifetime=self._lifetime_s, raise_on_no_answer=False, search=False
            )
        except resolver.NXDOMAIN:
            return Records(exists=False)
        except (exception.DNSException, OSError) as error:
            return Records(trouble=_words(error))
        found = (b"".join(record.strings) for record in answer.rrset or ())
        return Records(tuple(sorted(text.decode("ascii", "replace") for text in found)))


def _words(error: Exception) -> str:
    """The kind of error in a few words; the library's text names every server and attempt."""
    kind = type(error).__name__
    return {
        "LifetimeTimeout": "no name server answers",
        "NoNameservers": "the name servers fail to answer",
        "NoResolverConfiguration": "no name server is set up here",
    }.get(kind, str(error) or kind)
