"""Text to words, terms and shingles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.stories.shingles import KEEP_ONE_IN, SIZE, exact, samples
from monitor.stories.words import terms, words


def test_words_are_lower_case_with_apostrophes_alike_and_numbers_whole() -> None:
    assert words("NATO’s 12,500 troops, F-35s") == ["nato's", "12500", "troops", "f", "35s"]


def test_unspaced_scripts_give_characters_to_copies_and_pairs_to_events() -> None:
    assert words("无人机 X") == ["无", "人", "机", "x"]
    assert [term for term, _ in terms("无人机", "zh")] == ["无人", "人机"]


def test_terms_are_english_stems_of_words_that_tell_something() -> None:
    told = list(terms("The ministers’ meetings were announced on Monday", "en"))
    assert told == [("minist", "ministers"), ("meet", "meetings")]


@pytest.mark.parametrize(
    ("british", "american"),
    [
        ("the defence licence", "the defense license"),
        ("harbours of a neighbour", "harbors of a neighbor"),
        ("armoured vehicles in the centre", "armored vehicles in the center"),
        ("organised programmes analysed", "organized programs analyzed"),
        ("dialogue on calibres", "dialog on calibers"),
        ("ships manoeuvre", "ships maneuver"),
    ],
)
def test_british_and_american_spellings_are_one_term(british: str, american: str) -> None:
    one, other = ([term for term, _ in terms(text, "en")] for text in (british, american))
    assert one == other


def test_words_that_only_look_like_two_spellings_stay_two() -> None:
    pairs = ("tour", "tor"), ("raise", "raze"), ("flour", "flower"), ("central", "center")
    for one, other in pairs:
        assert [term for term, _ in terms(one, "en")] != [term for term, _ in terms(other, "en")]


def test_a_people_and_its_land_are_one_term() -> None:
    pairs = ("Polish troops", "Poland's troops"), ("Iraqis", "Iraq"), ("Dutch", "the Netherlands")
    for one, other in pairs:
        assert [term for term, _ in terms(one, "en")] == [term for term, _ in terms(other, "en")]


def test_a_movement_is_not_its_land_nor_is_half_a_name() -> None:
    pairs = ("Houthis", "Yemen"), ("Korean", "Korea"), ("Saudi", "Arabia")
    for one, other in pairs:
        assert [term for term, _ in terms(one, "en")] != [term for term, _ in terms(other, "en")]


def test_other_languages_keep_their_words_but_not_their_grammar() -> None:
    assert [term for term, _ in terms("Die Verteidigungsminister tagten", "de")] == [
        "verteidigungsminister", "tagten",
    ]  # fmt: skip


def test_the_limit_counts_all_words() -> None:
    assert [word for _, word in terms("the drone hit a port", "en", limit=3)] == ["drone", "hit"]


@given(st.lists(st.sampled_from(["alpha", "bravo", "charlie", "delta", "echo"]), max_size=60))
def test_shingles_of_a_part_stand_in_the_whole(found: list[str]) -> None:
    part = found[10:40]
    assert set(samples(part)) <= set(samples(found))
    assert all(number % KEEP_ONE_IN == 0 for number in samples(found))
    assert len(samples(found)) <= max(0, len(found) - SIZE + 1)


def test_fingerprints_are_the_same_in_every_process_and_release() -> None:
    """The values are written down once: a change would part old copies from new ones."""
    text = words("Allied ministers agreed on Thursday to buy forty more radars for the east")
    assert samples(text) == SAMPLES
    assert exact(text) == EXACT


SAMPLES = (2521256512, 2617795732)
EXACT = "dc6b9bb13cc758f2713ba27b"
