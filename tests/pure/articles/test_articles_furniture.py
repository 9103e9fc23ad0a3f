"""Lines that a source puts on all its pages: learned from three and more, never from one."""

from __future__ import annotations

from collections import Counter

import pytest

from monitor.articles import furniture
from monitor.articles.clean import clean_entry, clean_page
from monitor.articles.fingerprint import line_hash
from monitor.articles.furniture import LONG, MAX_LINES, Seen, learn
from monitor.model import Entry

PLEA = "Harbour office: questions on weekdays from nine to noon, except in August"
REPORTS = {
    name: f"The {name} left port on Monday with forty people on board, the harbour office said. "
    f"It will stay at sea for {days} days. The last voyage of the {name} had ended in a storm."
    for name, days in (("Ida", 3), ("Bo", 12), ("Una", 20), ("Ole", 31))
}


def page(name: str) -> str:
    parts = REPORTS[name].split(". ")
    body = "".join(
        f"<p>{part.strip('.')}, as it does every year at this time.</p>" for part in parts
    )
    return f"<body><h1>The {name} leaves</h1><div class='u7'>{body}<p>{PLEA}</p></div></body>"


def seen_on(names: list[str]) -> list[Seen]:
    """What the store would have counted: each line once for each page."""
    texts = [clean_page(page(name), f"https://harbour.example/{name}").text for name in names]
    counted = Counter(key for text in texts for key in furniture.lines_of(text))
    lines = {key: line for text in texts for key, line in furniture.lines_of(text).items()}
    return [Seen(key, count, lines[key]) for key, count in counted.items()]


def test_line_of_three_pages_is_learned_and_left_out_of_the_next() -> None:
    """A recurring line is left out, and the report's own lines stay."""
    learned = learn(seen_on(["Ida", "Bo", "Una"]), pages=3)
    assert [(one.text, one.why) for one in learned] == [(PLEA, "stands on 3 of 3 pages")]
    hashes = frozenset(one.hash for one in learned)
    url = "https://harbour.example/Ole"
    before, after = clean_page(page("Ole"), url), clean_page(page("Ole"), url, furniture=hashes)
    assert before.text == f"{after.text}\n\n{PLEA}"


def test_nothing_is_learned_from_one_page_or_two() -> None:
    """A line on two pages may be chance, or the same report twice."""
    assert learn(seen_on(["Ida"]), pages=1) == ()
    assert learn(seen_on(["Ida", "Bo"]), pages=2) == ()


@pytest.mark.parametrize(
    ("pages", "chars", "of", "is_furniture"),
    [(3, 60, 20, True), (3, 60, 61, False), (9, LONG, 20, False), (10, LONG, 20, True)],
)
def test_long_or_rare_lines_need_more_pages(
    pages: int, chars: int, of: int, is_furniture: bool
) -> None:
    """A long line may be background that reports share, and a line on few pages chance."""
    line = Seen(1, pages, "x" * chars)
    assert bool(learn([line], pages=of)) is is_furniture


def test_learned_lines_are_bounded_and_the_most_frequent_stay() -> None:
    """A source cannot make us keep an endless list."""
    learned = learn((Seen(n, 3 + n, f"line {n}") for n in range(2 * MAX_LINES)), pages=100)
    assert len(learned) == MAX_LINES
    assert learned[0].text == f"line {2 * MAX_LINES - 1}"


def test_copy_of_a_known_text_is_not_emptied() -> None:
    """A text that would be mostly furniture is a copy, and stays whole."""
    text = clean_page(page("Ida"), "https://harbour.example/Ida").text
    hashes = frozenset(line_hash(line) for line in text.split("\n\n"))
    again = clean_page(page("Ida"), "https://harbour.example/again", furniture=hashes)
    assert again.text == text


def test_learned_lines_go_from_feed_entries_too() -> None:
    """A feed's HTML carries the same furniture as the page."""
    html = "".join(f"<p>{part}.</p>" for part in REPORTS["Ida"].split(". ")) + f"<p>{PLEA}</p>"
    entry = Entry(key="1", id="1", title="The Ida leaves", content_html=html)
    assert PLEA in clean_entry(entry).text
    assert PLEA not in clean_entry(entry, furniture=frozenset([line_hash(PLEA)])).text


def test_lines_worth_counting_are_those_of_both_ends() -> None:
    """The middle of a very long text is not counted, and subheadings never are."""
    text = "\n\n".join(f"this is line {n}" for n in range(500)) + "\n\nBackground\n\n***"
    counted = furniture.lines_of(text).values()
    assert len(counted) <= furniture.MAX_COUNTED
    assert {"this is line 0", "this is line 499"} <= set(counted)
    assert {"***", "Background"}.isdisjoint(counted)


@pytest.mark.parametrize(
    ("pages", "of", "is_furniture"), [(9, 9, False), (10, 20, True), (10, 40, False)]
)
def test_a_sentence_must_stand_on_many_pages_and_on_a_third_of_them(
    pages: int, of: int, is_furniture: bool
) -> None:
    """ "NATO allies condemned the attack." is background that reports share, not furniture."""
    line = Seen(line_hash("a"), pages, "NATO allies condemned the attack in a joint statement.")
    assert bool(learn([line], of)) is is_furniture
