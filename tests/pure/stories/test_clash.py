"""Facts that tell look-alikes apart, each found and compared in both directions."""

from __future__ import annotations

import pytest

from monitor.stories.clash import agrees, clash, elsewhere, facts, filled_anew
from monitor.stories.places import places, said_of, sites

APART = [
    ("F-35 crashes", "F-16 crashes", "F-35 against F-16"),
    ("First Type 26 launched", "First Type 31 launched", "Type 26 against Type 31"),
    ("Ministerial 2023 opens", "Ministerial 2024 opens", "2023 against 2024"),
    ("24th Ramstein meeting", "25th Ramstein meeting", "24 against 25"),
    ("War: day 903", "War: day 904", "903 against 904"),
    ("Defense ministers meet", "Finance ministers meet", "defence against finance"),
    ("US sells Patriot to Poland", "U.S. sells Patriot to Romania", "poland against romania"),
    ("Polish Patriot sale cleared", "Romanian Patriot sale cleared", "poland against romania"),
    ("Poland gets Patriot", "Romanian Patriot deal signed", "poland against romania"),
    (
        "Mine coalition met ahead of the NATO defence ministers' meeting",
        "NATO defence ministers meet",
        "an event beside NATO defence ministers against NATO defence ministers",
    ),
    (
        "NATO defence ministers in Brussels",
        "NATO defence ministers in Warsaw",
        "Brussels against Warsaw",
    ),
    ("Fire at refinery in Ryazan", "Fire at refinery in Saratov", "ryazan against saratov"),
    ("Mirage crashes off Hsinchu", "Mirage crashes north of Skyros", "Hsinchu against Skyros"),
    ("Romania buys amid Polish doubts", "Greece buys tanks", "romania against greece"),
    (
        "Dutch frigate Tromp joins group",
        "Frigate Evertsen meets others today",
        "Tromp against Evertsen",
    ),
    ("USS Truxtun Hit At Night", "USNS Supply Hit At Night", "Truxtun against Supply"),
    ("Fire at refinery in Kirishi", "Fire at refinery in Kstovo", "Kirishi against Kstovo"),
]
TOGETHER = [
    ("F-35A crashes", "F-35 jets crash"),
    ("F-35 crashes", "Fighter crashes"),
    ("F-35 escorts F-16", "F-16 flies again"),
    ("Defense ministers meet", "Defence ministers meet"),
    ("Kyiv struck", "Ukraine: Kyiv hit by drones"),
    ("Warsaw buys Patriot", "Poland buys Patriot"),
    ("Blast kills 4 workers", "Blast kills 7 workers"),
    ("Nakatani takes Japan's seat", "Council warned of North Korean troops"),
    ("Pledges for Kyiv", "Council warned of North Korean troops"),
    ("Poland tells NATO defence ministers of drones", "Japan joins NATO defence ministers"),
    ("Biden is in Friday talks", "Biden is in Monday talks"),
    ("Frigate Deal Signed In Spring", "Frigate Contract Won In Spring"),
    ("Troops land on Greenland as row with US goes on", "France sends troops to Greenland"),
]


@pytest.mark.parametrize(("one", "other", "why"), APART)
def test_a_difference_on_both_sides_is_a_clash(one: str, other: str, why: str) -> None:
    assert clash(facts(one, ""), facts(other, "")) == why
    turned = " against ".join(reversed(why.split(" against ")))
    assert clash(facts(other, ""), facts(one, "")) == turned


@pytest.mark.parametrize(("one", "other"), TOGETHER)
def test_the_same_said_otherwise_or_not_at_all_is_none(one: str, other: str) -> None:
    assert clash(facts(one, ""), facts(other, "")) == ""
    assert clash(facts(other, ""), facts(one, "")) == ""


def test_what_the_other_opening_knows_is_no_clash() -> None:
    one = facts("Tanks for Poland", "The tanks, built in Romania, go to Poland.")
    other = facts("Romania builds tanks", "They are built for another ally.")
    assert clash(one, other) == ""


def test_a_form_filled_in_anew_differs_in_every_figure() -> None:
    form = "Today {} attacks, {} strikes and {} drones were counted."
    one, other = (facts("Report", form.format(*counts)) for counts in ((3, 40, 500), (4, 41, 600)))
    assert "attacks" in clash(one, other)
    assert clash(one, facts("Report", form.format(4, 40, 600))) == ""


def test_places_are_known_by_name_people_and_capital() -> None:
    text = "US and South Korean troops; U.S. officials in Washington; Kiev; Türkiye; South Sudan"
    wanted = {"united states", "south korea", "kyiv", "turkey", "south sudan"}
    assert places(text) == wanted
    assert places("give us turkey, she said") == frozenset()


def test_a_flag_and_a_gulf_place_no_event_and_a_backer_owns_what_follows() -> None:
    assert places("Panama-flagged tanker seized in Gulf of Oman") == {"panama", "oman"}
    assert sites("Panama-flagged tanker seized in Gulf of Oman") == frozenset()
    assert sites("A sea of Chinese flags in the Strait of Malacca") == {"china"}
    assert sites("Panama flagged the risk; Oman answered") == {"panama", "oman"}
    assert said_of("Iran-backed group, Russia-made jets") == {
        "iran": frozenset({"group", "russia"}),
        "russia": frozenset({"jets"}),
    }
    two = said_of("Italian and Korean radar satellites")
    assert two == {"italy": frozenset({"radar", "satellites"})}
    one = facts("Liberia-flagged tanker hit off Mocha", "")
    assert clash(one, facts("Tanker of Greek owner hit", "")) == ""


def test_an_island_may_lie_in_the_sea_that_the_other_names() -> None:
    island = facts("Pilot ejects off Skyros", "")
    sea = facts("Jet goes down in Aegean Sea", "")
    assert clash(island, sea) == clash(sea, island) == ""
    assert clash(sea, facts("Jet goes down in Baltic Sea", "")) == "Aegean against Baltic"
    assert clash(island, facts("Pilot ejects near Milos", "")) == "Skyros against Milos"


def test_every_state_is_a_place() -> None:
    """Coups and attacks are not only where the great powers are."""
    one, other = facts("Soldiers seize power in Togo", ""), facts("Coup foiled in Benin", "")
    assert clash(one, other) == "togo against benin"
    two = facts("Gunfire in Guinea-Bissau", ""), facts("Gunfire in Guinea", "")
    assert clash(*two) == "guinea bissau against guinea"


PORTUGAL = facts("Portugal signs for 27 jets", "Portugal signs a contract of 4.1 billion euros.")
PERU = facts(
    "Peru signs for 24 jets",
    "Peru signs a contract of $3.5 billion, a day after Portugal signed for as many.",
)


def test_another_country_with_other_amounts_is_another_event_though_one_names_both() -> None:
    assert clash(PORTUGAL, PERU) == "portugal against peru"
    assert clash(PERU, PORTUGAL) == "peru against portugal"
    same = facts("Peru follows Portugal", "Portugal has signed for 27 jets, 4.1 billion euros.")
    assert clash(PORTUGAL, same) == clash(same, PORTUGAL) == ""


def test_a_town_is_no_other_place_than_its_country() -> None:
    there = facts("Secretary speaks in Cebu", "He came to the Philippines.")
    said = facts("US reaffirms support for Philippines", "The visit ended on Friday.")
    assert clash(there, said) == clash(said, there) == ""
    assert clash(facts("Odesa hit", ""), facts("Tuapse hit", "")) == "odesa against tuapse"


def test_a_story_told_of_other_places_only_is_not_joined() -> None:
    """That the story's reports mention the article's place in passing does not count then."""
    lima = facts("Peru to train pilots", "As Portugal does, the country trains its own.")
    loser = facts("Maker disappointed after Portugal turns it down", "The maker said so.")
    assert elsewhere(loser, [PERU, lima]) == "portugal against peru"
    assert elsewhere(loser, [PERU]) == ""
    assert elsewhere(loser, [PERU, PORTUGAL]) == ""
    assert elsewhere(facts("Maker disappointed", ""), [PERU, lima]) == ""


def test_places_agree_where_one_opening_knows_the_other_title() -> None:
    passing = facts("Peru signs for 24 jets", "Portugal has signed for as many.")
    assert agrees(PORTUGAL, passing)
    assert not agrees(PORTUGAL, facts("Frigate aground", "Nobody was hurt."))


def test_a_place_that_the_clashing_report_names_as_well_is_no_agreement() -> None:
    """All reports on ships in the strait agree on the strait."""
    one = facts("Dutch frigate in Taiwan Strait", "")
    other = facts("French destroyer in Taiwan Strait", "")
    third = facts("Destroyer in strait", "The destroyer sailed through the Taiwan Strait.")
    assert agrees(one, third)
    assert not agrees(one, third, other)
    assert agrees(one, facts("Frigate seen", "The Netherlands sent it."), other)


def test_what_was_before_is_not_known_of_the_event() -> None:
    """ "Days after Canada's frigate": the report tells of another ship."""
    one = facts("UK frigate in Taiwan Strait", "It came days after Canadian ships. Nobody spoke.")
    other = facts("Canada's warships in Taiwan Strait", "The warships came at noon.")
    assert clash(one, other) == "united kingdom against canada"
    said = facts("UK frigate in Taiwan Strait", "Canadian ships came with it. Nobody spoke.")
    assert clash(said, other) == ""


def test_one_and_many_are_the_same_thing_said_of_two_places() -> None:
    one, other = facts("Canadian warships seen", ""), facts("Polish warship seen", "")
    assert clash(one, other) == "canada against poland"


def test_a_form_is_filled_in_anew_when_all_amounts_and_a_name_in_each_title_are_others() -> None:
    form = "The army has ordered {} turrets with {} radars for ${} million."
    one = facts("Turrets for Lithuania", form.format(24, 24, 300))
    other = facts("Maker to supply the Danish army", form.format(16, 16, 180))
    assert filled_anew(one, other)
    assert not filled_anew(one, facts("Maker to supply the Danish army", form.format(16, 24, 180)))
    assert not filled_anew(one, facts("Turrets ordered", form.format(16, 16, 180)))


@pytest.mark.parametrize(
    ("title", "several"),
    [
        ("War live: Zelensky in Berlin; port on fire; village taken", True),
        ("Zelensky in Berlin; port on fire", False),
        ("Port on fire after attack by drones", False),
        ("War briefing: port on fire", True),
        ("Contracts roundup: radars for two navies", True),
        ("Port on fire: live updates", True),
        ("Ukraine-Liveblog: Hafen brennt", True),
        ("Brigade in live-fire exercise", False),
        ("Minister at White House briefing", False),
    ],
)
def test_a_list_and_a_live_page_tell_several_events(title: str, several: bool) -> None:
    assert facts(title, "").several == several
