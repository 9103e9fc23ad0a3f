"""Who copied whom: an origin for each article, and a count that copies cannot raise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Article
from monitor.stories.lineage import Origin, lineage

AT = datetime(2024, 10, 18, 9, tzinfo=UTC)
OFFICIAL = ("Armaments Office",)


def prose(seed: int, words: int = 240) -> str:
    """A text that shares no shingle with that of another seed."""
    chance = Random(seed)
    return " ".join(f"w{seed}x{chance.randrange(10_000)}" for _ in range(words))


def told(number: int, source: str, text: str, owner: str = "") -> Article:
    at = AT + timedelta(minutes=number)
    return Article(id=number, source=source, owner=owner, text=text, published=at, first_seen=at)


def test_each_article_has_its_origin() -> None:
    release, wire, own = prose(1), prose(2), prose(3)
    found = lineage(
        [
            told(1, "Armaments Office", release),
            told(2, "Northwatch", wire),
            told(3, "Brief", f"{release} He added a word."),
            told(4, "Post", f"By our staff {wire}"),
            told(5, "Ledger", own),
            told(6, "Roundup", f"{prose(2, 100)} {prose(3, 100)}"),
        ],
        OFFICIAL,
    )
    assert [(d.origin, d.taken_from) for d in found.descents] == [
        (Origin.OFFICIAL, ()),
        (Origin.OWN, ()),
        (Origin.RELEASE, (1,)),
        (Origin.WIRE, (2,)),
        (Origin.OWN, ()),
        (Origin.COMPILATION, found.descents[5].taken_from),
    ]
    assert set(found.descents[5].taken_from) == {2, 5}
    assert str(found) == "5 outlets, 2 independent"
    assert found.first_reported == AT + timedelta(minutes=1)


def test_outlets_of_one_owner_are_one_voice() -> None:
    found = lineage([told(1, "Gazette", prose(1), "Tide"), told(2, "Courier", prose(2), "Tide")])
    assert (found.outlets, found.independent) == (2, 1)


def test_a_family_joins_with_its_first_text_of_its_own() -> None:
    """Copies, statements and second reports of an outlet are no further voices."""
    found = lineage(
        [
            told(1, "Armaments Office", prose(1)),
            told(2, "Brief", prose(1)),
            told(3, "Northwatch", prose(2), "Tide"),
            told(4, "Courier", prose(3), "Tide"),
            told(5, "Brief", prose(4)),
            told(6, "Post", prose(2)),
        ],
        OFFICIAL,
    )
    assert found.joined == (AT + timedelta(minutes=3), AT + timedelta(minutes=5))


def test_a_quotation_is_no_copy() -> None:
    found = lineage([told(1, "A", prose(1)), told(2, "B", f"{prose(2)} {prose(1, 60)}")])
    assert found.descents[1].origin is Origin.OWN
    assert found.independent == 2


def test_a_story_without_articles_has_no_outlets() -> None:
    found = lineage([])
    assert (str(found), found.first_reported) == ("0 outlets, 0 independent", None)


ARTICLES = st.lists(
    st.tuples(st.integers(1, 4), st.sampled_from("ABCD"), st.booleans()), min_size=1, max_size=7
)


@settings(max_examples=40)
@given(ARTICLES, st.randoms(use_true_random=False))
def test_the_order_given_does_not_matter_and_sums_hold(
    drawn: list[tuple[int, str, bool]], chance: Random
) -> None:
    articles = [
        told(n, source, prose(seed, 200 if whole else 90))
        for n, (seed, source, whole) in enumerate(drawn)
    ]
    found = lineage(articles)
    shuffled = articles[:]
    chance.shuffle(shuffled)
    assert lineage(shuffled) == found
    assert [d.article_id for d in found.descents] == [a.id for a in articles]
    assert 1 <= found.independent <= found.outlets
    earlier: set[int] = set()
    for descent in found.descents:
        assert set(descent.taken_from) <= earlier
        earlier.add(descent.article_id)


@settings(max_examples=20)
@given(st.integers(1, 6))
def test_copies_by_others_raise_the_outlets_and_never_the_independent(copies: int) -> None:
    articles = [told(n, f"Outlet {n}", prose(1)) for n in range(copies + 1)]
    found = lineage(articles)
    assert (found.outlets, found.independent) == (copies + 1, 1)
