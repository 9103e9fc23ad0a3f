"""Addresses as readers get them; identity is another matter (`urls.canonical`)."""

from __future__ import annotations

import pytest

from monitor.articles import urls


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://a.example/x", "http://a.example/x"),
        ("http://a.example/x?utm_source=rss&utm_medium=rss", "http://a.example/x"),
        ("http://A.example/x?id=7&utm_source=rss#part-2", "http://A.example/x?id=7#part-2"),
        ("http://a.example/x?b=2&a=%20&fbclid=1", "http://a.example/x?b=2&a=%20"),
        ("", ""),
    ],
)
def test_D27_readers_get_the_publishers_own_address_without_trackers(url: str, shown: str) -> None:
    """Scheme, host, path and order stay as they were written."""
    assert urls.readable(url) == shown
