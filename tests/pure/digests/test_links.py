"""Only links that lead where they say become links."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.digests.links import link


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "data:text/html,x",
        "vbscript:x",
        "//host.example/x",
        "/relative",
        "mailto:a@b.example",
        "https://",
        "",
        "http://[::1",
        "https://publisher.example@elsewhere.example/",
        "https://elsewhere.example\\@publisher.example/",
        'https://x.example"onload="1/',
        "https://x.example/\ud800",
        "https://" + "ö" * 90 + ".example/",
    ],
)
def test_S74_S75_D27_what_is_no_link(url: str) -> None:
    """An address with another scheme, no host, a user posing as host, or unclear signs is none."""
    assert link(url) is None


@pytest.mark.parametrize(
    ("url", "shown", "host"),
    [
        ("https://www.gazette.example/a?b=1&c=2#d", None, "gazette.example"),
        ("http://gazette.example:8080/a", None, "gazette.example"),
        (
            "https://gazette.example/ä ö",
            "https://gazette.example/%C3%A4%20%C3%B6",
            "gazette.example",
        ),
        (
            'https://gazette.example/"<x>|y',
            "https://gazette.example/%22%3Cx%3E%7Cy",
            "gazette.example",
        ),
        ("https://gazétte.example/a", "https://xn--gaztte-dva.example/a", "xn--gaztte-dva.example"),
        (
            "https://GAZÉTTE.example:8443/A",
            "https://xn--gaztte-dva.example:8443/A",
            "xn--gaztte-dva.example",
        ),
        ("https://gazette.example/%7Ea", None, "gazette.example"),
    ],
)
def test_S75_S81_a_link_is_encoded_and_names_its_host(
    url: str, shown: str | None, host: str
) -> None:
    """Signs that end an attribute or a Slack link are encoded; other scripts become punycode."""
    found = link(url)
    assert found is not None
    assert found.url == (shown or url)
    assert found.host == host


@given(
    st.text() | st.text().map("https://{}".format) | st.text().map("https://x.example/{}".format)
)
def test_whatever_a_feed_calls_a_link_gives_a_safe_one_or_none(url: str) -> None:
    """A link is ASCII without quotes, spaces or angle brackets; no text raises an exception."""
    found = link(url)
    if found is not None:
        assert found.url.isascii()
        assert found.url.startswith(("http://", "https://"))
        assert not set(' "<>|\\\r\n') & set(found.url)
