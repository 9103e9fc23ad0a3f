"""Sentences are told apart by form, and no part of a text gets lost between them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor import sentences


def split(text: str, language: str = "") -> list[str]:
    return [text[start:end] for start, end in sentences.places(text, language)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "It sank. | Rear Adm. J. F. Smith Jr. of the U.S. Navy wept. | All left."),
        ("en", "“Is it safe?” she asked. | “Yes.” | Nobody laughed."),
        ("fr", "« Elle est là ! » dit-il. | « Elle part ! » | Le port l’attend."),
        ("de", "Er ging. | »Wir bleiben!« | »Nein«, sagte sie. | „Doch!“ | Sie blieben."),
        ("de", "Am 3. Oktober sank sie. | Die Werft schwieg."),
        ("en", "It had a crew of 14. | Nobody objected."),
        ("ja", "護衛艦が出港した。|司令官は「危険だ。」と命じた。|「出る。」|艦は去った。"),
        ("en", "Sens. Doe and Roe spoke. | Pvt. Poe, i.e. Nos. 3 and 4, left at 5 p.m. Monday."),
        ("en", "Gen. (Ret.) Doe paid 3.5 million. | Really... | Vol. 2 has it, cf. Fig. 3."),
        ("en", "He said no. | They asked again."),
        (
            "de",
            "Es kostet 5 Mrd. Euro, z. B. für Schiffe. | Oberst i. G. Roe und Hptm. Doe gingen.",
        ),
        ("fr", "Mme. Roe et le gén. Doe parlent. | M. Poe écoute."),
        ("es", "La Sra. Roe voló a EE. UU. con el gral. Doe. | Después habló."),
        ("ru", "В 2024 г. Россия потеряла 5 тыс. Солдаты ушли. | Завод им. Роу стоит."),
        ("pl", "W 2024 r. gen. Roe i płk. Doe wyjechali. | Kosztuje 5 mld. Dużo."),
        ("hi", "पोत गया। | सब चुप रहे॥ | अंत।"),
        ("hy", "Նավը գնաց։ | Բոլորը լռեցին։"),
        ("he", "״הספינה הפליגה.״ | אחר כך שתקו."),
        ("ar", "أبحرت الفرقاطة صباحا. | ثم غادر."),
    ],
)
def test_a_sentence_ends_where_a_reader_ends_it(language: str, text: str) -> None:
    """`|` stands where one ends; abbreviations, initials and days of the month end none."""
    space = "" if language == "ja" else " "
    whole = text.replace(" | ", "|").split("|")
    assert split(space.join(whole), language) == whole


@given(st.text(st.sampled_from("aB1.?!。」” \n") | st.characters()), st.sampled_from(["", "de"]))
def test_only_space_lies_between_sentences(text: str, language: str) -> None:
    """Sentences come in order and together are the text."""
    at = 0
    for start, end in sentences.places(text, language):
        assert text[at:start].strip() == ""
        assert at <= start < end
        at = end
    assert text[at:].strip() == ""


def test_S30_a_line_of_dots_costs_its_length_and_not_its_square() -> None:
    """As of a table of contents; twenty thousand took twenty seconds."""
    text = f"Contents {'.' * 20_000}12. Frigates"
    began = time.process_time()
    assert list(sentences.places(text)) == [(0, 20_012), (20_013, 20_021)]
    assert time.process_time() - began < 1
