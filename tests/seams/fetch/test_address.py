"""An address from outside is either parsed or refused, and nothing else goes wrong."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from monitor.fetch.address import Address, AddressError, parse, redirected
from monitor.redact import redact

ADDRESSES = st.one_of(
    st.text(),
    st.text().map("http://".__add__),
    st.text(alphabet="ht:p/[]@%#?.\\0123456789abc\ud800\xe9 \t").map("http://".__add__),
)


def checked(address: Address) -> None:
    """Assert that the address holds only what a request line and a Host header may hold."""
    assert address.target.startswith(b"/")
    assert all(0x21 <= byte <= 0x7E for byte in address.target)
    assert b"#" not in address.target
    assert address.host.isascii() and address.host == address.host.lower()
    assert not set(address.host) & set(" @/\\?#[]%")
    assert 0 < address.port < 65536
    assert address.basic_auth is None or b"\n" not in address.basic_auth


@given(ADDRESSES)
def test_p68_s03_s07_an_address_is_sendable_or_refused(url: str) -> None:
    try:
        address = parse(url)
    except AddressError as refused:
        assert str(refused)
        return
    checked(address)
    assert parse(address.url) == Address(address.scheme, address.host, address.port, address.target)


@given(st.one_of(st.binary(), st.binary().map(b"http://".__add__), st.binary().map(b"//".__add__)))
def test_s06_a_location_is_an_address_or_refused(location: bytes) -> None:
    try:
        there = redirected(parse("https://feed.example/a/b?c"), location)
    except AddressError:
        return
    checked(parse(there))


@given(ADDRESSES, st.from_regex(r"[a-z0-9]{8,12}", fullmatch=True))
def test_s45_redacting_never_fails_and_hides_passwords(url: str, password: str) -> None:
    redact(url)
    assert password not in redact(f"https://desk:{password}@feed.example/x")
    assert password not in redact(f"https://feed.example/x?a=b&token={password}")


def test_an_international_host_is_asked_by_its_ascii_name() -> None:
    address = parse("https://B\u00fccher.example:8443/\u00fc")
    assert (address.authority, address.target) == ("xn--bcher-kva.example:8443", b"/%C3%BC")


def test_ipv6_keeps_its_brackets_where_they_belong() -> None:
    address = parse("http://[2606:4700:0::1]:80/")
    assert (address.host, address.authority) == ("2606:4700::1", "[2606:4700::1]")
