"""The feeds that we ship."""

from __future__ import annotations

import tomllib
from pathlib import Path

FEEDS = tomllib.loads((Path(__file__).parents[3] / "config" / "feeds.toml").read_text("utf-8"))[
    "feeds"
]
KEYS = {
    "url", "name", "source", "owner", "kind", "lang", "region", "tags", "interval", "articles",
    "enabled",
}  # fmt: skip


def test_every_feed_is_described() -> None:
    """Each feed has address, name, source, language, region and tags, and no unknown key."""
    for feed in FEEDS:
        assert set(feed) <= KEYS
        assert {"url", "name", "source", "lang", "region", "tags"} <= set(feed)
        assert feed["url"].startswith("https://")
        assert feed["tags"]


def test_no_address_and_no_name_stands_twice() -> None:
    """The shipped feeds, about sixty, have addresses and names of their own."""
    assert (
        len({feed["url"] for feed in FEEDS}) == len({feed["name"] for feed in FEEDS}) == len(FEEDS)
    )
    assert 55 <= len(FEEDS) <= 75


def test_state_media_are_off() -> None:
    """State media are listed and tagged, and polled only if somebody enables them."""
    state = [feed for feed in FEEDS if "state-media" in feed["tags"]]
    assert state
    assert all(feed["enabled"] is False for feed in state)
