"""Which article stands for its story, and in which order stories stand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article, Match, Reported
from monitor.stories.rank import lead, order

START = datetime(2024, 10, 17, 8, tzinfo=UTC)


def article(
    number: int, words: int, hours: float = 0, source: str = "", owner: str = ""
) -> Article:
    told = START + timedelta(hours=hours)
    text = "word " * words
    return Article(id=number, text=text, published=told, source=source or f"s{number}", owner=owner)


def reported(story: int, one: Article, score: float = 0, copy_of: int | None = None) -> Reported:
    matches = (Match("nato", score, (), 0),) if score else ()
    return Reported(article=one, story_id=story, duplicate_of=copy_of, matches=matches)


def test_a_full_article_leads_before_a_short_one_that_came_first() -> None:
    assert lead([article(1, 30), article(2, 600, 5), article(3, 900, 9)]).id == 2


def test_among_short_ones_the_longest_counts_as_full() -> None:
    assert lead([article(1, 20), article(2, 60, 1), article(3, 60, 2)]).id == 2


def test_a_copy_leads_only_when_it_is_fuller_than_the_originals() -> None:
    copies = {1: 9, 3: 2}
    assert lead([article(1, 400), article(2, 300, 5)], copies).id == 2
    assert lead([article(2, 40), article(3, 700, 5)], copies).id == 3


def test_equal_articles_are_told_apart_by_number_in_any_order() -> None:
    same = [article(2, 400), article(1, 400), article(3, 400)]
    assert {lead(same).id, lead(same[::-1]).id} == {1}


def test_an_article_without_time_comes_last() -> None:
    assert lead([Article(id=1, text="word " * 300), article(2, 300)]).id == 2


def test_no_articles_have_no_lead() -> None:
    with pytest.raises(ValueError, match="empty"):
        lead([])


def test_stories_stand_by_match_score_then_by_independent_sources_then_by_time() -> None:
    scored = [reported(1, article(1, 9), score=2.0)]
    copied = [reported(2, article(2, 9), 1.0), reported(2, article(3, 9, 9), copy_of=2)]
    family = [
        reported(3, article(4, 9, 1, owner="Group"), 1.0),
        reported(3, article(5, 9, 1, owner="Group")),
    ]
    several = [reported(4, article(6, 9), 1.0), reported(4, article(7, 9))]
    ordered = order([[], family, several, copied, scored])
    assert [story[0].story_id for story in ordered] == [1, 4, 2, 3]
    assert order(ordered[::-1]) == ordered
