"""A meeting of ministers has one name in all languages, and it joins what shares few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article
from monitor.stories.function_words import empty_words
from monitor.stories.gatherings import beside, gatherings
from monitor.stories.grouper import Grouper
from monitor.stories.words import terms

NAMED = [
    "NATO defence ministers meet",
    "a meeting of NATO defense ministers",
    "Nato-Verteidigungsminister beraten",
    "Die Verteidigungsminister der Nato tagen",
    "Die Verteidigungschefs Japans und der NATO",
    "Les ministres de la Défense de l'OTAN",
    "Los ministros de Defensa de la OTAN",
    "I ministri della Difesa della NATO",
    "Ministrowie obrony NATO",
    "Министры обороны НАТО",
    "Міністри оборони НАТО",
    "NATO国防相会合",
    "Hội nghị Bộ trưởng Quốc phòng NATO",
    "Para menteri pertahanan NATO",
    "وزراء دفاع الناتو",
    "나토 국방장관회의",
    "Miniștrii apărării din NATO",
    "NATO gynybos ministrai",
]
AT = datetime(2024, 10, 18, 9, tzinfo=UTC)


@pytest.mark.parametrize("text", NAMED)
def test_one_gathering_has_one_name(text: str) -> None:
    assert gatherings(text) == {"NATO defence ministers"}


@pytest.mark.parametrize(
    "text",
    [
        "The defence minister visits NATO",
        "Defence ministers meet. NATO exercise begins",
        "Verteidigungsministerium und Nato",
        "NATO launches an exercise in which, weeks ahead of schedule, defence ministers take part",
        "",
    ],
)
def test_what_is_no_gathering_has_no_name(text: str) -> None:
    assert gatherings(text) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "Coalition met ahead of the NATO defence ministers' meeting",
        "Two ministers sign on the sidelines of a meeting of NATO defense ministers",
        "Gespräch am Rande des Treffens der Nato-Verteidigungsminister",
        "Une rencontre en marge de la réunion des ministres de la Défense de l'OTAN",
    ],
)
def test_what_happens_beside_a_gathering_is_not_the_gathering(text: str) -> None:
    assert gatherings(text) == frozenset()
    assert beside(text) == {"NATO defence ministers"}
    both = f"{text}. NATO defence ministers met"
    assert (gatherings(both), beside(both)) == ({"NATO defence ministers"}, frozenset())


def test_some_meetings_have_a_name_of_their_own() -> None:
    assert gatherings("Thirteenth ADMM-Plus convenes") == {"ASEAN defence ministers"}
    assert beside("Talks ahead of the Foreign Affairs Council") == {"EU foreign ministers"}


def test_another_body_or_office_is_another_gathering() -> None:
    assert gatherings("EU foreign ministers") == {"EU foreign ministers"}
    assert gatherings("G7 finance ministers") == {"G7 finance ministers"}


def _article(number: int, title: str, language: str, days: float = 0) -> Article:
    at = AT + timedelta(days=days)
    return Article(id=number, title=title, language=language, published=at, first_seen=at)


@pytest.mark.parametrize(
    ("title", "days", "joins"),
    [
        ("Nato-Verteidigungsminister beraten zwei Tage lang", 1, True),
        ("Nato-Verteidigungsminister beraten zwei Tage lang", 6, True),
        ("Nato-Verteidigungsminister beraten zwei Tage lang", 8, False),
        ("Außenminister der EU beraten zwei Tage lang", 1, False),
    ],
)
def test_titles_in_two_languages_meet_in_the_gathering(
    title: str, days: float, joins: bool
) -> None:
    grouper = Grouper()
    grouper.restore(_article(1, "NATO defence ministers close their talks", "en"), 5, None)
    late = _article(2, title, "de", days)
    decided = grouper.assign(late, AT + timedelta(days=days))
    assert (decided.story_id == 5) is joins
    assert ("same gathering (NATO defence ministers)" in decided.why) is joins


def test_each_language_leaves_out_its_own_grammar_only() -> None:
    assert [term for term, _ in terms("Die Fregatte war und ist da", "de")] == ["fregatte"]
    assert [word for _, word in terms("War in die Fregatte", "en")] == ["war", "die", "fregatte"]
    assert [term for term, _ in terms("L'Ukraine et l'Otan", "fr")] == ["ukraine", "otan"]
    assert empty_words("nb") == empty_words("no")
    assert empty_words("de-AT") == empty_words("de")
    assert empty_words("xx") == frozenset()


def test_grammar_of_japanese_is_left_out_by_its_script() -> None:
    assert "という" not in "".join(term for term, _ in terms("防衛という", "ja"))
