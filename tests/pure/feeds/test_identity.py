"""Keys are stable, distinct and free of order, unlike feeds' ids (RFC 4287 §4.2.6)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.polls import entry

from monitor.feeds.identity import derived_id, digest, keyed, once, split_key
from monitor.feeds.read import read
from monitor.model import Entry

names = st.sampled_from(["a", "b", "c"])
entries = st.lists(
    st.builds(
        lambda ident, link, title: entry("x", id=ident, key=ident, link=link, title=title),
        names,
        names,
        names,
    ),
    max_size=8,
)


@given(entries, st.randoms(use_true_random=False))
def test_no_key_depends_on_the_order(stated: list[Entry], chance: object) -> None:
    """Shuffled documents give the same keys to the same entries."""
    shuffled = list(stated)
    chance.shuffle(shuffled)
    assert {(one.key, one.title) for one in keyed(stated)} == {
        (one.key, one.title) for one in keyed(shuffled)
    }


@given(entries)
def test_different_entries_have_different_keys(stated: list[Entry]) -> None:
    """Id, link and title together tell entries apart."""
    places = {(one.id, one.link, one.title) for one in stated}
    assert len(once(keyed(stated))) == len(places)


def test_an_id_used_once_is_the_key() -> None:
    """A new link, title or text under the same id is the same entry."""
    assert [one.key for one in keyed([entry("a"), entry("b")])] == ["a", "b"]


def test_a_missing_id_is_the_link_else_a_hash_of_what_is_said() -> None:
    """The hash is the same on every machine."""
    assert derived_id("https://feed.test/1", "t", "x") == "https://feed.test/1"
    assert derived_id("", "t", "x") == derived_id("", "t", "x") != derived_id("", "t", "y")
    assert derived_id("", "t", "x") == "text:cf8028329ec9d1b6a7da818f"


@pytest.mark.parametrize(
    "body",
    [
        "<rss version='2.0'><item><title>t</title><link>/a b&lt;c&gt;</link></item></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'><entry><link href='/a b&lt;c&gt;'/>"
        "<title>t</title></entry></feed>",
        '{"version": "https://jsonfeed.org/version/1", "items": [{"url": "/a b<c>"}]}',
        "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>"
        "<url><loc>https://feed.test/a b&lt;c&gt;</loc></url></urlset>",
    ],
)
def test_the_key_made_of_a_link_is_as_the_document_spells_it(body: str) -> None:
    """Only the link is encoded: a key that changed would tell the entry again."""
    one = read(body.encode(), "", "https://feed.test/").entries[0]
    assert (one.key, one.link) == ("https://feed.test/a b<c>", "https://feed.test/a%20b%3Cc%3E")


def test_keys_of_entries_with_one_link_have_it_as_the_document_spells_it() -> None:
    """This holds for keys that are split as well."""
    items = "".join(f"<item><title>{title}</title><link>/a b</link></item>" for title in "tu")
    entries = read(f"<rss version='2.0'>{items}</rss>".encode(), "", "https://feed.test/").entries
    assert [one.key for one in entries] == [
        f"https://feed.test/a b https://feed.test/a b {digest(title)}" for title in "tu"
    ]
    assert split_key(entries[0]) == "https://feed.test/a b https://feed.test/a b"


PAGE = "https://feed.test/live"


@pytest.mark.parametrize(
    ("others", "shares"),
    [
        ([entry("b", link=f"{PAGE}#2")], True),
        ([entry("b", link=PAGE, title="Title a")], True),
        ([entry("a", key="a", link=PAGE, title="Under the same id")], True),
        ([entry("b", link=PAGE, title="Title a", summary_html="Text a")], False),
        ([entry("a", link=f"{PAGE}#2")], False),
        ([entry("b", link=f"{PAGE}/2")], False),
        ([], False),
    ],
)
def test_entries_that_share_a_page_are_marked(others: list[Entry], shares: bool) -> None:
    """Those of live blogs and of lists on one page are different, as their ids and words are."""
    one = entry("a", link=f"{PAGE}#1")
    assert {each.shares_page for each in keyed([one, *others])} == {shares}
    assert {each.shares_page for each in keyed([*others, one])} == {shares}


def test_entries_without_links_share_no_page() -> None:
    assert not any(one.shares_page for one in keyed([entry("a", link=""), entry("b", link="")]))
