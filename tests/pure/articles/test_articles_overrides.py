"""A user's override for a site, and the explanation of what became of each block."""

from __future__ import annotations

import json

import pytest

from monitor.articles.clean import clean_page
from monitor.articles.explain import explain_page
from monitor.articles.override import mistakes
from monitor.model import Override

URL = "https://quayside.example/reports/41"
TEXT = "The yard handed over the second patrol boat on Monday, nine days before the date agreed. "
PAGE = f"""<html><head><title>Second boat handed over | Quayside</title></head><body>
<div class="top"><h1>Quayside reports</h1><h2 class="hed">Second boat handed over</h2></div>
<div class="x1"><p>{TEXT}</p><p>{TEXT[:-2]}, said the navy.</p>
<div class="x9"><p>Our tide calendar hangs in every harbour office, and in yours.</p></div>
<p>Crews begin their training in March, the same officer said at the quay.</p></div>
<div class="x1"><p>A third boat follows in summer, and spare parts for all three.</p></div>
</body></html>"""


def test_override_says_where_the_body_is_what_goes_and_where_the_title_stands() -> None:
    """The body is all outermost elements of its selector, without what `drop` matches."""
    override = Override(body="div.x1", drop=(".x9",), title="h2.hed")
    cleaned = clean_page(PAGE, URL, override=override)
    assert cleaned.title == "Second boat handed over"
    assert cleaned.method == "page:override"
    assert "tide calendar" not in cleaned.text
    assert len(cleaned.text.split("\n\n")) == 4
    assert cleaned.problems == ()


def test_override_that_only_drops_leaves_the_choice_to_the_general_rules() -> None:
    """`drop` alone mends a page whose body is found anyway."""
    cleaned = clean_page(PAGE, URL, override=Override(drop=(".x9",)))
    assert cleaned.method != "page:override"
    assert TEXT.strip() in cleaned.text
    assert "tide calendar" not in cleaned.text


def test_body_that_is_no_longer_found_costs_a_problem_and_not_the_article() -> None:
    """After a site changes its layout, the general rules read it, and a problem says so."""
    cleaned = clean_page(PAGE, URL, override=Override(body=".gone", drop=(".gone",)))
    assert TEXT.strip() in cleaned.text
    assert cleaned.problems == ("override: body: nothing matches .gone",)


def test_override_leaves_a_body_in_the_state_of_a_script_to_be_read() -> None:
    """An override for the title does not cost the article of a page that only scripts fill."""
    said = "".join(f"<p>{number}. {TEXT}</p>" for number in range(8))
    state = {"article": {"title": "Second boat handed over", "body": said}}
    page = f"<h2>Second boat handed over</h2><script>window.s = {json.dumps(state)}</script>"
    cleaned = clean_page(page, URL, override=Override(title="h2"))
    assert cleaned.method == "page:state"
    assert TEXT.strip() in cleaned.text


def test_bad_selectors_are_values_with_their_place() -> None:
    """`mistakes` lists bad selectors for the settings check; cleaning goes on without them."""
    override = Override(body="div.x1", drop=(".x9", "p:nope("), title="h2[")
    found = {(bad.field, bad.index): bad for bad in mistakes(override)}
    assert set(found) == {("drop", 1), ("title", 0)}
    assert found["drop", 1].selector == "p:nope("
    assert all(bad.line == 1 and bad.column >= 1 and bad.why for bad in found.values())
    cleaned = clean_page(PAGE, URL, override=override)
    assert cleaned.method == "page:override"
    assert [problem.split(":")[1] for problem in cleaned.problems] == [" drop", " title"]


@pytest.mark.parametrize("selector", ["html", "body", ":root", "*"])
def test_override_that_drops_everything_raises_nothing(selector: str) -> None:
    """Dropping the page itself never raises; if no text is left, a problem says so."""
    cleaned = clean_page(PAGE, URL, override=Override(drop=(selector,)))
    assert cleaned.text or cleaned.problems


def test_explanation_names_the_rule_of_each_block_and_where_it_stands() -> None:
    """Each block has a selector and the rule that decided on it, enough to write an override."""
    told = explain_page(PAGE, URL, override=Override(body="div.x1", drop=(".x9",)))
    blocks = {block.text[:12]: block for block in told.blocks}
    assert told.container == ("div.x1",)
    assert blocks["The yard han"].kept
    assert blocks["The yard han"].where == "div.x1 > p"
    assert blocks["Our tide cal"].rule == "override: drop .x9"
    assert blocks["Quayside rep"].rule == "outside of the chosen part"


def test_explanation_of_a_page_without_a_body_is_empty() -> None:
    """A page without a body has no blocks, and is no error."""
    assert explain_page("", URL).blocks == ()
