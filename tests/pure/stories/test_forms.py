"""Forms filled in anew: the same words about another person, ship, post or contract."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model import Article
from monitor.stories.forms import one_form
from monitor.stories.grouper import Grouper
from monitor.stories.reading import read

START = datetime(2026, 4, 6, 9, tzinfo=UTC)

NAMED = (
    "The cabinet has named Rear Adm. {} as the next commander of the {}, the ministry announced on "
    "Monday. Rear Adm. {}, who has served at sea for most of his career, will take over on 1 May "
    "at a ceremony in the capital. The ministry thanked his predecessor for his long service."
)
VISIT = (
    "The {} of the {} Navy arrived in Kochi on Monday for a visit of three days. She was received "
    "with a band by officers of the Southern Naval Command. Her crew will play football, see the "
    "school of gunnery and meet families. On leaving, she will exercise with a patrol ship."
)
AWARD = (
    "Hartley Marine Corp., Groton, is awarded a ${} cost-plus-fixed-fee contract for {}. Work will "
    "be performed in Groton and is expected to be completed by September. Funds will be obligated "
    "at time of award. The Naval Sea Systems Command is the contracting activity."
)
NOTICE = (
    "A {} was approached by a small craft with armed persons on board, near the port of {}. The "
    "crew are safe. Vessels are advised to transit with caution and report what they see."
)
PAIRS = {
    "appointments": [
        ("Rear Adm. Ivo Marten to lead fleet", NAMED.format("Ivo Marten", "fleet", "Marten")),
        ("Rear Adm. Paul Kesk to lead marines", NAMED.format("Paul Kesk", "marines", "Kesk")),
    ],
    "visits": [
        ("Akizuki arrives in Kochi", VISIT.format("destroyer Akizuki", "Japanese")),
        ("Lorraine arrives in Kochi", VISIT.format("frigate Lorraine", "French")),
    ],
    "contracts": [
        ("Hartley awarded submarine contract", AWARD.format("1,850,000,000", "long lead material")),
        ("Hartley awarded support contract", AWARD.format("112,400,000", "planning yard services")),
    ],
    "warnings": [
        ("Tanker approached off Eyl", NOTICE.format("tanker", "Eyl")),
        ("Carrier approached off Mocha", NOTICE.format("carrier", "Mocha")),
    ],
}


def article(number: int, told: tuple[str, str], language: str = "en") -> Article:
    at = START + number * timedelta(hours=1)
    title, text = told
    return Article(
        id=number, title=title, text=text, published=at, first_seen=at, language=language,
        source=f"Outlet {number}",
    )  # fmt: skip


def stories(*told: tuple[str, str]) -> list[int]:
    grouper, found = Grouper(), []
    for number, one in enumerate(told, 1):
        new = article(number, one)
        decided = grouper.assign(new, START)
        found.append(decided.story_id or number)
        grouper.restore(new, found[-1], decided.duplicate_of)
    return found


@pytest.mark.parametrize("turned", [False, True])
@pytest.mark.parametrize("kind", PAIRS)
def test_a_form_filled_in_for_another_event_is_another_story(kind: str, turned: bool) -> None:
    told = PAIRS[kind][::-1] if turned else PAIRS[kind]
    assert stories(*told) == [1, 2]


def test_the_reason_says_that_the_form_is_the_same() -> None:
    one, other = PAIRS["visits"]
    grouper = Grouper()
    grouper.restore(article(1, one), 5, None)
    assert grouper.assign(article(2, other), START).veto.endswith(
        "form of article 1 filled in anew"
    )


def test_an_update_is_the_same_form_filled_in_for_the_same_event() -> None:
    """What its title adds was not known before, but the first title's names are still told."""
    title, text = PAIRS["appointments"][0]
    added = "Marten's rival Paul Kesk said that he would leave the service. " + text
    assert stories((title, text), ("Kesk leaves as Marten gets fleet", added)) == [1, 1]


@pytest.mark.parametrize("sum_of", ["\u20ac104,500,000", "A$171,900,000"])
def test_a_sum_in_another_currency_is_no_other_sum(sum_of: str) -> None:
    """An outlet converts what the release states."""
    title, text = PAIRS["contracts"][1]
    assert stories((title, text), (title, text.replace("$112,400,000", sum_of))) == [1, 1]


def test_the_names_of_outlets_behind_a_title_are_no_names_of_the_event() -> None:
    title, text = PAIRS["visits"][0]
    titles = [f"{title} - Harbour Post", f"{title} | Naval Telegraph"]
    shorter = text.partition(" On leaving")[0]
    assert stories((titles[0], text), (titles[1], shorter)) == [1, 1]


def test_reports_in_their_own_words_are_no_form_whatever_their_titles_name() -> None:
    one = read(article(1, PAIRS["visits"][0]))
    told = "The mayor of Kochi, Anil Menon, gave a dinner for the destroyer's crew, said Menon."
    other = read(article(2, ("Menon gives dinner for guests", told)))
    assert not one_form(one, other)


def test_a_dateline_and_a_set_phrase_make_no_form() -> None:
    """Five shingles in a row are shared, of some forty."""
    begun = "KOCHI, India, April 6 - Port workers and sailors "
    one = begun + "cheered when the Akizuki made fast at noon with flags on every mast and rail."
    other = begun + "argued with the harbour master over berths, said Lorraine, who owns a tug."
    told = ("Akizuki makes fast", one), ("Lorraine argues over berths", other)
    assert not one_form(*(read(article(n, each)) for n, each in enumerate(told)))
