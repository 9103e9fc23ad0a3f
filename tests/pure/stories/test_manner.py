"""How a report says that its event is the next of a series, or on the sidelines of another."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article
from monitor.stories.grouper import Grouper
from monitor.stories.manner import aside, next_of_series, of_itself, round_up

AT = datetime(2026, 10, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "head",
    [
        "Missiles strike Sumy for second night",
        "The launch was the third such test this year",
        "It was the fourth on the town in as many nights",
        "One dead in fresh Russian drone attack",
        "Sumy hit again, two dead",
        "Sumy erneut angegriffen",
        "Die vierte Nacht in Folge",
        "Nouvelle frappe sur Soumy",
        "Nuevo ataque contra Sumy",
        "Kolejny atak na Sumy",
        "Суми знову під ударом",
    ],
)
def test_the_next_of_a_series_is_known(head: str) -> None:
    assert next_of_series(head)


@pytest.mark.parametrize(
    "head",
    [
        "Third night of protests in the capital",
        "Second ministerial opens in Brussels",
        "Another minister resigns",
        "Talks to begin again on Monday",
        "Weiterer Ausbau des Hafens",
    ],
)
def test_what_goes_on_is_none(head: str) -> None:
    assert not next_of_series(head)


def test_what_came_before_is_not_of_the_event() -> None:
    text = "A truck burned. It came two days after drones hit a depot in Sumy. Nobody was hurt."
    assert of_itself(text).split() == ["A", "truck", "burned.", "It", ".", "Nobody", "was", "hurt."]
    for whole in ("The vote came after a row. So it ended.", "Two days after the raid, all left."):
        assert of_itself(whole) == whole


@pytest.mark.parametrize("begun", [", which came", ", coming"])
def test_what_follows_an_aside_on_what_came_before_is_of_the_event(begun: str) -> None:
    text = f"The strike{begun} a day after talks in Ufa, hit a depot in Sumy."
    left = of_itself(text)
    assert "Ufa" not in left
    assert left.endswith(", hit a depot in Sumy.")


def test_the_event_before_draws_no_report_to_itself() -> None:
    dhruv = "An Army Dhruv helicopter crashed in Upper Siang near Migging, and five soldiers died."
    later = "A Chinook landed by a road near Walong after a warning light came on. All are safe. It"
    before = f"{later} came a day after an Army Dhruv helicopter crashed in Upper Siang."
    grouper = Grouper()
    grouper.restore(_report(1, "Five soldiers dead in hills", dhruv, 0), 1, None)
    chinook = _report(2, "Chinook lands in hills", before, 20)
    assert grouper.assign(chinook, AT).story_id is None


def test_asides_are_known() -> None:
    assert aside("They met on the sidelines of a summit")
    assert aside("Merz and Tusk agree patrols on Vilnius sidelines")
    assert aside("Das vereinbarten sie am Rande des Gipfels")
    assert not aside("The summit opens in Vilnius")
    assert not aside("The envoy stays on the sideline")


def test_the_week_that_heads_a_title_makes_a_round_up_but_not_the_week_of_the_event() -> None:
    assert round_up("This week: ships, sales and a summit", "")
    assert not round_up("Order on missile sales coming this week: minister", "")


def test_paragraphs_that_begin_with_the_hour_make_a_live_page() -> None:
    assert round_up("The war today", "Good morning.\n06.12: A hit.\n07:30 Talks.\n08.05 A vote.")
    assert not round_up("The war today", "At 06.12 it hit.\nAt 07:30 they spoke.\nAt 08.05 too.")


def _report(number: int, title: str, text: str, hours: float, language: str = "en") -> Article:
    at = AT + timedelta(hours=hours)
    return Article(
        id=number, url=f"https://paper{number}.example/a", title=title, text=text, published=at,
        first_seen=at, language=language, source=f"Paper {number}",
    )  # fmt: skip


FIRST = _report(
    1,
    "Russian drones hit Sumy flats, killing three",
    "Russian drones struck a residential building in the city of Sumy, killing three people and "
    "wounding nine, mayor Artem Kobzar and governor Oleh Hryhorov said.",
    0,
)
SECOND = (
    "Russian missiles strike Sumy{}, wounding nine",
    "Two ballistic missiles destroyed a food warehouse and shattered windows of a college "
    "dormitory early on Tuesday, mayor Artem Kobzar said. Cars burned in Sumy's northern suburb.",
)


@pytest.mark.parametrize(
    ("told", "hours", "story"),
    [("", 24, 1), (" for second night", 24, None), (" for second night", 6, 1)],
)
def test_the_next_of_a_series_is_no_event_of_the_day_before(
    told: str, hours: float, story: int | None
) -> None:
    state = Grouper()
    state.restore(FIRST, 1, None)
    new = _report(2, SECOND[0].format(told), SECOND[1], hours)
    assert state.assign(new, new.first_seen or AT).story_id == story


@pytest.mark.parametrize(("place", "story"), [("", 1), (" on summit sidelines", None)])
def test_what_is_on_the_sidelines_of_a_summit_is_not_the_summit(
    place: str, story: int | None
) -> None:
    state = Grouper()
    text = "Leaders of fourteen countries agreed in Vilnius to pay for a shield against drones."
    state.restore(_report(1, "Leaders agree drone shield in Vilnius", text, 0), 1, None)
    told = "Heron aircraft will fly over the Baltic from September, Merz said in Vilnius."
    new = _report(2, f"Merz and Tusk agree drone patrols{place}", told, 2)
    assert state.assign(new, new.first_seen or AT).story_id == story


@pytest.mark.parametrize(("language", "story"), [("de", 1), ("en", None)])
def test_two_names_are_enough_where_no_report_is_in_the_language(
    language: str, story: int | None
) -> None:
    state = Grouper()
    told = "A fire at the Barabashovo market covered 1,200 square metres before dawn."
    state.restore(_report(1, "Market burns", told, 0), 1, None)
    text = "Der Brand auf dem Barabaschowo hat 1200 Quadratmeter erfasst, wie die Wehr mitteilte."
    if language == "en":
        text = "Stalls at Barabashovo burned over 1200 units, crews said; nobody slept."
    new = _report(2, "Feuer" if language == "de" else "Blaze", text, 1, language)
    assert state.assign(new, new.first_seen or AT).story_id == story
