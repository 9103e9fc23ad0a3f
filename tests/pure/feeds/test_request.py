"""What is asked of a feed: validators byte for byte, and only for their own address."""

from __future__ import annotations

import pytest
from support.polls import URL, after, document, entry, polling, response

from monitor.feeds.request import build
from monitor.model import Feed, Polling, Validators


def conditions(state: Polling, *, force: bool = False) -> dict[str, bytes]:
    headers = dict(build(state, force=force).headers)
    return {name: value for name, value in headers.items() if name.startswith("if-")}


def test_p01_the_first_request_carries_no_validators() -> None:
    """The first request has no validators to send, and makes none up."""
    assert conditions(polling()) == {}


@pytest.mark.parametrize(
    "etag", ['"abc-gzip"', '""', '"a,b\\c"', 'W/"x"', "unquoted", "\xe9", '"a" '.strip()]
)
def test_p02_p03_p04_the_etag_goes_back_byte_for_byte(etag: str) -> None:
    """An ETag is sent as it came: quoted, weak, unquoted, or with bytes beyond ASCII."""
    state = after(polling(), response(etag=etag), document(entry("a"))).polling
    assert conditions(state) == {"if-none-match": etag.encode("latin-1")}


@pytest.mark.parametrize("text", ["Tue, 5 Mar 2024 1:02:03 +0000", "Fri, 5 Mar 2024", "yesterday"])
def test_p05_last_modified_is_opaque(text: str) -> None:
    """Last-Modified is sent as it came, never read as a date or rewritten."""
    state = after(polling(), response(last_modified=text), document(entry("a"))).polling
    assert conditions(state) == {"if-modified-since": text.encode()}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"etag": "E", "last_modified": "L"}, {"if-none-match": b"E", "if-modified-since": b"L"}),
        ({"etag": "E"}, {"if-none-match": b"E"}),
        ({"last_modified": "L"}, {"if-modified-since": b"L"}),
        ({"date": "Wed, 08 Oct 2025 12:00:00 GMT"}, {}),
    ],
)
def test_p06_what_was_given_is_what_is_sent(
    headers: dict[str, str], expected: dict[str, bytes]
) -> None:
    """The validators that came are sent: both, one or none; a Date is no Last-Modified."""
    state = after(polling(), response(**headers), document(entry("a"))).polling
    assert conditions(state) == expected


def test_p07_validators_belong_to_one_url() -> None:
    """After a change of the feed's address the first request is unconditional."""
    kept = Validators(URL, b'"x"', None)
    moved = Polling(feed=Feed(url="https://feed.test/new"), validators=kept)
    assert conditions(moved) == {}


def test_p16_force_is_the_only_way_to_drop_validators() -> None:
    """Only `force`, which a person asks for, makes a request unconditional."""
    state = polling(validators=Validators(URL, b'"x"', b"L"))
    assert conditions(state, force=True) == {}
    assert len(conditions(state)) == 2


@pytest.mark.parametrize("url", ["https://feed.test/a%2Fb//c?", "https://feed.test/?q=a+b&x"])
def test_p15_p68_the_url_is_asked_as_configured(url: str) -> None:
    """No parameter is added to the URL, and nothing in it is rewritten."""
    assert build(Polling(feed=Feed(url=url))).url == url


def test_p69_accept_names_feed_types_and_ends_in_anything() -> None:
    """Accept names feed types and then anything, because feeds are served under any type."""
    accept = dict(build(polling()).headers)["accept"].decode()
    assert "application/rss+xml" in accept
    assert "application/atom+xml" in accept
    assert accept.split(",")[-1].strip().startswith("*/*")
