"""What is no evidence that two reports tell one event: who signs them, and two common words."""

from __future__ import annotations

import pytest
from support.grouped import article, joined

from monitor.stories.events import telling


def stories(*told: tuple[str, str]) -> list[int]:
    """The story of each title and text, an hour apart, each of another paper."""
    return joined(
        *(
            article(number, title, text, f"paper{number}", days=number / 24)
            for number, (title, text) in enumerate(told, start=1)
        )
    )


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Talks resume in Vienna (Northern Press)", "Northern Press - VIENNA (NP) - Envoys met."),
        ("Talks resume in Vienna (Wire)", "VIENNA, Oct. 5 (Wire) -- Envoys met."),
        ("Talks resume in Vienna", "VIENNA (Wire) – Envoys met."),
    ],
)
def test_the_agency_that_signs_a_report_is_no_term_of_it(title: str, text: str) -> None:
    told = telling(title, text, "en").counts
    assert set(told) - {"oct", "5"} == {"talk", "resum", "vienna", "envoy", "met"}


def test_what_only_looks_like_a_signature_is_kept() -> None:
    assert telling("Ministers of the alliance meet (NATO)", "NATO members met.", "en").counts[
        "nato"
    ]
    assert telling("Fleet", "The fleet (SNMG1) sailed.", "en").counts["snmg1"]


def test_two_reports_of_one_agency_are_not_one_story() -> None:
    told = [
        (
            "Poll finds drug policy unpopular (Northern Press)",
            "Northern Press - OTTAWA (NP) - A poll.",
        ),
        (
            "Envoy lauds the court's ruling (Northern Press)",
            "Northern Press - OTTAWA (NP) - She did.",
        ),
    ]
    assert stories(*told) == [1, 2]


def test_the_reason_can_be_told_by_a_word_that_only_the_unsigned_text_reaches() -> None:
    """Without "AP" the opening reaches one word further, to a word that both share."""
    told = [
        ("Frigate Wicher aground", "Tugs came to Bornholm."),
        ("Frigate Wicher aground (AP)", f"AP - {'the ' * 79}Bornholm."),
    ]
    assert stories(*told) == [1, 1]


def test_two_shared_terms_join_no_two_reports() -> None:
    told = [
        (
            "Murder retrial opens in Mumbai",
            "Sixteen men are charged with a murder in riots long ago.",
        ),
        ("Sergeants face murder probe", "Four were charged after a general died in their custody."),
    ]
    assert stories(*told) == [1, 2]


def test_two_shared_terms_join_titles_that_have_hardly_more() -> None:
    assert stories(("Wicher aground", ""), ("Wicher still aground off Bornholm", "")) == [1, 1]
