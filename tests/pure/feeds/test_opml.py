"""Lists of feeds, in and out."""

from __future__ import annotations

import pytest

from monitor.errors import InputError
from monitor.feeds import opml
from monitor.model import Feed

LIST = """<?xml version="1.0" encoding="utf-8"?>
<opml version="1.0"><head><title>Mine</title></head><body>
<outline text="Press"><outline text="Navy &amp; Air">
  <outline type="rss" text="Fleet" title="Fleet News" xmlUrl="https://fleet.test/rss"
    category="/sea,ships" language="en"/>
  <outline type="RSS" text="Evil" xmlUrl="javascript:alert(1)"/>
</outline></outline>
<outline text="Plain" xmlURL="https://plain.test/feed"/>
<outline text="Again"><outline text="Fleet" xmlUrl="https://fleet.test/rss"/></outline>
<outline type="link" text="A page" xmlUrl="https://page.test/"/>
</body></opml>"""


def test_folders_and_categories_become_tags() -> None:
    """Each address once; a feed in two folders has both tags; only addresses of the web."""
    assert opml.read(LIST) == [
        Feed(
            url="https://fleet.test/rss",
            name="Fleet News",
            lang="en",
            tags=("Press", "Navy & Air", "sea", "ships", "Again"),
        ),
        Feed(url="https://plain.test/feed", name="Plain"),
    ]


def test_what_is_written_is_read_again() -> None:
    """Names, addresses, languages and tags, with every awkward character."""
    feeds = [
        Feed(url="https://a.test/?x=1&y=%22", name='A <"> & B', lang="de", tags=("x & y", "z")),
        Feed(url="https://b.test/", tags=()),
        Feed(url="https://c.test/", name="C", tags=("x & y",)),
    ]
    again = opml.read(opml.write(feeds, "Mine & yours"))
    assert {(one.url, one.lang, one.tags) for one in again} == {
        (one.url, one.lang, one.tags) for one in feeds
    }
    assert {one.url: one.name for one in again}["https://a.test/?x=1&y=%22"] == 'A <"> & B'


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no element"),
        ("<opml", "line 1"),
        ("<rss/>", "not <opml>"),
        ("<opml><body>" + "<outline>" * 1_000_000, "nested too deep"),
        ("<opml><body>" + "<outline text='x'/>" * 60_000 + "</body></opml>", "outlines"),
        ('<!DOCTYPE opml [<!ENTITY a "b">]><opml/>', "document type"),
        ("x" * 16_000_000, "characters"),
    ],
    ids=["empty", "cut", "other", "s24-deep", "s104-many", "s20-entities", "long"],
)
def test_s24_s104_hostile_lists_are_refused(text: str, why: str) -> None:
    """Depth, number, entities, size: with a reason."""
    with pytest.raises(InputError, match=why):
        opml.read(text)
