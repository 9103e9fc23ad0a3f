"""What is new in a story already reported, in the sentence that says so."""

from __future__ import annotations

import pytest

from monitor.model import Article, Development
from monitor.stories import development as module
from monitor.stories.tolls import tolls

TOLD = [
    Article(
        id=1,
        title="Odesa hit by 120 drones",
        text="The port burned. The mayor said 3 people died on 17 October. Crews came from Izmail.",
        language="en",
    )
]


def report(text: str, source: str = "Ledger", title: str = "Odesa after the night") -> Article:
    return Article(id=2, title=title, text=text, source=source, language="en")


def development(
    told: list[Article], *new: Article, official: tuple[str, ...] = (), copies: tuple[int, ...] = ()
) -> Development | None:
    return module.development(told, new, official, copies)


def test_a_new_figure_is_shown_in_its_sentence() -> None:
    found = development(
        TOLD, report("It was a long night. Rescuers found 7 people dead. All left.")
    )
    assert found is not None
    assert (found.kind, found.sentence) == ("new figure", "Rescuers found 7 people dead.")
    assert found.new == ("7 people",)


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "The U.S. Navy said 7 sailors died."),
        ("en", "Lt. Col. Holt said 7 sailors were hurt at St. Ebba."),
        ("de", "Am 3. Oktober starben laut Dr. Holm 7 Matrosen."),
    ],
)
def test_the_new_sentence_is_a_whole_one(language: str, sentence: str) -> None:
    """An update is told by this sentence alone, so it must not begin behind an abbreviation."""
    found = development(
        TOLD, Article(id=2, text=f"It rained. {sentence} Later.", language=language)
    )
    assert found is not None
    assert found.sentence == sentence


@pytest.mark.parametrize(
    ("language", "told", "new", "shown"),
    [
        (
            "en",
            "killed three people",
            "The strike killed seven people, officials said.",
            "seven people",
        ),
        ("en", "left two dead", "The death toll rose to nine on Friday.", "nine"),
        ("de", "Zwei Tote", "Bei dem Angriff wurden vier Menschen getötet.", "vier Menschen"),
        ("fr", "fait deux morts", "Le bilan est de cinq morts, selon le maire.", "cinq morts"),
        ("es", "dejó dos muertos", "El ataque dejó seis muertos en el puerto.", "seis muertos"),
        ("it", "ha ucciso due", "Il raid ha fatto otto morti, dice il sindaco.", "otto morti"),
    ],
)
def test_a_toll_in_letters_is_a_figure(language: str, told: str, new: str, shown: str) -> None:
    """Style books write small numbers as words, and a toll is small at first."""
    before = [Article(id=1, title="", text=told, language=language)]
    found = development(before, Article(id=2, text=new, language=language))
    assert found is not None
    assert (found.kind, found.sentence, found.new) == ("new figure", new, (shown,))
    assert (
        development([Article(id=1, text=new, language=language)], found_again(new, language))
        is None
    )


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Bei dem Angriff gab es zwei Dutzend Tote, sagt der Bürgermeister."),
        ("en", "A two-year-old boy was killed in the strike, officials said."),
        ("en", "The strike killed two hundred people, officials said."),
        ("en", "Twenty-two people were killed in the strike."),
        ("en", "World War Two dead were buried in the town."),
        ("es", "El ataque dejó treinta y dos muertos en el puerto."),
        ("fr", "Le bilan est de vingt-deux morts, selon le maire."),
    ],
)
def test_a_part_of_a_longer_number_is_no_toll(language: str, text: str) -> None:
    assert list(tolls(text, language)) == []


def found_again(text: str, language: str) -> Article:
    """A later report with the same facts."""
    return Article(id=3, text=f"So it is. {text}", language=language)


@pytest.mark.parametrize(
    "text",
    [
        "Three residents died, the mayor of the town said again.",
        "The dead were found after two days of work.",
        "Two of the ministers spoke about the harbour and its dead fish of long ago and more.",
        "All four cranes of the harbour stand still.",
    ],
)
def test_other_numbers_in_letters_and_known_tolls_are_no_development(text: str) -> None:
    """ "3 people" and "three residents" are the same figure."""
    told = [
        Article(
            id=1,
            title="Odesa",
            text="The mayor said 3 people died. Two ministers came.",
            language="en",
        )
    ]
    assert development(told, report(text, title="Odesa")) is None


def test_who_says_that_an_earlier_figure_is_corrected_corrects() -> None:
    """Outlets seldom write the word Correction above such a report."""
    text = "The governor spoke on Friday, correcting an earlier figure."
    found = development(TOLD, report(text))
    assert found is not None
    assert found.kind == "correction"


def test_known_facts_in_fresh_words_are_no_development() -> None:
    again = "On 18 October the fire was out. In all 3 residents lost their lives to 120 aircraft."
    assert development(TOLD, report(again)) is None


def test_new_actors_are_two_names_in_one_sentence() -> None:
    text = "The port reopened. Then the envoys of Lithuania and of Greater Foronia offered pumps."
    found = development(TOLD, report(text))
    assert found is not None
    assert (found.kind, found.new) == ("new actors", ("Lithuania", "Greater Foronia"))
    assert development(TOLD, report("The port reopened. Then Lithuania offered pumps.")) is None
    byline = "By Edda Lund and Ingrid Holm\nThe port reopened."
    assert development(TOLD, report(byline)) is None
    in_german = Article(id=2, text="Der Hafen ist nach der Nacht mit Pumpen offen.", language="de")
    assert development(TOLD, in_german) is None


def test_one_new_name_is_enough_if_the_title_has_it() -> None:
    text = "Overnight the town of Chornomorsk burned too. All left."
    found = development(TOLD, report(text, title="Chornomorsk burns as well"))
    assert found is not None
    assert (found.kind, found.new) == ("new actors", ("Chornomorsk",))
    assert development(TOLD, report(text)) is None


def test_a_sentence_full_of_names_is_not_taken_for_a_byline() -> None:
    """Its first word, days and months have a capital anyway, so they do not make it a list."""
    said = (
        "The Dutch frigate Evertsen met the carrier Prince of Wales off Norway on Thursday, "
        "the Royal Netherlands Navy said."
    )
    found = development(TOLD, report(said, title="Frigate Evertsen meets carrier"))
    assert found is not None
    assert (found.kind, found.sentence) == ("new actors", said)
    assert {"Evertsen", "Norway"} <= set(found.new)
    caption = "Edda Lund and Ingrid Holm in Greater Foronia on Thursday"
    assert development(TOLD, report(f"{caption}\nThe port reopened.")) is None


@pytest.mark.parametrize(
    "text",
    [
        "It burned from 5 a.m. for 9 hours, the worst fire since 2014, 11 years ago.",
        "It is news of 19 October, and was last told on Friday at 0600 GMT.",
        f"{'The port burned all night. ' * 20}Rescuers found 7 people dead.",
    ],
    ids=["spans of time", "dates", "far down"],
)
def test_dates_spans_of_time_and_background_are_no_development(text: str) -> None:
    assert development(TOLD, report(text)) is None


@pytest.mark.parametrize(
    ("sentence", "new"),
    [
        ("The toll rose to 9.", "9"),
        ("The port works at 40% of its strength.", "40%"),
        ("Repairs will cost 1,200 million.", "1,200 million"),
    ],
)
def test_figures_stand_as_they_are_written(sentence: str, new: str) -> None:
    found = development(TOLD, report(sentence))
    assert found is not None
    assert (found.kind, found.new, found.sentence) == ("new figure", (new,), sentence)


@pytest.mark.parametrize(
    "text",
    [
        "Divers went down to the Estlink 2 cable again.",
        "The Type 31 frigates will be there.",
        "A pilot of the Su-57 aircraft saw it.",
        "It asked for what Resolution 2231 sanctions forbid.",
        "The envoys spoke of Article 5 guarantees.",
        "Its pilots fly the Gripen E 39 fighter.",
        "It was hit by an F-16 Block 70 fighter.",
    ],
)
def test_a_number_that_is_part_of_a_name_is_no_figure(text: str) -> None:
    assert development(TOLD, report(text)) is None


@pytest.mark.parametrize(
    ("sentence", "new"),
    [
        ("Nearly 40 boats were lost.", "40 boats"),
        ("In Kharkiv 7 people were hurt.", "7 people"),
        ("It was said that in New Kharkiv 7 people were hurt.", "7 people"),
        ("At night on Friday 7 people were hurt.", "7 people"),
        ("The crews of Izmail’s 7 boats were saved.", "7 boats"),
        ("The crews got SEK 40 million for the night.", "40 million"),
        ("The port had bought from Izmail 1,200 pumps.", "1,200 pumps"),
        ("It was said that traffic at Izmail fell 40%.", "40%"),
        ("Odesa Counts 40 Boats Lost.", "40 Boats"),
    ],
)
def test_what_is_counted_behind_a_capital_is_a_figure(sentence: str, new: str) -> None:
    """A capital may stand at the head of a sentence and in headlines.

    A place does not name what is counted there.
    """
    found = development(TOLD, report(sentence))
    assert found is not None
    assert (found.kind, found.new) == ("new figure", (new,))


def test_where_every_noun_has_a_capital_it_makes_no_name() -> None:
    told = [Article(id=1, title="Odessa brennt", text="Der Hafen brannte.", language="de")]
    text = "Nach der Nacht zählten die Behörden 7 Verletzte."
    found = development(told, Article(id=2, text=text, language="de"))
    assert found is not None
    assert found.new == ("7 Verletzte",)


def test_a_correction_comes_before_all_else_and_from_a_copy_too() -> None:
    note = "Correction: an earlier version of this article named the wrong port."
    copy = report(f"{note} The mayor said 3 people died. Rescuers found 7 people dead.")
    found = development(TOLD, report("It counted 9 launches."), copy, copies=(2,))
    assert found is not None
    assert (found.kind, found.sentence) == (
        "correction",
        "Correction: an earlier version of this article named the wrong port.",
    )
    assert development([*TOLD, copy], copy, copies=(2,)) is None


def test_a_copy_brings_nothing_else_back() -> None:
    assert development(TOLD, report("Rescuers found 7 people dead."), copies=(2,)) is None


def test_the_first_official_statement_comes_before_all_else() -> None:
    text = "The ministry confirms the attack. It counted 9 launches."
    statement = report(text, "Ministry")
    found = development(TOLD, statement, official=("Ministry",))
    assert found is not None
    assert (found.kind, found.sentence) == (
        "official statement",
        "The ministry confirms the attack.",
    )
    again = development([*TOLD, statement], report(text, "Ministry"), official=("Ministry",))
    assert again is None


def test_without_anything_told_before_nothing_is_a_development() -> None:
    assert development([], report("Rescuers found 7 people dead.")) is None
    assert development(TOLD, report("")) is None
