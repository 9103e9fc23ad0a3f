"""Keys are stable, distinct and free of order, unlike feeds' ids (RFC 4287 §4.2.6)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from support.polls import entry

from monitor.feeds.identity import derived_id, keyed, once
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
