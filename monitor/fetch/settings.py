"""The operator's settings for fetching, and how we identify ourselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

ROBOTS_TOKEN = "monitor"  # noqa: S105 - the name robots.txt files call us by, no secret
"""First word of the User-Agent, and the name we look for in robots.txt (RFC 9309 §2.2.1)."""


def _installed_version() -> str:
    try:
        return version("monitor")
    except PackageNotFoundError:
        return "0"


LONGEST_SPACING_S = 3600.0
"""Longest spacing between two requests at one host that a setting may ask for."""


LONGEST_PAUSE_S = 7 * 86400.0
"""Longest time that a host is left alone at its own request, if the settings do not say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """Settings for one host that replace the general ones."""

    per_host: int | None = None
    spacing_s: float | None = None
    pause_on_503: bool = False
    """Whether a 503 with Retry-After applies to the whole host, as a 429 does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """How we fetch. Times in seconds, sizes in bytes."""

    contact: str = ""
    """How a publisher can reach the operator: an address or a page, part of the User-Agent."""
    user_agent_url: str = ""
    """A page that describes this program, part of the User-Agent."""
    version: str = _installed_version()
    allow_private: tuple[str, ...] = ()
    """Networks, addresses and host names that may be private; their ports are not restricted."""
    allow_ports: tuple[int, ...] = (80, 443, 8080, 8443)
    per_host: int = 1
    """Requests in flight at one host."""
    spacing_s: float = 2.0
    """Least time between the starts of two requests at one host."""
    shared_hosts: tuple[str, ...] = ()
    """Host names with many independent sites behind them: a 429 there pauses no other feed."""
    hosts: Mapping[str, HostSettings] = field(default_factory=dict, hash=False)
    """Host name -> settings for that host."""
    longest_pause_s: float = LONGEST_PAUSE_S
    """Longest time that a host is left alone at its own request."""
    usual_pause_s: float = 3600.0
    """Time that a host is left alone if it says that we ask too often, and names no wait."""
    timeout_s: float = 60.0
    """Longest time for one request with its redirects, not counting waits for a turn."""
    connect_timeout_s: float = 10.0
    max_bytes: int = 15 * 2**20
    """Longest body, decoded."""
    max_redirects: int = 5
    concurrency: int = 50
    """Requests in flight over all hosts."""
    ca_file: str = ""
    """Certificates (PEM) trusted besides the system's, for the operator's own servers."""
    http2: bool = False
    """Whether HTTP/2 is offered to servers that speak TLS."""

    @property
    def user_agent(self) -> str:
        """`monitor/1.2 (+URL; contact)`: product first, then whom to ask (RFC 9110 §10.1.5)."""
        url = f"+{self.user_agent_url}" if self.user_agent_url else ""
        about = "; ".join(part for part in (url, self.contact) if part)
        printable = "".join(char if " " <= char <= "~" else "?" for char in about)
        return f"{ROBOTS_TOKEN}/{self.version}" + (f" ({printable})" if printable else "")
