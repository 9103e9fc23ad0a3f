"""A meeting of ministers has one name in all languages, and it joins what shares few words."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise, permutations

import pytest

from monitor.model import Article
from monitor.stories.function_words import empty_words
from monitor.stories.gatherings import beside, gatherings
from monitor.stories.grouper import Grouper
from monitor.stories.words import terms

NAMED = [
    "NATO defence ministers meet",
    "NATO Ministers of National Defence meet",
    "NATOs forsvarsministre samles",
    "Cuộc họp Bộ trưởng Quốc phòng NATO",
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
    assert gatherings("Foreign Affairs Council (Defence) ends") >= {"EU defence ministers"}
    assert beside("Talks ahead of the Foreign Affairs Council") == {"EU foreign ministers"}


@pytest.mark.parametrize(
    "text",
    [
        "NATO starts five projects. They were signed at the defence ministers' two-day meeting",
        "After a meeting of the defence ministers in Brussels, leaders of NATO spoke of shells",
        "He spoke a day after a defense ministerial. Allies of NATO stand by Ukraine, he said",
        "At NATO's Brussels headquarters he spoke on 18 October, after defence ministers had met",
        "The NATO-Ukraine Council began its meeting at the level of defence ministers",
        "L'OTAN durcit le ton. Il parlait au terme de la réunion des ministres de la Défense",
        "Die NATO bestellt Munition. Das Treffen der Verteidigungsminister endet heute",
    ],
)
def test_a_meeting_is_that_of_the_only_body_named(text: str) -> None:
    assert gatherings(text) == {"NATO defence ministers"}


@pytest.mark.parametrize(
    "text",
    [
        "NATO and the EU agree. The pledges were signed at the defence ministers' meeting",
        "Allies of NATO agree. After a meeting of Nordic defence ministers in Oslo, they said so",
        "NATO agrees. After the meeting of the defence ministers of Sweden and Finland, he left",
        "NATO agrees. The French and German defence ministers met for talks",
        "NATO agrees. The Arab foreign ministers' meeting in Cairo goes on",
        "NATO agrees. The work of the defence ministers goes on",
        "NATO agrees. Talks between defence ministers in Tokyo end",
        "NATO agrees. They spoke at a trilateral defence ministers' meeting in Tokyo",
        "Manila and Canberra sign\nAt the defence ministers' meeting they signed what NATO has",
    ],
)
def test_a_meeting_of_others_is_not_that_of_the_body_named(text: str) -> None:
    assert gatherings(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("G7 defence ministers back Ukraine's way into NATO", "G7 defence ministers"),
        ("G7s forsvarsministre støtter at Ukraina blir Nato-medlem", "G7 defence ministers"),
        ("Rutte of NATO told defence ministers of the EU", "EU defence ministers"),
    ],
)
def test_ministers_are_of_the_body_on_the_nearer_side(text: str, name: str) -> None:
    assert gatherings(text) == {name}


def test_another_body_or_office_is_another_gathering() -> None:
    assert gatherings("EU foreign ministers") == {"EU foreign ministers"}
    assert gatherings("G7 finance ministers") == {"G7 finance ministers"}
    assert gatherings("The Group of Seven's defence ministers") == {"G7 defence ministers"}
    assert gatherings("Finance chiefs of the Group of 20 met") == {"G20 finance ministers"}


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


def _report(number: int, title: str, text: str) -> Article:
    return Article(id=number, title=title, text=text, published=AT, first_seen=AT, language="en")


MEETING = _report(
    1,
    "NATO defence ministers open talks in Brussels",
    "Defence ministers of NATO began two days of talks in Brussels with a session on Ukraine. "
    "Partners from Asia took part for the first time, and a new secretary general presided.",
)
BEFORE = _report(
    2,
    "Coalition against the group meets in Brussels ahead of NATO defence ministers' meeting",
    "Secretary Harlan thanked the members of the coalition in Brussels for years of work. "
    "Secretary Harlan said that part of the troops would leave and that training would go on.",
)
AFTER = _report(
    3,
    "Secretary Harlan pledges help by NATO for the long haul",
    "Secretary Harlan spoke to the press in Brussels, a day after a defense ministerial. The "
    "members of NATO stand by Ukraine with training and munitions, Secretary Harlan said.",
)


@pytest.mark.parametrize("order", list(permutations((MEETING, BEFORE, AFTER))))
def test_a_report_of_a_gathering_is_not_told_with_what_was_before_it(
    order: tuple[Article, ...],
) -> None:
    grouper = Grouper()
    stories: dict[int, int] = {}
    for article in order:
        stories[article.id] = grouper.assign(article, AT).story_id or article.id
        grouper.restore(article, stories[article.id], None)
    assert stories[MEETING.id] == stories[AFTER.id] != stories[BEFORE.id]


def test_two_gatherings_need_more_in_common_to_be_one_story() -> None:
    """They may follow each other in one week, but two bodies may also sit at one table."""
    next_one = _report(
        2,
        "G7 defence ministers open talks in Naples",
        "Defence ministers of the G7 began a day of talks in Naples, the first of this kind. They "
        "voiced concern about peacekeepers, the strait and shells; a secretary spoke on Ukraine.",
    )
    counterpart = _report(
        3,
        "Partners from Asia and defence ministers of the EU at talks of NATO in Brussels",
        MEETING.text.replace("presided", "spoke"),
    )
    grouper = Grouper()
    grouper.restore(MEETING, MEETING.id, None)
    assert grouper.assign(next_one, AT).story_id is None
    assert (
        grouper.assign(replace(next_one, title="Ministers open talks"), AT).story_id == MEETING.id
    )
    assert grouper.assign(counterpart, AT).story_id == MEETING.id


@pytest.mark.parametrize(
    ("title", "joined"),
    [
        ("NATO defence ministers to meet over shells and sea cables", [*[True] * 5, False]),
        ("NATO defence ministers met over shells and sea cables", [False, *[True] * 4, False]),
    ],
)
def test_a_meeting_begins_with_the_first_report_that_does_not_announce_it(
    title: str, joined: list[bool]
) -> None:
    """A preview a week ahead would cut it in two."""
    grouper = Grouper()
    grouper.restore(_article(1, title, "en"), 1, None)
    stories = [1]
    for number, day in enumerate((5, 6, 7, 8, 9, 13), start=2):
        report = _article(number, f"NATO defence ministers turn to matter {number}", "en", day)
        told = grouper.assign(report, AT + timedelta(days=day)).story_id
        stories.append(told or number)
        grouper.restore(report, told or number, None)
    assert [one == before for before, one in pairwise(stories)] == joined


def test_a_gathering_outweighs_a_few_shared_words() -> None:
    other = _report(
        2,
        "Harlan opens a shipyard for lighter patrol craft",
        "The secretary spoke at a shipyard where five hundred workers build hulls of light alloy. "
        "The first craft leaves the slipway in spring, and its radar comes from the next valley.",
    )
    grouper = Grouper()
    for article in (MEETING, other):
        grouper.restore(article, article.id, None)
    joined = grouper.assign(AFTER, AT)
    assert joined.story_id == MEETING.id
    assert "same gathering (NATO defence ministers)" in joined.why


def test_each_language_leaves_out_its_own_grammar_only() -> None:
    assert [term for term, _ in terms("Die Fregatte war und ist da", "de")] == ["fregatte"]
    assert [word for _, word in terms("War in die Fregatte", "en")] == ["war", "die", "fregatte"]
    assert [term for term, _ in terms("L'Ukraine et l'Otan", "fr")] == ["ukraine", "otan"]
    assert empty_words("nb") == empty_words("no")
    assert empty_words("de-AT") == empty_words("de")
    assert empty_words("xx") == frozenset()


def test_grammar_of_japanese_is_left_out_by_its_script() -> None:
    assert "という" not in "".join(term for term, _ in terms("防衛という", "ja"))
