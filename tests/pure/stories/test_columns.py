"""A column's heading tells nothing of the event, and a form filled in anew is no copy."""

from __future__ import annotations

import pytest
from support.grouped import article, joined

SALE = """The State Department has made a determination approving a possible Foreign Military Sale
to the Government of {0} of missiles and related equipment for an estimated cost of ${1} billion.
The agency delivered the required certification notifying Congress of this possible sale today. The
Government of {0} has requested to buy {2} missiles. Also included are missile kits, spare parts,
training and technical support. This proposed sale will support the foreign policy and national
security objectives of the United States by improving the security of an ally. The principal
contractor is located in Grand Prairie, Texas. There are no known offset agreements. It will not
require the assignment of any additional government or contractor representatives."""


@pytest.mark.parametrize("title", ["Daily briefing", "Ukraine war: latest", "Morning report"])
def test_a_sources_short_title_of_the_day_before_is_a_column(title: str) -> None:
    assert joined(article(1, title), article(2, title, days=1), article(3, title, days=2)) == [
        1,
        2,
        3,
    ]


def test_it_is_none_within_the_day_nor_from_another_source_nor_when_it_is_long() -> None:
    title = "Frigate aground off Bornholm"
    assert joined(article(1, title), article(2, title, days=0.1)) == [1, 1]
    assert joined(article(1, title), article(2, title, source="other", days=1)) == [1, 1]
    long = "Polish frigate aground off Bornholm, crew of hundred rescued"
    assert joined(article(1, long), article(2, long, days=1)) == [1, 1]


def test_what_a_column_tells_still_joins_its_event() -> None:
    event = "The frigate Wicher ran aground off Bornholm; tugs from Rønne pulled the frigate free."
    told = [
        article(1, "Daily briefing", "Parliament voted on the budget for hospitals and schools."),
        article(2, "Frigate pulled free off Bornholm", event, "other", days=0.9),
        article(3, "Daily briefing", event, days=1),
    ]
    assert joined(*told) == [1, 2, 2]


def test_two_sales_of_one_form_are_two_and_a_repost_under_another_title_is_a_copy() -> None:
    poland = SALE.format("Poland", "2.9", "180")
    told = [
        article(1, "Poland – Patriot missiles", poland),
        article(2, "Romania – Patriot missiles", SALE.format("Romania", "1.1", "70")),
        article(3, "Warsaw gets its missiles", f"Source: agency. {poland}", "other"),
    ]
    assert joined(*told) == [1, 2, 1]


def test_a_form_filled_in_anew_joins_not_the_story_either() -> None:
    """Two support contracts for one country differ only in sums and titles, and are apart."""
    told = [
        article(1, "Poland – Patriot Missiles", SALE.format("Poland", "2.9", "180")),
        article(2, "Poland – Battle Command Sustainment", SALE.format("Poland", "1.1", "70")),
    ]
    assert joined(*told) == [1, 2]
