"""What is new in a story already told, in the sentence that says so."""

from __future__ import annotations

from monitor.model import Article
from monitor.stories.development import development

TOLD = [
    Article(
        id=1,
        title="Odesa hit by 120 drones",
        text="The port burned. The mayor said 3 people died on 17 October. Crews came from Izmail.",
    )
]


def report(text: str, source: str = "Ledger") -> Article:
    return Article(id=2, title="Odesa after the night", text=text, source=source)


def test_a_new_figure_is_shown_in_its_sentence() -> None:
    found = development(
        TOLD, report("It was a long night. Rescuers found 7 people dead. All left.")
    )
    assert found is not None
    assert (found.kind, found.sentence) == ("new figure", "Rescuers found 7 people dead.")
    assert found.new == ("7 people",)


def test_known_facts_in_fresh_words_are_no_development() -> None:
    again = "On 18 October the fire was out. In all 3 residents lost their lives to 120 aircraft."
    assert development(TOLD, report(again)) is None


def test_new_actors_are_two_names_in_one_sentence() -> None:
    text = "The port reopened. Then the envoys of Lithuania and Estonia offered pumps."
    found = development(TOLD, report(text))
    assert found is not None
    assert (found.kind, found.new) == ("new actors", ("Lithuania", "Estonia"))
    assert development(TOLD, report("The port reopened. Then Lithuania offered pumps.")) is None


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
