"""URLs as we request them: byte for byte as configured, or refused with a reason.

The standard library and most HTTP libraries tidy a URL while they parse it. Publishers' caches and
routers care about the untidy form, so this file cuts a URL into parts and changes none of them,
apart from what cannot stand in a request line at all (spaces, letters beyond ASCII).
"""

from __future__ import annotations

import functools
import re
from base64 import b64encode
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import unquote_to_bytes, urljoin

import idna

PORTS = {"http": 80, "https": 443}

_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):(.*)", re.DOTALL)
_AUTHORITY = re.compile(r"//([^/?#]*)([^#]*)", re.DOTALL)
_HOST_PORT = re.compile(r"(\[[^\[\]]*\]|[^:\[\]]*)(?::([0-9]{0,9}))?")
_NAME = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_.])?")
_DOTTED_QUAD = re.compile(r"[0-9]+(\.[0-9]+){3}")
_BROKEN = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_UNSENDABLE = re.compile(r"[^\x21-\x7e]+")


class AddressError(ValueError):
    """We do not request this URL; the text says why and contains no secret."""


@dataclass(frozen=True, slots=True)
class Address:
    """A URL cut into what a request needs."""

    scheme: str
    host: str
    """Lower case ASCII (IDNA for other scripts); an IPv6 address without its brackets."""
    port: int
    target: bytes
    """Path and query exactly as configured, as sent in the request line."""
    userinfo: str = ""

    @property
    def authority(self) -> str:
        """Value of the Host header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """Scheme, host and port: what secrets are bound to (RFC 6454)."""
        return f"{self.scheme}://{self.authority}"

    @property
    def url(self) -> str:
        """The whole address, without credentials and fragment."""
        return self.origin + self.target.decode("ascii")

    @property
    def basic_auth(self) -> bytes | None:
        """Value of an Authorization header from `user:password@` (RFC 7617), if there is one."""
        if not self.userinfo:
            return None
        pair = b":".join(unquote_to_bytes(part) for part in self.userinfo.partition(":")[::2])
        return b"Basic " + b64encode(pair)


def parse(url: str) -> Address:
    """Cut a URL into its parts.

    Raises:
        AddressError: another scheme than http and https, no host, or a spelling made to deceive
            (several `@`, backslash, control characters, zone id).
    """
    url = url.strip(" ")
    if _BROKEN.search(url):
        raise AddressError("the address holds a control character or half a letter")
    found = _SCHEME.fullmatch(url)
    scheme = found.group(1).lower() if found else ""
    if not found or scheme not in PORTS:
        raise AddressError(f"only http and https are asked, not {scheme[:20] or 'this'!r}")
    cut = _AUTHORITY.match(found.group(2))
    if not cut:
        raise AddressError("the address names no host")
    userinfo, host, port = _authority(cut.group(1))
    target = cut.group(2) if cut.group(2).startswith("/") else "/" + cut.group(2)
    return Address(
        scheme, host, PORTS[scheme] if port is None else port, sendable(target), userinfo
    )


def _authority(text: str) -> tuple[str, str, int | None]:
    """User information, host and port of the middle part of a URL (RFC 3986 §3.2)."""
    userinfo, _, rest = text.rpartition("@")
    found = _HOST_PORT.fullmatch(rest)
    if "@" in userinfo or "\\" in text or not found:
        raise AddressError("the host of the address cannot be read")
    port = int(found.group(2)) if found.group(2) else None
    if port is not None and not 0 < port < 65536:
        raise AddressError(f"there is no port {port}")
    return userinfo, _host(found.group(1)), port


@functools.lru_cache(maxsize=4096)  # the hosts asked are few, and asked again and again
def _host(text: str) -> str:
    """A host in the form that is resolved and sent."""
    if text.startswith("["):
        try:
            if "%" not in text:
                return str(IPv6Address(text[1:-1]))
        except ValueError:
            pass
        raise AddressError("the address in brackets is no IPv6 address")
    name = text.lower()
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii")
        except UnicodeError:
            raise AddressError("the host of the address is no host name") from None
    if not _NAME.fullmatch(name) or len(name) > 253 or not _plain_if_dotted_quad(name):
        raise AddressError("the host of the address is no host name")
    return name


def _plain_if_dotted_quad(name: str) -> bool:
    """Whether a name of four numbers is a plain IPv4 address and no trap (`0177.0.0.1`)."""
    if not _DOTTED_QUAD.fullmatch(name):
        return True
    try:
        return str(IPv4Address(name)) == name
    except ValueError:
        return False


def sendable(target: str) -> bytes:
    """The target as a request line may hold it: all else is percent-encoded as UTF-8."""
    return _UNSENDABLE.sub(_percent, target).encode("ascii")


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found.group().encode())


def redirected(base: Address, location: bytes) -> str:
    """The absolute URL that a Location header means, as seen from `base` (RFC 9110 §10.2.2).

    Credentials in it are dropped: another server has no business choosing ours.

    Raises:
        AddressError: as `parse`.
    """
    try:
        text = location.decode("utf-8").strip()
    except UnicodeDecodeError:
        text = location.decode("latin-1").strip()
    if not _SCHEME.fullmatch(text):
        try:
            text = urljoin(base.url, text)
        except ValueError:
            raise AddressError("the address cannot be read") from None
    return parse(text).url
