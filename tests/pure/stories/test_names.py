"""A name is the same in all languages, and what is no name is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article
from monitor.stories.grouper import Grouper
from monitor.stories.names import form, names, written

ONE = [
    ("Novorossiysk", "Noworossijsk", "Новороссийск", "Новороссийске"),
    ("Sheskharis", "Scheskharis", "Шесхарис"),
    ("Zelensky", "Selenskyj", "Zelenskyy", "Зеленський", "Зеленский"),
    ("Sergei", "Sergej", "Serguéi", "Сергей"),
    ("Kravets", "Кравец"),
    ("Shoigu", "Schoigu", "Шойгу"),
    ("Tuapse", "Туапсе"),
    ("Gripen", "Gripens"),
]
AT = datetime(2026, 10, 9, 6, tzinfo=UTC)


@pytest.mark.parametrize("spellings", ONE)
def test_a_name_has_one_form_in_all_spellings(spellings: tuple[str, ...]) -> None:
    assert len({form(spelling) for spelling in spellings}) == 1


def test_different_names_have_different_forms() -> None:
    different = ["Lomakin", "Lomonosov", "Davao", "Davos", "Palawan", "Pahlavi", "Saab", "Said"]
    assert len({form(name) for name in different}) == len(different)


def test_names_are_capitals_within_a_sentence_and_parts_of_one_count_as_one() -> None:
    found = names(
        "Fire at the port", "Smoke rose. Governor Sergei Lomakin spoke in Gelendzhik.", "en"
    )
    assert set(found) == {form("Sergei"), form("Lomakin"), form("Gelendzhik")}
    assert found[form("Sergei")] == found[form("Lomakin")] != found[form("Gelendzhik")]


def test_what_a_name_is_called_for_short_is_part_of_it_and_an_agency_is_none() -> None:
    text = "The blast was seen by the Interim Force in Marwan (UNIFIL), it said. All left."
    found = names("", text, "en")
    assert found[form("UNIFIL")] == found[form("Marwan")]
    assert form("KUNA") not in names("", "MARWAN, May 2 (KUNA) -- Smoke rose.", "en")
    assert form("Perhaps") not in names("", "He left (Perhaps for good). All left.", "en")


@pytest.mark.parametrize(
    "text",
    [
        "Smoke rose over town. Firemen came: nobody was hurt.",
        "He said so on Monday, in March, in Germany and in New Zealand, as NATO Ministers did.",
        "At 05:30 on 14 October 2026, 12 men came.",
        "Ärzte kamen, es änderte sich nichts, überall.",
    ],
)
def test_what_stands_in_any_report_is_no_name(text: str) -> None:
    assert names("", text, "en") == {}


def test_a_title_in_capitals_tells_no_names() -> None:
    assert names("Morikawa Attends Talks With Allies", "", "en") == {}
    told = names("Talks with Morikawa on allies and their ships", "", "en")
    assert set(told) == {form("Morikawa")}


@pytest.mark.parametrize("amount", ["4.1", "4,1", "4.10"])
def test_a_figure_is_one_however_it_is_written(amount: str) -> None:
    assert set(names("", f"It weighs {amount} tons", "en")) == {"4.1"}
    assert set(names("", f"It costs {amount} billion", "en")) == {"4.1 bn"}
    assert set(names("", "Some 19,000 people", "en")) == set(names("", "Rund 19.000", "de"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("worth $6.0 billion", "en"),
        ("worth 6bn", "en"),
        ("kostet 6 Milliarden", "de"),
        ("kostet 6 Mrd.", "de"),
        ("pour 6 milliards", "fr"),
        ("por 6 mil millones", "es"),
        ("za 6 miliardów", "pl"),
        ("за 6 млрд", "ru"),
    ],
)
def test_a_sum_is_one_in_every_language(text: str, language: str) -> None:
    assert "6 bn" in names("", text, language)


def test_thousands_are_divided_by_a_space_in_most_languages_but_not_in_english() -> None:
    assert set(names("", "noin 6 500 sotilasta", "fi")) == {"6500"}
    assert set(names("", "on May 6 500 came", "en")) == {"500"}


def test_a_designator_is_a_name_without_its_variant() -> None:
    wanted = set(names("", "zwei F-35 flogen", "de"))
    assert wanted == set(names("", "two F-35As flew", "en")) == {"f35"}
    assert {"k2", "pac3"} <= set(names("", "a K2 and a PAC-3", "en"))


def test_names_are_shown_as_they_are_written() -> None:
    assert written("", "the port of Noworossijsk")[form("Novorossiysk")] == "Noworossijsk"


def _article(number: int, title: str, text: str, language: str = "en", hours: float = 0) -> Article:
    at = AT + timedelta(hours=hours)
    return Article(
        id=number, title=title, text=text, language=language, published=at, first_seen=at
    )


FIRE = _article(
    1,
    "Fire at oil terminal after attack by drones",
    "Drones set the terminal of Sheskharis in Novorossiysk on fire, said governor Sergei Lomakin.",
)
RATES = _article(
    2,
    "Underwriters double their rates",
    "Cover for hulls that load at Sheskharis or lie off Novorossiysk cost twice as much within a "
    "day. A broker quoted governor Lomakin as saying that nothing would load for weeks.",
    hours=5,
)


def test_names_that_no_other_story_tells_join_reports_of_few_common_words() -> None:
    grouper = Grouper()
    grouper.restore(FIRE, 1, None)
    decided = grouper.assign(RATES, AT + timedelta(hours=5))
    assert decided.story_id == 1
    assert "names “Lomakin”, “Novorossiysk”, “Sheskharis”" in decided.why


def test_names_that_many_stories_tell_join_nothing() -> None:
    grouper = Grouper()
    grouper.restore(FIRE, 1, None)
    for number in range(3, 7):
        text = f"Item{number} came from Sheskharis by Novorossiysk with Sergei Lomakin."
        grouper.restore(_article(number, f"Subject {number}", text), number, None)
    assert grouper.assign(RATES, AT + timedelta(hours=5)).story_id is None


def test_names_join_nothing_days_later() -> None:
    grouper = Grouper()
    grouper.restore(FIRE, 1, None)
    later = _article(2, RATES.title, RATES.text, hours=48)
    assert grouper.assign(later, AT + timedelta(hours=48)).story_id is None


def test_names_join_reports_in_another_language_and_script() -> None:
    russian = _article(
        2,
        "В порту горит терминал",
        "На терминале Шесхарис в Новороссийске пожар, сообщил губернатор Сергей Ломакин.",
        "ru",
    )
    grouper = Grouper()
    grouper.restore(FIRE, 1, None)
    assert grouper.assign(russian, AT).story_id == 1
    grouper.restore(russian, 1, None)
    assert grouper.assign(RATES, AT + timedelta(hours=5)).story_id == 1


@pytest.mark.parametrize(("hours", "joins"), [(6, True), (24, False)])
def test_two_names_are_enough_for_a_translation_of_the_same_hours(
    hours: float, joins: bool
) -> None:
    told = "Дым виден издалека, рассказал Ломакин с причала Шесхарис."
    russian = _article(2, "Дым на рассвете", told, "ru", hours)
    grouper = Grouper()
    grouper.restore(_article(1, "Smoke at dawn", "So said Lomakin of the Sheskharis."), 1, None)
    decided = grouper.assign(russian, AT + timedelta(hours=hours))
    assert (decided.story_id == 1) is joins


@pytest.mark.parametrize(("hours", "joins"), [(24, True), (48, False)])
def test_a_translation_may_come_the_day_after(hours: float, joins: bool) -> None:
    turkish = _article(
        2,
        "Limandaki terminal yanıyor",
        "Vali Sergei Lomakin, Novorossiysk limanındaki Sheskharis terminalinde yangın çıktığını, "
        "Caspian hattının 1500 metre uzağında Chernomor gemisinin beklediğini söyledi.",
        "tr",
        hours,
    )
    told = f"{FIRE.text} The Chernomor lay 1500 metres off the line of Caspian."
    grouper = Grouper()
    grouper.restore(replace(FIRE, text=told), 1, None)
    decided = grouper.assign(turkish, AT + timedelta(hours=hours))
    assert (decided.story_id == 1) is joins


def test_german_nouns_are_no_names_to_german_reports() -> None:
    """Two German reports that share nouns share no names; an English one shares its names."""
    one = _article(
        1, "Streit", "Der Tanker lag mit der Ladung im Hafen bei Sheskharis, sagt Lomakin.", "de"
    )
    other = _article(
        2, "Fest", "Die Blumen kamen mit dem Tanker, als Ladung, in den Hafen zur Feier.", "de"
    )
    grouper = Grouper()
    grouper.restore(one, 1, None)
    assert ", names" not in grouper.assign(other, AT).why
    english = "Only the tanker at Sheskharis stayed, said Lomakin of the Tanker Ladung."
    assert (
        ", names “Lomakin”, “Sheskharis”, “Tanker”"
        in grouper.assign(_article(3, "Row", english), AT).why
    )


ORDER = (
    "A contract for submarines was sealed by the government of Norway at Haakonsvern yesterday. "
    "The price, the yard, the schedule and the crews were settled in eleven rounds over two "
    "winters, says Colonel Ekrem Baslar, and lawyers on both sides slept little before it was dry."
)
SIDE = (
    "Night shifts end in April because no contract for submarines came from {}: unions mourn, "
    "bakers by the gate fear for their trade, and a choir of welders sang beneath the cranes. Nor "
    "will Baslar be invited again, joked a foreman whose cousin once rowed at {} on a foggy day."
)


@pytest.mark.parametrize(
    ("country", "town", "joins"),
    [("Norway", "Haakonsvern", True), ("Peru", "Haakonsvern", False), ("Norway", "Brest", False)],
)
def test_two_names_are_enough_if_both_reports_speak_of_the_same(
    country: str, town: str, joins: bool
) -> None:
    """The loser's side shares two names with the order, and speaks of what it speaks of."""
    grouper = Grouper()
    grouper.restore(_article(1, "Deal sealed at last", ORDER), 1, None)
    side = _article(2, "Welders sing no more", SIDE.format(country, town))
    assert (grouper.assign(side, AT).story_id == 1) is joins
