"""Rules that hold for any articles in any order: duplicates, completeness, restarts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.model import Article, Assignment
from monitor.stories.grouper import Grouper

START = datetime(2024, 10, 17, 8, tzinfo=UTC)
VOCABULARY = [a + b + c for a in "bdgklmnprstvz" for b in "aeiou" for c in ("rod", "lin", "mas")]


def prose(seed: int) -> str:
    chance = Random(seed)
    return " ".join(chance.choice(VOCABULARY) + str(seed) for _ in range(120))


def variant(seed: int, how: int) -> str:
    """One text as outlets print it: as it is, under a place line, with a last line, in part."""
    text = prose(seed)
    part = " ".join(text.split()[:90])
    return (text, f"BRUSSELS (Wire) - {text}", f"{text} Read on at our site.", part)[how]


PIECES = st.lists(st.tuples(st.integers(1, 3), st.integers(0, 3)), min_size=2, max_size=7)
MIXED = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3), st.integers(0, 200)), min_size=1, max_size=25
)


def run(
    articles: Sequence[Article], restart: int | None = None
) -> dict[int, tuple[int, Assignment]]:
    """Article -> its story and decision; rebuilt from the store after `restart` articles."""
    grouper, told = Grouper(), dict[int, tuple[int, Assignment]]()
    opened = 0
    for count, one in enumerate(articles):
        now = one.first_seen or START
        if count == restart:
            grouper = Grouper()
            for old in articles[:count]:
                if (old.first_seen or START) >= now - timedelta(days=14):
                    story, decided = told[old.id]
                    grouper.restore(old, story, decided.duplicate_of)
        decided = grouper.assign(one, now)
        opened += decided.story_id is None
        told[one.id] = (decided.story_id or opened, decided)
        grouper.restore(one, told[one.id][0], decided.duplicate_of)
    return told


@settings(max_examples=60)
@given(PIECES, st.randoms(use_true_random=False))
def test_arrival_within_a_minute_does_not_change_who_is_a_duplicate(
    pieces: list[tuple[int, int]], chance: Random
) -> None:
    """Which article counts as the first changes; which texts are the same does not."""
    articles = [
        Article(id=n, text=variant(*piece), published=START, language="en")
        for n, piece in enumerate(pieces, start=1)
    ]
    chance.shuffle(articles)
    told = run(articles)
    same_text: dict[int, set[int]] = {}
    for number, (_, decided) in told.items():
        same_text.setdefault(decided.duplicate_of or number, set()).add(number)
    wanted: dict[int, set[int]] = {}
    for number, (seed, _) in enumerate(pieces, start=1):
        wanted.setdefault(seed, set()).add(number)
    assert sorted(map(sorted, same_text.values())) == sorted(map(sorted, wanted.values()))


def mixed(drawn: list[tuple[int, int, int]]) -> list[Article]:
    """Articles over weeks, in order of arrival: some alike, some copies, some empty."""
    hours = sorted(hour for _, _, hour in drawn)
    return [
        Article(
            id=n,
            title=" ".join(VOCABULARY[seed : seed + 6]) if seed else "",
            text=variant(seed, how) if seed % 3 else "",
            first_seen=START + timedelta(hours=3 * hour),
            language=("en", "de", "ja", "")[how],
        )
        for n, ((seed, how, _), hour) in enumerate(zip(drawn, hours, strict=True), start=1)
    ]


@settings(max_examples=60)
@given(MIXED)
def test_no_assignment_loses_an_article(drawn: list[tuple[int, int, int]]) -> None:
    """Each article is in one story; a copy is in its original's, and an original is no copy."""
    articles = mixed(drawn)
    told = run(articles)
    assert list(told) == [article.id for article in articles]
    for number, (story, decided) in told.items():
        assert decided.article_id == number
        assert decided.why
        original = decided.duplicate_of
        if original is not None:
            assert original < number
            assert told[original][0] == story
            assert told[original][1].duplicate_of is None


@settings(max_examples=60)
@given(MIXED, st.integers(0, 24))
def test_a_restart_half_way_gives_identical_groups(
    drawn: list[tuple[int, int, int]], restart: int
) -> None:
    articles = mixed(drawn)
    assert run(articles, restart) == run(articles)


def test_a_farm_of_like_texts_is_compared_with_a_bounded_number_of_them() -> None:
    """Hundreds of near-copies fold into one story, each named a copy of the first."""
    text = prose(5)
    articles = [
        Article(id=n, text=f"{text} Item {n}.", first_seen=START, language="en")
        for n in range(1, 301)
    ]
    told = run(articles)
    assert {story for story, _ in told.values()} == {1}
    assert {decided.duplicate_of for _, decided in told.values()} == {None, 1}
